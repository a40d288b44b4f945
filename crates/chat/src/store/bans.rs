//! Table `bans`.

use std::collections::HashSet;

use guildhall_base::{Code, GuildId, Result, UserId, codes as base_codes};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::codes;

/// Where a page of bans begins or ends, both exclusive.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    /// The last ones before this user.
    Before(UserId),
    /// The first ones after this user.
    After(UserId),
}

/// One after the other: what bans people and what lets people in hold the guild's row, so that nobody comes in while
/// being banned.
fn take_turns(batch: &mut Batch, guild: GuildId) {
    batch.must(sql!("UPDATE guilds SET layout = layout WHERE id = $1"), params![guild], codes::UNKNOWN_GUILD);
}

/// Inserts a ban; the batch fails with `already` if there is one.
pub(crate) fn insert(batch: &mut Batch, guild: GuildId, user: UserId, reason: Option<&str>, already: Code) {
    take_turns(batch, guild);
    batch.must(
        sql!(
            "INSERT INTO bans (guild_id, user_id, reason) VALUES ($1, $2, $3)
             ON CONFLICT (guild_id, user_id) DO NOTHING"
        ),
        params![guild, user, reason],
        already,
    );
}

/// The batch fails with a conflict if the user is a member after all.
pub(crate) fn expect_stranger(batch: &mut Batch, guild: GuildId, user: UserId) {
    batch.must(
        sql!(
            "SELECT id FROM guilds
             WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM members WHERE guild_id = $1 AND user_id = $2)"
        ),
        params![guild, user],
        base_codes::CONFLICT,
    );
}

/// The batch fails if the user is banned.
pub(crate) fn refuse(batch: &mut Batch, guild: GuildId, user: UserId) {
    take_turns(batch, guild);
    batch.must(
        sql!(
            "SELECT id FROM guilds
             WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM bans WHERE guild_id = $1 AND user_id = $2)"
        ),
        params![guild, user],
        codes::BANNED,
    );
}

pub(crate) fn delete(batch: &mut Batch, guild: GuildId, user: UserId) {
    batch.must(
        sql!("DELETE FROM bans WHERE guild_id = $1 AND user_id = $2"),
        params![guild, user],
        codes::UNKNOWN_BAN,
    );
}

/// Why a user is banned; the outer `None` if they are not.
pub(crate) async fn get(db: &Db, guild: GuildId, user: UserId) -> Result<Option<Option<String>>> {
    let row = db
        .opt(sql!("SELECT reason FROM bans WHERE guild_id = $1 AND user_id = $2"), params![guild, user])
        .await?;
    row.map(|row| row.get(0)).transpose()
}

/// Those of these users who are banned.
pub(crate) async fn which(db: &Db, guild: GuildId, users: &[UserId]) -> Result<HashSet<UserId>> {
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = db
        .all(sql!("SELECT user_id FROM bans WHERE guild_id = $1 AND user_id {in $2}"), params![guild, users])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// A page of bans by ascending user id: who and why.
pub(crate) async fn page(
    db: &Db,
    guild: GuildId,
    anchor: Anchor,
    limit: i64,
) -> Result<Vec<(UserId, Option<String>)>> {
    let rows = match anchor {
        Anchor::Before(user) => {
            db.all(
                sql!(
                    "SELECT user_id, reason FROM bans WHERE guild_id = $1 AND user_id < $2
                     ORDER BY user_id DESC LIMIT $3"
                ),
                params![guild, user, limit],
            )
            .await?
        }
        Anchor::After(user) => {
            db.all(
                sql!(
                    "SELECT user_id, reason FROM bans WHERE guild_id = $1 AND user_id > $2
                     ORDER BY user_id LIMIT $3"
                ),
                params![guild, user, limit],
            )
            .await?
        }
    };
    let mut bans = rows.iter().map(Row::read).collect::<Result<Vec<_>>>()?;
    bans.sort_unstable_by_key(|(user, _): &(UserId, _)| *user);
    Ok(bans)
}
