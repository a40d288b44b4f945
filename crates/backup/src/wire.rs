//! Messages as servers send them, and as formats keep them that copied what a server sent.

use guildhall_base::{AnyId, MessageId, Timestamp, UserId};
use serde::Deserialize;
use serde_json::Value;

use crate::model::{Attachment, Author, Message, Reaction};

/// A message.
#[derive(Deserialize)]
pub(crate) struct Wire {
    pub(crate) id: MessageId,
    #[serde(default, rename = "type")]
    kind: u8,
    #[serde(default)]
    content: String,
    author: WireAuthor,
    timestamp: Timestamp,
    #[serde(default)]
    edited_timestamp: Option<Timestamp>,
    #[serde(default)]
    message_reference: Option<WireReference>,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    tts: bool,
    #[serde(default)]
    flags: u32,
    #[serde(default)]
    embeds: Vec<Value>,
    #[serde(default)]
    components: Vec<Value>,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(default)]
    reactions: Vec<WireReaction>,
    #[serde(default)]
    sticker_items: Vec<WireSticker>,
    #[serde(default)]
    webhook_id: Option<AnyId>,
}

#[derive(Deserialize)]
struct WireAuthor {
    id: UserId,
    #[serde(default)]
    username: String,
    #[serde(default)]
    global_name: Option<String>,
    #[serde(default)]
    avatar: Option<String>,
    #[serde(default)]
    bot: bool,
}

#[derive(Deserialize)]
struct WireReference {
    #[serde(default)]
    message_id: Option<MessageId>,
}

#[derive(Deserialize)]
struct WireReaction {
    #[serde(default)]
    count: u32,
    #[serde(default)]
    emoji: WireEmoji,
}

#[derive(Default, Deserialize)]
struct WireEmoji {
    #[serde(default)]
    id: Option<AnyId>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct WireSticker {
    id: AnyId,
}

impl Wire {
    /// The message as a backup keeps it; `picture` gives the address of a picture by its path.
    pub(crate) fn kept(self, picture: impl Fn(&str) -> String) -> Message {
        let Self { author, message_reference, sticker_items, reactions, .. } = self;
        let reply = message_reference.filter(|_| self.kind == 19);
        let picture = |hash: String| {
            let kind = if hash.starts_with("a_") { "gif" } else { "png" };
            picture(&format!("avatars/{}/{hash}.{kind}", author.id))
        };
        let author = Author {
            id: Some(author.id),
            name: author.global_name.unwrap_or(author.username),
            avatar_url: author.avatar.map(picture),
            bot: author.bot || self.webhook_id.is_some(),
        };
        let reaction =
            |WireReaction { count, emoji }| Reaction { emoji_id: emoji.id, emoji_name: emoji.name, count };
        Message {
            id: self.id,
            kind: self.kind,
            content: self.content,
            author,
            timestamp: self.timestamp,
            edited_timestamp: self.edited_timestamp,
            reply_to: reply.and_then(|reference| reference.message_id),
            pinned: self.pinned,
            tts: self.tts,
            flags: self.flags,
            embeds: self.embeds,
            components: self.components,
            attachments: self.attachments,
            reactions: reactions.into_iter().map(reaction).collect(),
            stickers: sticker_items.into_iter().map(|sticker| sticker.id).collect(),
        }
    }
}
