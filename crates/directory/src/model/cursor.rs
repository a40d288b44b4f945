//! Where a page of a list ends: the values that it is ordered by, of its last row.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The `N` numbers by which a list is ordered, as `1.2.3`. To callers it is a word that they give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor<const N: usize>(pub [i64; N]);

/// The word is none that a list gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotACursor;

impl fmt::Display for NotACursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no place in the list")
    }
}

impl<const N: usize> fmt::Display for Cursor<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{number}")?;
        }
        Ok(())
    }
}

impl<const N: usize> FromStr for Cursor<N> {
    type Err = NotACursor;
    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let numbers: Result<Vec<i64>, _> = text.split('.').map(str::parse).collect();
        let numbers = numbers.map_err(|_| NotACursor)?;
        numbers.try_into().map(Self).map_err(|_| NotACursor)
    }
}

impl<const N: usize> TryFrom<String> for Cursor<N> {
    type Error = NotACursor;
    fn try_from(text: String) -> Result<Self, NotACursor> {
        text.parse()
    }
}

impl<const N: usize> From<Cursor<N>> for String {
    fn from(cursor: Cursor<N>) -> Self {
        cursor.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_nothing_else_does() {
        let cursor = Cursor([-5, 0, i64::MAX]);
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "1", "1.2", "1.2.3.4", "a.b.c", "1..3", "1.2.9223372036854775808"] {
            assert_eq!(bad.parse::<Cursor<3>>(), Err(NotACursor), "{bad}");
        }
    }
}
