//! `/v2/ranks`, `/v2/users/{user}/...` and `/v2/staff/actions`: what staff do to people, and what was done.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_base::UserId;
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::{StaffLogQuery, StandingOf};
use crate::staff::{Rank, Rights, StaffAction, StaffActionId, UserState};
use crate::{Accounts, Actor};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(ranks))
        .routes(routes!(standing))
        .routes(routes!(set_state))
        .routes(routes!(end_sessions))
        .routes(routes!(grant, revoke))
        .routes(routes!(actions))
}

/// A rank of staff.
#[derive(Serialize, ToSchema)]
#[schema(as = Rank, example = json!({ "name": "bot-reviewer", "level": 2, "rights": ["staff.view", "listings.review"] }))]
struct RankAnswer {
    name: String,
    /// Nobody acts on who is as high or higher.
    level: u8,
    /// Names of rights.
    rights: Vec<&'static str>,
}

impl From<&Rank> for RankAnswer {
    fn from(rank: &Rank) -> Self {
        Self { name: rank.name.clone(), level: rank.level, rights: rank.rights.names() }
    }
}

/// The ranks of this installation, the lowest first. Needs the right `staff.view`.
#[utoipa::path(get, path = "/v2/ranks", tag = "staff",
    responses((status = 200, body = Vec<RankAnswer>), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn ranks(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Vec<RankAnswer>>> {
    accounts.require_rights(&actor, Rights::STAFF_VIEW).await?;
    Ok(Json(accounts.config().ranks.all().iter().map(RankAnswer::from).collect()))
}

/// What somebody is on this installation.
#[derive(Serialize, ToSchema)]
#[schema(as = UserStanding, example = json!({
    "user_id": "1573306918502576128", "state": "normal", "ranks": ["community-staff"], "level": 1,
    "rights": ["staff.view"]
}))]
struct StandingAnswer {
    #[schema(value_type = String)]
    user_id: UserId,
    state: UserState,
    /// The names of their ranks.
    ranks: Vec<String>,
    /// That of the highest; 0 for who is no staff.
    level: u8,
    /// All ranks together.
    rights: Vec<&'static str>,
}

/// A user's state and ranks. Needs the right `staff.view`.
#[utoipa::path(get, path = "/v2/users/{user}/standing", tag = "staff", params(("user" = String, Path)),
    responses((status = 200, body = StandingAnswer), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn standing(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(user): Path<UserId>,
) -> ApiResult<Json<StandingAnswer>> {
    let StandingOf { state, ranks, standing } = accounts.standing_of_user(&actor, user).await?;
    let rights = standing.rights.names();
    Ok(Json(StandingAnswer { user_id: user, state, ranks, level: standing.level, rights }))
}

/// A state for somebody.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "state": "edit_ban", "reason": "Advertises in every listing." }))]
struct NewState {
    state: UserState,
    /// For the audit log: 5 to 512 characters.
    #[serde(default)]
    #[schema(required)]
    reason: String,
}

/// Puts a user into a state; it takes effect at once everywhere. Needs the right `users.state`, a higher rank than
/// theirs and a sign-in from the last minutes.
#[utoipa::path(put, path = "/v2/users/{user}/state", tag = "staff", params(("user" = String, Path)),
    request_body = NewState,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn set_state(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(user): Path<UserId>,
    Json(body): Json<NewState>,
) -> ApiResult<StatusCode> {
    accounts.set_state(&actor, user, body.state, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why staff do something.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "reason": "Their laptop was stolen." }))]
struct Why {
    /// For the audit log: 5 to 512 characters.
    #[serde(default)]
    #[schema(required)]
    reason: String,
}

/// Ends all sessions of a user, and the sign-ins that they have begun; the tokens of their bots stay. Needs the right
/// `users.state`, a higher rank than theirs and a sign-in from the last minutes.
#[utoipa::path(delete, path = "/v2/users/{user}/sessions", tag = "staff", params(("user" = String, Path)),
    request_body = Why,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn end_sessions(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(user): Path<UserId>,
    Json(why): Json<Why>,
) -> ApiResult<StatusCode> {
    accounts.end_sessions_of(&actor, user, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a user a rank. Needs the right `users.ranks`, a rank higher than it and than theirs, all rights that it has,
/// and a sign-in from the last minutes.
#[utoipa::path(put, path = "/v2/users/{user}/ranks/{rank}", tag = "staff",
    params(("user" = String, Path), ("rank" = String, Path, description = "Its name")), request_body = Why,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn grant(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path((user, rank)): Path<(UserId, String)>,
    Json(why): Json<Why>,
) -> ApiResult<StatusCode> {
    accounts.grant_rank(&actor, user, &rank, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a rank from a user. Needs what giving it needs.
#[utoipa::path(delete, path = "/v2/users/{user}/ranks/{rank}", tag = "staff",
    params(("user" = String, Path), ("rank" = String, Path, description = "Its name")), request_body = Why,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn revoke(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path((user, rank)): Path<(UserId, String)>,
    Json(why): Json<Why>,
) -> ApiResult<StatusCode> {
    accounts.revoke_rank(&actor, user, &rank, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which rows are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Older than this one.
    #[param(value_type = Option<String>)]
    before: Option<StaffActionId>,
    /// What was done to this user.
    #[param(value_type = Option<String>)]
    target: Option<UserId>,
    /// What this user did.
    #[param(value_type = Option<String>)]
    actor: Option<UserId>,
    /// How many, 1 to 99; 50 by default.
    limit: Option<u32>,
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffActions, example = json!({ "actions": [{
    "id": "1573306918502576140", "at": "2026-11-21T05:00:00.000000+00:00", "actor_id": "1573306918502576127",
    "action": "rank.grant", "target_id": "1573306918502576128", "reason": "She knows her trade.", "before": "",
    "after": "community-staff"
}], "next": "1573306918502576140" }))]
struct Actions {
    /// The latest first.
    actions: Vec<StaffAction>,
    /// Where the next page begins: `?before=`; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<StaffActionId>,
}

/// What staff did. Needs the right `audit.read`.
#[utoipa::path(get, path = "/v2/staff/actions", tag = "staff", params(Page),
    responses((status = 200, body = Actions), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
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
