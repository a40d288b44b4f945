//! The messages of an `iblfile`, and their files.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use guildhall_base::{AnyId, ChannelId, MessageId, Result, Timestamp, UserId};
use serde::Deserialize;
use serde_json::Value;

use super::{Sections, section, understand};
use crate::codes::{DAMAGED, TOO_BIG};
use crate::model::{Attachment, Author, FileRef, Message, Reaction};
use crate::readers::FILE_LIMIT;

#[derive(Deserialize)]
struct Backed {
    message: Wire,
    /// Files that are in the backup; older versions only.
    #[serde(default)]
    attachment_metadata: Vec<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    id: AnyId,
    #[serde(default, alias = "format")]
    storage_format: String,
}

#[derive(Deserialize)]
struct Wire {
    id: MessageId,
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
    attachments: Vec<Attachment>,
    #[serde(default)]
    reactions: Vec<WireReaction>,
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

/// All messages by channel, oldest first.
pub(super) fn all(
    sections: &Sections<'_>,
    files: &mut Vec<(String, Bytes)>,
) -> Result<Vec<(ChannelId, Vec<Message>)>> {
    let mut channels = Vec::new();
    let mut total = 0;
    for (name, bytes) in sections {
        let Some(channel) = name.strip_prefix("messages/") else { continue };
        let channel = channel.parse().map_err(|_| DAMAGED)?;
        let backed: Vec<Backed> = understand(section(bytes)?)?;
        let mut messages = Vec::new();
        for Backed { message, attachment_metadata } in backed {
            let mut message = Message::from(message);
            for Metadata { id, storage_format } in attachment_metadata {
                let attachment = message.attachments.iter_mut().find(|attachment| attachment.id == id);
                let stored = sections.get(format!("attachments/{id}").as_str());
                if let (Some(attachment), Some(stored)) = (attachment, stored) {
                    let content = content(stored, &storage_format)?;
                    total += content.len() as u64;
                    if total > FILE_LIMIT {
                        return Err(TOO_BIG.into());
                    }
                    let part = format!("attachments/{id}");
                    attachment.file = Some(FileRef(part.clone()));
                    files.push((part, content));
                }
            }
            messages.push(message);
        }
        messages.sort_by_key(|message| message.id);
        // A fault of the program that wrote them: it asked for the same page again and again.
        messages.dedup_by_key(|message| message.id);
        channels.push((channel, messages));
    }
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files.dedup_by(|one, other| one.0 == other.0);
    Ok(channels)
}

fn content(stored: &[u8], format: &str) -> Result<Bytes> {
    if format != "gzip" {
        return Ok(Bytes::copy_from_slice(stored));
    }
    let mut content = Vec::new();
    GzDecoder::new(stored).take(FILE_LIMIT + 1).read_to_end(&mut content).map_err(|_| DAMAGED)?;
    if content.len() as u64 > FILE_LIMIT { Err(TOO_BIG.into()) } else { Ok(content.into()) }
}

impl From<Wire> for Message {
    fn from(message: Wire) -> Self {
        let author = message.author;
        let picture = |hash: String| format!("https://cdn.discordapp.com/avatars/{}/{hash}.png", author.id);
        let reply = message.message_reference.filter(|_| message.kind == 19);
        let reaction =
            |WireReaction { count, emoji }| Reaction { emoji_id: emoji.id, emoji_name: emoji.name, count };
        Self {
            id: message.id,
            kind: message.kind,
            content: message.content,
            author: Author {
                id: Some(author.id),
                name: author.global_name.unwrap_or(author.username),
                avatar_url: author.avatar.map(picture),
                bot: author.bot,
            },
            timestamp: message.timestamp,
            edited_timestamp: message.edited_timestamp,
            reply_to: reply.and_then(|reference| reference.message_id),
            pinned: message.pinned,
            tts: message.tts,
            flags: message.flags,
            embeds: message.embeds,
            // What a button did is known to nobody any more.
            components: Vec::new(),
            attachments: message.attachments,
            reactions: message.reactions.into_iter().map(reaction).collect(),
            stickers: Vec::new(),
        }
    }
}
