//! `/v2/listings/{kind}/{id}/webhooks`: where keepers are told of what happens to their listing, and what was told.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::Actor;
use guildhall_base::{AnyId, Result, Timestamp};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::listings::{Address, named};
use crate::Directory;
use crate::model::{self, DeliveryId, DeliveryState, HookEvents, HookId, HookStyle, ListingId};

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, set, remove))
        .routes(routes!(rotate))
        .routes(routes!(test))
        .routes(routes!(deliveries))
        .routes(routes!(delivery))
        .routes(routes!(replay))
}

/// The three parts of a webhook's address.
type Place = Path<(String, AnyId, HookId)>;

fn placed(Path((kind, id, hook)): Place) -> Result<(ListingId, HookId)> {
    Ok((named(Path((kind, id)))?, hook))
}

/// Where a listing's keepers are told of what happens to it.
#[derive(Debug, Serialize, ToSchema)]
struct Webhook {
    #[schema(value_type = String)]
    id: HookId,
    style: HookStyle,
    /// Where messages are posted.
    url: String,
    /// `votes`, `reviews`, `staff`, `edits`.
    #[schema(value_type = Vec<String>)]
    events: HookEvents,
    /// Why nothing is sent there any more; null while it is.
    stopped: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

impl From<model::Webhook> for Webhook {
    fn from(hook: model::Webhook) -> Self {
        Self {
            id: hook.id,
            style: hook.style,
            url: hook.url,
            events: hook.events,
            stopped: Some(hook.stopped).filter(|why| !why.is_empty()),
            created_at: hook.created_at,
            changed_at: hook.changed_at,
        }
    }
}

/// A webhook with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct WithSecret {
    #[serde(flatten)]
    webhook: Webhook,
    /// What messages are signed with, and for the style `topgg` the `Authorization` that they carry.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")]
    secret: String,
}

impl From<(model::Webhook, String)> for WithSecret {
    fn from((webhook, secret): (model::Webhook, String)) -> Self {
        Self { webhook: webhook.into(), secret }
    }
}

/// A webhook that is made.
#[derive(Debug, Deserialize, ToSchema)]
struct New {
    style: HookStyle,
    #[serde(flatten)]
    settings: Settings,
}

/// Where and of what a webhook is told.
#[derive(Debug, Deserialize, ToSchema)]
struct Settings {
    /// An https address on the public internet.
    #[schema(example = "https://example.org/votes")]
    url: String,
    /// `votes`, `reviews`, `staff`, `edits`; votes only, if it is not said and for the style `topgg`.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    events: HookEvents,
}

/// The webhooks of a listing. For keepers with the right `webhooks`.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/webhooks", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Webhook>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn list(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
) -> ApiResult<Json<Vec<Webhook>>> {
    let hooks = directory.webhooks(&actor, named(address)?).await?;
    Ok(Json(hooks.into_iter().map(Webhook::from).collect()))
}

/// Makes a webhook; its secret is in this answer only. A listing has at most five.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/webhooks", tag = "directory", request_body = New,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 201, body = WithSecret), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn add(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(New { style, settings }): Json<New>,
) -> ApiResult<(StatusCode, Json<WithSecret>)> {
    let wanted = (settings.url.as_str(), settings.events);
    let made = directory.add_webhook(&actor, named(address)?, style, wanted).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// One webhook.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/webhooks/{hook}", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("hook" = String, Path)),
    responses((status = 200, body = Webhook), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn get(State(directory): State<Directory>, actor: Actor, place: Place) -> ApiResult<Json<Webhook>> {
    let (id, hook) = placed(place)?;
    Ok(Json(directory.webhook(&actor, id, hook).await?.into()))
}

/// Changes where and of what a webhook is told. One that was stopped begins again.
#[utoipa::path(put, path = "/v2/listings/{kind}/{id}/webhooks/{hook}", tag = "directory", request_body = Settings,
    params(("kind" = String, Path), ("id" = String, Path), ("hook" = String, Path)),
    responses((status = 200, body = Webhook), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn set(
    State(directory): State<Directory>,
    actor: Actor,
    place: Place,
    Json(settings): Json<Settings>,
) -> ApiResult<Json<Webhook>> {
    let (id, hook) = placed(place)?;
    let wanted = (settings.url.as_str(), settings.events);
    Ok(Json(directory.set_webhook(&actor, id, hook, wanted).await?.into()))
}

/// Removes a webhook, with the log of what was sent there.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}/webhooks/{hook}", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("hook" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn remove(State(directory): State<Directory>, actor: Actor, place: Place) -> ApiResult<StatusCode> {
    let (id, hook) = placed(place)?;
    directory.remove_webhook(&actor, id, hook).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a webhook another secret, which is in this answer only. What is sent from now on is signed with it.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/webhooks/{hook}/secret", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("hook" = String, Path)),
    responses((status = 200, body = WithSecret), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn rotate(
    State(directory): State<Directory>,
    actor: Actor,
    place: Place,
) -> ApiResult<Json<WithSecret>> {
    let (id, hook) = placed(place)?;
    Ok(Json(directory.rotate_webhook(&actor, id, hook).await?.into()))
}

/// A message to a webhook, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
struct Delivery {
    #[schema(value_type = String)]
    id: DeliveryId,
    /// The `webhook-id` that its receiver knows it by: the same when it is sent again.
    message: String,
    /// What it tells of; `test` for the test button.
    event: String,
    state: DeliveryState,
    /// How often it was tried.
    attempts: i64,
    /// The status of the latest answer; null without one.
    status: Option<i64>,
    /// How many milliseconds the latest attempt took.
    took_ms: i64,
    /// How the latest answer begins, at most 1024 bytes.
    answer: String,
    /// Why there was no answer.
    problem: Option<String>,
    /// What was sent; null until it is tried first.
    body: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    tried_at: Option<Timestamp>,
}

impl From<model::Delivery> for Delivery {
    fn from(delivery: model::Delivery) -> Self {
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: delivery.id,
            message: delivery.message,
            event: delivery.event,
            state: delivery.state,
            attempts: delivery.attempts,
            status: Some(delivery.status).filter(|status| *status > 0),
            took_ms: delivery.took_ms,
            answer: delivery.answer,
            problem: filled(delivery.problem),
            body: filled(delivery.body),
            created_at: delivery.created_at,
            tried_at: delivery.tried_at,
        }
    }
}

/// Has a test sent, at most ten a minute together with what is sent again.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/webhooks/{hook}/test", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("hook" = String, Path)),
    responses((status = 202, body = Delivery), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
async fn test(
    State(directory): State<Directory>,
    actor: Actor,
    place: Place,
) -> ApiResult<(StatusCode, Json<Delivery>)> {
    let (id, hook) = placed(place)?;
    let delivery = directory.test_webhook(&actor, id, hook).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}

/// Which part of the log is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Before {
    /// What was asked for before this one.
    #[param(value_type = Option<String>)]
    before: Option<DeliveryId>,
    /// 1 to 100; 50 by default.
    limit: Option<u16>,
}

/// What was sent to a webhook in the last two weeks, the latest first.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/webhooks/{hook}/deliveries", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("hook" = String, Path), Before),
    responses((status = 200, body = Vec<Delivery>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn deliveries(
    State(directory): State<Directory>,
    actor: Actor,
    place: Place,
    Query(Before { before, limit }): Query<Before>,
) -> ApiResult<Json<Vec<Delivery>>> {
    let (id, hook) = placed(place)?;
    let sent = directory.deliveries(&actor, id, hook, before, limit.unwrap_or(50)).await?;
    Ok(Json(sent.into_iter().map(Delivery::from).collect()))
}

/// The four parts of a message's address.
type MessagePlace = Path<(String, AnyId, HookId, DeliveryId)>;

/// One message to a webhook.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/webhooks/{hook}/deliveries/{delivery}", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("hook" = String, Path), ("delivery" = String, Path)),
    responses((status = 200, body = Delivery), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn delivery(
    State(directory): State<Directory>,
    actor: Actor,
    Path((kind, id, hook, delivery)): MessagePlace,
) -> ApiResult<Json<Delivery>> {
    let (id, hook) = placed(Path((kind, id, hook)))?;
    Ok(Json(directory.delivery(&actor, id, hook, delivery).await?.into()))
}

/// Sends a message again, word for word and under the same `webhook-id`.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/webhooks/{hook}/deliveries/{delivery}/replay", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("hook" = String, Path), ("delivery" = String, Path)),
    responses((status = 202, body = Delivery), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
async fn replay(
    State(directory): State<Directory>,
    actor: Actor,
    Path((kind, id, hook, delivery)): MessagePlace,
) -> ApiResult<(StatusCode, Json<Delivery>)> {
    let (id, hook) = placed(Path((kind, id, hook)))?;
    let again = directory.replay(&actor, id, hook, delivery).await?;
    Ok((StatusCode::ACCEPTED, Json(again.into())))
}
