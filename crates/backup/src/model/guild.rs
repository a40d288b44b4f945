//! The guild itself with its roles, channels, emojis and stickers.

use guildhall_base::{AnyId, ChannelId, GuildId, RoleId, UserId};
use serde::{Deserialize, Serialize};

use super::{Bits, Channel, FileRef};

/// A guild without its members, bans and messages, which come page after page.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Guild {
    /// What its managers may change.
    pub settings: Settings,
    /// Its roles by ascending position, `@everyone` first.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Its channels: categories before what is in them, threads after what they hang under.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// Its own emojis.
    #[serde(default)]
    pub emojis: Vec<Emoji>,
    /// Its own stickers.
    #[serde(default)]
    pub stickers: Vec<Sticker>,
}

/// What a guild's managers may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Its id when it was backed up.
    pub id: GuildId,
    /// Who owned it.
    pub owner_id: Option<UserId>,
    /// What it is called.
    pub name: String,
    /// What it says of itself.
    pub description: Option<String>,
    /// Its picture.
    pub icon: Option<FileRef>,
    /// The picture above its channels.
    pub banner: Option<FileRef>,
    /// The picture behind its invites.
    pub splash: Option<FileRef>,
    /// The picture in the directory.
    pub discovery_splash: Option<FileRef>,
    /// Such as `COMMUNITY`.
    pub features: Vec<String>,
    /// 0 to 4.
    pub verification_level: u8,
    /// 0 all messages, 1 only mentions.
    pub default_message_notifications: u8,
    /// 0 to 2.
    pub explicit_content_filter: u8,
    /// 0 or 1.
    pub mfa_level: u8,
    /// 0 default, 1 explicit, 2 safe, 3 age-restricted.
    pub nsfw_level: u8,
    /// Such as `en-US`.
    pub preferred_locale: Option<String>,
    /// Where idle voice members go.
    pub afk_channel_id: Option<ChannelId>,
    /// Seconds until they do.
    pub afk_timeout: u32,
    /// Where joins are announced.
    pub system_channel_id: Option<ChannelId>,
    /// Which announcements are suppressed.
    pub system_channel_flags: u32,
    /// Channel of the rules.
    pub rules_channel_id: Option<ChannelId>,
    /// Channel of notices to moderators.
    pub public_updates_channel_id: Option<ChannelId>,
    /// Channel of safety notices.
    pub safety_alerts_channel_id: Option<ChannelId>,
    /// Whether the widget is shown.
    pub widget_enabled: bool,
    /// Where the widget's invite leads.
    pub widget_channel_id: Option<ChannelId>,
    /// Whether the boost progress bar is shown.
    pub premium_progress_bar_enabled: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            id: GuildId::new(0),
            owner_id: None,
            name: String::new(),
            description: None,
            icon: None,
            banner: None,
            splash: None,
            discovery_splash: None,
            features: Vec::new(),
            verification_level: 0,
            default_message_notifications: 0,
            explicit_content_filter: 0,
            mfa_level: 0,
            nsfw_level: 0,
            preferred_locale: None,
            afk_channel_id: None,
            afk_timeout: 300,
            system_channel_id: None,
            system_channel_flags: 0,
            rules_channel_id: None,
            public_updates_channel_id: None,
            safety_alerts_channel_id: None,
            widget_enabled: false,
            widget_channel_id: None,
            premium_progress_bar_enabled: false,
        }
    }
}

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its id; the `@everyone` role has the guild's.
    pub id: RoleId,
    /// What it is called.
    pub name: String,
    /// Its place in the order, `@everyone` at 0.
    #[serde(default)]
    pub position: i64,
    /// What it grants.
    #[serde(default)]
    pub permissions: Bits,
    /// What it takes away from what roles below it granted; an extension of Guildhall.
    #[serde(default, skip_serializing_if = "Bits::is_empty")]
    pub denied_permissions: Bits,
    /// 0xRRGGBB; 0 means none.
    #[serde(default)]
    pub color: u32,
    /// The same and more, where the server has gradients.
    #[serde(default)]
    pub colors: Option<RoleColors>,
    /// Shown apart in the member list.
    #[serde(default)]
    pub hoist: bool,
    /// Anyone may mention it.
    #[serde(default)]
    pub mentionable: bool,
    /// Belongs to a bot or an integration: nobody can make it, and it is left out of a restore.
    #[serde(default)]
    pub managed: bool,
    /// Its picture.
    #[serde(default)]
    pub icon: Option<FileRef>,
    /// An emoji as its picture.
    #[serde(default)]
    pub unicode_emoji: Option<String>,
    /// Whose managed role it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<RoleTags>,
}

/// The colours of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleColors {
    /// 0xRRGGBB; 0 means none.
    pub primary_color: u32,
    /// Second colour of a gradient.
    pub secondary_color: Option<u32>,
    /// Third colour of a gradient.
    pub tertiary_color: Option<u32>,
}

/// Whose managed role it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleTags {
    /// The bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<UserId>,
    /// The integration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<AnyId>,
}

/// An emoji of the guild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// Its id.
    pub id: AnyId,
    /// What one writes between colons.
    pub name: String,
    /// Whether it moves.
    #[serde(default)]
    pub animated: bool,
    /// Whose it is; empty means everybody's.
    #[serde(default)]
    pub roles: Vec<RoleId>,
    /// Belongs to an integration: left out of a restore.
    #[serde(default)]
    pub managed: bool,
    /// Its picture; none where it could not be fetched.
    #[serde(default)]
    pub image: Option<FileRef>,
}

/// A sticker of the guild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sticker {
    /// Its id.
    pub id: AnyId,
    /// What it is called.
    pub name: String,
    /// What it shows, for those who do not see it.
    #[serde(default)]
    pub description: Option<String>,
    /// Words by which it is found, joined by commas.
    #[serde(default)]
    pub tags: String,
    /// 1 PNG, 2 APNG, 3 Lottie, 4 GIF.
    #[serde(default)]
    pub format_type: u8,
    /// Its picture; none where it could not be fetched.
    #[serde(default)]
    pub image: Option<FileRef>,
}

impl Sticker {
    /// How the file of its picture ends.
    pub fn extension(&self) -> &'static str {
        match self.format_type {
            3 => "json",
            4 => "gif",
            _ => "png",
        }
    }
}
