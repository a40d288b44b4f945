//! Votes, and the months that they are counted in.

use std::fmt;
use std::str::FromStr;

use guildhall_base::{Id, Timestamp, UserId};
use time::OffsetDateTime;

use super::ListingId;

/// Only a name for the type parameter of [`VoteId`].
#[derive(Debug, Clone, Copy)]
pub enum VoteMarker {}

/// Id of a vote, from which follows when it was cast.
pub type VoteId = Id<VoteMarker>;

/// One vote of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// Which.
    pub id: VoteId,
    /// For what.
    pub listing: ListingId,
    /// Whose.
    pub user: UserId,
}

/// What one person's votes for one listing come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Voted {
    /// How many there are.
    pub votes: u64,
    /// When the latest hundred were cast, the latest first.
    pub times: Vec<Timestamp>,
    /// Whether the latest still keeps them from voting for this listing again.
    pub lasting: bool,
    /// When they may vote for it again; none: now.
    pub can_vote_at: Option<Timestamp>,
}

/// A month of the calendar, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u8,
}

impl Month {
    /// The one that a time is in.
    pub fn of(at: Timestamp) -> Self {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self { year: at.year(), month: at.month().into() }
    }

    /// The one before.
    #[must_use]
    pub const fn before(self) -> Self {
        match self.month {
            0 | 1 => Self { year: self.year - 1, month: 12 },
            month => Self { month: month - 1, ..self },
        }
    }
}

/// `2026-11`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A month is `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAMonth;

impl FromStr for Month {
    type Err = NotAMonth;
    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let (year, month) = text.split_once('-').ok_or(NotAMonth)?;
        let read =
            Self { year: year.parse().map_err(|_| NotAMonth)?, month: month.parse().map_err(|_| NotAMonth)? };
        // What is written in another way is another text in the database.
        if (1..=12).contains(&read.month) && read.to_string() == text { Ok(read) } else { Err(NotAMonth) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use super::*;

    #[test]
    fn months_go_back_over_new_year() {
        let month = |text: &str| Month::of(text.parse::<Timestamp>().unwrap());
        assert_eq!(month("2026-01-31T23:59:59Z").to_string(), "2026-01");
        assert_eq!(month("2026-01-31T23:59:59Z").before().to_string(), "2025-12");
        assert_eq!(month("2026-12-01T00:00:00Z").before().to_string(), "2026-11");
        assert_eq!("2026-11".parse(), Ok(month("2026-11-21T00:00:00Z")));
        for wrong in ["2026-13", "2026-1", "2026-00", "2026", "x-01", "+026-01"] {
            assert_eq!(wrong.parse::<Month>(), Err(NotAMonth), "{wrong}");
        }
    }
}
