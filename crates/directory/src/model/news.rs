//! What keepers of a listing tell everybody: news, and where there is more to read.

use guildhall_base::{AnyId, Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What news are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewsKind {
    /// Something to win or to save.
    Promotion = 0,
    /// It will not work for a while.
    Maintenance = 1,
    /// Anything else.
    Announcement = 2,
}

impl NewsKind {
    /// As stored.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// As read.
    ///
    /// # Errors
    /// Internal, for a number that is none.
    pub fn numbered(number: i64) -> Result<Self> {
        match number {
            0 => Ok(Self::Promotion),
            1 => Ok(Self::Maintenance),
            2 => Ok(Self::Announcement),
            _ => Err(Error::internal(format!("{number} is no kind of news"))),
        }
    }
}

/// Something that keepers tell everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Its id, from which follows since when it is told.
    pub id: AnyId,
    /// What it is about.
    pub kind: NewsKind,
    /// 3 to 100 characters.
    pub title: String,
    /// 10 to 4,000 characters.
    pub text: String,
    /// When it is news no longer; none: never.
    pub ends_at: Option<Timestamp>,
}

/// Where there is more to read about a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its id.
    pub id: AnyId,
    /// 3 to 100 characters.
    pub title: String,
    /// At most 500 characters.
    pub description: String,
    /// Where it leads, https.
    pub url: String,
}
