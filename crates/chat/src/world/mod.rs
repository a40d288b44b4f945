//! The guilds in memory: what permissions and visibility are computed from without a database call.
//!
//! A guild is loaded by one statement, which also reads the position of the event log that it is true for; from
//! then on the log's events keep it current. One driver per process feeds [`World::apply`] in the log's order.
//! Nothing else may change what is here.

mod apply;
mod direct;
mod guild;
mod memberships;
mod past;
mod sight;

use std::sync::Arc;

use dashmap::{DashMap, DashSet};
use guildhall_base::{ChannelId, GuildId, Result, UserId};
use guildhall_infra::db::Db;
use guildhall_infra::events::{Event, EventLog};
use parking_lot::{Mutex, RwLock};

use crate::store::snapshots;

pub use direct::DirectRoom;
pub use guild::{ChannelState, GuildState};
use memberships::Memberships;
pub(crate) use past::Was;
pub use past::lost_a_member;

/// A guild in memory.
#[derive(Debug)]
pub struct GuildRoom {
    /// Which.
    pub id: GuildId,
    state: RwLock<GuildState>,
    /// Where those of this process who change roles or channels queue, so that none of them works in vain. That
    /// other processes are not in the queue is why the layout is claimed all the same.
    pub(crate) structure: tokio::sync::Mutex<()>,
}

impl GuildRoom {
    /// The guild as of the last applied event. Hold it briefly and not across an await.
    pub fn read(&self) -> parking_lot::RwLockReadGuard<'_, GuildState> {
        self.state.read()
    }
}

/// All guilds and direct messages that this process has had to do with. Cheap to clone.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    db: Db,
    log: EventLog,
    guilds: DashMap<GuildId, Arc<GuildRoom>>,
    /// Which guild a channel is in, for guilds in memory.
    channels: DashMap<ChannelId, GuildId>,
    direct: DashMap<ChannelId, Arc<DirectRoom>>,
    memberships: Memberships,
    /// Who shows themselves online, as far as this process's gateway knows.
    online: DashSet<UserId>,
    /// Who is in which voice channel, as far as this process's gateway knows.
    voices: DashMap<(GuildId, UserId), ChannelId>,
    /// The position of the last applied event. Held while an event is applied and while something that was
    /// loaded is put in place, so that nothing is missed in between.
    position: Mutex<u64>,
}

impl World {
    /// An empty world at the log's head.
    pub fn new(db: Db, log: EventLog) -> Self {
        let position = Mutex::new(log.head());
        Self(Arc::new(Inner {
            db,
            log,
            guilds: DashMap::new(),
            channels: DashMap::new(),
            direct: DashMap::new(),
            memberships: Memberships::default(),
            online: DashSet::new(),
            voices: DashMap::new(),
            position,
        }))
    }

    /// The position that the world has been brought to.
    pub fn position(&self) -> u64 {
        *self.0.position.lock()
    }

    /// A guild, if it is in memory.
    pub fn loaded(&self, guild: GuildId) -> Option<Arc<GuildRoom>> {
        self.0.guilds.get(&guild).map(|room| room.clone())
    }

    /// A guild; from the database if need be. None if there is none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn guild(&self, guild: GuildId) -> Result<Option<Arc<GuildRoom>>> {
        match self.loaded(guild) {
            Some(room) => Ok(Some(room)),
            None => self.load_guild(snapshots::Key::Guild(guild)).await,
        }
    }

    /// The guild that a channel is in; from the database if need be. None if it is in none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn guild_of(&self, channel: ChannelId) -> Result<Option<Arc<GuildRoom>>> {
        let known = self.0.channels.get(&channel).map(|guild| *guild);
        match known.and_then(|guild| self.loaded(guild)) {
            Some(room) => Ok(Some(room)),
            None if self.0.direct.contains_key(&channel) => Ok(None),
            None => self.load_guild(snapshots::Key::Channel(channel)).await,
        }
    }

    async fn load_guild(&self, key: snapshots::Key) -> Result<Option<Arc<GuildRoom>>> {
        let Some((mut state, mut position)) = snapshots::guild(&self.0.db, key).await? else {
            return Ok(None);
        };
        let id = state.guild.id;
        loop {
            {
                let applied = self.0.position.lock();
                if let Some(room) = self.loaded(id) {
                    return Ok(Some(room));
                }
                if position >= *applied {
                    state.as_of = position;
                    return Ok(Some(self.place(id, state)));
                }
            }
            // The world has moved on since the statement ran: catch up from the log.
            for event in self.0.log.read_after(position, 512).await? {
                position = event.position;
                if event.audience.guild() == Some(id) && !state.apply(&event)? {
                    return Ok(None);
                }
            }
        }
    }

    fn place(&self, id: GuildId, state: GuildState) -> Arc<GuildRoom> {
        for channel in state.channels.keys() {
            self.0.channels.insert(*channel, id);
        }
        let room =
            Arc::new(GuildRoom { id, state: RwLock::new(state), structure: tokio::sync::Mutex::default() });
        self.0.guilds.insert(id, room.clone());
        room
    }

    /// The guilds that a user is in; no database call when this was asked before.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn guilds_of(&self, user: UserId) -> Result<Vec<Arc<GuildRoom>>> {
        let ids = match self.0.memberships.of(user) {
            Some(ids) => ids,
            None => self.load_memberships(user).await?,
        };
        let mut rooms = Vec::with_capacity(ids.len());
        for id in ids.iter() {
            if let Some(room) = self.guild(*id).await? {
                rooms.push(room);
            }
        }
        Ok(rooms)
    }

    async fn load_memberships(&self, user: UserId) -> Result<Arc<[GuildId]>> {
        let (ids, position) = snapshots::guild_ids(&self.0.db, user).await?;
        let ids: Arc<[GuildId]> = ids.into();
        let applied = self.0.position.lock();
        // If something was applied since, it may have been about this user: use what was read, keep nothing.
        if position >= *applied {
            self.0.memberships.keep(user, ids.clone());
        }
        Ok(ids)
    }

    /// Says whether somebody shows themselves online. Only the gateway knows.
    pub fn set_online(&self, user: UserId, online: bool) {
        if online {
            self.0.online.insert(user);
        } else {
            self.0.online.remove(&user);
        }
    }

    /// Says which voice channel somebody is in. Only the gateway knows.
    pub fn set_voice(&self, guild: GuildId, user: UserId, channel: Option<ChannelId>) {
        match channel {
            Some(channel) => drop(self.0.voices.insert((guild, user), channel)),
            None => drop(self.0.voices.remove(&(guild, user))),
        }
    }

    /// Nobody is in a voice channel of a guild any more.
    pub fn forget_voices(&self, guild: GuildId) {
        self.0.voices.retain(|(of, _), _| *of != guild);
    }

    /// The voice channel that somebody is in.
    pub fn voice_of(&self, guild: GuildId, user: UserId) -> Option<ChannelId> {
        self.0.voices.get(&(guild, user)).map(|channel| *channel)
    }

    /// The members of a guild who show themselves online.
    pub fn online_in(&self, state: &GuildState) -> Vec<UserId> {
        let online = &self.0.online;
        if online.len() < state.members.len() {
            let here = online.iter().filter(|user| state.members.contains_key(user.key()));
            return here.map(|user| *user.key()).collect();
        }
        state.members.keys().filter(|user| online.contains(user)).copied().collect()
    }

    /// How many members of a guild show themselves online.
    pub fn online_members(&self, state: &GuildState) -> usize {
        let online = &self.0.online;
        if online.len() < state.members.len() {
            online.iter().filter(|user| state.members.contains_key(user.key())).count()
        } else {
            state.members.keys().filter(|user| online.contains(user)).count()
        }
    }

    /// Takes in the next event of the log. Events must come in the log's order, from one driver.
    ///
    /// # Errors
    /// If the event's body cannot be read; the guild is then forgotten, to be loaded anew.
    pub fn apply(&self, event: &Event) -> Result<()> {
        let mut position = self.0.position.lock();
        self.0.memberships.apply(event);
        let result = self.take_in(event);
        if let (Err(_), Some(guild)) = (&result, event.audience.guild()) {
            self.0.guilds.remove(&guild);
        }
        *position = event.position;
        result
    }
}
