//! Table `roles`.

use guildhall_base::{Error, GuildId, Permissions, Result, RoleId};
use guildhall_infra::db::{Batch, Db, Json, Row};
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
    if positions.is_empty() {
        return;
    }
    let rows: Vec<_> = positions.iter().map(|(role, position)| (role.get(), *position)).collect();
    batch.run(
        sql!(
            "UPDATE roles SET position = m.position
             FROM {rows $1: id bigint, position bigint} AS m WHERE roles.id = m.id"
        ),
        params![Json(rows)],
    );
}

/// All roles of a guild as they are in the database now, with the layout that they belong to.
pub(crate) async fn all(db: &Db, guild: GuildId) -> Result<(i64, Vec<Role>)> {
    let rows = db
        .all(
            sql!(
                "SELECT g.layout, r.id, r.position, r.permissions, r.denied, r.settings
                 FROM guilds AS g JOIN roles AS r ON r.guild_id = g.id WHERE g.id = $1"
            ),
            params![guild],
        )
        .await?;
    let layout = rows.first().ok_or(codes::UNKNOWN_GUILD)?.get(0)?;
    let role = |row: &Row| {
        let (_, id, position, permissions, denied_permissions, settings) =
            row.read::<(i64, RoleId, i64, Permissions, Permissions, String)>()?;
        let settings = serde_json::from_str(&settings).map_err(Error::internal)?;
        Ok(Role { id, position, permissions, denied_permissions, settings })
    };
    Ok((layout, rows.iter().map(role).collect::<Result<_>>()?))
}
