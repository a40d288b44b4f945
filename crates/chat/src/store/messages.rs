//! Table `messages`.

use guildhall_base::{ChannelId, Error, GuildId, MessageId, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use super::json;
use crate::codes;
use crate::model::MessageBody;

/// A message as it lies in its table.
#[derive(Debug, Clone)]
pub(crate) struct StoredMessage {
    pub(crate) id: MessageId,
    pub(crate) channel_id: ChannelId,
    pub(crate) author_id: UserId,
    pub(crate) kind: u8,
    pub(crate) flags: u32,
    pub(crate) content: String,
    pub(crate) edited_at: Option<Timestamp>,
    pub(crate) pinned_at: Option<Timestamp>,
    pub(crate) body: MessageBody,
}

fn stored(row: &Row) -> Result<StoredMessage> {
    let mut columns = row.columns();
    Ok(StoredMessage {
        id: columns.next()?,
        channel_id: columns.next()?,
        author_id: columns.next()?,
        kind: columns.next()?,
        flags: columns.next()?,
        content: columns.next()?,
        edited_at: columns.next()?,
        pinned_at: columns.next()?,
        body: serde_json::from_str(&columns.next::<String>()?).map_err(Error::internal)?,
    })
}

/// Where a page of messages begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Newest,
    Before(MessageId),
    After(MessageId),
    Around(MessageId),
}

/// Inserts a message and makes it its channel's newest.
pub(crate) fn insert(batch: &mut Batch, message: &StoredMessage) -> Result<()> {
    // The channel first: the insertion's reference would share its row with others, and many who share a row before
    // each changes it wait long on PostgreSQL.
    batch.must(
        sql!(
            "UPDATE channels SET last_message_id =
                 CASE WHEN last_message_id > $2 THEN last_message_id ELSE $2 END
             WHERE id = $1"
        ),
        params![message.channel_id, message.id],
        codes::UNKNOWN_CHANNEL,
    );
    batch.run(
        sql!(
            "INSERT INTO messages (id, channel_id, author_id, type, flags, content, edited_at, pinned_at, body)
             VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, $7)"
        ),
        params![
            message.id,
            message.channel_id,
            message.author_id,
            message.kind,
            message.flags,
            message.content.as_str(),
            json(&message.body)?,
        ],
    );
    Ok(())
}

pub(crate) fn update(batch: &mut Batch, message: &StoredMessage) -> Result<()> {
    batch.must(
        sql!("UPDATE messages SET flags = $2, content = $3, edited_at = $4, body = $5 WHERE id = $1"),
        params![
            message.id,
            message.flags,
            message.content.as_str(),
            message.edited_at,
            json(&message.body)?,
        ],
        codes::UNKNOWN_MESSAGE,
    );
    Ok(())
}

pub(crate) fn delete(batch: &mut Batch, channel: ChannelId, message: MessageId) {
    batch.must(
        sql!("DELETE FROM messages WHERE id = $1 AND channel_id = $2"),
        params![message, channel],
        codes::UNKNOWN_MESSAGE,
    );
}

/// Deletes those of these messages that are in the channel.
pub(crate) fn delete_many(batch: &mut Batch, channel: ChannelId, messages: &[MessageId]) {
    batch.run(sql!("DELETE FROM messages WHERE channel_id = $1 AND id {in $2}"), params![channel, messages]);
}

pub(crate) async fn get(db: &Db, channel: ChannelId, message: MessageId) -> Result<StoredMessage> {
    let row = db
        .opt(
            sql!(
                "SELECT id, channel_id, author_id, type, flags, content, edited_at, pinned_at, body
                 FROM messages WHERE id = $1 AND channel_id = $2"
            ),
            params![message, channel],
        )
        .await?;
    stored(&row.ok_or(codes::UNKNOWN_MESSAGE)?)
}

pub(crate) async fn by_ids(db: &Db, messages: &[MessageId]) -> Result<Vec<StoredMessage>> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db
        .all(
            sql!(
                "SELECT id, channel_id, author_id, type, flags, content, edited_at, pinned_at, body
                 FROM messages WHERE id {in $1}"
            ),
            params![messages],
        )
        .await?;
    rows.iter().map(stored).collect()
}

/// What a user has written in a guild's channels from this message id on.
pub(crate) async fn since(
    db: &Db,
    guild: GuildId,
    author: UserId,
    first: MessageId,
) -> Result<Vec<StoredMessage>> {
    let rows = db
        .all(
            sql!(
                "SELECT m.id, m.channel_id, m.author_id, m.type, m.flags, m.content, m.edited_at, m.pinned_at, m.body
                 FROM channels AS c JOIN messages AS m ON m.channel_id = c.id AND m.id >= $3
                 WHERE c.guild_id = $1 AND m.author_id = $2 ORDER BY m.id"
            ),
            params![guild, author, first],
        )
        .await?;
    rows.iter().map(stored).collect()
}

/// Those of a guild's members who have written in it from this message id on.
pub(crate) async fn authors_since(db: &Db, guild: GuildId, first: MessageId) -> Result<Vec<UserId>> {
    let rows = db
        .all(
            sql!(
                "SELECT DISTINCT m.author_id
                 FROM channels AS c JOIN messages AS m ON m.channel_id = c.id AND m.id >= $2
                 WHERE c.guild_id = $1"
            ),
            params![guild, first],
        )
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// A page of a channel, newest first.
pub(crate) async fn page(
    db: &Db,
    channel: ChannelId,
    anchor: Anchor,
    limit: i64,
) -> Result<Vec<StoredMessage>> {
    match anchor {
        Anchor::Newest => before(db, channel, MessageId::new(i64::MAX), limit).await,
        Anchor::Before(message) => before(db, channel, message, limit).await,
        Anchor::After(message) => after(db, channel, message, limit).await,
        Anchor::Around(message) => {
            let newer = after(db, channel, message, limit / 2).await?;
            let rest = limit - i64::try_from(newer.len()).unwrap_or(0);
            let older = before(db, channel, MessageId::new(message.get() + 1), rest).await?;
            Ok(newer.into_iter().chain(older).collect())
        }
    }
}

async fn before(db: &Db, channel: ChannelId, message: MessageId, limit: i64) -> Result<Vec<StoredMessage>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, channel_id, author_id, type, flags, content, edited_at, pinned_at, body
                 FROM messages WHERE channel_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
            ),
            params![channel, message, limit],
        )
        .await?;
    rows.iter().map(stored).collect()
}

async fn after(db: &Db, channel: ChannelId, message: MessageId, limit: i64) -> Result<Vec<StoredMessage>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, channel_id, author_id, type, flags, content, edited_at, pinned_at, body
                 FROM messages WHERE channel_id = $1 AND id > $2 ORDER BY id LIMIT $3"
            ),
            params![channel, message, limit],
        )
        .await?;
    rows.iter().rev().map(stored).collect()
}

/// When a user last wrote in a channel, for slow mode.
pub(crate) async fn newest_of(db: &Db, channel: ChannelId, user: UserId) -> Result<Option<MessageId>> {
    let row = db
        .one(
            sql!("SELECT MAX(id) FROM messages WHERE channel_id = $1 AND author_id = $2"),
            params![channel, user],
        )
        .await?;
    row.get(0)
}

/// Remembers a send by its nonce. The batch fails with [`guildhall_infra::db::codes::DUPLICATE`] if it is known.
pub(crate) fn remember_nonce(batch: &mut Batch, message: &StoredMessage, nonce: &str) {
    batch.run(
        sql!("INSERT INTO message_nonces (channel_id, author_id, nonce, message_id) VALUES ($1, $2, $3, $4)"),
        params![message.channel_id, message.author_id, nonce, message.id],
    );
}

pub(crate) async fn by_nonce(
    db: &Db,
    channel: ChannelId,
    author: UserId,
    nonce: &str,
) -> Result<Option<MessageId>> {
    let row = db
        .opt(
            sql!(
                "SELECT message_id FROM message_nonces
                 WHERE channel_id = $1 AND author_id = $2 AND nonce = $3"
            ),
            params![channel, author, nonce],
        )
        .await?;
    row.map(|row| row.get(0)).transpose()
}

/// Forgets the nonces of messages older than this one.
pub(crate) fn forget_nonces(batch: &mut Batch, before: MessageId) {
    batch.run(sql!("DELETE FROM message_nonces WHERE message_id < $1"), params![before]);
}
