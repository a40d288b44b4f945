//! `/v2/listings/bots/{id}/commands`: what a bot can be told to do.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::{Actor, MaybeActor};
use guildhall_base::{CommandId, Error, Result};
use guildhall_infra::http::{ApiResult, Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::listings::{Address, named};
use crate::Directory;
use crate::actions::commands::Which;
use crate::model::{CommandDetails, CommandKind, ListedCommand};
use crate::rules::command::CommandDraft;

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new().routes(routes!(list, put, remove)).routes(routes!(import))
}

/// A command of a listing.
#[derive(Debug, Serialize, ToSchema)]
struct Command {
    #[schema(value_type = String)]
    id: CommandId,
    #[serde(rename = "type")]
    kind: CommandKind,
    name: String,
    description: String,
    #[serde(flatten)]
    details: CommandDetails,
}

impl From<ListedCommand> for Command {
    fn from(command: ListedCommand) -> Self {
        Self {
            id: command.id,
            kind: command.kind,
            name: command.name,
            description: command.description,
            details: command.details,
        }
    }
}

fn shown(commands: Vec<ListedCommand>) -> Json<Vec<Command>> {
    Json(commands.into_iter().map(Command::from).collect())
}

/// The commands of a bot, by name.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/commands", tag = "directory", security(()),
    params(("kind" = String, Path, description = "`bots`"), ("id" = String, Path)),
    responses((status = 200, body = Vec<Command>), (status = 404, body = Problem)))]
async fn list(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    address: Address,
) -> ApiResult<Json<Vec<Command>>> {
    Ok(shown(directory.listed_commands(viewer.as_ref(), named(address)?).await?))
}

/// Adds commands, at most 200 at once and 500 in all, and changes those of the same type and name. For the bot itself, and
/// for keepers who may `post`. The answer is all commands.
#[utoipa::path(put, path = "/v2/listings/{kind}/{id}/commands", tag = "directory", request_body = Vec<CommandDraft>,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Command>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn put(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(commands): Json<Vec<CommandDraft>>,
) -> ApiResult<Json<Vec<Command>>> {
    Ok(shown(directory.put_commands(&actor, named(address)?, commands).await?))
}

/// Which commands are removed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Gone {
    /// All of them.
    #[serde(default)]
    all: bool,
    /// Those of these names, with `|` between them.
    names: Option<String>,
    /// Those of these ids, with `|` between them.
    ids: Option<String>,
}

impl Gone {
    fn which(self) -> Result<Which> {
        if self.all {
            return Ok(Which::All);
        }
        let parts = |text: Option<String>| {
            let text = text.unwrap_or_default();
            let parts = text.split('|').map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        let id = |text: String| {
            text.parse()
                .map_err(|_| Error::field("ids", "NUMBER_TYPE_COERCE", "Must be ids with | between them."))
        };
        let ids = parts(self.ids).into_iter().map(id).collect::<Result<Vec<CommandId>>>()?;
        Ok(Which::These(parts(self.names), ids))
    }
}

/// Removes commands.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}/commands", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), Gone),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn remove(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Query(gone): Query<Gone>,
) -> ApiResult<StatusCode> {
    directory.remove_commands(&actor, named(address)?, gone.which()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the global application commands of a listing those that its application registered here, each subcommand one of
/// them. Commands of the other types stay.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/commands/import", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Command>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn import(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
) -> ApiResult<Json<Vec<Command>>> {
    Ok(shown(directory.import_commands(&actor, named(address)?).await?))
}
