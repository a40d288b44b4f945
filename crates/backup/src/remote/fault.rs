//! What can go wrong with a request, by what its maker can do about it.

use std::time::Duration;

use axum::http::StatusCode;
use guildhall_base::{Code, Error, Kind};
use guildhall_infra::fetch::{ANSWER_TOO_LARGE, NO_ANSWER, PRIVATE_ADDRESS, UNUSABLE_ADDRESS};
use guildhall_infra::jobs::Stop;
use serde::Deserialize;

use super::Reply;

/// The target refuses a request.
pub const REFUSED: Code = Code::new(Kind::Invalid, 0, "target_refused", "The target refused a request.");
/// The target has failed.
pub const TARGET_FAILED: Code = Code::new(Kind::Unavailable, 0, "target_failed", "The target has failed.");
/// The target asks to wait for long.
pub const TARGET_BUSY: Code =
    Code::new(Kind::Unavailable, 0, "target_busy", "The target asks to come again much later.");
/// The target's answer is not what the protocol says.
pub const UNREADABLE: Code =
    Code::new(Kind::Unavailable, 0, "target_unreadable", "The target's answer cannot be read.");
/// The target has refused so much that it would soon refuse everything.
pub const TOO_MANY_REFUSALS: Code = Code::new(
    Kind::Unavailable,
    0,
    "too_many_refusals",
    "The target refuses too many requests; it goes on later.",
);
/// The target does not know who we are.
pub const NOT_LET_IN: Code = Code::new(
    Kind::Forbidden,
    0,
    "target_not_let_in",
    "The target does not accept these credentials any more.",
);

/// What went wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The target says no, and would again.
    Refused(Refusal),
    /// The target asks to wait so long.
    Slow(Duration),
    /// The request was not answered, or by a failure; it may be repeated.
    Failed(Error),
    /// The same, of a request that must not be repeated blindly: look first whether it was done.
    Unsure(Error),
}

/// A no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Discord's JSON error code, 0 if none was given.
    pub code: u64,
    /// What it says.
    pub message: String,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    code: u64,
    #[serde(default)]
    message: String,
    retry_after: Option<f64>,
    errors: Option<serde_json::Value>,
}

impl Fault {
    /// Reads what is no success.
    pub(super) fn of(reply: &Reply) -> Self {
        let body: Option<Body> = serde_json::from_slice(&reply.body).ok();
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            let header = reply.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            let seconds: f64 = body.and_then(|body| body.retry_after).or(header).unwrap_or(1.0);
            // A moment more, for clocks that tick apart.
            let wait = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
            return Self::Slow(wait.saturating_add(Duration::from_millis(20)));
        }
        if reply.status.is_server_error() {
            return Self::Failed(TARGET_FAILED.because(format!("The target answers {}.", reply.status)));
        }
        let (code, message) = match body {
            Some(Body { code, message, errors: Some(errors), .. }) => (code, format!("{message} {errors}")),
            Some(body) => (body.code, body.message),
            None => (0, reply.status.to_string()),
        };
        let message = message.chars().take(500).collect();
        Self::Refused(Refusal { status: reply.status.as_u16(), code, message })
    }

    /// Whether what was asked for is not there (or not to be seen).
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused(Refusal { status: 404, .. }))
    }

    /// The refusal, if it is one that concerns this request only.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) if refusal.status != 401 => Some(refusal),
            _ => None,
        }
    }
}

/// Whether waiting may help.
pub(super) fn passes(error: &Error) -> bool {
    error.kind() == Kind::Unavailable
        && ![ANSWER_TOO_LARGE, TOO_MANY_REFUSALS].into_iter().any(|code| error.is(code))
        || error.is(NO_ANSWER)
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(Refusal { status: 401, .. }) => NOT_LET_IN.into(),
            Fault::Refused(refusal) => REFUSED.because(refusal.to_string()),
            Fault::Slow(_) => TARGET_BUSY.into(),
            Fault::Failed(error) | Fault::Unsure(error) => error,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, {})", self.message, self.status, self.code)
    }
}

impl From<Fault> for Stop {
    /// A no ends a job, everything else is tried again.
    fn from(fault: Fault) -> Self {
        let ends = match &fault {
            Fault::Refused(_) => true,
            Fault::Failed(error) => {
                [PRIVATE_ADDRESS, UNUSABLE_ADDRESS, NOT_LET_IN].into_iter().any(|code| error.is(code))
            }
            Fault::Slow(_) | Fault::Unsure(_) => false,
        };
        let error = Error::from(fault);
        if ends { Self::fail(error) } else { Self::Retry(Box::new(error)) }
    }
}
