//! Table `audit_entries`.

use guildhall_base::{AnyId, AuditEntryId, GuildId, Result, UserId};
use guildhall_infra::db::{Batch, Db, Json, Row};
use guildhall_infra::{params, sql};

/// An entry; `body` is its JSON as clients see it.
pub(crate) struct StoredEntry {
    pub(crate) id: AuditEntryId,
    pub(crate) user: UserId,
    pub(crate) target: Option<AnyId>,
    pub(crate) action: u16,
    pub(crate) body: String,
}

/// Inserts entries, however many, in one statement.
pub(crate) fn insert(batch: &mut Batch, guild: GuildId, entries: &[StoredEntry]) {
    let row = |entry: &StoredEntry| {
        let target = entry.target.map(|target| target.get());
        (entry.id.get(), entry.user.get(), target, entry.action, entry.body.clone())
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    batch.run(
        sql!(
            "INSERT INTO audit_entries (id, guild_id, user_id, target_id, action_type, body)
             SELECT r.id, $1, r.user_id, r.target_id, r.action_type, r.body
             FROM {rows $2: id bigint, user_id bigint, target_id bigint, action_type bigint, body text} AS r"
        ),
        params![guild, Json(rows)],
    );
}

/// Which entries; what is absent does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filter {
    pub(crate) user: Option<UserId>,
    pub(crate) target: Option<AnyId>,
    pub(crate) action: Option<i64>,
    pub(crate) before: Option<AuditEntryId>,
    pub(crate) after: Option<AuditEntryId>,
}

/// A page of a guild's entries, newest first; oldest first where `after` says where to begin.
pub(crate) async fn page(db: &Db, guild: GuildId, filter: Filter, limit: i64) -> Result<Vec<StoredEntry>> {
    let after = filter.after.unwrap_or(AuditEntryId::new(0));
    let before = filter.before.unwrap_or(AuditEntryId::new(i64::MAX));
    let params = params![guild, after, before, filter.user, filter.target, filter.action, limit];
    let rows = match filter.after {
        None => {
            db.all(
                sql!(
                    "SELECT id, user_id, target_id, action_type, body FROM audit_entries
                     WHERE guild_id = $1 AND id > $2 AND id < $3 AND user_id = COALESCE($4, user_id)
                       AND COALESCE(target_id, 0) = COALESCE($5, target_id, 0)
                       AND action_type = COALESCE($6, action_type)
                     ORDER BY id DESC LIMIT $7"
                ),
                params,
            )
            .await?
        }
        Some(_) => {
            db.all(
                sql!(
                    "SELECT id, user_id, target_id, action_type, body FROM audit_entries
                     WHERE guild_id = $1 AND id > $2 AND id < $3 AND user_id = COALESCE($4, user_id)
                       AND COALESCE(target_id, 0) = COALESCE($5, target_id, 0)
                       AND action_type = COALESCE($6, action_type)
                     ORDER BY id LIMIT $7"
                ),
                params,
            )
            .await?
        }
    };
    let entry = |row: &Row| {
        let (id, user, target, action, body) = row.read()?;
        Ok(StoredEntry { id, user, target, action, body })
    };
    rows.iter().map(entry).collect()
}
