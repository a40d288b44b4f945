//! `/v2/me` and `/v2/sessions`.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_base::Error;
use guildhall_infra::http::{ApiResult, Json, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::NewScript;
use crate::codes::NOT_FOR_BOTS;
use crate::model::{Session, Visit};
use crate::{Accounts, Actor, SelfUser, SessionId, SessionScopes};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(list, create, revoke_others))
        .routes(routes!(revoke))
}

/// Oneself with the address: for people, not for applications that act for them.
#[utoipa::path(get, path = "/v2/me", tag = "account",
    responses((status = 200, body = SelfUser), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn me(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<SelfUser>> {
    if actor.session().is_none() {
        return Err(Error::from(NOT_FOR_BOTS).into());
    }
    Ok(Json(accounts.me(&actor).await?))
}

/// Somebody's sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = Sessions, example = json!({ "items": [{
    "id": "1573306918502576129", "created": "2026-11-21T04:00:00.000000+00:00", "seen": "2026-11-21T05:00:00.000000+00:00",
    "expires": "2026-12-21T04:00:00.000000+00:00", "device": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
    "address": "192.0.2.7", "class": "web", "scopes": ["read", "write"], "name": "", "current": true
}] }))]
struct Items {
    /// The latest used first.
    items: Vec<Item>,
}

/// A session of a list.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedSession)]
struct Item {
    #[serde(flatten)]
    session: Session,
    /// Whether it is the one that asks.
    current: bool,
}

/// One's sessions, the latest used first.
#[utoipa::path(get, path = "/v2/sessions", tag = "sessions",
    responses((status = 200, body = Items), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Items>> {
    let here = actor.session();
    let sessions = accounts.sessions(&actor).await?;
    let item = |session: Session| Item { current: Some(session.id) == here, session };
    Ok(Json(Items { items: sessions.into_iter().map(item).collect() }))
}

/// A session for a program of one's own.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewSession, example = json!({ "name": "Backup script", "scopes": ["read"], "expires_in": 2_592_000 }))]
struct New {
    /// What its owner calls it: 1 to 32 characters.
    name: String,
    /// Names of scopes: `read`, `write`, `guilds`, `profile`, `applications`, as far as one's own session has them.
    scopes: Vec<String>,
    /// Seconds, from a minute to 366 days.
    expires_in: u64,
}

/// A session that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeSession, example = json!({
    "id": "1573306918502576130", "created": "2026-11-21T05:00:00.000000+00:00", "seen": "2026-11-21T05:00:00.000000+00:00",
    "expires": "2026-12-21T05:00:00.000000+00:00", "device": "", "address": "192.0.2.7", "class": "script",
    "scopes": ["read"], "name": "Backup script", "token": "MTU3MzMwNjkxODUwMjU3NjEyOA.Z0r4Kw.c2VjcmV0"
}))]
struct Made {
    #[serde(flatten)]
    session: Session,
    /// For `Authorization`; it is told once.
    token: String,
}

/// Makes a session for a program of one's own. Needs a sign-in from the last minutes.
#[utoipa::path(post, path = "/v2/sessions", tag = "sessions", request_body = New,
    responses((status = 201, body = Made), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn create(
    State(accounts): State<Accounts>,
    actor: Actor,
    visit: Visit,
    Json(body): Json<New>,
) -> ApiResult<(StatusCode, Json<Made>)> {
    let scopes = SessionScopes::asked(&body.scopes)?;
    let life = Duration::from_secs(body.expires_in);
    let new = NewScript { name: body.name, scopes, life };
    let (session, token) = accounts.new_script(&actor, new, &visit).await?;
    Ok((StatusCode::CREATED, Json(Made { session, token })))
}

/// Ends one of one's sessions.
#[utoipa::path(delete, path = "/v2/sessions/{session}", tag = "sessions",
    params(("session" = String, Path, description = "Its id")),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn revoke(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(session): Path<SessionId>,
) -> ApiResult<StatusCode> {
    accounts.revoke_session(&actor, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all of one's sessions but the one that asks.
#[utoipa::path(delete, path = "/v2/sessions", tag = "sessions",
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn revoke_others(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<StatusCode> {
    accounts.revoke_other_sessions(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
