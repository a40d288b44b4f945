//! Tables `emojis` and `emoji_roles`.

use guildhall_base::{ApplicationId, EmojiId, GuildId, Result, RoleId, UserId};
use guildhall_infra::db::{Batch, Db, Json, Row};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::model::Emoji;

/// Whose an emoji is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Guild(GuildId),
    Application(ApplicationId),
}

/// An emoji, whose it is and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredEmoji {
    pub(crate) emoji: Emoji,
    pub(crate) owner: Owner,
    pub(crate) creator: UserId,
}

pub(crate) fn insert(batch: &mut Batch, stored: &StoredEmoji) {
    let (guild, application) = match stored.owner {
        Owner::Guild(guild) => (Some(guild), None),
        Owner::Application(application) => (None, Some(application)),
    };
    let emoji = &stored.emoji;
    batch.run(
        sql!(
            "INSERT INTO emojis (id, guild_id, application_id, creator_id, name, animated)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![emoji.id, guild, application, stored.creator, emoji.name.as_str(), emoji.animated],
    );
    insert_roles(batch, emoji);
}

fn insert_roles(batch: &mut Batch, emoji: &Emoji) {
    if emoji.roles.is_empty() {
        return;
    }
    let rows: Vec<_> = emoji.roles.iter().map(|role| (role.get(),)).collect();
    batch.run(
        sql!("INSERT INTO emoji_roles (emoji_id, role_id) SELECT $1, r.id FROM {rows $2: id bigint} AS r"),
        params![emoji.id, Json(rows)],
    );
}

/// Changes the name and who may use it.
pub(crate) fn update(batch: &mut Batch, emoji: &Emoji) {
    batch.must(
        sql!("UPDATE emojis SET name = $2 WHERE id = $1"),
        params![emoji.id, emoji.name.as_str()],
        codes::UNKNOWN_EMOJI,
    );
    batch.run(sql!("DELETE FROM emoji_roles WHERE emoji_id = $1"), params![emoji.id]);
    insert_roles(batch, emoji);
}

pub(crate) fn delete(batch: &mut Batch, emoji: EmojiId) {
    batch.must(sql!("DELETE FROM emojis WHERE id = $1"), params![emoji], codes::UNKNOWN_EMOJI);
}

/// The emojis of a guild, oldest first.
pub(crate) async fn of_guild(db: &Db, guild: GuildId) -> Result<Vec<StoredEmoji>> {
    let rows = db
        .all(
            sql!(
                "SELECT e.id, e.guild_id, e.application_id, e.creator_id, e.name, e.animated, r.role_id
                 FROM emojis AS e LEFT JOIN emoji_roles AS r ON r.emoji_id = e.id
                 WHERE e.guild_id = $1 ORDER BY e.id, r.role_id"
            ),
            params![guild],
        )
        .await?;
    fold(&rows)
}

/// The emojis of an application, oldest first.
pub(crate) async fn of_application(db: &Db, application: ApplicationId) -> Result<Vec<StoredEmoji>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, guild_id, application_id, creator_id, name, animated, CAST(NULL AS BIGINT)
                 FROM emojis WHERE application_id = $1 ORDER BY id"
            ),
            params![application],
        )
        .await?;
    fold(&rows)
}

/// Those of these emojis that there are.
pub(crate) async fn by_ids(db: &Db, emojis: &[EmojiId]) -> Result<Vec<StoredEmoji>> {
    if emojis.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db
        .all(
            sql!(
                "SELECT e.id, e.guild_id, e.application_id, e.creator_id, e.name, e.animated, r.role_id
                 FROM emojis AS e LEFT JOIN emoji_roles AS r ON r.emoji_id = e.id
                 WHERE e.id {in $1} ORDER BY e.id, r.role_id"
            ),
            params![emojis],
        )
        .await?;
    fold(&rows)
}

/// One row for each role, or one.
fn fold(rows: &[Row]) -> Result<Vec<StoredEmoji>> {
    let mut emojis: Vec<StoredEmoji> = Vec::new();
    for row in rows {
        let mut columns = row.columns();
        let id: EmojiId = columns.next()?;
        let (guild, application) = (columns.next::<Option<GuildId>>()?, columns.next::<Option<_>>()?);
        let (creator, name, animated) = (columns.next()?, columns.next()?, columns.next()?);
        let role: Option<RoleId> = columns.next()?;
        if emojis.last().is_none_or(|last| last.emoji.id != id) {
            let owner = match (guild, application) {
                (Some(guild), _) => Owner::Guild(guild),
                (None, application) => Owner::Application(application.unwrap_or(ApplicationId::new(0))),
            };
            emojis.push(StoredEmoji { emoji: Emoji::new(id, name, animated), owner, creator });
        }
        if let Some(last) = emojis.last_mut() {
            last.emoji.roles.extend(role);
        }
    }
    Ok(emojis)
}
