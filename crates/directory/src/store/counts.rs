//! Table `listing_counts`: what changes often. Every change is an addition in the database, never a number that was read
//! before.

use guildhall_base::{Result, Timestamp};
use guildhall_infra::db::{Batch, Columns};
use guildhall_infra::{params, sql};

use crate::model::{Counts, ListingId};

/// Begins to count for a new listing.
pub(crate) fn insert(batch: &mut Batch, id: ListingId) {
    batch
        .run(sql!("INSERT INTO listing_counts (kind, id) VALUES ($1, $2)"), params![id.kind.number(), id.id]);
}

/// What a bot, or the guild itself, says of its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Size {
    pub(crate) guilds: u64,
    pub(crate) users: u64,
    pub(crate) shards: u64,
}

pub(crate) fn set_size(batch: &mut Batch, id: ListingId, size: Size, now: Timestamp) {
    batch.run(
        sql!(
            "UPDATE listing_counts SET guilds = $3, users = $4, shards = $5, counted_at = $6
             WHERE kind = $1 AND id = $2"
        ),
        params![id.kind.number(), id.id, size.guilds, size.users, size.shards, now],
    );
}

/// Reads `votes, total_votes, views, invites, guilds, users, shards, counted_at, reviews, stars`.
pub(super) fn counts(columns: &mut Columns<'_>) -> Result<Counts> {
    Ok(Counts {
        votes: columns.next()?,
        total_votes: columns.next()?,
        views: columns.next()?,
        invites: columns.next()?,
        guilds: columns.next()?,
        users: columns.next()?,
        shards: columns.next()?,
        counted_at: columns.next()?,
        reviews: columns.next()?,
        stars: columns.next()?,
    })
}
