//! Table `listing_owners`: who keeps a listing besides its main owner.

use guildhall_base::{Error, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::model::{Keeper, ListingId, ListingRights};

/// As many as there may be, the main owner included.
pub(crate) const MOST: usize = 5;

/// Who keeps a listing, its main owner not among them.
pub(crate) async fn of(db: &Db, id: ListingId) -> Result<Vec<Keeper>> {
    let rows = db
        .all(
            sql!(
                "SELECT user_id, rights FROM listing_owners WHERE kind = $1 AND id = $2 ORDER BY added_at, user_id"
            ),
            params![id.kind.number(), id.id],
        )
        .await?;
    let keeper = |row: &guildhall_infra::db::Row| {
        let (user, rights) = row.read::<(UserId, i64)>()?;
        Ok(Keeper { user, rights: self::rights(rights), main: false })
    };
    rows.iter().map(keeper).collect()
}

/// What the database keeps of rights.
pub(super) fn rights(bits: i64) -> ListingRights {
    ListingRights::from_bits_truncate(u32::try_from(bits).unwrap_or(0))
}

/// Adds somebody, or changes what they may do; `full` if there are too many.
pub(crate) fn put(batch: &mut Batch, id: ListingId, keeper: &Keeper, now: Timestamp, full: impl Into<Error>) {
    batch.must(
        sql!(
            "INSERT INTO listing_owners (kind, id, user_id, rights, added_at)
             SELECT $1, $2, $3, $4, $5
             WHERE (SELECT COUNT(*) FROM listing_owners WHERE kind = $1 AND id = $2 AND user_id <> $3) < $6
             ON CONFLICT (kind, id, user_id) DO UPDATE SET rights = excluded.rights"
        ),
        params![id.kind.number(), id.id, keeper.user, keeper.rights.bits(), now, MOST - 1],
        full,
    );
}

/// Takes somebody off; `otherwise` if they were not on.
pub(crate) fn remove(batch: &mut Batch, id: ListingId, user: UserId, otherwise: impl Into<Error>) {
    batch.must(
        sql!("DELETE FROM listing_owners WHERE kind = $1 AND id = $2 AND user_id = $3"),
        params![id.kind.number(), id.id, user],
        otherwise,
    );
}
