//! `/channels/{channel}/messages` and `/channels/{channel}/typing`. Bodies are read by the message rules, which name
//! every wrong field; so they arrive here as plain JSON objects.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, MessageId};
use guildhall_infra::http::{ApiResult, Body, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::reason::Reason;
use crate::Chat;
use crate::actions::messages::PageOfMessages;
use crate::model::Message;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/channels/{channel}/messages", get(list).post(send))
        .route("/channels/{channel}/messages/bulk-delete", post(delete_many))
        .route("/channels/{channel}/messages/{message}", get(read).patch(edit).delete(delete))
        .route("/channels/{channel}/typing", post(typing))
}

async fn list(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
    Query(page): Query<PageOfMessages>,
) -> ApiResult<Json<Vec<Message>>> {
    Ok(Json(chat.messages(&actor, channel, page).await?))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message)): Path<(ChannelId, MessageId)>,
) -> ApiResult<Json<Message>> {
    Ok(Json(chat.message(&actor, channel, message).await?))
}

async fn send(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
    Body { json, files }: Body<Map<String, Value>>,
) -> ApiResult<Json<Message>> {
    Ok(Json(chat.send_message(&actor, channel, &json, files).await?))
}

async fn edit(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message)): Path<(ChannelId, MessageId)>,
    Body { json, files }: Body<Map<String, Value>>,
) -> ApiResult<Json<Message>> {
    Ok(Json(chat.edit_message(&actor, channel, message, &json, files).await?))
}

async fn delete(
    State(chat): State<Chat>,
    actor: Actor,
    Path((channel, message)): Path<(ChannelId, MessageId)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.delete_message(&actor, channel, message, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct BulkDelete {
    messages: Vec<MessageId>,
}

async fn delete_many(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
    Reason(reason): Reason,
    Json(body): Json<BulkDelete>,
) -> ApiResult<StatusCode> {
    chat.delete_messages(&actor, channel, body.messages, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn typing(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
) -> ApiResult<StatusCode> {
    chat.type_in(&actor, channel).await?;
    Ok(StatusCode::NO_CONTENT)
}
