//! HTTP the way every feature speaks it: extractors that refuse with the house's [`Error`], and the one mapping
//! of that error to Discord's error JSON
//! (<https://discord.com/developers/docs/reference#error-messages>).

mod answer;
mod extract;
mod kept;
mod problem;

pub use answer::{ApiError, Json, error_json, status};
pub use extract::{Body, Path, Query, Upload, parse_json};
pub use kept::Kept;

pub use problem::{Problem, ProblemField, as_problems};

use guildhall_base::Error;

/// What a handler of the Discord-compatible or our own JSON API returns.
pub type ApiResult<T> = Result<T, ApiError>;

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}
