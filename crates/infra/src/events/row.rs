//! How an event lies in its table.

use std::sync::Arc;

use bytes::Bytes;
use guildhall_base::{ChannelId, Error, GuildId, Permissions, Result, Timestamp, UserId};

use super::{Audience, Event, NewEvent};
use crate::db::Row;

/// The columns that say who may see an event.
pub(super) struct Scope {
    pub(super) scope: i64,
    pub(super) guild: Option<GuildId>,
    pub(super) channel: Option<ChannelId>,
    pub(super) permissions: Option<Permissions>,
    pub(super) users: Option<String>,
}

impl Scope {
    pub(super) fn of(event: &NewEvent) -> Result<Self> {
        let none = Self { scope: 4, guild: None, channel: None, permissions: None, users: None };
        Ok(match &event.audience {
            Audience::Guild(guild) => Self { scope: 0, guild: Some(*guild), ..none },
            Audience::Channel(guild, channel) => {
                Self { scope: 1, guild: Some(*guild), channel: Some(*channel), ..none }
            }
            Audience::Permission(guild, permissions) => {
                Self { scope: 2, guild: Some(*guild), permissions: Some(*permissions), ..none }
            }
            Audience::Users(users) => {
                let users = serde_json::to_string(users).map_err(Error::internal)?;
                Self { scope: 3, users: Some(users), ..none }
            }
            Audience::Internal => none,
        })
    }
}

/// Reads `position, at, name, scope, guild_id, channel_id, permissions, users, actor_id, body, was`.
pub(super) fn event(row: &Row) -> Result<Event> {
    let mut columns = row.columns();
    let position = columns.next::<i64>()?.cast_unsigned();
    let at = columns.next::<Timestamp>()?;
    let name = Arc::from(columns.next::<String>()?);
    let scope = columns.next::<i64>()?;
    let guild = columns.next::<Option<GuildId>>()?;
    let channel = columns.next::<Option<ChannelId>>()?;
    let permissions = columns.next::<Option<Permissions>>()?;
    let users = columns.next::<Option<String>>()?;
    let actor = columns.next::<Option<UserId>>()?;
    let body = Bytes::from(columns.next::<String>()?);
    let was = columns.next::<Option<String>>()?.map(Into::into);
    let audience = match (scope, guild, channel, permissions, users) {
        (0, Some(guild), ..) => Audience::Guild(guild),
        (1, Some(guild), Some(channel), ..) => Audience::Channel(guild, channel),
        (2, Some(guild), _, Some(permissions), _) => Audience::Permission(guild, permissions),
        (3, .., Some(users)) => Audience::Users(serde_json::from_str(&users).map_err(Error::internal)?),
        _ => Audience::Internal,
    };
    Ok(Event { position, at, name, audience, actor, body, was })
}
