//! The table `signing_keys`.

use guildhall_base::{Result, Timestamp};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

/// A key as stored: its secret part is sealed.
#[derive(Debug, Clone)]
pub(crate) struct StoredKey {
    pub(crate) id: String,
    pub(crate) algorithm: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created: Timestamp,
}

/// All keys, the newest first.
pub(crate) async fn all(db: &Db) -> Result<Vec<StoredKey>> {
    let text = sql!("SELECT id, algorithm, secret, created FROM signing_keys ORDER BY created DESC, id");
    let rows = db.all(text, params![]).await?;
    rows.iter()
        .map(|row| {
            let (id, algorithm, sealed, created) = row.read()?;
            Ok(StoredKey { id, algorithm, sealed, created })
        })
        .collect()
}

pub(crate) fn insert(batch: &mut Batch, key: &StoredKey) {
    batch.run(
        sql!("INSERT INTO signing_keys (id, algorithm, secret, created) VALUES ($1, $2, $3, $4)"),
        params![&key.id, &key.algorithm, &key.sealed, key.created],
    );
}

pub(crate) fn prune(batch: &mut Batch, before: Timestamp) {
    batch.run(sql!("DELETE FROM signing_keys WHERE created < $1"), params![before]);
}
