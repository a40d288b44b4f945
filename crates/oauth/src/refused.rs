//! Errors of the protocol's endpoints, in the form of RFC 6749 5.2.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use guildhall_base::{Error, Kind};
use serde_json::json;

/// A refusal at the token endpoint or one of its siblings.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The HTTP status.
    pub status: StatusCode,
    /// The code that programs read.
    pub error: &'static str,
    /// For whoever writes the program.
    pub description: Cow<'static, str>,
    /// A nonce for the next DPoP proof.
    pub nonce: Option<String>,
    /// How long to wait, in seconds.
    pub wait: Option<u64>,
}

impl Refused {
    /// A refusal with status 400.
    pub fn new(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        let status = if error == "invalid_client" || error == "invalid_token" {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        };
        Self { status, error, description: description.into(), nonce: None, wait: None }
    }

    /// Who the client is could not be proved; that it exists is not told.
    pub fn invalid_client() -> Self {
        Self::new("invalid_client", "The client could not be authenticated.")
    }

    /// A code, token or device code that is wrong, used, ended or another's: which, is not told.
    pub fn invalid_grant() -> Self {
        Self::new("invalid_grant", "The grant is wrong, has ended, was used, or belongs to another client.")
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let (status, code) = match error.kind() {
            Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
            Kind::Internal => {
                tracing::error!(%error, "the authorization server failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error")
            }
            Kind::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "slow_down"),
            _ => (StatusCode::BAD_REQUEST, "invalid_request"),
        };
        let wait = error.retry_after.map(|wait| wait.as_secs() + 1);
        Self { status, error: code, description: error.detail, nonce: None, wait }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.error == "invalid_client" {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"guildhall\""));
        }
        if let Some(nonce) = self.nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
            headers.insert("dpop-nonce", nonce);
        }
        if let Some(wait) = self.wait {
            headers.insert(header::RETRY_AFTER, wait.into());
        }
        response
    }
}
