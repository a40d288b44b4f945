//! What applications write after their first answer to an interaction, at `/webhooks/{application}/{token}`. The token
//! is the permission; [`super::webhooks`] has the routes.

use axum::http::StatusCode;
use guildhall_base::ApplicationId;
use guildhall_infra::http::{ApiResult, Json, Upload};
use serde_json::{Map, Value};

use crate::Chat;
use crate::actions::interactions::Which;
use crate::model::Message;

/// Answers with the message also where `wait` is not asked for: libraries rely on it.
pub(super) async fn send(
    chat: &Chat,
    application: ApplicationId,
    token: &str,
    body: &Map<String, Value>,
    files: Vec<Upload>,
) -> ApiResult<Json<Message>> {
    Ok(Json(chat.follow_up(application, token, body, files).await?))
}

pub(super) async fn read(
    chat: &Chat,
    application: ApplicationId,
    token: &str,
    message: &str,
) -> ApiResult<Json<Message>> {
    Ok(Json(chat.read_answer_message(application, token, Which::read(message)?).await?))
}

pub(super) async fn update(
    chat: &Chat,
    application: ApplicationId,
    token: &str,
    message: &str,
    body: &Map<String, Value>,
    files: Vec<Upload>,
) -> ApiResult<Json<Message>> {
    let which = Which::read(message)?;
    Ok(Json(chat.change_answer_message(application, token, which, body, files).await?))
}

pub(super) async fn delete(
    chat: &Chat,
    application: ApplicationId,
    token: &str,
    message: &str,
) -> ApiResult<StatusCode> {
    chat.delete_answer_message(application, token, Which::read(message)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
