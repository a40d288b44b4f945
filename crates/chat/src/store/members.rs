//! Tables `members` and `member_roles`.

use guildhall_base::{GuildId, Result, RoleId, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use super::json;
use crate::codes;
use crate::model::{Member, MemberSettings};

/// Inserts a member; one who is there already stays as they are.
pub(crate) fn insert(batch: &mut Batch, guild: GuildId, user: UserId, member: &Member) -> Result<()> {
    batch.run(
        sql!(
            "INSERT INTO members (guild_id, user_id, joined_at, timed_out_until, settings)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        params![guild, user, member.joined_at, member.communication_disabled_until, json(&member.settings)?,],
    );
    for role in &member.roles {
        add_role(batch, guild, user, *role);
    }
    Ok(())
}

pub(crate) fn update(batch: &mut Batch, guild: GuildId, user: UserId, member: &Member) -> Result<()> {
    batch.must(
        sql!("UPDATE members SET timed_out_until = $3, settings = $4 WHERE guild_id = $1 AND user_id = $2"),
        params![guild, user, member.communication_disabled_until, json(&member.settings)?],
        codes::UNKNOWN_MEMBER,
    );
    Ok(())
}

pub(crate) fn delete(batch: &mut Batch, guild: GuildId, user: UserId) {
    batch.must(
        sql!("DELETE FROM members WHERE guild_id = $1 AND user_id = $2"),
        params![guild, user],
        codes::UNKNOWN_MEMBER,
    );
}

pub(crate) fn add_role(batch: &mut Batch, guild: GuildId, user: UserId, role: RoleId) {
    batch.run(
        sql!(
            "INSERT INTO member_roles (guild_id, user_id, role_id) VALUES ($1, $2, $3)
             ON CONFLICT (guild_id, user_id, role_id) DO NOTHING"
        ),
        params![guild, user, role],
    );
}

pub(crate) fn remove_role(batch: &mut Batch, guild: GuildId, user: UserId, role: RoleId) {
    batch.run(
        sql!("DELETE FROM member_roles WHERE guild_id = $1 AND user_id = $2 AND role_id = $3"),
        params![guild, user, role],
    );
}

/// A page of members by ascending user id.
pub(crate) async fn page(
    db: &Db,
    guild: GuildId,
    after: UserId,
    limit: i64,
) -> Result<Vec<(UserId, Member)>> {
    let rows = db
        .all(
            sql!(
                "SELECT m.user_id, m.joined_at, m.timed_out_until, m.settings,
                        (SELECT string_agg(CAST(r.role_id AS TEXT), ',') FROM member_roles AS r
                         WHERE r.guild_id = m.guild_id AND r.user_id = m.user_id)
                 FROM members AS m WHERE m.guild_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3"
            ),
            params![guild, after, limit],
        )
        .await?;
    rows.iter().map(member).collect()
}

/// Reads `user_id, joined_at, timed_out_until, settings, roles`.
fn member(row: &Row) -> Result<(UserId, Member)> {
    let (user, joined_at, communication_disabled_until, settings, roles) =
        row.read::<(UserId, Timestamp, Option<Timestamp>, String, Option<String>)>()?;
    let settings: MemberSettings =
        serde_json::from_str(&settings).map_err(guildhall_base::Error::internal)?;
    let roles = roles.unwrap_or_default().split(',').filter_map(|role| role.parse().ok()).collect();
    Ok((user, Member { user: None, roles, joined_at, communication_disabled_until, settings }))
}

/// In how many guilds a user is.
pub(crate) async fn guild_count(db: &Db, user: UserId) -> Result<usize> {
    let row = db.one(sql!("SELECT COUNT(*) FROM members WHERE user_id = $1"), params![user]).await?;
    Ok(usize::try_from(row.get::<i64>(0)?).unwrap_or(usize::MAX))
}
