//! `/channels/{channel}/messages/{message}/reactions`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, put};
use guildhall_accounts::{Actor, User};
use guildhall_base::{ChannelId, MessageId, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;

use crate::Chat;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/channels/{channel}/messages/{message}/reactions", delete(clear))
        .route("/channels/{channel}/messages/{message}/reactions/{emoji}", get(list).delete(clear_emoji))
        .route("/channels/{channel}/messages/{message}/reactions/{emoji}/@me", put(add).delete(remove_own))
        .route("/channels/{channel}/messages/{message}/reactions/{emoji}/{user}", delete(remove))
}

async fn add(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message, emoji)): Path<(ChannelId, MessageId, String)>,
) -> ApiResult<StatusCode> {
    chat.react(&actor, channel, message, &emoji).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_own(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message, emoji)): Path<(ChannelId, MessageId, String)>,
) -> ApiResult<StatusCode> {
    chat.unreact(&actor, channel, message, &emoji, actor.user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message, emoji, user)): Path<(ChannelId, MessageId, String, UserId)>,
) -> ApiResult<StatusCode> {
    chat.unreact(&actor, channel, message, &emoji, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message)): Path<(ChannelId, MessageId)>,
) -> ApiResult<StatusCode> {
    chat.clear_reactions(&actor, channel, message, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_emoji(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message, emoji)): Path<(ChannelId, MessageId, String)>,
) -> ApiResult<StatusCode> {
    chat.clear_reactions(&actor, channel, message, Some(&emoji)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct ListQuery {
    after: Option<UserId>,
    limit: Option<i64>,
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message, emoji)): Path<(ChannelId, MessageId, String)>,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Vec<User>>> {
    Ok(Json(chat.reacted(&actor, channel, message, &emoji, query.after, query.limit).await?))
}
