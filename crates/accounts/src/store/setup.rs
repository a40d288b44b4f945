//! The table `setup_codes`: one-time links that make the first administrator.

use guildhall_base::{Code, Timestamp};
use guildhall_infra::db::Batch;
use guildhall_infra::{params, sql};

use crate::token::TokenHash;

/// Replaces all codes by this one.
pub(crate) fn replace(batch: &mut Batch, hash: TokenHash, expires: Timestamp) {
    batch.run(sql!("DELETE FROM setup_codes"), params![]);
    batch.run(
        sql!("INSERT INTO setup_codes (hash, expires) VALUES ($1, $2)"),
        params![hash.to_vec(), expires],
    );
}

/// Uses a code up. Of two who try at the same time, one fails with `otherwise`.
pub(crate) fn consume(batch: &mut Batch, hash: TokenHash, now: Timestamp, otherwise: Code) {
    batch.must(
        sql!("DELETE FROM setup_codes WHERE hash = $1 AND expires > $2"),
        params![hash.to_vec(), now],
        otherwise,
    );
}

/// Whether a code is good, without using it up.
pub(crate) async fn is_good(
    db: &guildhall_infra::db::Db,
    hash: TokenHash,
    now: Timestamp,
) -> guildhall_base::Result<bool> {
    let text = sql!("SELECT 1 FROM setup_codes WHERE hash = $1 AND expires > $2");
    Ok(db.opt(text, params![hash.to_vec(), now]).await?.is_some())
}
