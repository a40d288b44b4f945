//! Table `audit_entries`.

use guildhall_base::{AnyId, AuditEntryId, GuildId, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::{params, sql};

/// An entry; `body` is its JSON as clients see it.
pub(crate) struct StoredEntry {
    pub(crate) id: AuditEntryId,
    pub(crate) user: UserId,
    pub(crate) target: Option<AnyId>,
    pub(crate) action: u16,
    pub(crate) body: String,
}

pub(crate) fn insert(batch: &mut Batch, guild: GuildId, entry: &StoredEntry) {
    batch.run(
        sql!(
            "INSERT INTO audit_entries (id, guild_id, user_id, target_id, action_type, body)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![entry.id, guild, entry.user, entry.target, i64::from(entry.action), entry.body.as_str()],
    );
}
