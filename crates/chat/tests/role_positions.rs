//! The order of roles: dense, unique, the unmoved as they were, the same request twice as once; and what discord.js
//! and discord.py send means what their users asked for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic, its own functions too")]

use std::collections::{BTreeMap, BTreeSet};

use guildhall_base::RoleId;
use guildhall_chat::rules::positions::{
    MAX_ROLES, Refused, RoleMove, RoleShift, RoleSlot, Why, create_role, delete_role, move_roles,
};
use proptest::prelude::*;

const EVERYONE: RoleId = RoleId::new(1);

/// `@everyone` and so many roles above it; ids descend as positions ascend, so that ties would show.
fn roles(count: usize) -> Vec<RoleSlot> {
    (0..count as i64)
        .map(|position| RoleSlot {
            id: if position == 0 { EVERYONE } else { RoleId::new(10_000 - position) },
            position,
        })
        .collect()
}

fn apply_roles(current: &[RoleSlot], shifts: &[RoleShift]) -> Vec<RoleSlot> {
    let mut after = current.to_vec();
    for shift in shifts {
        let slot = after.iter_mut().find(|slot| slot.id == shift.id).expect("a known role");
        assert_eq!(slot.position, shift.from);
        assert_ne!(shift.from, shift.to, "an unchanged row was listed");
        slot.position = shift.to;
    }
    after.sort_by_key(|slot| slot.position);
    after
}

fn assert_dense_roles(after: &[RoleSlot]) {
    assert!(after.iter().map(|slot| slot.position).eq(0..after.len() as i64), "{after:?}");
    assert_eq!(after[0].id, EVERYONE);
}

fn role_ids(slots: &[RoleSlot], without: &BTreeSet<RoleId>) -> Vec<RoleId> {
    slots.iter().map(|slot| slot.id).filter(|id| !without.contains(id)).collect()
}

/// A guild's roles and a request that moves some of them, each at most once.
fn roles_and_moves() -> impl Strategy<Value = (Vec<RoleSlot>, Vec<RoleMove>)> {
    (1..=MAX_ROLES).prop_flat_map(|count| {
        let wish = (0..count, prop::option::weighted(0.9, 0..300_i64));
        (Just(roles(count)), prop::collection::vec(wish, 0..=count.min(40))).prop_map(|(slots, wishes)| {
            let wishes: BTreeMap<usize, Option<i64>> = wishes.into_iter().collect();
            let moves = wishes.into_iter().map(|(index, position)| RoleMove {
                id: slots[index].id,
                position: if index == 0 { position.map(|_| 0) } else { position },
            });
            let moves = moves.collect();
            (slots, moves)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn moved_roles_are_dense_and_the_unmoved_keep_their_order((before, moves) in roles_and_moves()) {
        let after = apply_roles(&before, &move_roles(EVERYONE, &before, &moves).unwrap());
        assert_dense_roles(&after);
        let moved = moves.iter().filter(|wish| wish.position.is_some()).map(|wish| wish.id).collect();
        prop_assert_eq!(role_ids(&before, &moved), role_ids(&after, &moved));
    }

    #[test]
    fn moving_roles_again_changes_nothing((before, moves) in roles_and_moves()) {
        let after = apply_roles(&before, &move_roles(EVERYONE, &before, &moves).unwrap());
        prop_assert_eq!(move_roles(EVERYONE, &after, &moves).unwrap(), []);
    }

    #[test]
    fn one_moved_role_stands_where_it_was_asked_to(count in 2..=MAX_ROLES, which in 1..250_usize, to in 0..300_i64) {
        let before = roles(count);
        let id = before[which % (count - 1) + 1].id;
        let shifts = move_roles(EVERYONE, &before, &[RoleMove { id, position: Some(to) }]).unwrap();
        let after = apply_roles(&before, &shifts);
        let expected = to.clamp(1, count as i64 - 1);
        prop_assert_eq!(after.iter().find(|slot| slot.id == id).unwrap().position, expected);
    }

    #[test]
    fn whatever_was_stored_becomes_dense(positions in prop::collection::vec(-5..20_i64, 1..60)) {
        let mut before: Vec<_> = positions
            .iter()
            .enumerate()
            .map(|(index, position)| RoleSlot { id: RoleId::new(index as i64 + 2), position: *position })
            .collect();
        before.push(RoleSlot { id: EVERYONE, position: 7 });
        let after = apply_roles(&before, &move_roles(EVERYONE, &before, &[]).unwrap());
        assert_dense_roles(&after);
        before.sort_by_key(|slot| (slot.id != EVERYONE, slot.position, std::cmp::Reverse(slot.id)));
        prop_assert_eq!(role_ids(&before, &BTreeSet::new()), role_ids(&after, &BTreeSet::new()));
    }

    #[test]
    fn created_and_deleted_roles_leave_no_gap(count in 1..MAX_ROLES, which in 0..250_usize) {
        let before = roles(count);
        let (position, shifts) = create_role(EVERYONE, &before);
        let mut created = apply_roles(&before, &shifts);
        let new = RoleSlot { id: RoleId::new(20_000), position };
        created.push(new);
        created.sort_by_key(|slot| slot.position);
        assert_dense_roles(&created);
        prop_assert_eq!(created.len(), count + 1);

        let gone = created[1 + which % count].id;
        let remaining: Vec<_> = created.iter().copied().filter(|slot| slot.id != gone).collect();
        let closed = apply_roles(&remaining, &delete_role(EVERYONE, &created, gone));
        assert_dense_roles(&closed);
        prop_assert_eq!(delete_role(EVERYONE, &remaining, gone), delete_role(EVERYONE, &created, gone));
    }

    /// discord.py sends the range between a role's old and new place, permuted.
    #[test]
    fn a_range_as_discord_py_sends_it(count in 3..=MAX_ROLES, from in 0..250_usize, to in 0..250_usize) {
        let before = roles(count);
        let (from, to) = (from % (count - 1) + 1, to % (count - 1) + 1);
        let mut wanted = before.clone();
        let moved = wanted.remove(from);
        wanted.insert(to, moved);
        let moves: Vec<_> = (from.min(to)..=from.max(to))
            .map(|position| RoleMove { id: wanted[position].id, position: Some(position as i64) })
            .collect();
        let after = apply_roles(&before, &move_roles(EVERYONE, &before, &moves).unwrap());
        prop_assert_eq!(role_ids(&after, &BTreeSet::new()), role_ids(&wanted, &BTreeSet::new()));
    }

    /// discord.js sends every role, `@everyone` included, with its index.
    #[test]
    fn everything_as_discord_js_sends_it(order in Just((1..MAX_ROLES).collect::<Vec<_>>()).prop_shuffle()) {
        let before = roles(MAX_ROLES);
        let wanted: Vec<RoleId> =
            [EVERYONE].into_iter().chain(order.into_iter().map(|index| before[index].id)).collect();
        let moves: Vec<_> = wanted
            .iter()
            .enumerate()
            .map(|(position, id)| RoleMove { id: *id, position: Some(position as i64) })
            .collect();
        let after = apply_roles(&before, &move_roles(EVERYONE, &before, &moves).unwrap());
        assert_dense_roles(&after);
        prop_assert_eq!(role_ids(&after, &BTreeSet::new()), wanted);
    }
}

fn role_move(id: i64, position: i64) -> RoleMove {
    RoleMove { id: RoleId::new(id), position: Some(position) }
}

#[test]
fn a_role_moved_down_shifts_only_those_between() {
    let before = roles(6);
    let shifts = move_roles(EVERYONE, &before, &[role_move(9_996, 2)]).unwrap();
    let shift = |id, from, to| RoleShift { id: RoleId::new(id), from, to };
    assert_eq!(shifts, [shift(9_996, 4, 2), shift(9_998, 2, 3), shift(9_997, 3, 4)]);
}

#[test]
fn a_new_role_stands_just_above_everyone() {
    let (position, shifts) = create_role(EVERYONE, &roles(3));
    let shift = |id, from, to| RoleShift { id: RoleId::new(id), from, to };
    assert_eq!((position, shifts), (1, vec![shift(9_999, 1, 2), shift(9_998, 2, 3)]));
    assert_eq!(create_role(EVERYONE, &roles(1)), (1, vec![]));
}

#[test]
fn senseless_role_moves_are_refused() {
    let before = roles(6);
    let refused = |moves: &[RoleMove]| move_roles(EVERYONE, &before, moves).unwrap_err();
    assert_eq!(refused(&[role_move(9_999, 2), role_move(5, 1)]), Refused { index: 1, why: Why::Unknown });
    assert_eq!(refused(&[role_move(9_999, -1)]), Refused { index: 0, why: Why::Negative });
    assert_eq!(refused(&[role_move(1, 3)]), Refused { index: 0, why: Why::Everyone });
    assert_eq!(refused(&[role_move(9_999, 2), role_move(9_999, 3)]), Refused { index: 1, why: Why::Twice });
    assert!(move_roles(EVERYONE, &before, &[role_move(1, 0)]).unwrap().is_empty());
}
