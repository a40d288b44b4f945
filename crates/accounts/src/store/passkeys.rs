//! The tables `passkeys` and `ceremonies`.

use guildhall_base::{Code, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::passkey::PasskeyId;
use crate::token::TokenHash;

/// A stored passkey.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) id: PasskeyId,
    pub(crate) user: UserId,
    /// JSON.
    pub(crate) data: String,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) used: Option<Timestamp>,
}

fn stored(row: &Row) -> Result<Stored> {
    let (id, user, data, name, created, used) = row.read()?;
    Ok(Stored { id, user, data, name, created, used })
}

/// All of a user's, the oldest first.
pub(crate) async fn list(db: &Db, user: UserId) -> Result<Vec<Stored>> {
    let text =
        sql!("SELECT id, user_id, data, name, created, used FROM passkeys WHERE user_id = $1 ORDER BY id");
    db.all(text, params![user]).await?.iter().map(stored).collect()
}

pub(crate) async fn find(db: &Db, credential: &[u8]) -> Result<Option<Stored>> {
    let text = sql!("SELECT id, user_id, data, name, created, used FROM passkeys WHERE credential = $1");
    db.opt(text, params![credential.to_vec()]).await?.as_ref().map(stored).transpose()
}

/// Fails the batch with `codes::DUPLICATE` if somebody has this credential already.
pub(crate) fn insert(batch: &mut Batch, new: &Stored, credential: Vec<u8>) {
    batch.run(
        sql!(
            "INSERT INTO passkeys (id, user_id, credential, data, name, created, used)
             VALUES ($1, $2, $3, $4, $5, $6, NULL)"
        ),
        params![new.id, new.user, credential, &new.data, &new.name, new.created],
    );
}

/// Notes a use, with what the authenticator now says of itself. Fails with `otherwise` if the passkey has gone or was
/// used at the same time.
pub(crate) fn note_use(
    batch: &mut Batch,
    id: PasskeyId,
    (before, after): (&str, &str),
    now: Timestamp,
    otherwise: Code,
) {
    batch.must(
        sql!("UPDATE passkeys SET data = $3, used = $4 WHERE id = $1 AND data = $2"),
        params![id, before, after, now],
        otherwise,
    );
}

/// Fails with `otherwise` if the user has no such passkey.
pub(crate) fn rename(batch: &mut Batch, user: UserId, id: PasskeyId, name: &str, otherwise: Code) {
    batch.must(
        sql!("UPDATE passkeys SET name = $3 WHERE user_id = $1 AND id = $2"),
        params![user, id, name],
        otherwise,
    );
}

/// Fails with `otherwise` if the user has no such passkey.
pub(crate) fn remove(batch: &mut Batch, user: UserId, id: PasskeyId, otherwise: Code) {
    batch.must(sql!("DELETE FROM passkeys WHERE user_id = $1 AND id = $2"), params![user, id], otherwise);
}

/// Begins a ceremony; those that are too old go.
pub(crate) fn begin(
    batch: &mut Batch,
    hash: TokenHash,
    user: Option<UserId>,
    (purpose, state): (&str, String),
    (now, expires): (Timestamp, Timestamp),
) {
    batch.run(sql!("DELETE FROM ceremonies WHERE expires <= $1"), params![now]);
    batch.run(
        sql!("INSERT INTO ceremonies (hash, user_id, purpose, state, expires) VALUES ($1, $2, $3, $4, $5)"),
        params![hash.to_vec(), user, purpose, state, expires],
    );
}

/// Takes a ceremony away to finish it, whatever comes of it: a challenge is answered once.
pub(crate) async fn take(
    db: &Db,
    hash: TokenHash,
    purpose: &str,
    now: Timestamp,
) -> Result<Option<(Option<UserId>, String)>> {
    let taken = db
        .run(
            sql!(
                "DELETE FROM ceremonies WHERE hash = $1 AND purpose = $2 AND expires > $3
                 RETURNING user_id, state"
            ),
            params![hash.to_vec(), purpose, now],
        )
        .await?;
    taken.rows.first().map(|row| row.read()).transpose()
}
