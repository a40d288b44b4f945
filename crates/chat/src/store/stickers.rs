//! Table `stickers`.

use guildhall_base::{Error, GuildId, Result, StickerId, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use super::json;
use crate::codes;
use crate::model::Sticker;

/// A sticker and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredSticker {
    pub(crate) sticker: Sticker,
    pub(crate) creator: UserId,
}

pub(crate) fn insert(batch: &mut Batch, stored: &StoredSticker) -> Result<()> {
    let sticker = &stored.sticker;
    batch.run(
        sql!("INSERT INTO stickers (id, guild_id, creator_id, settings) VALUES ($1, $2, $3, $4)"),
        params![sticker.id, sticker.guild_id, stored.creator, json(&sticker.settings)?],
    );
    Ok(())
}

pub(crate) fn update(batch: &mut Batch, sticker: &Sticker) -> Result<()> {
    batch.must(
        sql!("UPDATE stickers SET settings = $2 WHERE id = $1"),
        params![sticker.id, json(&sticker.settings)?],
        codes::UNKNOWN_STICKER,
    );
    Ok(())
}

pub(crate) fn delete(batch: &mut Batch, sticker: StickerId) {
    batch.must(sql!("DELETE FROM stickers WHERE id = $1"), params![sticker], codes::UNKNOWN_STICKER);
}

/// The stickers of a guild, oldest first.
pub(crate) async fn of_guild(db: &Db, guild: GuildId) -> Result<Vec<StoredSticker>> {
    let rows = db
        .all(
            sql!("SELECT id, guild_id, creator_id, settings FROM stickers WHERE guild_id = $1 ORDER BY id"),
            params![guild],
        )
        .await?;
    rows.iter().map(sticker).collect()
}

/// Those of these stickers that there are.
pub(crate) async fn by_ids(db: &Db, stickers: &[StickerId]) -> Result<Vec<StoredSticker>> {
    if stickers.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db
        .all(
            sql!("SELECT id, guild_id, creator_id, settings FROM stickers WHERE id {in $1}"),
            params![stickers],
        )
        .await?;
    rows.iter().map(sticker).collect()
}

fn sticker(row: &Row) -> Result<StoredSticker> {
    let (id, guild, creator, settings) = row.read::<(StickerId, GuildId, UserId, String)>()?;
    let settings = serde_json::from_str(&settings).map_err(Error::internal)?;
    Ok(StoredSticker { sticker: Sticker::new(id, guild, settings), creator })
}
