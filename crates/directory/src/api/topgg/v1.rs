//! Version 1: `/topgg/v1`, with refusals as problem details.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use guildhall_base::codes::NOT_FOUND;
use guildhall_base::{Error, Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Me, bodies};
use crate::Directory;
use crate::model::VoteId;

/// Votes that are given at once.
const PAGE: u32 = 1000;

pub(super) fn routes() -> Router<Directory> {
    Router::new()
        .route("/projects/@me", get(project))
        .route("/projects/@me/votes", get(votes))
        .route("/projects/@me/votes/{user}", get(vote_of))
}

async fn project(State(directory): State<Directory>, me: Me) -> ApiResult<Json<Value>> {
    Ok(Json(bodies::project(&directory.listing_for(&me.caller, me.id).await?.listing)))
}

/// Which votes are wanted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct From {
    /// After this one; what the answer before called `cursor`.
    cursor: Option<VoteId>,
    /// From this time on.
    start_date: Option<Timestamp>,
}

/// What was before all votes of a time.
fn before(at: Timestamp) -> VoteId {
    VoteId::new(VoteId::first_at(at).get().saturating_sub(1))
}

async fn votes(
    State(directory): State<Directory>,
    me: Me,
    Query(from): Query<From>,
) -> ApiResult<Json<Value>> {
    let after =
        from.cursor.or(from.start_date.map(|at| before(at.min(directory.now())))).unwrap_or(VoteId::new(0));
    let (votes, cursor) = directory.votes_after(&me.caller, me.id, after, PAGE).await?;
    let length = directory.window_length();
    let vote = |(id, user): (VoteId, UserId)| bodies::Vote {
        user_id: user.cast(),
        platform_id: user.cast(),
        weight: 1,
        created_at: id.created_at(),
        expires_at: id.created_at().after(length),
    };
    let data: Vec<_> = votes.into_iter().map(vote).collect();
    Ok(Json(json!({ "data": data, "cursor": cursor })))
}

/// Whose platform an id is of: there is one only.
#[derive(Deserialize)]
struct Source {
    source: Option<String>,
}

async fn vote_of(
    State(directory): State<Directory>,
    me: Me,
    Path(user): Path<UserId>,
    Query(Source { source }): Query<Source>,
) -> ApiResult<Json<Value>> {
    if source.is_some_and(|source| source != "discord" && source != "topgg") {
        let text = "Ids are those of discord or topgg, which are the same here.";
        return Err(Error::field("source", "BASE_TYPE_CHOICES", text).into());
    }
    let voted = directory.voted(&me.caller, user, me.id).await?;
    let latest = voted.times.first().filter(|_| voted.lasting).ok_or_else(|| Error::from(NOT_FOUND))?;
    let expires_at = latest.after(directory.window_length());
    Ok(Json(json!({ "created_at": latest, "expires_at": expires_at, "weight": 1 })))
}
