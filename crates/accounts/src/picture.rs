//! Avatars and banners: taken as data URIs, cleaned of everything but the picture, kept as blobs under their hash.

use std::fmt;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use guildhall_base::{Error, Result, UserId};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::pictures::Picture;
use serde::de::{self, Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

/// Most bytes of a picture.
pub(crate) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most pixels of a side.
const MAX_SIDE: u32 = 4096;

/// A picture as somebody sends it. In JSON a data URI: `data:image/png;base64,...`.
#[derive(Clone, PartialEq, Eq)]
pub struct PictureUpload(pub Bytes);

impl<'de> Deserialize<'de> for PictureUpload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let encoded = text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
        let bytes = encoded.and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok());
        bytes
            .map(|bytes| Self(bytes.into()))
            .ok_or_else(|| de::Error::custom("Expected a data URI with an image."))
    }
}

impl fmt::Debug for PictureUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Which of a user's pictures it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Avatar,
    Banner,
}

impl Role {
    /// The field's name.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Avatar => "avatar",
            Self::Banner => "banner",
        }
    }

    /// Where the blob is. A hash names one picture for ever.
    pub(crate) fn key(self, user: UserId, hash: &str) -> String {
        format!("{}s/{user}/{hash}", self.field())
    }
}

/// Keeps a picture; gives its hash, which begins with `a_` if it moves.
pub(crate) async fn keep(
    blobs: Option<&Blobs>,
    user: UserId,
    role: Role,
    upload: &PictureUpload,
) -> Result<String> {
    let refuse = |code, message: &str| Error::field(role.field(), code, message);
    let blobs = blobs.ok_or_else(|| refuse("IMAGE_INVALID", "This server keeps no pictures."))?;
    if upload.0.len() > MAX_BYTES {
        return Err(refuse("BINARY_TYPE_MAX_SIZE", "File cannot be larger than 4096.0 kb."));
    }
    let picture = Picture::clean(&upload.0).ok_or_else(|| refuse("IMAGE_INVALID", "Invalid image"))?;
    if picture.width > MAX_SIDE || picture.height > MAX_SIDE {
        return Err(refuse("IMAGE_INVALID", "Neither side may have more than 4096 pixels."));
    }
    let mut hash = if picture.animated { "a_".to_owned() } else { String::new() };
    for byte in Sha256::digest(&picture.bytes).iter().take(16) {
        let _ = write!(hash, "{byte:02x}");
    }
    blobs.put(&role.key(user, &hash), picture.bytes).await?;
    Ok(hash)
}

/// Whether a text can be a hash that [`keep`] gave.
pub(crate) fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix("a_").unwrap_or(text);
    digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
