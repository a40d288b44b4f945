//! Pictures that webhooks borrow for one message by their address: fetched once in a while and kept among the webhook's
//! own, so that readers ask nobody else for them.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use guildhall_base::{Result, WebhookId};
use guildhall_infra::fetch::{NO_ANSWER, Outgoing};
use guildhall_infra::pictures::{self, Upload};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::Chat;
use crate::actions::pictures::Gallery;

/// How long a message waits for its picture.
const PATIENCE: Duration = Duration::from_secs(3);
/// Folders of pictures of this installation that everybody may see.
const PUBLIC: [&str; 3] = ["avatars", "icons", "guilds"];

impl Chat {
    /// The hash under which a picture can be shown as the webhook's; none if it cannot be had.
    pub(super) async fn borrow_avatar(&self, webhook: WebhookId, address: &str) -> Option<String> {
        let key: [u8; 32] = Sha256::digest(format!("{webhook} {address}")).into();
        if let Some(known) = self.borrowed.get(key) {
            return known.map(|hash| hash.to_string());
        }
        let mark = self.borrowed.mark();
        let hash = match tokio::time::timeout(PATIENCE, self.copy_avatar(webhook, address)).await {
            Ok(Ok(hash)) => Some(hash),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a picture for a webhook's message cannot be had");
                None
            }
            Err(_) => None,
        };
        self.borrowed.keep(mark, key, hash.as_deref().map(Arc::from));
        hash
    }

    async fn copy_avatar(&self, webhook: WebhookId, address: &str) -> Result<String> {
        let upload = Upload(match self.own_picture(address) {
            Some((folder, file)) => pictures::read(&self.parts.blobs, &folder, &file).await?,
            None => self.picture_elsewhere(address).await?,
        });
        let folder = Gallery::Webhook(webhook).folder();
        pictures::keep(&self.parts.blobs, &folder, "avatar_url", &upload).await
    }

    /// The folder and file of a picture that this installation shows itself.
    fn own_picture(&self, address: &str) -> Option<(String, String)> {
        let path = address.strip_prefix(self.parts.config.public_url.as_str())?.strip_prefix('/')?;
        let path = path.split(['?', '#']).next()?;
        let (folder, file) = path.rsplit_once('/')?;
        let mut parts = folder.split('/');
        let public = parts.next().is_some_and(|first| PUBLIC.contains(&first));
        let plain = parts.all(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        (public && plain).then(|| (folder.to_owned(), file.to_owned()))
    }

    async fn picture_elsewhere(&self, address: &str) -> Result<bytes::Bytes> {
        let url = Url::parse(address).map_err(|_| NO_ANSWER)?;
        let request = Outgoing { max_bytes: Some(pictures::MAX_BYTES), ..Outgoing::new(Method::GET, url) };
        let answer = self.parts.fetch.send(request).await?;
        if answer.status == StatusCode::OK { Ok(answer.body) } else { Err(NO_ANSWER.into()) }
    }
}
