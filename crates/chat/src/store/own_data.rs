//! Over several tables: what hangs on a person, to be copied for them or forgotten.

use guildhall_base::{
    AnyId, ApplicationId, ChannelId, GuildId, MessageId, Result, RoleId, Timestamp, UserId,
};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

/// The guilds that somebody owns, with their settings.
pub(crate) async fn owned(db: &Db, user: UserId) -> Result<Vec<(GuildId, String)>> {
    let rows = db
        .all(sql!("SELECT id, settings FROM guilds WHERE owner_id = $1 ORDER BY id"), params![user])
        .await?;
    rows.iter().map(|row| row.read()).collect()
}

/// A membership: guild, its settings, since when, until when they are silenced, the member's settings.
pub(crate) type Membership = (GuildId, String, Timestamp, Option<Timestamp>, String);

/// Where somebody is a member.
pub(crate) async fn memberships(db: &Db, user: UserId) -> Result<Vec<Membership>> {
    let text = sql!(
        "SELECT m.guild_id, g.settings, m.joined_at, m.timed_out_until, m.settings
         FROM members AS m JOIN guilds AS g ON g.id = m.guild_id WHERE m.user_id = $1 ORDER BY m.guild_id"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// The roles that somebody has: guild, role, its settings.
pub(crate) async fn roles(db: &Db, user: UserId) -> Result<Vec<(GuildId, RoleId, String)>> {
    let text = sql!(
        "SELECT m.guild_id, m.role_id, r.settings FROM member_roles AS m JOIN roles AS r ON r.id = m.role_id
         WHERE m.user_id = $1 ORDER BY m.guild_id, r.position"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// What a guild remembers of somebody who left it: guild, its settings, roles, nick, since when, until when.
pub(crate) type Departure = (GuildId, String, String, Option<String>, Timestamp, Timestamp);

/// What guilds remember of somebody who left them.
pub(crate) async fn departures(db: &Db, user: UserId) -> Result<Vec<Departure>> {
    let text = sql!(
        "SELECT d.guild_id, g.settings, d.roles, d.nick, d.left_at, d.keep_until
         FROM departed_members AS d JOIN guilds AS g ON g.id = d.guild_id WHERE d.user_id = $1 ORDER BY d.guild_id"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// Guilds that somebody is banned from: guild, its settings, why.
pub(crate) async fn bans(db: &Db, user: UserId) -> Result<Vec<(GuildId, String, Option<String>)>> {
    let text = sql!(
        "SELECT b.guild_id, g.settings, b.reason FROM bans AS b JOIN guilds AS g ON g.id = b.guild_id
         WHERE b.user_id = $1 ORDER BY b.guild_id"
    );
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// Webhooks that somebody made: id, guild, channel, name. Not their secrets.
pub(crate) async fn webhooks(db: &Db, user: UserId) -> Result<Vec<(AnyId, GuildId, ChannelId, String)>> {
    let text = sql!("SELECT id, guild_id, channel_id, name FROM webhooks WHERE creator_id = $1 ORDER BY id");
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// An emoji: id, guild or application, name.
pub(crate) type Emoji = (AnyId, Option<GuildId>, Option<ApplicationId>, String);

/// Emojis that somebody made.
pub(crate) async fn emojis(db: &Db, user: UserId) -> Result<Vec<Emoji>> {
    let text =
        sql!("SELECT id, guild_id, application_id, name FROM emojis WHERE creator_id = $1 ORDER BY id");
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// Stickers that somebody made: id, guild, settings.
pub(crate) async fn stickers(db: &Db, user: UserId) -> Result<Vec<(AnyId, GuildId, String)>> {
    let text = sql!("SELECT id, guild_id, settings FROM stickers WHERE creator_id = $1 ORDER BY id");
    db.all(text, params![user]).await?.iter().map(|row| row.read()).collect()
}

/// A row of a guild's audit log: id, guild, what it was done to, the kind, the rest as JSON.
pub(crate) type Deed = (AnyId, GuildId, Option<AnyId>, i64, String);

/// A page of what audit logs say that somebody did, oldest first.
pub(crate) async fn deeds(db: &Db, user: UserId, after: AnyId, limit: i64) -> Result<Vec<Deed>> {
    let text = sql!(
        "SELECT id, guild_id, target_id, action_type, body FROM audit_entries
         WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3"
    );
    db.all(text, params![user, after, limit]).await?.iter().map(|row| row.read()).collect()
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
