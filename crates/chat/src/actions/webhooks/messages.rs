//! What a webhook may do with the messages it wrote.

use guildhall_base::{ChannelId, MessageId, Result, WebhookId};
use guildhall_infra::http::Upload;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::execute::hold_components;
use crate::access::ChannelAccess;
use crate::actions::Change;
use crate::actions::messages::read_draft;
use crate::model::Message;
use crate::store::messages::StoredMessage;
use crate::store::webhooks::StoredWebhook;
use crate::{Chat, codes, store};

/// What the query says of a message of a webhook.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Whereabouts {
    /// The thread that it is in.
    thread_id: Option<ChannelId>,
    /// Whether components are wanted although no application would hear of their use.
    #[serde(deserialize_with = "guildhall_base::lenient::boolean")]
    with_components: bool,
}

impl Chat {
    /// A message that a webhook wrote, for whoever has its token.
    async fn written(
        &self,
        id: WebhookId,
        token: &str,
        message: MessageId,
        whereabouts: Whereabouts,
    ) -> Result<(StoredWebhook, ChannelAccess, StoredMessage)> {
        let webhook = self.webhook_by_token(id, token).await?;
        let access = self.as_webhook(&webhook, whereabouts.thread_id).await?;
        let stored = store::messages::get(self.db(), access.id, message).await?;
        if stored.body.webhook_id != Some(id) {
            return Err(codes::UNKNOWN_MESSAGE.into());
        }
        Ok((webhook, access, stored))
    }

    /// One message of a webhook.
    pub(crate) async fn read_webhook_message(
        &self,
        id: WebhookId,
        token: &str,
        message: MessageId,
        whereabouts: Whereabouts,
    ) -> Result<Message> {
        let (_, access, stored) = self.written(id, token, message, whereabouts).await?;
        self.render_one(stored, access.user).await
    }

    /// Changes a message of a webhook; its name and picture stay.
    pub(crate) async fn update_webhook_message(
        &self,
        id: WebhookId,
        token: &str,
        message: MessageId,
        whereabouts: Whereabouts,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<Message> {
        let (webhook, access, stored) = self.written(id, token, message, whereabouts).await?;
        let mut draft = read_draft(body, stored.flags)?;
        hold_components(&webhook, whereabouts.with_components, &mut draft)?;
        self.rewrite(&access, stored, draft, uploads).await
    }

    /// Deletes a message of a webhook.
    pub(crate) async fn delete_webhook_message(
        &self,
        id: WebhookId,
        token: &str,
        message: MessageId,
        whereabouts: Whereabouts,
    ) -> Result<()> {
        let (webhook, access, stored) = self.written(id, token, message, whereabouts).await?;
        let mut change = Change::new();
        store::messages::delete(&mut change.batch, access.id, message);
        let body = json!({ "id": message, "channel_id": access.id, "guild_id": webhook.guild });
        change.emit("MESSAGE_DELETE", access.audience(), &body)?;
        self.commit_leaf(change).await?;
        self.drop_files(access.id, &stored.body.attachments).await;
        Ok(())
    }
}
