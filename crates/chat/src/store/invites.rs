//! Table `invites`. An invite that has expired or is used up is as if it were not there; its row goes when the next
//! one is made, or with the sweep.

use guildhall_base::{ChannelId, GuildId, Result, Timestamp, UserId, codes as base_codes};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::rules::limits;

/// An invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredInvite {
    pub(crate) code: String,
    pub(crate) guild: GuildId,
    pub(crate) channel: ChannelId,
    pub(crate) inviter: UserId,
    pub(crate) created_at: Timestamp,
    /// Seconds; 0: never ends.
    pub(crate) max_age: i64,
    pub(crate) expires_at: Option<Timestamp>,
    /// 0: no limit.
    pub(crate) max_uses: i64,
    pub(crate) uses: i64,
    pub(crate) temporary: bool,
}

/// Inserts an invite, unless the guild has too many. Those that have ended make room.
pub(crate) fn insert(batch: &mut Batch, invite: &StoredInvite) {
    batch.run(
        sql!(
            "DELETE FROM invites
             WHERE guild_id = $1 AND (expires_at <= $2 OR (max_uses > 0 AND uses >= max_uses))"
        ),
        params![invite.guild, invite.created_at],
    );
    batch.must(
        sql!(
            "INSERT INTO invites (code, guild_id, channel_id, inviter_id, created_at, max_age_s, expires_at,
                 max_uses, uses, temporary)
             SELECT $1, g.id, $3, $4, $5, $6, $7, $8, 0, $9 FROM guilds AS g
             WHERE g.id = $2 AND (SELECT COUNT(*) FROM invites WHERE guild_id = $2) < $10"
        ),
        params![
            invite.code.as_str(),
            invite.guild,
            invite.channel,
            invite.inviter,
            invite.created_at,
            invite.max_age,
            invite.expires_at,
            invite.max_uses,
            invite.temporary,
            i64::try_from(limits::INVITES).unwrap_or(i64::MAX),
        ],
        codes::MAX_INVITES,
    );
}

/// Counts a use of an invite that still holds; the batch fails otherwise. Where uses are limited, the batch also fails,
/// with a conflict, if it has been used since it was read, so that exactly one use is known to be the last.
pub(crate) fn count_use(batch: &mut Batch, invite: &StoredInvite, now: Timestamp) {
    batch.must(
        sql!(
            "UPDATE invites SET uses = uses + 1
             WHERE code = $1 AND (max_uses = 0 OR uses < max_uses) AND (expires_at IS NULL OR expires_at > $2)"
        ),
        params![invite.code.as_str(), now],
        codes::UNKNOWN_INVITE,
    );
    if invite.max_uses > 0 {
        batch.must(
            sql!("SELECT code FROM invites WHERE code = $1 AND uses = $2"),
            params![invite.code.as_str(), invite.uses + 1],
            base_codes::CONFLICT,
        );
    }
}

/// Removes invites whose time is over.
pub(crate) fn prune(batch: &mut Batch, now: Timestamp) {
    batch.run(sql!("DELETE FROM invites WHERE expires_at <= $1"), params![now]);
}

pub(crate) fn delete(batch: &mut Batch, code: &str) {
    batch.must(sql!("DELETE FROM invites WHERE code = $1"), params![code], codes::UNKNOWN_INVITE);
}

/// An invite that holds at this time.
///
/// # Errors
/// 10006 if there is none.
pub(crate) async fn get(db: &Db, code: &str, now: Timestamp) -> Result<StoredInvite> {
    let row = db
        .opt(
            sql!(
                "SELECT code, guild_id, channel_id, inviter_id, created_at, max_age_s, expires_at, max_uses,
                        uses, temporary
                 FROM invites
                 WHERE code = $1 AND (expires_at IS NULL OR expires_at > $2)
                   AND (max_uses = 0 OR uses < max_uses)"
            ),
            params![code, now],
        )
        .await?;
    invite(&row.ok_or(codes::UNKNOWN_INVITE)?)
}

/// The invites of a guild, or of one of its channels, that hold at this time; oldest first.
pub(crate) async fn list(
    db: &Db,
    guild: GuildId,
    channel: Option<ChannelId>,
    now: Timestamp,
) -> Result<Vec<StoredInvite>> {
    let rows = db
        .all(
            sql!(
                "SELECT code, guild_id, channel_id, inviter_id, created_at, max_age_s, expires_at, max_uses,
                        uses, temporary
                 FROM invites
                 WHERE guild_id = $1 AND channel_id = COALESCE($2, channel_id)
                   AND (expires_at IS NULL OR expires_at > $3) AND (max_uses = 0 OR uses < max_uses)
                 ORDER BY created_at, code"
            ),
            params![guild, channel, now],
        )
        .await?;
    rows.iter().map(invite).collect()
}

fn invite(row: &Row) -> Result<StoredInvite> {
    let mut columns = row.columns();
    Ok(StoredInvite {
        code: columns.next()?,
        guild: columns.next()?,
        channel: columns.next()?,
        inviter: columns.next()?,
        created_at: columns.next()?,
        max_age: columns.next()?,
        expires_at: columns.next()?,
        max_uses: columns.next()?,
        uses: columns.next()?,
        temporary: columns.next()?,
    })
}
