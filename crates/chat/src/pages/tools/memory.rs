//! What a guild remembers of those who go: its settings, of whom it remembers something, and giving that back by hand.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect};
use guildhall_accounts::{Actor, Person, Problems};
use guildhall_base::{Error, GuildId, Permissions, Result, UserId};
use guildhall_infra::i18n::Language;
use guildhall_infra::jobs::{Job, NewJob, Owner};
use guildhall_infra::pages::{Page, Reply, html_with};

use super::form::Fields;
use super::{Head, Tools};
use crate::jobs::GiveBackJob;
use crate::model::{GiveBack, RememberSettings};

/// Somebody of whom something is remembered.
struct Shown {
    id: UserId,
    name: String,
    roles: String,
    nick: Option<String>,
    left: String,
    back: bool,
}

#[derive(Template)]
#[template(path = "tool_memory.html")]
struct MemoryPage {
    page: Page,
    guild: Head,
    settings: RememberSettings,
    problems: Problems,
    saved: bool,
    people: Vec<Shown>,
}

pub(super) async fn show(
    State(tools): State<Tools>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
) -> Reply {
    let settings = tools.chat.memory(&actor, guild).await?;
    tools.show_memory(&actor, language, guild, settings, (Problems::default(), false)).await
}

pub(super) async fn save(
    State(tools): State<Tools>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Reply {
    let fields = Fields(fields);
    let settings = RememberSettings {
        enabled: fields.ticked("enabled"),
        days: fields.text("days").parse().unwrap_or(0),
        kicked: fields.ticked("kicked"),
        banned: fields.ticked("banned"),
        dangerous: fields.ticked("dangerous"),
    };
    let outcome = match tools.chat.set_memory(&actor, guild, &settings).await {
        Ok(()) => (Problems::default(), true),
        Err(error) => (Problems::of(error, tools.site.words(), language)?, false),
    };
    tools.show_memory(&actor, language, guild, settings, outcome).await
}

/// Starts the job that gives somebody back what is remembered.
pub(super) async fn give_back(
    State(tools): State<Tools>,
    Person(actor): Person,
    Path((guild, user)): Path<(GuildId, UserId)>,
) -> Reply {
    let (give, owner) = (GiveBack { user }, Owner { user: Some(actor.id()), guild: Some(guild) });
    let payload = serde_json::to_string(&give).map_err(Error::internal)?;
    let jobs = &tools.chat.parts.jobs;
    jobs.admit(GiveBackJob::NAME, owner, &payload).await?;
    let job = NewJob::of::<GiveBackJob>(&give).user(actor.id()).guild(guild);
    let id = jobs.enqueue_now(job).await?;
    Ok(Redirect::to(&format!("/jobs/{id}")).into_response())
}

impl Tools {
    async fn show_memory(
        &self,
        actor: &Actor,
        language: Language,
        guild: GuildId,
        settings: RememberSettings,
        (problems, saved): (Problems, bool),
    ) -> Reply {
        let (_, head) = self.enter(actor, guild, Permissions::MANAGE_ROLES).await?;
        let people = self.people(actor, guild).await?;
        let page = self.page("mass-memory-title", language, actor);
        let status = problems.status();
        html_with(status, &MemoryPage { page, guild: head, settings, problems, saved, people })
    }

    async fn people(&self, actor: &Actor, guild: GuildId) -> Result<Vec<Shown>> {
        let remembered = self.chat.remembered(actor, guild).await?;
        let ids: Vec<_> = remembered.iter().map(|(departed, _)| departed.user).collect();
        let users = self.chat.parts.accounts.users(&ids).await?;
        let access = self.chat.guild(actor, guild).await?;
        let state = access.room.read();
        let shown = remembered.into_iter().map(|(departed, back)| {
            let roles = departed.roles.iter().filter_map(|role| state.roles.get(role));
            let roles: Vec<_> = roles.map(|role| role.settings.name.as_str()).collect();
            let name = users.get(&departed.user).map(|user| user.username.clone());
            Shown {
                id: departed.user,
                name: name.unwrap_or_else(|| departed.user.to_string()),
                roles: roles.join(", "),
                nick: departed.nick,
                left: departed.left_at.to_string().chars().take(10).collect(),
                back,
            }
        });
        Ok(shown.collect())
    }
}
