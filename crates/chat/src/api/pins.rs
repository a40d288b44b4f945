//! Pinned messages, by the newer routes under `messages/pins` and the older ones under `pins`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, MessageId, Timestamp};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;

use super::reason::Reason;
use crate::Chat;
use crate::actions::pins::Pins;
use crate::model::Message;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/channels/{channel}/messages/pins", get(page))
        .route("/channels/{channel}/messages/pins/{message}", put(add).delete(remove))
        .route("/channels/{channel}/pins", get(list))
        .route("/channels/{channel}/pins/{message}", put(add).delete(remove))
}

#[derive(Deserialize)]
struct PageQuery {
    before: Option<Timestamp>,
    limit: Option<i64>,
}

async fn page(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Pins>> {
    Ok(Json(chat.pins(&actor, channel, query.before, query.limit).await?))
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
) -> ApiResult<Json<Vec<Message>>> {
    Ok(Json(chat.pinned_messages(&actor, channel).await?))
}

async fn add(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message)): Path<(ChannelId, MessageId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.pin(&actor, channel, message, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message)): Path<(ChannelId, MessageId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.unpin(&actor, channel, message, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
