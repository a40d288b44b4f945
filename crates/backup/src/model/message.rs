//! What was said.

use guildhall_base::{AnyId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FileRef;

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// 0 ordinary, 19 reply, 20 command; others are notices that a server writes by itself.
    #[serde(default, rename = "type")]
    pub kind: u8,
    /// Its text.
    #[serde(default)]
    pub content: String,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub timestamp: Timestamp,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_timestamp: Option<Timestamp>,
    /// The message it answers, in the same channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// Whether it is pinned.
    #[serde(default)]
    pub pinned: bool,
    /// Whether it was read aloud.
    #[serde(default)]
    pub tts: bool,
    /// Bit set.
    #[serde(default)]
    pub flags: u32,
    /// Its embeds, as Discord documents them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub embeds: Vec<Value>,
    /// Its buttons and menus, as Discord documents them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Value>,
    /// Its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// How people reacted; who did is not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// The guild's stickers that it shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stickers: Vec<AnyId>,
}

impl Message {
    /// Whether somebody wrote it, so that it can be written again.
    pub fn is_written(&self) -> bool {
        matches!(self.kind, 0 | 19 | 20 | 23)
    }
}

/// Who wrote a message, as they looked then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Who; none where the format does not know.
    #[serde(default)]
    pub id: Option<UserId>,
    /// What is shown as their name.
    pub name: String,
    /// Their picture's address.
    #[serde(default)]
    pub avatar_url: Option<String>,
    /// Whether it is a bot or a webhook.
    #[serde(default)]
    pub bot: bool,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AnyId,
    /// Its name.
    pub filename: String,
    /// Bytes.
    #[serde(default)]
    pub size: u64,
    /// Alternative text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Where it was served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The part that holds it; none where it was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRef>,
}

/// How often a message got one reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The guild's emoji, if it is one.
    #[serde(default)]
    pub emoji_id: Option<AnyId>,
    /// Its name, or the emoji of Unicode.
    #[serde(default)]
    pub emoji_name: Option<String>,
    /// How many gave it.
    pub count: u32,
}
