//! Table `audit_entries`.

use guildhall_base::{AnyId, AuditEntryId, GuildId, UserId};
use guildhall_infra::db::{Batch, Json};
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
