//! The pages of a guild's backups: which there are, making one, bringing one, and restoring. They work without scripts;
//! how far a backup or a restore is shows on the pages of jobs.

mod restore;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, FromRef, Multipart, Path, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use futures_util::TryStreamExt as _;
use guildhall_accounts::{Accounts, Actor, Person, refuse_cross_site, viewer};
use guildhall_base::{Error, GuildId, JobId, Kind, Result};
use guildhall_infra::i18n::Language;
use guildhall_infra::jobs::{Job as _, Owner};
use guildhall_infra::pages::{Page, Reply, Site, html};
use guildhall_jobs::{Asker, Desk, NewRequest};
use serde::Deserialize;
use serde_json::json;

use crate::Backups;
use crate::actions::Kept;
use crate::backup::{Allowance, GuildBackup, Options};
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
    /// Where it stands, or why it is not there.
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
    /// Why what was sent is not done.
    problem: Option<String>,
    backups: Vec<Shown>,
    /// The fewest and the most messages of a channel that may be asked for.
    per_channel: (u32, u32),
}

async fn list(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
) -> Reply {
    pages.list_page(language, &actor, guild, None).await
}

impl Pages {
    async fn list_page(
        &self,
        language: Language,
        actor: &Actor,
        guild: GuildId,
        problem: Option<String>,
    ) -> Reply {
        let kept = self.backups.list(actor, guild).await?;
        let backups = kept.into_iter().map(|kept| self.shown_backup(language, kept)).collect();
        let name = self.name(actor, guild).await?;
        let page = self.page(language, actor, "backup-title");
        let Allowance { least_per_channel, messages, .. } = self.backups.0.allowance;
        html(&ListPage { page, guild, name, problem, backups, per_channel: (least_per_channel, messages) })
    }

    fn shown_backup(&self, language: Language, Kept { record, file }: Kept) -> Shown {
        let at = record.created_at.to_string();
        let words = self.site.words();
        let link = file.map(|(file, size)| {
            let signed = self.desk.jobs().sign(record.id, &file);
            let (expires, signature) = (signed.expires.millis(), signed.signature);
            let url = format!("/v2/jobs/{}/files/{file}?expires={expires}&signature={signature}", record.id);
            (url, bytes(size))
        });
        let error = record.error.as_ref().filter(|_| record.state.is_final());
        let words = match error {
            Some(error) => words.failure(language, &error.code, &error.detail),
            None => words.text(language, &format!("jobs-state-{}", record.state.as_str())),
        };
        Shown {
            id: record.id,
            at: format!("{} UTC", at.get(..16).unwrap_or(&at).replace('T', " ")),
            brought: record.name == BackupImport::NAME,
            over: record.state.is_final(),
            words,
            link,
        }
    }
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
    attachments: Option<String>,
    members: Option<String>,
    bans: Option<String>,
    /// Empty for the installation's default.
    #[serde(default)]
    per_channel: String,
    #[serde(default)]
    passphrase: String,
}

impl Make {
    fn options(&self) -> Options {
        Options {
            messages: self.messages.is_some(),
            attachments: self.attachments.is_some(),
            members: self.members.is_some(),
            bans: self.bans.is_some(),
            per_channel: self.per_channel.parse().ok(),
            ..Options::default()
        }
    }
}

async fn make(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
    Form(form): Form<Make>,
) -> Reply {
    pages.backups.administers(actor.id(), guild).await?;
    let mut payload = json!({ "guild_id": guild, "options": form.options() });
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
    let record = match pages.desk.request(&Asker::Person(actor.clone()), request).await {
        Err(error) if error.kind() == Kind::Invalid => {
            let problem = Some(pages.site.explain(language, &error));
            let page = pages.list_page(language, &actor, guild, problem).await?;
            return Ok((StatusCode::BAD_REQUEST, page).into_response());
        }
        record => record?,
    };
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
