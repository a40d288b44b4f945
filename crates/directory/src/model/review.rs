//! Reviews of listings, and answers to them.

use guildhall_base::{ReviewId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ListingId;

/// A review (with stars, answers nothing) or an answer (without, below a review).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Its id, from which follows when it was written.
    pub id: ReviewId,
    /// Of which listing.
    pub listing: ListingId,
    /// The review at the top of the thread; none: this is it.
    pub root: Option<ReviewId>,
    /// What it answers.
    pub parent: Option<ReviewId>,
    /// Who wrote it; none: it was taken away, and is only the place of the answers to it.
    pub author: Option<UserId>,
    /// 0 to 10, of reviews.
    pub stars: Option<u64>,
    /// 10 to 20,000 characters.
    pub text: String,
    /// Whether it speaks for the listing.
    pub official: bool,
    /// How many find it helpful.
    pub up: u64,
    /// How many do not.
    pub down: u64,
    /// Counts its changes.
    pub version: i64,
    /// When it was changed last.
    pub edited_at: Option<Timestamp>,
    /// Answers in its thread.
    pub replies: u64,
    /// What whoever asks thinks of it.
    pub voted: Option<Voice>,
}

impl Review {
    /// The review at the top of its thread.
    pub fn top(&self) -> ReviewId {
        self.root.unwrap_or(self.id)
    }
}

/// What somebody thinks of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// Helpful.
    Up,
    /// Not so.
    Down,
}

/// What a review said before it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewEdit {
    /// 1 for what was said first.
    pub version: i64,
    /// Its stars then.
    pub stars: Option<u64>,
    /// Its text then.
    pub text: String,
    /// When it was changed.
    pub changed_at: Timestamp,
}

/// The order of a listing's reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewSort {
    /// The latest first.
    #[default]
    Newest,
    /// Those first that most find helpful.
    Helpful,
}
