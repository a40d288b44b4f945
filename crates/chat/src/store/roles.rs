//! Table `roles`.

use guildhall_base::{GuildId, Result, RoleId};
use guildhall_infra::db::{Batch, Db, Json};
use guildhall_infra::{params, sql};

use super::json;
use crate::codes;
use crate::model::Role;

pub(crate) fn insert(batch: &mut Batch, guild: GuildId, role: &Role) -> Result<()> {
    batch.run(
        sql!(
            "INSERT INTO roles (id, guild_id, position, permissions, denied, settings)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![
            role.id,
            guild,
            role.position,
            role.permissions,
            role.denied_permissions,
            json(&role.settings)?,
        ],
    );
    Ok(())
}

pub(crate) fn update(batch: &mut Batch, role: &Role) -> Result<()> {
    batch.must(
        sql!("UPDATE roles SET permissions = $2, denied = $3, settings = $4 WHERE id = $1"),
        params![role.id, role.permissions, role.denied_permissions, json(&role.settings)?],
        codes::UNKNOWN_ROLE,
    );
    Ok(())
}

/// Deletes a role, takes it from its members and drops its overwrites.
pub(crate) fn delete(batch: &mut Batch, guild: GuildId, role: RoleId) {
    batch.must(sql!("DELETE FROM roles WHERE id = $1"), params![role], codes::UNKNOWN_ROLE);
    batch.run(
        sql!(
            "DELETE FROM overwrites
             WHERE target_id = $2 AND channel_id IN (SELECT id FROM channels WHERE guild_id = $1)"
        ),
        params![guild, role],
    );
}

/// Gives roles new positions, however many, in one statement.
pub(crate) fn set_positions(batch: &mut Batch, positions: &[(RoleId, i64)]) {
    let rows: Vec<_> = positions.iter().map(|(role, position)| (role.get(), *position)).collect();
    batch.run(
        sql!(
            "UPDATE roles SET position = m.position
             FROM {rows $1: id bigint, position bigint} AS m WHERE roles.id = m.id"
        ),
        params![Json(rows)],
    );
}

/// The order of a guild's roles as it is in the database now.
pub(crate) async fn positions(db: &Db, guild: GuildId) -> Result<Vec<(RoleId, i64)>> {
    let rows = db
        .all(sql!("SELECT id, position FROM roles WHERE guild_id = $1 ORDER BY position, id"), params![guild])
        .await?;
    rows.iter().map(|row| row.read()).collect()
}
