//! Sending.

use std::time::Duration;

use guildhall_accounts::Actor;
use guildhall_base::{
    ApplicationId, ChannelId, Error, Form, MessageId, Permissions, Result, UserId, WebhookId,
};
use guildhall_infra::http::Upload;
use guildhall_infra::{db, events::NewEvent};
use serde_json::{Map, Value};

use super::super::Change;
use super::super::reads::call;
use super::files;
use crate::access::{ChannelAccess, Place};
use crate::model::{Mask, Message, MessageBody};
use crate::rules::message::{Draft, SENDABLE_FLAGS};
use crate::store::{self, messages::StoredMessage};
use crate::{Chat, codes};

/// What the server adds to a message that does not come from a plain send.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outgoing {
    /// 0 ordinary, 20 answer to a slash command ...
    pub(crate) kind: u8,
    /// The application it comes from.
    pub(crate) application: Option<ApplicationId>,
    /// The interaction it answers.
    pub(crate) interaction_metadata: Option<Value>,
    /// Flags besides those the sender may set.
    pub(crate) flags: u32,
    /// The webhook that sends it, and as whom.
    pub(crate) webhook: Option<(WebhookId, Mask)>,
}

/// The type of a message that answers another.
const REPLY: u8 = 19;

/// Reads a body to send or, given the flags that the message has, to change.
pub(crate) fn read_draft(body: &Map<String, Value>, present_flags: u32) -> Result<Draft> {
    let mut form = Form::new();
    let draft = Draft::read(&mut form, body, present_flags);
    form.finish()?;
    Ok(draft)
}

impl Chat {
    /// Sends a message as the actor.
    pub(crate) async fn send_message(
        &self,
        actor: &Actor,
        channel: ChannelId,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<Message> {
        let access = self.channel(actor, channel).await?;
        if !access.channel.kind.has_messages() {
            return Err(codes::NO_TEXT_CHANNEL.into());
        }
        access.require(Permissions::SEND_MESSAGES)?;
        let mut draft = read_draft(body, 0)?;
        draft.tts &= access.permissions.contains(Permissions::SEND_TTS_MESSAGES);
        if !uploads.is_empty() {
            access.require(Permissions::ATTACH_FILES)?;
        }
        if let Some(message) = self.sent_before(&access, &draft).await? {
            return Ok(message);
        }
        self.respect_slow_mode(&access).await?;
        self.refuse_blocked(&access, &actor.user).await?;
        self.post(&access, actor.user.id, draft, uploads, Outgoing::default()).await
    }

    /// Posts a message whose sender may send here: stores it and tells everybody.
    pub(crate) async fn post(
        &self,
        access: &ChannelAccess,
        author: UserId,
        draft: Draft,
        uploads: Vec<Upload>,
        outgoing: Outgoing,
    ) -> Result<Message> {
        let stored = self.compose(access, author, &draft, uploads, outgoing).await?;
        let mut change = Change::new();
        store::messages::insert(&mut change.batch, &stored)?;
        call(&mut change, access, &stored);
        if let Some(nonce) = enforced(&draft) {
            store::messages::remember_nonce(&mut change.batch, &stored, &nonce);
        }
        self.reopen(&mut change, access).await?;
        let attachments = stored.body.attachments.clone();
        let mut message = self.render_new(stored, author).await?;
        message.nonce = draft.nonce.clone();
        change.push(self.message_event("MESSAGE_CREATE", access, &message)?);
        let Err(error) = self.commit_leaf(change).await else { return Ok(message) };
        self.drop_files(access.id, &attachments).await;
        // The same send came twice at once, and the other one won.
        match self.sent_before(access, &draft).await? {
            Some(message) if error.is(db::codes::DUPLICATE) => Ok(message),
            _ => Err(error),
        }
    }

    /// The row of a new message.
    pub(crate) async fn compose(
        &self,
        access: &ChannelAccess,
        author: UserId,
        draft: &Draft,
        uploads: Vec<Upload>,
        outgoing: Outgoing,
    ) -> Result<StoredMessage> {
        draft.refuse_empty(uploads.len())?;
        let answered = match draft.reference {
            Some(reference) => self.answered(access, reference).await?,
            None => None,
        };
        let (reference, replied) = answered.unzip();
        let content = draft.content.clone().flatten().unwrap_or_default();
        let content = self.settle_emojis(access, content).await?;
        let sticker_items = self.use_stickers(access, &draft.stickers).await?;
        let mentioned = self.mentioned(access, &content, draft.allowed_mentions.as_ref(), replied).await?;
        let described = draft.attachments.as_deref().unwrap_or_default();
        let attachments = self.keep_files(access.id, described, uploads, 0).await?;
        let mut embeds = draft.embeds.clone().unwrap_or_default();
        let mut components = draft.components.clone().unwrap_or_default();
        files::resolve(&mut embeds, &attachments)?;
        files::resolve(&mut components, &attachments)?;
        if !access.permissions.contains(Permissions::EMBED_LINKS) && outgoing.application.is_none() {
            embeds.clear();
        }
        // An answer to an interaction comes from a webhook that has the application's id and bears its name.
        let answer = outgoing.interaction_metadata.as_ref().and(outgoing.application);
        let (webhook_id, mask) = match outgoing.webhook {
            Some((id, mask)) => (Some(id), Some(mask)),
            None => (answer.map(|application| application.cast()), None),
        };
        Ok(StoredMessage {
            id: self.parts.ids.next(),
            channel_id: access.id,
            author_id: author,
            kind: if reference.is_some() && outgoing.kind == 0 { REPLY } else { outgoing.kind },
            flags: draft.flags.unwrap_or(0) & SENDABLE_FLAGS | outgoing.flags,
            content,
            edited_at: None,
            pinned_at: None,
            body: MessageBody {
                mentions: mentioned.users,
                mention_roles: mentioned.roles,
                mention_everyone: mentioned.everyone,
                attachments,
                embeds,
                components,
                sticker_items,
                tts: draft.tts,
                message_reference: reference,
                webhook_id,
                mask,
                application_id: outgoing.application,
                interaction_metadata: outgoing.interaction_metadata,
            },
        })
    }

    /// The message that an earlier send with the same enforced nonce made.
    async fn sent_before(&self, access: &ChannelAccess, draft: &Draft) -> Result<Option<Message>> {
        let Some(nonce) = enforced(draft) else { return Ok(None) };
        let known = store::messages::by_nonce(self.db(), access.id, access.user, &nonce).await?;
        let Some(known) = known else { return Ok(None) };
        let stored = store::messages::get(self.db(), access.id, known).await?;
        self.render_one(stored, access.user).await.map(Some)
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
        let passed = last.map_or(pause, |last: MessageId| self.now().since(last.created_at()));
        if passed >= pause {
            return Ok(());
        }
        let mut error = Error::from(codes::SLOWMODE);
        error.retry_after = Some(pause.saturating_sub(passed));
        Err(error)
    }
}

/// The nonce by which the server itself is asked to recognise a repeated send.
fn enforced(draft: &Draft) -> Option<String> {
    match draft.nonce.as_ref().filter(|_| draft.enforce_nonce)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
