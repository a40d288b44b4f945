//! One guild's room: the sessions in it, what each can see, and the lists of recipients that follow.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use guildhall_base::{ChannelId, Permissions, RoleId, Timestamp, UserId};
use guildhall_chat::GuildState;
use guildhall_infra::events::Audience;

use crate::intents::Intents;
use crate::session::Session;

/// Timeouts are over then: they take away no sight, so that who sees an event does not depend on when one asks.
const EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// Who in a guild an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Guild,
    Channel(ChannelId),
    Holders(Permissions),
}

impl Place {
    /// Where in its guild an audience is; `None` if it is in none.
    pub(crate) fn of(audience: &Audience) -> Option<Self> {
        match audience {
            Audience::Guild(_) => Some(Self::Guild),
            Audience::Channel(_, channel) => Some(Self::Channel(*channel)),
            Audience::Permission(_, permissions) => Some(Self::Holders(*permissions)),
            Audience::Users(_) | Audience::Internal => None,
        }
    }
}

/// Whether a user is among them.
pub(crate) fn admits(state: &GuildState, user: UserId, place: Place) -> bool {
    match place {
        Place::Guild => state.members.contains_key(&user),
        Place::Channel(channel) => state.can_view(user, channel, EVER),
        Place::Holders(permissions) => state.permissions(user, EVER).contains(permissions),
    }
}

/// Channels that somebody can see, sorted; shared by all who hold the same roles.
pub(super) type Sight = Arc<[ChannelId]>;

/// The sessions that an event goes to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recipients {
    /// Those who get it whole.
    pub(crate) full: Vec<Arc<Session>>,
    /// Those who get it without what only MESSAGE_CONTENT shows, unless it concerns them.
    pub(crate) stripped: Vec<Arc<Session>>,
    /// The users of the latter.
    pub(super) stripped_users: HashSet<UserId>,
}

impl Recipients {
    pub(super) fn is_empty(&self) -> bool {
        self.full.is_empty() && self.stripped.is_empty()
    }

    fn push(&mut self, session: Arc<Session>, has_content: bool) {
        if !has_content || session.record.intents.contain(Intents::CONTENT) {
            self.full.push(session);
        } else {
            self.stripped_users.insert(session.record.user);
            self.stripped.push(session);
        }
    }

    /// The same without some.
    pub(super) fn without(&self, some: &[Arc<Session>]) -> Self {
        let mut list = self.clone();
        let stays = |session: &Arc<Session>| !some.iter().any(|other| Arc::ptr_eq(other, session));
        list.full.retain(stays);
        list.stripped.retain(stays);
        list
    }
}

#[derive(Debug)]
struct Seat {
    session: Arc<Session>,
    sight: Sight,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Room {
    seats: Vec<Seat>,
    /// How many of them are told of presences.
    watchers: usize,
    lists: HashMap<(Place, Intents, bool), Arc<Recipients>>,
    /// What holders of these roles see, where no overwrite is for a member.
    sights: HashMap<Box<[RoleId]>, Sight>,
}

/// What a change has given to a session, or taken from it.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) session: Arc<Session>,
    pub(super) gained: Vec<ChannelId>,
    pub(super) lost: Vec<ChannelId>,
}

impl Room {
    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Whether somebody in it is told of presences.
    pub(super) fn has_watchers(&self) -> bool {
        self.watchers > 0
    }

    /// Lets a session in that is not in yet, also into the lists that are known: many may come at once.
    pub(super) fn enter(&mut self, session: Arc<Session>, state: &GuildState) {
        let record = &session.record;
        let sight = self.sight(state, record.user);
        for ((place, needs, has_content), list) in &mut self.lists {
            let admitted = match place {
                Place::Guild => true,
                Place::Channel(channel) => sight.binary_search(channel).is_ok(),
                Place::Holders(_) => admits(state, record.user, *place),
            };
            if admitted && record.intents.contain(*needs) {
                Arc::make_mut(list).push(session.clone(), *has_content);
            }
        }
        self.watchers += usize::from(record.intents.contain(Intents::PRESENCES));
        self.seats.push(Seat { session, sight });
    }

    pub(super) fn leave(&mut self, session: &Arc<Session>) {
        if let Some(index) = self.seats.iter().position(|seat| Arc::ptr_eq(&seat.session, session)) {
            self.seats.swap_remove(index);
            self.watchers -= usize::from(session.record.intents.contain(Intents::PRESENCES));
            self.lists.clear();
        }
    }

    /// All sessions in it.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.seats.iter().map(|seat| &seat.session)
    }

    /// Who receives what is for `place` and needs these intents. `state` is only read where the answer is not known.
    pub(super) fn recipients(
        &mut self,
        state: &GuildState,
        place: Place,
        needs: Intents,
        has_content: bool,
    ) -> Arc<Recipients> {
        let key = (place, needs, has_content);
        if let Some(list) = self.lists.get(&key) {
            return list.clone();
        }
        let mut list = Recipients::default();
        // Sessions of the same sight come to the same answer.
        let mut known: HashMap<*const ChannelId, bool> = HashMap::new();
        for Seat { session, sight } in &self.seats {
            let record = &session.record;
            let admitted = match place {
                Place::Guild => true,
                Place::Channel(channel) => {
                    *known.entry(sight.as_ptr()).or_insert_with(|| sight.binary_search(&channel).is_ok())
                }
                Place::Holders(_) => admits(state, record.user, place),
            };
            if admitted && record.intents.contain(needs) {
                list.push(session.clone(), has_content);
            }
        }
        let list = Arc::new(list);
        self.lists.insert(key, list.clone());
        list
    }

    /// Works out anew what sessions see: all, or those of one user. Answers with what has changed.
    pub(super) fn look_again(&mut self, state: &GuildState, only: Option<UserId>) -> Vec<Change> {
        self.lists.clear();
        self.sights.clear();
        let mut changes = Vec::new();
        for index in 0..self.seats.len() {
            let Some(user) = self.seats.get(index).map(|seat| seat.session.record.user) else { break };
            if only.is_some_and(|only| only != user) {
                continue;
            }
            let new = self.sight(state, user);
            let Some(seat) = self.seats.get_mut(index) else { break };
            let old = std::mem::replace(&mut seat.sight, new.clone());
            if old != new {
                let without = |from: &Sight, other: &Sight| {
                    from.iter().filter(|channel| other.binary_search(channel).is_err()).copied().collect()
                };
                let (gained, lost) = (without(&new, &old), without(&old, &new));
                changes.push(Change { session: seat.session.clone(), gained, lost });
            }
        }
        changes
    }

    fn sight(&mut self, state: &GuildState, user: UserId) -> Sight {
        let alone = state.guild.owner_id == user || has_own_overwrite(state, user);
        let roles: Option<Box<[RoleId]>> =
            state.members.get(&user).filter(|_| !alone).map(|member| member.roles.clone().into());
        if let Some(sight) = roles.as_ref().and_then(|roles| self.sights.get(roles)) {
            return sight.clone();
        }
        let mut channels: Vec<ChannelId> = state.visible_channels(user, EVER).into_iter().collect();
        channels.sort_unstable();
        let sight: Sight = channels.into();
        if let Some(roles) = roles {
            self.sights.insert(roles, sight.clone());
        }
        sight
    }
}

fn has_own_overwrite(state: &GuildState, user: UserId) -> bool {
    let overwrites = |channel: &guildhall_chat::ChannelState| {
        channel.channel.permission_overwrites.iter().any(|overwrite| overwrite.id == user.cast())
    };
    state.channels.values().any(overwrites)
}
