//! `/interactions`: what users do, and the first answer of the application.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use guildhall_accounts::Actor;
use guildhall_base::{InteractionId, lenient};
use guildhall_infra::http::{ApiResult, Body, Json, Path, Query};
use serde::Deserialize;

use crate::Chat;
use crate::actions::interactions::{Callback, NewInteraction};

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/interactions", post(create))
        .route("/interactions/{interaction}/{token}/callback", post(call_back))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Body { json, files }: Body<NewInteraction>,
) -> ApiResult<StatusCode> {
    chat.interact(&actor, json, files).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct CallbackQuery {
    #[serde(default, deserialize_with = "lenient::boolean")]
    with_response: bool,
}

/// The token is the permission: some libraries send `Authorization` besides, others do not.
async fn call_back(
    State(chat): State<Chat>,
    Path((interaction, token)): Path<(InteractionId, String)>,
    Query(query): Query<CallbackQuery>,
    Body { json, files }: Body<Callback>,
) -> ApiResult<Response> {
    let answer = chat.call_back(interaction, &token, json, files).await?;
    Ok(if query.with_response {
        Json(answer).into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    })
}
