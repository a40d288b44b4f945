//! Table `vanities`: short names in addresses, of bots, guilds and people alike.

use guildhall_base::{AnyId, Result, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::model::{ListingId, ListingKind};

/// What people's names have for a kind.
const PROFILE: i64 = 2;

/// What a short name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A listing.
    Listing(ListingId),
    /// A person.
    Profile(UserId),
}

impl Named {
    fn columns(self) -> (i64, AnyId) {
        match self {
            Self::Listing(id) => (id.kind.number(), id.id),
            Self::Profile(user) => (PROFILE, user.cast()),
        }
    }
}

/// What a short name leads to.
pub(crate) async fn find(db: &Db, code: &str) -> Result<Option<Named>> {
    let row =
        db.opt(sql!("SELECT kind, id FROM vanities WHERE code = $1"), params![code.to_lowercase()]).await?;
    let Some((kind, id)) = row.map(|row| row.read::<(i64, AnyId)>()).transpose()? else { return Ok(None) };
    Ok(Some(match kind {
        PROFILE => Named::Profile(id.cast()),
        kind => Named::Listing(ListingId { kind: ListingKind::numbered(kind)?, id }),
    }))
}

/// Gives something a short name in place of the one it had; `DUPLICATE` if it is taken.
pub(crate) fn set(batch: &mut Batch, named: Named, code: Option<&str>) {
    let (kind, id) = named.columns();
    batch.run(sql!("DELETE FROM vanities WHERE kind = $1 AND id = $2"), params![kind, id]);
    if let Some(code) = code {
        batch.run(
            sql!("INSERT INTO vanities (code, kind, id) VALUES ($1, $2, $3)"),
            params![code.to_lowercase(), kind, id],
        );
    }
}
