//! Table `directory_people`.

use guildhall_base::{Result, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::model::PersonFlags;

/// What somebody decided; nothing, if they never did.
pub(crate) async fn flags(db: &Db, user: UserId) -> Result<PersonFlags> {
    let row = db.opt(sql!("SELECT flags FROM directory_people WHERE user_id = $1"), params![user]).await?;
    let bits = row.map(|row| row.read::<u32>()).transpose()?;
    Ok(PersonFlags::from_bits_truncate(bits.unwrap_or(0)))
}

/// Which of these people keep their votes to themselves.
pub(crate) async fn private(db: &Db, users: &[UserId]) -> Result<Vec<UserId>> {
    let rows = db
        .all(
            sql!("SELECT user_id FROM directory_people WHERE user_id {in $1} AND (flags & $2) <> 0"),
            params![users, PersonFlags::VOTES_PRIVATE.bits()],
        )
        .await?;
    rows.iter().map(guildhall_infra::db::Row::read).collect()
}

/// Writes down what somebody decided.
pub(crate) fn set(batch: &mut Batch, user: UserId, flags: PersonFlags) {
    batch.run(
        sql!(
            "INSERT INTO directory_people (user_id, flags) VALUES ($1, $2)
             ON CONFLICT (user_id) DO UPDATE SET flags = excluded.flags"
        ),
        params![user, flags.bits()],
    );
}
