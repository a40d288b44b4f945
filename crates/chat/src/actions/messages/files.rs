//! The files of messages: stored under a key that only who got the address knows.

use axum::http::HeaderMap;
use guildhall_base::{AttachmentId, ChannelId, Error, Result, codes};
use guildhall_infra::blobs::Blob;
use guildhall_infra::http::Upload;
use rand::RngExt as _;
use serde_json::{Map, Value, json};

use crate::Chat;
use crate::model::Attachment;
use crate::rules::files;
use crate::rules::message::{DraftAttachment, MAX_ATTACHMENTS, resolve_attachments};

/// The key of a file in the blob store. `secret` keeps those out who only guess ids.
fn key(channel: ChannelId, id: AttachmentId, secret: &str, filename: &str) -> String {
    format!("attachments/{channel}/{id}/{secret}/{filename}")
}

/// The key of a stored attachment, from its address.
fn key_of(channel: ChannelId, attachment: &Attachment) -> Option<String> {
    let (_, secret) = attachment.url.rsplit_once("?hm=")?;
    Some(key(channel, attachment.id, secret, &attachment.filename))
}

impl Chat {
    /// Stores the files of a message and describes them.
    pub(crate) async fn keep_files(
        &self,
        channel: ChannelId,
        described: &[DraftAttachment],
        uploads: Vec<Upload>,
        already: usize,
    ) -> Result<Vec<Attachment>> {
        if uploads.len() + already > MAX_ATTACHMENTS {
            let detail = format!("Must be {MAX_ATTACHMENTS} or fewer in length.");
            return Err(Error::field("attachments", "BASE_TYPE_MAX_LENGTH", detail));
        }
        let total: u64 = uploads.iter().map(|upload| upload.data.len() as u64).sum();
        if total > self.parts.config.upload_bytes {
            return Err(codes::TOO_LARGE.into());
        }
        let mut kept = Vec::with_capacity(uploads.len());
        for upload in uploads {
            let about = described.iter().find(|about| about.id.get().cast_unsigned() == upload.index);
            kept.push(self.keep_file(channel, about, upload).await?);
        }
        Ok(kept)
    }

    async fn keep_file(
        &self,
        channel: ChannelId,
        about: Option<&DraftAttachment>,
        upload: Upload,
    ) -> Result<Attachment> {
        let id: AttachmentId = self.parts.ids.next();
        let name = about.and_then(|about| about.filename.as_deref()).unwrap_or(&upload.filename);
        let filename = files::safe_name(name);
        let secret = format!("{:032x}", rand::rng().random::<u128>());
        let size = upload.data.len() as u64;
        let picture = imagesize::blob_size(&upload.data).ok();
        self.parts.blobs.put(&key(channel, id, &secret, &filename), upload.data).await?;
        let url =
            format!("{}/attachments/{channel}/{id}/{filename}?hm={secret}", self.parts.config.public_url);
        let pixels = |length: usize| u32::try_from(length).ok();
        Ok(Attachment {
            id,
            description: about.and_then(|about| about.description.clone()),
            content_type: Some(files::content_type(&filename).to_owned()),
            size,
            proxy_url: url.clone(),
            url,
            width: picture.and_then(|picture| pixels(picture.width)),
            height: picture.and_then(|picture| pixels(picture.height)),
            filename,
        })
    }

    /// Forgets files whose message is gone. What cannot be deleted stays as an orphan and is only logged.
    pub(crate) async fn drop_files(&self, channel: ChannelId, attachments: &[Attachment]) {
        for key in attachments.iter().filter_map(|attachment| key_of(channel, attachment)) {
            if let Err(error) = self.parts.blobs.delete(&key).await {
                tracing::warn!(%error, key, "a deleted message's file stays behind");
            }
        }
    }

    /// A file and the headers to serve it with.
    ///
    /// # Errors
    /// 404 without the right secret.
    pub(crate) async fn file(
        &self,
        channel: ChannelId,
        id: AttachmentId,
        filename: &str,
        secret: &str,
    ) -> Result<(Blob, HeaderMap)> {
        if filename != files::safe_name(filename) || !secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(codes::NOT_FOUND.into());
        }
        let blob = self.parts.blobs.get(&key(channel, id, secret, filename)).await?;
        Ok((blob, files::headers(filename)))
    }
}

/// Puts the addresses of a message's files in place of `attachment://name` in its embeds and components.
pub(super) fn resolve(values: &mut [Value], attachments: &[Attachment]) -> Result<()> {
    let of = |name: &str| -> Option<Map<String, Value>> {
        let file = attachments.iter().find(|file| file.filename == files::safe_name(name))?;
        let known = json!({
            "url": file.url, "proxy_url": file.proxy_url, "width": file.width, "height": file.height,
        });
        match known {
            Value::Object(known) => Some(known.into_iter().filter(|(_, value)| !value.is_null()).collect()),
            _ => None,
        }
    };
    match resolve_attachments(values, &of).first() {
        None => Ok(()),
        Some(name) => {
            let detail = format!("attachment://{name} is not among the files of the message.");
            Err(Error::field("embeds", "BASE_TYPE_BAD", detail))
        }
    }
}
