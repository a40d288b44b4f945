//! The table `second_steps`: sign-ins that wait for their second step.

use guildhall_base::{Code, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::token::TokenHash;

/// Adds one; those of the same person that are too old go.
pub(crate) fn insert(
    batch: &mut Batch,
    hash: TokenHash,
    user: UserId,
    method: &str,
    (now, expires): (Timestamp, Timestamp),
) {
    batch.run(sql!("DELETE FROM second_steps WHERE user_id = $1 AND expires <= $2"), params![user, now]);
    batch.run(
        sql!(
            "INSERT INTO second_steps (hash, user_id, method, attempts, expires) VALUES ($1, $2, $3, 0, $4)"
        ),
        params![hash.to_vec(), user, method, expires],
    );
}

/// Counts an attempt, before it is looked at. None if there is no such ticket, it is too old or has no attempts left.
pub(crate) async fn attempt(
    db: &Db,
    hash: TokenHash,
    now: Timestamp,
    most: i64,
) -> Result<Option<(UserId, String)>> {
    let counted = db
        .run(
            sql!(
                "UPDATE second_steps SET attempts = attempts + 1
                 WHERE hash = $1 AND expires > $2 AND attempts < $3 RETURNING user_id, method"
            ),
            params![hash.to_vec(), now, most],
        )
        .await?;
    counted.rows.first().map(|row| row.read()).transpose()
}

/// Whose sign-in waits, without counting.
pub(crate) async fn find(db: &Db, hash: TokenHash, now: Timestamp, most: i64) -> Result<Option<UserId>> {
    let text = sql!("SELECT user_id FROM second_steps WHERE hash = $1 AND expires > $2 AND attempts < $3");
    let row = db.opt(text, params![hash.to_vec(), now, most]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Uses a ticket up. Of two who try at the same time, one fails with `otherwise`.
pub(crate) fn consume(batch: &mut Batch, hash: TokenHash, now: Timestamp, otherwise: Code) {
    batch.must(
        sql!("DELETE FROM second_steps WHERE hash = $1 AND expires > $2"),
        params![hash.to_vec(), now],
        otherwise,
    );
}

/// Ends all sign-ins of a user that wait: what they showed first holds no more.
pub(crate) fn clear(batch: &mut Batch, user: UserId) {
    batch.run(sql!("DELETE FROM second_steps WHERE user_id = $1"), params![user]);
}

/// Removes everybody's second steps whose time was over by then.
pub(crate) fn forget_expired(batch: &mut Batch, before: Timestamp) {
    batch.run(sql!("DELETE FROM second_steps WHERE expires <= $1"), params![before]);
}
