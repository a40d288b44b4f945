//! Table `vote_reminders`.

use guildhall_base::{Result, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::model::ListingId;

/// Whether somebody wants to be told when they can vote for a listing again.
pub(crate) async fn wanted(db: &Db, user: UserId, id: ListingId) -> Result<bool> {
    let row = db
        .opt(
            sql!("SELECT 1 FROM vote_reminders WHERE user_id = $1 AND kind = $2 AND listing_id = $3"),
            params![user, id.kind.number(), id.id],
        )
        .await?;
    Ok(row.is_some())
}

/// What somebody wants to be reminded of.
pub(crate) async fn of_user(db: &Db, user: UserId) -> Result<Vec<ListingId>> {
    let rows = db
        .all(
            sql!("SELECT kind, listing_id FROM vote_reminders WHERE user_id = $1 ORDER BY kind, listing_id"),
            params![user],
        )
        .await?;
    rows.iter().map(super::listings::key).collect()
}

/// Writes the wish down, or takes it back.
pub(crate) fn set(batch: &mut Batch, user: UserId, id: ListingId, wanted: bool) {
    let params = params![user, id.kind.number(), id.id];
    if wanted {
        batch.run(
            sql!(
                "INSERT INTO vote_reminders (user_id, kind, listing_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
            ),
            params,
        );
    } else {
        batch.run(
            sql!("DELETE FROM vote_reminders WHERE user_id = $1 AND kind = $2 AND listing_id = $3"),
            params,
        );
    }
}
