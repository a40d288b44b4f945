//! Table `listing_history`: only ever added to.

use guildhall_base::{Error, HistoryId, Result};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{Entry, EventName, ListingId};

pub(crate) fn insert(batch: &mut Batch, entry: &Entry) {
    batch.run(
        sql!(
            "INSERT INTO listing_history (id, kind, listing_id, event, user_id, context)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![
            entry.id,
            entry.listing.kind.number(),
            entry.listing.id,
            entry.event.name(),
            entry.user,
            entry.context.to_string(),
        ],
    );
}

/// What happened to a listing, the latest first, before an entry if one is named.
pub(crate) async fn page(
    db: &Db,
    listing: ListingId,
    before: Option<HistoryId>,
    limit: u16,
) -> Result<Vec<Entry>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, event, user_id, context FROM listing_history
                 WHERE kind = $1 AND listing_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
            ),
            params![
                listing.kind.number(),
                listing.id,
                before.unwrap_or(HistoryId::new(i64::MAX)),
                i64::from(limit),
            ],
        )
        .await?;
    rows.iter().map(|row| entry(row, listing)).collect()
}

fn entry(row: &Row, listing: ListingId) -> Result<Entry> {
    let mut columns = row.columns();
    let id = columns.next()?;
    let event = columns.next::<String>()?;
    let event = EventName::named(&event)
        .ok_or_else(|| Error::internal(format!("{event:?} is nothing that happens to a listing")))?;
    let user = columns.next()?;
    let context = serde_json::from_str(&columns.next::<String>()?).map_err(Error::internal)?;
    Ok(Entry { id, listing, event, user, context })
}
