//! Over several tables: what hangs on a person.

use guildhall_base::{ApplicationId, Result, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

/// The applications that somebody has allowed anything.
pub(crate) async fn allowed(db: &Db, user: UserId) -> Result<Vec<ApplicationId>> {
    let text = sql!(
        "SELECT application_id FROM consents WHERE user_id = $1
         UNION SELECT application_id FROM grants WHERE user_id = $1"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.get(0)).collect()
}

/// Removes what is left of somebody, after what they had allowed was taken back.
pub(crate) fn forget(batch: &mut Batch, user: UserId) {
    for text in [
        sql!("DELETE FROM consents WHERE user_id = $1"),
        sql!("DELETE FROM grants WHERE user_id = $1"),
        sql!("DELETE FROM authorization_codes WHERE user_id = $1"),
        sql!("DELETE FROM device_codes WHERE user_id = $1"),
        sql!("DELETE FROM registration_tokens WHERE created_by = $1"),
        sql!("DELETE FROM application_days WHERE user_id = $1"),
    ] {
        batch.run(text, params![user]);
    }
}
