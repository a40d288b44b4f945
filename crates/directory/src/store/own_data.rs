//! What all tables keep of one person.

use guildhall_base::{Result, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{ListingId, ListingKind};

/// The listings of which somebody is the main owner, with their names.
pub(crate) async fn owned(db: &Db, user: UserId) -> Result<Vec<(ListingId, String)>> {
    let rows = db
        .all(sql!("SELECT kind, id, name FROM listings WHERE owner_id = $1 ORDER BY id"), params![user])
        .await?;
    let read = |row: &Row| {
        let (kind, id, name) = row.read::<(i64, guildhall_base::AnyId, String)>()?;
        Ok((ListingId { kind: ListingKind::numbered(kind)?, id }, name))
    };
    rows.iter().map(read).collect()
}

/// Forgets a person. A bot of theirs is forgotten the same way: as a person it keeps nothing, as a bot it is delisted.
pub(crate) fn forget(batch: &mut Batch, user: UserId) {
    batch.run(sql!("DELETE FROM vanities WHERE kind = 2 AND id = $1"), params![user]);
    batch.run(sql!("DELETE FROM vanities WHERE kind = 0 AND id = $1"), params![user]);
    batch.run(
        sql!("DELETE FROM listings WHERE owner_id = $1 OR (kind = 0 AND id = $1 AND platform = '')"),
        params![user],
    );
    batch.run(sql!("DELETE FROM listing_owners WHERE user_id = $1"), params![user]);
    batch.run(sql!("DELETE FROM listing_team_members WHERE user_id = $1"), params![user]);
    batch.run(sql!("DELETE FROM listing_teams WHERE owner_id = $1"), params![user]);
}
