//! The header in which moderators say why.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// `X-Audit-Log-Reason`: URL-encoded UTF-8, cut after 512 characters; none if empty.
#[derive(Debug, Clone)]
pub(super) struct Reason(pub(super) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Reason {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get("x-audit-log-reason").map(|value| value.as_bytes());
        let text =
            header.map(|bytes| percent_encoding::percent_decode(bytes).decode_utf8_lossy().into_owned());
        let reason = text.map(|text| text.trim().chars().take(512).collect::<String>());
        Ok(Self(reason.filter(|reason| !reason.is_empty())))
    }
}
