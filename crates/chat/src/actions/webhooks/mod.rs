//! Webhooks: addresses made for channels, by which whoever has them writes without an account
//! (<https://discord.com/developers/docs/resources/webhook>). Here they are made, shown, changed and deleted;
//! [`token`] is what one does with the address alone, [`execute`] and [`messages`] what is written.

mod avatar;
mod execute;
mod messages;
mod token;

use std::collections::HashMap;
use std::sync::Arc;

use guildhall_accounts::{Actor, Credential, User};
use guildhall_base::{
    ApplicationId, ChannelId, Form, GuildId, Patch, Permissions, Result, UserId, WebhookId,
};
use guildhall_infra::events::Audience;
use guildhall_infra::pictures::Upload;
use serde_json::{Map, Value, json};

pub(crate) use self::execute::Execution;
pub(crate) use self::messages::Whereabouts;
use super::Change;
use super::audit::{Action, Note};
use super::pictures::Gallery;
use crate::access::{ChannelAccess, GuildAccess};
use crate::model::{ChannelType, Webhook};
use crate::rules::names;
use crate::rules::read::Object;
use crate::store::{self, webhooks::StoredWebhook};
use crate::{Chat, codes};

/// What is to become of a webhook; absent fields stay.
struct Wishes {
    name: Option<String>,
    avatar: Patch<Upload>,
    channel: Option<ChannelId>,
}

impl Wishes {
    fn read(body: &Map<String, Value>, new: bool) -> Result<Self> {
        let mut form = Form::new();
        let object = Object::body(body);
        if new {
            object.require(&mut form, "name");
        }
        let name = object.text(&mut form, "name", 0..=usize::MAX);
        let wishes = Self {
            name: name.map(|name| names::webhook_name(&mut form, "name", &name)),
            avatar: object.picture(&mut form, "avatar"),
            channel: object.snowflake(&mut form, "channel_id").map(|id| id.cast()),
        };
        form.finish()?;
        Ok(wishes)
    }
}

/// Whether webhooks can be made for channels of this type.
fn takes_webhooks(kind: ChannelType) -> bool {
    !kind.is_direct() && !kind.is_thread() && kind != ChannelType::Category
}

/// A channel's webhooks are other than they were.
fn tell(change: &mut Change, guild: GuildId, channel: ChannelId) -> Result<()> {
    let body = json!({ "guild_id": guild, "channel_id": channel });
    change.emit("WEBHOOKS_UPDATE", Audience::Channel(guild, channel), &body)
}

/// What the audit log compares.
fn audited(webhook: &StoredWebhook) -> Value {
    json!({
        "name": webhook.name, "type": 1, "channel_id": webhook.channel, "avatar_hash": webhook.avatar,
        "application_id": webhook.application,
    })
}

/// The application that acts, if it is one.
fn application_of(actor: &Actor) -> Option<ApplicationId> {
    match actor.credential {
        Credential::Bot { application } | Credential::Bearer { application, .. } => Some(application),
        Credential::Session { .. } => None,
    }
}

impl Chat {
    /// A channel of a guild whose webhooks the actor may manage.
    async fn channel_of_webhooks(
        &self,
        actor: &Actor,
        channel: ChannelId,
    ) -> Result<(ChannelAccess, GuildId)> {
        let access = self.channel(actor, channel).await?;
        let guild = access.guild()?.id();
        access.require(Permissions::MANAGE_WEBHOOKS)?;
        Ok((access, guild))
    }

    /// Makes a webhook for a channel.
    pub(crate) async fn create_webhook(
        &self,
        actor: &Actor,
        channel: ChannelId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Webhook> {
        let (access, guild) = self.channel_of_webhooks(actor, channel).await?;
        if !takes_webhooks(access.channel.kind) {
            return Err(codes::INVALID_CHANNEL_TYPE.into());
        }
        let wishes = Wishes::read(body, true)?;
        let id = self.parts.ids.next();
        let avatar = self.keep_picture(Gallery::Webhook(id), &wishes.avatar).await?.flatten();
        let webhook = StoredWebhook {
            id,
            guild,
            channel,
            application: match actor.credential {
                Credential::Bot { application } => Some(application),
                _ => None,
            },
            creator: actor.user.id,
            name: wishes.name.unwrap_or_default(),
            avatar,
            token: self.seal_token(id, &token::new(&mut rand::rng()))?,
        };
        let mut change = Change::new();
        store::webhooks::insert(&mut change.batch, &webhook);
        tell(&mut change, guild, channel)?;
        let note = Note::new(Action::WebhookCreate, Some(id.cast()), reason);
        self.note(&mut change, guild, actor.user.id, note.difference(None, Some(&audited(&webhook)))?)?;
        self.commit_leaf(change).await?;
        self.webhook_body(actor, webhook).await
    }

    /// The channels of a guild for which a member may make webhooks, by name.
    pub(crate) fn channels_for_webhooks(&self, access: &GuildAccess) -> Vec<(ChannelId, String)> {
        let state = access.room.read();
        let channels = state.ordered_channels(access.user, self.now()).into_iter();
        let manages = |id| {
            let held = state.channel_permissions(access.user, id, self.now());
            held.contains(Permissions::MANAGE_WEBHOOKS)
        };
        channels
            .filter(|channel| takes_webhooks(channel.kind) && manages(channel.id))
            .map(|channel| (channel.id, channel.settings.name.unwrap_or_default()))
            .collect()
    }

    /// The webhooks of a channel.
    pub(crate) async fn channel_webhooks(&self, actor: &Actor, channel: ChannelId) -> Result<Vec<Webhook>> {
        let (_, guild) = self.channel_of_webhooks(actor, channel).await?;
        let webhooks = store::webhooks::list(self.db(), guild, Some(channel)).await?;
        self.webhook_bodies(actor, webhooks).await
    }

    /// The webhooks of a guild.
    pub(crate) async fn guild_webhooks(&self, actor: &Actor, guild: GuildId) -> Result<Vec<Webhook>> {
        self.guild(actor, guild).await?.require(Permissions::MANAGE_WEBHOOKS)?;
        let webhooks = store::webhooks::list(self.db(), guild, None).await?;
        self.webhook_bodies(actor, webhooks).await
    }

    /// A webhook that the actor may manage. To those who do not see its channel it does not exist.
    async fn managed_webhook(&self, actor: &Actor, id: WebhookId) -> Result<StoredWebhook> {
        let webhook = store::webhooks::get(self.db(), id).await?;
        let access = self.channel(actor, webhook.channel).await.map_err(|_| codes::UNKNOWN_WEBHOOK)?;
        access.require(Permissions::MANAGE_WEBHOOKS)?;
        Ok(webhook)
    }

    /// One webhook.
    pub(crate) async fn webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook> {
        let webhook = self.managed_webhook(actor, id).await?;
        self.webhook_body(actor, webhook).await
    }

    /// Changes a webhook; also its channel, to another that the actor may manage webhooks of.
    pub(crate) async fn update_webhook(
        &self,
        actor: &Actor,
        id: WebhookId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Webhook> {
        let before = self.managed_webhook(actor, id).await?;
        let wishes = Wishes::read(body, false)?;
        if let Some(channel) = wishes.channel.filter(|channel| *channel != before.channel) {
            let (access, guild) = self.channel_of_webhooks(actor, channel).await?;
            if guild != before.guild || !takes_webhooks(access.channel.kind) {
                return Err(codes::INVALID_CHANNEL_TYPE.into());
            }
        }
        let note = Note::new(Action::WebhookUpdate, Some(id.cast()), reason);
        let after = self.change_webhook(before, wishes, note, Some(actor.user.id)).await?;
        self.webhook_body(actor, after).await
    }

    /// Applies what is wished for, whoever may wish it. Nothing is written where nothing changes.
    async fn change_webhook(
        &self,
        before: StoredWebhook,
        wishes: Wishes,
        note: Note,
        by: Option<UserId>,
    ) -> Result<StoredWebhook> {
        let mut after = before.clone();
        after.name = wishes.name.unwrap_or(after.name);
        after.channel = wishes.channel.unwrap_or(after.channel);
        if let Some(avatar) = self.keep_picture(Gallery::Webhook(before.id), &wishes.avatar).await? {
            after.avatar = avatar;
        }
        if after == before {
            return Ok(after);
        }
        let mut change = Change::new();
        store::webhooks::update(&mut change.batch, &before, &after);
        tell(&mut change, after.guild, before.channel)?;
        if after.channel != before.channel {
            tell(&mut change, after.guild, after.channel)?;
        }
        let note = note.difference(Some(&audited(&before)), Some(&audited(&after)))?;
        self.note_by(&mut change, after.guild, by, note)?;
        self.commit_leaf(change).await?;
        Ok(after)
    }

    /// Deletes a webhook; what it wrote stays.
    pub(crate) async fn delete_webhook(
        &self,
        actor: &Actor,
        id: WebhookId,
        reason: Option<String>,
    ) -> Result<()> {
        let webhook = self.managed_webhook(actor, id).await?;
        let note = Note::new(Action::WebhookDelete, Some(id.cast()), reason);
        self.remove_webhook(&webhook, note, Some(actor.user.id)).await
    }

    async fn remove_webhook(&self, webhook: &StoredWebhook, note: Note, by: Option<UserId>) -> Result<()> {
        let mut change = Change::new();
        store::webhooks::delete(&mut change.batch, webhook.id);
        tell(&mut change, webhook.guild, webhook.channel)?;
        self.note_by(&mut change, webhook.guild, by, note.difference(Some(&audited(webhook)), None)?)?;
        self.commit_leaf(change).await?;
        Ok(())
    }

    async fn webhook_body(&self, actor: &Actor, webhook: StoredWebhook) -> Result<Webhook> {
        let mut bodies = self.webhook_bodies(actor, vec![webhook]).await?;
        bodies.pop().ok_or_else(|| codes::UNKNOWN_WEBHOOK.into())
    }

    /// As those who manage webhooks see them. An application sees no tokens of other applications' webhooks.
    async fn webhook_bodies(&self, actor: &Actor, webhooks: Vec<StoredWebhook>) -> Result<Vec<Webhook>> {
        let creators: Vec<UserId> = webhooks.iter().map(|webhook| webhook.creator).collect();
        let users: HashMap<UserId, Arc<User>> = self.parts.accounts.users(&creators).await?;
        let asking = application_of(actor);
        let body = |webhook: StoredWebhook| {
            let hidden = asking.is_some() && webhook.application.is_some() && webhook.application != asking;
            let user = users.get(&webhook.creator).map(|user| User::clone(user));
            self.describe_webhook(webhook, user, !hidden)
        };
        webhooks.into_iter().map(body).collect()
    }

    /// The webhooks that an audit log's entries are about; without tokens.
    pub(crate) async fn webhooks_of_log(&self, guild: GuildId, named: &[UserId]) -> Result<Vec<Webhook>> {
        let mut webhooks = store::webhooks::list(self.db(), guild, None).await?;
        webhooks.retain(|webhook| named.contains(&webhook.id.cast()));
        webhooks.into_iter().map(|webhook| self.describe_webhook(webhook, None, false)).collect()
    }

    fn describe_webhook(
        &self,
        webhook: StoredWebhook,
        user: Option<User>,
        with_token: bool,
    ) -> Result<Webhook> {
        let token = if with_token { Some(self.open_token(&webhook)?) } else { None };
        let base = &self.parts.config.public_url;
        Ok(Webhook {
            id: webhook.id,
            kind: 1,
            guild_id: webhook.guild,
            channel_id: webhook.channel,
            name: webhook.name,
            avatar: webhook.avatar,
            application_id: webhook.application,
            user,
            url: token.as_ref().map(|token| format!("{base}/api/webhooks/{}/{token}", webhook.id)),
            token,
        })
    }
}
