//! Over several tables: whether somebody can still sign in.

use guildhall_base::{Code, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::{params, sql};

/// Locks a user's row until the end of the batch, so that two removals at the same time see each other.
pub(crate) fn lock(batch: &mut Batch, user: UserId, otherwise: Code) {
    batch.must(sql!("UPDATE users SET id = id WHERE id = $1"), params![user], otherwise);
}

/// Which ways in this installation has now, besides the password.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    /// Mails are sent, so that a confirmed address opens its account.
    pub(crate) mail: bool,
    pub(crate) passkeys: bool,
    /// Their names.
    pub(crate) providers: Vec<String>,
}

/// Fails the batch with `otherwise` if nothing is left to sign in with: no password, and no passkey, confirmed mail
/// address or account at a provider that opens anything here. [`lock`] comes first, the removal between.
pub(crate) fn must_remain(batch: &mut Batch, user: UserId, open: &Open, otherwise: Code) {
    batch.must(
        sql!(
            "SELECT 1 FROM users WHERE id = $1 AND (
                 password IS NOT NULL
                 OR (CAST($3 AS BOOLEAN) AND email IS NOT NULL AND verified)
                 OR (CAST($4 AS BOOLEAN) AND EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1))
                 OR EXISTS (SELECT 1 FROM identities WHERE user_id = $1 AND provider {in $2}))"
        ),
        params![user, &open.providers, open.mail, open.passkeys],
        otherwise,
    );
}
