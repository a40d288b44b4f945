//! The tables `authenticators` and `recovery_codes`: second factors.

use guildhall_base::{Code, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

/// A stored app.
#[derive(Debug, Clone)]
pub(crate) struct Authenticator {
    /// Sealed.
    pub(crate) secret: Vec<u8>,
    pub(crate) confirmed: bool,
    pub(crate) step: i64,
}

pub(crate) async fn authenticator(db: &Db, user: UserId) -> Result<Option<Authenticator>> {
    let text = sql!("SELECT secret, confirmed, step FROM authenticators WHERE user_id = $1");
    let Some(row) = db.opt(text, params![user]).await? else { return Ok(None) };
    let (secret, confirmed, step) = row.read()?;
    Ok(Some(Authenticator { secret, confirmed, step }))
}

/// Whether a second step is asked of a user.
pub(crate) async fn is_guarded(db: &Db, user: UserId) -> Result<bool> {
    let text = sql!("SELECT 1 FROM authenticators WHERE user_id = $1 AND confirmed");
    Ok(db.opt(text, params![user]).await?.is_some())
}

/// Fails the batch with `otherwise` if a second step is asked of the user by now.
pub(crate) fn must_be_unguarded(batch: &mut Batch, user: UserId, otherwise: Code) {
    batch.must(
        sql!(
            "SELECT 1 FROM users WHERE id = $1
             AND NOT EXISTS (SELECT 1 FROM authenticators WHERE user_id = $1 AND confirmed)"
        ),
        params![user],
        otherwise,
    );
}

/// Begins with a new app. It replaces one that was not confirmed; fails with `otherwise` if one was.
pub(crate) fn begin(batch: &mut Batch, user: UserId, secret: Vec<u8>, now: Timestamp, otherwise: Code) {
    batch.must(
        sql!(
            "INSERT INTO authenticators (user_id, secret, confirmed, step, created) VALUES ($1, $2, FALSE, 0, $3)
             ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created = excluded.created
             WHERE NOT authenticators.confirmed"
        ),
        params![user, secret, now],
        otherwise,
    );
}

/// Confirms an app with its first code.
pub(crate) fn confirm(batch: &mut Batch, user: UserId, secret: Vec<u8>, step: i64, otherwise: Code) {
    batch.must(
        sql!(
            "UPDATE authenticators SET confirmed = TRUE, step = $3
             WHERE user_id = $1 AND secret = $2 AND NOT confirmed"
        ),
        params![user, secret, step],
        otherwise,
    );
}

/// Uses the code of a time step up, and with it those before. Fails with `otherwise` if it was used.
pub(crate) fn use_step(batch: &mut Batch, user: UserId, step: i64, otherwise: Code) {
    batch.must(
        sql!("UPDATE authenticators SET step = $2 WHERE user_id = $1 AND confirmed AND step < $2"),
        params![user, step],
        otherwise,
    );
}

/// Removes the app and its recovery codes. Fails with `otherwise` if there is none.
pub(crate) fn remove(batch: &mut Batch, user: UserId, otherwise: Code) {
    batch.must(sql!("DELETE FROM authenticators WHERE user_id = $1"), params![user], otherwise);
    batch.run(sql!("DELETE FROM recovery_codes WHERE user_id = $1"), params![user]);
}

/// Replaces all recovery codes by these.
pub(crate) fn replace_recovery(batch: &mut Batch, user: UserId, hashes: Vec<Vec<u8>>) {
    batch.run(sql!("DELETE FROM recovery_codes WHERE user_id = $1"), params![user]);
    for hash in hashes {
        batch.run(sql!("INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)"), params![user, hash]);
    }
}

/// Uses a recovery code up. Fails with `otherwise` if there is no such code (any more).
pub(crate) fn use_recovery(batch: &mut Batch, user: UserId, hash: Vec<u8>, otherwise: Code) {
    batch.must(
        sql!("DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2"),
        params![user, hash],
        otherwise,
    );
}

/// How many recovery codes are left.
pub(crate) async fn recovery_left(db: &Db, user: UserId) -> Result<i64> {
    let text = sql!("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1");
    db.one(text, params![user]).await?.get(0)
}
