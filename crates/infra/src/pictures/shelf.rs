//! Pictures that people send: taken as data URIs, cleaned of everything but the picture, kept as blobs under their
//! hash, and served to everybody for ever.

use std::fmt;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use guildhall_base::{Error, Result, codes};
use serde::de::{self, Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

use super::{Format, Picture};
use crate::blobs::Blobs;

/// Most bytes of a picture.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most bytes of a body with two pictures in base64 and whatever else there is.
pub const MAX_BODY: usize = 2 * MAX_BYTES * 4 / 3 + 64 * 1024;
/// Most pixels of a side.
const MAX_SIDE: u32 = 4096;

/// A picture as somebody sends it. In JSON a data URI: `data:image/png;base64,...`.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload(pub Bytes);

impl Upload {
    /// From a data URI.
    pub fn from_uri(text: &str) -> Option<Self> {
        let (_, encoded) = text.strip_prefix("data:")?.split_once(";base64,")?;
        STANDARD.decode(encoded.trim()).ok().map(|bytes| Self(bytes.into()))
    }
}

impl<'de> Deserialize<'de> for Upload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_uri(&text).ok_or_else(|| de::Error::custom("Expected a data URI with an image."))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Keeps a picture under `folder/hash`; gives the hash, which begins with `a_` if it moves.
///
/// # Errors
/// A wrong `field` if it is no picture or too large; or that the blobs cannot be written.
pub async fn keep(blobs: &Blobs, folder: &str, field: &str, upload: &Upload) -> Result<String> {
    let refuse = |code, message: &str| Error::field(field, code, message);
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
    blobs.put(&format!("{folder}/{hash}"), picture.bytes).await?;
    Ok(hash)
}

/// Whether a text can be a hash that [`keep`] gave.
fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix("a_").unwrap_or(text);
    digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Answers with a picture that [`keep`] kept, or that there is none. Clients ask for the extension they like best;
/// they get the kind that the picture is.
pub async fn show(blobs: Option<&Blobs>, folder: &str, file: &str) -> Response {
    let found = match blobs {
        Some(blobs) => read(blobs, folder, file).await,
        None => Err(codes::NOT_FOUND.into()),
    };
    answer(found)
}

/// The same for a picture that was cleaned and written under a key of its own, where never another will be.
pub async fn show_at(blobs: &Blobs, key: &str) -> Response {
    answer(find(blobs, key).await)
}

async fn find(blobs: &Blobs, key: &str) -> Result<Bytes> {
    blobs.get(key).await?.bytes().await
}

fn answer(found: Result<Bytes>) -> Response {
    match found.and_then(deliver) {
        Ok(response) => response,
        Err(error) if error.is(codes::NOT_FOUND) => {
            (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a picture cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The bytes of a picture that [`keep`] kept, by the last part of its address.
///
/// # Errors
/// 404 if there is none, or that the blobs cannot be read.
pub async fn read(blobs: &Blobs, folder: &str, file: &str) -> Result<Bytes> {
    let hash = file.split('.').next().unwrap_or_default();
    if !is_hash(hash) {
        return Err(codes::NOT_FOUND.into());
    }
    find(blobs, &format!("{folder}/{hash}")).await
}

fn deliver(bytes: Bytes) -> Result<Response> {
    let format = Format::of(&bytes).ok_or(codes::NOT_FOUND)?;
    let mut response = Body::from(bytes).into_response();
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, format.mime()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
