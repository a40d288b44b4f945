//! `/ranks`, `/users/{user}/standing`, `/users/{user}/state`, `/users/{user}/ranks/{rank}`, `/staff/actions`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use guildhall_base::UserId;
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::{Deserialize, Serialize};

use crate::actions::{StaffLogQuery, StandingOf};
use crate::staff::{Rank, Rights, StaffAction, StaffActionId, UserState};
use crate::{Accounts, Actor};

pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/ranks", get(ranks))
        .route("/users/{user}/standing", get(standing))
        .route("/users/{user}/state", put(set_state))
        .route("/users/{user}/ranks/{rank}", put(grant).delete(revoke))
        .route("/staff/actions", get(actions))
}

#[derive(Serialize)]
struct RankAnswer {
    name: String,
    level: u8,
    rights: Vec<&'static str>,
}

impl From<&Rank> for RankAnswer {
    fn from(rank: &Rank) -> Self {
        Self { name: rank.name.clone(), level: rank.level, rights: rank.rights.names() }
    }
}

async fn ranks(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Vec<RankAnswer>>> {
    accounts.require_rights(&actor, Rights::STAFF_VIEW).await?;
    Ok(Json(accounts.config().ranks.all().iter().map(RankAnswer::from).collect()))
}

#[derive(Serialize)]
struct StandingAnswer {
    user_id: UserId,
    state: UserState,
    ranks: Vec<String>,
    level: u8,
    rights: Vec<&'static str>,
}

async fn standing(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(user): Path<UserId>,
) -> ApiResult<Json<StandingAnswer>> {
    let StandingOf { state, ranks, standing } = accounts.standing_of_user(&actor, user).await?;
    let rights = standing.rights.names();
    Ok(Json(StandingAnswer { user_id: user, state, ranks, level: standing.level, rights }))
}

#[derive(Deserialize)]
struct NewState {
    state: UserState,
    #[serde(default)]
    reason: String,
}

async fn set_state(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(user): Path<UserId>,
    Json(body): Json<NewState>,
) -> ApiResult<StatusCode> {
    accounts.set_state(&actor, user, body.state, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Why {
    #[serde(default)]
    reason: String,
}

async fn grant(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path((user, rank)): Path<(UserId, String)>,
    Json(why): Json<Why>,
) -> ApiResult<StatusCode> {
    accounts.grant_rank(&actor, user, &rank, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path((user, rank)): Path<(UserId, String)>,
    Json(why): Json<Why>,
) -> ApiResult<StatusCode> {
    accounts.revoke_rank(&actor, user, &rank, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Page {
    before: Option<StaffActionId>,
    target: Option<UserId>,
    actor: Option<UserId>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Actions {
    actions: Vec<StaffAction>,
    /// Where the next page begins: `?before=`; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<StaffActionId>,
}

async fn actions(
    State(accounts): State<Accounts>,
    actor: Actor,
    Query(page): Query<Page>,
) -> ApiResult<Json<Actions>> {
    let Page { before, target, actor: by, limit } = page;
    let limit = limit.unwrap_or(50).clamp(1, 99);
    let query = StaffLogQuery { before, target, actor: by, limit: Some(limit + 1) };
    let mut actions = accounts.staff_log(&actor, query).await?;
    let more = actions.len() > limit as usize;
    actions.truncate(limit as usize);
    let next = actions.last().filter(|_| more).map(|last| last.id);
    Ok(Json(Actions { actions, next }))
}
