//! `/login/second`: the second step of a sign-in. Its ticket travels in a cookie, never in an address.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use guildhall_base::UserId;
use guildhall_infra::pages::{Page, Reply, html_with};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::data::to_keep;
use super::{Hall, Pages, Problems, add_cookie, local_path, welcome};
use crate::actor::cookie;
use crate::codes::TICKET_SPENT;
use crate::model::Visit;
use crate::{Accounts, SignIn};

/// The cookie that carries a sign-in that waits for its second step.
pub(super) const TICKET_COOKIE: &str = "guildhall_second_step";
/// Where it is sent.
const PATH: &str = "/login/second";
/// Seconds; the ticket itself ends then too.
const LIFE: u32 = 600;

pub(super) fn routes() -> Router<Hall> {
    Router::new().route("/login/second", get(show).post(finish))
}

/// Sends a browser on after a sign-in: with its session, to the second step, or to what keeps the account.
pub(super) fn go_on(accounts: &Accounts, outcome: &SignIn, next: &str) -> Response {
    match outcome {
        SignIn::Done(signed_in) => welcome(accounts, signed_in, next),
        SignIn::SecondStep(step) => {
            let next = utf8_percent_encode(next, NON_ALPHANUMERIC);
            let mut response = Redirect::to(&format!("{PATH}?next={next}")).into_response();
            let pair = format!("{TICKET_COOKIE}={}; Max-Age={LIFE}", step.ticket);
            add_cookie(accounts, &mut response, &pair, PATH);
            response
        }
        SignIn::Leaving(leaving) => to_keep(accounts, &leaving.ticket),
    }
}

#[derive(Template)]
#[template(path = "second_step.html")]
struct SecondStepPage {
    page: Page,
    problems: Problems,
    /// Whether the person has a passkey to use instead.
    passkeys: bool,
    next: String,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn show(pages: Pages, headers: HeaderMap, Query(Next { next }): Query<Next>) -> Reply {
    let ticket = cookie(&headers, TICKET_COOKIE).unwrap_or_default();
    let Some(user) = pages.accounts.second_step_of(&ticket).await? else { return Ok(again(&next)) };
    render(&pages, user, Problems::default(), next).await
}

#[derive(Deserialize)]
struct CodeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

async fn finish(pages: Pages, visit: Visit, headers: HeaderMap, Form(form): Form<CodeForm>) -> Reply {
    let ticket = cookie(&headers, TICKET_COOKIE).unwrap_or_default();
    match pages.accounts.finish_second_step(&ticket, &form.code, &visit).await {
        Ok(signed_in) => {
            let mut response = go_on(&pages.accounts, &signed_in, local_path(&form.next));
            add_cookie(&pages.accounts, &mut response, &format!("{TICKET_COOKIE}=; Max-Age=0"), PATH);
            Ok(response)
        }
        Err(error) if error.is(TICKET_SPENT) => Ok(again(&form.next)),
        Err(error) => match pages.accounts.second_step_of(&ticket).await? {
            Some(user) => render(&pages, user, pages.problems(error)?, form.next).await,
            None => Ok(again(&form.next)),
        },
    }
}

/// Back to the beginning.
fn again(next: &str) -> Response {
    let next = utf8_percent_encode(local_path(next), NON_ALPHANUMERIC);
    Redirect::to(&format!("/login?next={next}")).into_response()
}

async fn render(pages: &Pages, user: UserId, problems: Problems, next: String) -> Reply {
    let page = pages.page("security-second-title", None);
    let passkeys = pages.accounts.has_passkey(user).await?;
    html_with(problems.status(), &SecondStepPage { page, problems, passkeys, next })
}
