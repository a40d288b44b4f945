//! Fields of a PATCH body: absent (leave it), null (clear it) or a value (set it).

use serde::{Deserialize, Deserializer};

/// `None` leaves the field, `Some(None)` clears it, `Some(Some(value))` sets it.
/// Needs `#[serde(default, deserialize_with = "guildhall_base::present")]`.
pub type Patch<T> = Option<Option<T>>;

/// Deserializes a present field into `Some`, so that null and absence can be told apart.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Deserializers for what real libraries send where the documentation asks for something narrower.
pub mod lenient {
    use serde::{Deserialize, Deserializer, de};

    /// `true`, `"true"`, `"True"`, `1`, `"1"` and their opposites; null and absence are `false`.
    pub fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Bool(bool),
            Number(u8),
            Text(String),
            Null(()),
        }
        match Form::deserialize(deserializer)? {
            Form::Bool(value) => Ok(value),
            Form::Null(()) | Form::Number(0) => Ok(false),
            Form::Number(1) => Ok(true),
            Form::Text(text) if text == "1" || text.eq_ignore_ascii_case("true") => Ok(true),
            Form::Text(text) if text == "0" || text.eq_ignore_ascii_case("false") => Ok(false),
            Form::Number(number) => {
                Err(de::Error::invalid_value(de::Unexpected::Unsigned(number.into()), &"a boolean"))
            }
            Form::Text(text) => Err(de::Error::invalid_value(de::Unexpected::Str(&text), &"a boolean")),
        }
    }

    /// Null counts as absent: the default value.
    pub fn null_as_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
    }
}
