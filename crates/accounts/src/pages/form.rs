//! Forms that were refused are shown again, each complaint at its field.

use axum::http::StatusCode;
use guildhall_base::{Error, FieldError, Kind, codes};
use guildhall_infra::i18n::{Language, Words};

/// The complaints about a form that was sent.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    fields: Vec<FieldError>,
    general: Option<String>,
    status: StatusCode,
}

impl Problems {
    /// What is wrong in the reader's language, if it is something that the person at the form can mend. Other errors
    /// are given back.
    ///
    /// # Errors
    /// What has no place at a form.
    pub fn of(error: Error, words: &Words, language: Language) -> Result<Self, Error> {
        // Whatever code a kind comes with: there is a text for the kind.
        let of_kind =
            |code| words.error(language, &Error { retry_after: error.retry_after, ..Error::from(code) });
        let general = match error.kind() {
            Kind::Invalid if !error.fields.is_empty() => None,
            Kind::RateLimited => words.error(language, &error).or_else(|| of_kind(codes::RATE_LIMITED)),
            Kind::Unavailable => words.error(language, &error).or_else(|| of_kind(codes::UNAVAILABLE)),
            Kind::Invalid | Kind::Conflict => {
                Some(words.error(language, &error).unwrap_or_else(|| error.detail.to_string()))
            }
            _ => return Err(error),
        };
        let status = guildhall_infra::http::status(error.kind());
        let mut fields = error.fields;
        for field in &mut fields {
            field.message = words.field(language, field);
        }
        Ok(Self { fields, general, status })
    }

    /// The complaint about one field.
    pub fn at(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|error| error.path == field).map(|error| error.message.as_str())
    }

    /// The complaint about the whole, for the head of the form: also those about fields that it does not show.
    pub fn general(&self) -> Option<&str> {
        self.general.as_deref()
    }

    /// The status of the page that shows them; 200 if there are none.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use guildhall_base::Code;

    use super::*;

    const SLOW: Code = Code::new(Kind::RateLimited, 0, "nobody_wrote_of_this", "Slow down.");
    const AWAY: Code = Code::new(Kind::Unavailable, 0, "nor_of_this", "Gone fishing.");

    #[test]
    fn a_wait_and_a_busy_server_are_told_in_the_reader_s_language_whatever_the_code() {
        let words = Words::new(&[crate::TEXTS]).unwrap();
        let told = |code: Code, language| {
            let error = Error { retry_after: Some(Duration::from_millis(6_100)), ..Error::from(code) };
            let problems = Problems::of(error, &words, language).unwrap();
            (problems.status().as_u16(), problems.general().unwrap_or_default().to_owned())
        };
        for code in [SLOW, codes::RATE_LIMITED] {
            let english = "Too many attempts. Try again in 7 seconds.";
            assert_eq!(told(code, Language::English), (429, english.to_owned()));
            let finnish = "Liian monta yritystä. Yritä uudelleen 7 sekunnin kuluttua.";
            assert_eq!(told(code, Language::Finnish), (429, finnish.to_owned()));
        }
        for code in [AWAY, codes::UNAVAILABLE] {
            let english = "The server is busy. Try again in a moment.";
            assert_eq!(told(code, Language::English), (503, english.to_owned()));
            let finnish = "Palvelin on kiireinen. Yritä hetken päästä uudelleen.";
            assert_eq!(told(code, Language::Finnish), (503, finnish.to_owned()));
        }
        assert!(Problems::of(codes::NOT_FOUND.into(), &words, Language::English).is_err());
    }
}
