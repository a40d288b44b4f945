//! What a message may contain. A body is read into a [`Draft`]: everything in it held to the documented limits, with
//! every complaint on the form under Discord's path, and embeds and components in the shape that is stored.

mod components;
mod controls;
mod embeds;
mod mentions;
mod modal;
mod used;

use guildhall_base::{AnyId, ChannelId, Form, GuildId, MessageId, Patch, Result, StickerId};
use serde_json::{Map, Value};

use super::codes;
use super::limits::MESSAGE_STICKERS;
use super::read::{Object, check_length, snowflake};

pub use components::{MAX_COMPONENT_TEXT, MAX_COMPONENTS, MAX_ROWS, read_components};
pub use embeds::{MAX_EMBED_TEXT, MAX_EMBEDS, read_embeds, resolve_attachments};
pub(in crate::rules) use mentions::outside_code;
pub use mentions::{Allowed, AllowedMentions, Mentioned, Named};
pub use modal::read_modal;
pub use used::{Used, read_submission, read_use};

/// How many characters a message may have.
pub const MAX_CONTENT: usize = 2000;
/// How many files a message may have.
pub const MAX_ATTACHMENTS: usize = 10;
/// How many characters a nonce may have.
pub const MAX_NONCE: usize = 25;

/// Flag: links in it get no embeds.
pub const SUPPRESS_EMBEDS: u32 = 1 << 2;
/// Flag: only the one who interacted sees it.
pub const EPHEMERAL: u32 = 1 << 6;
/// Flag: an answer to an interaction was promised and has yet to come.
pub const LOADING: u32 = 1 << 7;
/// Flag: it notifies nobody.
pub const SUPPRESS_NOTIFICATIONS: u32 = 1 << 12;
/// Flag: its components are its layout, in place of content and embeds; never taken back.
pub const IS_COMPONENTS_V2: u32 = 1 << 15;
/// The flags that a sender may set; others are ignored. [`EPHEMERAL`] is for answers to interactions.
pub const SENDABLE_FLAGS: u32 = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_COMPONENTS_V2;

/// A message as somebody wants to send it or to change it. Fields that are absent from the body are `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// The text, without the white space around it.
    pub content: Patch<String>,
    /// Embeds to store.
    pub embeds: Option<Vec<Value>>,
    /// Components to store.
    pub components: Option<Vec<Value>>,
    /// Whom it may mention.
    pub allowed_mentions: Option<AllowedMentions>,
    /// Which files, by the index of those sent with it or the id of those it has already.
    pub attachments: Option<Vec<DraftAttachment>>,
    /// All flags as sent; mask them with [`SENDABLE_FLAGS`].
    pub flags: Option<u32>,
    /// What the sender wants to know it again by: a text or a number.
    pub nonce: Option<Value>,
    /// Whether a repeated nonce gets the first message back.
    pub enforce_nonce: bool,
    /// Stickers of a new message, each once.
    pub stickers: Vec<StickerId>,
    /// Read aloud.
    pub tts: bool,
    /// What it answers.
    pub reference: Option<Reference>,
}

/// What a draft says about one of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftAttachment {
    /// The `n` of a `files[n]` of the same request, or the id of an attachment.
    pub id: AnyId,
    /// Its name, if it is to be another.
    pub filename: Option<String>,
    /// Alternative text, at most 1024 characters.
    pub description: Option<String>,
}

/// Which message is answered or forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// 0 a reply, 1 a forward.
    pub kind: u8,
    /// The message.
    pub message: MessageId,
    /// Its channel, if told.
    pub channel: Option<ChannelId>,
    /// Its guild, if told.
    pub guild: Option<GuildId>,
    /// Whether the message must exist; if not, it is sent as an ordinary one.
    pub must_exist: bool,
}

impl Draft {
    /// Reads a body to send, or to change a message whose flags are `present` (0 for a new one). The draft is worth
    /// nothing if the form has complaints.
    pub fn read(form: &mut Form, body: &Map<String, Value>, present: u32) -> Self {
        let body = Object::body(body);
        let flags =
            body.integer(form, "flags", 0..=i64::from(u32::MAX)).and_then(|flags| flags.try_into().ok());
        let layout = (flags.unwrap_or_default() | present) & IS_COMPONENTS_V2 != 0;
        let draft = Self {
            content: read_content(form, &body),
            embeds: read_body_embeds(form, &body),
            components: body.names("components").then(|| {
                let entries = body.list(form, "components", 0..=MAX_COMPONENTS);
                read_components(form, &entries, "components", layout)
            }),
            allowed_mentions: body
                .object(form, "allowed_mentions")
                .map(|object| AllowedMentions::read(form, &object)),
            attachments: read_attachments(form, &body),
            flags,
            nonce: read_nonce(form, &body),
            enforce_nonce: body.boolean(form, "enforce_nonce").unwrap_or_default(),
            stickers: read_stickers(form, &body),
            tts: body.boolean(form, "tts").unwrap_or_default(),
            reference: read_reference(form, &body),
        };
        if layout {
            draft.refuse_legacy(form);
        }
        draft
    }

    /// Where components are the layout, there is neither content nor are there embeds.
    fn refuse_legacy(&self, form: &mut Form) {
        let content = self.content.iter().flatten().any(|content| !content.is_empty());
        let embeds = self.embeds.as_ref().is_some_and(|embeds| !embeds.is_empty());
        for (name, used) in [("content", content), ("embeds", embeds)] {
            if used {
                let message =
                    format!("The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2");
                form.refuse(name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message);
            }
        }
    }

    /// Refuses a draft of a new message with nothing to show; `files` is how many come with it. Components alone are
    /// something only with [`IS_COMPONENTS_V2`].
    pub fn refuse_empty(&self, files: usize) -> Result<()> {
        let content = self.content.as_ref().and_then(Option::as_deref).unwrap_or_default();
        let embeds = self.embeds.as_deref().unwrap_or_default();
        let components = self.components.as_deref().unwrap_or_default();
        let shown = files + self.stickers.len();
        refuse_empty(content, embeds.len(), components.len(), shown, self.flags.unwrap_or_default())
    }
}

/// Refuses a message, as it would be stored, that shows nothing.
pub fn refuse_empty(content: &str, embeds: usize, components: usize, files: usize, flags: u32) -> Result<()> {
    let layout = flags & IS_COMPONENTS_V2 != 0 && components > 0;
    if content.is_empty() && embeds == 0 && files == 0 && !layout {
        return Err(codes::EMPTY_MESSAGE.into());
    }
    Ok(())
}

/// The text: present and null clears it.
fn read_content(form: &mut Form, body: &Object<'_>) -> Patch<String> {
    if !body.names("content") {
        return None;
    }
    let text = body.text(form, "content", 0..=usize::MAX);
    let text = text.map(|text| text.trim().to_owned());
    check_length(form, "content", text.as_deref().unwrap_or_default().chars().count(), 0..=MAX_CONTENT);
    Some(text)
}

/// The embeds; `embed`, the single one of older libraries, counts if there is no list.
fn read_body_embeds(form: &mut Form, body: &Object<'_>) -> Option<Vec<Value>> {
    if body.get("embeds").is_none()
        && let Some(value) = body.get("embed")
    {
        let entry = super::read::Entry { value, path: "embed".to_owned() };
        return Some(read_embeds(form, &[entry], "embed"));
    }
    body.names("embeds").then(|| {
        let entries = body.list(form, "embeds", 0..=MAX_EMBEDS);
        read_embeds(form, &entries, "embeds")
    })
}

fn read_attachments(form: &mut Form, body: &Object<'_>) -> Option<Vec<DraftAttachment>> {
    if !body.names("attachments") {
        return None;
    }
    let entries = body.list(form, "attachments", 0..=MAX_ATTACHMENTS);
    let read = entries.into_iter().filter_map(|entry| {
        let object = Object::at(form, entry.value, entry.path)?;
        object.require(form, "id");
        Some(DraftAttachment {
            filename: object.text(form, "filename", 0..=1024),
            description: object.text(form, "description", 0..=1024),
            id: object.snowflake(form, "id")?,
        })
    });
    Some(read.collect())
}

fn read_nonce(form: &mut Form, body: &Object<'_>) -> Option<Value> {
    match body.get("nonce")? {
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(Value::Number(number.clone())),
        _ => body.text(form, "nonce", 0..=MAX_NONCE).map(Value::from),
    }
}

fn read_stickers(form: &mut Form, body: &Object<'_>) -> Vec<StickerId> {
    let mut stickers = Vec::new();
    for entry in body.list(form, "sticker_ids", 0..=MESSAGE_STICKERS) {
        let id = snowflake(form, entry.value, entry.path).map(|id| id.cast());
        stickers.extend(id.filter(|id| !stickers.contains(id)));
    }
    stickers
}

fn read_reference(form: &mut Form, body: &Object<'_>) -> Option<Reference> {
    let object = body.object(form, "message_reference")?;
    object.require(form, "message_id");
    Some(Reference {
        kind: object.integer(form, "type", 0..=1).and_then(|kind| kind.try_into().ok()).unwrap_or_default(),
        channel: object.snowflake(form, "channel_id").map(|id| id.cast()),
        guild: object.snowflake(form, "guild_id").map(|id| id.cast()),
        must_exist: object.boolean(form, "fail_if_not_exists").unwrap_or(true),
        message: object.snowflake(form, "message_id")?.cast(),
    })
}
