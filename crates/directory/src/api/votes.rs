//! Voting: `/v2/listings/{kind}/{id}/votes`, what is known of who voted, reminders, and past months.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::{Actor, MaybeActor};
use guildhall_base::{AnyId, Error, JobId, Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::Card;
use super::listings::{Address, named};
use crate::Directory;
use crate::access::Caller;
use crate::model::{ListingId, ListingKind, Month, VoteId};

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(vote))
        .routes(routes!(test_vote))
        .routes(routes!(voted))
        .routes(routes!(is_reminded, remind, forget))
        .routes(routes!(own, set_own))
        .routes(routes!(months))
        .routes(routes!(top))
        .routes(routes!(reset))
        .routes(routes!(reset_all))
}

/// A vote that counts.
#[derive(Debug, Serialize, ToSchema)]
struct Counted {
    #[schema(value_type = String)]
    id: VoteId,
    /// The listing's votes since the month began.
    votes: u64,
    /// All that it ever got.
    total_votes: u64,
    /// When its voter may vote again.
    #[schema(value_type = String, format = DateTime)]
    can_vote_at: Timestamp,
}

/// Votes for a listing: once in eight hours for any bot and once for any guild, if the operator did not decide otherwise.
/// People only. Too early is answered with 429 `wait` and `Retry-After`.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/votes", tag = "directory",
    params(("kind" = String, Path, description = "`bots` or `guilds`"), ("id" = String, Path)),
    responses((status = 201, body = Counted), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 429, body = Problem)))]
async fn vote(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
) -> ApiResult<(StatusCode, Json<Counted>)> {
    let cast = directory.vote(&actor, named(address)?).await?;
    let (votes, total_votes) = (cast.counts.votes, cast.counts.total_votes);
    let counted = Counted { id: cast.vote.id, votes, total_votes, can_vote_at: cast.can_vote_at };
    Ok((StatusCode::CREATED, Json(counted)))
}

/// Tells what a vote tells, without one. For its keepers with the right `post` or `webhooks`.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/votes/test", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn test_vote(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
) -> ApiResult<StatusCode> {
    directory.test_vote(&actor, named(address)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What somebody's votes for a listing come to.
#[derive(Debug, Serialize, ToSchema)]
struct Voted {
    /// How many there are.
    votes: u64,
    /// Whether they voted for it and their vote still counts as fresh: they cannot repeat it yet.
    voted: bool,
    /// When they may vote for it again; null: now.
    #[schema(value_type = Option<String>, format = DateTime)]
    can_vote_at: Option<Timestamp>,
    /// When the latest hundred were cast, the latest first.
    #[schema(value_type = Vec<String>)]
    timestamps: Vec<Timestamp>,
}

impl From<crate::model::Voted> for Voted {
    fn from(voted: crate::model::Voted) -> Self {
        Self {
            votes: voted.votes,
            voted: voted.lasting,
            can_vote_at: voted.can_vote_at,
            timestamps: voted.times,
        }
    }
}

/// Whether somebody voted for a listing. Of those who keep it to themselves only they, the listing's keepers and its bot
/// learn anything; others are told that there is nothing.
#[utoipa::path(get, path = "/v2/users/{user}/votes/{kind}/{id}", tag = "directory", security(()),
    params(("user" = String, Path), ("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Voted), (status = 404, body = Problem)))]
async fn voted(
    State(directory): State<Directory>,
    caller: Caller,
    Path((user, kind, id)): Path<(UserId, String, AnyId)>,
) -> ApiResult<Json<Voted>> {
    let voted = directory.voted(&caller, user, named(Path((kind, id)))?).await?;
    Ok(Json(voted.into()))
}

/// Whether one is reminded.
#[derive(Debug, Serialize, ToSchema)]
struct Reminded {
    reminded: bool,
}

/// Whether one is told by mail when one can vote for it again.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/reminder", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Reminded), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn is_reminded(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
) -> ApiResult<Json<Reminded>> {
    Ok(Json(Reminded { reminded: directory.is_reminded(&actor, named(address)?).await? }))
}

/// Asks for a mail each time that one can vote for it again.
#[utoipa::path(put, path = "/v2/listings/{kind}/{id}/reminder", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn remind(State(directory): State<Directory>, actor: Actor, address: Address) -> ApiResult<StatusCode> {
    directory.remind(&actor, named(address)?, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// No longer.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}/reminder", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn forget(State(directory): State<Directory>, actor: Actor, address: Address) -> ApiResult<StatusCode> {
    directory.remind(&actor, named(address)?, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One of one's own votes.
#[derive(Debug, Serialize, ToSchema)]
struct OwnVote {
    #[schema(value_type = String)]
    id: VoteId,
    kind: ListingKind,
    #[schema(value_type = String)]
    listing_id: AnyId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// A listing, named.
#[derive(Debug, Serialize, ToSchema)]
struct Named {
    kind: ListingKind,
    #[schema(value_type = String)]
    id: AnyId,
}

impl From<ListingId> for Named {
    fn from(id: ListingId) -> Self {
        Self { kind: id.kind, id: id.id }
    }
}

/// One's own votes, and what one decided about them.
#[derive(Debug, Serialize, ToSchema)]
struct Own {
    /// Whether one keeps them to oneself.
    private: bool,
    /// Of what one is reminded.
    reminders: Vec<Named>,
    /// The latest first.
    votes: Vec<OwnVote>,
}

/// Which of one's votes are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Before {
    /// What was before this vote.
    #[param(value_type = Option<String>)]
    before: Option<VoteId>,
    /// 1 to 100; 50 by default.
    limit: Option<u32>,
}

/// One's own votes.
#[utoipa::path(get, path = "/v2/users/@me/votes", tag = "directory", params(Before),
    responses((status = 200, body = Own), (status = 401, body = Problem)))]
async fn own(
    State(directory): State<Directory>,
    actor: Actor,
    Query(Before { before, limit }): Query<Before>,
) -> ApiResult<Json<Own>> {
    let votes = directory.own_votes(&actor, before, limit.unwrap_or(50)).await?;
    let vote = |vote: crate::model::Vote| OwnVote {
        id: vote.id,
        kind: vote.listing.kind,
        listing_id: vote.listing.id,
        at: vote.id.created_at(),
    };
    Ok(Json(Own {
        private: directory.votes_are_private(actor.id()).await?,
        reminders: directory.reminders(&actor).await?.into_iter().map(Named::from).collect(),
        votes: votes.into_iter().map(vote).collect(),
    }))
}

/// What one decides about one's votes.
#[derive(Debug, Deserialize, ToSchema)]
struct Privacy {
    /// Whether one keeps them to oneself.
    private: bool,
}

/// Keeps one's votes to oneself: they count, and nobody but whom they are for learns whose they are.
#[utoipa::path(patch, path = "/v2/users/@me/votes", tag = "directory", request_body = Privacy,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn set_own(
    State(directory): State<Directory>,
    actor: Actor,
    Json(privacy): Json<Privacy>,
) -> ApiResult<StatusCode> {
    directory.set_votes_private(&actor, privacy.private).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a listing got in a month.
#[derive(Debug, Serialize, ToSchema)]
struct Past {
    #[schema(example = "2026-11")]
    month: String,
    votes: u64,
    /// Its place among the listings of its kind, from 1; 0 while the month lasts.
    place: u64,
}

/// What a listing got in past months, the latest first.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/votes/months", tag = "directory", security(()),
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Past>), (status = 404, body = Problem)))]
async fn months(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    address: Address,
) -> ApiResult<Json<Vec<Past>>> {
    let months = directory.past_months(viewer.as_ref(), named(address)?).await?;
    let past = |past: crate::Past| Past { month: past.month, votes: past.votes, place: past.place };
    Ok(Json(months.into_iter().map(past).collect()))
}

/// A listing's place in a month.
#[derive(Debug, Serialize, ToSchema)]
struct Placed {
    place: u64,
    /// Votes of that month.
    votes: u64,
    listing: Card,
}

/// The hundred most voted bots or guilds of a month that is over.
#[utoipa::path(get, path = "/v2/vote-months/{month}/{kind}", tag = "directory", security(()),
    params(("month" = String, Path, example = "2026-11"), ("kind" = String, Path)),
    responses((status = 200, body = Vec<Placed>), (status = 404, body = Problem)))]
async fn top(
    State(directory): State<Directory>,
    Path((month, kind)): Path<(String, String)>,
) -> ApiResult<Json<Vec<Placed>>> {
    let nothing = || Error::from(guildhall_base::codes::NOT_FOUND);
    let month: Month = month.parse().map_err(|_| nothing())?;
    let kind = ListingKind::ALL.into_iter().find(|known| known.plural() == kind).ok_or_else(nothing)?;
    let top = directory.top_of_month(month, kind).await?;
    let placed = top.into_iter().map(|(card, votes, place)| Placed { place, votes, listing: card.into() });
    Ok(Json(placed.collect()))
}

/// Why staff do something.
#[derive(Debug, Deserialize, ToSchema)]
struct Reason {
    /// 1 to 512 characters.
    reason: String,
}

/// Takes away the votes that a listing got this month. For staff with `listings.moderate`.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/votes/reset", tag = "directory", request_body = Reason,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn reset(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(Reason { reason }): Json<Reason>,
) -> ApiResult<StatusCode> {
    directory.reset_votes(&actor, named(address)?, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A job that does it.
#[derive(Debug, Serialize, ToSchema)]
struct Doing {
    /// To follow under `/v2/jobs`.
    #[schema(value_type = String)]
    job_id: JobId,
}

/// Takes away all votes of the running month. For staff with `listings.moderate` and `listings.certify` who proved lately
/// that it is they.
#[utoipa::path(post, path = "/v2/staff/votes/reset", tag = "directory", request_body = Reason,
    responses((status = 202, body = Doing), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn reset_all(
    State(directory): State<Directory>,
    actor: Actor,
    Json(Reason { reason }): Json<Reason>,
) -> ApiResult<(StatusCode, Json<Doing>)> {
    let job_id = directory.reset_all_votes(&actor, &reason).await?;
    Ok((StatusCode::ACCEPTED, Json(Doing { job_id })))
}
