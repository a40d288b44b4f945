//! Forms that were refused are shown again, each complaint at its field.

use axum::http::StatusCode;
use guildhall_base::{Error, FieldError, Kind};
use guildhall_infra::i18n::{Language, Words};

/// The complaints about a form that was sent.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    fields: Vec<FieldError>,
    general: Option<String>,
    /// What `general` was made of, to say it in another language.
    error: Option<Error>,
    status: StatusCode,
}

impl Problems {
    /// What is wrong, if it is something that the person at the form can mend. Other errors are given back.
    ///
    /// # Errors
    /// What has no place at a form.
    pub fn of(error: Error) -> Result<Self, Error> {
        let general = match error.kind() {
            Kind::Invalid if !error.fields.is_empty() => None,
            Kind::RateLimited => {
                let seconds = error.retry_after.map_or(1, |wait| wait.as_secs_f64().ceil() as u64);
                Some(format!("Too many attempts. Try again in {seconds} seconds."))
            }
            Kind::Invalid | Kind::Conflict => Some(error.detail.to_string()),
            Kind::Unavailable => Some("The server is busy. Try again in a moment.".to_owned()),
            _ => return Err(error),
        };
        let status = guildhall_infra::http::status(error.kind());
        Ok(Self { status, fields: error.fields.clone(), general, error: Some(error) })
    }

    /// The same in the reader's language, as far as there are texts for the codes.
    #[must_use]
    pub fn read_in(mut self, words: &Words, language: Language) -> Self {
        for field in &mut self.fields {
            field.message = words.field(language, field);
        }
        if let (Some(general), Some(error)) = (&mut self.general, &self.error)
            && let Some(text) = words.error(language, error)
        {
            *general = text;
        }
        self
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
