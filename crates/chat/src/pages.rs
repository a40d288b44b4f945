//! The pages of the chat: the front page, the shell in which the browser's client runs, invites, and the link that
//! adds a bot.
//!
//! The client itself is the ES modules under `assets/chat`; it uses the same REST API and gateway as any bot.

mod authorize;

use askama::Template;
use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use guildhall_accounts::{Accounts, MaybeActor, Person, viewer};
use guildhall_infra::pages::{Page, Reply, Site, html};
use rust_embed::RustEmbed;

use crate::Chat;

/// The client's modules and styles, for [`guildhall_infra::pages::AssetsBuilder::folder`].
#[derive(RustEmbed)]
#[folder = "assets/"]
pub struct Files;

#[derive(Clone)]
struct Pages {
    chat: Chat,
    site: Site,
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
        .route("/invite/{code}", get(invite))
        .merge(authorize::routes())
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
    html(&LandingPage { page, registration: pages.chat.parts.accounts.config().registration })
}

#[derive(Template)]
#[template(path = "chat.html")]
struct ChatPage {
    page: Page,
}

/// One shell for every place in the chat; the client reads the address.
async fn shell(State(pages): State<Pages>, Person(actor): Person) -> Reply {
    html(&ChatPage { page: pages.site.page("Chat").seen_by(Some(viewer(&actor))) })
}

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    page: Page,
    code: String,
    registration: bool,
}

/// What one would join. Who is not signed in does that first and comes back.
async fn invite(
    State(pages): State<Pages>,
    MaybeActor(actor): MaybeActor,
    Path(code): Path<String>,
) -> Reply {
    let page = pages.site.page("Invite").seen_by(actor.as_ref().map(viewer));
    html(&InvitePage { page, code, registration: pages.chat.parts.accounts.config().registration })
}
