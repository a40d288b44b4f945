//! `/oauth2/authorize?client_id=...&scope=bot&permissions=...`: the link by which a bot is added to a guild, as
//! libraries and bot lists print it (<https://discord.com/developers/docs/topics/oauth2#bot-authorization-flow>).
//! Works without scripts.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::middleware;
use axum::routing::get;
use guildhall_accounts::{Actor, Person, Problems, User, refuse_cross_site, viewer};
use guildhall_base::{ApplicationId, Code, Error, GuildId, Kind, Permissions, Result};
use guildhall_infra::pages::{Page, Reply, html_with};
use guildhall_oauth::Application;
use serde::Deserialize;

use super::Pages;
use crate::codes;

/// An address that asks for something else than this page can do.
const BAD_ADDRESS: Code = Code::new(Kind::Invalid, 0, "bad_authorization", "This link is not complete.");

/// What is asked for besides the bot itself and matters to no one here: commands come with every bot.
const HARMLESS: [&str; 1] = ["applications.commands"];

pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route("/oauth2/authorize", get(show).post(authorize))
        .layer(middleware::from_fn(refuse_cross_site))
}

/// What the address, or the form that came of it, says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Wish {
    client_id: String,
    scope: Option<String>,
    permissions: String,
    guild_id: String,
    disable_guild_select: String,
}

impl Wish {
    fn application(&self) -> Result<ApplicationId> {
        let id = self.client_id.trim().parse();
        id.map_err(|_| BAD_ADDRESS.because("This link does not say which bot is to be added."))
    }

    /// Refuses what is not about a bot.
    fn check_scope(&self) -> Result<()> {
        let scopes: Vec<_> = self.scope.as_deref().unwrap_or("bot").split_whitespace().collect();
        if !scopes.contains(&"bot") {
            return Err(BAD_ADDRESS.because("This link asks for something else than adding a bot."));
        }
        match scopes.iter().find(|scope| **scope != "bot" && !HARMLESS.contains(scope)) {
            Some(_) => Err(BAD_ADDRESS.because("Together with a bot nothing else can be allowed here.")),
            None => Ok(()),
        }
    }

    fn permissions(&self) -> Result<Permissions> {
        let text = self.permissions.trim();
        let bits = if text.is_empty() { Ok(0) } else { text.parse() };
        let bits: u64 =
            bits.map_err(|_| BAD_ADDRESS.because("The permissions in this link are no number."))?;
        Ok(Permissions::from_bits_truncate(bits))
    }

    fn guild(&self) -> Option<GuildId> {
        self.guild_id.parse().ok()
    }
}

/// A guild that the person could add the bot to.
struct Choice {
    id: GuildId,
    name: String,
    selected: bool,
    /// Whether the bot is there already.
    there: bool,
}

#[derive(Template)]
#[template(path = "authorize.html")]
struct AuthorizePage {
    page: Page,
    problems: Problems,
    bot: Arc<User>,
    application: Arc<Application>,
    permissions: Permissions,
    names: Vec<String>,
    choices: Vec<Choice>,
    /// Where the bot was just added.
    done: Option<Choice>,
}

async fn show(State(pages): State<Pages>, Person(actor): Person, Query(wish): Query<Wish>) -> Reply {
    render(&pages, &actor, &wish, Problems::default(), None).await
}

async fn authorize(State(pages): State<Pages>, Person(actor): Person, Form(wish): Form<Wish>) -> Reply {
    let (application, permissions) = (wish.application()?, wish.permissions()?);
    let Some(guild) = wish.guild() else {
        let error = Error::field("guild_id", "BASE_TYPE_REQUIRED", "Choose a guild.");
        return render(&pages, &actor, &wish, Problems::of(error)?, None).await;
    };
    if actor.user.bot {
        return Err(Error::from(codes::BOTS_CANNOT).into());
    }
    match pages.chat.add_bot(&actor, guild, application, permissions, None).await {
        Ok(_) => render(&pages, &actor, &wish, Problems::default(), Some(guild)).await,
        Err(error) => {
            // What is refused here is about the chosen guild.
            let error = match error.kind() {
                Kind::Forbidden | Kind::NotFound => Error::field("guild_id", "REFUSED", error.detail),
                _ => error,
            };
            render(&pages, &actor, &wish, Problems::of(error)?, None).await
        }
    }
}

async fn render(
    pages: &Pages,
    actor: &Actor,
    wish: &Wish,
    problems: Problems,
    done: Option<GuildId>,
) -> Reply {
    if actor.user.bot {
        return Err(Error::from(codes::BOTS_CANNOT).into());
    }
    wish.check_scope()?;
    let permissions = wish.permissions()?;
    let application = pages.chat.parts.applications.get(wish.application()?).await?;
    if !application.public && application.owner != actor.user.id {
        let detail = "Only its owner may add this bot.";
        return Err(codes::NOT_AUTHORIZED_ON_APPLICATION.because(detail).into());
    }
    let bot = pages.chat.parts.accounts.user(application.bot()).await?;
    let mut choices = choices(pages, actor, wish, &bot).await?;
    let done = done.and_then(|guild| {
        let index = choices.iter().position(|choice| choice.id == guild)?;
        Some(choices.swap_remove(index))
    });
    let title = format!("Add {}", bot.display_name());
    let page = pages.site.page(title).seen_by(Some(viewer(actor)));
    let names = permissions.iter_names().map(|(name, _)| readable(name)).collect();
    let status = problems.status();
    html_with(status, &AuthorizePage { page, problems, bot, application, permissions, names, choices, done })
}

/// The guilds that the person manages; only the one that the link names where it wants no other.
async fn choices(pages: &Pages, actor: &Actor, wish: &Wish, bot: &User) -> Result<Vec<Choice>> {
    let only = wish.guild().filter(|_| wish.disable_guild_select.eq_ignore_ascii_case("true"));
    let mut choices = Vec::new();
    for room in pages.chat.world().guilds_of(actor.user.id).await? {
        let state = room.read();
        let manages = state.permissions(actor.user.id, pages.chat.now()).contains(Permissions::MANAGE_GUILD);
        if manages && only.is_none_or(|only| only == room.id) {
            choices.push(Choice {
                id: room.id,
                name: state.guild.settings.name.clone(),
                selected: wish.guild() == Some(room.id),
                there: state.members.contains_key(&bot.id),
            });
        }
    }
    Ok(choices)
}

/// `KICK_MEMBERS` as `Kick members`.
fn readable(name: &str) -> String {
    let mut words = name.replace('_', " ").to_lowercase();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
