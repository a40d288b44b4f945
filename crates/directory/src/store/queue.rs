//! Listings by their state, for staff: table `listings` as a queue, the oldest first.

use guildhall_base::{AnyId, Result, Timestamp, UserId};
use guildhall_infra::db::{Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{Cursor, ListingId, ListingKind, State};

/// A listing's place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) id: ListingId,
    pub(crate) owner: UserId,
    pub(crate) reviewer: Option<UserId>,
    pub(crate) created_at: Timestamp,
    pub(crate) changed_at: Timestamp,
}

impl Place {
    /// Where a page goes on that ends with it.
    pub(crate) fn cursor(&self) -> Cursor<3> {
        Cursor([self.created_at.millis(), self.id.kind.number(), self.id.id.get()])
    }
}

/// The listings in a state, of one kind if one is named, after a place, the oldest first.
pub(crate) async fn page(
    db: &Db,
    state: State,
    kind: Option<ListingKind>,
    after: Cursor<3>,
    limit: u16,
) -> Result<Vec<Place>> {
    let Cursor([created, after_kind, after_id]) = after;
    let rows = db
        .all(
            sql!(
                "SELECT kind, id, owner_id, reviewer_id, created_at, changed_at FROM listings
                 WHERE state = $1 AND kind >= $2 AND kind <= $3 AND (created_at, kind, id) > ($4, $5, $6)
                 ORDER BY created_at, kind, id LIMIT $7"
            ),
            params![
                state.number(),
                kind.map_or(0, ListingKind::number),
                kind.map_or(1, ListingKind::number),
                created,
                after_kind,
                after_id,
                i64::from(limit),
            ],
        )
        .await?;
    rows.iter().map(place).collect()
}

fn place(row: &Row) -> Result<Place> {
    let mut columns = row.columns();
    let kind = ListingKind::numbered(columns.next()?)?;
    let id = columns.next::<AnyId>()?;
    Ok(Place {
        id: ListingId { kind, id },
        owner: columns.next()?,
        reviewer: columns.next()?,
        created_at: columns.next()?,
        changed_at: columns.next()?,
    })
}
