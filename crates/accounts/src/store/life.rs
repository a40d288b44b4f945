//! The tables `account_deletions`, `account_exports` and `retired_names`, and the end of a row of `users`.

use guildhall_base::{Code, Error, JobId, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};
use sha2::{Digest as _, Sha256};

use crate::model::Account;
use crate::token::TokenHash;

/// A deletion that waits.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) user: UserId,
    pub(crate) due: Timestamp,
    pub(crate) job: JobId,
    /// How they signed in, where the secret came with a sign-in.
    pub(crate) method: Option<String>,
}

/// Begins the time in which somebody may still stay. Fails the batch with `otherwise` if it has begun.
pub(crate) fn leave(
    batch: &mut Batch,
    user: UserId,
    (now, due): (Timestamp, Timestamp),
    job: JobId,
    otherwise: Code,
) {
    batch.must(
        sql!(
            "UPDATE users SET leaving = $2 WHERE id = $1 AND leaving IS NULL AND deleted IS NULL AND NOT bot"
        ),
        params![user, due],
        otherwise,
    );
    batch.run(
        sql!("INSERT INTO account_deletions (user_id, due, asked, job_id) VALUES ($1, $2, $3, $4)"),
        params![user, due, now, job],
    );
}

/// Arms the link of the mail; false if the deletion no longer waits.
pub(crate) async fn arm(db: &Db, user: UserId, due: Timestamp, link: TokenHash) -> Result<bool> {
    let text = sql!("UPDATE account_deletions SET link = $3 WHERE user_id = $1 AND due = $2");
    Ok(db.run(text, params![user, due, link.to_vec()]).await?.affected > 0)
}

/// Keeps what a sign-in is given instead of a session. Fails the batch with `otherwise` if the deletion no longer waits.
pub(crate) fn offer(
    batch: &mut Batch,
    (user, due): (UserId, Timestamp),
    ticket: TokenHash,
    method: &'static str,
    expires: Timestamp,
    otherwise: Code,
) {
    batch.must(
        sql!(
            "UPDATE account_deletions SET ticket = $3, method = $4, ticket_expires = $5
             WHERE user_id = $1 AND due = $2"
        ),
        params![user, due, ticket.to_vec(), method, expires],
        otherwise,
    );
}

/// The deletion that a secret of a mail or a sign-in belongs to.
pub(crate) async fn find(db: &Db, secret: TokenHash, now: Timestamp) -> Result<Option<Waiting>> {
    let text = sql!(
        "SELECT user_id, due, job_id, CASE WHEN ticket = $1 THEN method END FROM account_deletions
         WHERE due > $2 AND (link = $1 OR (ticket = $1 AND ticket_expires > $2))"
    );
    let Some(row) = db.opt(text, params![secret.to_vec(), now]).await? else { return Ok(None) };
    let (user, due, job, method) = row.read()?;
    Ok(Some(Waiting { user, due, job, method }))
}

/// Lets somebody stay. Fails the batch with `otherwise` if they do not go at that time, or have gone.
pub(crate) fn stay(batch: &mut Batch, user: UserId, due: Timestamp, otherwise: Code) {
    batch.must(
        sql!("UPDATE users SET leaving = NULL WHERE id = $1 AND leaving = $2 AND deleted IS NULL"),
        params![user, due],
        otherwise,
    );
    batch.run(sql!("DELETE FROM account_deletions WHERE user_id = $1"), params![user]);
}

/// From here on they have gone. Fails the batch with `otherwise` if they do not go at that time.
pub(crate) fn claim(batch: &mut Batch, user: UserId, due: Timestamp, now: Timestamp, otherwise: Code) {
    batch.must(
        sql!("UPDATE users SET deleted = $3 WHERE id = $1 AND leaving = $2 AND deleted IS NULL"),
        params![user, due, now],
        otherwise,
    );
    batch.run(sql!("DELETE FROM account_deletions WHERE user_id = $1"), params![user]);
}

/// Fails the batch with `otherwise` if somebody is going or has gone.
pub(crate) fn must_be_here(batch: &mut Batch, user: UserId, otherwise: Code) {
    batch.must(
        sql!("SELECT 1 FROM users WHERE id = $1 AND leaving IS NULL AND deleted IS NULL"),
        params![user],
        otherwise,
    );
}

/// Notes that a copy is asked for; fails the batch with `otherwise` if one was since `before`.
pub(crate) fn ask_copy(
    batch: &mut Batch,
    user: UserId,
    job: JobId,
    (now, before): (Timestamp, Timestamp),
    otherwise: Error,
) {
    batch.must(
        sql!(
            "INSERT INTO account_exports (user_id, job_id, asked) VALUES ($1, $2, $3)
             ON CONFLICT (user_id) DO UPDATE SET job_id = excluded.job_id, asked = excluded.asked
             WHERE account_exports.asked <= $4"
        ),
        params![user, job, now, before],
        otherwise,
    );
}

/// The job of the latest copy, and when it was asked for.
pub(crate) async fn copy(db: &Db, user: UserId) -> Result<Option<(JobId, Timestamp)>> {
    let row =
        db.opt(sql!("SELECT job_id, asked FROM account_exports WHERE user_id = $1"), params![user]).await?;
    row.map(|row| row.read()).transpose()
}

fn name_hash(name: &str) -> Vec<u8> {
    Sha256::digest(format!("retired name {name}").as_bytes()).to_vec()
}

/// Lets nobody else have a name.
pub(crate) fn retire_name(batch: &mut Batch, name: &str) {
    batch.run(
        sql!("INSERT INTO retired_names (hash) VALUES ($1) ON CONFLICT (hash) DO NOTHING"),
        params![name_hash(name)],
    );
}

/// Whether a name was that of somebody who has gone, and is nobody's any more.
pub(crate) async fn is_retired(db: &Db, name: &str) -> Result<bool> {
    let text = sql!("SELECT 1 FROM retired_names WHERE hash = $1");
    Ok(db.opt(text, params![name_hash(name)]).await?.is_some())
}

/// Removes everything that hangs on an account, and all of its own row but the number.
pub(crate) fn wipe(batch: &mut Batch, nobody: &Account, address: Option<&str>, now: Timestamp) {
    let user = nobody.user.id;
    for text in [
        sql!("DELETE FROM tokens WHERE user_id = $1"),
        sql!("DELETE FROM relationships WHERE user_id = $1 OR target_id = $1"),
        sql!("DELETE FROM second_steps WHERE user_id = $1"),
        sql!("DELETE FROM authenticators WHERE user_id = $1"),
        sql!("DELETE FROM recovery_codes WHERE user_id = $1"),
        sql!("DELETE FROM passkeys WHERE user_id = $1"),
        sql!("DELETE FROM ceremonies WHERE user_id = $1"),
        sql!("DELETE FROM identities WHERE user_id = $1"),
        sql!("DELETE FROM provider_visits WHERE user_id = $1"),
        sql!("DELETE FROM mail_proofs WHERE user_id = $1"),
        sql!("DELETE FROM user_ranks WHERE user_id = $1"),
        sql!("DELETE FROM account_deletions WHERE user_id = $1"),
        sql!("DELETE FROM account_exports WHERE user_id = $1"),
    ] {
        batch.run(text, params![user]);
    }
    if let Some(address) = address {
        batch.run(sql!("DELETE FROM mail_proofs WHERE address = $1"), params![address]);
        batch.run(sql!("DELETE FROM mail_pauses WHERE address = $1"), params![address]);
    }
    batch.run(
        sql!(
            "UPDATE users SET handle = NULL, username = $2, global_name = $3, avatar = NULL, banner = NULL,
                 accent_color = NULL, public_flags = 0, staff = FALSE, email = NULL, verified = FALSE, locale = $4,
                 theme = $5, status = $6, bio = '', pronouns = '', custom_status = NULL, password = NULL,
                 leaving = NULL, owner_id = NULL, deleted = COALESCE(deleted, $7), standing = standing + 1
             WHERE id = $1"
        ),
        params![
            user,
            &nobody.user.username,
            &nobody.user.global_name,
            &nobody.settings.locale,
            &nobody.settings.theme,
            &nobody.settings.status,
            now,
        ],
    );
}
