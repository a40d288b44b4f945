//! `/staff/audit`: what staff did.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use guildhall_base::UserId;
use guildhall_infra::pages::{Page, Reply, html};
use serde::Deserialize;

use super::{Hall, Pages};
use crate::Person;
use crate::actions::StaffLogQuery;
use crate::staff::{StaffAction, StaffActionId};

/// Rows of a page.
const ROWS: u32 = 50;

pub(super) fn routes() -> Router<Hall> {
    Router::new().route("/staff/audit", get(show))
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    rows: Vec<Row>,
    next: Option<StaffActionId>,
}

/// An action with the names of people.
struct Row {
    action: StaffAction,
    when: String,
    actor: String,
    target: String,
}

#[derive(Deserialize)]
struct Before {
    before: Option<StaffActionId>,
    target: Option<UserId>,
}

async fn show(pages: Pages, Person(actor): Person, Query(query): Query<Before>) -> Reply {
    let Before { before, target } = query;
    let query = StaffLogQuery { before, target, actor: None, limit: Some(ROWS) };
    let actions = pages.accounts.staff_log(&actor, query).await?;
    let people: Vec<UserId> =
        actions.iter().flat_map(|action| [action.actor_id, action.target_id]).flatten().collect();
    let people = pages.accounts.users(&people).await?;
    let name = |user: Option<UserId>| match user {
        Some(user) => people.get(&user).map_or_else(|| user.to_string(), |user| user.username.clone()),
        None => "–".to_owned(),
    };
    let next = actions.last().filter(|_| actions.len() == ROWS as usize).map(|last| last.id);
    let row = |action: StaffAction| Row {
        when: action.at.to_string().get(..16).unwrap_or_default().replace('T', " "),
        actor: name(action.actor_id),
        target: name(action.target_id),
        action,
    };
    let rows = actions.into_iter().map(row).collect();
    html(&AuditPage { page: pages.page("security-audit-title", Some(&actor)), rows, next })
}
