//! The pages of a guild's backups: which there are, making one, bringing one, and restoring. They work without scripts;
//! how far a backup or a restore is shows on the pages of jobs.

mod restore;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, FromRef, Multipart, Path, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use futures_util::TryStreamExt as _;
use guildhall_accounts::{Accounts, Actor, Person, refuse_cross_site, viewer};
use guildhall_base::{Error, GuildId, JobId, Result};
use guildhall_infra::i18n::Language;
use guildhall_infra::jobs::{Job as _, Owner};
use guildhall_infra::pages::{Page, Reply, Site, html};
use guildhall_jobs::{Asker, Desk, NewRequest};
use serde::Deserialize;
use serde_json::json;

use crate::Backups;
use crate::backup::GuildBackup;
use crate::import::BackupImport;

#[derive(Clone)]
struct Pages {
    backups: Backups,
    desk: Desk,
    site: Site,
}

impl FromRef<Pages> for Accounts {
    fn from_ref(pages: &Pages) -> Self {
        pages.backups.0.accounts.clone()
    }
}

impl Pages {
    fn page(&self, language: Language, actor: &Actor, title: &str) -> Page {
        let title = self.site.words().text(language, title);
        self.site.page(title).read_in(language).seen_by(Some(viewer(actor)))
    }

    /// What the guild is called.
    async fn name(&self, actor: &Actor, guild: GuildId) -> Result<String> {
        let access = self.backups.0.chat.guild(actor, guild).await?;
        let name = access.room.read().guild.settings.name.clone();
        Ok(name)
    }
}

/// The routes of the pages.
pub fn page_routes(backups: Backups, desk: Desk, site: Site) -> Router {
    let routes = Router::new()
        .route("/guilds/{guild}/backups", get(list).post(make))
        .route("/guilds/{guild}/backups/{backup}/delete", post(delete))
        .route("/guilds/{guild}/backups/{backup}/restore", get(restore::blank).post(restore::sent))
        .layer(middleware::from_fn(refuse_cross_site));
    site.wrap(routes.with_state(Pages { backups, desk, site: site.clone() }))
}

/// The route by which files come, which may be larger than other bodies.
pub fn upload_routes(backups: Backups, desk: Desk, site: Site) -> Router {
    let routes = Router::new()
        .route("/guilds/{guild}/backups/upload", post(upload))
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(refuse_cross_site));
    site.wrap(routes.with_state(Pages { backups, desk, site: site.clone() }))
}

/// A backup as the page shows it.
struct Shown {
    id: JobId,
    at: String,
    brought: bool,
    over: bool,
    /// How far it is, or why it is not there.
    words: String,
    /// The file's address and size.
    link: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "backups.html")]
struct ListPage {
    page: Page,
    guild: GuildId,
    name: String,
    backups: Vec<Shown>,
}

async fn list(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
) -> Reply {
    let kept = pages.backups.list(&actor, guild).await?;
    let backups = kept.into_iter().map(|kept| {
        let at = kept.record.created_at.to_string();
        let link = kept.file.map(|(file, size)| {
            let signed = pages.desk.jobs().sign(kept.record.id, &file);
            let url = format!(
                "/v2/jobs/{}/files/{file}?expires={}&signature={}",
                kept.record.id,
                signed.expires.millis(),
                signed.signature
            );
            (url, bytes(size))
        });
        let error = kept.record.error.map(|error| error.detail);
        Shown {
            id: kept.record.id,
            at: format!("{} UTC", at.get(..16).unwrap_or(&at).replace('T', " ")),
            brought: kept.record.name == BackupImport::NAME,
            over: kept.record.state.is_final(),
            words: error.unwrap_or(kept.record.progress.words),
            link,
        }
    });
    let backups = backups.collect();
    let name = pages.name(&actor, guild).await?;
    html(&ListPage { page: pages.page(language, &actor, "backup-title"), guild, name, backups })
}

/// A size as people say it.
fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{} kB", size / 1_000),
        _ => format!("{}.{} MB", size / 1_000_000, size / 100_000 % 10),
    }
}

#[derive(Deserialize)]
struct Make {
    messages: Option<String>,
    #[serde(default)]
    passphrase: String,
}

async fn make(
    State(pages): State<Pages>,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
    Form(form): Form<Make>,
) -> Reply {
    pages.backups.administers(actor.id(), guild).await?;
    let mut payload = json!({ "guild_id": guild, "options": { "messages": form.messages.is_some() } });
    if !form.passphrase.is_empty()
        && let Some(fields) = payload.as_object_mut()
    {
        fields.insert("passphrase".into(), json!(form.passphrase));
    }
    let request = NewRequest {
        name: GuildBackup::NAME.to_owned(),
        payload: payload.to_string(),
        guild: Some(guild),
        ..NewRequest::default()
    };
    let record = pages.desk.request(&Asker::Person(actor), request).await?;
    Ok(Redirect::to(&format!("/jobs/{}", record.id)).into_response())
}

/// Takes a file. The passphrase comes before it, so that the file can be taken as it comes.
async fn upload(
    State(pages): State<Pages>,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
    mut form: Multipart,
) -> Reply {
    let broken = |_| Error::field("file", "BASE_TYPE_BAD", "The form cannot be read");
    pages.backups.administers(actor.id(), guild).await?;
    let mut passphrase = None;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("passphrase") => {
                passphrase = Some(field.text().await.map_err(broken)?).filter(|text| !text.is_empty());
            }
            Some("file") => {
                let owner = Owner { user: Some(actor.id()), guild: Some(guild) };
                let pieces = field.map_err(broken);
                let job = pages.backups.import(owner, pieces, passphrase.as_deref()).await?;
                return Ok(Redirect::to(&format!("/jobs/{job}")).into_response());
            }
            _ => {}
        }
    }
    Err(Error::field("file", "BASE_TYPE_REQUIRED", "This field is required").into())
}

async fn delete(
    State(pages): State<Pages>,
    Person(actor): Person,
    Path((guild, backup)): Path<(GuildId, JobId)>,
) -> Reply {
    pages.backups.forget(&actor, backup).await?;
    Ok(Redirect::to(&format!("/guilds/{guild}/backups")).into_response())
}
