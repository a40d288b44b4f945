//! `/users/@me/channels` and the people of a conversation.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, UserId};
use guildhall_infra::http::{ApiResult, Json, Path};

use crate::Chat;
use crate::actions::direct::{DirectBody, NewDirect};

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/users/@me/channels", get(list).post(open))
        .route("/channels/{channel}/recipients/{user}", put(add).delete(remove))
}

async fn list(State(chat): State<Chat>, actor: Actor) -> ApiResult<Json<Vec<DirectBody>>> {
    Ok(Json(chat.own_directs(&actor).await?))
}

async fn open(
    State(chat): State<Chat>,
    actor: Actor,
    Json(new): Json<NewDirect>,
) -> ApiResult<Json<DirectBody>> {
    Ok(Json(chat.open_direct(&actor, new).await?))
}

async fn add(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, user)): Path<(ChannelId, UserId)>,
) -> ApiResult<StatusCode> {
    chat.add_recipient(&actor, channel, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, user)): Path<(ChannelId, UserId)>,
) -> ApiResult<StatusCode> {
    chat.remove_recipient(&actor, channel, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
