//! `/auth/...`: sessions for programs that are no browsers, and the list of one's sessions.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use guildhall_base::{Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Path};
use serde::{Deserialize, Serialize};

use crate::actions::Registration;
use crate::model::{Session, SignedIn, Visit};
use crate::{Accounts, Actor, Leaving, SecondStep, SessionId, SignIn};

pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/auth/login", post(login))
        .route("/auth/mfa/totp", post(second_step))
        .route("/auth/register", post(register))
        .route("/auth/logout", post(logout))
        .route("/auth/sessions", get(sessions))
        .route("/auth/sessions/{session}", delete(revoke))
}

#[derive(Deserialize)]
struct Login {
    /// The unique name.
    #[serde(alias = "username")]
    login: String,
    password: String,
}

#[derive(Serialize)]
struct Token {
    user_id: UserId,
    token: String,
}

impl From<SignedIn> for Json<Token> {
    fn from(signed_in: SignedIn) -> Self {
        Self(Token { user_id: signed_in.user.id, token: signed_in.token })
    }
}

/// What a sign-in answers: a token, or, as in Discord, a ticket for the second step.
#[derive(Serialize)]
#[serde(untagged)]
enum LoginAnswer {
    Done(Token),
    SecondStep {
        user_id: UserId,
        token: Option<String>,
        mfa: bool,
        totp: bool,
        ticket: String,
    },
    /// The account waits for its deletion; `POST /v2/auth/keep` keeps it.
    Leaving {
        user_id: UserId,
        token: Option<String>,
        deleted_at: Timestamp,
        ticket: String,
    },
}

impl From<SignIn> for Json<LoginAnswer> {
    fn from(outcome: SignIn) -> Self {
        Self(match outcome {
            SignIn::Done(done) => LoginAnswer::Done(Token { user_id: done.user.id, token: done.token }),
            SignIn::SecondStep(SecondStep { user, ticket }) => {
                LoginAnswer::SecondStep { user_id: user, token: None, mfa: true, totp: true, ticket }
            }
            SignIn::Leaving(Leaving { user, due, ticket }) => {
                LoginAnswer::Leaving { user_id: user, token: None, deleted_at: due, ticket }
            }
        })
    }
}

async fn login(
    State(accounts): State<Accounts>,
    visit: Visit,
    Json(body): Json<Login>,
) -> ApiResult<Json<LoginAnswer>> {
    Ok(accounts.sign_in(&body.login, &body.password, &visit).await?.into())
}

#[derive(Deserialize)]
struct SecondStepForm {
    ticket: String,
    /// Six digits of the app, or a recovery code.
    code: String,
}

async fn second_step(
    State(accounts): State<Accounts>,
    visit: Visit,
    Json(body): Json<SecondStepForm>,
) -> ApiResult<Json<LoginAnswer>> {
    Ok(accounts.finish_second_step(&body.ticket, &body.code, &visit).await?.into())
}

async fn register(
    State(accounts): State<Accounts>,
    visit: Visit,
    Json(body): Json<Registration>,
) -> ApiResult<Json<Token>> {
    Ok(accounts.register(body, &visit).await?.into())
}

async fn logout(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<StatusCode> {
    accounts.sign_out(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sessions(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Vec<Session>>> {
    Ok(Json(accounts.sessions(&actor).await?))
}

async fn revoke(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(session): Path<SessionId>,
) -> ApiResult<StatusCode> {
    accounts.revoke_session(&actor, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
