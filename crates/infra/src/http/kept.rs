//! Answers that are the same for everybody for a while: made once, sent often, and not sent again to whoever has them
//! (RFC 9110, 13.1.2).

use std::fmt::Write as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// An answer that is kept. Clones share its bytes.
#[derive(Debug, Clone)]
pub struct Kept {
    body: Bytes,
    content_type: HeaderValue,
    etag: HeaderValue,
    cache_control: HeaderValue,
}

impl Kept {
    /// An answer of this type, which others may keep for so long without asking again.
    pub fn new(content_type: &'static str, body: impl Into<Bytes>, others_keep: Duration) -> Self {
        let body = body.into();
        let mut etag = String::from("\"");
        for byte in Sha256::digest(&body).iter().take(12) {
            let _ = write!(etag, "{byte:02x}");
        }
        etag.push('"');
        let cache_control = format!("public, max-age={}", others_keep.as_secs());
        let header = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        Self {
            content_type: HeaderValue::from_static(content_type),
            etag: header(&etag),
            cache_control: header(&cache_control),
            body,
        }
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        self.body.len()
    }

    /// The answer to a request with these headers: the bytes, or that the caller has them.
    pub fn answer(&self, request: &HeaderMap) -> Response {
        let known = request.get_all(header::IF_NONE_MATCH).iter().any(|tags| self.is_among(tags));
        let mut response = Response::new(if known { Body::empty() } else { Body::from(self.body.clone()) });
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            response.headers_mut().insert(header::CONTENT_TYPE, self.content_type.clone());
        }
        response.headers_mut().insert(header::ETAG, self.etag.clone());
        response.headers_mut().insert(header::CACHE_CONTROL, self.cache_control.clone());
        response
    }

    /// Weak comparison: what a proxy compressed is the same.
    fn is_among(&self, tags: &HeaderValue) -> bool {
        let Ok(tags) = tags.to_str() else { return false };
        let mine = self.etag.to_str().unwrap_or_default();
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == mine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kept: &Kept, tags: &'static str) -> StatusCode {
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(tags))]);
        kept.answer(&headers).status()
    }

    #[test]
    fn who_has_it_is_not_sent_it_again() {
        let kept = Kept::new("application/json", "{}", Duration::from_secs(60));
        let first = kept.answer(&HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(
            first.headers().get(header::CACHE_CONTROL).map(HeaderValue::as_bytes),
            Some(&b"public, max-age=60"[..])
        );
        // sha256 of "{}".
        assert_eq!(asked(&kept, "\"44136fa355b3678a1146ad16\""), StatusCode::NOT_MODIFIED);
        assert_eq!(asked(&kept, "\"x\", W/\"44136fa355b3678a1146ad16\""), StatusCode::NOT_MODIFIED);
        assert_eq!(asked(&kept, "*"), StatusCode::NOT_MODIFIED);
        assert_eq!(asked(&kept, "\"x\""), StatusCode::OK);
    }
}
