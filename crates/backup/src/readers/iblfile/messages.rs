//! The messages of an `iblfile`, and their files.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use guildhall_base::{AnyId, ChannelId, Result};
use serde::Deserialize;

use super::{Sections, section, understand};
use crate::codes::{DAMAGED, TOO_BIG};
use crate::model::{FileRef, Message};
use crate::readers::FILE_LIMIT;
use crate::wire::Wire;

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
            let mut message = message.kept(|path| format!("https://cdn.discordapp.com/{path}"));
            // What a button did is known to nobody any more, and stickers are not in the file.
            message.components.clear();
            message.stickers.clear();
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
