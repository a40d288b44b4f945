//! The tables `identities` and `provider_visits`.

use guildhall_base::{Code, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::provider::Identity;
use crate::token::TokenHash;

/// Whose account this is, if it is linked.
pub(crate) async fn find(db: &Db, provider: &str, subject: &str) -> Result<Option<UserId>> {
    let text = sql!("SELECT user_id FROM identities WHERE provider = $1 AND subject = $2");
    let row = db.opt(text, params![provider, subject]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// All of a user's: provider, subject, name, and when it was last used.
pub(crate) async fn list(db: &Db, user: UserId) -> Result<Vec<(String, String, String, Timestamp)>> {
    let text = sql!(
        "SELECT provider, subject, name, used FROM identities WHERE user_id = $1 ORDER BY created, subject"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// Fails the batch with `codes::DUPLICATE` if it is linked already.
pub(crate) fn insert(batch: &mut Batch, user: UserId, provider: &str, identity: &Identity, now: Timestamp) {
    batch.run(
        sql!(
            "INSERT INTO identities (provider, subject, user_id, name, created, used)
             VALUES ($1, $2, $3, $4, $5, $5)"
        ),
        params![provider, &identity.subject, user, &identity.name, now],
    );
}

/// Notes a use. Fails with `otherwise` if it is no longer this user's.
pub(crate) fn note_use(
    batch: &mut Batch,
    user: UserId,
    provider: &str,
    identity: &Identity,
    now: Timestamp,
    otherwise: Code,
) {
    batch.must(
        sql!(
            "UPDATE identities SET name = $4, used = $5
             WHERE provider = $1 AND subject = $2 AND user_id = $3"
        ),
        params![provider, &identity.subject, user, &identity.name, now],
        otherwise,
    );
}

/// Fails with `otherwise` if the user has no such link.
pub(crate) fn remove(batch: &mut Batch, user: UserId, provider: &str, subject: &str, otherwise: Code) {
    batch.must(
        sql!("DELETE FROM identities WHERE user_id = $1 AND provider = $2 AND subject = $3"),
        params![user, provider, subject],
        otherwise,
    );
}

/// Whether somebody here has this address.
pub(crate) async fn address_is_known(db: &Db, email: &str) -> Result<bool> {
    let text = sql!("SELECT 1 FROM users WHERE email = $1");
    Ok(db.opt(text, params![email]).await?.is_some())
}

/// Gives a new user the address that their provider has verified.
pub(crate) fn set_address(batch: &mut Batch, user: UserId, email: &str) {
    batch.run(sql!("UPDATE users SET email = $2, verified = TRUE WHERE id = $1"), params![user, email]);
}

/// A visit to a provider.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) hash: TokenHash,
    pub(crate) provider: String,
    pub(crate) browser: TokenHash,
    pub(crate) user: Option<UserId>,
    /// Sealed.
    pub(crate) state: Vec<u8>,
}

/// Begins a visit; those that are too old go.
pub(crate) fn begin(batch: &mut Batch, visit: Visit, (now, expires): (Timestamp, Timestamp)) {
    batch.run(sql!("DELETE FROM provider_visits WHERE expires <= $1"), params![now]);
    batch.run(
        sql!(
            "INSERT INTO provider_visits (hash, provider, browser, user_id, state, expires)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![
            visit.hash.to_vec(),
            visit.provider,
            visit.browser.to_vec(),
            visit.user,
            visit.state,
            expires,
        ],
    );
}

/// Takes a visit away to finish it: it comes back once, to the same provider's address and in the same browser.
pub(crate) async fn take(
    db: &Db,
    (hash, browser): (TokenHash, TokenHash),
    provider: &str,
    now: Timestamp,
) -> Result<Option<(Option<UserId>, Vec<u8>)>> {
    let taken = db
        .run(
            sql!(
                "DELETE FROM provider_visits WHERE hash = $1 AND browser = $2 AND provider = $3 AND expires > $4
                 RETURNING user_id, state"
            ),
            params![hash.to_vec(), browser.to_vec(), provider, now],
        )
        .await?;
    taken.rows.first().map(|row| row.read()).transpose()
}
