//! Table `reactions`.

use guildhall_base::{MessageId, Result, UserId};
use guildhall_infra::db::Db;
use guildhall_infra::{params, sql};

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
