//! What goes into a statement ([`Param`], [`params!`](crate::params), [`Rows`]) and what comes out of a column
//! ([`Column`]).
//!
//! | Rust | column |
//! |---|---|
//! | `i64`, smaller and unsigned integers, `Id<T>`, `Timestamp`, `Permissions`, `Scopes` | `BIGINT` |
//! | `bool` | `BOOLEAN` |
//! | `f64` | `DOUBLE PRECISION` |
//! | `String`, `&str`, [`Json<T>`] | `TEXT` |
//! | `Vec<u8>`, `Bytes`, `&[u8]` | `{bytes}` |
//! | `Option<T>` | any of them, nullable |
//! | `Vec` or slice of integers, ids or texts | parameter of `{in $n}` |
//! | [`Rows`], [`Json`] of a list of tuples | parameter of `{rows $n: ...}` |

use std::sync::Arc;

use bytes::Bytes;
use guildhall_base::{Error, Id, Permissions, Scopes, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codes;
use super::error::caused;

/// One value on its way into or out of the database.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL's NULL.
    Null,
    /// `BIGINT`; also how SQLite gives back a `BOOLEAN`.
    Integer(i64),
    /// `BOOLEAN`.
    Boolean(bool),
    /// `DOUBLE PRECISION`.
    Real(f64),
    /// `TEXT`.
    Text(String),
    /// `{bytes}`.
    Bytes(Bytes),
    /// The list behind `{in $n}`.
    Integers(Vec<i64>),
    /// The list behind `{in $n}`.
    Texts(Vec<String>),
    /// Could not be made into a value; the statement fails with this explanation.
    Invalid(Arc<str>),
}

/// The parameters of one statement, `$1` first.
pub type Params = Vec<Value>;

/// The parameters of a statement: `params![id, &name, at]`.
#[macro_export]
macro_rules! params {
    ($($param:expr),* $(,)?) => { ::std::vec![$($crate::db::Param::into_value($param)),*] };
}

/// What may be a parameter.
pub trait Param {
    /// As a value.
    fn into_value(self) -> Value;
}

/// What may be read from a column. The text of a failure says what was found.
pub trait Column: Sized {
    /// From a value; what it says on failure completes "column 3: ".
    fn from_value(value: &Value) -> Result<Self, String>;
}

/// Refuses what one of the engines could not take, so that both behave alike.
pub(super) fn check(statement: &str, params: &[Value]) -> Result<(), Error> {
    for (index, value) in params.iter().enumerate() {
        let zero = match value {
            Value::Text(text) => text.contains('\0'),
            Value::Texts(texts) => texts.iter().any(|text| text.contains('\0')),
            Value::Invalid(problem) => {
                return Err(caused(codes::INTERNAL, statement, format!("${}: {problem}", index + 1)));
            }
            _ => false,
        };
        if zero {
            return Err(codes::ZERO_IN_TEXT.into());
        }
    }
    Ok(())
}

fn unexpected<T>(wanted: &str, found: &Value) -> Result<T, String> {
    let found = match found {
        Value::Null => "NULL",
        Value::Integer(_) => "an integer out of range or of another type",
        Value::Boolean(_) => "a boolean",
        Value::Real(_) => "a real number",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
        Value::Integers(_) | Value::Texts(_) | Value::Invalid(_) => "no column value",
    };
    Err(format!("expected {wanted}, found {found}"))
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Param for $integer {
            fn into_value(self) -> Value {
                i64::try_from(self).map_or_else(
                    |_| Value::Invalid(format!("{self} does not fit into a BIGINT").into()),
                    Value::Integer,
                )
            }
        }
        impl Param for &$integer {
            fn into_value(self) -> Value {
                (*self).into_value()
            }
        }
        impl Column for $integer {
            fn from_value(value: &Value) -> Result<Self, String> {
                match value {
                    Value::Integer(number) => {
                        Self::try_from(*number).or_else(|_| unexpected(stringify!($integer), value))
                    }
                    _ => unexpected(stringify!($integer), value),
                }
            }
        }
    )*};
}
integers!(i64, i32, i16, i8, u64, u32, u16, u8, usize);

/// A type that is a BIGINT underneath.
macro_rules! wrapped {
    ($([$($generic:ident)?] $kind:ty: $out:expr, $in:expr;)*) => {$(
        impl$(<$generic>)? Param for $kind {
            fn into_value(self) -> Value {
                Value::Integer($out(self))
            }
        }
        impl$(<$generic>)? Param for &$kind {
            fn into_value(self) -> Value {
                Value::Integer($out(*self))
            }
        }
        impl$(<$generic>)? Column for $kind {
            fn from_value(value: &Value) -> Result<Self, String> {
                i64::from_value(value).map($in)
            }
        }
    )*};
}
wrapped! {
    [T] Id<T>: Id::get, Id::new;
    [] Timestamp: Timestamp::millis, Timestamp::from_millis;
    [] Permissions: Permissions::to_db, Permissions::from_db;
    [] Scopes: Scopes::to_db, Scopes::from_db;
}

impl Param for bool {
    fn into_value(self) -> Value {
        Value::Boolean(self)
    }
}
impl Param for &bool {
    fn into_value(self) -> Value {
        Value::Boolean(*self)
    }
}
impl Column for bool {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Boolean(yes) => Ok(*yes),
            Value::Integer(0) => Ok(false),
            Value::Integer(1) => Ok(true),
            _ => unexpected("a boolean", value),
        }
    }
}

impl Param for f64 {
    fn into_value(self) -> Value {
        Value::Real(self)
    }
}
impl Column for f64 {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Real(number) => Ok(*number),
            _ => unexpected("a real number", value),
        }
    }
}

impl Param for String {
    fn into_value(self) -> Value {
        Value::Text(self)
    }
}
impl Param for &String {
    fn into_value(self) -> Value {
        Value::Text(self.clone())
    }
}
impl Param for &str {
    fn into_value(self) -> Value {
        Value::Text(self.to_owned())
    }
}
impl Column for String {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            _ => unexpected("a text", value),
        }
    }
}

impl Param for Vec<u8> {
    fn into_value(self) -> Value {
        Value::Bytes(self.into())
    }
}
impl Param for &Vec<u8> {
    fn into_value(self) -> Value {
        Value::Bytes(Bytes::copy_from_slice(self))
    }
}
impl Param for &[u8] {
    fn into_value(self) -> Value {
        Value::Bytes(Bytes::copy_from_slice(self))
    }
}
impl<const N: usize> Param for &[u8; N] {
    fn into_value(self) -> Value {
        Value::Bytes(Bytes::copy_from_slice(self))
    }
}
impl<const N: usize> Param for [u8; N] {
    fn into_value(self) -> Value {
        Value::Bytes(Bytes::copy_from_slice(&self))
    }
}
impl Param for Bytes {
    fn into_value(self) -> Value {
        Value::Bytes(self)
    }
}
impl Column for Bytes {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bytes(bytes) => Ok(bytes.clone()),
            _ => unexpected("bytes", value),
        }
    }
}
impl Column for Vec<u8> {
    fn from_value(value: &Value) -> Result<Self, String> {
        Bytes::from_value(value).map(Into::into)
    }
}
impl<const N: usize> Column for [u8; N] {
    fn from_value(value: &Value) -> Result<Self, String> {
        Bytes::from_value(value)?.as_ref().try_into().map_err(|_| format!("expected {N} bytes"))
    }
}

impl<T: Param> Param for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, Param::into_value)
    }
}
impl<'a, T> Param for &'a Option<T>
where
    &'a T: Param,
{
    fn into_value(self) -> Value {
        self.as_ref().map_or(Value::Null, Param::into_value)
    }
}
impl<T: Column> Column for Option<T> {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            _ => T::from_value(value).map(Some),
        }
    }
}

impl Param for Value {
    fn into_value(self) -> Value {
        self
    }
}
impl Column for Value {
    fn from_value(value: &Value) -> Result<Self, String> {
        Ok(value.clone())
    }
}

/// Anything as JSON in a `TEXT` column.
///
/// It is the JSON of the type's `Serialize`, so an `Id` is a string in it and a `Timestamp` is ISO 8601; for the
/// parameter of `{rows}` take [`Rows`], which writes values as the columns have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Json<T>(pub T);

impl<T: Serialize> Param for Json<T> {
    fn into_value(self) -> Value {
        match serde_json::to_string(&self.0) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Invalid(format!("not expressible as JSON: {error}").into()),
        }
    }
}
impl<T: DeserializeOwned> Column for Json<T> {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => serde_json::from_str(text).map(Json).map_err(|e| format!("bad JSON: {e}")),
            _ => unexpected("JSON", value),
        }
    }
}
