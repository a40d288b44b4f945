//! `/applications/{application}/commands`, the same in a guild, and the indexes of commands for those who invoke them.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{ApplicationId, ChannelId, CommandId, GuildId, lenient};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Chat;
use crate::actions::commands::CommandIndex;
use crate::model::Command;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/applications/{application}/commands", get(list).put(replace).post(create))
        .route("/applications/{application}/commands/{command}", get(read).patch(update).delete(delete))
        .route("/applications/{application}/guilds/{guild}/commands", get(list).put(replace).post(create))
        .route("/applications/{application}/guilds/{guild}/commands/permissions", get(all_permissions))
        .route(
            "/applications/{application}/guilds/{guild}/commands/{command}",
            get(read).patch(update).delete(delete),
        )
        .route("/applications/{application}/guilds/{guild}/commands/{command}/permissions", get(permissions))
        .route("/channels/{channel}/application-command-index", get(channel_index))
        .route("/guilds/{guild}/application-command-index", get(guild_index))
}

/// An application, and the guild if it is about one.
#[derive(Deserialize)]
struct Registry {
    application: ApplicationId,
    guild: Option<GuildId>,
}

/// A command in a [`Registry`].
#[derive(Deserialize)]
struct One {
    application: ApplicationId,
    guild: Option<GuildId>,
    command: CommandId,
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default, deserialize_with = "lenient::boolean")]
    with_localizations: bool,
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(path): Path<Registry>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> ApiResult<Json<Vec<Command>>> {
    let locale = headers.get("x-discord-locale").and_then(|locale| locale.to_str().ok()).unwrap_or_default();
    let locale = (!query.with_localizations).then_some(locale);
    Ok(Json(chat.commands(&actor, path.application, path.guild, locale).await?))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Path(path): Path<Registry>,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<impl IntoResponse> {
    let (new, command) = chat.put_command(&actor, path.application, path.guild, body).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(command)))
}

async fn replace(
    State(chat): State<Chat>,
    actor: Actor,
    Path(path): Path<Registry>,
    Json(bodies): Json<Vec<Value>>,
) -> ApiResult<Json<Vec<Command>>> {
    Ok(Json(chat.replace_commands(&actor, path.application, path.guild, bodies).await?))
}

async fn read(State(chat): State<Chat>, actor: Actor, Path(path): Path<One>) -> ApiResult<Json<Command>> {
    Ok(Json(chat.command(&actor, path.application, path.guild, path.command).await?))
}

async fn update(
    State(chat): State<Chat>,
    actor: Actor,
    Path(path): Path<One>,
    Json(changes): Json<Map<String, Value>>,
) -> ApiResult<Json<Command>> {
    Ok(Json(chat.change_command(&actor, path.application, path.guild, path.command, changes).await?))
}

async fn delete(State(chat): State<Chat>, actor: Actor, Path(path): Path<One>) -> ApiResult<StatusCode> {
    chat.delete_command(&actor, path.application, path.guild, path.command).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn all_permissions(
    State(chat): State<Chat>,
    actor: Actor,
    Path((application, guild)): Path<(ApplicationId, GuildId)>,
) -> ApiResult<impl IntoResponse> {
    Ok(Json(chat.command_permissions(&actor, application, guild, None).await?))
}

async fn permissions(
    State(chat): State<Chat>,
    actor: Actor,
    Path((application, guild, command)): Path<(ApplicationId, GuildId, CommandId)>,
) -> ApiResult<impl IntoResponse> {
    Ok(Json(chat.command_permissions(&actor, application, guild, Some(command)).await?))
}

async fn channel_index(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
) -> ApiResult<Json<CommandIndex>> {
    Ok(Json(chat.channel_commands(&actor, channel).await?))
}

async fn guild_index(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<CommandIndex>> {
    Ok(Json(chat.guild_commands(&actor, guild).await?))
}
