//! `/channels/{channel}/webhooks`, `/guilds/{guild}/webhooks` and `/webhooks/{webhook}`. With a token after it the
//! address itself is the permission; the same addresses, with tokens of another form, are where applications write
//! after their first answer to an interaction ([`super::follow_ups`]).

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, Error, GuildId, WebhookId};
use guildhall_infra::http::{ApiResult, Body, Json, Path, Query};
use serde_json::{Map, Value};

use super::follow_ups;
use super::reason::Reason;
use crate::actions::interactions::{Which, is_interaction};
use crate::actions::webhooks::{Execution, Whereabouts};
use crate::model::{Message, Webhook};
use crate::{Chat, codes};

pub(super) fn routes() -> Router<Chat> {
    Router::new()
        .route("/channels/{channel}/webhooks", get(of_channel).post(create))
        .route("/guilds/{guild}/webhooks", get(of_guild))
        .route("/webhooks/{webhook}", get(read).patch(update).delete(delete))
        .route("/webhooks/{webhook}/{token}", get(read_at).post(execute).patch(update_at).delete(delete_at))
        .route("/webhooks/{webhook}/{token}/slack", post(foreign))
        .route("/webhooks/{webhook}/{token}/github", post(foreign))
        .route(
            "/webhooks/{webhook}/{token}/messages/{message}",
            get(read_message).patch(update_message).delete(delete_message),
        )
}

async fn of_channel(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
) -> ApiResult<Json<Vec<Webhook>>> {
    Ok(Json(chat.channel_webhooks(&actor, channel).await?))
}

async fn of_guild(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<Webhook>>> {
    Ok(Json(chat.guild_webhooks(&actor, guild).await?))
}

async fn create(
    State(chat): State<Chat>,
    actor: Actor,
    Path(channel): Path<ChannelId>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(chat.create_webhook(&actor, channel, &body, reason).await?))
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path(webhook): Path<WebhookId>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(chat.webhook(&actor, webhook).await?))
}

async fn update(
    State(chat): State<Chat>,
    actor: Actor,
    Path(webhook): Path<WebhookId>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(chat.update_webhook(&actor, webhook, &body, reason).await?))
}

async fn delete(
    State(chat): State<Chat>,
    actor: Actor,
    Path(webhook): Path<WebhookId>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.delete_webhook(&actor, webhook, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read_at(
    State(chat): State<Chat>,
    Path((webhook, token)): Path<(WebhookId, String)>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(chat.webhook_at(webhook, &token).await?))
}

async fn update_at(
    State(chat): State<Chat>,
    Path((webhook, token)): Path<(WebhookId, String)>,
    Reason(reason): Reason,
    Json(body): Json<Map<String, Value>>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(chat.update_webhook_at(webhook, &token, &body, reason).await?))
}

async fn delete_at(
    State(chat): State<Chat>,
    Path((webhook, token)): Path<(WebhookId, String)>,
    Reason(reason): Reason,
) -> ApiResult<StatusCode> {
    chat.delete_webhook_at(webhook, &token, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn execute(
    State(chat): State<Chat>,
    Path((webhook, token)): Path<(WebhookId, String)>,
    Query(execution): Query<Execution>,
    Body { json, files }: Body<Map<String, Value>>,
) -> ApiResult<Response> {
    if is_interaction(&token) {
        return Ok(follow_ups::send(&chat, webhook.cast(), &token, &json, files).await?.into_response());
    }
    let message = chat.execute_webhook(webhook, &token, execution, &json, files).await?;
    Ok(match execution.wait {
        true => Json(message).into_response(),
        false => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Slack's and GitHub's formats.
async fn foreign(
    State(chat): State<Chat>,
    Path((webhook, token)): Path<(WebhookId, String)>,
) -> ApiResult<StatusCode> {
    chat.webhook_at(webhook, &token).await?;
    Err(Error::from(codes::WEBHOOK_FORMAT).into())
}

/// Which message; an answer to an interaction may also be `@original`, which webhooks have none of.
fn which(message: &str) -> ApiResult<guildhall_base::MessageId> {
    match Which::read(message)? {
        Which::Message(id) => Ok(id),
        Which::Original => Err(Error::from(codes::UNKNOWN_MESSAGE).into()),
    }
}

async fn read_message(
    State(chat): State<Chat>,
    Path((webhook, token, message)): Path<(WebhookId, String, String)>,
    Query(whereabouts): Query<Whereabouts>,
) -> ApiResult<Json<Message>> {
    if is_interaction(&token) {
        return follow_ups::read(&chat, webhook.cast(), &token, &message).await;
    }
    Ok(Json(chat.read_webhook_message(webhook, &token, which(&message)?, whereabouts).await?))
}

async fn update_message(
    State(chat): State<Chat>,
    Path((webhook, token, message)): Path<(WebhookId, String, String)>,
    Query(whereabouts): Query<Whereabouts>,
    Body { json, files }: Body<Map<String, Value>>,
) -> ApiResult<Json<Message>> {
    if is_interaction(&token) {
        return follow_ups::update(&chat, webhook.cast(), &token, &message, &json, files).await;
    }
    let message = which(&message)?;
    Ok(Json(chat.update_webhook_message(webhook, &token, message, whereabouts, &json, files).await?))
}

async fn delete_message(
    State(chat): State<Chat>,
    Path((webhook, token, message)): Path<(WebhookId, String, String)>,
    Query(whereabouts): Query<Whereabouts>,
) -> ApiResult<StatusCode> {
    if is_interaction(&token) {
        return follow_ups::delete(&chat, webhook.cast(), &token, &message).await;
    }
    chat.delete_webhook_message(webhook, &token, which(&message)?, whereabouts).await?;
    Ok(StatusCode::NO_CONTENT)
}
