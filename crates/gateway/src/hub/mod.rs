//! Who is in which guild's room, and who receives what.
//!
//! One lock guards all of it. It is held while an event of the log is taken in and its recipients are looked up, and
//! while a session enters or leaves; never while something is sent. So a session that enters sees exactly the events
//! after the position at which it entered.

mod dispatch;
mod fan;
mod pace;
mod room;
mod strip;
mod turn;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use guildhall_base::{GuildId, UserId};
use guildhall_chat::GuildRoom;
use parking_lot::{Mutex, MutexGuard};

pub(crate) use dispatch::guild_delete;
pub(crate) use fan::Spread;
pub(crate) use room::{Place, admits};
pub(crate) use strip::{concerns, strip};

use crate::session::Session;
use room::Room;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Hub(Mutex<Rooms>);

/// What the lock guards.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    /// The last event that was taken in.
    pub(crate) position: u64,
    sessions: HashMap<Arc<str>, Arc<Session>>,
    users: HashMap<UserId, Vec<Arc<Session>>>,
    rooms: HashMap<GuildId, Room>,
    /// Users whose guilds are being looked up, and how often these have changed meanwhile.
    entering: HashMap<UserId, Entering>,
}

#[derive(Debug, Default)]
struct Entering {
    lookups: u32,
    changes: u32,
}

impl Hub {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Rooms> {
        self.0.lock()
    }
}

impl Rooms {
    /// A session of this process.
    pub(crate) fn session(&self, id: &str) -> Option<Arc<Session>> {
        self.sessions.get(id).cloned()
    }

    /// All sessions of this process.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.sessions.values()
    }

    /// The sessions of a user.
    pub(crate) fn sessions_of(&self, user: UserId) -> &[Arc<Session>] {
        self.users.get(&user).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a user has a session with a room for this guild.
    pub(crate) fn has_room(&self, guild: GuildId) -> bool {
        self.rooms.contains_key(&guild)
    }

    /// Begins to watch whether a user's guilds change; what is answered with marks the beginning.
    pub(crate) fn watch(&mut self, user: UserId) -> u32 {
        let entering = self.entering.entry(user).or_default();
        entering.lookups += 1;
        entering.changes
    }

    /// Whether a watched user's guilds have changed since.
    pub(crate) fn has_changed(&self, user: UserId, mark: u32) -> bool {
        self.entering.get(&user).is_some_and(|entering| entering.changes != mark)
    }

    /// Ends it; true if they have changed since.
    pub(crate) fn unwatch(&mut self, user: UserId, mark: u32) -> bool {
        let changed = self.has_changed(user, mark);
        let Some(entering) = self.entering.get_mut(&user) else { return false };
        entering.lookups -= 1;
        if entering.lookups == 0 {
            self.entering.remove(&user);
        }
        changed
    }

    /// Makes a session known and puts it in its guilds' rooms.
    pub(crate) fn enter(&mut self, session: &Arc<Session>, guilds: &[Arc<GuildRoom>]) {
        self.sessions.insert(session.record.id.clone(), session.clone());
        self.users.entry(session.record.user).or_default().push(session.clone());
        for guild in guilds {
            self.seat(session, guild);
        }
    }

    /// Puts a session in a room, if its user is a member.
    fn seat(&mut self, session: &Arc<Session>, guild: &GuildRoom) {
        let state = guild.read();
        if state.members.contains_key(&session.record.user) && session.entered(guild.id) {
            self.rooms.entry(guild.id).or_default().enter(session.clone(), &state);
        }
    }

    /// Whether somebody in a guild's room is told of presences.
    pub(crate) fn has_watchers(&self, guild: GuildId) -> bool {
        self.rooms.get(&guild).is_some_and(Room::has_watchers)
    }

    /// Forgets a session.
    pub(crate) fn leave(&mut self, session: &Arc<Session>) {
        self.sessions.remove(&session.record.id);
        if let Some(sessions) = self.users.get_mut(&session.record.user) {
            sessions.retain(|other| !Arc::ptr_eq(other, session));
            if sessions.is_empty() {
                self.users.remove(&session.record.user);
            }
        }
        for guild in session.guilds() {
            session.left(guild);
            if let Entry::Occupied(mut room) = self.rooms.entry(guild) {
                room.get_mut().leave(session);
                if room.get().is_empty() {
                    room.remove();
                }
            }
        }
    }
}
