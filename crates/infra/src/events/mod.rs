//! The event log: every change that somebody may want to hear of appends events in the same transaction as the
//! change. A position is given out inside that transaction from one counter row, so positions have no gaps and
//! their order is the order of commits, on both engines.
//!
//! Readers follow the log from a position; nothing is pushed that cannot be read again. What is not worth a row
//! (typing, presence) goes out as a [`NewEvent`] by [`EventLog::broadcast`] and is never replayed.

mod append;
mod log;
mod memory;
mod row;

use std::sync::Arc;

use bytes::Bytes;
use guildhall_base::{ChannelId, Error, GuildId, Permissions, Result, Timestamp, UserId};
use serde::Serialize;

pub use log::{EventLog, Tail, migrations};

/// Who may see an event. Which intent it needs follows from its name; that is the gateway's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every member of a guild.
    Guild(GuildId),
    /// The members who can view a channel of a guild.
    Channel(GuildId, ChannelId),
    /// The members who hold these permissions in the guild.
    Permission(GuildId, Permissions),
    /// These users, wherever they are: direct messages, relationships, account changes.
    Users(Vec<UserId>),
    /// Nobody outside: only caches listen.
    Internal,
}

impl Audience {
    /// The guild it happens in, if it does.
    pub fn guild(&self) -> Option<GuildId> {
        match self {
            Self::Guild(guild) | Self::Channel(guild, _) | Self::Permission(guild, _) => Some(*guild),
            Self::Users(_) | Self::Internal => None,
        }
    }
}

/// An event before it has a position.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its name on the gateway, such as `MESSAGE_CREATE`.
    pub name: &'static str,
    /// Who may see it.
    pub audience: Audience,
    /// Whose doing or whose thing it is: the author of a message, the member who changed.
    pub actor: Option<UserId>,
    /// The JSON of `d`.
    pub body: String,
    /// See [`Event::was`].
    pub was: Option<String>,
}

impl NewEvent {
    /// Encodes the body once, for the log and for everybody who will receive it.
    ///
    /// # Errors
    /// An internal error if the body cannot be written as JSON.
    pub fn new<T: Serialize>(name: &'static str, audience: Audience, body: &T) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self { name, audience, actor: None, body, was: None })
    }

    /// Says whose doing or whose thing it is.
    #[must_use]
    pub fn by(mut self, actor: UserId) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Says what was before, for those who must take the event back.
    ///
    /// # Errors
    /// An internal error if it cannot be written as JSON.
    pub fn was<T: Serialize>(mut self, was: &T) -> Result<Self> {
        self.was = Some(serde_json::to_string(was).map_err(Error::internal)?);
        Ok(self)
    }

    /// As it is once it has a position.
    fn at(&self, position: u64, at: Timestamp) -> Event {
        Event {
            position,
            at,
            name: Arc::from(self.name),
            audience: self.audience.clone(),
            actor: self.actor,
            body: Bytes::copy_from_slice(self.body.as_bytes()),
            was: self.was.as_deref().map(Into::into),
        }
    }
}

/// An event with its place in the log.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its position: 1 and upwards without gaps; 0 for a broadcast, which is not in the log.
    pub position: u64,
    /// When it was appended.
    pub at: Timestamp,
    /// Its name on the gateway.
    pub name: Arc<str>,
    /// Who may see it.
    pub audience: Audience,
    /// Whose doing or whose thing it is.
    pub actor: Option<UserId>,
    /// The JSON of `d`; shared by all who receive it.
    pub body: Bytes,
    /// What was before, as JSON, where the event decides who sees what: so that somebody who knows how things stand
    /// after it can find out how they stood before it. Not for clients.
    pub was: Option<Box<str>>,
}

impl Event {
    /// Reads the body as a typed value.
    ///
    /// # Errors
    /// An internal error if the body is not of that type.
    pub fn parse<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(Error::internal)
    }
}
