//! RESUME: of a session of this process exactly by its ring; of one from before a restart by counting through the log.

use std::sync::Arc;

use guildhall_base::{GuildId, Result, UserId};
use guildhall_infra::events::{Audience, Event};

use super::{Record, Ring, Session};
use crate::Gateway;
use crate::hub::{Place, admits};
use crate::intents::needs;
use crate::link::Connection;
use crate::protocol::{Close, Outgoing, Resume};
use crate::store::Saved;

/// Events that are read at once.
const READ: usize = 512;

impl Connection {
    /// Op 6.
    pub(crate) async fn resume(&mut self, resume: Resume) -> Result<(), Close> {
        let gateway = self.gateway.clone();
        let actor = gateway.authenticate(resume.token.as_deref(), self.visitor.as_deref()).await?;
        let seq = resume.seq.ok_or(Close::Decode)?;
        let known = gateway.hub().lock().session(&resume.session_id);
        let session = match known {
            Some(session) => Some(session),
            None => {
                gateway.revive(&resume.session_id, actor.id()).await.map_err(|error| Close::fault(&error))?
            }
        };
        let Some(session) = session.filter(|session| session.record.user == actor.id()) else {
            gateway.say(&self.link, Outgoing::InvalidSession(false));
            return Ok(());
        };
        if seq > session.latest().0 {
            return Err(Close::InvalidSequence);
        }
        let missed = session.missed_since(seq);
        let first = missed.as_ref().and_then(|missed| missed.first().copied());
        let is_trimmed = match first {
            Some(first) => gateway.log().trimmed_to().await.map_err(|error| Close::fault(&error))? >= first,
            None => false,
        };
        if missed.is_none() || is_trimmed {
            gateway.say(&self.link, Outgoing::InvalidSession(false));
            return Ok(());
        }
        session.sign_in(&actor);
        if let Some(other) = session.let_go(gateway.now()) {
            other.cut();
        }
        self.session = Some(session.clone());
        self.link.expect_by(gateway.next_beat());
        self.catch_up(&session, seq, true).await?;
        gateway.came_online(&session);
        metrics::counter!("gateway_resumes_total").increment(1);
        Ok(())
    }
}

impl Gateway {
    /// A session that this process does not know, from its record; `None` if it cannot be told exactly which events
    /// it has missed.
    async fn revive(&self, id: &str, user: UserId) -> Result<Option<Arc<Session>>> {
        let Some(saved) = self.store().session(id).await? else { return Ok(None) };
        let gone = self.now().since(saved.seen_at) > self.config().session_life + self.config().heartbeat * 2;
        if gone || saved.record.user != user || self.log().trimmed_to().await? > saved.position {
            return Ok(None);
        }
        loop {
            self.hub().lock().watch(user);
            let outcome = self.count_forward(&saved).await;
            if let Ok(Some(session)) = outcome {
                return Ok(session);
            }
            if outcome.is_err() {
                self.hub().lock().unwatch(user);
                return outcome.map(|_| None);
            }
        }
    }

    /// Counts what a session has missed and lets it enter. The outer `None` says that the world has moved on
    /// meanwhile, so that it must be tried again; the inner that it cannot be counted.
    async fn count_forward(&self, saved: &Saved) -> Result<Option<Option<Arc<Session>>>> {
        let record = &saved.record;
        let mut rooms = self.world().guilds_of(record.user).await?;
        rooms.retain(|room| record.owns(room.id));
        let guilds: Vec<GuildId> = rooms.iter().map(|room| room.id).collect();
        let mut ring = Ring::new(saved.s, saved.position);
        let mut reached = saved.position;
        loop {
            let goal = self.hub().lock().position;
            while reached < goal {
                let limit = READ.min(usize::try_from(goal - reached).unwrap_or(READ));
                let events = self.log().read_after(reached, limit).await?;
                if events.is_empty() {
                    self.hub().lock().unwatch(record.user);
                    return Ok(Some(None));
                }
                for event in &events {
                    if decides_sight(event, record.user, &guilds) {
                        self.hub().lock().unwatch(record.user);
                        return Ok(Some(None));
                    }
                    if self.sees(record, event) {
                        ring.push(event.position);
                    }
                    reached = event.position;
                }
            }
            let mut hub = self.hub().lock();
            if hub.position > reached {
                continue;
            }
            if hub.unwatch(record.user) {
                return Ok(None);
            }
            if let Some(session) = hub.session(&record.id) {
                return Ok(Some(Some(session)));
            }
            let session = Arc::new(Session::new(record.clone(), ring));
            hub.enter(&session, &rooms);
            return Ok(Some(Some(session)));
        }
    }

    /// Whether a session receives an event as things stand.
    fn sees(&self, record: &Record, event: &Event) -> bool {
        let needs = needs(&event.name);
        match (&event.audience, event.audience.guild(), Place::of(&event.audience)) {
            (Audience::Users(users), ..) => users.contains(&record.user) && record.hears(needs.direct, event),
            (_, Some(guild), Some(place)) => {
                let admits = |room: Arc<guildhall_chat::GuildRoom>| admits(&room.read(), record.user, place);
                record.owns(guild)
                    && record.intents.contain(needs.guild)
                    && self.world().loaded(guild).is_some_and(admits)
            }
            _ => false,
        }
    }
}

/// Whether an event may have changed what a user sees, so that what came before it cannot be judged by how things
/// stand after it.
fn decides_sight(event: &Event, user: UserId, guilds: &[GuildId]) -> bool {
    match &*event.name {
        "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE" => event.actor == Some(user),
        // Its members are known to nobody any more.
        "GUILD_DELETE" => true,
        "GUILD_UPDATE" | "GUILD_ROLE_UPDATE" | "GUILD_ROLE_DELETE" | "CHANNEL_UPDATE" | "CHANNEL_DELETE"
        | "THREAD_DELETE" => event.audience.guild().is_some_and(|guild| guilds.contains(&guild)),
        _ => false,
    }
}
