//! The order of channels: dense in every group, the unmoved as they were, the same request twice as once; and what
//! discord.py sends means what its users asked for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]
#![expect(clippy::expect_used, reason = "a test may panic, its own functions too")]

use std::collections::{BTreeMap, BTreeSet};

use guildhall_base::ChannelId;
use guildhall_chat::rules::positions::{
    Bucket, ChannelMove, ChannelShift, ChannelSlot, Group, MAX_CHANNELS, MAX_CHANNELS_IN_CATEGORY, Refused,
    Spot, Why, create_channel, delete_channel, move_channels,
};
use proptest::prelude::*;

fn slot(id: usize, bucket: Bucket, parent: Option<usize>, position: usize) -> ChannelSlot {
    let parent = parent.map(|parent| ChannelId::new(parent as i64));
    ChannelSlot { id: ChannelId::new(id as i64), bucket, spot: Spot { parent, position: position as i64 } }
}

/// A guild whose channels stand densely in their groups: ids 1.. are categories, 1000.. the others, each with the
/// category (0 for none) and the sort that `shape` says.
fn channels(categories: usize, shape: &[(usize, bool)]) -> Vec<ChannelSlot> {
    let mut counts: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    let categories_first = (1..=categories).map(|id| slot(id, Bucket::Category, None, id - 1));
    let others = shape.iter().enumerate().map(|(index, (parent, voice))| {
        let parent = parent % (categories + 1);
        let count = counts.entry((parent, *voice)).or_default();
        *count += 1;
        let bucket = if *voice { Bucket::Voice } else { Bucket::Text };
        slot(5_000 - index, bucket, (parent > 0).then_some(parent), *count - 1)
    });
    categories_first.chain(others).collect()
}

fn apply(current: &[ChannelSlot], shifts: &[ChannelShift]) -> Vec<ChannelSlot> {
    let mut after = current.to_vec();
    for shift in shifts {
        let slot = after.iter_mut().find(|slot| slot.id == shift.id).expect("a known channel");
        assert_eq!(slot.spot, shift.from);
        assert!(shift.from != shift.to || shift.lock_permissions, "an unchanged row was listed");
        slot.spot = shift.to;
    }
    after.sort_by_key(|slot| (slot.group(), slot.spot.position));
    after
}

fn assert_dense(after: &[ChannelSlot]) {
    let mut groups: BTreeMap<Group, Vec<i64>> = BTreeMap::new();
    for slot in after {
        groups.entry(slot.group()).or_default().push(slot.spot.position);
        assert!(slot.bucket != Bucket::Category || slot.spot.parent.is_none());
    }
    for (group, mut positions) in groups {
        positions.sort_unstable();
        assert!(positions.iter().copied().eq(0..positions.len() as i64), "{group:?}: {positions:?}");
    }
}

fn channel_ids(slots: &[ChannelSlot], without: &BTreeSet<ChannelId>) -> Vec<(Group, ChannelId)> {
    slots.iter().filter(|slot| !without.contains(&slot.id)).map(|slot| (slot.group(), slot.id)).collect()
}

/// Up to 500 channels and a request that moves some of them, each at most once.
fn channels_and_moves() -> impl Strategy<Value = (Vec<ChannelSlot>, Vec<ChannelMove>)> {
    (0..=30_usize, 0..=MAX_CHANNELS - 30).prop_flat_map(|(categories, count)| {
        let shape = prop::collection::vec((0..=categories, any::<bool>()), count);
        let wish = (
            any::<prop::sample::Index>(),
            prop::option::of(0..60_i64),
            prop::option::of(0..=categories),
            any::<bool>(),
        );
        (Just(categories), shape, prop::collection::vec(wish, 0..40)).prop_map(
            |(categories, shape, wishes)| {
                let mut slots = channels(categories, &shape);
                slots.sort_by_key(|slot| (slot.group(), slot.spot.position));
                let mut moves: BTreeMap<ChannelId, ChannelMove> = BTreeMap::new();
                for (index, position, parent, lock_permissions) in wishes {
                    let Some(slot) = slots.get(index.index(slots.len().max(1))) else { continue };
                    let category = parent.map(|parent| (parent > 0).then(|| ChannelId::new(parent as i64)));
                    let parent = if slot.bucket == Bucket::Category { None } else { category };
                    moves.insert(slot.id, ChannelMove { id: slot.id, position, parent, lock_permissions });
                }
                (slots, moves.into_values().rev().collect())
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn moved_channels_are_dense_and_the_unmoved_keep_their_order((before, moves) in channels_and_moves()) {
        let shifts = match move_channels(&before, &moves) {
            Ok(shifts) => shifts,
            Err(Refused { why: Why::Full, .. }) => return Ok(()),
            Err(refused) => panic!("{refused:?}"),
        };
        let after = apply(&before, &shifts);
        assert_dense(&after);
        let moved = moves.iter().map(|wish| wish.id).collect();
        prop_assert_eq!(channel_ids(&before, &moved), channel_ids(&after, &moved));
        for wish in &moves {
            let (slot, was) = (
                after.iter().find(|slot| slot.id == wish.id).unwrap(),
                before.iter().find(|slot| slot.id == wish.id).unwrap(),
            );
            prop_assert_eq!(slot.spot.parent, wish.parent.unwrap_or(was.spot.parent));
            let locked = shifts.iter().any(|shift| shift.id == wish.id && shift.lock_permissions);
            prop_assert_eq!(locked, wish.lock_permissions && slot.spot.parent.is_some());
        }
    }

    #[test]
    fn moving_channels_again_changes_nothing((before, mut moves) in channels_and_moves()) {
        moves.iter_mut().for_each(|wish| wish.lock_permissions = false);
        if let Ok(shifts) = move_channels(&before, &moves) {
            let after = apply(&before, &shifts);
            prop_assert_eq!(move_channels(&after, &moves).unwrap(), []);
        }
    }

    #[test]
    fn created_and_deleted_channels_leave_no_gap(
        (before, _) in channels_and_moves(),
        which in any::<prop::sample::Index>(),
        wanted in prop::option::of(0..60_i64),
        voice in any::<bool>(),
    ) {
        let id = ChannelId::new(9_000);
        let bucket = if voice { Bucket::Voice } else { Bucket::Text };
        let parent = before.iter().find(|slot| slot.bucket == Bucket::Category).map(|slot| slot.id);
        let group = Group { parent, bucket };
        let size = before.iter().filter(|slot| slot.group() == group).count() as i64;
        let Ok((position, shifts)) = create_channel(&before, id, group, wanted) else { return Ok(()) };
        prop_assert_eq!(position, wanted.unwrap_or(size).min(size));
        let mut after = apply(&before, &shifts);
        after.push(ChannelSlot { id, bucket, spot: Spot { parent, position } });
        after.sort_by_key(|slot| (slot.group(), slot.spot.position));
        assert_dense(&after);

        let gone = after[which.index(after.len())];
        let remaining: Vec<_> = after.iter().copied().filter(|slot| slot.id != gone.id).collect();
        let shifts = delete_channel(&after, gone.id);
        prop_assert_eq!(&shifts, &delete_channel(&remaining, gone.id));
        let closed = apply(&remaining, &shifts);
        assert_dense(&closed);
        prop_assert!(closed.iter().all(|slot| slot.spot.parent != Some(gone.id)));
    }

    /// discord.py numbers all channels of a sort through the guild, whatever their category.
    #[test]
    fn a_whole_bucket_as_discord_py_sends_it(
        (before, _) in channels_and_moves(),
        which in any::<prop::sample::Index>(),
        to in 0..60_usize,
    ) {
        let mut bucket: Vec<_> = before.iter().copied().filter(|slot| slot.bucket == Bucket::Text).collect();
        prop_assume!(!bucket.is_empty());
        bucket.sort_by_key(|slot| slot.spot.position);
        let moved = bucket.remove(which.index(bucket.len()));
        bucket.insert(to.min(bucket.len()), moved);
        let moves: Vec<_> = bucket
            .iter()
            .enumerate()
            .map(|(position, slot)| wish(slot.id.get(), Some(position as i64), None))
            .collect();
        let after = apply(&before, &move_channels(&before, &moves).unwrap());
        assert_dense(&after);
        for group in before.iter().map(ChannelSlot::group).filter(|group| group.bucket == Bucket::Text) {
            let of = |slots: &[ChannelSlot]| -> Vec<_> {
                slots.iter().filter(|slot| slot.group() == group).map(|slot| slot.id).collect()
            };
            prop_assert_eq!(of(&after), of(&bucket));
        }
    }
}

fn wish(id: i64, position: Option<i64>, parent: Option<Option<i64>>) -> ChannelMove {
    let parent = parent.map(|parent| parent.map(ChannelId::new));
    ChannelMove { id: ChannelId::new(id), position, parent, lock_permissions: false }
}

fn small_guild() -> Vec<ChannelSlot> {
    vec![
        slot(1, Bucket::Category, None, 0),
        slot(2, Bucket::Category, None, 1),
        slot(10, Bucket::Text, Some(1), 0),
        slot(11, Bucket::Text, Some(1), 1),
        slot(12, Bucket::Voice, Some(1), 0),
        slot(20, Bucket::Text, Some(2), 0),
        slot(30, Bucket::Text, None, 0),
    ]
}

fn shift(id: i64, from: (Option<i64>, i64), to: (Option<i64>, i64)) -> ChannelShift {
    let spot = |(parent, position): (Option<i64>, i64)| Spot { parent: parent.map(ChannelId::new), position };
    ChannelShift { id: ChannelId::new(id), from: spot(from), to: spot(to), lock_permissions: false }
}

#[test]
fn a_channel_leaves_its_category_closed_and_joins_another_last() {
    let shifts = move_channels(&small_guild(), &[wish(10, None, Some(Some(2)))]).unwrap();
    assert_eq!(shifts, [shift(11, (Some(1), 1), (Some(1), 0)), shift(10, (Some(1), 0), (Some(2), 1))]);
}

#[test]
fn voice_channels_are_counted_apart_from_text() {
    let shifts = move_channels(&small_guild(), &[wish(12, Some(0), Some(Some(2)))]).unwrap();
    assert_eq!(shifts, [shift(12, (Some(1), 0), (Some(2), 0))]);
}

#[test]
fn locking_permissions_lists_the_channel_even_if_it_stays() {
    let mut lock = wish(10, Some(0), Some(Some(1)));
    lock.lock_permissions = true;
    let shifts = move_channels(&small_guild(), &[lock]).unwrap();
    assert_eq!(shifts.len(), 1);
    assert!(shifts[0].lock_permissions);
    let outside = ChannelMove { lock_permissions: true, ..wish(30, Some(0), None) };
    assert_eq!(move_channels(&small_guild(), &[outside]).unwrap(), []);
}

#[test]
fn the_channels_of_a_deleted_category_stay_without_one() {
    let shifts = delete_channel(&small_guild(), ChannelId::new(1));
    assert_eq!(
        shifts,
        [
            shift(10, (Some(1), 0), (None, 1)),
            shift(11, (Some(1), 1), (None, 2)),
            shift(12, (Some(1), 0), (None, 0)),
            shift(2, (None, 1), (None, 0)),
        ]
    );
}

#[test]
fn senseless_channel_moves_are_refused() {
    let refused = |moves: &[ChannelMove]| move_channels(&small_guild(), moves).unwrap_err();
    let why = |moves: &[ChannelMove]| refused(moves).why;
    assert_eq!(
        refused(&[wish(10, Some(1), None), wish(99, Some(1), None)]),
        Refused { index: 1, why: Why::Unknown }
    );
    assert_eq!(why(&[wish(10, Some(-1), None)]), Why::Negative);
    assert_eq!(why(&[wish(10, Some(1), None), wish(10, Some(0), None)]), Why::Twice);
    assert_eq!(why(&[wish(10, None, Some(Some(30)))]), Why::NotACategory);
    assert_eq!(why(&[wish(10, None, Some(Some(77)))]), Why::NoCategory);
    assert_eq!(why(&[wish(2, None, Some(Some(1)))]), Why::Nested);
    let error = refused(&[wish(10, None, Some(Some(77)))]).error(guildhall_base::codes::NOT_FOUND, true);
    assert_eq!(
        (error.fields[0].path.as_str(), error.fields[0].code),
        ("0.parent_id", "CHANNEL_PARENT_INVALID")
    );
}

#[test]
fn a_full_category_takes_no_more_but_may_be_sorted() {
    let shape: Vec<_> = (0..=MAX_CHANNELS_IN_CATEGORY).map(|index| (usize::from(index > 0), false)).collect();
    let full = channels(1, &shape);
    let newcomer = wish(5_000, None, Some(Some(1)));
    assert_eq!(move_channels(&full, &[newcomer]).unwrap_err().why, Why::Full);
    let group = Group { parent: Some(ChannelId::new(1)), bucket: Bucket::Voice };
    assert_eq!(create_channel(&full, ChannelId::new(9_000), group, None).unwrap_err().why, Why::Full);
    assert!(!move_channels(&full, &[wish(4_999, Some(9), Some(Some(1)))]).unwrap().is_empty());
    // One out, one in.
    assert!(move_channels(&full, &[newcomer, wish(4_999, None, Some(None))]).is_ok());
}
