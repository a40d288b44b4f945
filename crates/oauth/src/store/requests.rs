//! The table `authorization_requests`: pushed ones, and those that wait for somebody to sign in.

use guildhall_base::{ApplicationId, Code as ErrorCode, Result, Timestamp};
use guildhall_infra::db::{Batch, Db, Json};
use guildhall_infra::{params, sql};

use crate::model::{Parameters, SecretHash};

/// A request as stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) application: ApplicationId,
    pub(crate) pushed: bool,
    pub(crate) parameters: Parameters,
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
}

pub(crate) async fn find(db: &Db, hash: SecretHash) -> Result<Option<Stored>> {
    let text = sql!(
        "SELECT application_id, pushed, parameters, dpop_jkt, created, expires FROM authorization_requests
         WHERE hash = $1"
    );
    let Some(row) = db.opt(text, params![hash.to_vec()]).await? else { return Ok(None) };
    let (application, pushed, parameters, dpop_jkt, created, expires): (_, _, Json<_>, _, _, _) =
        row.read()?;
    Ok(Some(Stored { application, pushed, parameters: parameters.0, dpop_jkt, created, expires }))
}

pub(crate) fn insert(batch: &mut Batch, hash: SecretHash, stored: &Stored) {
    batch.run(
        sql!(
            "INSERT INTO authorization_requests (hash, application_id, pushed, parameters, dpop_jkt, created, expires)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        params![
            hash.to_vec(),
            stored.application,
            stored.pushed,
            Json(&stored.parameters),
            &stored.dpop_jkt,
            stored.created,
            stored.expires,
        ],
    );
}

/// Claims a request: it is answered once; otherwise nothing of the batch happens.
pub(crate) fn spend(batch: &mut Batch, hash: SecretHash, otherwise: ErrorCode) {
    batch.must(sql!("DELETE FROM authorization_requests WHERE hash = $1"), params![hash.to_vec()], otherwise);
}

pub(crate) fn prune(batch: &mut Batch, now: Timestamp) {
    batch.run(sql!("DELETE FROM authorization_requests WHERE expires < $1"), params![now]);
}
