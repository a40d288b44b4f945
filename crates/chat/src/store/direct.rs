//! Tables `recipients` and `direct_pairs`: who talks with whom outside guilds.

use std::collections::BTreeMap;

use guildhall_base::{ChannelId, Error, MessageId, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::model::{Channel, ChannelType};
use crate::world::DirectRoom;

/// The channel of two people, if they ever talked.
pub(crate) async fn of_pair(db: &Db, a: UserId, b: UserId) -> Result<Option<ChannelId>> {
    let row = db
        .opt(
            sql!("SELECT channel_id FROM direct_pairs WHERE low_user_id = $1 AND high_user_id = $2"),
            params![a.min(b), a.max(b)],
        )
        .await?;
    row.map(|row| row.get(0)).transpose()
}

/// Makes a channel the one of two people. The batch fails with `DUPLICATE` if they have one.
pub(crate) fn insert_pair(batch: &mut Batch, channel: ChannelId, a: UserId, b: UserId) {
    batch.run(
        sql!("INSERT INTO direct_pairs (low_user_id, high_user_id, channel_id) VALUES ($1, $2, $3)"),
        params![a.min(b), a.max(b), channel],
    );
}

/// Adds somebody to a channel.
pub(crate) fn add(batch: &mut Batch, channel: ChannelId, user: UserId, closed: bool) {
    batch.run(
        sql!(
            "INSERT INTO recipients (channel_id, user_id, closed) VALUES ($1, $2, $3)
             ON CONFLICT (channel_id, user_id) DO UPDATE SET closed = excluded.closed"
        ),
        params![channel, user, closed],
    );
}

/// Takes somebody out of a channel.
pub(crate) fn remove(batch: &mut Batch, channel: ChannelId, user: UserId) {
    batch.must(
        sql!("DELETE FROM recipients WHERE channel_id = $1 AND user_id = $2"),
        params![channel, user],
        codes::UNKNOWN_CHANNEL,
    );
}

/// Hides a channel from somebody's list, or shows it again.
pub(crate) fn set_closed(batch: &mut Batch, channel: ChannelId, user: UserId, closed: bool) {
    batch.run(
        sql!("UPDATE recipients SET closed = $3 WHERE channel_id = $1 AND user_id = $2"),
        params![channel, user, closed],
    );
}

/// Who has hidden a channel.
pub(crate) async fn closed_by(db: &Db, channel: ChannelId) -> Result<Vec<UserId>> {
    let rows = db
        .all(sql!("SELECT user_id FROM recipients WHERE channel_id = $1 AND closed"), params![channel])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// One channel with everybody in it.
pub(crate) async fn get(db: &Db, channel: ChannelId) -> Result<(Channel, Vec<UserId>)> {
    let rows = db
        .all(
            sql!(
                "SELECT c.id, c.type, c.last_message_id, c.last_pin_at, c.settings, r.user_id
                 FROM channels AS c JOIN recipients AS r ON r.channel_id = c.id
                 WHERE c.id = $1 AND c.guild_id IS NULL ORDER BY r.user_id"
            ),
            params![channel],
        )
        .await?;
    let mut channels = group(&rows)?;
    channels.pop().ok_or_else(|| codes::UNKNOWN_CHANNEL.into())
}

/// The channels that somebody has not hidden, with everybody in them.
pub(crate) async fn open_for(db: &Db, user: UserId) -> Result<Vec<(Channel, Vec<UserId>)>> {
    let rows = db
        .all(
            sql!(
                "SELECT c.id, c.type, c.last_message_id, c.last_pin_at, c.settings, r.user_id
                 FROM recipients AS mine
                 JOIN channels AS c ON c.id = mine.channel_id
                 JOIN recipients AS r ON r.channel_id = c.id
                 WHERE mine.user_id = $1 AND NOT mine.closed ORDER BY c.id, r.user_id"
            ),
            params![user],
        )
        .await?;
    group(&rows)
}

fn group(rows: &[Row]) -> Result<Vec<(Channel, Vec<UserId>)>> {
    let mut channels: BTreeMap<ChannelId, (Channel, Vec<UserId>)> = BTreeMap::new();
    for row in rows {
        let (id, kind, last_message_id, last_pin_timestamp, settings, user) =
            row.read::<(ChannelId, i64, Option<MessageId>, Option<Timestamp>, String, UserId)>()?;
        let kind = ChannelType::from_number(kind).ok_or_else(|| Error::internal("unknown channel type"))?;
        let settings = serde_json::from_str(&settings).map_err(Error::internal)?;
        let channel = Channel { last_message_id, last_pin_timestamp, settings, ..Channel::direct(id, kind) };
        channels.entry(id).or_insert((channel, Vec::new())).1.push(user);
    }
    Ok(channels.into_values().collect())
}

/// Who takes part in a channel, with the position of the log that this is true for.
pub(crate) async fn room(db: &Db, channel: ChannelId) -> Result<Option<(DirectRoom, u64)>> {
    let rows = db
        .all(
            sql!(
                "SELECT h.position, c.type, r.user_id
                 FROM event_head AS h, channels AS c JOIN recipients AS r ON r.channel_id = c.id
                 WHERE c.id = $1 AND c.guild_id IS NULL ORDER BY r.user_id"
            ),
            params![channel],
        )
        .await?;
    let mut room = None;
    for row in &rows {
        let (position, kind, user) = row.read::<(i64, i64, UserId)>()?;
        let kind = ChannelType::from_number(kind).unwrap_or(ChannelType::Direct);
        let (room, _) = room
            .get_or_insert((DirectRoom { id: channel, kind, users: Vec::new() }, position.cast_unsigned()));
        room.users.push(user);
    }
    Ok(room)
}
