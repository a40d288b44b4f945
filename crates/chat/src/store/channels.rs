//! Tables `channels` and `overwrites`.

use guildhall_base::{AnyId, ChannelId, GuildId, Result};
use guildhall_infra::db::{Batch, Db, Json};
use guildhall_infra::{params, sql};

use super::json;
use crate::codes;
use crate::model::{Channel, Overwrite};

/// Inserts a channel and its overwrites.
pub(crate) fn insert(batch: &mut Batch, channel: &Channel) -> Result<()> {
    batch.run(
        sql!(
            "INSERT INTO channels (id, guild_id, type, position, parent_id, last_message_id, last_pin_at, settings)
             VALUES ($1, $2, $3, $4, $5, NULL, NULL, $6)"
        ),
        params![
            channel.id,
            channel.guild_id,
            channel.kind.number(),
            channel.position,
            channel.parent_id,
            json(&channel.settings)?,
        ],
    );
    insert_overwrites(batch, channel.id, &channel.permission_overwrites);
    Ok(())
}

/// Rewrites what a channel's managers may change, except its order and its overwrites.
pub(crate) fn update(batch: &mut Batch, channel: &Channel) -> Result<()> {
    batch.must(
        sql!("UPDATE channels SET type = $2, parent_id = $3, settings = $4 WHERE id = $1"),
        params![channel.id, channel.kind.number(), channel.parent_id, json(&channel.settings)?],
        codes::UNKNOWN_CHANNEL,
    );
    Ok(())
}

pub(crate) fn delete(batch: &mut Batch, channel: ChannelId) {
    batch.must(sql!("DELETE FROM channels WHERE id = $1"), params![channel], codes::UNKNOWN_CHANNEL);
}

fn insert_overwrites(batch: &mut Batch, channel: ChannelId, overwrites: &[Overwrite]) {
    if overwrites.is_empty() {
        return;
    }
    let rows: Vec<_> =
        overwrites.iter().map(|o| (o.id.get(), o.kind as i64, o.allow.to_db(), o.deny.to_db())).collect();
    batch.run(
        sql!(
            "INSERT INTO overwrites (channel_id, target_id, type, allow, deny)
             SELECT $1, r.target_id, r.type, r.allow, r.deny
             FROM {rows $2: target_id bigint, type bigint, allow bigint, deny bigint} AS r"
        ),
        params![channel, Json(rows)],
    );
}

/// Replaces all overwrites of a channel.
pub(crate) fn replace_overwrites(batch: &mut Batch, channel: ChannelId, overwrites: &[Overwrite]) {
    batch.run(sql!("DELETE FROM overwrites WHERE channel_id = $1"), params![channel]);
    insert_overwrites(batch, channel, overwrites);
}

/// Inserts or replaces one overwrite.
pub(crate) fn put_overwrite(batch: &mut Batch, channel: ChannelId, overwrite: &Overwrite) {
    batch.run(
        sql!(
            "INSERT INTO overwrites (channel_id, target_id, type, allow, deny) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (channel_id, target_id)
             DO UPDATE SET type = excluded.type, allow = excluded.allow, deny = excluded.deny"
        ),
        params![channel, overwrite.id, overwrite.kind as i64, overwrite.allow, overwrite.deny],
    );
}

pub(crate) fn delete_overwrite(batch: &mut Batch, channel: ChannelId, target: AnyId) {
    batch.must(
        sql!("DELETE FROM overwrites WHERE channel_id = $1 AND target_id = $2"),
        params![channel, target],
        codes::UNKNOWN_OVERWRITE,
    );
}

/// A channel's id, place and category, in the order of places.
pub(crate) async fn positions(
    db: &Db,
    guild: GuildId,
) -> Result<Vec<(ChannelId, i64, i64, Option<ChannelId>)>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, type, position, parent_id FROM channels
                 WHERE guild_id = $1 ORDER BY position, id"
            ),
            params![guild],
        )
        .await?;
    rows.iter().map(|row| row.read()).collect()
}

/// Gives channels new places and categories, however many, in one statement.
pub(crate) fn set_positions(batch: &mut Batch, places: &[(ChannelId, i64, Option<ChannelId>)]) {
    let rows: Vec<_> =
        places.iter().map(|(id, position, parent)| (id.get(), *position, parent.map(|p| p.get()))).collect();
    batch.run(
        sql!(
            "UPDATE channels SET position = m.position, parent_id = m.parent_id
             FROM {rows $1: id bigint, position bigint, parent_id bigint} AS m WHERE channels.id = m.id"
        ),
        params![Json(rows)],
    );
}
