//! Table `webhooks`.

use guildhall_base::{ApplicationId, ChannelId, GuildId, Result, UserId, WebhookId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::rules::limits;

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredWebhook {
    pub(crate) id: WebhookId,
    pub(crate) guild: GuildId,
    pub(crate) channel: ChannelId,
    /// The application whose bot made it.
    pub(crate) application: Option<ApplicationId>,
    pub(crate) creator: UserId,
    pub(crate) name: String,
    pub(crate) avatar: Option<String>,
    /// Sealed.
    pub(crate) token: Vec<u8>,
}

/// The most that a channel may have, as a parameter.
fn most() -> i64 {
    i64::try_from(limits::WEBHOOKS).unwrap_or(i64::MAX)
}

/// Locks the channel's row until the batch is committed, so that whoever counts its webhooks next counts this one.
fn hold_channel(batch: &mut Batch, guild: GuildId, channel: ChannelId) {
    batch.must(
        sql!("UPDATE channels SET position = position WHERE id = $1 AND guild_id = $2"),
        params![channel, guild],
        codes::UNKNOWN_CHANNEL,
    );
}

/// Inserts a webhook, unless its channel has too many.
pub(crate) fn insert(batch: &mut Batch, webhook: &StoredWebhook) {
    hold_channel(batch, webhook.guild, webhook.channel);
    batch.must(
        sql!(
            "INSERT INTO webhooks (id, guild_id, channel_id, application_id, creator_id, name, avatar, token)
             SELECT $1, c.guild_id, c.id, $4, $5, $6, $7, $8 FROM channels AS c
             WHERE c.id = $3 AND c.guild_id = $2 AND (SELECT COUNT(*) FROM webhooks WHERE channel_id = $3) < $9"
        ),
        params![
            webhook.id,
            webhook.guild,
            webhook.channel,
            webhook.application,
            webhook.creator,
            webhook.name.as_str(),
            webhook.avatar.as_deref(),
            webhook.token.clone(),
            most(),
        ],
        codes::MAX_WEBHOOKS,
    );
}

/// Changes what a webhook is called, its picture and its channel, unless that has too many.
pub(crate) fn update(batch: &mut Batch, before: &StoredWebhook, after: &StoredWebhook) {
    if before.channel != after.channel {
        hold_channel(batch, after.guild, after.channel);
        batch.must(
            sql!(
                "UPDATE webhooks SET channel_id = $2
                 WHERE id = $1 AND (SELECT COUNT(*) FROM webhooks WHERE channel_id = $2 AND id <> $1) < $3"
            ),
            params![after.id, after.channel, most()],
            codes::MAX_WEBHOOKS,
        );
    }
    batch.must(
        sql!("UPDATE webhooks SET name = $2, avatar = $3 WHERE id = $1"),
        params![after.id, after.name.as_str(), after.avatar.as_deref()],
        codes::UNKNOWN_WEBHOOK,
    );
}

pub(crate) fn delete(batch: &mut Batch, webhook: WebhookId) {
    batch.must(sql!("DELETE FROM webhooks WHERE id = $1"), params![webhook], codes::UNKNOWN_WEBHOOK);
}

/// One webhook.
///
/// # Errors
/// 10015 if there is none.
pub(crate) async fn get(db: &Db, id: WebhookId) -> Result<StoredWebhook> {
    let row = db
        .opt(
            sql!(
                "SELECT id, guild_id, channel_id, application_id, creator_id, name, avatar, token
                 FROM webhooks WHERE id = $1"
            ),
            params![id],
        )
        .await?;
    webhook(&row.ok_or(codes::UNKNOWN_WEBHOOK)?)
}

/// The webhooks of a guild, or of one of its channels, oldest first.
pub(crate) async fn list(db: &Db, guild: GuildId, channel: Option<ChannelId>) -> Result<Vec<StoredWebhook>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, guild_id, channel_id, application_id, creator_id, name, avatar, token
                 FROM webhooks WHERE guild_id = $1 AND channel_id = COALESCE($2, channel_id) ORDER BY id"
            ),
            params![guild, channel],
        )
        .await?;
    rows.iter().map(webhook).collect()
}

fn webhook(row: &Row) -> Result<StoredWebhook> {
    let mut columns = row.columns();
    Ok(StoredWebhook {
        id: columns.next()?,
        guild: columns.next()?,
        channel: columns.next()?,
        application: columns.next()?,
        creator: columns.next()?,
        name: columns.next()?,
        avatar: columns.next()?,
        token: columns.next()?,
    })
}
