//! A guild's tools for many at once: forms that show first how many are meant, and then start a durable job. What the
//! guild remembers of those who go is set here too. Everything works without scripts.

mod form;
mod memory;

use askama::Template;
use axum::Router;
use axum::extract::{Form, FromRef, Path, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use guildhall_accounts::{Accounts, Actor, Person, Problems, refuse_cross_site, viewer};
use guildhall_base::{Code, Error, GuildId, JobId, Kind, Permissions, Result, codes as base_codes};
use guildhall_infra::i18n::{Language, Words};
use guildhall_infra::jobs::{Job, Owner};
use guildhall_infra::pages::{Page, Reply, Site, html, html_with};
use serde_json::Value;

use self::form::Fields;
use crate::Chat;
use crate::access::GuildAccess;
use crate::jobs::{BanMany, ChangeRoles, PruneMessages};

/// What a hierarchy or a channel refuses, said at the form.
const REFUSED: Code = Code::new(
    Kind::Conflict,
    0,
    "mass_refused",
    "You may not do that with everything that is chosen: a role or a channel is beyond you.",
);

/// One tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Prune,
    Roles,
    Bans,
}

impl Tool {
    const ALL: [Self; 3] = [Self::Prune, Self::Roles, Self::Bans];

    /// As its address says it, and the keys of its texts.
    fn word(self) -> &'static str {
        match self {
            Self::Prune => "prune",
            Self::Roles => "roles",
            Self::Bans => "bans",
        }
    }

    /// The kind of its job.
    fn job(self) -> &'static str {
        match self {
            Self::Prune => PruneMessages::NAME,
            Self::Roles => ChangeRoles::NAME,
            Self::Bans => BanMany::NAME,
        }
    }

    fn needs(self) -> Permissions {
        match self {
            Self::Prune => Permissions::empty(),
            Self::Roles => Permissions::MANAGE_ROLES,
            Self::Bans => Permissions::BAN_MEMBERS,
        }
    }

    fn title(self) -> String {
        format!("mass-{}-title", self.word())
    }

    fn lead(self) -> String {
        format!("mass-{}-lead", self.word())
    }
}

#[derive(Clone)]
struct Tools {
    chat: Chat,
    site: Site,
}

impl FromRef<Tools> for Accounts {
    fn from_ref(tools: &Tools) -> Self {
        tools.chat.parts.accounts.clone()
    }
}

/// The routes of the tools.
pub fn tool_routes(chat: Chat, site: Site) -> Router {
    let routes = Router::new()
        .route("/guilds/{guild}/tools", get(index))
        .route("/guilds/{guild}/tools/memory", get(memory::show).post(memory::save))
        .route("/guilds/{guild}/tools/memory/{user}", post(memory::give_back))
        .route("/guilds/{guild}/tools/{tool}", get(blank).post(sent))
        .layer(middleware::from_fn(refuse_cross_site))
        .with_state(Tools { chat, site: site.clone() });
    site.wrap(routes)
}

/// A guild as the head of its tools shows it.
struct Head {
    id: GuildId,
    name: String,
}

/// Something that can be ticked.
struct Choice {
    id: String,
    name: String,
}

impl Tools {
    fn page(&self, title: &str, language: Language, actor: &Actor) -> Page {
        let title = self.site.words().text(language, title);
        self.site.page(title).read_in(language).seen_by(Some(viewer(actor)))
    }

    /// The guild, for those who manage it.
    async fn enter(&self, actor: &Actor, guild: GuildId, needed: Permissions) -> Result<(GuildAccess, Head)> {
        let access = self.chat.guild(actor, guild).await?;
        access.require(Permissions::MANAGE_GUILD | needed)?;
        let name = access.room.read().guild.settings.name.clone();
        Ok((access, Head { id: guild, name }))
    }
}

#[derive(Template)]
#[template(path = "tools.html")]
struct IndexPage {
    page: Page,
    guild: Head,
    tools: Vec<Tool>,
    memory: bool,
}

async fn index(
    State(tools): State<Tools>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
) -> Reply {
    let (access, guild) = tools.enter(&actor, guild, Permissions::empty()).await?;
    let may = |tool: &Tool| access.permissions.contains(tool.needs());
    html(&IndexPage {
        page: tools.page("mass-title", language, &actor),
        guild,
        tools: Tool::ALL.into_iter().filter(may).collect(),
        memory: access.permissions.contains(Permissions::MANAGE_ROLES),
    })
}

/// What would happen, to be looked at and confirmed.
struct Preview {
    /// The key of a text, and how many.
    counts: Vec<(String, u64)>,
    /// Exactly what will be done.
    payload: String,
    /// The same start sent twice starts once.
    once: String,
    /// Whether there is anything to do.
    anything: bool,
}

#[derive(Template)]
#[template(path = "tool.html")]
struct ToolPage {
    page: Page,
    guild: Head,
    tool: Tool,
    fields: Fields,
    problems: Problems,
    roles: Vec<Choice>,
    channels: Vec<Choice>,
    preview: Option<Preview>,
}

fn tool_of(word: &str) -> Result<Tool> {
    Tool::ALL.into_iter().find(|tool| tool.word() == word).ok_or_else(|| base_codes::NOT_FOUND.into())
}

async fn blank(
    State(tools): State<Tools>,
    language: Language,
    Person(actor): Person,
    Path((guild, tool)): Path<(GuildId, String)>,
) -> Reply {
    let tool = tool_of(&tool)?;
    tools.show(&actor, language, (guild, tool), Fields::default(), Ok(None)).await
}

/// Shows what would happen; what was shown and is confirmed, starts.
async fn sent(
    State(tools): State<Tools>,
    language: Language,
    Person(actor): Person,
    Path((guild, tool)): Path<(GuildId, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Reply {
    let (tool, fields) = (tool_of(&tool)?, Fields(fields));
    tools.enter(&actor, guild, tool.needs()).await?;
    if fields.text("step") == "start" {
        return match tools.start(&actor, (guild, tool), &fields).await {
            Ok(job) => Ok(Redirect::to(&format!("/jobs/{job}")).into_response()),
            Err(error) => tools.show(&actor, language, (guild, tool), Fields::default(), Err(error)).await,
        };
    }
    let preview = match fields.payload(tool) {
        Ok(payload) => tools.preview(&actor, (guild, tool), payload).await,
        Err(error) => Err(error),
    };
    tools.show(&actor, language, (guild, tool), fields, preview.map(Some)).await
}

impl Tools {
    async fn preview(
        &self,
        actor: &Actor,
        (guild, tool): (GuildId, Tool),
        payload: String,
    ) -> Result<Preview> {
        let owner = Owner { user: Some(actor.id()), guild: Some(guild) };
        let counts = self.chat.parts.jobs.preview(tool.job(), owner, &payload).await?;
        let count = |(key, value): (&String, &Value)| {
            (format!("mass-count-{}-{key}", tool.word()), value.as_u64().unwrap_or_default())
        };
        let count_of = |key: &str| counts.get(key).and_then(Value::as_u64).unwrap_or_default();
        let anything = ["messages", "changes", "strangers"].into_iter().any(|key| count_of(key) > 0)
            || (tool == Tool::Bans && count_of("members") > 0);
        Ok(Preview {
            // What is not there need not be said.
            counts: counts
                .as_object()
                .into_iter()
                .flatten()
                .map(count)
                .filter(|(_, many)| *many > 0)
                .collect(),
            payload,
            once: self.chat.parts.ids.next::<()>().to_string(),
            anything,
        })
    }

    async fn start(&self, actor: &Actor, (guild, tool): (GuildId, Tool), fields: &Fields) -> Result<JobId> {
        let payload = fields.text("payload");
        let owner = Owner { user: Some(actor.id()), guild: Some(guild) };
        let jobs = &self.chat.parts.jobs;
        let job = jobs.named(tool.job(), payload)?.user(actor.id()).guild(guild);
        jobs.admit(tool.job(), owner, payload).await?;
        let once = Some(fields.text("once").to_owned()).filter(|once| !once.is_empty() && once.len() <= 64);
        let asker = format!("user:{}", actor.id());
        Ok(jobs.request(job.limited_by(guild.to_string()).request(asker, once)).await?.id)
    }

    async fn show(
        &self,
        actor: &Actor,
        language: Language,
        (guild, tool): (GuildId, Tool),
        fields: Fields,
        preview: Result<Option<Preview>>,
    ) -> Reply {
        let (access, guild) = self.enter(actor, guild, tool.needs()).await?;
        let (preview, problems) = match preview {
            Ok(preview) => (preview, Problems::default()),
            Err(error) => (None, problems(error, self.site.words(), language)?),
        };
        let page = self.page(&tool.title(), language, actor);
        let (roles, channels) = self.choices(&access);
        let status = problems.status();
        html_with(status, &ToolPage { page, guild, tool, fields, problems, roles, channels, preview })
    }

    /// The roles that can be given, the highest first, and the channels with messages.
    fn choices(&self, access: &GuildAccess) -> (Vec<Choice>, Vec<Choice>) {
        let state = access.room.read();
        let own = |role: &crate::model::Role| role.id != access.id().cast() && !role.settings.managed;
        let roles = state.ordered_roles().into_iter().rev().filter(|role| own(role));
        let roles = roles.map(|role| Choice { id: role.id.to_string(), name: role.settings.name.clone() });
        let channels = state.ordered_channels(access.user, self.chat.now()).into_iter();
        let channels = channels.filter(|channel| channel.kind.has_messages() && !channel.kind.is_thread());
        let channels = channels.map(|channel| Choice {
            id: channel.id.to_string(),
            name: channel.settings.name.unwrap_or_default(),
        });
        (roles.collect(), channels.collect())
    }
}

/// What the person at the form can mend; what they may not do with what they chose is said there too.
fn problems(error: Error, words: &Words, language: Language) -> Result<Problems> {
    let error = match error.kind() {
        Kind::Forbidden | Kind::NotFound => REFUSED.into(),
        _ => error,
    };
    Problems::of(error, words, language)
}
