//! `/settings/programs`: sessions for one's own programs, each with a name, some scopes and an end.

use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use guildhall_base::Error;
use guildhall_infra::pages::{Page, Reply, html, html_with};

use super::security::confirm_first;
use super::{Hall, Pages, Problems};
use crate::actions::NewScript;
use crate::codes::STEP_UP_REQUIRED;
use crate::model::{Session, SessionClass, Visit};
use crate::{Actor, Person, SessionScopes};

const PATH: &str = "/settings/programs";
/// From which lives one chooses, in days.
const DAYS: [u64; 4] = [1, 30, 90, 365];

/// The scopes that programs may have, each with the key of its text.
const TEXTS: [(&str, &str); 5] = [
    ("read", "accounts-scope-read"),
    ("write", "accounts-scope-write"),
    ("guilds", "accounts-scope-guilds"),
    ("profile", "accounts-scope-profile"),
    ("applications", "accounts-scope-applications"),
];

pub(super) fn routes() -> Router<Hall> {
    Router::new().route("/settings/programs", get(show).post(create))
}

#[derive(Template)]
#[template(path = "programs.html")]
struct ProgramsPage {
    page: Page,
    problems: Problems,
    sessions: Vec<Session>,
    /// Each scope that may be given: its name, the key of its text, whether it is chosen.
    scopes: Vec<(&'static str, &'static str, bool)>,
    days: [(u64, bool); DAYS.len()],
    name: String,
}

#[derive(Template)]
#[template(path = "program_token.html")]
struct TokenPage {
    page: Page,
    name: String,
    token: String,
}

/// What the form sent: a field for each scope, its name beginning with `scope-`.
#[derive(Default)]
struct Sent {
    name: String,
    days: u64,
    scopes: Vec<String>,
}

impl Sent {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut sent = Self { days: 30, ..Self::default() };
        for (name, value) in pairs {
            match name.as_str() {
                "name" => sent.name = value,
                "days" => sent.days = value.parse().unwrap_or_default(),
                name => sent.scopes.extend(name.strip_prefix("scope-").map(str::to_owned)),
            }
        }
        sent
    }
}

async fn show(pages: Pages, Person(actor): Person) -> Reply {
    let sent = Sent { days: 30, scopes: vec!["read".to_owned()], ..Sent::default() };
    render(&pages, &actor, sent, Problems::default()).await
}

async fn render(pages: &Pages, actor: &Actor, sent: Sent, problems: Problems) -> Reply {
    let allowed = pages.accounts.scopes_for_programs(actor).names();
    let chosen = |name: &str| sent.scopes.iter().any(|one| one == name);
    let offered = TEXTS.iter().filter(|(name, _)| allowed.contains(name));
    let mut sessions = pages.accounts.sessions(actor).await?;
    sessions.retain(|session| session.class == SessionClass::Script);
    let page = ProgramsPage {
        page: pages.page("accounts-programs", Some(actor)),
        sessions,
        scopes: offered.map(|(name, text)| (*name, *text, chosen(name))).collect(),
        days: DAYS.map(|days| (days, days == sent.days)),
        name: sent.name,
        problems,
    };
    html_with(page.problems.status(), &page)
}

async fn create(
    pages: Pages,
    Person(actor): Person,
    visit: Visit,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Reply {
    let sent = Sent::read(pairs);
    match try_create(&pages, &actor, &sent, &visit).await {
        Ok((session, token)) => {
            let page = pages.page("accounts-program-made", Some(&actor));
            html(&TokenPage { page, name: session.name, token })
        }
        Err(error) if error.is(STEP_UP_REQUIRED) => Ok(Redirect::to(&confirm_first(PATH)).into_response()),
        Err(error) => {
            let problems = pages.problems(error)?;
            render(&pages, &actor, sent, problems).await
        }
    }
}

async fn try_create(
    pages: &Pages,
    actor: &Actor,
    sent: &Sent,
    visit: &Visit,
) -> Result<(Session, String), Error> {
    let scopes = SessionScopes::asked(&sent.scopes)?;
    let life = Duration::from_secs(sent.days.saturating_mul(24 * 3600));
    let new = NewScript { name: sent.name.clone(), scopes, life };
    pages.accounts.new_script(actor, new, visit).await
}
