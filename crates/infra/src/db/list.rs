//! Parameters that stand for many values: lists for `{in $n}` and [`Rows`] for `{rows $n: ...}`.

use std::fmt::Write as _;

use guildhall_base::{Id, Timestamp};

use super::value::{Param, Params, Value};

/// What a list for `{in $n}` may consist of.
pub trait Item {
    /// The list as one value.
    fn list<'a>(items: impl Iterator<Item = &'a Self>) -> Value
    where
        Self: 'a;
}

impl Item for i64 {
    fn list<'a>(items: impl Iterator<Item = &'a Self>) -> Value {
        Value::Integers(items.copied().collect())
    }
}
impl<T> Item for Id<T> {
    fn list<'a>(items: impl Iterator<Item = &'a Self>) -> Value
    where
        T: 'a,
    {
        Value::Integers(items.map(|id| id.get()).collect())
    }
}
impl Item for Timestamp {
    fn list<'a>(items: impl Iterator<Item = &'a Self>) -> Value {
        Value::Integers(items.map(|at| at.millis()).collect())
    }
}
impl Item for String {
    fn list<'a>(items: impl Iterator<Item = &'a Self>) -> Value {
        Value::Texts(items.cloned().collect())
    }
}
impl Item for &str {
    fn list<'a>(items: impl Iterator<Item = &'a Self>) -> Value
    where
        Self: 'a,
    {
        Value::Texts(items.map(|text| (*text).to_owned()).collect())
    }
}

impl<T: Item> Param for Vec<T> {
    fn into_value(self) -> Value {
        T::list(self.iter())
    }
}
impl<T: Item> Param for &Vec<T> {
    fn into_value(self) -> Value {
        T::list(self.iter())
    }
}
impl<T: Item> Param for &[T] {
    fn into_value(self) -> Value {
        T::list(self.iter())
    }
}
impl<T: Item, const N: usize> Param for [T; N] {
    fn into_value(self) -> Value {
        T::list(self.iter())
    }
}
impl<T: Item, const N: usize> Param for &[T; N] {
    fn into_value(self) -> Value {
        T::list(self.iter())
    }
}

/// The parameter of `{rows $n: ...}`: many rows in one statement.
///
/// ```
/// # use guildhall_infra::{db::Rows, params};
/// let rows: Rows = [(1_i64, "one"), (2, "two")].into_iter().map(|(id, name)| params![id, name]).collect();
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rows(Value);

impl FromIterator<Params> for Rows {
    fn from_iter<I: IntoIterator<Item = Params>>(rows: I) -> Self {
        let mut out = String::from("[");
        for (index, row) in rows.into_iter().enumerate() {
            out.push_str(if index > 0 { ",[" } else { "[" });
            for (index, value) in row.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                if let Err(problem) = element(&mut out, value) {
                    return Self(Value::Invalid(problem.into()));
                }
            }
            out.push(']');
        }
        out.push(']');
        Self(Value::Text(out))
    }
}

impl Param for Rows {
    fn into_value(self) -> Value {
        self.0
    }
}

fn element(out: &mut String, value: &Value) -> Result<(), String> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Integer(number) => write!(out, "{number}").map_err(|e| e.to_string())?,
        Value::Text(text) if text.contains('\0') => return Err("U+0000 in a text".into()),
        Value::Text(text) => out.push_str(&json(text)?),
        Value::Bytes(bytes) => {
            out.push('"');
            for byte in bytes {
                write!(out, "{byte:02x}").map_err(|e| e.to_string())?;
            }
            out.push('"');
        }
        Value::Real(_) | Value::Integers(_) | Value::Texts(_) => return Err("not allowed in rows".into()),
        Value::Invalid(problem) => return Err(problem.to_string()),
    }
    Ok(())
}

/// A list as SQLite's `json_each` reads it.
pub(super) fn list_as_json(value: &Value) -> Option<String> {
    match value {
        Value::Integers(numbers) => serde_json::to_string(numbers).ok(),
        Value::Texts(texts) => serde_json::to_string(texts).ok(),
        _ => None,
    }
}

fn json(text: &str) -> Result<String, String> {
    serde_json::to_string(text).map_err(|e| e.to_string())
}
