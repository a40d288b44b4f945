//! Collects everything that is wrong with a form before refusing it, with Discord's field codes.

use std::ops::RangeInclusive;

use crate::{Error, FieldError, Result, codes};

/// The complaints about one body. Each check adds one where the value is wrong; [`Form::finish`] refuses the body
/// if there is any.
#[derive(Debug, Default)]
pub struct Form {
    errors: Vec<FieldError>,
}

impl Form {
    /// No complaints yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a complaint.
    pub fn refuse(&mut self, path: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(path, code, message));
    }

    /// Adds a complaint about a size.
    fn bound(
        &mut self,
        path: &str,
        code: &'static str,
        message: String,
        (min, max): (Option<i64>, Option<i64>),
    ) {
        self.errors.push(FieldError { min, max, ..FieldError::new(path, code, message) });
    }

    /// A text must have this many characters (Unicode scalar values).
    pub fn length(&mut self, path: &str, text: &str, range: RangeInclusive<usize>) {
        let (min, max) = (*range.start(), *range.end());
        let length = text.chars().count();
        if length == 0 && min > 0 {
            self.refuse(path, "BASE_TYPE_REQUIRED", "This field is required");
        } else if !range.contains(&length) {
            let message = if min == 0 {
                format!("Must be {max} or fewer in length.")
            } else {
                format!("Must be between {min} and {max} in length.")
            };
            let bounds = (i64::try_from(min).ok(), i64::try_from(max).ok());
            self.bound(path, "BASE_TYPE_BAD_LENGTH", message, bounds);
        }
    }

    /// A number must lie in a range.
    pub fn range(&mut self, path: &str, number: i64, range: RangeInclusive<i64>) {
        if number < *range.start() {
            let message = format!("int value should be greater than or equal to {}.", range.start());
            self.bound(path, "NUMBER_TYPE_MIN", message, (Some(*range.start()), None));
        } else if number > *range.end() {
            let message = format!("int value should be less than or equal to {}.", range.end());
            self.bound(path, "NUMBER_TYPE_MAX", message, (None, Some(*range.end())));
        }
    }

    /// A list must have at most this many entries.
    pub fn at_most(&mut self, path: &str, count: usize, max: usize) {
        if count > max {
            let message = format!("Must be {max} or fewer in length.");
            self.bound(path, "BASE_TYPE_MAX_LENGTH", message, (None, i64::try_from(max).ok()));
        }
    }

    /// A value must be one of those that are known.
    pub fn choice(&mut self, path: &str, known: bool) {
        if !known {
            self.refuse(path, "BASE_TYPE_CHOICES", "This value is not one of the allowed choices.");
        }
    }

    /// A field must be there.
    pub fn required(&mut self, path: &str, present: bool) {
        if !present {
            self.refuse(path, "BASE_TYPE_REQUIRED", "This field is required");
        }
    }

    /// Refuses the body if anything was wrong.
    pub fn finish(self) -> Result<()> {
        if self.errors.is_empty() {
            return Ok(());
        }
        Err(Error { fields: self.errors, ..Error::from(codes::INVALID_FORM) })
    }
}
