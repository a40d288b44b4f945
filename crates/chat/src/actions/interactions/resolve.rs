//! Finds what an interaction names by id, as its application receives it under `resolved`.

use std::collections::HashMap;

use guildhall_accounts::User;
use guildhall_base::{Error, Form, Permissions, Result, UserId};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Chat;
use crate::access::{ChannelAccess, Place};
use crate::model::Member;
use crate::rules::commands::{Want, WantKind};
use crate::world::{ChannelState, GuildState};

/// What was found, by kind and id.
#[derive(Debug, Default)]
pub(super) struct Resolved(Map<String, Value>);

impl Resolved {
    /// Adds one thing.
    pub(super) fn insert<T: Serialize>(&mut self, kind: &str, id: String, thing: &T) -> Result<()> {
        let value = serde_json::to_value(thing).map_err(Error::internal)?;
        if let Value::Object(things) = self.0.entry(kind).or_insert_with(|| Value::Object(Map::new())) {
            things.insert(id, value);
        }
        Ok(())
    }

    /// Puts it into an interaction's `data`, if anything was found.
    pub(super) fn put(self, data: &mut Map<String, Value>) {
        if !self.0.is_empty() {
            data.insert("resolved".to_owned(), self.0.into());
        }
    }
}

impl Chat {
    /// Finds what is wanted; complains about what is not there or may not be seen.
    pub(super) async fn resolve(
        &self,
        form: &mut Form,
        access: &ChannelAccess,
        wants: &[Want],
    ) -> Result<Resolved> {
        let mut resolved = Resolved::default();
        let mut people: Vec<(UserId, &Want)> = Vec::new();
        for want in wants {
            let found = match &access.place {
                Place::Guild(guild) => in_guild(&guild.room.read(), access, want, &mut resolved)?,
                Place::Direct(_) => false,
            };
            match want.kind {
                WantKind::Attachment => {}
                WantKind::User | WantKind::Mentionable if !found => people.push((want.id.cast(), want)),
                _ if found => {}
                _ => refuse(form, want),
            }
        }
        let ids: Vec<UserId> = people.iter().map(|(id, _)| *id).collect();
        let users = self.parts.accounts.users(&ids).await?;
        let mut members = members(access, &ids);
        for (id, want) in people {
            let Some(user) = users.get(&id) else {
                refuse(form, want);
                continue;
            };
            resolved.insert("users", id.to_string(), &User::clone(user))?;
            if let Some(member) = members.remove(&id) {
                resolved.insert("members", id.to_string(), &member)?;
            }
        }
        Ok(resolved)
    }
}

fn refuse(form: &mut Form, want: &Want) {
    let message = format!("Value {} is not something that can be chosen here.", want.id);
    form.refuse(want.path.clone(), "APPLICATION_COMMAND_OPTION_UNRESOLVED", message);
}

/// Finds a role or channel; users are not the guild's.
fn in_guild(
    state: &GuildState,
    access: &ChannelAccess,
    want: &Want,
    resolved: &mut Resolved,
) -> Result<bool> {
    match &want.kind {
        WantKind::Role | WantKind::Mentionable => {
            let Some(role) = state.roles.get(&want.id.cast()) else { return Ok(false) };
            resolved.insert("roles", want.id.to_string(), &**role)?;
        }
        WantKind::Channel(types) => {
            let Some(channel) = state.channels.get(&want.id.cast()) else { return Ok(false) };
            let kind = channel.channel.kind.number();
            let permissions = state.channel_permissions(access.user, want.id.cast(), access.at);
            let fits = types.is_empty() || types.iter().any(|known| i64::from(*known) == kind);
            if !fits || !permissions.contains(Permissions::VIEW_CHANNEL) {
                return Ok(false);
            }
            resolved.insert("channels", want.id.to_string(), &partial_channel(channel, permissions)?)?;
        }
        WantKind::User | WantKind::Attachment => return Ok(false),
    }
    Ok(true)
}

/// A member with what they may do in the channel.
#[derive(Serialize)]
pub(super) struct MemberHere {
    #[serde(flatten)]
    pub(super) member: Member,
    pub(super) permissions: Permissions,
}

/// Those of these users who are members here, without their users.
fn members(access: &ChannelAccess, users: &[UserId]) -> HashMap<UserId, MemberHere> {
    let Place::Guild(guild) = &access.place else { return HashMap::new() };
    let state = guild.room.read();
    let here = users.iter().filter_map(|user| {
        let member = state.members.get(user)?.clone();
        Some((
            *user,
            MemberHere { member, permissions: state.channel_permissions(*user, access.id, access.at) },
        ))
    });
    here.collect()
}

/// A channel as interactions show it: with what somebody may do in it in place of the overwrites.
pub(super) fn partial_channel(channel: &ChannelState, permissions: Permissions) -> Result<Value> {
    let mut value = serde_json::to_value(channel.wire()).map_err(Error::internal)?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("permission_overwrites");
        fields.insert("permissions".to_owned(), json!(permissions));
    }
    Ok(value)
}
