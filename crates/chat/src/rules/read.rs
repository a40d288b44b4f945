//! Reads JSON bodies field by field: lenient in what libraries are known to send (nulls for absence, numbers for
//! texts and the reverse, unknown fields), exact in telling what is wrong and where, with Discord's field codes.

use std::ops::RangeInclusive;
use std::str::FromStr;

use guildhall_base::{AnyId, Form, Patch, Permissions, Timestamp};
use guildhall_infra::pictures::Upload;
use serde_json::{Map, Value};
use url::Url;

/// A JSON object and where in the body it is.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    fields: &'a Map<String, Value>,
    path: String,
}

/// A list's entry and where in the body it is.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The entry.
    pub value: &'a Value,
    /// Its path, `embeds.0`.
    pub path: String,
}

impl<'a> Object<'a> {
    /// A whole body.
    pub fn body(fields: &'a Map<String, Value>) -> Self {
        Self { fields, path: String::new() }
    }

    /// Takes a value for an object, or refuses it.
    pub fn at(form: &mut Form, value: &'a Value, path: String) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(Self { fields, path }),
            _ => {
                form.refuse(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
                None
            }
        }
    }

    /// Where it is; empty for a body.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where one of its fields is.
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A field that is there and not null.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// Whether a field is there, be it null.
    pub fn names(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Complains about one of its fields.
    pub fn refuse(&self, form: &mut Form, name: &str, code: &'static str, message: impl Into<String>) {
        form.refuse(self.path_of(name), code, message);
    }

    /// Complains if a field is missing.
    pub fn require(&self, form: &mut Form, name: &str) {
        form.required(&self.path_of(name), self.get(name).is_some());
    }

    /// A picture as a data URI; null for none, absent for as it is.
    pub fn picture(&self, form: &mut Form, name: &str) -> Patch<Upload> {
        let text = match self.fields.get(name)? {
            Value::Null => return Some(None),
            Value::String(text) => text,
            _ => "",
        };
        let upload = Upload::from_uri(text);
        if upload.is_none() {
            self.refuse(form, name, "IMAGE_INVALID", "Invalid image");
        }
        upload.map(Some)
    }

    /// A text of so many characters; `None` if absent or not a text.
    pub fn text(&self, form: &mut Form, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let text = match self.get(name)? {
            // U+0000 means nothing in a text and PostgreSQL does not store it.
            Value::String(text) => text.replace('\0', ""),
            Value::Number(number) => number.to_string(),
            other => {
                let message = format!("Could not interpret \"{other}\" as string.");
                self.refuse(form, name, "STRING_TYPE_CONVERT", message);
                return None;
            }
        };
        check_length(form, &self.path_of(name), text.chars().count(), length);
        Some(text)
    }

    /// A whole number in a range; also from a text.
    pub fn integer(&self, form: &mut Form, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.get(name)?;
        match whole(value) {
            Some(number) => {
                form.range(&self.path_of(name), number, range);
                Some(number)
            }
            None => {
                self.refuse(form, name, "NUMBER_TYPE_COERCE", format!("Value {value} is not int."));
                None
            }
        }
    }

    /// A boolean; also 0, 1 and both words in a text.
    pub fn boolean(&self, form: &mut Form, name: &str) -> Option<bool> {
        let value = self.get(name)?;
        let read = match value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
            Value::Number(number) if number.as_u64() == Some(1) => Some(true),
            Value::Number(number) if number.as_u64() == Some(0) => Some(false),
            _ => None,
        };
        if read.is_none() {
            self.refuse(form, name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.");
        }
        read
    }

    /// A snowflake, as a text or a number.
    pub fn snowflake(&self, form: &mut Form, name: &str) -> Option<AnyId> {
        snowflake(form, self.get(name)?, self.path_of(name))
    }

    /// Permission bits, as a decimal text or a number; unknown ones are dropped.
    pub fn permissions(&self, form: &mut Form, name: &str) -> Option<Permissions> {
        let value = self.get(name)?;
        let bits = match value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_u64(),
            _ => None,
        };
        if bits.is_none() {
            self.refuse(form, name, "NUMBER_TYPE_COERCE", format!("Value {value} is not int."));
        }
        bits.map(Permissions::from_bits_truncate)
    }

    /// An address of at most `max` characters whose scheme is one of these.
    pub fn url(&self, form: &mut Form, name: &str, max: usize, schemes: &[&str]) -> Option<String> {
        let text = self.text(form, name, 0..=max)?;
        if text.is_empty() {
            return None;
        }
        match Url::parse(&text) {
            Ok(url) if schemes.contains(&url.scheme()) => return Some(text),
            Ok(url) => {
                let known = schemes.iter().map(|scheme| format!("'{scheme}'")).collect::<Vec<_>>().join(", ");
                let message = format!("Scheme \"{}\" must be one of ({known}).", url.scheme());
                self.refuse(form, name, "URL_TYPE_INVALID_SCHEME", message);
            }
            Err(_) => self.refuse(form, name, "URL_TYPE_INVALID_URL", "Not a well formed URL."),
        }
        None
    }

    /// A point in time in ISO 8601.
    pub fn timestamp(&self, form: &mut Form, name: &str) -> Option<Timestamp> {
        let text = self.text(form, name, 0..=64)?;
        let read = Timestamp::from_str(&text).ok();
        if read.is_none() {
            let message = format!("Could not parse {text}. Should be ISO8601.");
            self.refuse(form, name, "DATE_TIME_TYPE_PARSE", message);
        }
        read
    }

    /// A list of so many entries; empty if absent or not a list.
    pub fn list(&self, form: &mut Form, name: &str, length: RangeInclusive<usize>) -> Vec<Entry<'a>> {
        let path = self.path_of(name);
        match self.get(name) {
            None => {
                if *length.start() > 0 {
                    form.required(&path, false);
                }
                Vec::new()
            }
            Some(Value::Array(entries)) => {
                check_length(form, &path, entries.len(), length.clone());
                // What is beyond the limit has been refused and is not worth a complaint each.
                let entries = entries.iter().take(*length.end()).enumerate();
                entries.map(|(index, value)| Entry { value, path: format!("{path}.{index}") }).collect()
            }
            Some(_) => {
                form.refuse(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
                Vec::new()
            }
        }
    }

    /// An object within it; `None` if absent or not an object.
    pub fn object(&self, form: &mut Form, name: &str) -> Option<Object<'a>> {
        Object::at(form, self.get(name)?, self.path_of(name))
    }
}

/// A snowflake, as a text or a number.
pub fn snowflake(form: &mut Form, value: &Value, path: String) -> Option<AnyId> {
    let read = match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64().filter(|number| *number >= 0).map(AnyId::new),
        _ => None,
    };
    if read.is_none() {
        form.refuse(path, "NUMBER_TYPE_COERCE", format!("Value {value} is not snowflake."));
    }
    read
}

/// A whole number, also one written as a text or with a fraction of zero.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15)?;
            #[expect(clippy::cast_possible_truncation, reason = "whole and small enough, checked above")]
            Some(float as i64)
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Complains if a text or list has not so many characters or entries.
pub fn check_length(form: &mut Form, path: &str, length: usize, allowed: RangeInclusive<usize>) {
    let (min, max) = (*allowed.start(), *allowed.end());
    if allowed.contains(&length) {
        return;
    }
    if min == 0 {
        form.refuse(path, "BASE_TYPE_MAX_LENGTH", format!("Must be {max} or fewer in length."));
    } else if length == 0 {
        form.required(path, false);
    } else {
        form.refuse(path, "BASE_TYPE_BAD_LENGTH", format!("Must be between {min} and {max} in length."));
    }
}
