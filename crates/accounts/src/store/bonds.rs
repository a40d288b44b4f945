//! The table `relationships`. Each change states what it found; when that is no longer so, the batch fails.

use guildhall_base::{Error, Result, Timestamp, UserId, codes};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::model::Bond;

/// What each of two sees in the other.
pub(crate) async fn between(db: &Db, a: UserId, b: UserId) -> Result<(Option<Bond>, Option<Bond>)> {
    let rows = db
        .all(
            sql!(
                "SELECT user_id, kind FROM relationships
                 WHERE user_id = $1 AND target_id = $2 OR user_id = $2 AND target_id = $1"
            ),
            params![a, b],
        )
        .await?;
    let mut pair = (None, None);
    for row in rows {
        let (user, kind) = row.read::<(UserId, u8)>()?;
        if user == a {
            pair.0 = Some(bond(kind)?);
        } else {
            pair.1 = Some(bond(kind)?);
        }
    }
    Ok(pair)
}

/// Somebody's whole list.
pub(crate) async fn list(db: &Db, user: UserId) -> Result<Vec<(UserId, Bond, Timestamp)>> {
    let text =
        sql!("SELECT target_id, kind, since FROM relationships WHERE user_id = $1 ORDER BY since, target_id");
    let rows = db.all(text, params![user]).await?;
    rows.iter()
        .map(|row| {
            let (target, kind, since) = row.read::<(UserId, u8, Timestamp)>()?;
            Ok((target, bond(kind)?, since))
        })
        .collect()
}

fn bond(kind: u8) -> Result<Bond> {
    Bond::from_number(kind).ok_or_else(|| Error::internal(format!("unknown relationship {kind}")))
}

/// Turns what `user` sees in `target` from one thing into another; fails the batch with [`codes::CONFLICT`] if it
/// was something else.
pub(crate) fn turn(
    batch: &mut Batch,
    (user, target): (UserId, UserId),
    from: Option<Bond>,
    to: Option<Bond>,
    now: Timestamp,
) {
    match (from, to) {
        (None, None) => 0,
        (None, Some(to)) => batch.must(
            sql!(
                "INSERT INTO relationships (user_id, target_id, kind, since) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (user_id, target_id) DO NOTHING"
            ),
            params![user, target, to.number(), now],
            codes::CONFLICT,
        ),
        (Some(from), Some(to)) => batch.must(
            sql!(
                "UPDATE relationships SET kind = $4, since = $5
                 WHERE user_id = $1 AND target_id = $2 AND kind = $3"
            ),
            params![user, target, from.number(), to.number(), now],
            codes::CONFLICT,
        ),
        (Some(from), None) => batch.must(
            sql!("DELETE FROM relationships WHERE user_id = $1 AND target_id = $2 AND kind = $3"),
            params![user, target, from.number()],
            codes::CONFLICT,
        ),
    };
}
