//! `/guilds/{guild}/stickers` and `/stickers/{sticker}`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{GuildId, StickerId};
use guildhall_infra::http::{ApiResult, Body, Json, Path};
use serde_json::{Map, Value};

use super::reason::Reason;
use crate::Chat;
use crate::model::Sticker;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/guilds/{guild}/stickers", get(list).post(create))
        .route("/guilds/{guild}/stickers/{entry}", get(read).patch(update).delete(delete))
        .route("/stickers/{entry}", get(show))
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<Sticker>>> {
    Ok(Json(chat.guild_stickers(&actor, guild).await?))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, sticker)): Path<(GuildId, StickerId)>,
) -> ApiResult<Json<Sticker>> {
    Ok(Json(chat.guild_sticker(&actor, guild, sticker).await?))
}

async fn show(
    State(chat): State<Chat>,
    _: Actor,
    Path(sticker): Path<StickerId>,
) -> ApiResult<Json<Sticker>> {
    Ok(Json(chat.sticker(sticker).await?))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Body { json, files }: Body<Map<String, Value>>,
) -> ApiResult<impl IntoResponse> {
    let file = files.into_iter().next();
    Ok((StatusCode::CREATED, Json(chat.create_sticker(&actor, guild, &json, file, reason).await?)))
}

async fn update(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, sticker)): Path<(GuildId, StickerId)>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<Sticker>> {
    Ok(Json(chat.update_sticker(&actor, guild, sticker, &body, reason).await?))
}

async fn delete(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, sticker)): Path<(GuildId, StickerId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.delete_sticker(&actor, guild, sticker, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
