//! The tables `grants`, `refresh_tokens`, `revoked_tokens`, `consents` and `spent_proofs`.

use guildhall_accounts::SessionId;
use guildhall_base::{ApplicationId, Code as ErrorCode, Result, Scopes, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Json, Row};
use guildhall_infra::{params, sql};

use crate::model::{Authentication, Consent, Grant, GrantId, Refresh, SecretHash};

macro_rules! columns {
    () => {
        "grants.id, grants.user_id, grants.application_id, grants.scopes, grants.session_id, grants.auth_time,
         grants.acr, grants.amr, grants.claims, grants.expires"
    };
}

fn grant(row: &Row) -> Result<Grant> {
    let mut next = row.columns();
    Ok(Grant {
        id: next.next()?,
        user: next.next()?,
        application: next.next()?,
        scopes: next.next()?,
        authentication: Authentication {
            session: next.next()?,
            at: next.next()?,
            acr: next.next()?,
            amr: next.next()?,
        },
        claims: next.next::<Json<_>>()?.0,
        expires: next.next()?,
    })
}

pub(crate) async fn find(db: &Db, id: GrantId) -> Result<Option<Grant>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM grants WHERE id = $1"));
    db.opt(text, params![id]).await?.as_ref().map(grant).transpose()
}

/// The sessions of a user in which something was granted, and to which applications, as far as those were not told
/// that it is over.
pub(crate) async fn sessions(db: &Db, user: UserId) -> Result<Vec<(SessionId, ApplicationId)>> {
    let text = sql!(
        "SELECT DISTINCT session_id, application_id FROM grants
         WHERE user_id = $1 AND session_id IS NOT NULL AND told IS NULL ORDER BY session_id, application_id"
    );
    db.all(text, params![user]).await?.iter().map(Row::read).collect()
}

/// Notes that an application is being told that a session is over.
pub(crate) fn tell(
    batch: &mut Batch,
    user: UserId,
    (session, application): (SessionId, ApplicationId),
    now: Timestamp,
) {
    batch.run(
        sql!(
            "UPDATE grants SET told = $4
             WHERE user_id = $1 AND session_id = $2 AND application_id = $3 AND told IS NULL"
        ),
        params![user, session, application, now],
    );
}

pub(crate) fn insert(batch: &mut Batch, grant: &Grant, now: Timestamp) {
    batch.run(
        sql!(
            "INSERT INTO grants
                 (id, user_id, application_id, scopes, session_id, auth_time, acr, claims, created, used, expires, amr)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)"
        ),
        params![
            grant.id,
            grant.user,
            grant.application,
            grant.scopes,
            grant.authentication.session,
            grant.authentication.at,
            &grant.authentication.acr,
            Json(&grant.claims),
            now,
            grant.expires,
            &grant.authentication.amr,
        ],
    );
}

/// Says that a grant was used and lives on; nothing of the batch happens if it was revoked meanwhile.
pub(crate) fn touch(
    batch: &mut Batch,
    id: GrantId,
    now: Timestamp,
    expires: Timestamp,
    otherwise: ErrorCode,
) {
    batch.must(
        sql!("UPDATE grants SET used = $2, expires = $3 WHERE id = $1"),
        params![id, now, expires],
        otherwise,
    );
}

/// Ends a family of tokens.
pub(crate) fn remove(batch: &mut Batch, id: GrantId) {
    batch.run(sql!("DELETE FROM grants WHERE id = $1"), params![id]);
}

/// Ends everything that somebody allowed an application, also codes on their way.
pub(crate) fn remove_all(batch: &mut Batch, user: UserId, application: ApplicationId) {
    batch.run(
        sql!("DELETE FROM authorization_codes WHERE user_id = $1 AND application_id = $2 AND used IS NULL"),
        params![user, application],
    );
    batch.run(
        sql!("DELETE FROM consents WHERE user_id = $1 AND application_id = $2"),
        params![user, application],
    );
    batch.run(
        sql!("DELETE FROM grants WHERE user_id = $1 AND application_id = $2"),
        params![user, application],
    );
}

/// Whether a family still holds, and a token of it was not revoked alone.
pub(crate) async fn holds(db: &Db, id: Option<GrantId>, jti: &str) -> Result<bool> {
    let text = sql!(
        "SELECT (SELECT COUNT(*) FROM grants WHERE id = $1), (SELECT COUNT(*) FROM revoked_tokens WHERE jti = $2)"
    );
    let (families, revoked): (i64, i64) =
        db.one(text, params![id.unwrap_or(GrantId::new(0)), jti]).await?.read()?;
    Ok((id.is_none() || families > 0) && revoked == 0)
}

/// Revokes one access token; again changes nothing.
pub(crate) fn revoke_token(batch: &mut Batch, jti: &str, expires: Timestamp) {
    batch.run(
        sql!("INSERT INTO revoked_tokens (jti, expires) VALUES ($1, $2) ON CONFLICT DO NOTHING"),
        params![jti, expires],
    );
}

pub(crate) async fn find_refresh(db: &Db, hash: SecretHash) -> Result<Option<(Refresh, Grant)>> {
    let text = sql!(concat!(
        "SELECT ",
        columns!(),
        ", refresh_tokens.dpop_jkt, refresh_tokens.expires, refresh_tokens.used
         FROM refresh_tokens JOIN grants ON grants.id = refresh_tokens.grant_id WHERE hash = $1"
    ));
    let Some(row) = db.opt(text, params![hash.to_vec()]).await? else { return Ok(None) };
    let grant = grant(&row)?;
    let refresh =
        Refresh { hash, grant: grant.id, dpop_jkt: row.get(10)?, expires: row.get(11)?, used: row.get(12)? };
    Ok(Some((refresh, grant)))
}

pub(crate) fn insert_refresh(batch: &mut Batch, refresh: &Refresh) {
    batch.run(
        sql!("INSERT INTO refresh_tokens (hash, grant_id, dpop_jkt, expires) VALUES ($1, $2, $3, $4)"),
        params![refresh.hash.to_vec(), refresh.grant, &refresh.dpop_jkt, refresh.expires],
    );
}

/// Claims a refresh token that was not used yet; otherwise nothing of the batch happens.
pub(crate) fn spend_refresh(batch: &mut Batch, hash: SecretHash, now: Timestamp, otherwise: ErrorCode) {
    batch.must(
        sql!("UPDATE refresh_tokens SET used = $2 WHERE hash = $1 AND used IS NULL AND expires > $2"),
        params![hash.to_vec(), now],
        otherwise,
    );
}

pub(crate) async fn consent(db: &Db, user: UserId, application: ApplicationId) -> Result<Option<Scopes>> {
    let text = sql!("SELECT scopes FROM consents WHERE user_id = $1 AND application_id = $2");
    db.opt(text, params![user, application]).await?.map(|row| row.get(0)).transpose()
}

/// Remembers what was allowed, in addition to what was before.
pub(crate) fn remember(
    batch: &mut Batch,
    user: UserId,
    application: ApplicationId,
    scopes: Scopes,
    now: Timestamp,
) {
    batch.run(
        sql!(
            "INSERT INTO consents (user_id, application_id, scopes, created, updated) VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (user_id, application_id)
             DO UPDATE SET scopes = consents.scopes | excluded.scopes, updated = excluded.updated"
        ),
        params![user, application, scopes, now],
    );
}

pub(crate) async fn consents(db: &Db, user: UserId) -> Result<Vec<Consent>> {
    let text = sql!(
        "SELECT application_id, scopes, created, updated FROM consents WHERE user_id = $1
         ORDER BY updated DESC, application_id"
    );
    let rows = db.all(text, params![user]).await?;
    rows.iter()
        .map(|row| {
            let (application, scopes, created, updated) = row.read()?;
            Ok(Consent { application, scopes, created, updated })
        })
        .collect()
}

/// Claims a proof's identifier; nothing of the batch happens if it came before.
pub(crate) fn spend_proof(batch: &mut Batch, hash: SecretHash, expires: Timestamp, otherwise: ErrorCode) {
    batch.must(
        sql!("INSERT INTO spent_proofs (hash, expires) VALUES ($1, $2) ON CONFLICT DO NOTHING"),
        params![hash.to_vec(), expires],
        otherwise,
    );
}

/// Removes what has ended by itself.
pub(crate) fn prune(batch: &mut Batch, now: Timestamp) {
    batch.run(sql!("DELETE FROM grants WHERE expires < $1"), params![now]);
    batch.run(sql!("DELETE FROM revoked_tokens WHERE expires < $1"), params![now]);
    batch.run(sql!("DELETE FROM spent_proofs WHERE expires < $1"), params![now]);
}
