//! `/channels/{channel}` with its overwrites, and `/guilds/{guild}/channels`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, put};
use guildhall_accounts::Actor;
use guildhall_base::{AnyId, ChannelId, GuildId, Patch, lenient, present};
use guildhall_infra::http::{ApiResult, Json, Path};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::reason::Reason;
use crate::Chat;
use crate::actions::channels::ChannelBody;
use crate::model::Channel;
use crate::rules::positions::ChannelMove;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/channels/{channel}", get(read).patch(update).delete(delete))
        .route("/channels/{channel}/permissions/{target}", put(put_overwrite).delete(delete_overwrite))
        .route("/guilds/{guild}/channels", get(list).post(create).patch(reorder))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
) -> ApiResult<Json<ChannelBody>> {
    Ok(Json(chat.read_channel(&actor, channel).await?))
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<Channel>>> {
    Ok(Json(chat.guild_channels(&actor, guild).await?))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<impl IntoResponse> {
    Ok((StatusCode::CREATED, Json(chat.create_channel(&actor, guild, &body, reason).await?)))
}

async fn update(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<ChannelBody>> {
    Ok(Json(chat.update_channel(&actor, channel, &body, reason).await?))
}

async fn delete(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
    Reason(reason): Reason,
) -> ApiResult<Json<ChannelBody>> {
    Ok(Json(chat.delete_channel(&actor, channel, reason).await?))
}

async fn put_overwrite(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, target)): Path<(ChannelId, AnyId)>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<StatusCode> {
    chat.put_overwrite(&actor, channel, target, &body, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete_overwrite(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, target)): Path<(ChannelId, AnyId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.delete_overwrite(&actor, channel, target, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Place {
    id: ChannelId,
    position: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    parent_id: Patch<ChannelId>,
    #[serde(default, deserialize_with = "lenient::boolean")]
    lock_permissions: bool,
}

async fn reorder(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    Json(places): Json<Vec<Place>>,
) -> ApiResult<StatusCode> {
    let wish = |place: Place| ChannelMove {
        id: place.id,
        position: place.position,
        parent: place.parent_id,
        lock_permissions: place.lock_permissions,
    };
    let moves: Vec<_> = places.into_iter().map(wish).collect();
    chat.move_channels(&actor, guild, &moves, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
