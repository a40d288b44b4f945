//! Tables `members` and `member_roles`.

use guildhall_base::{Code, Error, GuildId, Result, RoleId, Timestamp, UserId, codes as base_codes};
use guildhall_infra::db::{Batch, Columns, Db, Row};
use guildhall_infra::{params, sql};

use super::json;
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

/// A member as they are in the database, with what a change compares so that it undoes no other.
pub(crate) struct ReadMember {
    /// The member.
    pub(crate) member: Member,
    version: i64,
    layout: i64,
}

/// A member to change; None if they are none.
pub(crate) async fn get(db: &Db, guild: GuildId, user: UserId) -> Result<Option<ReadMember>> {
    let row = db
        .opt(
            sql!(
                "SELECT g.layout, m.version, m.joined_at, m.timed_out_until, m.settings,
                        (SELECT string_agg(CAST(r.role_id AS TEXT), ',') FROM member_roles AS r
                         WHERE r.guild_id = m.guild_id AND r.user_id = m.user_id)
                 FROM members AS m JOIN guilds AS g ON g.id = m.guild_id
                 WHERE m.guild_id = $1 AND m.user_id = $2"
            ),
            params![guild, user],
        )
        .await?;
    let read = |row: &Row| {
        let mut columns = row.columns();
        let (layout, version) = (columns.next()?, columns.next()?);
        Ok(ReadMember { member: member(&mut columns)?, version, layout })
    };
    row.as_ref().map(read).transpose()
}

/// Rewrites a member who is still as they were read; the batch fails with a conflict if somebody else was faster.
/// The guild's layout is held too: a role that goes meanwhile is not told of as if it were still held.
pub(crate) fn update(
    batch: &mut Batch,
    guild: GuildId,
    user: UserId,
    before: &ReadMember,
    after: &Member,
) -> Result<()> {
    super::guilds::hold_layout(batch, guild, before.layout);
    batch.must(
        sql!(
            "UPDATE members SET version = version + 1, timed_out_until = $3, settings = $4
             WHERE guild_id = $1 AND user_id = $2 AND version = $5"
        ),
        params![guild, user, after.communication_disabled_until, json(&after.settings)?, before.version],
        base_codes::CONFLICT,
    );
    for role in after.roles.iter().filter(|role| !before.member.roles.contains(role)) {
        add_role(batch, guild, user, *role);
    }
    if !after.roles.is_empty() {
        batch.run(
            sql!("UPDATE members SET temporary = FALSE WHERE guild_id = $1 AND user_id = $2 AND temporary"),
            params![guild, user],
        );
    }
    for role in before.member.roles.iter().filter(|role| !after.roles.contains(role)) {
        remove_role(batch, guild, user, *role);
    }
    Ok(())
}

/// Lets a member stay only as long as they are connected, unless they get a role.
pub(crate) fn make_temporary(batch: &mut Batch, guild: GuildId, user: UserId) {
    batch.run(
        sql!("UPDATE members SET temporary = TRUE WHERE guild_id = $1 AND user_id = $2"),
        params![guild, user],
    );
}

/// The batch fails with `otherwise` unless a member is there only for as long as they are connected.
pub(crate) fn hold_temporary(batch: &mut Batch, guild: GuildId, user: UserId, otherwise: Code) {
    batch.must(
        sql!(
            "UPDATE members SET version = version + 1
             WHERE guild_id = $1 AND user_id = $2 AND temporary"
        ),
        params![guild, user],
        otherwise,
    );
}

/// The guilds that somebody is in only for as long as they are connected.
pub(crate) async fn temporary_of(db: &Db, user: UserId) -> Result<Vec<GuildId>> {
    let rows =
        db.all(sql!("SELECT guild_id FROM members WHERE user_id = $1 AND temporary"), params![user]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Everybody who came before `before` and is somewhere only for as long as they are connected.
pub(crate) async fn all_temporary(db: &Db, before: Timestamp) -> Result<Vec<UserId>> {
    let rows = db
        .all(sql!("SELECT DISTINCT user_id FROM members WHERE temporary AND joined_at < $1"), params![before])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Deletes a member; the batch fails with `missing` if they are none.
pub(crate) fn delete(batch: &mut Batch, guild: GuildId, user: UserId, missing: Code) {
    batch.must(
        sql!("DELETE FROM members WHERE guild_id = $1 AND user_id = $2"),
        params![guild, user],
        missing,
    );
}

fn add_role(batch: &mut Batch, guild: GuildId, user: UserId, role: RoleId) {
    batch.run(
        sql!(
            "INSERT INTO member_roles (guild_id, user_id, role_id) VALUES ($1, $2, $3)
             ON CONFLICT (guild_id, user_id, role_id) DO NOTHING"
        ),
        params![guild, user, role],
    );
}

fn remove_role(batch: &mut Batch, guild: GuildId, user: UserId, role: RoleId) {
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
    let read = |row: &Row| {
        let mut columns = row.columns();
        Ok((columns.next()?, member(&mut columns)?))
    };
    rows.iter().map(read).collect()
}

/// Reads `joined_at, timed_out_until, settings, roles`.
fn member(columns: &mut Columns<'_>) -> Result<Member> {
    let joined_at = columns.next::<Timestamp>()?;
    let communication_disabled_until = columns.next::<Option<Timestamp>>()?;
    let settings = columns.next::<String>()?;
    let settings: MemberSettings = serde_json::from_str(&settings).map_err(Error::internal)?;
    let roles = columns.next::<Option<String>>()?.unwrap_or_default();
    let mut roles: Vec<RoleId> = roles.split(',').filter_map(|role| role.parse().ok()).collect();
    roles.sort_unstable();
    Ok(Member { user: None, roles, joined_at, communication_disabled_until, settings })
}

/// In how many guilds a user is.
pub(crate) async fn guild_count(db: &Db, user: UserId) -> Result<usize> {
    let row = db.one(sql!("SELECT COUNT(*) FROM members WHERE user_id = $1"), params![user]).await?;
    Ok(usize::try_from(row.get::<i64>(0)?).unwrap_or(usize::MAX))
}
