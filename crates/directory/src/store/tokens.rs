//! Table `listing_tokens`.

use guildhall_base::{Error, Result, Timestamp};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::model::ListingId;

/// Puts a token in place of the one that there was.
pub(crate) fn put(batch: &mut Batch, id: ListingId, hash: &[u8], now: Timestamp) {
    batch.run(
        sql!(
            "INSERT INTO listing_tokens (kind, id, hash, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind, id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at"
        ),
        params![id.kind.number(), id.id, hash, now],
    );
}

/// Takes the token away; `otherwise` if there is none.
pub(crate) fn remove(batch: &mut Batch, id: ListingId, otherwise: impl Into<Error>) {
    batch.must(
        sql!("DELETE FROM listing_tokens WHERE kind = $1 AND id = $2"),
        params![id.kind.number(), id.id],
        otherwise,
    );
}

/// The hash of a listing's token.
pub(crate) async fn hash(db: &Db, id: ListingId) -> Result<Option<Vec<u8>>> {
    let row = db
        .opt(
            sql!("SELECT hash FROM listing_tokens WHERE kind = $1 AND id = $2"),
            params![id.kind.number(), id.id],
        )
        .await?;
    row.map(|row| row.read()).transpose()
}
