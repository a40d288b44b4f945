//! Table `reactions`.

use guildhall_base::{Code, MessageId, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::codes;

/// How often a message got an emoji, in the order in which emojis first came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) message: MessageId,
    pub(crate) emoji: String,
    pub(crate) count: i64,
    /// Whether the reader is among them.
    pub(crate) me: bool,
}

/// The reactions of messages, as one reader sees them.
pub(crate) async fn counts(db: &Db, messages: &[MessageId], reader: UserId) -> Result<Vec<Count>> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db
        .all(
            sql!(
                "SELECT message_id, emoji, COUNT(*), SUM(CASE WHEN user_id = $2 THEN 1 ELSE 0 END)
                 FROM reactions WHERE message_id {in $1}
                 GROUP BY message_id, emoji ORDER BY message_id, MIN(at), emoji"
            ),
            params![messages, reader],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let (message, emoji, count, mine) = row.read::<(MessageId, String, i64, i64)>()?;
            Ok(Count { message, emoji, count, me: mine > 0 })
        })
        .collect()
}

/// Adds a reaction. The batch fails with `otherwise` if it is there, and with 30010 where it would be one emoji too
/// many; taking the message's row first makes concurrent reactions to one message wait for one another.
pub(crate) fn add(
    batch: &mut Batch,
    message: MessageId,
    emoji: &str,
    user: UserId,
    at: Timestamp,
    otherwise: Code,
) {
    batch.must(
        sql!("UPDATE messages SET type = type WHERE id = $1"),
        params![message],
        codes::UNKNOWN_MESSAGE,
    );
    batch.must(
        sql!(
            "INSERT INTO reactions (message_id, emoji, user_id, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (message_id, emoji, user_id) DO NOTHING"
        ),
        params![message, emoji, user, at],
        otherwise,
    );
    batch.must(
        sql!(
            "UPDATE messages SET type = type
             WHERE id = $1 AND (SELECT COUNT(DISTINCT emoji) FROM reactions WHERE message_id = $1) <= 20"
        ),
        params![message],
        codes::MAX_REACTIONS,
    );
}

/// Removes one reaction; the batch fails if it is not there.
pub(crate) fn remove(batch: &mut Batch, message: MessageId, emoji: &str, user: UserId) {
    batch.must(
        sql!("DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND user_id = $3"),
        params![message, emoji, user],
        codes::UNKNOWN_EMOJI,
    );
}

/// Removes all reactions of a message, or all with one emoji.
pub(crate) fn clear(batch: &mut Batch, message: MessageId, emoji: Option<&str>) {
    match emoji {
        None => {
            batch.run(sql!("DELETE FROM reactions WHERE message_id = $1"), params![message]);
        }
        Some(emoji) => {
            batch.must(
                sql!("DELETE FROM reactions WHERE message_id = $1 AND emoji = $2"),
                params![message, emoji],
                codes::UNKNOWN_EMOJI,
            );
        }
    }
}

/// Who reacted with an emoji, by ascending id.
pub(crate) async fn users(
    db: &Db,
    message: MessageId,
    emoji: &str,
    after: UserId,
    limit: i64,
) -> Result<Vec<UserId>> {
    let rows = db
        .all(
            sql!(
                "SELECT user_id FROM reactions
                 WHERE message_id = $1 AND emoji = $2 AND user_id > $3 ORDER BY user_id LIMIT $4"
            ),
            params![message, emoji, after, limit],
        )
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}
