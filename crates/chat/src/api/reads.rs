//! `/channels/{channel}/messages/{message}/ack` and `/read-states/ack-bulk`: what people have read. As Discord's own
//! client does it; bots may not.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, MessageId};
use guildhall_infra::http::{ApiResult, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Chat;
use crate::actions::reads::{Mark, OneMark};

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/channels/{channel}/messages/{message}/ack", post(mark))
        .route("/read-states/ack-bulk", post(mark_all))
}

async fn mark(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message)): Path<(ChannelId, MessageId)>,
    Json(body): Json<Mark>,
) -> ApiResult<Json<Value>> {
    chat.mark_read(&actor, channel, message, body).await?;
    Ok(Json(json!({ "token": null })))
}

#[derive(Deserialize)]
struct Marks {
    read_states: Vec<OneMark>,
}

async fn mark_all(State(chat): State<Chat>, actor: Actor, Json(body): Json<Marks>) -> ApiResult<StatusCode> {
    chat.mark_all_read(&actor, body.read_states).await?;
    Ok(StatusCode::NO_CONTENT)
}
