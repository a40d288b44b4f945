//! The pages: one's own jobs and those of a guild, one job with its progress, and the queues for staff. They work
//! without scripts; with them, progress is live.

use askama::Template;
use axum::Router;
use axum::extract::{Form, FromRef, Path, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use guildhall_accounts::codes::MISSING_RIGHTS;
use guildhall_accounts::{Accounts, Actor, Person, refuse_cross_site, viewer};
use guildhall_base::{GuildId, JobId, Timestamp, UserId};
use guildhall_infra::i18n::Language;
use guildhall_infra::jobs::{Failure, Filter, Progress, QueueState, Record, State as Standing};
use guildhall_infra::pages::{Page, Reply, Site, html};
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::{Asker, Desk, Wanted};

/// The module that keeps progress current, for [`guildhall_infra::pages::AssetsBuilder::folder`].
#[derive(RustEmbed)]
#[folder = "assets/"]
pub struct Files;

#[derive(Clone)]
struct Pages {
    desk: Desk,
    site: Site,
}

impl FromRef<Pages> for Accounts {
    fn from_ref(pages: &Pages) -> Self {
        Self::from_ref(&pages.desk)
    }
}

impl Pages {
    fn page(&self, title: &str, language: Language, actor: &Actor) -> Page {
        let title = self.site.words().text(language, title);
        self.site.page(title).read_in(language).seen_by(Some(viewer(actor)))
    }
}

/// The routes of the pages.
pub fn page_routes(desk: Desk, site: Site) -> Router {
    let routes = Router::new()
        .route("/jobs", get(own))
        .route("/jobs/guild/{guild}", get(of_guild))
        .route("/jobs/{id}", get(one))
        .route("/jobs/{id}/cancel", post(cancel))
        .route("/jobs/{id}/retry", post(retry))
        .route("/jobs/{id}/undo", post(undo))
        .route("/staff/jobs", get(staff))
        .route("/staff/jobs/queues/{queue}", post(pause))
        .layer(middleware::from_fn(refuse_cross_site));
    site.wrap(routes.with_state(Pages { desk, site: site.clone() }))
}

/// A job as pages show it.
struct Shown {
    id: JobId,
    name: String,
    state: Standing,
    progress: Progress,
    cancelling: bool,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    /// The person it belongs to, for staff.
    user: Option<UserId>,
    /// What went wrong, for whoever sees the job; the cause only for staff.
    error: Option<Failure>,
}

impl Shown {
    fn new(record: Record, staff: bool) -> Self {
        let error = record.error.filter(|_| record.state != Standing::Done);
        Self {
            id: record.id,
            name: record.name,
            state: record.state,
            progress: record.progress,
            cancelling: record.cancel && !record.state.is_final(),
            created_at: record.created_at,
            started_at: record.started_at,
            user: record.owner.user.filter(|_| staff),
            error: error.map(|error| Failure { cause: error.cause.filter(|_| staff), ..error }),
        }
    }

    fn is_active(&self) -> bool {
        !self.state.is_final()
    }

    fn may_retry(&self) -> bool {
        matches!(self.state, Standing::Dead | Standing::Cancelled)
    }

    /// What it is at, as the reader says it.
    fn words(&self, page: &Page) -> String {
        self.progress.words.said_in(page.site.words(), page.language)
    }

    /// Why it failed, as the reader says it.
    fn why(&self, page: &Page) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(page.site.words().failure(page.language, &error.code, &error.detail))
    }

    /// What was behind that, for staff.
    fn cause(&self) -> Option<&str> {
        self.error.as_ref()?.cause.as_deref()
    }

    /// What it is called: by the text of its kind, where one is written.
    fn title(&self, page: &Page) -> String {
        let key = format!("jobs-kind-{}", self.name.replace(['.', '_'], "-"));
        page.site.words().find(page.language, &key, &[]).unwrap_or_else(|| self.name.clone())
    }

    /// The text of its state.
    fn word(&self) -> String {
        format!("jobs-state-{}", self.state.as_str())
    }

    /// The time to the second, as everywhere in UTC.
    fn since(&self) -> String {
        self.created_at.to_string().chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect()
    }
}

#[derive(Template)]
#[template(path = "jobs.html")]
struct ListPage {
    page: Page,
    jobs: Vec<Shown>,
    staff: bool,
}

async fn own(State(pages): State<Pages>, language: Language, Person(actor): Person) -> Reply {
    let asker = Asker::Person(actor.clone());
    let wanted = Wanted { user: Some(actor.id()), limit: 50, ..Wanted::default() };
    show_list(&pages, language, &actor, pages.desk.list(&asker, wanted).await?).await
}

async fn of_guild(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
) -> Reply {
    let asker = Asker::Person(actor.clone());
    let wanted = Wanted { guild: Some(guild), limit: 50, ..Wanted::default() };
    show_list(&pages, language, &actor, pages.desk.list(&asker, wanted).await?).await
}

async fn show_list(pages: &Pages, language: Language, actor: &Actor, jobs: Vec<Record>) -> Reply {
    let page = pages.page("jobs-title", language, actor);
    let staff = pages.desk.looks_after(&Asker::Person(actor.clone())).await?;
    let jobs = jobs.into_iter().map(|record| Shown::new(record, staff)).collect();
    html(&ListPage { page, jobs, staff })
}

/// A file that can be fetched.
struct Download {
    name: String,
    size: u64,
    url: String,
}

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    page: Page,
    job: Shown,
    /// When, and what.
    lines: Vec<(Timestamp, String)>,
    files: Vec<Download>,
    /// Whether it can be undone.
    may_undo: bool,
    /// The job that undid it.
    undone_by: Option<JobId>,
}

async fn one(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(id): Path<JobId>,
) -> Reply {
    let asker = Asker::Person(actor.clone());
    let record = pages.desk.job(&asker, id).await?;
    let staff = pages.desk.looks_after(&asker).await?;
    let lines = pages.desk.jobs().lines(id, 200).await?.into_iter();
    let lines = lines.map(|said| (said.at, said.words.said_in(pages.site.words(), language))).collect();
    let mut files = Vec::new();
    let made = match pages.desk.files(&asker, id).await {
        // Who looks after jobs does not read what is in them.
        Err(error) if error.is(MISSING_RIGHTS) => Vec::new(),
        other => other?,
    };
    for file in made {
        let (url, _) = pages.desk.link(id, &file.name);
        files.push(Download { name: file.name, size: file.size, url });
    }
    let page = pages.page("jobs-title", language, &actor);
    let undone_by = pages.desk.jobs().undone_by(id).await?;
    let may_undo = undone_by.is_none() && record.state.is_final() && record.runs > 0 && {
        let kinds = pages.desk.jobs().kinds();
        kinds.iter().any(|about| about.name == record.name && about.rules.undo.is_some())
    };
    html(&JobPage { page, job: Shown::new(record, staff), lines, files, may_undo, undone_by })
}

async fn undo(State(pages): State<Pages>, Person(actor): Person, Path(id): Path<JobId>) -> Reply {
    let undoing = pages.desk.undo(&Asker::Person(actor), id).await?;
    Ok(Redirect::to(&format!("/jobs/{}", undoing.id)).into_response())
}

async fn cancel(State(pages): State<Pages>, Person(actor): Person, Path(id): Path<JobId>) -> Reply {
    pages.desk.cancel(&Asker::Person(actor), id).await?;
    Ok(Redirect::to(&format!("/jobs/{id}")).into_response())
}

async fn retry(State(pages): State<Pages>, Person(actor): Person, Path(id): Path<JobId>) -> Reply {
    pages.desk.retry(&Asker::Person(actor), id).await?;
    Ok(Redirect::to(&format!("/jobs/{id}")).into_response())
}

#[derive(Template)]
#[template(path = "staff_jobs.html")]
struct StaffPage {
    page: Page,
    queues: Vec<QueueState>,
    failed: Vec<Shown>,
    running: Vec<Shown>,
}

async fn staff(State(pages): State<Pages>, language: Language, Person(actor): Person) -> Reply {
    let queues = pages.desk.queues(&Asker::Person(actor.clone())).await?;
    let mut lists = Vec::new();
    for state in [Standing::Dead, Standing::Running] {
        let filter = Filter { state: Some(state), ..Filter::default() };
        let records = pages.desk.jobs().list(&filter, 50).await?;
        lists.push(records.into_iter().map(|record| Shown::new(record, true)).collect::<Vec<_>>());
    }
    let (running, failed) = (lists.pop().unwrap_or_default(), lists.pop().unwrap_or_default());
    html(&StaffPage { page: pages.page("jobs-queues", language, &actor), queues, failed, running })
}

#[derive(Deserialize)]
struct Pause {
    paused: bool,
}

async fn pause(
    State(pages): State<Pages>,
    Person(actor): Person,
    Path(queue): Path<String>,
    Form(form): Form<Pause>,
) -> Reply {
    pages.desk.pause(&Asker::Person(actor), &queue, form.paused).await?;
    Ok(Redirect::to("/staff/jobs").into_response())
}
