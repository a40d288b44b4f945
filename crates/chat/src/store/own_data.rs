//! Over several tables: what hangs on a person, to be copied for them or forgotten.

use guildhall_base::{ApplicationId, ChannelId, GuildId, MessageId, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

/// The guilds that somebody owns, with their settings.
pub(crate) async fn owned(db: &Db, user: UserId) -> Result<Vec<(GuildId, String)>> {
    let rows = db
        .all(sql!("SELECT id, settings FROM guilds WHERE owner_id = $1 ORDER BY id"), params![user])
        .await?;
    rows.iter().map(|row| row.read()).collect()
}

/// A membership: guild, its settings, since when, the member's settings.
pub(crate) type Membership = (GuildId, String, Timestamp, String);

/// Where somebody is a member.
pub(crate) async fn memberships(db: &Db, user: UserId) -> Result<Vec<Membership>> {
    let text = sql!(
        "SELECT m.guild_id, g.settings, m.joined_at, m.settings FROM members AS m JOIN guilds AS g ON g.id = m.guild_id
         WHERE m.user_id = $1 ORDER BY m.guild_id"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// Every conversation outside guilds that somebody takes part in, also those that they closed.
pub(crate) async fn conversations(db: &Db, user: UserId) -> Result<Vec<ChannelId>> {
    let text = sql!("SELECT channel_id FROM recipients WHERE user_id = $1 ORDER BY channel_id");
    db.all(text, params![user]).await?.iter().map(|row| row.get(0)).collect()
}

/// A message of somebody's: id, channel, guild, content, when it was edited, the rest as JSON.
pub(crate) type Written = (MessageId, ChannelId, Option<GuildId>, String, Option<Timestamp>, String);

/// A page of what somebody wrote, oldest first.
pub(crate) async fn written(db: &Db, user: UserId, after: MessageId, limit: i64) -> Result<Vec<Written>> {
    let text = sql!(
        "SELECT m.id, m.channel_id, c.guild_id, m.content, m.edited_at, m.body
         FROM messages AS m JOIN channels AS c ON c.id = m.channel_id
         WHERE m.author_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3"
    );
    db.all(text, params![user, after, limit]).await?.iter().map(|row| row.read()).collect()
}

/// A reaction of somebody's: message, emoji, when, channel, guild.
pub(crate) type Reacted = (MessageId, String, Timestamp, ChannelId, Option<GuildId>);

/// A page of somebody's reactions, from after a message and an emoji.
pub(crate) async fn reactions(
    db: &Db,
    user: UserId,
    (message, emoji): (MessageId, &str),
    limit: i64,
) -> Result<Vec<Reacted>> {
    let text = sql!(
        "SELECT r.message_id, r.emoji, r.at, m.channel_id, c.guild_id
         FROM reactions AS r JOIN messages AS m ON m.id = r.message_id JOIN channels AS c ON c.id = m.channel_id
         WHERE r.user_id = $1 AND (r.message_id > $2 OR (r.message_id = $2 AND r.emoji > $3))
         ORDER BY r.message_id, r.emoji LIMIT $4"
    );
    db.all(text, params![user, message, emoji, limit]).await?.iter().map(|row| row.read()).collect()
}

/// Somebody's invites: code, guild, channel, when.
pub(crate) async fn invites(db: &Db, user: UserId) -> Result<Vec<(String, GuildId, ChannelId, Timestamp)>> {
    let text = sql!(
        "SELECT code, guild_id, channel_id, created_at FROM invites WHERE inviter_id = $1 ORDER BY created_at, code"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// Removes an invite that may be gone already.
pub(crate) fn remove_invite(batch: &mut Batch, code: &str) {
    batch.run(sql!("DELETE FROM invites WHERE code = $1"), params![code]);
}

/// Removes what nobody has to hear of.
pub(crate) fn forget(batch: &mut Batch, user: UserId) {
    for text in [
        sql!("DELETE FROM message_nonces WHERE author_id = $1"),
        sql!("DELETE FROM interactions WHERE user_id = $1"),
        sql!("DELETE FROM private_messages WHERE user_id = $1 OR author_id = $1"),
        sql!("DELETE FROM read_states WHERE user_id = $1"),
        sql!("DELETE FROM mentions WHERE target_id = $1"),
        sql!("DELETE FROM departed_members WHERE user_id = $1"),
    ] {
        batch.run(text, params![user]);
    }
}

/// Removes the commands of an application.
pub(crate) fn forget_application(batch: &mut Batch, application: ApplicationId) {
    batch.run(sql!("DELETE FROM commands WHERE application_id = $1"), params![application]);
    batch.run(sql!("DELETE FROM command_scopes WHERE application_id = $1"), params![application]);
    batch.run(sql!("DELETE FROM interactions WHERE application_id = $1"), params![application]);
}
