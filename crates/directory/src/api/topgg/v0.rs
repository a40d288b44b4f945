//! Version 0: `/topgg/api`.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use guildhall_base::codes::NOT_FOUND;
use guildhall_base::{Error, UserId};
use guildhall_infra::http::{self, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Me, bodies};
use crate::access::Caller;
use crate::model::{ListingId, VoteId};
use crate::rules::topgg::{Search, Wanted};
use crate::{Directory, codes};

/// Voters that are given at once.
const VOTERS: u32 = 1000;

pub(super) fn routes() -> Router<Directory> {
    Router::new()
        .route("/bots", get(search))
        .route("/bots/stats", get(own_stats).post(post_own_stats))
        .route("/bots/votes", get(own_votes))
        .route("/bots/check", get(own_check))
        .route("/bots/{id}", get(bot))
        .route("/bots/{id}/stats", get(stats).post(post_stats))
        .route("/bots/{id}/votes", get(votes))
        .route("/bots/{id}/check", get(check))
        .route("/users/{id}", get(user))
        .route("/weekend", get(weekend))
        .fallback(|| async { Refused(NOT_FOUND.into()) })
}

/// A refusal as version 0 says it.
struct Refused(Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let fields = error.fields.iter().map(|field| format!("{}: {}", field.path, field.message));
        let details: Vec<String> = fields.collect();
        if error.kind() == guildhall_base::Kind::Internal {
            tracing::error!(%error, "request failed");
        }
        let body = json!({ "error": error.detail, "code": error.code.name, "details": details });
        let mut response = (http::status(error.kind()), axum::Json(body)).into_response();
        if let Some(after) = error.retry_after {
            let seconds = HeaderValue::from(after.as_secs() + u64::from(after.subsec_nanos() > 0));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

type Answer<T = Value> = Result<Json<T>, Refused>;

async fn search(State(directory): State<Directory>, Query(search): Query<Search>) -> Answer {
    let Wanted { name, order, limit, offset, fields } = search.wanted()?;
    let (cards, total) = directory.bots_like_top_gg(&name, order, limit, offset).await?;
    let mut results = Vec::with_capacity(cards.len());
    for id in cards {
        let Value::Object(mut bot) = shown(&directory, &Caller::Nobody, id).await? else { continue };
        if !fields.is_empty() {
            bot = bot.into_iter().filter(|(name, _)| fields.contains(name)).collect::<Map<_, _>>();
        }
        results.push(Value::Object(bot));
    }
    let count = results.len();
    Ok(Json(json!({ "results": results, "limit": limit, "offset": offset, "count": count, "total": total })))
}

async fn shown(directory: &Directory, caller: &Caller, id: ListingId) -> Result<Value, Error> {
    let listing = directory.listing_for(caller, id).await?.listing;
    let keepers = directory.keepers(caller.actor(), id).await?;
    let shards = directory.shards(caller, id).await?;
    Ok(bodies::bot(&listing, &keepers, &shards, &directory.config().public_url))
}

async fn bot(State(directory): State<Directory>, caller: Caller, Path(id): Path<UserId>) -> Answer {
    Ok(Json(shown(&directory, &caller, ListingId::bot(id)).await?))
}

async fn stats_of(directory: &Directory, caller: &Caller, id: ListingId) -> Answer {
    let counts = directory.listing_for(caller, id).await?.listing.counts;
    let shards = directory.shards(caller, id).await?;
    Ok(Json(json!({ "server_count": counts.guilds, "shards": shards, "shard_count": counts.shards })))
}

async fn stats(State(directory): State<Directory>, caller: Caller, Path(id): Path<UserId>) -> Answer {
    stats_of(&directory, &caller, ListingId::bot(id)).await
}

async fn own_stats(State(directory): State<Directory>, me: Me) -> Answer {
    stats_of(&directory, &me.caller, me.id).await
}

async fn post(
    directory: &Directory,
    caller: &Caller,
    id: ListingId,
    stats: bodies::Stats,
) -> Result<(StatusCode, Json<Value>), Refused> {
    directory.post_stats(caller, id, &stats.into()).await?;
    Ok((StatusCode::OK, Json(json!({}))))
}

async fn post_stats(
    State(directory): State<Directory>,
    caller: Caller,
    Path(id): Path<UserId>,
    Json(stats): Json<bodies::Stats>,
) -> Result<(StatusCode, Json<Value>), Refused> {
    post(&directory, &caller, ListingId::bot(id), stats).await
}

async fn post_own_stats(
    State(directory): State<Directory>,
    me: Me,
    Json(stats): Json<bodies::Stats>,
) -> Result<(StatusCode, Json<Value>), Refused> {
    post(&directory, &me.caller, me.id, stats).await
}

async fn voters(directory: &Directory, caller: &Caller, id: ListingId) -> Answer<Vec<Value>> {
    let votes = directory.voters(caller, id, VoteId::new(i64::MAX), VOTERS).await?;
    Ok(Json(votes.iter().map(|(_, user)| bodies::voter(user)).collect()))
}

async fn votes(
    State(directory): State<Directory>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Answer<Vec<Value>> {
    voters(&directory, &caller, ListingId::bot(id)).await
}

async fn own_votes(State(directory): State<Directory>, me: Me) -> Answer<Vec<Value>> {
    voters(&directory, &me.caller, me.id).await
}

/// About whom a check is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    user_id: UserId,
}

async fn check_of(directory: &Directory, caller: &Caller, id: ListingId, user: UserId) -> Answer {
    caller.require()?;
    if !directory.listing_for(caller, id).await?.rights.contains(crate::model::ListingRights::POST) {
        return Err(Error::from(codes::MISSING_LISTING_RIGHT).into());
    }
    let voted = directory.voted(caller, user, id).await?;
    Ok(Json(json!({ "voted": u8::from(voted.lasting) })))
}

async fn check(
    State(directory): State<Directory>,
    caller: Caller,
    Path(id): Path<UserId>,
    Query(About { user_id }): Query<About>,
) -> Answer {
    check_of(&directory, &caller, ListingId::bot(id), user_id).await
}

async fn own_check(
    State(directory): State<Directory>,
    me: Me,
    Query(About { user_id }): Query<About>,
) -> Answer {
    check_of(&directory, &me.caller, me.id, user_id).await
}

async fn user(State(directory): State<Directory>, Path(id): Path<UserId>) -> Answer {
    Ok(Json(bodies::user(&*directory.person(id).await?)))
}

/// Votes count once on every day.
async fn weekend() -> Json<Value> {
    Json(json!({ "is_weekend": false }))
}
