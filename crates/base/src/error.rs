//! One error for the whole house. A [`Code`] is a constant that the feature owning it declares; an [`Error`]
//! is that code with a text for the caller and, where a form was wrong, the fields.
//!
//! It is mapped once each: to Discord's error JSON and to a page (`infra::http`), to a close code (`gateway`).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Shorthand for a result with the house's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as far as a protocol cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request is malformed or breaks a rule: HTTP 400.
    Invalid,
    /// Nobody is signed in, or the credentials are wrong: HTTP 401.
    Unauthenticated,
    /// Signed in, may know of it, may not do it: HTTP 403.
    Forbidden,
    /// It is not there, or the caller may not know that it is: HTTP 404.
    NotFound,
    /// The path exists, the method does not: HTTP 405.
    MethodNotAllowed,
    /// Somebody else was faster, or it is there already: HTTP 409.
    Conflict,
    /// More bytes than allowed: HTTP 413.
    TooLarge,
    /// A body of a type that is not understood: HTTP 415.
    UnsupportedMedia,
    /// Too often: HTTP 429.
    RateLimited,
    /// Not now, later yes: HTTP 503.
    Unavailable,
    /// Our fault; the cause goes to the log, not to the caller: HTTP 500.
    Internal,
}

/// A stable name for one thing that can go wrong. `number` is Discord's JSON error code where Discord has one,
/// 0 where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// What protocols make of it.
    pub kind: Kind,
    /// Discord's JSON error code, or 0.
    pub number: u32,
    /// Our own stable name, `snake_case`.
    pub name: &'static str,
    /// What the caller is told where nothing better is known.
    pub text: &'static str,
}

impl Code {
    /// Declares a code.
    pub const fn new(kind: Kind, number: u32, name: &'static str, text: &'static str) -> Self {
        Self { kind, number, name, text }
    }

    /// An error of this code that tells the caller `detail` instead of the standard text.
    pub fn because(self, detail: impl Into<Cow<'static, str>>) -> Error {
        Error { detail: detail.into(), ..Error::from(self) }
    }
}

/// Codes that belong to no feature.
pub mod codes {
    use super::{Code, Kind};

    /// One or more fields of a body or query are wrong; see the error's fields.
    pub const INVALID_FORM: Code = Code::new(Kind::Invalid, 50035, "invalid_form", "Invalid Form Body");
    /// The body is not JSON at all.
    pub const INVALID_JSON: Code =
        Code::new(Kind::Invalid, 50109, "invalid_json", "The request body contains invalid JSON.");
    /// No or wrong credentials.
    pub const UNAUTHENTICATED: Code =
        Code::new(Kind::Unauthenticated, 0, "unauthenticated", "401: Unauthorized");
    /// No such route or thing.
    pub const NOT_FOUND: Code = Code::new(Kind::NotFound, 0, "not_found", "404: Not Found");
    /// The path exists, not with this method.
    pub const METHOD_NOT_ALLOWED: Code =
        Code::new(Kind::MethodNotAllowed, 0, "method_not_allowed", "405: Method Not Allowed");
    /// Body too large.
    pub const TOO_LARGE: Code = Code::new(Kind::TooLarge, 40005, "too_large", "Request entity too large");
    /// Not a content type that this route understands.
    pub const UNSUPPORTED_MEDIA: Code =
        Code::new(Kind::UnsupportedMedia, 0, "unsupported_media_type", "415: Unsupported Media Type");
    /// Too many requests.
    pub const RATE_LIMITED: Code =
        Code::new(Kind::RateLimited, 0, "rate_limited", "You are being rate limited.");
    /// Something else changed it at the same time, again and again.
    pub const CONFLICT: Code = Code::new(
        Kind::Conflict,
        0,
        "conflict",
        "It was changed by somebody else at the same time; try again.",
    );
    /// Overloaded or stopping.
    pub const UNAVAILABLE: Code = Code::new(Kind::Unavailable, 0, "unavailable", "503: Service Unavailable");
    /// Our fault.
    pub const INTERNAL: Code = Code::new(Kind::Internal, 0, "internal", "500: Internal Server Error");
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where: names and indexes joined by dots, `embeds.0.title`.
    pub path: String,
    /// Discord's field code, such as `BASE_TYPE_REQUIRED`.
    pub code: &'static str,
    /// For a person.
    pub message: String,
    /// The smallest that is allowed, where the code is about a size; for texts in other languages.
    pub min: Option<i64>,
    /// The largest that is allowed.
    pub max: Option<i64>,
}

impl FieldError {
    /// A complaint that is not about a size.
    pub fn new(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.into(), code, message: message.into(), min: None, max: None }
    }
}

/// What went wrong and what the caller may know about it.
#[derive(Debug, Clone)]
pub struct Error {
    /// Which thing went wrong.
    pub code: Code,
    /// For the caller.
    pub detail: Cow<'static, str>,
    /// Which fields were wrong; only with [`codes::INVALID_FORM`].
    pub fields: Vec<FieldError>,
    /// When to try again; only with [`Kind::RateLimited`] and [`Kind::Unavailable`].
    pub retry_after: Option<Duration>,
    /// The cause, for the log only.
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Our fault, with its cause for the log.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(Arc::from(source.into())), ..Self::from(codes::INTERNAL) }
    }

    /// One wrong field.
    pub fn field(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { fields: vec![FieldError::new(path, code, message)], ..Self::from(codes::INVALID_FORM) }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> Kind {
        self.code.kind
    }

    /// Whether it is this one.
    pub fn is(&self, code: Code) -> bool {
        self.code.name == code.name
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self { code, detail: Cow::Borrowed(code.text), fields: Vec::new(), retry_after: None, source: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detail, self.code.name)?;
        for field in &self.fields {
            write!(f, "; {}: {}", field.path, field.message)?;
        }
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}
