//! Which languages there are, and which one a reader gets.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use unic_langid::LanguageIdentifier;

/// A language that pages and mails are written in.
///
/// As an extractor it is the one that the person signed in prefers, if a layer further out has put it into the
/// request's extensions, otherwise the best of `Accept-Language`, otherwise English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Finnish.
    Finnish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Finnish];

    /// Where its texts stand in a list of all languages.
    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// The tag of BCP 47, for `lang` and `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Finnish => "fi",
        }
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Finnish => "Suomi",
        }
    }

    /// The language of a tag such as `fi` or `fi-FI`, if there are texts in it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let wanted: LanguageIdentifier = tag.parse().ok()?;
        Self::ALL.into_iter().find(|language| language.identifier().language == wanted.language)
    }

    /// The best for a reader with these headers.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value: &HeaderValue| value.to_str().ok());
        accepted.map_or_else(Self::default, Self::negotiate)
    }

    /// The best for an `Accept-Language`, as `fi-FI,fi;q=0.9,en;q=0.8`.
    fn negotiate(accepted: &str) -> Self {
        let wanted = parse_accepted_languages(accepted);
        let there = Self::ALL.map(Self::identifier);
        let best = negotiate_languages(&wanted, &there, None, NegotiationStrategy::Lookup);
        best.first().and_then(|best| Self::of_tag(&best.to_string())).unwrap_or_default()
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        // A tag of ours always parses; `und` would only lose its rules for plurals.
        self.tag().parse().unwrap_or_default()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_else(|| Self::of_headers(&parts.headers)))
    }
}
