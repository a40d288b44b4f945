//! What PostgreSQL's failures mean.

use std::error::Error as StdError;

use deadpool_postgres::ClientWrapper;
use guildhall_base::{Code, Error};
use tokio_postgres::error::SqlState;

use super::super::codes;
use super::super::error::caused;

/// The server is not there, or has more to do than it can.
const GONE: Code = codes::UNAVAILABLE;

/// A failed attempt.
#[derive(Debug)]
pub(in super::super) struct Failed {
    pub(in super::super) error: Error,
    /// Whether the same may succeed at the next try, with nothing of this one left behind.
    pub(super) again: bool,
    /// Whether statements were prepared before a table changed.
    stale: bool,
}

impl Failed {
    pub(super) fn new(statement: &str, error: tokio_postgres::Error) -> Self {
        let (code, again, stale) = classify(&error);
        Self { error: caused(code, statement, error), again, stale }
    }

    pub(super) fn unavailable(doing: &str, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { error: caused(GONE, doing, error), again: false, stale: false }
    }

    /// What others got in the way of.
    pub(in super::super) fn collided(error: Error) -> Self {
        Self { again: true, ..Self::from(error) }
    }

    /// For a statement that changes nothing when repeated.
    pub(super) fn always_again(self) -> Self {
        Self { again: self.error.code != GONE, ..self }
    }

    /// Plans made before a migration are useless after it.
    pub(super) fn forget_plans(&self, client: &ClientWrapper) {
        if self.stale {
            client.statement_cache.clear();
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, again: false, stale: false }
    }
}

fn classify(error: &tokio_postgres::Error) -> (Code, bool, bool) {
    let Some(answer) = error.as_db_error() else {
        let lost = error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>());
        return (if lost { GONE } else { codes::INTERNAL }, false, false);
    };
    let state = answer.code();
    let class = state.code().get(..2).unwrap_or_default();
    if *state == SqlState::UNIQUE_VIOLATION {
        (codes::DUPLICATE, false, false)
    } else if *state == SqlState::FOREIGN_KEY_VIOLATION {
        (codes::REFERENCE, false, false)
    } else if *state == SqlState::T_R_SERIALIZATION_FAILURE || *state == SqlState::T_R_DEADLOCK_DETECTED {
        (codes::CONFLICT, true, false)
    } else if *state == SqlState::FEATURE_NOT_SUPPORTED && answer.message().contains("cached plan") {
        (codes::INTERNAL, true, true)
    } else if class == "57" || class == "08" || class == "53" {
        // The operator intervened, the connection broke, or something ran out.
        (GONE, false, false)
    } else {
        (codes::INTERNAL, false, false)
    }
}
