//! What each event changes in memory. A change to the bodies of these events is a change to this file.

use std::sync::Arc;

use guildhall_base::{ChannelId, GuildId, MessageId, Result, RoleId, Timestamp, UserId};
use guildhall_infra::events::{Audience, Event};
use serde::Deserialize;

use super::{ChannelState, GuildState, World};
use crate::model::{Channel, Emoji, Guild, Member, Role, Sticker};

#[derive(Deserialize)]
struct RoleBody {
    role: Role,
}

#[derive(Deserialize)]
struct RoleGone {
    role_id: RoleId,
}

#[derive(Deserialize)]
struct OnlyUser {
    user: OnlyId<UserId>,
}

#[derive(Deserialize)]
struct OnlyId<T> {
    id: T,
}

#[derive(Deserialize)]
struct EmojisBody {
    emojis: Vec<Emoji>,
}

#[derive(Deserialize)]
struct StickersBody {
    stickers: Vec<Sticker>,
}

#[derive(Deserialize)]
struct Pins {
    channel_id: ChannelId,
    last_pin_timestamp: Option<Timestamp>,
}

impl World {
    pub(super) fn take_in(&self, event: &Event) -> Result<()> {
        match &event.audience {
            Audience::Users(_) => self.take_in_direct(event),
            Audience::Internal => Ok(()),
            Audience::Guild(guild) | Audience::Channel(guild, _) | Audience::Permission(guild, _) => {
                self.take_in_guild(*guild, event)
            }
        }
    }

    fn take_in_guild(&self, guild: GuildId, event: &Event) -> Result<()> {
        let Some(room) = self.loaded(guild) else { return Ok(()) };
        let mut state = room.state.write();
        if event.position <= state.as_of {
            return Ok(());
        }
        state.as_of = event.position;
        let stays = state.apply(event)?;
        match &*event.name {
            "CHANNEL_CREATE" | "THREAD_CREATE" => {
                let OnlyId { id } = event.parse::<OnlyId<ChannelId>>()?;
                self.0.channels.insert(id, guild);
            }
            "CHANNEL_DELETE" | "THREAD_DELETE" => {
                let OnlyId { id } = event.parse::<OnlyId<ChannelId>>()?;
                self.0.channels.remove(&id);
            }
            _ => {}
        }
        if !stays {
            for channel in state.channels.keys() {
                self.0.channels.remove(channel);
            }
            drop(state);
            self.0.guilds.remove(&guild);
        }
        Ok(())
    }
}

impl GuildState {
    /// Takes an event in; false if the guild is gone.
    pub(super) fn apply(&mut self, event: &Event) -> Result<bool> {
        match &*event.name {
            "MESSAGE_CREATE" => {
                if let Audience::Channel(_, channel) = &event.audience
                    && let Some(state) = self.channels.get_mut(channel)
                {
                    let OnlyId { id } = event.parse::<OnlyId<MessageId>>()?;
                    state.last_message = state.last_message.max(Some(id));
                }
            }
            "GUILD_UPDATE" => self.guild = Arc::new(event.parse::<Guild>()?),
            "GUILD_DELETE" => return Ok(false),
            "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE" => {
                let RoleBody { role } = event.parse()?;
                self.roles.insert(role.id, Arc::new(role));
            }
            "GUILD_ROLE_DELETE" => {
                let RoleGone { role_id } = event.parse()?;
                self.forget_role(role_id);
            }
            "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "THREAD_CREATE" | "THREAD_UPDATE" => {
                let channel: Channel = event.parse()?;
                let known = self.channels.get(&channel.id);
                // Messages and pins have events of their own, which may have come in between.
                let newest = known.and_then(|state| state.last_message);
                let pinned = known.map(|state| state.channel.last_pin_timestamp);
                let last_pin_timestamp = pinned.unwrap_or(channel.last_pin_timestamp);
                let mut state = ChannelState::new(Channel { last_pin_timestamp, ..channel });
                state.last_message = state.last_message.max(newest);
                self.channels.insert(state.channel.id, state);
            }
            "CHANNEL_DELETE" | "THREAD_DELETE" => {
                let OnlyId { id } = event.parse::<OnlyId<ChannelId>>()?;
                self.channels.remove(&id);
            }
            "CHANNEL_PINS_UPDATE" => {
                let pins: Pins = event.parse()?;
                if let Some(state) = self.channels.get_mut(&pins.channel_id) {
                    Arc::make_mut(&mut state.channel).last_pin_timestamp = pins.last_pin_timestamp;
                }
            }
            "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" => {
                let mut member: Member = event.parse()?;
                if let Some(user) = member.user.take() {
                    self.members.insert(user.id, member);
                }
            }
            "GUILD_MEMBER_REMOVE" => {
                let OnlyUser { user } = event.parse()?;
                self.members.remove(&user.id);
            }
            "GUILD_EMOJIS_UPDATE" => {
                let EmojisBody { emojis } = event.parse()?;
                self.emojis = emojis.into_iter().map(|emoji| (emoji.id, emoji.into())).collect();
            }
            "GUILD_STICKERS_UPDATE" => {
                let StickersBody { stickers } = event.parse()?;
                self.stickers = stickers.into_iter().map(|sticker| (sticker.id, sticker.into())).collect();
            }
            _ => {}
        }
        Ok(true)
    }

    fn forget_role(&mut self, role: RoleId) {
        self.roles.remove(&role);
        for member in self.members.values_mut() {
            member.roles.retain(|held| *held != role);
        }
        for emoji in self.emojis.values_mut().filter(|emoji| emoji.roles.contains(&role)) {
            Arc::make_mut(emoji).roles.retain(|held| *held != role);
        }
        for state in self.channels.values_mut() {
            if state.channel.permission_overwrites.iter().any(|overwrite| overwrite.id == role.cast()) {
                let mut channel = state.wire();
                channel.permission_overwrites.retain(|overwrite| overwrite.id != role.cast());
                *state = ChannelState::new(channel);
            }
        }
    }
}
