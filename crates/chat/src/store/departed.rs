//! Tables `guild_memories` and `departed_members`.

use guildhall_base::{Code, GuildId, Result, RoleId, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{Departed, RememberSettings};

/// How somebody went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Departure {
    /// By themselves.
    Left,
    /// Kicked or pruned.
    Removed,
    /// Banned.
    Banned,
}

/// What a guild remembers, and who set that; None if nobody did.
pub(crate) async fn settings(db: &Db, guild: GuildId) -> Result<Option<(UserId, RememberSettings)>> {
    let row = db
        .opt(
            sql!(
                "SELECT user_id, enabled, days, kicked, banned, dangerous FROM guild_memories WHERE guild_id = $1"
            ),
            params![guild],
        )
        .await?;
    let read = |row: &Row| {
        let (user, enabled, days, kicked, banned, dangerous) = row.read()?;
        Ok((user, RememberSettings { enabled, days, kicked, banned, dangerous }))
    };
    row.as_ref().map(read).transpose()
}

pub(crate) fn set(batch: &mut Batch, guild: GuildId, user: UserId, settings: &RememberSettings) {
    let RememberSettings { enabled, days, kicked, banned, dangerous } = settings;
    batch.run(
        sql!(
            "INSERT INTO guild_memories (guild_id, user_id, enabled, days, kicked, banned, dangerous)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (guild_id) DO UPDATE SET user_id = excluded.user_id, enabled = excluded.enabled,
                 days = excluded.days, kicked = excluded.kicked, banned = excluded.banned,
                 dangerous = excluded.dangerous"
        ),
        params![guild, user, *enabled, *days, *kicked, *banned, *dangerous],
    );
    if !enabled {
        // What is to be given back because a ban was undone stays.
        batch.run(
            sql!("DELETE FROM departed_members WHERE guild_id = $1 AND by_user_id IS NULL"),
            params![guild],
        );
    }
}

/// Keeps what a member has who is about to go in the same batch, if the guild remembers such.
pub(crate) fn remember(
    batch: &mut Batch,
    guild: GuildId,
    user: UserId,
    nick: Option<&str>,
    how: Departure,
    now: Timestamp,
) {
    batch.run(
        sql!(
            "INSERT INTO departed_members (guild_id, user_id, roles, nick, left_at, keep_until)
             SELECT m.guild_id, m.user_id,
                    COALESCE((SELECT string_agg(CAST(r.role_id AS TEXT), ',') FROM member_roles AS r
                              WHERE r.guild_id = m.guild_id AND r.user_id = m.user_id), ''),
                    CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($4 AS BIGINT) + s.days * 86400000
             FROM members AS m JOIN guild_memories AS s ON s.guild_id = m.guild_id
             WHERE m.guild_id = $1 AND m.user_id = $2 AND s.enabled
               AND (s.kicked OR NOT CAST($5 AS BOOLEAN)) AND (s.banned OR NOT CAST($6 AS BOOLEAN))
               AND (CAST($3 AS TEXT) IS NOT NULL OR EXISTS (SELECT 1 FROM member_roles AS r
                    WHERE r.guild_id = m.guild_id AND r.user_id = m.user_id))
             ON CONFLICT (guild_id, user_id) DO UPDATE SET roles = excluded.roles, nick = excluded.nick,
                 left_at = excluded.left_at, keep_until = excluded.keep_until, by_user_id = NULL"
        ),
        params![guild, user, nick, now, how == Departure::Removed, how == Departure::Banned],
    );
}

/// Keeps this of somebody, whatever the guild remembers otherwise.
pub(crate) fn insert(batch: &mut Batch, guild: GuildId, departed: &Departed) {
    batch.run(
        sql!(
            "INSERT INTO departed_members (guild_id, user_id, roles, nick, left_at, keep_until, by_user_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (guild_id, user_id) DO UPDATE SET roles = excluded.roles, nick = excluded.nick,
                 left_at = excluded.left_at, keep_until = excluded.keep_until, by_user_id = excluded.by_user_id"
        ),
        params![
            guild,
            departed.user,
            written(&departed.roles),
            departed.nick.as_deref(),
            departed.left_at,
            departed.keep_until,
            departed.by,
        ],
    );
}

fn written(roles: &[RoleId]) -> String {
    roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn departed(row: &Row) -> Result<Departed> {
    let (user, roles, nick, left_at, keep_until, by) =
        row.read::<(UserId, String, Option<String>, Timestamp, Timestamp, Option<UserId>)>()?;
    let roles = roles.split(',').filter_map(|role| role.parse().ok()).collect();
    Ok(Departed { user, roles, nick, left_at, keep_until, by })
}

/// What is kept of somebody.
pub(crate) async fn get(db: &Db, guild: GuildId, user: UserId, now: Timestamp) -> Result<Option<Departed>> {
    let row = db
        .opt(
            sql!(
                "SELECT user_id, roles, nick, left_at, keep_until, by_user_id FROM departed_members
                 WHERE guild_id = $1 AND user_id = $2 AND keep_until > $3"
            ),
            params![guild, user, now],
        )
        .await?;
    row.as_ref().map(departed).transpose()
}

/// Those of whom a guild keeps something, who went last first.
pub(crate) async fn page(db: &Db, guild: GuildId, now: Timestamp, limit: i64) -> Result<Vec<Departed>> {
    let rows = db
        .all(
            sql!(
                "SELECT user_id, roles, nick, left_at, keep_until, by_user_id FROM departed_members
                 WHERE guild_id = $1 AND keep_until > $2 ORDER BY left_at DESC, user_id LIMIT $3"
            ),
            params![guild, now, limit],
        )
        .await?;
    rows.iter().map(departed).collect()
}

/// Leaves only these roles of what is kept of somebody; the batch fails with `gone` unless it is still what was read.
pub(crate) fn give(batch: &mut Batch, guild: GuildId, departed: &Departed, left: &[RoleId], gone: Code) {
    if left.is_empty() {
        batch.must(
            sql!("DELETE FROM departed_members WHERE guild_id = $1 AND user_id = $2 AND left_at = $3 AND roles = $4"),
            params![guild, departed.user, departed.left_at, written(&departed.roles)],
            gone,
        );
    } else {
        batch.must(
            sql!(
                "UPDATE departed_members SET roles = $5, nick = NULL
                 WHERE guild_id = $1 AND user_id = $2 AND left_at = $3 AND roles = $4"
            ),
            params![guild, departed.user, departed.left_at, written(&departed.roles), written(left)],
            gone,
        );
    }
}

/// Forgets what is kept too long.
pub(crate) fn prune(batch: &mut Batch, now: Timestamp) {
    batch.run(sql!("DELETE FROM departed_members WHERE keep_until <= $1"), params![now]);
}
