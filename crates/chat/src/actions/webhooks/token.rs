//! What one may do with a webhook's address alone: the token in it is the permission.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_base::{Error, Result, WebhookId};
use rand::{CryptoRng, RngExt as _};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::Wishes;
use crate::actions::audit::{Action, Note};
use crate::model::Webhook;
use crate::store::{self, webhooks::StoredWebhook};
use crate::{Chat, codes};

/// A new token: 68 characters, as Discord's are.
pub(super) fn new(random: &mut impl CryptoRng) -> String {
    let secret: [u8; 51] = random.random();
    URL_SAFE_NO_PAD.encode(secret)
}

/// What a token is sealed for.
fn place(webhook: WebhookId) -> String {
    format!("webhooks/{webhook}")
}

impl Chat {
    pub(super) fn seal_token(&self, webhook: WebhookId, token: &str) -> Result<Vec<u8>> {
        self.parts.seal.seal(&place(webhook), token.as_bytes())
    }

    pub(super) fn open_token(&self, webhook: &StoredWebhook) -> Result<String> {
        let token = self.parts.seal.unseal(&place(webhook.id), &webhook.token)?;
        String::from_utf8(token).map_err(Error::internal)
    }

    /// A webhook, for whoever has its token.
    ///
    /// # Errors
    /// 10015 if there is none, 50027 if the token is another.
    pub(super) async fn webhook_by_token(&self, id: WebhookId, token: &str) -> Result<StoredWebhook> {
        let webhook = store::webhooks::get(self.db(), id).await?;
        let same: bool = self.open_token(&webhook)?.as_bytes().ct_eq(token.as_bytes()).into();
        if same { Ok(webhook) } else { Err(codes::INVALID_WEBHOOK_TOKEN.into()) }
    }

    /// The webhook of an address, without who made it.
    pub(crate) async fn webhook_at(&self, id: WebhookId, token: &str) -> Result<Webhook> {
        let webhook = self.webhook_by_token(id, token).await?;
        self.describe_webhook(webhook, None, true)
    }

    /// Changes what a webhook is called and its picture.
    pub(crate) async fn update_webhook_at(
        &self,
        id: WebhookId,
        token: &str,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Webhook> {
        let before = self.webhook_by_token(id, token).await?;
        let wishes = Wishes { channel: None, ..Wishes::read(body, false)? };
        let note = Note::new(Action::WebhookUpdate, Some(id.cast()), reason);
        let after = self.change_webhook(before, wishes, note, None).await?;
        self.describe_webhook(after, None, true)
    }

    /// Deletes a webhook.
    pub(crate) async fn delete_webhook_at(
        &self,
        id: WebhookId,
        token: &str,
        reason: Option<String>,
    ) -> Result<()> {
        let webhook = self.webhook_by_token(id, token).await?;
        let note = Note::new(Action::WebhookDelete, Some(id.cast()), reason);
        self.remove_webhook(&webhook, note, None).await
    }
}
