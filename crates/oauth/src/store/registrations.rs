//! The table `registration_tokens`: what staff give to those who may register a client by themselves (RFC 7591).

use guildhall_base::{Code as ErrorCode, Timestamp, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::{params, sql};

use crate::model::SecretHash;

pub(crate) fn insert(batch: &mut Batch, hash: SecretHash, by: UserId, expires: Timestamp, uses: u32) {
    batch.run(
        sql!(
            "INSERT INTO registration_tokens (hash, created_by, expires, uses_left) VALUES ($1, $2, $3, $4)"
        ),
        params![hash.to_vec(), by, expires, uses],
    );
}

/// Uses a token once; otherwise nothing of the batch happens. The outcome has who gave it.
pub(crate) fn spend(batch: &mut Batch, hash: SecretHash, now: Timestamp, otherwise: ErrorCode) {
    batch.must(
        sql!(
            "UPDATE registration_tokens SET uses_left = uses_left - 1
             WHERE hash = $1 AND expires > $2 AND uses_left > 0"
        ),
        params![hash.to_vec(), now],
        otherwise,
    );
}

pub(crate) async fn giver(
    db: &guildhall_infra::db::Db,
    hash: SecretHash,
) -> guildhall_base::Result<Option<UserId>> {
    let text = sql!("SELECT created_by FROM registration_tokens WHERE hash = $1");
    db.opt(text, params![hash.to_vec()]).await?.map(|row| row.get(0)).transpose()
}
