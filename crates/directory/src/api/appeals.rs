//! `/v2/listings/{kind}/{id}/appeals`, `/v2/reviews/{id}/reports` and `/v2/staff/appeals`: what staff are asked.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::Actor;
use guildhall_base::{AnyId, ReviewId, Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::listings::{Address, named};
use crate::Directory;
use crate::model::{self, AppealKind, ListingKind};

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(report))
        .routes(routes!(waiting))
        .routes(routes!(answer))
}

/// What staff are asked.
#[derive(Debug, Serialize, ToSchema)]
struct Appeal {
    #[schema(value_type = String)]
    id: AnyId,
    listing_kind: ListingKind,
    #[schema(value_type = String)]
    listing_id: AnyId,
    #[serde(rename = "type")]
    kind: AppealKind,
    #[schema(value_type = String)]
    user_id: UserId,
    /// The review that a report is about.
    #[schema(value_type = Option<String>)]
    review_id: Option<ReviewId>,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// What staff said; null: nothing yet.
    answer: Option<Answer>,
}

/// What staff said.
#[derive(Debug, Serialize, ToSchema)]
struct Answer {
    accepted: bool,
    text: String,
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<model::Appeal> for Appeal {
    fn from(appeal: model::Appeal) -> Self {
        Self {
            id: appeal.id,
            listing_kind: appeal.listing.kind,
            listing_id: appeal.listing.id,
            kind: appeal.kind,
            user_id: appeal.user,
            review_id: appeal.review,
            text: appeal.text,
            asked_at: appeal.id.created_at(),
            answer: appeal.answer.map(|answer| Answer {
                accepted: answer.accepted,
                text: answer.text,
                user_id: answer.by,
                at: answer.at,
            }),
        }
    }
}

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "type": "certification", "text": "It has both banners and is in 140 guilds." }))]
struct Question {
    #[serde(rename = "type")]
    kind: AppealKind,
    /// 7 to 4,000 characters.
    text: String,
}

/// Asks staff for something. An `appeal` is about a refusal or a ban; a `certification` needs an approved listing with both
/// banners and 100 guilds (of guilds: members); both by keepers who may `appeal`. A `report` is for everybody, and its
/// keepers do not learn of it. One of each waits for an answer, and 30 seconds lie between two.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/appeals", tag = "directory", request_body = Question,
    params(("kind" = String, Path, description = "`bots` or `guilds`"), ("id" = String, Path)),
    responses((status = 201, body = Appeal), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 429, body = Problem)))]
async fn ask(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(question): Json<Question>,
) -> ApiResult<(StatusCode, Json<Appeal>)> {
    let appeal = directory.ask_staff(&actor, named(address)?, question.kind, &question.text).await?;
    Ok((StatusCode::CREATED, Json(appeal.into())))
}

/// What was asked about a listing in its name, the latest first. For keepers who may `appeal`.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/appeals", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Appeal>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn list(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
) -> ApiResult<Json<Vec<Appeal>>> {
    let appeals = directory.appeals(&actor, named(address)?).await?;
    Ok(Json(appeals.into_iter().map(Appeal::from).collect()))
}

/// What is wrong.
#[derive(Debug, Deserialize, ToSchema)]
struct Report {
    /// 7 to 4,000 characters.
    text: String,
}

/// Asks staff to look into a review.
#[utoipa::path(post, path = "/v2/reviews/{id}/reports", tag = "directory", request_body = Report,
    params(("id" = String, Path)),
    responses((status = 201, body = Appeal), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 429, body = Problem)))]
async fn report(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<ReviewId>,
    Json(report): Json<Report>,
) -> ApiResult<(StatusCode, Json<Appeal>)> {
    let appeal = directory.report_review(&actor, id, &report.text).await?;
    Ok((StatusCode::CREATED, Json(appeal.into())))
}

/// Which are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Those that were answered; by default those that wait.
    answered: Option<bool>,
    /// Only these.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<AppealKind>,
    /// What was asked after this one.
    #[param(value_type = Option<String>)]
    after: Option<AnyId>,
    /// 1 to 100; 50 by default.
    limit: Option<u16>,
}

/// What staff are asked, the oldest first. For staff with `listings.review`.
#[utoipa::path(get, path = "/v2/staff/appeals", tag = "directory", params(Which),
    responses((status = 200, body = Vec<Appeal>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn waiting(
    State(directory): State<Directory>,
    actor: Actor,
    Query(which): Query<Which>,
) -> ApiResult<Json<Vec<Appeal>>> {
    let answered = which.answered.unwrap_or(false);
    let limit = which.limit.unwrap_or(50);
    let appeals = directory.staff_appeals(&actor, answered, which.kind, which.after, limit).await?;
    Ok(Json(appeals.into_iter().map(Appeal::from).collect()))
}

/// What staff say.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "accepted": true, "text": "Certified. Keep it up." }))]
struct Said {
    /// Whether what was asked for is done.
    accepted: bool,
    /// 5 to 4,000 characters.
    text: String,
}

/// Answers, once. What was asked for is done by `/v2/listings/{kind}/{id}/actions`. Appeals and reports need
/// `listings.moderate`, certifications `listings.certify`.
#[utoipa::path(put, path = "/v2/staff/appeals/{id}/answer", tag = "directory", request_body = Said,
    params(("id" = String, Path)),
    responses((status = 200, body = Appeal), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn answer(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<AnyId>,
    Json(said): Json<Said>,
) -> ApiResult<Json<Appeal>> {
    Ok(Json(directory.answer_appeal(&actor, id, said.accepted, &said.text).await?.into()))
}
