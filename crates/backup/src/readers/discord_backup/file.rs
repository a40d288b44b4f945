//! What is in a file of discord-backup, as its JSON has it.

use guildhall_base::{AnyId, GuildId, Timestamp, UserId};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::Bits;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct File {
    pub(super) name: String,
    #[serde(default)]
    pub(super) icon_base64: Option<String>,
    #[serde(default)]
    pub(super) verification_level: u8,
    #[serde(default)]
    pub(super) explicit_content_filter: u8,
    #[serde(default)]
    pub(super) default_message_notifications: u8,
    #[serde(default)]
    pub(super) afk: Option<Afk>,
    #[serde(default)]
    pub(super) widget: Widget,
    #[serde(default)]
    pub(super) splash_base64: Option<String>,
    #[serde(default)]
    pub(super) banner_base64: Option<String>,
    pub(super) channels: Channels,
    pub(super) roles: Vec<FileRole>,
    #[serde(default)]
    pub(super) bans: Vec<FileBan>,
    #[serde(default)]
    pub(super) emojis: Vec<FileEmoji>,
    #[serde(default)]
    pub(super) members: Vec<FileMember>,
    #[serde(default)]
    pub(super) created_timestamp: i64,
    #[serde(rename = "guildID")]
    pub(super) guild_id: GuildId,
}

#[derive(Deserialize)]
pub(super) struct Afk {
    pub(super) name: String,
    pub(super) timeout: u32,
}

#[derive(Default, Deserialize)]
pub(super) struct Widget {
    #[serde(default)]
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) channel: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Channels {
    #[serde(default)]
    pub(super) categories: Vec<FileChannel>,
    #[serde(default)]
    pub(super) others: Vec<FileChannel>,
}

/// A category, a channel or a thread.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileChannel {
    pub(super) name: String,
    #[serde(default, rename = "type")]
    pub(super) kind: u8,
    #[serde(default)]
    pub(super) permissions: Vec<FileOverwrite>,
    #[serde(default)]
    pub(super) children: Vec<FileChannel>,
    #[serde(default)]
    pub(super) nsfw: bool,
    #[serde(default)]
    pub(super) topic: Option<String>,
    #[serde(default)]
    pub(super) rate_limit_per_user: Option<u32>,
    #[serde(default)]
    pub(super) is_news: bool,
    #[serde(default)]
    pub(super) bitrate: Option<u32>,
    #[serde(default)]
    pub(super) user_limit: Option<u32>,
    #[serde(default)]
    pub(super) archived: Option<bool>,
    #[serde(default)]
    pub(super) auto_archive_duration: Option<u32>,
    #[serde(default)]
    pub(super) locked: bool,
    #[serde(default)]
    pub(super) messages: Vec<FileMessage>,
    #[serde(default)]
    pub(super) threads: Vec<FileChannel>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileOverwrite {
    pub(super) role_name: String,
    pub(super) allow: Bits,
    pub(super) deny: Bits,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileRole {
    pub(super) name: String,
    #[serde(default)]
    pub(super) color: String,
    #[serde(default)]
    pub(super) hoist: bool,
    pub(super) permissions: Bits,
    #[serde(default)]
    pub(super) mentionable: bool,
    #[serde(default)]
    pub(super) position: i64,
    #[serde(default)]
    pub(super) is_everyone: bool,
}

#[derive(Deserialize)]
pub(super) struct FileBan {
    pub(super) id: UserId,
    #[serde(default)]
    pub(super) reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct FileEmoji {
    pub(super) name: String,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) base64: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileMember {
    pub(super) user_id: UserId,
    #[serde(default)]
    pub(super) username: String,
    #[serde(default)]
    pub(super) joined_timestamp: Option<i64>,
    #[serde(default)]
    pub(super) roles: Vec<AnyId>,
    #[serde(default)]
    pub(super) bot: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileMessage {
    #[serde(default)]
    pub(super) username: String,
    #[serde(default)]
    pub(super) avatar: Option<String>,
    #[serde(default)]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) embeds: Vec<Map<String, Value>>,
    #[serde(default)]
    pub(super) files: Vec<FileFile>,
    #[serde(default)]
    pub(super) pinned: bool,
    pub(super) sent_at: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct FileFile {
    pub(super) name: String,
    pub(super) attachment: String,
}
