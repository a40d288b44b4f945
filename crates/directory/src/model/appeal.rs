//! What staff are asked about a listing.

use guildhall_accounts::Rights;
use guildhall_base::{AnyId, Error, Result, ReviewId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ListingId;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppealKind {
    /// To look at a refusal or a ban again; by its keepers.
    Appeal = 0,
    /// To be certified; by its keepers.
    Certification = 1,
    /// To look into something; by everybody.
    Report = 2,
}

impl AppealKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Appeal, Self::Certification, Self::Report];

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
            0 => Ok(Self::Appeal),
            1 => Ok(Self::Certification),
            2 => Ok(Self::Report),
            _ => Err(Error::internal(format!("{number} is no kind of appeal"))),
        }
    }

    /// What whoever answers it must have.
    pub const fn needs(self) -> Rights {
        match self {
            Self::Appeal | Self::Report => Rights::LISTINGS_MODERATE,
            Self::Certification => Rights::LISTINGS_CERTIFY,
        }
    }
}

/// A question to staff, and their answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Its id, from which follows when it was asked.
    pub id: AnyId,
    /// About which listing.
    pub listing: ListingId,
    /// What is asked for.
    pub kind: AppealKind,
    /// Who asks.
    pub user: UserId,
    /// The review that a report is about.
    pub review: Option<ReviewId>,
    /// 7 to 4,000 characters.
    pub text: String,
    /// What staff said.
    pub answer: Option<Answer>,
}

/// What staff said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// When.
    pub at: Timestamp,
    /// Who; none where they are here no longer.
    pub by: Option<UserId>,
    /// Whether they do what was asked for.
    pub accepted: bool,
    /// In words, 5 to 4,000 characters.
    pub text: String,
}
