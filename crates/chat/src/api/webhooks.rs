//! `/webhooks/{application}/{token}`: what applications write after their first answer to an interaction. The token is
//! the permission.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use guildhall_base::ApplicationId;
use guildhall_infra::http::{ApiResult, Body, Json, Path};
use serde_json::{Map, Value};

use crate::Chat;
use crate::actions::interactions::Which;
use crate::model::Message;

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/webhooks/{application}/{token}", post(send))
        .route("/webhooks/{application}/{token}/messages/{message}", get(read).patch(update).delete(delete))
}

/// Answers with the message also where `wait` is not asked for: libraries rely on it.
async fn send(
    State(chat): State<Chat>,
    Path((application, token)): Path<(ApplicationId, String)>,
    Body { json, files }: Body<Map<String, Value>>,
) -> ApiResult<Json<Message>> {
    Ok(Json(chat.follow_up(application, &token, &json, files).await?))
}

async fn read(
    State(chat): State<Chat>,
    Path((application, token, message)): Path<(ApplicationId, String, String)>,
) -> ApiResult<Json<Message>> {
    Ok(Json(chat.read_answer_message(application, &token, Which::read(&message)?).await?))
}

async fn update(
    State(chat): State<Chat>,
    Path((application, token, message)): Path<(ApplicationId, String, String)>,
    Body { json, files }: Body<Map<String, Value>>,
) -> ApiResult<Json<Message>> {
    let which = Which::read(&message)?;
    Ok(Json(chat.change_answer_message(application, &token, which, &json, files).await?))
}

async fn delete(
    State(chat): State<Chat>,
    Path((application, token, message)): Path<(ApplicationId, String, String)>,
) -> ApiResult<StatusCode> {
    chat.delete_answer_message(application, &token, Which::read(&message)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
