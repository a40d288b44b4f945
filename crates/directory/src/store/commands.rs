//! Table `listing_commands`.

use guildhall_base::{CommandId, Error, Result};
use guildhall_infra::db::{Batch, Db, Row, Rows};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::model::{CommandKind, ListedCommand, ListingId};

/// Commands of one listing.
const MOST: i64 = 500;

/// Adds commands, and changes those of the same kind and name, which keep their ids; `TOO_MANY_COMMANDS` if there are then
/// too many.
pub(crate) fn put(batch: &mut Batch, listing: ListingId, commands: &[ListedCommand]) -> Result<()> {
    let row = |command: &ListedCommand| {
        let details = serde_json::to_string(&command.details).map_err(Error::internal)?;
        let (name, description) = (command.name.as_str(), command.description.as_str());
        Ok(params![command.id, command.kind.number(), name, description, details])
    };
    let rows = commands.iter().map(row).collect::<Result<Rows>>()?;
    batch.run(
        sql!(
            "INSERT INTO listing_commands (id, kind, listing_id, command_kind, name, description, details)
             SELECT c.id, $1, $2, c.command_kind, c.name, c.description, c.details
             FROM {rows $3: id bigint, command_kind bigint, name text, description text, details text} AS c WHERE true
             ON CONFLICT (kind, listing_id, command_kind, name)
             DO UPDATE SET description = excluded.description, details = excluded.details"
        ),
        params![listing.kind.number(), listing.id, rows],
    );
    batch.must(
        sql!(
            "SELECT 1 WHERE (SELECT COUNT(*) FROM listing_commands WHERE kind = $1 AND listing_id = $2) <= $3"
        ),
        params![listing.kind.number(), listing.id, MOST],
        codes::TOO_MANY_COMMANDS,
    );
    Ok(())
}

/// Removes all commands of a kind but these; of all kinds where none is named.
pub(crate) fn keep_only(batch: &mut Batch, listing: ListingId, kind: Option<CommandKind>, names: &[String]) {
    batch.run(
        sql!(
            "DELETE FROM listing_commands
             WHERE kind = $1 AND listing_id = $2 AND command_kind = COALESCE($3, command_kind)
               AND NOT (name {in $4})"
        ),
        params![listing.kind.number(), listing.id, kind.map(CommandKind::number), names],
    );
}

/// Removes those of these names and ids.
pub(crate) fn delete(batch: &mut Batch, listing: ListingId, names: &[String], ids: &[CommandId]) {
    batch.must(
        sql!(
            "DELETE FROM listing_commands
             WHERE kind = $1 AND listing_id = $2
               AND (name {in $3} OR id {in $4})"
        ),
        params![listing.kind.number(), listing.id, names, ids],
        codes::UNKNOWN_COMMAND,
    );
}

/// All commands of a listing, by name.
pub(crate) async fn of(db: &Db, listing: ListingId) -> Result<Vec<ListedCommand>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, command_kind, name, description, details FROM listing_commands
                 WHERE kind = $1 AND listing_id = $2 ORDER BY name, command_kind"
            ),
            params![listing.kind.number(), listing.id],
        )
        .await?;
    let command = |row: &Row| {
        let mut columns = row.columns();
        Ok(ListedCommand {
            id: columns.next()?,
            kind: CommandKind::numbered(columns.next()?)?,
            name: columns.next()?,
            description: columns.next()?,
            details: serde_json::from_str(&columns.next::<String>()?).map_err(Error::internal)?,
        })
    };
    rows.iter().map(command).collect()
}
