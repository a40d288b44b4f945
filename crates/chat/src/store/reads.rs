//! Tables `read_states` and `mentions`: what somebody has read, and which messages call them.

use guildhall_base::{AnyId, ChannelId, MessageId, Result, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

/// Notes whom a message calls.
pub(crate) fn call(batch: &mut Batch, channel: ChannelId, message: MessageId, targets: &[AnyId]) {
    for target in targets {
        batch.run(
            sql!(
                "INSERT INTO mentions (message_id, target_id, channel_id) VALUES ($1, $2, $3)
                 ON CONFLICT (message_id, target_id) DO NOTHING"
            ),
            params![message, *target, channel],
        );
    }
}

/// Up to where somebody has read, by channel.
pub(crate) async fn of(db: &Db, user: UserId) -> Result<Vec<(ChannelId, MessageId)>> {
    let text =
        sql!("SELECT channel_id, last_message_id FROM read_states WHERE user_id = $1 ORDER BY channel_id");
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// Up to where somebody has read one channel.
pub(crate) async fn one(db: &Db, user: UserId, channel: ChannelId) -> Result<Option<MessageId>> {
    let text = sql!("SELECT last_message_id FROM read_states WHERE user_id = $1 AND channel_id = $2");
    db.opt(text, params![user, channel]).await?.map(|row| row.get(0)).transpose()
}

/// Moves the mark forward; one that is further already stays.
pub(crate) fn advance(batch: &mut Batch, user: UserId, channel: ChannelId, message: MessageId) {
    batch.run(
        sql!(
            "INSERT INTO read_states (user_id, channel_id, last_message_id) VALUES ($1, $2, $3)
             ON CONFLICT (user_id, channel_id) DO UPDATE SET last_message_id = excluded.last_message_id
             WHERE read_states.last_message_id < excluded.last_message_id"
        ),
        params![user, channel, message],
    );
}

/// Puts the mark where somebody wants it, also back.
pub(crate) fn set(batch: &mut Batch, user: UserId, channel: ChannelId, message: MessageId) {
    batch.run(
        sql!(
            "INSERT INTO read_states (user_id, channel_id, last_message_id) VALUES ($1, $2, $3)
             ON CONFLICT (user_id, channel_id) DO UPDATE SET last_message_id = excluded.last_message_id"
        ),
        params![user, channel, message],
    );
}

/// The newest messages beyond somebody's marks that call them, in whatever way; at most `limit`.
pub(crate) async fn calls(db: &Db, user: UserId, limit: i64) -> Result<Vec<(ChannelId, MessageId)>> {
    let text = sql!(
        "SELECT DISTINCT m.channel_id, m.message_id FROM mentions AS m
         LEFT JOIN read_states AS r ON r.user_id = $1 AND r.channel_id = m.channel_id
         WHERE (m.target_id = $1 OR m.target_id IN (
             SELECT guild_id FROM members WHERE user_id = $1
             UNION SELECT held.role_id FROM members AS me
                 JOIN member_roles AS held ON held.guild_id = me.guild_id AND held.user_id = me.user_id
                 WHERE me.user_id = $1
         )) AND m.message_id > COALESCE(r.last_message_id, 0)
         ORDER BY m.message_id DESC LIMIT $2"
    );
    db.all(text, params![user, limit]).await?.iter().map(|row| row.read()).collect()
}

/// How many messages of one channel after a certain one call somebody; counts to `limit`.
pub(crate) async fn calls_after(
    db: &Db,
    user: UserId,
    channel: ChannelId,
    message: MessageId,
    limit: i64,
) -> Result<i64> {
    let text = sql!(
        "SELECT COUNT(*) FROM (
             SELECT DISTINCT m.message_id FROM mentions AS m
             WHERE m.channel_id = $2 AND m.message_id > $3 AND (
                 m.target_id = $1
                 OR m.target_id IN (SELECT guild_id FROM channels WHERE id = $2)
                 OR m.target_id IN (
                     SELECT held.role_id FROM channels AS c
                     JOIN member_roles AS held ON held.guild_id = c.guild_id AND held.user_id = $1
                     WHERE c.id = $2)
             ) LIMIT $4) AS called"
    );
    db.one(text, params![user, channel, message, limit]).await?.get(0)
}
