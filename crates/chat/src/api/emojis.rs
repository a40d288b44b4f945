//! `/guilds/{guild}/emojis` and `/applications/{application}/emojis`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{ApplicationId, EmojiId, GuildId};
use guildhall_infra::http::{ApiResult, Json, Path};
use serde_json::{Map, Value, json};

use super::reason::Reason;
use crate::Chat;
use crate::model::Emoji;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/guilds/{guild}/emojis", get(list).post(create))
        .route("/guilds/{guild}/emojis/{entry}", get(read).patch(update).delete(delete))
        .route("/applications/{application}/emojis", get(list_own).post(create_own))
        .route(
            "/applications/{application}/emojis/{entry}",
            get(read_own).patch(update_own).delete(delete_own),
        )
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<Emoji>>> {
    Ok(Json(chat.guild_emojis(&actor, guild).await?))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, emoji)): Path<(GuildId, EmojiId)>,
) -> ApiResult<Json<Emoji>> {
    Ok(Json(chat.guild_emoji(&actor, guild, emoji).await?))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<impl IntoResponse> {
    Ok((StatusCode::CREATED, Json(chat.create_emoji(&actor, guild, &body, reason).await?)))
}

async fn update(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, emoji)): Path<(GuildId, EmojiId)>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<Emoji>> {
    Ok(Json(chat.update_emoji(&actor, guild, emoji, &body, reason).await?))
}

async fn delete(
    State(chat): State<Chat>,
    actor: Actor,
    Path((guild, emoji)): Path<(GuildId, EmojiId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.delete_emoji(&actor, guild, emoji, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path(application): Path<ApplicationId>,
) -> ApiResult<Json<Value>> {
    Ok(Json(json!({ "items": chat.application_emojis(&actor, application).await? })))
}

async fn read_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path((application, emoji)): Path<(ApplicationId, EmojiId)>,
) -> ApiResult<Json<Emoji>> {
    Ok(Json(chat.application_emoji(&actor, application, emoji).await?))
}

async fn create_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path(application): Path<ApplicationId>,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<impl IntoResponse> {
    Ok((StatusCode::CREATED, Json(chat.create_application_emoji(&actor, application, &body).await?)))
}

async fn update_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path((application, emoji)): Path<(ApplicationId, EmojiId)>,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<Emoji>> {
    Ok(Json(chat.update_application_emoji(&actor, application, emoji, &body).await?))
}

async fn delete_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path((application, emoji)): Path<(ApplicationId, EmojiId)>,
) -> ApiResult<StatusCode> {
    chat.delete_application_emoji(&actor, application, emoji).await?;
    Ok(StatusCode::NO_CONTENT)
}
