//! `/v2/me` and `/v2/sessions`.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use guildhall_base::Error;
use guildhall_infra::http::{ApiResult, Json, Path};
use serde::{Deserialize, Serialize};

use crate::actions::NewScript;
use crate::codes::NOT_FOR_BOTS;
use crate::model::{Session, Visit};
use crate::{Accounts, Actor, SelfUser, SessionId, SessionScopes};

pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/me", get(me))
        .route("/sessions", get(list).post(create).delete(revoke_others))
        .route("/sessions/{session}", delete(revoke))
}

/// Oneself with the address: for people, not for applications that act for them.
async fn me(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<SelfUser>> {
    if actor.session().is_none() {
        return Err(Error::from(NOT_FOR_BOTS).into());
    }
    Ok(Json(accounts.me(&actor).await?))
}

#[derive(Serialize)]
struct Items {
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    #[serde(flatten)]
    session: Session,
    /// Whether it is the one that asks.
    current: bool,
}

async fn list(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Items>> {
    let here = actor.session();
    let sessions = accounts.sessions(&actor).await?;
    let item = |session: Session| Item { current: Some(session.id) == here, session };
    Ok(Json(Items { items: sessions.into_iter().map(item).collect() }))
}

#[derive(Deserialize)]
struct New {
    /// What its owner calls it.
    name: String,
    /// Names of scopes.
    scopes: Vec<String>,
    /// Seconds.
    expires_in: u64,
}

#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    session: Session,
    /// For `Authorization`; it is told once.
    token: String,
}

/// A session for a program of one's own.
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

async fn revoke(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(session): Path<SessionId>,
) -> ApiResult<StatusCode> {
    accounts.revoke_session(&actor, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All but the one that asks.
async fn revoke_others(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<StatusCode> {
    accounts.revoke_other_sessions(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
