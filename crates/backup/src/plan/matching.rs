//! Which role or channel of the backup is which of the target.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::Hash;

use guildhall_base::{ChannelId, RoleId};

use crate::model::{Channel, Guild, Role};

/// By ids of the backup.
#[derive(Debug, Default)]
pub(super) struct Matches {
    pub(super) roles: BTreeMap<RoleId, RoleId>,
    pub(super) channels: BTreeMap<ChannelId, ChannelId>,
}

impl Matches {
    pub(super) fn find(wanted: &Guild, present: &Guild) -> Self {
        let roles = find_roles(wanted, present);
        let channels = pairs(
            wanted.channels.iter().filter(|channel| !channel.is_thread()),
            present.channels.iter().filter(|channel| !channel.is_thread()),
            |channel| channel.id,
            // Discord lets text and announcement channels turn into each other, nothing else.
            |ours, theirs| sort(ours) == sort(theirs),
            |channel| (sort(channel), channel.name.clone()),
        );
        Self { roles, channels }
    }

    /// The roles of the target that are in the backup.
    pub(super) fn known_roles(&self) -> BTreeSet<RoleId> {
        self.roles.values().copied().collect()
    }

    /// The channels of the target that are in the backup.
    pub(super) fn known_channels(&self) -> BTreeSet<ChannelId> {
        self.channels.values().copied().collect()
    }
}

fn find_roles(wanted: &Guild, present: &Guild) -> BTreeMap<RoleId, RoleId> {
    let (ours, theirs) = (everyone(wanted), everyone(present));
    let plain = |guild: &'_ Guild, everyone: Option<RoleId>, managed: bool| -> Vec<Role> {
        let those = guild.roles.iter().filter(|role| Some(role.id) != everyone && role.managed == managed);
        those.cloned().collect()
    };
    let mut roles: BTreeMap<RoleId, RoleId> = ours.zip(theirs).into_iter().collect();
    for managed in [false, true] {
        let (ours, theirs) = (plain(wanted, ours, managed), plain(present, theirs, managed));
        let key = |role: &Role| match role.tags.as_ref().and_then(|tags| tags.bot_id).filter(|_| managed) {
            Some(bot) => (bot.to_string(), true),
            None => (role.name.clone(), false),
        };
        roles.extend(pairs(ours.iter(), theirs.iter(), |role| role.id, |_, _| true, key));
    }
    roles
}

/// The `@everyone` role, which has the guild's id.
pub(super) fn everyone(guild: &Guild) -> Option<RoleId> {
    let own = guild.settings.id.cast();
    let found = guild.roles.iter().find(|role| role.id == own);
    found.or_else(|| guild.roles.iter().find(|role| role.name == "@everyone")).map(|role| role.id)
}

/// What a channel cannot stop being: announcement channels are text.
fn sort(channel: &Channel) -> u8 {
    if channel.kind == 5 { 0 } else { channel.kind }
}

/// Pairs what has the same id, then what has the same key, in the order given.
fn pairs<'a, T: 'a, I: Copy + Eq + Hash + Ord, K: Eq + Hash>(
    ours: impl Iterator<Item = &'a T> + Clone,
    theirs: impl Iterator<Item = &'a T> + Clone,
    id: impl Fn(&T) -> I,
    alike: impl Fn(&T, &T) -> bool,
    key: impl Fn(&T) -> K,
) -> BTreeMap<I, I> {
    let by_id: HashMap<I, &T> = theirs.clone().map(|thing| (id(thing), thing)).collect();
    let mut found: BTreeMap<I, I> = ours
        .clone()
        .filter_map(|thing| by_id.get(&id(thing)).map(|other| (thing, *other)))
        .filter(|(ours, theirs)| alike(ours, theirs))
        .map(|(thing, _)| (id(thing), id(thing)))
        .collect();
    let taken: BTreeSet<I> = found.values().copied().collect();
    let mut by_key: HashMap<K, VecDeque<I>> = HashMap::new();
    for thing in theirs.filter(|thing| !taken.contains(&id(thing))) {
        by_key.entry(key(thing)).or_default().push_back(id(thing));
    }
    for thing in ours {
        if !found.contains_key(&id(thing))
            && let Some(other) = by_key.get_mut(&key(thing)).and_then(VecDeque::pop_front)
        {
            found.insert(id(thing), other);
        }
    }
    found
}
