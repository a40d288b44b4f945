//! The order of channels within their groups.

use std::collections::{BTreeMap, HashMap};

use guildhall_base::ChannelId;

use super::{Refused, Why, arrange, index, position};

/// How many channels a guild may have, categories included, threads not.
pub const MAX_CHANNELS: usize = 500;
/// How many channels a category may have.
pub const MAX_CHANNELS_IN_CATEGORY: usize = 50;

/// Which run of channels it is shown in: clients list text-like channels before voice-like ones, and categories
/// after the channels that have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// Text, announcement, forum and media channels.
    Text,
    /// Voice and stage channels.
    Voice,
    /// Categories.
    Category,
}

/// Channels that are counted together from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// Their category.
    pub parent: Option<ChannelId>,
    /// Their sort.
    pub bucket: Bucket,
}

/// A channel's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Its category.
    pub parent: Option<ChannelId>,
    /// Its number in the group.
    pub position: i64,
}

/// A channel as it is stored, as far as order is concerned. Threads have no place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelSlot {
    /// The channel.
    pub id: ChannelId,
    /// Its sort.
    pub bucket: Bucket,
    /// Where it is.
    pub spot: Spot,
}

/// A wish to move a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelMove {
    /// Which.
    pub id: ChannelId,
    /// Where to in its group; `None` leaves it to the others' moves, or puts it last in a new category.
    pub position: Option<i64>,
    /// The category: `None` as it is, `Some(None)` none, else this one.
    pub parent: Option<Option<ChannelId>>,
    /// Take over the category's overwrites.
    pub lock_permissions: bool,
}

/// A channel whose row changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelShift {
    /// Which.
    pub id: ChannelId,
    /// Where it was.
    pub from: Spot,
    /// Where it will be; possibly the same, if only `lock_permissions` is set.
    pub to: Spot,
    /// Its overwrites become those of `to.parent`, which is there.
    pub lock_permissions: bool,
}

/// One group while it is being rearranged.
#[derive(Default)]
struct Arrangement {
    rest: Vec<ChannelSlot>,
    moved: Vec<(usize, ChannelSlot)>,
}

/// Moves channels. `current` is all channels of the guild except threads, in any order. Returns the rows that
/// change.
pub fn move_channels(current: &[ChannelSlot], moves: &[ChannelMove]) -> Result<Vec<ChannelShift>, Refused> {
    let known: HashMap<ChannelId, ChannelSlot> = current.iter().map(|slot| (slot.id, *slot)).collect();
    let mut wishes: HashMap<ChannelId, &ChannelMove> = HashMap::with_capacity(moves.len());
    for (index, wish) in moves.iter().enumerate() {
        let slot = *known.get(&wish.id).ok_or(Refused { index, why: Why::Unknown })?;
        check(&known, slot, wish).map_err(|why| Refused { index, why })?;
        if wishes.insert(wish.id, wish).is_some() {
            return Err(Refused { index, why: Why::Twice });
        }
    }
    let mut groups: BTreeMap<Group, Arrangement> = BTreeMap::new();
    for slot in ordered(current) {
        let stays = wishes.get(&slot.id).is_none_or(|wish| {
            wish.position.is_none() && wish.parent.is_none_or(|parent| parent == slot.spot.parent)
        });
        if stays {
            groups.entry(slot.group()).or_default().rest.push(slot);
        }
    }
    for wish in moves {
        let Some(slot) = known.get(&wish.id).copied() else { continue };
        let parent = wish.parent.unwrap_or(slot.spot.parent);
        let group = groups.entry(Group { parent, bucket: slot.bucket }).or_default();
        match wish.position.and_then(index) {
            Some(wanted) => group.moved.push((wanted, slot)),
            None if parent != slot.spot.parent => group.rest.push(slot),
            None => {}
        }
    }
    refuse_overfull(current, &groups, moves)?;
    Ok(shifts(groups, |id| wishes.get(&id).is_some_and(|wish| wish.lock_permissions)))
}

/// Finds a place for a new channel: `wanted` in its group, by default the last. Returns its position and the rows
/// that change. The index in a refusal is 0.
pub fn create_channel(
    current: &[ChannelSlot],
    id: ChannelId,
    group: Group,
    wanted: Option<i64>,
) -> Result<(i64, Vec<ChannelShift>), Refused> {
    // A new channel comes from nowhere; the impossible position makes it a row that changes.
    let slot = ChannelSlot { id, bucket: group.bucket, spot: Spot { parent: None, position: i64::MAX } };
    let all: Vec<ChannelSlot> = current.iter().copied().chain([slot]).collect();
    let wish = ChannelMove { id, position: wanted, parent: Some(group.parent), lock_permissions: false };
    let mut shifts = move_channels(&all, &[wish])?;
    let place = shifts.iter().position(|shift| shift.id == id).map(|index| shifts.swap_remove(index));
    shifts.sort_unstable_by_key(|shift| (shift.to.parent, shift.to.position));
    Ok((place.map_or(0, |shift| shift.to.position), shifts))
}

/// Closes the gap that a deleted channel leaves. A category's channels stay, without a category, after those that
/// had none. Returns the rows that change; `current` may still hold the channel.
pub fn delete_channel(current: &[ChannelSlot], id: ChannelId) -> Vec<ChannelShift> {
    let mut groups: BTreeMap<Group, Arrangement> = BTreeMap::new();
    let remaining = || ordered(current).into_iter().filter(|slot| slot.id != id);
    for slot in remaining().filter(|slot| slot.spot.parent != Some(id)) {
        groups.entry(slot.group()).or_default().rest.push(slot);
    }
    for slot in remaining().filter(|slot| slot.spot.parent == Some(id)) {
        groups.entry(Group { parent: None, ..slot.group() }).or_default().rest.push(slot);
    }
    shifts(groups, |_| false)
}

impl ChannelSlot {
    /// The group it is counted in.
    pub fn group(&self) -> Group {
        Group { parent: self.spot.parent, bucket: self.bucket }
    }
}

/// Whether one wish makes sense by itself.
fn check(known: &HashMap<ChannelId, ChannelSlot>, slot: ChannelSlot, wish: &ChannelMove) -> Result<(), Why> {
    if wish.position.is_some_and(i64::is_negative) {
        return Err(Why::Negative);
    }
    let Some(Some(parent)) = wish.parent else { return Ok(()) };
    if slot.bucket == Bucket::Category {
        return Err(Why::Nested);
    }
    match known.get(&parent).map(|parent| parent.bucket) {
        Some(Bucket::Category) => Ok(()),
        Some(_) => Err(Why::NotACategory),
        None => Err(Why::NoCategory),
    }
}

/// Refuses a category that would have too many channels, unless it has no more than before.
fn refuse_overfull(
    current: &[ChannelSlot],
    groups: &BTreeMap<Group, Arrangement>,
    moves: &[ChannelMove],
) -> Result<(), Refused> {
    for (index, wish) in moves.iter().enumerate() {
        let Some(parent @ Some(_)) = wish.parent else { continue };
        let after: usize = groups
            .iter()
            .filter(|(group, _)| group.parent == parent)
            .map(|(_, arrangement)| arrangement.rest.len() + arrangement.moved.len())
            .sum();
        if after > MAX_CHANNELS_IN_CATEGORY
            && after > current.iter().filter(|slot| slot.spot.parent == parent).count()
        {
            return Err(Refused { index, why: Why::Full });
        }
    }
    Ok(())
}

/// The channels group by group, each in the order in which everybody sorts them.
fn ordered(current: &[ChannelSlot]) -> Vec<ChannelSlot> {
    let mut order = current.to_vec();
    order.sort_unstable_by_key(|slot| (slot.group(), slot.spot.position, slot.id));
    order
}

/// The rows whose stored place is not the one they have in their group, or that lock their permissions.
fn shifts(groups: BTreeMap<Group, Arrangement>, locks: impl Fn(ChannelId) -> bool) -> Vec<ChannelShift> {
    let mut shifts = Vec::new();
    for (Group { parent, .. }, Arrangement { rest, mut moved }) in groups {
        for (index, slot) in arrange(&rest, &mut moved).into_iter().enumerate() {
            let to = Spot { parent, position: position(index) };
            let lock_permissions = parent.is_some() && locks(slot.id);
            if slot.spot != to || lock_permissions {
                shifts.push(ChannelShift { id: slot.id, from: slot.spot, to, lock_permissions });
            }
        }
    }
    shifts
}
