//! The table `client_secrets`.

use guildhall_base::{ApplicationId, Code, Result, Timestamp};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::model::{ClientSecret, SecretHash};

pub(crate) async fn all(db: &Db, application: ApplicationId) -> Result<Vec<ClientSecret>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, hash, hint, created, expires FROM client_secrets WHERE application_id = $1
                 ORDER BY id DESC"
            ),
            params![application],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let (id, hash, hint, created, expires) = row.read()?;
            Ok(ClientSecret { id, hash: SecretHash::from_vec(hash)?, hint, created, expires })
        })
        .collect()
}

pub(crate) fn insert(batch: &mut Batch, application: ApplicationId, secret: &ClientSecret) {
    batch.run(
        sql!(
            "INSERT INTO client_secrets (id, application_id, hash, hint, created, expires)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![secret.id, application, secret.hash.to_vec(), &secret.hint, secret.created, secret.expires,],
    );
}

/// Lets all secrets that have no end yet end at this time, and removes those that have ended.
pub(crate) fn retire(batch: &mut Batch, application: ApplicationId, now: Timestamp, at: Timestamp) {
    batch.run(
        sql!("DELETE FROM client_secrets WHERE application_id = $1 AND expires <= $2"),
        params![application, now],
    );
    batch.run(
        sql!("UPDATE client_secrets SET expires = $2 WHERE application_id = $1 AND expires IS NULL"),
        params![application, at],
    );
}

pub(crate) fn remove(batch: &mut Batch, application: ApplicationId, id: i64, otherwise: Code) {
    batch.must(
        sql!("DELETE FROM client_secrets WHERE application_id = $1 AND id = $2"),
        params![application, id],
        otherwise,
    );
}
