//! Tables `channels` and `overwrites`.

use std::collections::HashMap;

use guildhall_base::{AnyId, ChannelId, Error, GuildId, Permissions, Result};
use guildhall_infra::db::{Batch, Db, Json, Row};
use guildhall_infra::{params, sql};

use super::json;
use crate::codes;
use crate::model::{Channel, ChannelType, Overwrite, OverwriteType};

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

/// Deletes channels of which at least one must be there.
pub(crate) fn delete(batch: &mut Batch, channels: &[ChannelId]) {
    batch.must(sql!("DELETE FROM channels WHERE id {in $1}"), params![channels], codes::UNKNOWN_CHANNEL);
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

/// Has channels take over the overwrites of their categories, given as (channel, category), however many, in two
/// statements.
pub(crate) fn inherit_overwrites(batch: &mut Batch, locked: &[(ChannelId, ChannelId)]) {
    if locked.is_empty() {
        return;
    }
    let channels: Vec<_> = locked.iter().map(|(channel, _)| *channel).collect();
    batch.run(sql!("DELETE FROM overwrites WHERE channel_id {in $1}"), params![channels]);
    let rows: Vec<_> = locked.iter().map(|(channel, category)| (channel.get(), category.get())).collect();
    batch.run(
        sql!(
            "INSERT INTO overwrites (channel_id, target_id, type, allow, deny)
             SELECT m.channel_id, o.target_id, o.type, o.allow, o.deny
             FROM {rows $1: channel_id bigint, category_id bigint} AS m
             JOIN overwrites AS o ON o.channel_id = m.category_id"
        ),
        params![Json(rows)],
    );
}

/// All channels and threads of a guild as they are in the database now, with the layout that they belong to:
/// whatever changes after it was read makes claiming it fail.
pub(crate) async fn all(db: &Db, guild: GuildId) -> Result<(i64, Vec<Channel>)> {
    let rows = db
        .all(
            sql!(
                "SELECT g.layout, c.id, c.type, c.position, c.parent_id, c.last_message_id, c.last_pin_at, c.settings
                 FROM guilds AS g LEFT JOIN channels AS c ON c.guild_id = g.id WHERE g.id = $1"
            ),
            params![guild],
        )
        .await?;
    let layout = rows.first().ok_or(codes::UNKNOWN_GUILD)?.get(0)?;
    let mut overwrites: HashMap<ChannelId, Vec<Overwrite>> = HashMap::new();
    let stored = sql!(
        "SELECT o.channel_id, o.target_id, o.type, o.allow, o.deny
         FROM overwrites AS o JOIN channels AS c ON c.id = o.channel_id
         WHERE c.guild_id = $1 ORDER BY o.target_id"
    );
    for row in db.all(stored, params![guild]).await? {
        let (channel, id, kind, allow, deny) =
            row.read::<(ChannelId, AnyId, i64, Permissions, Permissions)>()?;
        let kind =
            OverwriteType::from_number(kind).ok_or_else(|| Error::internal("unknown overwrite type"))?;
        overwrites.entry(channel).or_default().push(Overwrite { id, kind, allow, deny });
    }
    let mut channels = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(id) = row.get::<Option<ChannelId>>(1)? {
            let permission_overwrites = overwrites.remove(&id).unwrap_or_default();
            channels.push(Channel { permission_overwrites, guild_id: Some(guild), ..channel(id, row)? });
        }
    }
    Ok((layout, channels))
}

/// Reads the columns after `layout` and `id`.
fn channel(id: ChannelId, row: &Row) -> Result<Channel> {
    let mut columns = row.columns();
    columns.skip(2);
    let kind = ChannelType::from_number(columns.next()?);
    let kind = kind.ok_or_else(|| Error::internal("unknown channel type"))?;
    Ok(Channel {
        position: columns.next()?,
        parent_id: columns.next()?,
        last_message_id: columns.next()?,
        last_pin_timestamp: columns.next()?,
        settings: serde_json::from_str(&columns.next::<String>()?).map_err(Error::internal)?,
        ..Channel::direct(id, kind)
    })
}

/// Gives channels new places and categories, however many, in one statement.
pub(crate) fn set_positions(batch: &mut Batch, places: &[(ChannelId, i64, Option<ChannelId>)]) {
    if places.is_empty() {
        return;
    }
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
