//! Emojis (<https://discord.com/developers/docs/resources/emoji#emoji-object>) and stickers
//! (<https://discord.com/developers/docs/resources/sticker#sticker-object>).

use guildhall_accounts::User;
use guildhall_base::{EmojiId, GuildId, RoleId, StickerId};
use serde::{Deserialize, Serialize};

/// An emoji of a guild or an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// Its id; its picture is at `/emojis/{id}.png`.
    pub id: EmojiId,
    /// 2 to 32 letters, digits and underscores.
    pub name: String,
    /// Who may use it; everybody if there are none.
    pub roles: Vec<RoleId>,
    /// Who made it; only for those who may make some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// Always true.
    pub require_colons: bool,
    /// Always false.
    pub managed: bool,
    /// Whether it moves.
    pub animated: bool,
    /// Always true.
    pub available: bool,
}

impl Emoji {
    /// One that everybody may use.
    pub fn new(id: EmojiId, name: String, animated: bool) -> Self {
        let (roles, user) = (Vec::new(), None);
        Self { id, name, roles, user, require_colons: true, managed: false, animated, available: true }
    }
}

/// A sticker of a guild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sticker {
    /// Its id; its picture is at `/stickers/{id}.png`.
    pub id: StickerId,
    /// Always 2: of a guild.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Whose.
    pub guild_id: GuildId,
    /// What its makers may change.
    #[serde(flatten)]
    pub settings: StickerSettings,
    /// Who made it; only for those who may make some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// Always true.
    pub available: bool,
}

impl Sticker {
    /// One of a guild.
    pub fn new(id: StickerId, guild_id: GuildId, settings: StickerSettings) -> Self {
        Self { id, kind: 2, guild_id, settings, user: None, available: true }
    }

    /// As messages show it.
    pub fn item(&self) -> StickerItem {
        let StickerSettings { name, format_type, .. } = &self.settings;
        StickerItem { id: self.id, name: name.clone(), format_type: *format_type }
    }
}

/// What a sticker is called and shows; stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StickerSettings {
    /// 2 to 30 characters.
    pub name: String,
    /// For whom does not see it: at most 100 characters.
    pub description: Option<String>,
    /// What one would look for it by: at most 200 characters.
    pub tags: String,
    /// 1 PNG, 2 APNG, 4 GIF.
    pub format_type: u8,
}

/// A sticker in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StickerItem {
    /// Which.
    pub id: StickerId,
    /// What it was called when the message was sent.
    pub name: String,
    /// 1 PNG, 2 APNG, 4 GIF.
    pub format_type: u8,
}
