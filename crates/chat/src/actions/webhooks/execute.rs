//! Writing by a webhook.

use guildhall_base::{ChannelId, Error, Form, Permissions, Result, WebhookId, codes as base_codes};
use guildhall_infra::http::Upload;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::access::{ChannelAccess, GuildAccess, Place};
use crate::actions::messages::{Outgoing, read_draft};
use crate::model::{Mask, Message};
use crate::rules::message::Draft;
use crate::rules::names;
use crate::rules::read::Object;
use crate::store::webhooks::StoredWebhook;
use crate::{Chat, codes};

/// What a webhook may do in its channel, whoever writes by it.
const WRITING: Permissions = Permissions::VIEW_CHANNEL
    .union(Permissions::SEND_MESSAGES)
    .union(Permissions::SEND_TTS_MESSAGES)
    .union(Permissions::EMBED_LINKS)
    .union(Permissions::ATTACH_FILES)
    .union(Permissions::READ_MESSAGE_HISTORY)
    .union(Permissions::MENTION_EVERYONE);

/// What the query says of how a webhook writes.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Execution {
    /// Whether the answer is the message; otherwise there is none.
    #[serde(deserialize_with = "guildhall_base::lenient::boolean")]
    pub(crate) wait: bool,
    /// A thread of the webhook's channel to write in instead.
    thread_id: Option<ChannelId>,
    /// Whether components are wanted although no application would hear of their use.
    #[serde(deserialize_with = "guildhall_base::lenient::boolean")]
    with_components: bool,
}

impl Chat {
    /// A webhook in its channel, or in a thread of it.
    pub(super) async fn as_webhook(
        &self,
        webhook: &StoredWebhook,
        thread: Option<ChannelId>,
    ) -> Result<ChannelAccess> {
        let room = self.world.guild(webhook.guild).await?.ok_or(codes::UNKNOWN_WEBHOOK)?;
        let id = thread.unwrap_or(webhook.channel);
        let (channel, everyone) = {
            let state = room.read();
            let everyone = state.everyone_in(webhook.channel);
            (state.channels.get(&id).map(|state| state.channel.clone()), everyone)
        };
        // What is from elsewhere may be used where everybody may use it, as in Discord.
        let permissions = WRITING | everyone & Permissions::USE_EXTERNAL_EMOJIS;
        let channel = channel.filter(|channel| {
            let under = channel.kind.is_thread() && channel.parent_id == Some(webhook.channel);
            id == webhook.channel || under
        });
        let user = webhook.id.cast();
        Ok(ChannelAccess {
            id,
            user,
            permissions,
            is_webhook: true,
            place: Place::Guild(GuildAccess { room, user, permissions }),
            at: self.now(),
            channel: channel.ok_or(codes::UNKNOWN_CHANNEL)?,
        })
    }

    /// Writes a message.
    pub(crate) async fn execute_webhook(
        &self,
        id: WebhookId,
        token: &str,
        execution: Execution,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<Message> {
        let webhook = self.webhook_by_token(id, token).await?;
        self.count_use(&webhook)?;
        let access = self.as_webhook(&webhook, execution.thread_id).await?;
        let names_thread = Object::body(body).get("thread_name").is_some();
        if !access.channel.kind.has_messages() {
            return Err(codes::WEBHOOK_NEEDS_THREAD.into());
        }
        if names_thread {
            return Err(codes::WEBHOOK_MAKES_NO_THREADS.into());
        }
        let (name, avatar_url) = read_mask(body)?;
        let mut draft = read_draft(body, 0)?;
        // A webhook answers nobody, and a repeated nonce is a person's.
        (draft.reference, draft.enforce_nonce) = (None, false);
        draft.stickers.clear();
        hold_components(&webhook, execution.with_components, &mut draft)?;
        draft.refuse_empty(uploads.len())?;
        let avatar = match avatar_url {
            Some(url) => self.borrow_avatar(webhook.id, &url).await.or_else(|| webhook.avatar.clone()),
            None => webhook.avatar.clone(),
        };
        let mask = Mask { name: name.unwrap_or(webhook.name), avatar };
        let outgoing = Outgoing {
            application: webhook.application,
            webhook: Some((webhook.id, mask)),
            ..Outgoing::default()
        };
        self.post(&access, access.user, draft, uploads, outgoing).await
    }

    /// Counts a message against the webhook's limit.
    fn count_use(&self, webhook: &StoredWebhook) -> Result<()> {
        let now = self.now();
        match self.webhook_use.count(webhook.id, now) {
            Some(count) if !count.allowed => {
                let mut error = Error::from(base_codes::RATE_LIMITED);
                error.retry_after = Some(count.resets_at.since(now));
                Err(error)
            }
            _ => Ok(()),
        }
    }
}

/// The name and the picture under which a message is to be sent.
fn read_mask(body: &Map<String, Value>) -> Result<(Option<String>, Option<String>)> {
    let mut form = Form::new();
    let body = Object::body(body);
    let name = body.text(&mut form, "username", 0..=usize::MAX);
    let name = name.map(|name| names::webhook_name(&mut form, "username", &name));
    let avatar = body.url(&mut form, "avatar_url", 2048, &["http", "https"]);
    form.finish()?;
    Ok((name, avatar))
}

/// Components of a webhook that belongs to no application lead nowhere: they are left out unless they are asked for,
/// and then none may be for use.
pub(super) fn hold_components(webhook: &StoredWebhook, wanted: bool, draft: &mut Draft) -> Result<()> {
    if webhook.application.is_some() {
        return Ok(());
    }
    if !wanted {
        draft.components = None;
        return Ok(());
    }
    if draft.components.iter().flatten().any(is_for_use) {
        let detail = "Only webhooks of applications can send components that can be used.";
        return Err(Error::field("components", "BASE_TYPE_CHOICES", detail));
    }
    Ok(())
}

/// Whether an application would hear of it, or of something in it.
fn is_for_use(component: &Value) -> bool {
    match component {
        Value::Object(fields) => fields.contains_key("custom_id") || fields.values().any(is_for_use),
        Value::Array(entries) => entries.iter().any(is_for_use),
        _ => false,
    }
}
