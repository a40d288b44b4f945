//! The pages of the chat: the front page, the shell in which the browser's client runs, and invites.
//!
//! The client itself is the ES modules under `assets/chat`; it uses the same REST API and gateway as any bot.

mod room;
mod settings;
mod tools;

pub use tools::tool_routes;

use askama::Template;
use axum::Router;
use axum::extract::{Form, FromRef, Path, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use guildhall_accounts::{Accounts, Actor, MaybeActor, Person, refuse_cross_site, viewer};
use guildhall_base::{AnyId, ChannelId, Error, GuildId, Kind};
use guildhall_infra::http::status;
use guildhall_infra::pages::{Page, Reply, Site, html, html_with};
use rust_embed::RustEmbed;
use serde::Deserialize;
use serde_json::Map;

use self::room::Room;
use crate::actions::invites::InviteCard;
use crate::{Chat, codes};

/// The client's modules and styles, for [`guildhall_infra::pages::AssetsBuilder::folder`].
#[derive(RustEmbed)]
#[folder = "assets/"]
pub struct Files;

#[derive(Clone)]
struct Pages {
    chat: Chat,
    site: Site,
}

impl Pages {
    /// Whether strangers may register.
    fn registration(&self) -> bool {
        self.chat.parts.accounts.config().registration
    }
}

impl FromRef<Pages> for Accounts {
    fn from_ref(pages: &Pages) -> Self {
        pages.chat.parts.accounts.clone()
    }
}

/// The routes of the pages.
pub fn page_routes(chat: Chat, site: Site) -> Router {
    let routes = Router::new()
        .route("/", get(front))
        .route("/channels", get(|| async { Redirect::to("/channels/@me") }))
        .route("/channels/{guild}", get(shell))
        .route("/channels/{guild}/{channel}", get(shell))
        .route("/channels/{guild}/{channel}/{message}", get(shell))
        .route("/invite/{code}", get(invite).post(join))
        .merge(settings::routes())
        .layer(middleware::from_fn(refuse_cross_site))
        .with_state(Pages { chat, site: site.clone() });
    site.wrap(routes)
}

/// Writing from a browser without scripts: to be counted like the API's requests, because it sends messages as they do.
pub fn writing_routes(chat: Chat, site: Site) -> Router {
    let routes = Router::new()
        .route("/channels/{guild}/{channel}", post(say))
        .layer(middleware::from_fn(refuse_cross_site))
        .with_state(Pages { chat, site: site.clone() });
    site.wrap(routes)
}

#[derive(Template)]
#[template(path = "landing.html")]
struct LandingPage {
    page: Page,
    registration: bool,
}

/// What this is for strangers, the chat for those who are signed in.
async fn front(State(pages): State<Pages>, MaybeActor(actor): MaybeActor) -> Reply {
    if actor.is_some() {
        return Ok(Redirect::to("/channels/@me").into_response());
    }
    let page =
        pages.site.page("").about("A home for your community: guilds, channels, and the bots you know.");
    html(&LandingPage { page, registration: pages.registration() })
}

#[derive(Template)]
#[template(path = "chat.html")]
struct ChatPage {
    page: Page,
    room: Room,
}

/// A place in the chat, as an address names it. `@me` is no guild; what is no id is nowhere.
#[derive(Debug, Default, Deserialize)]
struct PlaceInChat {
    guild: String,
    channel: Option<String>,
    message: Option<String>,
}

/// Every place in the chat: drawn with what is there now, which the client takes over.
async fn shell(State(pages): State<Pages>, Person(actor): Person, Path(place): Path<PlaceInChat>) -> Reply {
    let id = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<AnyId>().ok());
    let guild = place.guild.parse().ok();
    let (channel, message) = (id(&place.channel).map(AnyId::cast), id(&place.message).map(AnyId::cast));
    let room = pages.chat.draw_room(&actor, guild, channel, message).await?;
    let title = match (&room.guild, &room.channel) {
        (Some(guild), Some(channel)) => format!("#{} · {guild}", channel.name),
        (None, Some(channel)) => channel.name.clone(),
        (Some(guild), None) => guild.clone(),
        (None, None) => "Chat".to_owned(),
    };
    html(&ChatPage { page: pages.site.page(title).seen_by(Some(viewer(&actor))), room })
}

#[derive(Deserialize)]
struct Said {
    content: String,
}

/// Writes a message from a browser without scripts.
async fn say(
    State(pages): State<Pages>,
    Person(actor): Person,
    Path((guild, channel)): Path<(String, ChannelId)>,
    Form(said): Form<Said>,
) -> Reply {
    let body = Map::from_iter([("content".to_owned(), said.content.replace("\r\n", "\n").into())]);
    pages.chat.send_message(&actor, channel, &body, Vec::new()).await?;
    let guild = guild.parse::<GuildId>().map_or("@me".to_owned(), |guild| guild.to_string());
    Ok(Redirect::to(&format!("/channels/{guild}/{channel}#latest")).into_response())
}

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    page: Page,
    invite: InviteCard,
    code: String,
    problem: Option<String>,
    registration: bool,
}

/// What one would join. Who is not signed in does that first and comes back.
async fn invite(
    State(pages): State<Pages>,
    MaybeActor(actor): MaybeActor,
    Path(code): Path<String>,
) -> Reply {
    show_invite(&pages, actor.as_ref(), code, None).await
}

/// Joins, and goes where the invite leads.
async fn join(State(pages): State<Pages>, Person(actor): Person, Path(code): Path<String>) -> Reply {
    match pages.chat.use_invite(&actor, &code).await {
        Ok(joined) => Ok(Redirect::to(&InviteCard::from(joined).place).into_response()),
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Forbidden | Kind::Conflict) => {
            show_invite(&pages, Some(&actor), code, Some(error)).await
        }
        Err(error) => Err(not_valid(error).into()),
    }
}

async fn show_invite(pages: &Pages, actor: Option<&Actor>, code: String, problem: Option<Error>) -> Reply {
    let invite = InviteCard::from(pages.chat.read_invite(&code, true).await.map_err(not_valid)?);
    let status = problem.as_ref().map_or(StatusCode::OK, |error| status(error.kind()));
    let page =
        pages.site.page(format!("Join {}", invite.guild)).about("An invite").seen_by(actor.map(viewer));
    let problem = problem.map(|error| error.detail.into_owned());
    html_with(status, &InvitePage { page, invite, code, problem, registration: pages.registration() })
}

/// Protocols say "Unknown Invite"; people are told what it may mean.
fn not_valid(error: Error) -> Error {
    if error.is(codes::UNKNOWN_INVITE) {
        return codes::UNKNOWN_INVITE.because(
            "This invite is not valid. It may have ended, been used up, or been revoked: ask for a new one.",
        );
    }
    error
}
