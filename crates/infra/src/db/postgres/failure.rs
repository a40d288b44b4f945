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
    /// What the caller is told unless another try mends it.
    error: Box<Error>,
    remedy: Remedy,
}

/// What helps against a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    Nothing,
    /// Another try: others got in the way, and nothing of this one is left behind.
    Again,
    /// Another try with new plans: statements were prepared before a table changed.
    Replan,
    /// Another try on another connection, where trying twice is harmless.
    Reconnect,
}

impl Failed {
    pub(super) fn new(statement: &str, error: tokio_postgres::Error) -> Self {
        let (code, remedy) = classify(&error);
        Self { error: Box::new(caused(code, statement, error)), remedy }
    }

    /// There is no connection.
    pub(super) fn unavailable(doing: &str, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        caused(GONE, doing, error).into()
    }

    /// What others got in the way of.
    pub(in super::super) fn collided(error: Error) -> Self {
        Self { remedy: Remedy::Again, ..Self::from(error) }
    }

    /// What the caller is told.
    pub(super) fn into_error(self) -> Error {
        *self.error
    }

    /// Whether another try may help.
    pub(super) fn again(&self) -> bool {
        matches!(self.remedy, Remedy::Again | Remedy::Replan)
    }

    /// For a statement that may run twice: a lost connection is no reason to give up.
    pub(super) fn harmless(self) -> Self {
        let remedy = if self.remedy == Remedy::Reconnect { Remedy::Again } else { self.remedy };
        Self { remedy, ..self }
    }

    /// Whether the connection was lost.
    pub(super) fn is_lost(&self) -> bool {
        self.error.is(GONE)
    }

    /// Plans made before a migration are useless after it.
    pub(super) fn forget_plans(&self, client: &ClientWrapper) {
        if self.remedy == Remedy::Replan {
            client.statement_cache.clear();
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error: Box::new(error), remedy: Remedy::Nothing }
    }
}

fn classify(error: &tokio_postgres::Error) -> (Code, Remedy) {
    let Some(answer) = error.as_db_error() else {
        let lost = error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>());
        return if lost { (GONE, Remedy::Reconnect) } else { (codes::INTERNAL, Remedy::Nothing) };
    };
    let state = answer.code();
    if *state == SqlState::UNIQUE_VIOLATION {
        (codes::DUPLICATE, Remedy::Nothing)
    } else if *state == SqlState::FOREIGN_KEY_VIOLATION {
        (codes::REFERENCE, Remedy::Nothing)
    } else if [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
    ]
    .contains(state)
    {
        (codes::CONFLICT, Remedy::Again)
    } else if *state == SqlState::FEATURE_NOT_SUPPORTED && answer.message().contains("cached plan") {
        (codes::INTERNAL, Remedy::Replan)
    } else if ["08", "53", "57"].contains(&state.code().get(..2).unwrap_or_default()) {
        // The connection broke, something ran out, or the operator intervened.
        (GONE, Remedy::Reconnect)
    } else {
        (codes::INTERNAL, Remedy::Nothing)
    }
}
