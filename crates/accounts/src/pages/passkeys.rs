//! The ceremonies of passkeys, for the script beside the pages: JSON both ways. What goes well answers where to go
//! next; what needs a fresh proof first answers where to give it.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use guildhall_base::{Error, Result};
use guildhall_infra::http::{ApiError, Json};
use serde::Deserialize;
use serde_json::json;

use super::second_step::{TICKET_COOKIE, go_on};
use super::security::confirm_first;
use super::{Hall, Pages, local_path};
use crate::Person;
use crate::actor::cookie;
use crate::codes::STEP_UP_REQUIRED;
use crate::model::Visit;
use crate::passkey::CeremonyAnswer;

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/login/passkey/begin", post(begin_sign_in))
        .route("/login/passkey", post(sign_in))
        .route("/login/second/passkey/begin", post(begin_step))
        .route("/login/second/passkey", post(finish_step))
        .route("/settings/security/confirm/passkey/begin", post(begin_proof))
        .route("/settings/security/confirm/passkey", post(prove))
        .route("/settings/security/passkeys/begin", post(begin_passkey))
        .route("/settings/security/passkeys", post(add_passkey))
}

#[derive(Deserialize)]
struct Body {
    #[serde(flatten)]
    answer: CeremonyAnswer,
    /// Where to go afterwards.
    #[serde(default)]
    next: String,
    /// What a new passkey is called.
    #[serde(default)]
    name: String,
}

/// What the script reads: JSON with a status.
type Answer = Response;

fn answer<T: serde::Serialize>(result: Result<T>) -> Answer {
    match result {
        Ok(body) => Json(body).into_response(),
        Err(error) if error.is(STEP_UP_REQUIRED) => {
            let location = confirm_first("/settings/security");
            let body = json!({ "message": error.detail, "code": error.code.number, "location": location });
            (StatusCode::FORBIDDEN, Json(body)).into_response()
        }
        Err(error) => ApiError(error).into_response(),
    }
}

fn go(next: &str) -> serde_json::Value {
    json!({ "location": next })
}

/// What a form would be answered, for a script: the same cookies, and the address in JSON.
fn for_script(redirect: &Response) -> Answer {
    let location = redirect.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let mut response = Json(go(location.unwrap_or("/"))).into_response();
    for cookie in redirect.headers().get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}

async fn begin_sign_in(pages: Pages) -> Answer {
    answer(pages.accounts.begin_passkey_sign_in().await)
}

async fn sign_in(pages: Pages, visit: Visit, Json(body): Json<Body>) -> Answer {
    match pages.accounts.sign_in_by_passkey(body.answer, &visit).await {
        Ok(outcome) => for_script(&go_on(&pages.accounts, &outcome, local_path(&body.next))),
        Err(error) => answer::<()>(Err(error)),
    }
}

fn ticket(headers: &HeaderMap) -> String {
    cookie(headers, TICKET_COOKIE).unwrap_or_default()
}

async fn begin_step(pages: Pages, headers: HeaderMap) -> Answer {
    answer(pages.accounts.begin_passkey_step(&ticket(&headers)).await)
}

async fn finish_step(pages: Pages, visit: Visit, headers: HeaderMap, Json(body): Json<Body>) -> Answer {
    match pages.accounts.finish_passkey_step(&ticket(&headers), body.answer, &visit).await {
        Ok(done) => for_script(&go_on(&pages.accounts, &done, local_path(&body.next))),
        Err(error) => answer::<()>(Err(error)),
    }
}

async fn begin_proof(pages: Pages, Person(actor): Person) -> Answer {
    answer(pages.accounts.begin_passkey_proof(&actor).await)
}

async fn prove(pages: Pages, Person(actor): Person, Json(body): Json<Body>) -> Answer {
    let proved = pages.accounts.prove_by_passkey(&actor, body.answer).await;
    answer(proved.map(|()| go(local_path(&body.next))))
}

async fn begin_passkey(pages: Pages, Person(actor): Person) -> Answer {
    answer(pages.accounts.begin_passkey(&actor).await)
}

async fn add_passkey(pages: Pages, Person(actor): Person, Json(body): Json<Body>) -> Answer {
    let added: Result<_, Error> = pages.accounts.add_passkey(&actor, &body.name, body.answer).await;
    answer(added.map(|_| go("/settings/security?done=passkey")))
}
