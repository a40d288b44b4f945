//! Channels of guilds: reading, creating, editing and deleting them; [`order`] moves them, [`change`] is what all
//! writing goes through.

mod change;
mod draft;
mod order;

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, Error, GuildId, Permissions, Result};
use guildhall_infra::events::Audience;
use guildhall_infra::http::parse_json;
use serde::Serialize;
use serde_json::{Map, Value};

use self::change::bucket;
use self::draft::Wishes;
use super::Change;
use super::audit::{Action, Note};
use super::bodies::guild_event;
use super::direct::DirectBody;
use super::overwrites::Keeper;
use crate::access::{ChannelAccess, GuildAccess, Place};
use crate::model::{Channel, ChannelSettings, ChannelType, Guild};
use crate::rules::positions::{self, ChannelMove, Group};
use crate::world::Was;
use crate::{Chat, codes, store};

/// A channel as its reader sees it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ChannelBody {
    /// Of a guild.
    Guild(Box<Channel>),
    /// Between people.
    Direct(DirectBody),
}

impl Chat {
    /// A channel as those who may view it see it.
    pub(crate) async fn read_channel(&self, actor: &Actor, id: ChannelId) -> Result<ChannelBody> {
        let access = self.channel(actor, id).await?;
        match &access.place {
            Place::Guild(guild) => {
                let state = guild.room.read();
                let channel = state.channels.get(&id).ok_or(codes::UNKNOWN_CHANNEL)?.wire();
                Ok(ChannelBody::Guild(Box::new(channel)))
            }
            Place::Direct(_) => Ok(ChannelBody::Direct(self.read_direct(&access).await?)),
        }
    }

    /// The channels of a guild that the actor may view, threads excepted.
    pub(crate) async fn guild_channels(&self, actor: &Actor, id: GuildId) -> Result<Vec<Channel>> {
        let access = self.guild(actor, id).await?;
        let mut channels = access.room.read().ordered_channels(actor.user.id, self.now());
        channels.retain(|channel| !channel.kind.is_thread());
        Ok(channels)
    }

    /// Creates a channel. Without overwrites of its own it starts with those of its category.
    pub(crate) async fn create_channel(
        &self,
        actor: &Actor,
        guild: GuildId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Channel> {
        let access = self.guild(actor, guild).await?;
        let wishes = Wishes::read(body, None)?;
        let parent = wishes.parent.flatten();
        self.may_manage(&access, parent)?;
        let id = self.parts.ids.next();
        self.change_channels(&access, |before, change| {
            let slots = before.slots();
            if slots.len() >= positions::MAX_CHANNELS {
                return Err(codes::MAX_CHANNELS.into());
            }
            let mut settings = ChannelSettings::for_kind(wishes.kind);
            wishes.settings(body, &self.parts.ids, &mut settings)?;
            let group = Group { parent, bucket: bucket(wishes.kind) };
            let (position, shifts) = positions::create_channel(&slots, id, group, wishes.position)
                .map_err(|refused| refused.error(codes::UNKNOWN_CHANNEL, false))?;
            let permission_overwrites = match (&wishes.overwrites, parent) {
                (Some(wanted), _) if !wanted.is_empty() => {
                    let keeper = Keeper::of_guild(&access, self.now())?;
                    let overwrites = keeper.resolve(wanted, &[])?;
                    keeper.may_replace(&[], &overwrites)?;
                    overwrites
                }
                (_, Some(parent)) => before.get(parent)?.permission_overwrites.clone(),
                (_, None) => Vec::new(),
            };
            let channel = Channel {
                guild_id: Some(guild),
                position,
                parent_id: parent,
                permission_overwrites,
                settings,
                ..Channel::direct(id, wishes.kind)
            };
            store::channels::insert(&mut change.batch, &channel)?;
            change.emit("CHANNEL_CREATE", Audience::Channel(guild, id), &channel)?;
            before.shift(change, &shifts)?;
            let note = Note::new(Action::ChannelCreate, Some(id.cast()), reason.clone());
            self.note(change, guild, actor.user.id, note.difference(None, Some(&channel))?)?;
            Ok(channel)
        })
        .await
    }

    /// Changes a channel, or a group of people.
    pub(crate) async fn update_channel(
        &self,
        actor: &Actor,
        id: ChannelId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<ChannelBody> {
        let access = self.channel(actor, id).await?;
        match &access.place {
            Place::Direct(_) => {
                let text = serde_json::to_vec(body).map_err(Error::internal)?;
                Ok(ChannelBody::Direct(self.update_group(&access, parse_json(&text)?).await?))
            }
            Place::Guild(_) if access.channel.kind.is_thread() => Err(codes::INVALID_CHANNEL_TYPE.into()),
            Place::Guild(guild) => {
                access.require(Permissions::MANAGE_CHANNELS)?;
                let channel = self.edit_channel(&access, guild, body, reason).await?;
                Ok(ChannelBody::Guild(Box::new(channel)))
            }
        }
    }

    async fn edit_channel(
        &self,
        access: &ChannelAccess,
        guild: &GuildAccess,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Channel> {
        let id = access.id;
        let wishes = Wishes::read(body, Some(access.channel.kind))?;
        if let Some(Some(parent)) = wishes.parent {
            self.may_manage(guild, Some(parent))?;
        }
        self.change_channels(guild, |before, change| {
            let old = before.get(id)?;
            let mut new = Channel { kind: wishes.kind, ..old.clone() };
            wishes.settings(body, &self.parts.ids, &mut new.settings)?;
            let wish = ChannelMove {
                id,
                position: wishes.position,
                parent: wishes.parent,
                lock_permissions: wishes.lock_permissions,
            };
            let shifts = positions::move_channels(&before.slots(), &[wish])
                .map_err(|refused| refused.error(codes::UNKNOWN_CHANNEL, false))?;
            let (own, others): (Vec<_>, Vec<_>) = shifts.into_iter().partition(|shift| shift.id == id);
            if let Some(shift) = own.first() {
                (new.position, new.parent_id) = (shift.to.position, shift.to.parent);
                if let (true, Some(parent)) = (shift.lock_permissions, shift.to.parent) {
                    new.permission_overwrites.clone_from(&before.get(parent)?.permission_overwrites);
                }
            }
            let keeper = Keeper::of_channel(access, self.now())?;
            if let Some(wanted) = &wishes.overwrites {
                new.permission_overwrites = keeper.resolve(wanted, &old.permission_overwrites)?;
            }
            keeper.may_replace(&old.permission_overwrites, &new.permission_overwrites)?;
            if new == *old && others.is_empty() {
                return Ok(new);
            }
            store::channels::update(&mut change.batch, &new)?;
            if new.permission_overwrites != old.permission_overwrites {
                store::channels::replace_overwrites(&mut change.batch, id, &new.permission_overwrites);
            }
            before.place(change, &own);
            before.tell(change, &new)?;
            before.shift(change, &others)?;
            let note = Note::new(Action::ChannelUpdate, Some(id.cast()), reason.clone());
            self.note(change, guild.id(), access.user, note.difference(Some(old), Some(&new))?)?;
            Ok(new)
        })
        .await
    }

    /// Deletes a channel with its threads, or closes a conversation. A category's channels stay, without it.
    pub(crate) async fn delete_channel(
        &self,
        actor: &Actor,
        id: ChannelId,
        reason: Option<String>,
    ) -> Result<ChannelBody> {
        let access = self.channel(actor, id).await?;
        let guild = match &access.place {
            Place::Direct(_) => return Ok(ChannelBody::Direct(self.close_direct(&access, actor).await?)),
            Place::Guild(guild) => guild,
        };
        let thread = access.channel.kind.is_thread();
        access.require(if thread { Permissions::MANAGE_THREADS } else { Permissions::MANAGE_CHANNELS })?;
        let gone = self
            .change_channels(guild, |before, change| {
                let gone = before.get(id)?.clone();
                self.remove_channels(change, guild, before, &gone)?;
                let action = if thread { Action::ThreadDelete } else { Action::ChannelDelete };
                let note = Note::new(action, Some(id.cast()), reason.clone());
                self.note(change, guild.id(), actor.user.id, note.difference(Some(&gone), None)?)?;
                Ok(gone)
            })
            .await?;
        Ok(ChannelBody::Guild(Box::new(gone)))
    }

    /// The rows and events of a channel's going.
    fn remove_channels(
        &self,
        change: &mut Change,
        access: &GuildAccess,
        before: &change::Before,
        gone: &Channel,
    ) -> Result<()> {
        let guild = access.id();
        let is_under = |channel: &&Channel| channel.kind.is_thread() && channel.parent_id == Some(gone.id);
        let threads: Vec<_> = before.channels.iter().filter(is_under).collect();
        let ids: Vec<_> = threads.iter().map(|thread| thread.id).chain([gone.id]).collect();
        store::channels::delete(&mut change.batch, &ids);
        before.shift(change, &positions::delete_channel(&before.slots(), gone.id))?;
        forget_channel(change, access, gone.id)?;
        for channel in threads {
            change.emit("THREAD_DELETE", Audience::Channel(guild, channel.id), channel)?;
        }
        let name = if gone.kind.is_thread() { "THREAD_DELETE" } else { "CHANNEL_DELETE" };
        change.emit(name, Audience::Channel(guild, gone.id), gone)
    }

    /// Refuses those who may not manage the channels of a category, or of the guild.
    fn may_manage(&self, access: &GuildAccess, category: Option<ChannelId>) -> Result<()> {
        let state = access.room.read();
        let category = category.and_then(|id| state.channels.get(&id));
        let held = match category.map(|category| &category.channel) {
            Some(category) if category.kind == ChannelType::Category => {
                state.channel_permissions(access.user, category.id, self.now())
            }
            _ => access.permissions,
        };
        match held.contains(Permissions::MANAGE_CHANNELS) {
            true => Ok(()),
            false => Err(codes::MISSING_PERMISSIONS.into()),
        }
    }
}

/// Takes a channel out of the guild's settings, if it has a part in them.
fn forget_channel(change: &mut Change, access: &GuildAccess, gone: ChannelId) -> Result<()> {
    let state = access.room.read();
    let mut after = Guild::clone(&state.guild);
    let settings = &mut after.settings;
    for place in [
        &mut settings.afk_channel_id,
        &mut settings.system_channel_id,
        &mut settings.rules_channel_id,
        &mut settings.public_updates_channel_id,
        &mut settings.safety_alerts_channel_id,
        &mut settings.widget_channel_id,
    ] {
        place.take_if(|id| *id == gone);
    }
    if after == *state.guild {
        return Ok(());
    }
    store::guilds::update(&mut change.batch, &state.guild, &after)?;
    let body = guild_event(&after, &state)?;
    let was = Was::guild(&state.guild, &after);
    change.emit_over("GUILD_UPDATE", Audience::Guild(access.id()), &body, &was)
}
