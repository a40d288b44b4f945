//! Makes the guilds of a described world, or what is missing in them.

use std::collections::HashMap;

use anyhow::{Context, Result};
use axum::http::Method;
use guildhall_accounts::Actor;
use guildhall_base::{AnyId, ChannelId, Form, GuildId, Permissions, RoleId};
use guildhall_chat::rules::names;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::Api;
use super::file::{self, ChannelKind, Guild};
use super::people::People;
use super::report::{ReportedChannel, ReportedGuild, ReportedRole};
use crate::hall::Hall;

/// Messages that one request can ask for.
const PAGE: usize = 100;

/// One guild in the making.
pub(super) struct Builder<'a> {
    hall: &'a Hall,
    api: &'a Api,
    people: &'a People,
    owner: &'a Actor,
    id: GuildId,
    roles: HashMap<String, RoleId>,
    channels: HashMap<String, ChannelId>,
}

#[derive(Deserialize)]
struct FoundRole {
    id: RoleId,
    name: String,
    permissions: Permissions,
}

#[derive(Deserialize)]
struct FoundMessage {
    id: AnyId,
    content: String,
    author: FoundAuthor,
}

#[derive(Deserialize)]
struct FoundAuthor {
    id: AnyId,
}

impl<'a> Builder<'a> {
    /// Makes whatever is missing of one guild, and tells its ids.
    pub(super) async fn build(
        hall: &'a Hall,
        api: &'a Api,
        people: &'a People,
        guild: &Guild,
    ) -> Result<ReportedGuild> {
        let owner = people.get(&guild.owner)?;
        let id = find_or_found(api, owner, &guild.name).await?;
        let mut builder =
            Self { hall, api, people, owner, id, roles: HashMap::new(), channels: HashMap::new() };
        builder.make_roles(&guild.roles).await?;
        builder.seat_members(&guild.members).await?;
        builder.make_channels(&guild.channels).await?;
        builder.send_messages(&guild.messages).await?;
        let channels = builder.api.get(owner, &format!("/guilds/{id}/channels")).await?;
        let roles: Vec<ReportedRole> = builder.api.get(owner, &format!("/guilds/{id}/roles")).await?;
        Ok(ReportedGuild { name: guild.name.clone(), id, channels, roles })
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.api.call(self.owner, Method::POST, &format!("/guilds/{}{path}", self.id), Some(body)).await
    }

    async fn make_roles(&mut self, described: &[file::Role]) -> Result<()> {
        let found: Vec<FoundRole> = self.api.get(self.owner, &format!("/guilds/{}/roles", self.id)).await?;
        self.roles = found.iter().map(|role| (role.name.clone(), role.id)).collect();
        for role in described {
            let mut body = json!({ "hoist": role.hoist, "mentionable": role.mentionable });
            if let Some(object) = body.as_object_mut() {
                let bits = |bits: Permissions| json!(bits);
                object.extend(role.permissions.map(|it| ("permissions".to_owned(), bits(it))));
                object.extend(role.deny.map(|it| ("denied_permissions".to_owned(), bits(it))));
                object.extend(role.color.map(|it| ("color".to_owned(), json!(it))));
            }
            let there = found.iter().find(|found| found.name == role.name);
            match there {
                // Everybody's role is there from the beginning and therefore brought to what is described.
                Some(found) if found.id.get() == self.id.get() => {
                    if role.permissions.is_some_and(|wanted| wanted != found.permissions) {
                        let path = format!("/guilds/{}/roles/{}", self.id, found.id);
                        self.api.call(self.owner, Method::PATCH, &path, Some(body)).await?;
                    }
                }
                Some(_) => {}
                None => {
                    if let Some(object) = body.as_object_mut() {
                        object.insert("name".to_owned(), json!(role.name));
                    }
                    let made = self.post("/roles", body).await?;
                    self.roles.insert(role.name.clone(), id_of(&made)?);
                }
            }
        }
        Ok(())
    }

    async fn seat_members(&self, described: &[file::Member]) -> Result<()> {
        for member in described {
            let user = self.people.get(&member.user)?;
            let names = member.roles.iter();
            let roles = names.map(|name| self.roles.get(name).copied().context("a role went away"));
            let roles = roles.collect::<Result<Vec<_>>>()?;
            let found = self.hall.chat.enroll(self.id, user.id(), roles.clone()).await?;
            let path = format!("/guilds/{}/members/{}", self.id, user.id());
            for role in roles.iter().filter(|role| !found.roles.contains(role)) {
                self.api.call(self.owner, Method::PUT, &format!("{path}/roles/{role}"), None).await?;
            }
            if member.nick.is_some() && member.nick != found.settings.nick {
                let body = json!({ "nick": member.nick });
                self.api.call(self.owner, Method::PATCH, &path, Some(body)).await?;
            }
        }
        Ok(())
    }

    async fn make_channels(&mut self, described: &[file::Channel]) -> Result<()> {
        let path = format!("/guilds/{}/channels", self.id);
        let found: Vec<ReportedChannel> = self.api.get(self.owner, &path).await?;
        for channel in described {
            let name = stored_name(channel);
            if let Some(found) = found.iter().find(|found| found.name == name) {
                self.channels.insert(channel.name.clone(), found.id);
                continue;
            }
            let overwrites =
                channel.overwrites.iter().map(|it| self.overwrite(it)).collect::<Result<Vec<_>>>()?;
            let parent = channel.parent.as_ref().and_then(|parent| self.channels.get(parent));
            let made = self
                .post(
                    "/channels",
                    json!({
                        "name": channel.name,
                        "type": channel.kind.number(),
                        "topic": channel.topic,
                        "nsfw": channel.nsfw,
                        "rate_limit_per_user": channel.slowmode,
                        "parent_id": parent,
                        "permission_overwrites": overwrites,
                    }),
                )
                .await
                .with_context(|| format!("channel \"{}\"", channel.name))?;
            self.channels.insert(channel.name.clone(), id_of(&made)?);
        }
        Ok(())
    }

    fn overwrite(&self, described: &file::Overwrite) -> Result<Value> {
        let (id, kind): (AnyId, u8) = match (&described.role, &described.user) {
            (Some(role), _) => (self.roles.get(role).context("a role went away")?.cast(), 0),
            (None, Some(user)) => (self.people.get(user)?.id().cast(), 1),
            (None, None) => anyhow::bail!("an overwrite is for a role or for a user"),
        };
        let allow = described.allow.unwrap_or_default();
        let deny = described.deny.unwrap_or_default();
        Ok(json!({ "id": id, "type": kind, "allow": allow, "deny": deny }))
    }

    /// Sends those messages that are not there yet; of two that are the same, both.
    async fn send_messages(&self, described: &[file::Message]) -> Result<()> {
        let mut sent: HashMap<&str, HashMap<(AnyId, String), usize>> = HashMap::new();
        for message in described {
            let channel = self.channels.get(&message.channel).context("a channel went away")?;
            let author = self.people.get(&message.author)?;
            if !sent.contains_key(message.channel.as_str()) {
                sent.insert(&message.channel, self.history(*channel).await?);
            }
            let key = (author.id().cast(), message.content.clone());
            let there = sent.get_mut(message.channel.as_str()).and_then(|history| history.get_mut(&key));
            match there {
                Some(count) if *count > 0 => *count -= 1,
                _ => {
                    let body = json!({ "content": message.content });
                    let path = format!("/channels/{channel}/messages");
                    self.api.call(author, Method::POST, &path, Some(body)).await?;
                }
            }
        }
        Ok(())
    }

    /// How often each author said what in a channel.
    async fn history(&self, channel: ChannelId) -> Result<HashMap<(AnyId, String), usize>> {
        let mut counts = HashMap::new();
        let mut before = String::new();
        loop {
            let path = format!("/channels/{channel}/messages?limit={PAGE}{before}");
            let page: Vec<FoundMessage> = self.api.get(self.owner, &path).await?;
            let full = page.len() == PAGE;
            if let Some(oldest) = page.last() {
                before = format!("&before={}", oldest.id);
            }
            for message in page {
                *counts.entry((message.author.id, message.content)).or_insert(0) += 1;
            }
            if !full {
                return Ok(counts);
            }
        }
    }
}

/// The owner's guild of this name; a new one, emptied of the channels that guilds begin with, if there is none.
async fn find_or_found(api: &Api, owner: &Actor, name: &str) -> Result<GuildId> {
    #[derive(Deserialize)]
    struct Found {
        id: GuildId,
        name: String,
        owner: bool,
    }
    let theirs: Vec<Found> = api.get(owner, "/users/@me/guilds").await?;
    if let Some(found) = theirs.iter().find(|guild| guild.owner && guild.name == name) {
        return Ok(found.id);
    }
    let made = api.call(owner, Method::POST, "/guilds", Some(json!({ "name": name }))).await?;
    let id: GuildId = id_of(&made)?;
    let mut first: Vec<ReportedChannel> = api.get(owner, &format!("/guilds/{id}/channels")).await?;
    // Categories last: what is in them goes first.
    first.sort_by_key(|channel| channel.kind == 4);
    for channel in first {
        api.call(owner, Method::DELETE, &format!("/channels/{}", channel.id), None).await?;
    }
    Ok(id)
}

/// What the chat makes of a channel's name: where people write, `General Chat!` becomes `general-chat`.
fn stored_name(channel: &file::Channel) -> String {
    let ignored = &mut Form::new();
    match channel.kind {
        ChannelKind::Text | ChannelKind::Announcement | ChannelKind::Forum => {
            names::text_channel_name(ignored, "name", &channel.name)
        }
        ChannelKind::Voice | ChannelKind::Category | ChannelKind::Stage => {
            names::channel_name(ignored, "name", &channel.name)
        }
    }
}

fn id_of<T>(made: &Value) -> Result<guildhall_base::Id<T>> {
    let id = made.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    id.context("the answer has no id")
}
