//! `/guilds` and `/guilds/{guild}`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use guildhall_accounts::Actor;
use guildhall_base::{GuildId, lenient};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;

use super::reason::Reason;
use crate::Chat;
use crate::actions::bodies::GuildBody;
use crate::actions::guilds::{GuildChanges, NewGuild};
use crate::actions::preview::GuildPreview;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/guilds", post(create))
        .route("/guilds/{guild}", get(read).patch(update).delete(delete))
        .route("/guilds/{guild}/preview", get(preview))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Json(new): Json<NewGuild>,
) -> ApiResult<impl IntoResponse> {
    Ok((StatusCode::CREATED, Json(chat.create_guild(&actor, new).await?)))
}

#[derive(Deserialize)]
struct ReadQuery {
    #[serde(default, deserialize_with = "lenient::boolean")]
    with_counts: bool,
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Query(query): Query<ReadQuery>,
) -> ApiResult<Json<GuildBody>> {
    Ok(Json(chat.read_guild(&actor, guild, query.with_counts).await?))
}

async fn preview(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<GuildPreview>> {
    Ok(Json(chat.guild_preview(&actor, guild).await?))
}

async fn update(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(changes): Json<GuildChanges>,
) -> ApiResult<Json<GuildBody>> {
    Ok(Json(chat.update_guild(&actor, guild, changes, reason).await?))
}

async fn delete(State(chat): State<Chat>, actor: Actor, Path(guild): Path<GuildId>) -> ApiResult<StatusCode> {
    chat.delete_guild(&actor, guild).await?;
    Ok(StatusCode::NO_CONTENT)
}
