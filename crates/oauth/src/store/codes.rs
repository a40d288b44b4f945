//! The table `authorization_codes`.

use guildhall_accounts::SessionId;
use guildhall_base::{Code as ErrorCode, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Json};
use guildhall_infra::{params, sql};

use crate::model::{Authentication, Code, Grant, SecretHash};

pub(crate) async fn find(db: &Db, hash: SecretHash) -> Result<Option<Code>> {
    let text = sql!(
        "SELECT grant_id, application_id, user_id, session_id, redirect_uri, redirect_named, scopes, challenge,
                dpop_jkt, nonce, auth_time, acr, amr, claims, guild_id, expires, used
         FROM authorization_codes WHERE hash = $1"
    );
    let Some(row) = db.opt(text, params![hash.to_vec()]).await? else { return Ok(None) };
    let mut next = row.columns();
    let (id, application, user, session) = (next.next()?, next.next()?, next.next()?, next.next()?);
    let (redirect_uri, redirect_named, scopes) = (next.next()?, next.next()?, next.next()?);
    let (challenge, dpop_jkt, nonce) = (next.next()?, next.next()?, next.next()?);
    let authentication = Authentication { session, at: next.next()?, acr: next.next()?, amr: next.next()? };
    let claims = next.next::<Json<_>>()?.0;
    let (guild, expires, used) = (next.next()?, next.next()?, next.next()?);
    let grant = Grant { id, user, application, scopes, authentication, claims, expires };
    Ok(Some(Code { grant, redirect_uri, redirect_named, challenge, dpop_jkt, nonce, guild, expires, used }))
}

pub(crate) fn insert(batch: &mut Batch, hash: SecretHash, code: &Code) {
    let Grant { id, user, application, scopes, authentication, claims, .. } = &code.grant;
    batch.run(
        sql!(
            "INSERT INTO authorization_codes
                 (hash, grant_id, application_id, user_id, session_id, redirect_uri, redirect_named, scopes, challenge,
                  dpop_jkt, nonce, auth_time, acr, claims, guild_id, expires, amr)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
        ),
        params![
            hash.to_vec(),
            id,
            application,
            user,
            authentication.session,
            &code.redirect_uri,
            code.redirect_named,
            scopes,
            &code.challenge,
            &code.dpop_jkt,
            &code.nonce,
            authentication.at,
            &authentication.acr,
            Json(claims),
            code.guild,
            code.expires,
            &authentication.amr,
        ],
    );
}

/// Claims a code that was not used yet; otherwise nothing of the batch happens.
pub(crate) fn spend(batch: &mut Batch, hash: SecretHash, now: Timestamp, otherwise: ErrorCode) {
    batch.must(
        sql!("UPDATE authorization_codes SET used = $2 WHERE hash = $1 AND used IS NULL AND expires > $2"),
        params![hash.to_vec(), now],
        otherwise,
    );
}

/// Ends codes that were given in a session and not exchanged yet.
pub(crate) fn end_of_session(batch: &mut Batch, session: SessionId) {
    batch.run(
        sql!("DELETE FROM authorization_codes WHERE session_id = $1 AND used IS NULL"),
        params![session],
    );
}

/// The sessions of a user in which codes were given that are not exchanged yet.
pub(crate) async fn sessions(db: &Db, user: UserId) -> Result<Vec<SessionId>> {
    let text = sql!(
        "SELECT DISTINCT session_id FROM authorization_codes
         WHERE user_id = $1 AND used IS NULL AND session_id IS NOT NULL"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.get(0)).collect()
}

/// Removes codes that ended so long ago that nobody will bring them again.
pub(crate) fn prune(batch: &mut Batch, before: Timestamp) {
    batch.run(sql!("DELETE FROM authorization_codes WHERE expires < $1"), params![before]);
}
