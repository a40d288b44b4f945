//! `/developers`: one's own applications, their tokens and privileged intents. Works without scripts.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use guildhall_accounts::{Actor, Person, Problems};
use guildhall_base::ApplicationId;
use guildhall_infra::pages::{Page, Reply, html_with};
use serde::Deserialize;

use super::{Hall, Pages};
use crate::codes::ONLY_PEOPLE;
use crate::{Application, EditApplication, flags};

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/developers", get(list).post(create))
        .route("/developers/{application}", post(edit))
        .route("/developers/{application}/token", post(rotate))
}

/// A token, shown once.
struct Secret {
    name: String,
    token: String,
}

#[derive(Template)]
#[template(path = "developers.html")]
struct DevelopersPage {
    page: Page,
    problems: Problems,
    name: String,
    secret: Option<Secret>,
    applications: Vec<Arc<Application>>,
}

async fn list(pages: Pages, Person(actor): Person) -> Reply {
    show(&pages, &actor, String::new(), Problems::default(), None).await
}

async fn show(
    pages: &Pages,
    actor: &Actor,
    name: String,
    problems: Problems,
    secret: Option<Secret>,
) -> Reply {
    if actor.session().is_none() {
        return Err(guildhall_base::Error::from(ONLY_PEOPLE).into());
    }
    let applications =
        pages.server.applications().of_owner(actor.id()).await?.into_iter().map(Arc::new).collect();
    let page = pages.titled("Developers", Some(actor));
    html_with(problems.status(), &DevelopersPage { page, problems, name, secret, applications })
}

#[derive(Deserialize)]
struct Create {
    #[serde(default)]
    name: String,
}

async fn create(pages: Pages, Person(actor): Person, Form(form): Form<Create>) -> Reply {
    match pages.server.applications().create(actor.id(), &form.name).await {
        Ok((application, _, token)) => {
            // Shown in the answer itself, so that the token is in no address and no history.
            let secret = Secret { name: application.name.clone(), token };
            show(&pages, &actor, String::new(), Problems::default(), Some(secret)).await
        }
        Err(error) => show(&pages, &actor, form.name, pages.problems(error)?, None).await,
    }
}

async fn rotate(pages: Pages, Person(actor): Person, Path(id): Path<ApplicationId>) -> Reply {
    let token = pages.server.applications().rotate_token(&actor, id).await?;
    let name = pages.server.applications().get(id).await?.name.clone();
    show(&pages, &actor, String::new(), Problems::default(), Some(Secret { name, token })).await
}

/// Boxes that are not ticked are not sent.
#[derive(Deserialize)]
struct Toggles {
    #[serde(default)]
    description: String,
    #[serde(default)]
    presence: Option<String>,
    #[serde(default)]
    members: Option<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    public: Option<String>,
}

async fn edit(
    pages: Pages,
    Person(actor): Person,
    Path(id): Path<ApplicationId>,
    Form(form): Form<Toggles>,
) -> Reply {
    let bit = |ticked: Option<String>, bit: u64| if ticked.is_some() { bit } else { 0 };
    let wanted = bit(form.presence, flags::GATEWAY_PRESENCE_LIMITED)
        | bit(form.members, flags::GATEWAY_GUILD_MEMBERS_LIMITED)
        | bit(form.content, flags::GATEWAY_MESSAGE_CONTENT_LIMITED);
    let edit = EditApplication {
        description: Some(form.description.replace("\r\n", "\n")),
        flags: Some(wanted),
        bot_public: Some(form.public.is_some()),
        ..EditApplication::default()
    };
    pages.server.applications().edit(&actor, id, edit).await?;
    Ok(Redirect::to("/developers").into_response())
}
