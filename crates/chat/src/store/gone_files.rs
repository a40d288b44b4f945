//! Table `gone_files`, and which owners of files there still are.

use guildhall_base::{AnyId, Result, Timestamp};
use guildhall_infra::db::{Batch, Db, Sql};
use guildhall_infra::{params, sql};

/// Whose files lie on a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    Emoji,
    Sticker,
    Channel,
    Guild,
    Role,
}

/// Those of these that there are.
pub(crate) async fn living(db: &Db, keeper: Keeper, ids: &[AnyId]) -> Result<Vec<AnyId>> {
    let text: Sql = match keeper {
        Keeper::Emoji => sql!("SELECT id FROM emojis WHERE id {in $1}"),
        Keeper::Sticker => sql!("SELECT id FROM stickers WHERE id {in $1}"),
        Keeper::Channel => sql!("SELECT id FROM channels WHERE id {in $1}"),
        Keeper::Guild => sql!("SELECT id FROM guilds WHERE id {in $1}"),
        Keeper::Role => sql!("SELECT id FROM roles WHERE id {in $1}"),
    };
    db.all(text, params![ids]).await?.iter().map(|row| row.read()).collect()
}

/// Notes that these are gone; what was known of them stays.
pub(crate) fn note(batch: &mut Batch, shelf: &str, ids: &[AnyId], now: Timestamp) {
    let rows: Vec<_> = ids.iter().map(|id| (id.get(),)).collect();
    batch.run(
        sql!(
            "INSERT INTO gone_files (shelf, id, since) SELECT $1, g.id, $2 FROM {rows $3: id bigint} AS g
             WHERE true ON CONFLICT (shelf, id) DO NOTHING"
        ),
        params![shelf, now, guildhall_infra::db::Json(rows)],
    );
}

/// Forgets that these are gone.
pub(crate) fn forget(batch: &mut Batch, shelf: &str, ids: &[AnyId]) {
    batch.run(sql!("DELETE FROM gone_files WHERE shelf = $1 AND id {in $2}"), params![shelf, ids]);
}

/// Those that were known to be gone at that time.
pub(crate) async fn gone_at(db: &Db, shelf: &str, at: Timestamp) -> Result<Vec<AnyId>> {
    let text = sql!("SELECT id FROM gone_files WHERE shelf = $1 AND since <= $2");
    db.all(text, params![shelf, at]).await?.iter().map(|row| row.read()).collect()
}
