//! Pinned messages: a time in the table `messages`.

use guildhall_base::{ChannelId, Code, MessageId, Result, Timestamp};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use crate::codes;

/// How many messages of a channel may be pinned.
pub(crate) const MAX_PINS: i64 = 250;

/// Pins a message. The batch fails with `otherwise` if it is pinned, and with 30003 where it would be one too many.
pub(crate) fn pin(batch: &mut Batch, channel: ChannelId, message: MessageId, at: Timestamp, otherwise: Code) {
    // Taking the channel's row first makes concurrent pins wait for one another.
    batch.must(
        sql!("UPDATE channels SET last_pin_at = $2 WHERE id = $1"),
        params![channel, at],
        codes::UNKNOWN_CHANNEL,
    );
    batch.must(
        sql!("UPDATE messages SET pinned_at = $2 WHERE id = $1 AND pinned_at IS NULL"),
        params![message, at],
        otherwise,
    );
    batch.must(
        sql!(
            "UPDATE channels SET last_pin_at = $2
             WHERE id = $1 AND
                 (SELECT COUNT(*) FROM messages WHERE channel_id = $1 AND pinned_at IS NOT NULL) <= $3"
        ),
        params![channel, at, MAX_PINS],
        codes::MAX_PINS,
    );
}

/// Unpins a message; `last` is when another one of the channel was last pinned. The batch fails with `otherwise` if
/// it is not pinned.
pub(crate) fn unpin(
    batch: &mut Batch,
    channel: ChannelId,
    message: MessageId,
    last: Option<Timestamp>,
    otherwise: Code,
) {
    batch.run(sql!("UPDATE channels SET last_pin_at = $2 WHERE id = $1"), params![channel, last]);
    batch.must(
        sql!("UPDATE messages SET pinned_at = NULL WHERE id = $1 AND pinned_at IS NOT NULL"),
        params![message],
        otherwise,
    );
}

/// The ids of pinned messages, last pinned first, those pinned before a time.
pub(crate) async fn page(
    db: &Db,
    channel: ChannelId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<(MessageId, Timestamp)>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, pinned_at FROM messages
                 WHERE channel_id = $1 AND pinned_at IS NOT NULL AND pinned_at < $2
                 ORDER BY pinned_at DESC, id DESC LIMIT $3"
            ),
            params![channel, before, limit],
        )
        .await?;
    rows.iter().map(|row| row.read()).collect()
}
