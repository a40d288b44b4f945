//! Tokens of listings, what bots say of their size, what days brought, and what is counted when somebody looks.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::Actor;
use guildhall_infra::http::{ApiResult, Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::From;
use super::listings::{Address, named};
use crate::Directory;
use crate::access::Caller;
use crate::model::Seen;
use crate::rules::stats::Posted;

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(new_token, revoke_token))
        .routes(routes!(post_stats))
        .routes(routes!(statistics))
        .routes(routes!(viewed))
        .routes(routes!(invited))
}

/// A listing's token.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    /// For `Authorization`, as it is. It is shown this once.
    token: String,
}

/// Makes the token with which the listing posts its statistics and reads its votes; the one before it ends. For keepers with
/// the right `post`.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/token", tag = "directory",
    params(("kind" = String, Path, description = "`bots` or `guilds`"), ("id" = String, Path)),
    responses((status = 201, body = Token), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn new_token(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
) -> ApiResult<(StatusCode, Json<Token>)> {
    let token = directory.new_token(&actor, named(address)?).await?;
    Ok((StatusCode::CREATED, Json(Token { token })))
}

/// Takes its token away.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}/token", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn revoke_token(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
) -> ApiResult<StatusCode> {
    directory.revoke_token(&actor, named(address)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says how large a bot is: with its listing's token, with its own `Bot` token, or as a keeper with the right `post`.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/stats", tag = "directory", request_body = Posted,
    security(("listing" = []), ("session" = [])),
    params(("kind" = String, Path, description = "`bots`"), ("id" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)))]
async fn post_stats(
    State(directory): State<Directory>,
    caller: Caller,
    address: Address,
    Json(posted): Json<Posted>,
) -> ApiResult<StatusCode> {
    directory.post_stats(&caller, named(address)?, &posted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One day of a listing, UTC.
#[derive(Debug, Serialize, ToSchema)]
struct Day {
    #[schema(example = "2026-11-21")]
    date: String,
    /// As said last on that day; null if nothing was said.
    guilds: Option<u64>,
    users: Option<u64>,
    votes: u64,
    views: u64,
    invites: u64,
}

/// Which days are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Days {
    /// 1 to 730; 30 by default.
    days: Option<u16>,
}

/// What the last days brought, the earliest first; days on which nothing happened are left out.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/statistics", tag = "directory", security(()),
    params(("kind" = String, Path), ("id" = String, Path), Days),
    responses((status = 200, body = Vec<Day>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn statistics(
    State(directory): State<Directory>,
    caller: Caller,
    address: Address,
    Query(Days { days }): Query<Days>,
) -> ApiResult<Json<Vec<Day>>> {
    let days = directory.statistics(&caller, named(address)?, days.unwrap_or(30)).await?;
    let day = |day: crate::model::Day| Day {
        date: day.begin.to_string().chars().take(10).collect(),
        guilds: day.guilds,
        users: day.users,
        votes: day.votes,
        views: day.seen.views,
        invites: day.seen.invites,
    };
    Ok(Json(days.into_iter().map(day).collect()))
}

/// Counts that its page was opened, once an hour for the same person or address.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/views", tag = "directory", security(()),
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn viewed(
    State(directory): State<Directory>,
    caller: Caller,
    from: From,
    address: Address,
) -> ApiResult<StatusCode> {
    let id = named(address)?;
    directory.listing_for(&caller, id).await?;
    directory.saw(id, Seen::VIEW, from.looker(caller.user()));
    Ok(StatusCode::NO_CONTENT)
}

/// Counts that it was invited, or joined, once an hour for the same person or address.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/invites", tag = "directory", security(()),
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn invited(
    State(directory): State<Directory>,
    caller: Caller,
    from: From,
    address: Address,
) -> ApiResult<StatusCode> {
    let id = named(address)?;
    directory.listing_for(&caller, id).await?;
    directory.saw(id, Seen::INVITE, from.looker(caller.user()));
    Ok(StatusCode::NO_CONTENT)
}
