//! `/staff/users`: people, for staff: finding them, their state, ranks and sessions.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use guildhall_base::{Result, UserId};
use guildhall_infra::pages::{Page, Reply, html, html_with};
use serde::Deserialize;

use super::security::confirm_first;
use super::{Hall, Pages, Problems};
use crate::actions::{FOUND, StaffView};
use crate::codes::STEP_UP_REQUIRED;
use crate::model::Account;
use crate::staff::UserState;
use crate::{Actor, Person};

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/staff/users", get(list))
        .route("/staff/users/{user}", get(show))
        .route("/staff/users/{user}/state", post(set_state))
        .route("/staff/users/{user}/sessions", post(end_sessions))
        .route("/staff/users/{user}/ranks/give", post(give))
        .route("/staff/users/{user}/ranks/take", post(take))
}

/// The text of a state.
fn state_text(state: UserState) -> &'static str {
    match state {
        UserState::Normal => "security-staff-normal",
        UserState::Banned => "security-staff-banned",
        UserState::EditBan => "security-staff-edit-ban",
        UserState::ApiBan => "security-staff-api-ban",
    }
}

#[derive(Template)]
#[template(path = "staff_users.html")]
struct UsersPage {
    page: Page,
    q: String,
    people: Vec<Account>,
    /// Where the next page begins.
    next: Option<UserId>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
    before: Option<UserId>,
}

async fn list(pages: Pages, Person(actor): Person, Query(search): Query<Search>) -> Reply {
    let Search { q, before } = search;
    let mut people = pages.accounts.find_people(&actor, &q, before).await?;
    let more = people.len() > FOUND;
    people.truncate(FOUND);
    let next = people.last().filter(|_| more).map(|last| last.user.id);
    html(&UsersPage { page: pages.page("security-staff-people", Some(&actor)), q, people, next })
}

#[derive(Template)]
#[template(path = "staff_user.html")]
struct UserPage {
    page: Page,
    problems: Problems,
    done: bool,
    view: StaffView,
    since: String,
    reason: String,
    states: [UserState; 4],
}

#[derive(Deserialize)]
struct Done {
    done: Option<String>,
}

async fn show(
    pages: Pages,
    Person(actor): Person,
    Path(user): Path<UserId>,
    Query(query): Query<Done>,
) -> Reply {
    render(&pages, &actor, user, query.done.is_some(), (Problems::default(), String::new())).await
}

async fn render(
    pages: &Pages,
    actor: &Actor,
    user: UserId,
    done: bool,
    (problems, reason): (Problems, String),
) -> Reply {
    let view = pages.accounts.staff_view(actor, user).await?;
    let mut page = pages.page("security-staff-people", Some(actor));
    page.title = view.account.user.display_name().to_owned();
    let since = user.created_at().to_string().get(..10).unwrap_or_default().to_owned();
    let states = [UserState::Normal, UserState::EditBan, UserState::ApiBan, UserState::Banned];
    html_with(problems.status(), &UserPage { page, problems, done, view, since, reason, states })
}

/// The one form of the page; which button was pressed is in the address.
#[derive(Deserialize)]
struct Act {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    state: UserState,
    #[serde(default)]
    rank: String,
}

async fn set_state(
    pages: Pages,
    Person(actor): Person,
    Path(user): Path<UserId>,
    Form(act): Form<Act>,
) -> Reply {
    let outcome = pages.accounts.set_state(&actor, user, act.state, &act.reason).await;
    answer(&pages, &actor, user, act, outcome).await
}

async fn end_sessions(
    pages: Pages,
    Person(actor): Person,
    Path(user): Path<UserId>,
    Form(act): Form<Act>,
) -> Reply {
    let outcome = pages.accounts.end_sessions_of(&actor, user, &act.reason).await;
    answer(&pages, &actor, user, act, outcome).await
}

async fn give(pages: Pages, Person(actor): Person, Path(user): Path<UserId>, Form(act): Form<Act>) -> Reply {
    let outcome = pages.accounts.grant_rank(&actor, user, &act.rank, &act.reason).await;
    answer(&pages, &actor, user, act, outcome).await
}

async fn take(pages: Pages, Person(actor): Person, Path(user): Path<UserId>, Form(act): Form<Act>) -> Reply {
    let outcome = pages.accounts.revoke_rank(&actor, user, &act.rank, &act.reason).await;
    answer(&pages, &actor, user, act, outcome).await
}

/// Back to the page: by way of a fresh proof where one is needed, with the complaints where there are some. Who is no
/// staff learns nothing from a refusal.
async fn answer(pages: &Pages, actor: &Actor, user: UserId, act: Act, outcome: Result<()>) -> Reply {
    let path = format!("/staff/users/{user}");
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("{path}?done=1")).into_response()),
        Err(error) if error.is(STEP_UP_REQUIRED) => Ok(Redirect::to(&confirm_first(&path)).into_response()),
        Err(error) => {
            pages.accounts.staff_view(actor, user).await?;
            render(pages, actor, user, false, (pages.problems(error)?, act.reason)).await
        }
    }
}
