//! What jobs say of themselves: in English for programs, and as a text that pages say in the reader's language.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use guildhall_base::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::db::{Column, Param, Value as Stored};
use crate::i18n::{FluentValue, Language, Words};

/// What stands between the parts where it is stored.
const BETWEEN: char = '\u{1f}';

/// A few words. Serialized, shown and compared with texts, it is the English.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phrase {
    english: String,
    /// The key of the text, and its values.
    text: Option<(String, BTreeMap<String, Value>)>,
}

impl Phrase {
    /// Of the text with this key, beside its English.
    pub fn new(key: &str, english: impl Into<String>) -> Self {
        Self { text: Some((key.to_owned(), BTreeMap::new())), ..Self::from(english.into()) }
    }

    /// A value that the text needs: a number or a string.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some((_, values)) = &mut self.text {
            values.insert(name.to_owned(), value.into());
        }
        self
    }

    /// A value that is itself a text, with this key.
    #[must_use]
    pub fn with_text(self, name: &str, key: &str) -> Self {
        self.with(name, json!({ "text": key }))
    }

    /// A value that says why something failed.
    #[must_use]
    pub fn with_failure(self, name: &str, error: &Error) -> Self {
        self.with(name, json!({ "code": error.code.name, "detail": error.detail }))
    }

    /// In the reader's language, where the text is written in it.
    pub fn said_in(&self, words: &Words, language: Language) -> String {
        let written = self.text.as_ref().and_then(|(key, values)| {
            let value = |value| value_in(words, language, value);
            let values: Vec<_> = values.iter().map(|(name, one)| (name.as_str(), value(one))).collect();
            words.find(language, key, &values)
        });
        written.unwrap_or_else(|| self.english.clone())
    }

    fn stored(&self) -> String {
        match &self.text {
            Some((key, values)) => {
                let values = serde_json::to_string(values).unwrap_or_default();
                format!("{}{BETWEEN}{key}{BETWEEN}{values}", self.english)
            }
            None => self.english.clone(),
        }
    }

    fn read(stored: &str) -> Self {
        let mut parts = stored.splitn(3, BETWEEN);
        let english = parts.next().unwrap_or_default().to_owned();
        let text = parts.next().map(|key| {
            let values = parts.next().and_then(|values| serde_json::from_str(values).ok());
            (key.to_owned(), values.unwrap_or_default())
        });
        Self { english, text }
    }
}

fn value_in(words: &Words, language: Language, value: &Value) -> FluentValue<'static> {
    let part = |name: &str| value.get(name).and_then(Value::as_str);
    if let Some(number) = value.as_u64() {
        return number.into();
    }
    let said = match (part("text"), part("code")) {
        (Some(key), _) => words.text(language, key),
        (None, Some(code)) => words.failure(language, code, part("detail").unwrap_or_default()),
        (None, None) => value.as_str().unwrap_or_default().to_owned(),
    };
    said.into()
}

impl From<String> for Phrase {
    fn from(english: String) -> Self {
        // The database knows no text with U+0000.
        Self { english: english.replace(['\0', BETWEEN], "\u{fffd}"), text: None }
    }
}

impl From<&str> for Phrase {
    fn from(english: &str) -> Self {
        english.to_owned().into()
    }
}

impl Deref for Phrase {
    type Target = str;

    fn deref(&self) -> &str {
        &self.english
    }
}

impl PartialEq<&str> for Phrase {
    fn eq(&self, english: &&str) -> bool {
        self.english == **english
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

impl Serialize for Phrase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.english)
    }
}

impl<'de> Deserialize<'de> for Phrase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl Param for &Phrase {
    fn into_value(self) -> Stored {
        Stored::Text(self.stored())
    }
}

impl Column for Phrase {
    fn from_value(value: &Stored) -> Result<Self, String> {
        String::from_value(value).map(|stored| Self::read(&stored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_stored_whole_and_read_in_any_language() {
        let phrase = Phrase::new("nothing-of-the-kind", "Kept \u{1f}of {\0}")
            .with("count", 5)
            .with("name", "\u{1f}a\0");
        let stored = phrase.stored();
        assert!(!stored.contains('\0'), "{stored:?}");
        assert_eq!(Phrase::read(&stored), phrase);
        assert_eq!(Phrase::read("plain"), Phrase::from("plain"));
        let words = Words::new(&[]).unwrap();
        assert_eq!(phrase.said_in(&words, Language::Finnish), "Kept \u{fffd}of {\u{fffd}}", "no such text");
        let known = Phrase::new("site-code-conflict", "English");
        assert_ne!(known.said_in(&words, Language::Finnish), known.said_in(&words, Language::English));
        assert_eq!(serde_json::to_string(&known).unwrap(), "\"English\"");
    }
}
