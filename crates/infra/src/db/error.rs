//! How an engine's failures become the house's errors. The cause and the statement go to the log, not to the caller.

use std::error::Error as StdError;

use guildhall_base::{Code, Error, Kind};

/// Codes of the database.
pub mod codes {
    use super::{Code, Kind};
    pub use guildhall_base::codes::{CONFLICT, INTERNAL, NOT_FOUND, UNAVAILABLE};

    /// A row with the same unique value exists.
    pub const DUPLICATE: Code = Code::new(Kind::Conflict, 0, "duplicate", "There is one like this already.");
    /// A text contains U+0000, which not every engine can store. Forms should have refused it.
    pub const ZERO_IN_TEXT: Code =
        Code::new(Kind::Invalid, 0, "zero_in_text", "Text must not contain the character U+0000.");
    /// A row refers to one that does not exist, or one that is referred to was to be deleted.
    pub const REFERENCE: Code =
        Code::new(Kind::Conflict, 0, "reference", "Something that this refers to does not exist.");
}

/// A failure with the statement it happened in.
#[derive(Debug, thiserror::Error)]
#[error("{cause} in `{statement}`")]
struct Failure {
    statement: String,
    #[source]
    cause: Box<dyn StdError + Send + Sync>,
}

/// An error of this code, caused by `cause` in `statement`.
pub(super) fn caused(
    code: Code,
    statement: &str,
    cause: impl Into<Box<dyn StdError + Send + Sync>>,
) -> Error {
    let failure = Failure { statement: statement.to_owned(), cause: cause.into() };
    Error { detail: code.text.into(), code, ..Error::internal(failure) }
}
