//! Sessions: what of a client outlives its connection. A session counts the events that it may see whether or not
//! somebody listens, so that RESUME can name exactly what was missed.

mod identify;
mod replay;
mod resume;
mod revive;
mod ring;

use std::sync::Arc;

use guildhall_accounts::events::CredentialsEnded;
use guildhall_accounts::{Actor, SessionId, SessionScopes};
use guildhall_base::{GuildId, Timestamp, UserId};
use guildhall_infra::events::Event;
use parking_lot::Mutex;
use serde::Deserialize;

pub(crate) use ring::Ring;

use crate::features::Stated;
use crate::hub::Spread;
use crate::intents::Intents;
use crate::link::Link;
use crate::protocol::Close;

/// What a session is, apart from where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// 32 hexadecimal digits, unguessable.
    pub(crate) id: Arc<str>,
    pub(crate) user: UserId,
    pub(crate) bot: bool,
    pub(crate) intents: Intents,
    /// Its number and how many there are.
    pub(crate) shard: (u32, u32),
}

impl Record {
    /// Whether a guild falls to its shard, by Discord's formula.
    pub(crate) fn owns(&self, guild: GuildId) -> bool {
        let (shard, shards) = self.shard;
        (guild.get().cast_unsigned() >> 22) % u64::from(shards.max(1)) == u64::from(shard)
    }

    /// Whether it receives an event that is for its user by name and needs these intents: on the shard of the
    /// guild that the event mentions, otherwise on the first.
    pub(crate) fn hears(&self, needs: Intents, event: &Event) -> bool {
        #[derive(Deserialize)]
        struct Home {
            #[serde(default)]
            guild_id: Option<GuildId>,
        }
        if !self.intents.contain(needs) {
            return false;
        }
        if self.shard.1 <= 1 {
            return true;
        }
        match event.parse::<Home>() {
            Ok(Home { guild_id: Some(guild) }) => self.owns(guild),
            _ => self.shard.0 == 0,
        }
    }
}

/// A session of this process.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) record: Record,
    /// The guilds in whose rooms it is; written by the hub.
    guilds: Mutex<Vec<GuildId>>,
    /// What its connection was made with.
    signed_in: Mutex<SignIn>,
    /// What it says of its user.
    stated: Mutex<Stated>,
    live: Mutex<Live>,
}

/// What a connection was made with.
#[derive(Debug, Clone, Copy, Default)]
struct SignIn {
    /// The sign-in, of a person.
    session: Option<SessionId>,
    /// Whether it may be used to do something, and not only to hear. Scopes are chosen with a session and end with
    /// it; nothing that can change meanwhile takes this one away.
    writes: bool,
}

#[derive(Debug)]
struct Live {
    ring: Ring,
    /// The connection that events go to; none while there is no connection or while it is still catching up.
    link: Option<Arc<Link>>,
    /// Since when nobody is connected.
    alone_since: Option<Timestamp>,
    /// With what a connection is closed that would go live now, if the session is over.
    over: Option<Close>,
}

impl Session {
    /// A session that begins at the ring's latest number, with nobody listening yet.
    pub(crate) fn new(record: Record, ring: Ring) -> Self {
        let live = Mutex::new(Live { ring, link: None, alone_since: None, over: None });
        let (guilds, signed_in, stated) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { record, guilds, signed_in, stated, live }
    }

    /// Notes what its connection was made with.
    pub(crate) fn sign_in(&self, actor: &Actor) {
        let writes = actor.scopes().is_none_or(|scopes| scopes.contains(SessionScopes::WRITE));
        *self.signed_in.lock() = SignIn { session: actor.session(), writes };
    }

    /// Whether what it says of its user counts: a session that was made for reading only hears.
    pub(crate) fn may_write(&self) -> bool {
        self.signed_in.lock().writes
    }

    /// What it says of its user.
    pub(crate) fn stated(&self) -> Stated {
        self.stated.lock().clone()
    }

    /// Changes what it says of its user.
    pub(crate) fn state(&self, change: impl FnOnce(&mut Stated)) {
        change(&mut self.stated.lock());
    }

    /// Whether what its connection was made with holds no more.
    pub(crate) fn is_ended_by(&self, ended: &CredentialsEnded) -> bool {
        let signed_in = self.signed_in.lock().session;
        match ended.session_id {
            Some(_) => signed_in == ended.session_id,
            None => signed_in.is_none() || signed_in != ended.except,
        }
    }

    /// The guilds in whose rooms it is.
    pub(crate) fn guilds(&self) -> Vec<GuildId> {
        self.guilds.lock().clone()
    }

    /// Notes that it is in a room now; false if it was already.
    pub(crate) fn entered(&self, guild: GuildId) -> bool {
        let mut guilds = self.guilds.lock();
        let new = !guilds.contains(&guild);
        if new {
            guilds.push(guild);
        }
        new
    }

    /// Notes that it is in a room no more.
    pub(crate) fn left(&self, guild: GuildId) {
        self.guilds.lock().retain(|other| *other != guild);
    }

    /// Counts events of the log and sends them, if somebody listens.
    pub(crate) fn deliver(&self, positions: &[u64], spread: &mut Spread, most: usize, now: Timestamp) -> u64 {
        let mut live = self.live.lock();
        let first = live.ring.last() + 1;
        for &position in positions {
            live.ring.push(position);
        }
        let Some(link) = &live.link else { return 0 };
        if link.send(spread.sheet(link.encoding).numbered(first), most) {
            return positions.len() as u64;
        }
        live.link = None;
        live.alone_since = Some(now);
        0
    }

    /// Sends what is not in the log: with the latest number, not counted, lost if nobody listens.
    pub(crate) fn tell(&self, spread: &mut Spread, most: usize) {
        let live = self.live.lock();
        if let Some(link) = &live.link {
            link.send(spread.sheet(link.encoding).repeating(live.ring.last()), most);
        }
    }

    /// The latest number and its position.
    pub(crate) fn latest(&self) -> (u32, u64) {
        let live = self.live.lock();
        (live.ring.last(), live.ring.last_position())
    }

    /// The client has seen everything up to `s`. Answers with the pair that is worth saving.
    pub(crate) fn acknowledged(&self, s: u32) -> Option<(u32, u64)> {
        let mut live = self.live.lock();
        let position = live.ring.position(s)?;
        live.ring.forget_before(s);
        Some((s, position))
    }

    /// The positions of what came after `s`; `None` if that is not known (any more).
    pub(crate) fn missed_since(&self, s: u32) -> Option<Vec<u64>> {
        self.live.lock().ring.after(s)
    }

    /// Makes a connection the one that events go to, if it has been sent everything up to `s`; otherwise answers
    /// with the positions that it lacks. `last_words` goes out before any other event does.
    ///
    /// # Errors
    /// If the session has ended meanwhile: nobody would close the connection later.
    pub(crate) fn go_live(
        &self,
        s: u32,
        link: &Arc<Link>,
        last_words: impl Fn(u32),
    ) -> Result<Option<Vec<u64>>, Close> {
        let mut live = self.live.lock();
        if let Some(over) = live.over {
            return Err(over);
        }
        let missed = live.ring.after(s).unwrap_or_default();
        if missed.is_empty() {
            last_words(live.ring.last());
            if let Some(other) = live.link.replace(link.clone()) {
                other.cut();
            }
            live.alone_since = None;
            return Ok(None);
        }
        Ok(Some(missed))
    }

    /// Lets go of whatever connection it has; that connection is answered with.
    pub(crate) fn let_go(&self, now: Timestamp) -> Option<Arc<Link>> {
        let mut live = self.live.lock();
        live.alone_since = Some(now);
        live.link.take()
    }

    /// Ends it: whatever connection it has is answered with, and none goes live any more.
    pub(crate) fn end(&self, close: Close, now: Timestamp) -> Option<Arc<Link>> {
        self.live.lock().over.get_or_insert(close);
        self.let_go(now)
    }

    /// Lets go of one connection; false if another one has taken its place.
    pub(crate) fn let_go_of(&self, link: &Arc<Link>, now: Timestamp) -> bool {
        let mut live = self.live.lock();
        if live.link.as_ref().is_some_and(|current| !Arc::ptr_eq(current, link)) {
            return false;
        }
        live.link = None;
        live.alone_since = live.alone_since.or(Some(now));
        true
    }

    /// Since when nobody is connected.
    pub(crate) fn alone_since(&self) -> Option<Timestamp> {
        self.live.lock().alone_since
    }
}
