//! Table `guilds`.

use guildhall_base::{GuildId, Result, codes};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::{params, sql};

use super::json;
use crate::codes as chat_codes;
use crate::model::Guild;

pub(crate) fn insert(batch: &mut Batch, guild: &Guild) -> Result<()> {
    batch.run(
        sql!("INSERT INTO guilds (id, owner_id, layout, settings) VALUES ($1, $2, 0, $3)"),
        params![guild.id, guild.owner_id, json(&guild.settings)?],
    );
    Ok(())
}

/// Rewrites a guild that still has the settings that the change was decided on.
pub(crate) fn update(batch: &mut Batch, before: &Guild, after: &Guild) -> Result<()> {
    batch.must(
        sql!(
            "UPDATE guilds SET owner_id = $2, settings = $3 WHERE id = $1 AND owner_id = $4 AND settings = $5"
        ),
        params![after.id, after.owner_id, json(&after.settings)?, before.owner_id, json(&before.settings)?],
        codes::CONFLICT,
    );
    Ok(())
}

pub(crate) fn delete(batch: &mut Batch, guild: GuildId) {
    batch.must(sql!("DELETE FROM guilds WHERE id = $1"), params![guild], chat_codes::UNKNOWN_GUILD);
}

/// The guild's layout; see [`claim_layout`].
///
/// # Errors
/// 10004 if there is no such guild.
pub(crate) async fn layout(db: &Db, guild: GuildId) -> Result<i64> {
    let row = db.opt(sql!("SELECT layout FROM guilds WHERE id = $1"), params![guild]).await?;
    row.ok_or(chat_codes::UNKNOWN_GUILD)?.get(0)
}

/// Claims the next layout; the batch fails with a conflict if somebody else was faster. Whoever changes a role, a
/// channel (other than a thread), an overwrite, an emoji or a sticker claims it, so that what was read with a layout is still so when the
/// change happens: positions stay dense and unique, and events, which carry whole objects, never take back what
/// another change told.
pub(crate) fn claim_layout(batch: &mut Batch, guild: GuildId, layout: i64) {
    batch.must(
        sql!("UPDATE guilds SET layout = layout + 1 WHERE id = $1 AND layout = $2"),
        params![guild, layout],
        codes::CONFLICT,
    );
}

/// Makes sure that the order is still of this version and stays so until the batch is committed.
pub(crate) fn hold_layout(batch: &mut Batch, guild: GuildId, layout: i64) {
    batch.must(
        sql!("UPDATE guilds SET layout = layout WHERE id = $1 AND layout = $2"),
        params![guild, layout],
        codes::CONFLICT,
    );
}
