//! `/settings/data` and `/login/keep`: copies of one's data, the end of one's account, and keeping it after all.
//!
//! The secret of a mail's link is in an address once; opening it moves the secret into a cookie, and only the button on
//! the next page uses it.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guildhall_base::{Error, Timestamp};
use guildhall_infra::jobs::State;
use guildhall_infra::pages::{Page, Reply, html, html_with};

use super::second_step::go_on;
use super::security::confirm_first;
use super::{Hall, Pages, Problems, add_cookie};
use crate::actions::{Copy, Farewell};
use crate::actor::cookie;
use crate::codes::{KEEP_SPENT, STEP_UP_REQUIRED};
use crate::model::Visit;
use crate::{Accounts, Actor, COOKIE_NAME, Person};

/// The page itself.
const PATH: &str = "/settings/data";
/// The cookie with what keeps an account.
const KEEP: &str = "guildhall_keep";
/// Where it is sent.
const KEEP_PATH: &str = "/login/keep";
/// Seconds; the secret of a sign-in itself ends then too.
const LIFE: u32 = 600;

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/settings/data", get(show))
        .route("/settings/data/copy", post(copy))
        .route("/settings/data/delete", get(farewell).post(leave))
        .route("/login/keep", get(keep_form).post(keep))
        .route("/login/keep/open/{secret}", get(open))
}

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage {
    page: Page,
    problems: Problems,
    copy: Option<Copy>,
    /// Whether the next copy may be asked for.
    may_ask: bool,
}

impl DataPage {
    fn is_ready(&self) -> bool {
        self.copy.as_ref().is_some_and(|copy| copy.file.is_some())
    }

    fn is_coming(&self) -> bool {
        let active = |state: State| !matches!(state, State::Done | State::Dead | State::Cancelled);
        self.copy.as_ref().and_then(|copy| copy.state).is_some_and(active)
    }

    fn has_failed(&self) -> bool {
        let state = self.copy.as_ref().and_then(|copy| copy.state);
        matches!(state, Some(State::Dead | State::Cancelled))
    }
}

async fn show(pages: Pages, Person(actor): Person) -> Reply {
    render(&pages, &actor, Problems::default()).await
}

async fn render(pages: &Pages, actor: &Actor, problems: Problems) -> Reply {
    let copy = pages.accounts.copy(actor).await?;
    let now = pages.accounts.0.clock.now();
    let may_ask = copy.as_ref().is_none_or(|copy| copy.next <= now);
    let page = pages.page("life-title", Some(actor));
    html_with(problems.status(), &DataPage { page, problems, copy, may_ask })
}

/// Answers what was refused: where a fresh proof is needed, by asking for it.
async fn refuse(pages: &Pages, actor: &Actor, error: Error, back: &str) -> Reply {
    match error.is(STEP_UP_REQUIRED) {
        true => Ok(Redirect::to(&confirm_first(back)).into_response()),
        false => render(pages, actor, pages.problems(error)?).await,
    }
}

async fn copy(pages: Pages, Person(actor): Person) -> Reply {
    match pages.accounts.ask_for_copy(&actor).await {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(error) => refuse(&pages, &actor, error, PATH).await,
    }
}

#[derive(Template)]
#[template(path = "farewell.html")]
struct FarewellPage {
    page: Page,
    problems: Problems,
    farewell: Farewell,
    days: u64,
}

async fn farewell(pages: Pages, Person(actor): Person) -> Reply {
    // Asked for here already, so that nobody is sent away after the last button.
    match pages.accounts.require_proof(&actor).await {
        Ok(_) => show_farewell(&pages, &actor, Problems::default()).await,
        Err(error) => refuse(&pages, &actor, error, "/settings/data/delete").await,
    }
}

async fn show_farewell(pages: &Pages, actor: &Actor, problems: Problems) -> Reply {
    let farewell = pages.accounts.farewell(actor).await?;
    let days = pages.accounts.config().deletion_delay.as_secs().div_ceil(24 * 3600);
    let page = pages.page("life-delete-title", Some(actor));
    html_with(problems.status(), &FarewellPage { page, problems, farewell, days })
}

#[derive(Template)]
#[template(path = "left.html")]
struct LeftPage {
    page: Page,
    date: String,
    mail: bool,
}

async fn leave(pages: Pages, Person(actor): Person) -> Reply {
    let mail = pages.accounts.has_mail() && pages.accounts.me(&actor).await?.email.is_some();
    match pages.accounts.leave(&actor).await {
        Ok(due) => {
            let page = pages.page("life-left-title", None);
            let mut response = html(&LeftPage { page, date: date(due), mail })?;
            add_cookie(&pages.accounts, &mut response, &format!("{COOKIE_NAME}=; Max-Age=0"), "/");
            Ok(response)
        }
        Err(error) if error.is(STEP_UP_REQUIRED) => {
            refuse(&pages, &actor, error, "/settings/data/delete").await
        }
        Err(error) => show_farewell(&pages, &actor, pages.problems(error)?).await,
    }
}

/// The day, for people.
fn date(at: Timestamp) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

/// Sends a browser to the page that keeps an account.
pub(super) fn to_keep(accounts: &Accounts, secret: &str) -> Response {
    let mut response = Redirect::to(KEEP_PATH).into_response();
    // What is no secret of ours is none that a cookie can hold.
    let fits = |sign: &char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.');
    let secret: String = secret.chars().filter(fits).take(128).collect();
    add_cookie(accounts, &mut response, &format!("{KEEP}={secret}; Max-Age={LIFE}"), KEEP_PATH);
    response
}

async fn open(pages: Pages, Path(secret): Path<String>) -> Response {
    to_keep(&pages.accounts, &secret)
}

#[derive(Template)]
#[template(path = "keep.html")]
struct KeepPage {
    page: Page,
    date: String,
}

async fn keep_form(pages: Pages, headers: HeaderMap) -> Reply {
    let secret = cookie(&headers, KEEP).unwrap_or_default();
    let due = pages.accounts.leaving(&secret).await?.ok_or_else(|| Error::from(KEEP_SPENT))?;
    html(&KeepPage { page: pages.page("life-keep-title", None), date: date(due) })
}

async fn keep(pages: Pages, visit: Visit, headers: HeaderMap) -> Reply {
    let secret = cookie(&headers, KEEP).unwrap_or_default();
    let mut response = match pages.accounts.keep(&secret, &visit).await? {
        Some(outcome) => go_on(&pages.accounts, &outcome, "/channels/@me"),
        None => Redirect::to("/login").into_response(),
    };
    add_cookie(&pages.accounts, &mut response, &format!("{KEEP}=; Max-Age=0"), KEEP_PATH);
    Ok(response)
}
