//! Who may use which emoji and sticker where: those of the place itself, and from elsewhere those of the guilds that one
//! is in, with the permission for it. Bots may use those of their application everywhere.

use std::collections::HashMap;

use guildhall_base::{EmojiId, GuildId, Permissions, Result, StickerId};

use crate::access::{ChannelAccess, Place};
use crate::model::{Emoji, StickerItem};
use crate::rules::emoji;
use crate::rules::limits::MESSAGE_STICKERS;
use crate::store::emojis::Owner;
use crate::world::GuildState;
use crate::{Chat, codes, store};

/// Whether an emoji may be used by somebody in its own guild. Webhooks have no roles and use them all.
fn may_use(state: &GuildState, emoji: &Emoji, access: &ChannelAccess) -> bool {
    let everyone = state.guild.id.cast();
    let held = state.members.get(&access.user).map(|member| member.roles.as_slice());
    match held {
        None => access.is_webhook,
        Some(held) => {
            emoji.roles.is_empty() || emoji.roles.iter().any(|role| *role == everyone || held.contains(role))
        }
    }
}

impl ChannelAccess {
    /// Whether something of this guild may be used here, given the permission that things from elsewhere need.
    fn takes_from(&self, guild: GuildId, permission: Permissions) -> bool {
        match &self.place {
            Place::Guild(here) => here.id() == guild || self.permissions.contains(permission),
            Place::Direct(_) => true,
        }
    }
}

impl Chat {
    /// Those of these emojis that may be used here.
    pub(crate) async fn usable_emojis(
        &self,
        access: &ChannelAccess,
        wanted: &[EmojiId],
    ) -> Result<HashMap<EmojiId, Emoji>> {
        let mut usable = HashMap::new();
        let mut elsewhere = Vec::new();
        if let Place::Guild(guild) = &access.place {
            let state = guild.room.read();
            for id in wanted {
                match state.emojis.get(id) {
                    Some(emoji) if may_use(&state, emoji, access) => {
                        usable.insert(*id, Emoji::clone(emoji));
                    }
                    Some(_) => {}
                    None => elsewhere.push(*id),
                }
            }
        } else {
            elsewhere.extend_from_slice(wanted);
        }
        for stored in store::emojis::by_ids(self.db(), &elsewhere).await? {
            let may = match stored.owner {
                Owner::Application(application) => access.user == application.cast(),
                Owner::Guild(guild) if access.takes_from(guild, Permissions::USE_EXTERNAL_EMOJIS) => {
                    let room = self.world.guild(guild).await?;
                    room.is_some_and(|room| may_use(&room.read(), &stored.emoji, access))
                }
                Owner::Guild(_) => false,
            };
            if may {
                usable.insert(stored.emoji.id, stored.emoji);
            }
        }
        Ok(usable)
    }

    /// A text in which emojis that may not be used here are only their names.
    pub(crate) async fn settle_emojis(&self, access: &ChannelAccess, text: String) -> Result<String> {
        let named = emoji::named(&text);
        if named.is_empty() {
            return Ok(text);
        }
        let usable = self.usable_emojis(access, &named).await?;
        Ok(emoji::settle(&text, |id| usable.contains_key(&id)))
    }

    /// The stickers of a message that is to be sent.
    ///
    /// # Errors
    /// 50081 if one does not exist or may not be used here.
    pub(crate) async fn use_stickers(
        &self,
        access: &ChannelAccess,
        wanted: &[StickerId],
    ) -> Result<Vec<StickerItem>> {
        let found = store::stickers::by_ids(self.db(), wanted).await?;
        let mut items = Vec::with_capacity(wanted.len().min(MESSAGE_STICKERS));
        for id in wanted {
            let stored = found.iter().find(|stored| stored.sticker.id == *id);
            let sticker = &stored.ok_or(codes::INVALID_STICKER)?.sticker;
            let room = self.world.guild(sticker.guild_id).await?;
            let member = room.is_some_and(|room| room.read().members.contains_key(&access.user));
            if !member || !access.takes_from(sticker.guild_id, Permissions::USE_EXTERNAL_STICKERS) {
                return Err(codes::INVALID_STICKER.into());
            }
            items.push(sticker.item());
        }
        Ok(items)
    }
}
