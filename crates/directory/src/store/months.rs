//! Table `vote_months`, and the end of periods.

use guildhall_base::{AnyId, Result};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{ListingId, ListingKind, Month};

/// Listings that were voted for in their period, after this one, by id.
pub(crate) async fn voted(db: &Db, kind: ListingKind, after: AnyId, limit: u32) -> Result<Vec<AnyId>> {
    let rows = db
        .all(
            sql!(
                "SELECT id FROM listing_counts WHERE kind = $1 AND id > $2 AND votes > 0 ORDER BY id LIMIT $3"
            ),
            params![kind.number(), after, limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// Begins to count anew.
pub(crate) fn end_period(batch: &mut Batch, kind: ListingKind, ids: &[AnyId]) {
    batch.run(
        sql!("UPDATE listing_counts SET votes = 0, period = period + 1 WHERE kind = $1 AND id {in $2}"),
        params![kind.number(), ids],
    );
}

/// Adds the votes of the period that was just ended in the same batch to what a month had. They are counted in the
/// ledger, because until the rows of counts were held further ones may have come.
pub(crate) fn archive(batch: &mut Batch, month: Month, kind: ListingKind, ids: &[AnyId]) {
    batch.run(
        sql!(
            "INSERT INTO vote_months (month, kind, id, votes)
             SELECT CAST($1 AS TEXT), v.kind, v.listing_id, COUNT(*)
             FROM votes AS v JOIN listing_counts AS c ON c.kind = v.kind AND c.id = v.listing_id
             WHERE v.kind = $2 AND v.listing_id {in $3} AND v.period = c.period - 1
             GROUP BY v.kind, v.listing_id
             ON CONFLICT (month, kind, id) DO UPDATE SET votes = vote_months.votes + excluded.votes"
        ),
        params![month.to_string(), kind.number(), ids],
    );
}

/// Gives the listings of a month their places; those with as many votes share one.
pub(crate) fn rank(batch: &mut Batch, month: Month, kind: ListingKind) {
    batch.run(
        sql!(
            "UPDATE vote_months SET place = ranked.place
             FROM (SELECT m.id AS listing, RANK() OVER (ORDER BY m.votes DESC) AS place
                   FROM vote_months AS m WHERE m.month = $1 AND m.kind = $2) AS ranked
             WHERE vote_months.month = $1 AND vote_months.kind = $2 AND vote_months.id = ranked.listing"
        ),
        params![month.to_string(), kind.number()],
    );
}

/// What a listing had in a past month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// `2026-11`.
    pub month: String,
    /// Votes.
    pub votes: u64,
    /// Its place among the listings of its kind, from 1; 0 while the month lasts.
    pub place: u64,
}

/// What a listing had in past months, the latest first; of the last ten years.
pub(crate) async fn of_listing(db: &Db, id: ListingId) -> Result<Vec<Past>> {
    let rows = db
        .all(
            sql!(
                "SELECT month, votes, place FROM vote_months WHERE kind = $1 AND id = $2 ORDER BY month DESC LIMIT 120"
            ),
            params![id.kind.number(), id.id],
        )
        .await?;
    let past = |row: &Row| {
        let (month, votes, place) = row.read()?;
        Ok(Past { month, votes, place })
    };
    rows.iter().map(past).collect()
}

/// The listings with the most votes of a past month: id, votes, place.
pub(crate) async fn top(
    db: &Db,
    month: Month,
    kind: ListingKind,
    limit: u32,
) -> Result<Vec<(AnyId, u64, u64)>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, votes, place FROM vote_months WHERE month = $1 AND kind = $2 AND place > 0
                 ORDER BY place, id LIMIT $3"
            ),
            params![month.to_string(), kind.number(), limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}
