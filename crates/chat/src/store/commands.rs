//! Tables `commands` and `command_scopes`.

use std::time::Duration;

use guildhall_base::{ApplicationId, CommandId, Error, GuildId, Result, Timestamp};
use guildhall_infra::db::{Batch, Db, Row, Rows};
use guildhall_infra::{params, sql};

use super::json;
use crate::codes;
use crate::model::Command;

/// How many commands may be created in a scope within a day.
const CREATES_PER_DAY: i64 = 200;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Whose commands and where: in a guild, or globally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) application: ApplicationId,
    pub(crate) guild: Option<GuildId>,
}

impl Scope {
    /// The column `scope`.
    fn number(self) -> i64 {
        self.guild.map_or(0, GuildId::get)
    }
}

fn command(row: &Row) -> Result<Command> {
    let (id, application_id, guild_id, version, body) =
        row.read::<(CommandId, ApplicationId, Option<GuildId>, CommandId, String)>()?;
    let definition = serde_json::from_str(&body).map_err(Error::internal)?;
    Ok(Command { id, application_id, guild_id, version, definition })
}

/// All commands of a scope, oldest first.
pub(crate) async fn list(db: &Db, scope: Scope) -> Result<Vec<Command>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, application_id, guild_id, version, body FROM commands
                 WHERE application_id = $1 AND scope = $2 ORDER BY id"
            ),
            params![scope.application, scope.number()],
        )
        .await?;
    rows.iter().map(command).collect()
}

pub(crate) async fn get(db: &Db, scope: Scope, id: CommandId) -> Result<Command> {
    let row = db
        .opt(
            sql!(
                "SELECT id, application_id, guild_id, version, body FROM commands
                 WHERE id = $1 AND application_id = $2 AND scope = $3"
            ),
            params![id, scope.application, scope.number()],
        )
        .await?;
    command(&row.ok_or(codes::UNKNOWN_COMMAND)?)
}

/// A command of an application that can be invoked in a guild, or globally.
pub(crate) async fn invocable(db: &Db, scope: Scope, id: CommandId) -> Result<Command> {
    let row = db
        .opt(
            sql!(
                "SELECT id, application_id, guild_id, version, body FROM commands
                 WHERE id = $1 AND application_id = $2 AND (scope = 0 OR scope = $3)"
            ),
            params![id, scope.application, scope.number()],
        )
        .await?;
    command(&row.ok_or(codes::UNKNOWN_COMMAND)?)
}

/// The commands of all applications whose bots are members of a guild.
pub(crate) async fn of_members(db: &Db, guild: GuildId) -> Result<Vec<Command>> {
    let rows = db
        .all(
            sql!(
                "SELECT c.id, c.application_id, c.guild_id, c.version, c.body
                 FROM commands AS c JOIN members AS m ON m.user_id = c.application_id
                 WHERE m.guild_id = $1 AND (c.scope = 0 OR c.scope = $1) ORDER BY c.id"
            ),
            params![guild],
        )
        .await?;
    rows.iter().map(command).collect()
}

/// The global commands of these applications.
pub(crate) async fn global(db: &Db, applications: &[ApplicationId]) -> Result<Vec<Command>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, application_id, guild_id, version, body FROM commands
                 WHERE application_id {in $1} AND scope = 0 ORDER BY id"
            ),
            params![applications],
        )
        .await?;
    rows.iter().map(command).collect()
}

/// Keeps others who register in the same scope waiting until the batch is done.
fn claim(batch: &mut Batch, scope: Scope) {
    batch.run(
        sql!(
            "INSERT INTO command_scopes (application_id, scope, changes) VALUES ($1, $2, 1)
             ON CONFLICT (application_id, scope) DO UPDATE SET changes = command_scopes.changes + 1"
        ),
        params![scope.application, scope.number()],
    );
}

/// Inserts a command, or changes the one of the same name and type, which keeps its id, and its version if nothing
/// changed. The outcome has its id and version. Refuses if there are then more than `most` of its type.
pub(crate) fn upsert(
    batch: &mut Batch,
    scope: Scope,
    new: &Command,
    most: usize,
    now: Timestamp,
) -> Result<usize> {
    claim(batch, scope);
    let outcome = batch.run(
        sql!(
            "INSERT INTO commands (id, application_id, guild_id, scope, type, name, version, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (application_id, scope, type, name) DO UPDATE SET body = excluded.body,
                 version = CASE WHEN commands.body = excluded.body THEN commands.version ELSE excluded.version END
             RETURNING id, version"
        ),
        params![
            new.id,
            scope.application,
            scope.guild,
            scope.number(),
            new.definition.kind,
            new.definition.name.as_str(),
            new.version,
            json(&new.definition)?,
        ],
    );
    batch.must(
        sql!(
            "SELECT 1 WHERE (SELECT COUNT(*) FROM commands
                             WHERE application_id = $1 AND scope = $2 AND type = $3) <= $4"
        ),
        params![
            scope.application,
            scope.number(),
            new.definition.kind,
            i64::try_from(most).unwrap_or(i64::MAX)
        ],
        codes::MAX_COMMANDS,
    );
    count_creates(batch, scope, std::slice::from_ref(new), now);
    Ok(outcome)
}

/// Counts those of these commands that kept their new ids, and refuses if there were too many within a day. Commands
/// that are only changed have older ids.
fn count_creates(batch: &mut Batch, scope: Scope, commands: &[Command], now: Timestamp) {
    let ids: Vec<CommandId> = commands.iter().map(|command| command.id).collect();
    batch.run(
        sql!(
            "UPDATE command_scopes SET
                 created = CASE WHEN day_began <= $4 THEN 0 ELSE created END
                     + (SELECT COUNT(*) FROM commands AS c
                        WHERE c.application_id = $1 AND c.scope = $2 AND c.id {in $3}),
                 day_began = CASE WHEN day_began <= $4 THEN $5 ELSE day_began END
             WHERE application_id = $1 AND scope = $2"
        ),
        params![scope.application, scope.number(), ids, now.before(DAY), now],
    );
    batch.must(
        sql!("SELECT 1 FROM command_scopes WHERE application_id = $1 AND scope = $2 AND created <= $3"),
        params![scope.application, scope.number(), CREATES_PER_DAY],
        codes::MAX_DAILY_COMMANDS,
    );
}

/// Makes these the only commands of a scope; those that are there under an id in `kept`, which has one for each, or
/// else those of the same name and type keep their ids. Gives the index of the outcome that has all of them.
pub(crate) fn replace(
    batch: &mut Batch,
    scope: Scope,
    commands: &[Command],
    kept: &[Option<CommandId>],
    now: Timestamp,
) -> Result<usize> {
    claim(batch, scope);
    clear_for(batch, scope, commands, kept);
    let mut rows = Vec::with_capacity(commands.len());
    for command in commands {
        let Command { id, version, definition, .. } = command;
        rows.push(params![*id, definition.kind, definition.name.as_str(), *version, json(definition)?]);
    }
    batch.run(
        sql!(
            "INSERT INTO commands (id, application_id, guild_id, scope, type, name, version, body)
             SELECT m.id, CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), m.type, m.name, m.version,
                    m.body
             FROM {rows $4: id bigint, type bigint, name text, version bigint, body text} AS m WHERE true
             ON CONFLICT (application_id, scope, type, name) DO UPDATE SET body = excluded.body,
                 version = CASE WHEN commands.body = excluded.body THEN commands.version ELSE excluded.version END"
        ),
        params![scope.application, scope.guild, scope.number(), rows.into_iter().collect::<Rows>()],
    );
    let outcome = batch.run(
        sql!(
            "SELECT id, application_id, guild_id, version, body FROM commands
             WHERE application_id = $1 AND scope = $2 ORDER BY id"
        ),
        params![scope.application, scope.number()],
    );
    count_creates(batch, scope, commands, now);
    Ok(outcome)
}

/// Removes the commands of a scope that [`replace`] does not keep, and gives those that are kept by their ids their new
/// names. Two may swap names: all of them first get names that no command can have, as names do not begin with a space.
fn clear_for(batch: &mut Batch, scope: Scope, commands: &[Command], kept: &[Option<CommandId>]) {
    let keys = |command: (&Command, &Option<CommandId>)| {
        let (Command { definition, .. }, kept) = command;
        // 0 is no command's id.
        params![kept.map_or(0, CommandId::get), definition.kind, definition.name.as_str()]
    };
    let keys = || commands.iter().zip(kept).map(keys).collect::<Rows>();
    batch.run(
        sql!(
            "UPDATE commands SET name = ' ' || CAST(id AS TEXT) WHERE application_id = $1 AND scope = $2
             AND EXISTS (SELECT 1 FROM {rows $3: id bigint, type bigint, name text} AS k
                         WHERE k.id = commands.id AND k.type = commands.type AND k.name <> commands.name)"
        ),
        params![scope.application, scope.number(), keys()],
    );
    // An entry that is a command by its id does not keep another one of its new name.
    batch.run(
        sql!(
            "DELETE FROM commands WHERE application_id = $1 AND scope = $2
             AND NOT EXISTS (SELECT 1 FROM {rows $3: id bigint, type bigint, name text} AS k
                             WHERE k.type = commands.type
                             AND (k.id = commands.id OR (k.name = commands.name AND NOT EXISTS (
                                 SELECT 1 FROM commands AS c
                                 WHERE c.id = k.id AND c.application_id = $1 AND c.scope = $2
                                 AND c.type = k.type))))"
        ),
        params![scope.application, scope.number(), keys()],
    );
    batch.run(
        sql!(
            "UPDATE commands SET name = (SELECT k.name FROM {rows $3: id bigint, type bigint, name text} AS k
                                         WHERE k.id = commands.id)
             WHERE application_id = $1 AND scope = $2 AND name = ' ' || CAST(id AS TEXT)"
        ),
        params![scope.application, scope.number(), keys()],
    );
}

/// Reads what [`replace`] left.
pub(crate) fn read(rows: &[Row]) -> Result<Vec<Command>> {
    rows.iter().map(command).collect()
}

/// Changes a command; the batch fails with [`guildhall_infra::db::codes::DUPLICATE`] if its name is taken.
pub(crate) fn update(batch: &mut Batch, scope: Scope, command: &Command) -> Result<()> {
    claim(batch, scope);
    batch.must(
        sql!("UPDATE commands SET name = $2, version = $3, body = $4 WHERE id = $1"),
        params![command.id, command.definition.name.as_str(), command.version, json(&command.definition)?],
        codes::UNKNOWN_COMMAND,
    );
    Ok(())
}

pub(crate) fn delete(batch: &mut Batch, scope: Scope, id: CommandId) {
    batch.must(
        sql!("DELETE FROM commands WHERE id = $1 AND application_id = $2 AND scope = $3"),
        params![id, scope.application, scope.number()],
        codes::UNKNOWN_COMMAND,
    );
}
