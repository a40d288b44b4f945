//! Sessions from before a restart: which events they have missed is counted by going through the log, each event
//! judged by what the session's user could see at that moment.
//!
//! How things stood at the saved position follows from how they stand now: the events in between that decide who
//! sees what say what was before them, and are taken back one by one. Where that cannot be done, or is not certain,
//! the session is refused: never a wrong event.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use guildhall_base::{GuildId, Result, UserId};
use guildhall_chat::{GuildRoom, GuildState, lost_a_member};
use guildhall_infra::events::{Audience, Event};

use super::{Record, Ring, Session};
use crate::Gateway;
use crate::hub::{Place, admits};
use crate::intents::{Intents, needs};
use crate::store::Saved;

/// Events that are read at once.
const READ: usize = 512;

/// What becomes of trying to count.
enum Counted {
    /// The session has entered.
    Entered(Arc<Session>),
    /// The world has moved on meanwhile: it must be tried again.
    Again,
    /// It cannot be counted.
    Never,
}

/// The guilds of a user at one position of the log, as much as decides what the user sees.
struct Past {
    record: Record,
    guilds: HashMap<GuildId, GuildState>,
}

impl Gateway {
    /// A session that this process does not know, from its record; `None` if it cannot be told exactly which events
    /// it has missed.
    pub(super) async fn revive(&self, id: &str, user: UserId) -> Result<Option<Arc<Session>>> {
        let Some(saved) = self.store().session(id).await? else { return Ok(None) };
        let gone = self.now().since(saved.seen_at) > self.config().session_life + self.config().heartbeat * 2;
        if gone || saved.record.user != user || self.log().trimmed_to().await? > saved.position {
            return Ok(None);
        }
        loop {
            let mark = self.hub().lock().watch(user);
            let counted = self.count_forward(&saved, mark).await;
            self.hub().lock().unwatch(user, mark);
            match counted? {
                Counted::Entered(session) => return Ok(Some(session)),
                Counted::Again => {}
                Counted::Never => return Ok(None),
            }
        }
    }

    /// Counts what a session has missed and lets it enter.
    async fn count_forward(&self, saved: &Saved, mark: u32) -> Result<Counted> {
        let record = &saved.record;
        let mut rooms = self.world().guilds_of(record.user).await?;
        rooms.retain(|room| record.owns(room.id));
        let Some((mut past, goal, deciding)) = self.stand_now(saved, &rooms).await? else {
            return Ok(Counted::Never);
        };
        let Some(doubtful) = past.go_back(&deciding)? else { return Ok(Counted::Never) };
        for (guild, known_at) in doubtful {
            if self.moved_between(record.user, guild, known_at, saved.position).await? {
                return Ok(Counted::Never);
            }
        }
        let mut ring = Ring::new(saved.s, saved.position);
        let mut reached = saved.position;
        let mut goal = goal;
        loop {
            while reached < goal {
                let events = self.read(reached, goal).await?;
                if events.is_empty() {
                    return Ok(Counted::Never);
                }
                for event in &events {
                    if past.hears(event)? {
                        ring.push(event.position);
                    }
                    reached = event.position;
                }
            }
            let mut hub = self.hub().lock();
            if hub.position > reached {
                goal = hub.position;
                continue;
            }
            if hub.has_changed(record.user, mark) {
                return Ok(Counted::Again);
            }
            if let Some(session) = hub.session(&record.id) {
                return Ok(Counted::Entered(session));
            }
            let session = Arc::new(Session::new(record.clone(), ring));
            hub.enter(&session, &rooms);
            return Ok(Counted::Entered(session));
        }
    }

    /// How things stand at one position that the hub has come to, that position, and the events since the saved one
    /// that decide who sees what. `None` if a guild is gone that would have to be known.
    async fn stand_now(
        &self,
        saved: &Saved,
        rooms: &[Arc<GuildRoom>],
    ) -> Result<Option<(Past, u64, Vec<Arc<Event>>)>> {
        let user = saved.record.user;
        let mut rooms: HashMap<GuildId, Arc<GuildRoom>> =
            rooms.iter().map(|room| (room.id, room.clone())).collect();
        let (mut deciding, mut reached) = (Vec::new(), saved.position);
        loop {
            self.read_deciding(&mut deciding, &mut reached, self.log().head()).await?;
            // What the user has left meanwhile counts too.
            let own: HashSet<GuildId> = own_guilds(&deciding, &saved.record).collect();
            for guild in own {
                if let (false, Some(room)) = (rooms.contains_key(&guild), self.world().guild(guild).await?) {
                    rooms.insert(guild, room);
                } else if !rooms.contains_key(&guild) {
                    return Ok(None);
                }
            }
            if deciding.iter().any(|event| is_lost(event, user)) {
                return Ok(None);
            }
            // A guild that was loaded just now may be ahead of the hub.
            let newest = rooms.values().map(|room| room.read().as_of).max().unwrap_or_default();
            self.log().applied(newest.max(reached)).await;
            let known = reached;
            let (goal, guilds) = {
                let hub = self.hub().lock();
                (hub.position, rooms.iter().map(|(id, room)| (*id, room.read().as_seen_by(user))).collect())
            };
            let past = Past { record: saved.record.clone(), guilds };
            self.read_deciding(&mut deciding, &mut reached, goal).await?;
            // Nothing of the user's own may lie in what was read last; otherwise everything is looked at again.
            let is_new = |event: &&Arc<Event>| event.position > known;
            let late: Vec<_> = deciding.iter().filter(is_new).cloned().collect();
            if own_guilds(&late, &saved.record).next().is_none() && !late.iter().any(|e| is_lost(e, user)) {
                return Ok(Some((past, goal, deciding)));
            }
        }
    }

    /// Reads on to `goal`, keeping the events that decide who sees what.
    async fn read_deciding(&self, kept: &mut Vec<Arc<Event>>, reached: &mut u64, goal: u64) -> Result<()> {
        while *reached < goal {
            let events = self.read(*reached, goal).await?;
            let Some(last) = events.last() else { break };
            *reached = last.position;
            kept.extend(events.into_iter().filter(|event| decides_sight(event)));
        }
        Ok(())
    }

    async fn read(&self, after: u64, goal: u64) -> Result<Vec<Arc<Event>>> {
        let limit = READ.min(usize::try_from(goal - after).unwrap_or(READ));
        self.log().read_after(after, limit).await
    }

    /// Whether a user's membership of a guild changed after one position and not after another, or whether nobody
    /// knows any more.
    async fn moved_between(&self, user: UserId, guild: GuildId, after: u64, until: u64) -> Result<bool> {
        if self.log().trimmed_to().await? > after {
            return Ok(true);
        }
        let (mut events, mut reached) = (Vec::new(), after);
        self.read_deciding(&mut events, &mut reached, until).await?;
        Ok(events.iter().any(|event| event.audience.guild() == Some(guild) && event.actor == Some(user)))
    }
}

impl Past {
    /// Takes events back, the latest first. Answers with the guilds in which no membership of the user's may have
    /// changed after a position for the result to be right; `None` if something cannot be taken back.
    fn go_back(&mut self, deciding: &[Arc<Event>]) -> Result<Option<Vec<(GuildId, u64)>>> {
        let mut doubtful = Vec::new();
        for event in deciding.iter().rev() {
            let Some(guild) = event.audience.guild() else { continue };
            let Some(state) = self.guilds.get_mut(&guild) else { continue };
            match state.take_back(event, self.record.user)? {
                Some(0) => {}
                Some(known_at) => doubtful.push((guild, known_at)),
                None => return Ok(None),
            }
        }
        Ok(Some(doubtful))
    }

    /// Takes the next event in; whether the session receives it. The same as the hub decides for those who are there.
    fn hears(&mut self, event: &Event) -> Result<bool> {
        let (record, needs) = (&self.record, needs(&event.name));
        if let Audience::Users(users) = &event.audience {
            return Ok(users.contains(&record.user) && record.hears(needs.direct, event));
        }
        let (Some(guild), Some(place)) = (event.audience.guild(), Place::of(&event.audience)) else {
            return Ok(false);
        };
        let Some(state) = self.guilds.get_mut(&guild) else { return Ok(false) };
        let own = event.actor == Some(record.user);
        let deciding = decides_sight(event) && (own || !event.name.starts_with("GUILD_MEMBER_"));
        let before = admits(state, record.user, place);
        if deciding {
            state.take_forward(event)?;
        }
        Ok(match &*event.name {
            // It receives GUILD_CREATE or GUILD_DELETE in their place.
            "GUILD_MEMBER_ADD" | "GUILD_MEMBER_REMOVE" if own => record.intents.contain(Intents::GUILDS),
            "GUILD_MEMBER_UPDATE" if own => true,
            "CHANNEL_DELETE" | "THREAD_DELETE" => before && record.intents.contain(needs.guild),
            _ if deciding => record.intents.contain(needs.guild) && admits(state, record.user, place),
            _ => before && record.intents.contain(needs.guild),
        })
    }
}

/// Whether an event may change who sees what.
fn decides_sight(event: &Event) -> bool {
    matches!(
        &*event.name,
        "GUILD_UPDATE"
            | "GUILD_DELETE"
            | "GUILD_ROLE_CREATE"
            | "GUILD_ROLE_UPDATE"
            | "GUILD_ROLE_DELETE"
            | "GUILD_MEMBER_ADD"
            | "GUILD_MEMBER_UPDATE"
            | "GUILD_MEMBER_REMOVE"
            | "CHANNEL_CREATE"
            | "CHANNEL_UPDATE"
            | "CHANNEL_DELETE"
            | "THREAD_CREATE"
            | "THREAD_UPDATE"
            | "THREAD_DELETE"
    )
}

/// The guilds of this shard in which the user themselves came, went or changed.
fn own_guilds(events: &[Arc<Event>], record: &Record) -> impl Iterator<Item = GuildId> {
    let own = events.iter().filter(|event| event.actor == Some(record.user));
    own.filter_map(|event| event.audience.guild()).filter(|guild| record.owns(*guild))
}

/// Whether a guild is gone that the user was a member of, as far as anybody knows.
fn is_lost(event: &Event, user: UserId) -> bool {
    &*event.name == "GUILD_DELETE" && lost_a_member(event, user).unwrap_or(true)
}
