//! Sending.

use std::time::Duration;

use guildhall_accounts::{Actor, User};
use guildhall_base::{ChannelId, Error, MessageId, Permissions, Result, UserId, lenient};
use guildhall_infra::http::Upload;
use guildhall_infra::{db, events::NewEvent};
use serde::Deserialize;
use serde_json::Value;

use super::super::Change;
use crate::access::{ChannelAccess, Place};
use crate::model::{Message, MessageBody, MessageReference};
use crate::store::{self, messages::StoredMessage};
use crate::{Chat, codes};

/// A message to send, as clients write it. Unknown fields are ignored, null counts as absent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewMessage {
    #[serde(deserialize_with = "text")]
    pub(crate) content: String,
    pub(crate) nonce: Option<Value>,
    #[serde(deserialize_with = "lenient::boolean")]
    pub(crate) enforce_nonce: bool,
    #[serde(deserialize_with = "lenient::boolean")]
    pub(crate) tts: bool,
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub(crate) embeds: Vec<Value>,
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub(crate) components: Vec<Value>,
    pub(crate) allowed_mentions: Option<Value>,
    pub(crate) message_reference: Option<Reference>,
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub(crate) attachments: Vec<Value>,
    pub(crate) flags: Option<u32>,
}

/// Content may also come as a number or a boolean, as discord.py's users like to send.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(_) => return Err(serde::de::Error::custom("content must be a string")),
    })
}

/// What a message answers, as clients write it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Reference {
    #[serde(rename = "type", default)]
    kind: Option<u8>,
    message_id: Option<MessageId>,
    #[serde(default)]
    channel_id: Option<ChannelId>,
    #[serde(default)]
    fail_if_not_exists: Option<bool>,
}

/// What the server adds to a message that does not come from a plain send.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outgoing {
    /// 0 ordinary, 20 answer to a slash command ...
    pub(crate) kind: u8,
    /// The application it comes from.
    pub(crate) application: Option<guildhall_base::ApplicationId>,
    /// The interaction it answers.
    pub(crate) interaction_metadata: Option<Value>,
    /// Flags besides those the sender may set.
    pub(crate) flags: u32,
}

/// The flags that senders may set: suppress embeds, suppress notifications, components v2.
const SENDER_FLAGS: u32 = 1 << 2 | 1 << 12 | 1 << 15;

impl Chat {
    /// Sends a message as the actor.
    pub(crate) async fn send_message(
        &self,
        actor: &Actor,
        channel: ChannelId,
        new: NewMessage,
        files: Vec<Upload>,
    ) -> Result<Message> {
        let access = self.channel(actor, channel).await?;
        if !access.channel.kind.has_messages() {
            return Err(codes::NO_TEXT_CHANNEL.into());
        }
        access.require(Permissions::SEND_MESSAGES)?;
        if new.tts {
            access.require(Permissions::SEND_TTS_MESSAGES)?;
        }
        if !files.is_empty() {
            access.require(Permissions::ATTACH_FILES)?;
        }
        if let Some(nonce) = known_nonce(&new)
            && let Some(known) = store::messages::by_nonce(self.db(), channel, actor.user.id, &nonce).await?
        {
            let stored = store::messages::get(self.db(), channel, known).await?;
            return self.render_one(stored, actor.user.id).await;
        }
        self.respect_slow_mode(&access).await?;
        self.post(&access, &actor.user, new, files, Outgoing::default()).await
    }

    /// Posts a message whose sender may send here: validates it, stores it, tells everybody.
    pub(crate) async fn post(
        &self,
        access: &ChannelAccess,
        author: &User,
        new: NewMessage,
        files: Vec<Upload>,
        outgoing: Outgoing,
    ) -> Result<Message> {
        let id: MessageId = self.parts.ids.next();
        let nonce = known_nonce(&new);
        let wire_nonce = new.nonce.clone();
        let stored = self.compose(id, access, author.id, new, files, outgoing).await?;
        let mut change = Change::new();
        store::messages::insert(&mut change.batch, &stored)?;
        if let Some(nonce) = &nonce {
            store::messages::remember_nonce(&mut change.batch, &stored, nonce);
        }
        self.reopen(&mut change, access);
        let mut message = self.render_one(stored, author.id).await?;
        message.nonce = wire_nonce;
        change.push(self.message_event("MESSAGE_CREATE", access, &message)?);
        match self.commit_leaf(change).await {
            Ok(_) => Ok(message),
            // The same send came twice at once; the other one won.
            Err(error) if error.is(db::codes::DUPLICATE) && nonce.is_some() => {
                let nonce = nonce.unwrap_or_default();
                let known = store::messages::by_nonce(self.db(), access.id, author.id, &nonce).await?;
                let known = known.ok_or(error)?;
                self.render_one(store::messages::get(self.db(), access.id, known).await?, author.id).await
            }
            Err(error) => Err(error),
        }
    }

    /// The row of a new message, or what is wrong with it.
    pub(crate) async fn compose(
        &self,
        id: MessageId,
        access: &ChannelAccess,
        author: UserId,
        new: NewMessage,
        files: Vec<Upload>,
        outgoing: Outgoing,
    ) -> Result<StoredMessage> {
        let (body, answered) = self.check_body(access, &new).await?;
        if new.content.trim().is_empty()
            && body.embeds.is_empty()
            && body.components.is_empty()
            && files.is_empty()
        {
            return Err(codes::EMPTY_MESSAGE.into());
        }
        let attachments = self.keep_files(access.id, &new.attachments, files).await?;
        let kind = if answered && outgoing.kind == 0 { 19 } else { outgoing.kind };
        Ok(StoredMessage {
            id,
            channel_id: access.id,
            author_id: author,
            kind,
            flags: new.flags.unwrap_or(0) & SENDER_FLAGS | outgoing.flags,
            content: new.content,
            edited_at: None,
            pinned_at: None,
            body: MessageBody {
                attachments,
                tts: new.tts,
                application_id: outgoing.application,
                webhook_id: outgoing.interaction_metadata.as_ref().and(outgoing.application),
                interaction_metadata: outgoing.interaction_metadata,
                ..body
            },
        })
    }

    /// Whether the reference is to a message that is there and may be read, and what it becomes.
    pub(super) async fn check_reference(
        &self,
        access: &ChannelAccess,
        reference: &Reference,
    ) -> Result<Option<(MessageReference, UserId)>> {
        let Some(message) = reference.message_id else { return Ok(None) };
        let unknown = || Error::field("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
        if reference.kind.unwrap_or(0) != 0 || reference.channel_id.is_some_and(|id| id != access.id) {
            return Err(unknown());
        }
        access.require(Permissions::READ_MESSAGE_HISTORY)?;
        match store::messages::get(self.db(), access.id, message).await {
            Ok(answered) => {
                let reference = MessageReference {
                    kind: 0,
                    message_id: Some(message),
                    channel_id: Some(access.id),
                    guild_id: access.guild_id(),
                };
                Ok(Some((reference, answered.author_id)))
            }
            Err(error) if error.is(codes::UNKNOWN_MESSAGE) => {
                if reference.fail_if_not_exists.unwrap_or(true) { Err(unknown()) } else { Ok(None) }
            }
            Err(error) => Err(error),
        }
    }

    /// The event of a message, with what only events have: the guild and the author's membership.
    pub(crate) fn message_event(
        &self,
        name: &'static str,
        access: &ChannelAccess,
        message: &Message,
    ) -> Result<NewEvent> {
        let mut message = message.clone();
        if let Place::Guild(guild) = &access.place {
            message.guild_id = Some(guild.id());
            let state = guild.room.read();
            message.member = state.members.get(&message.author.id).cloned();
            for mention in &mut message.mentions {
                mention.member = state.members.get(&mention.user.id).cloned();
            }
        }
        // What one reader has reacted is nobody else's business.
        for reaction in &mut message.reactions {
            reaction.me = false;
        }
        Ok(NewEvent::new(name, access.audience(), &message)?.by(message.author.id))
    }

    /// Refuses a member who wrote here too lately.
    async fn respect_slow_mode(&self, access: &ChannelAccess) -> Result<()> {
        let pause = Duration::from_secs(access.channel.settings.rate_limit_per_user.into());
        let free = Permissions::BYPASS_SLOWMODE | Permissions::MANAGE_MESSAGES | Permissions::MANAGE_CHANNELS;
        if pause.is_zero() || access.permissions.intersects(free) {
            return Ok(());
        }
        let last = store::messages::newest_of(self.db(), access.id, access.user).await?;
        let passed = last.map_or(pause, |last| self.now().since(last.created_at()));
        if passed >= pause {
            return Ok(());
        }
        let mut error = Error::from(codes::SLOWMODE);
        error.retry_after = Some(pause.saturating_sub(passed));
        Err(error)
    }
}

/// The nonce by which the server itself is asked to recognise a repeated send.
fn known_nonce(new: &NewMessage) -> Option<String> {
    match new.nonce.as_ref().filter(|_| new.enforce_nonce)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
