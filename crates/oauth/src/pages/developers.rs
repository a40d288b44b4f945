//! `/developers`: one's own applications, and each one's page. They work without scripts.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use guildhall_accounts::{Actor, Person, Problems};
use guildhall_base::{ApplicationId, Error};
use guildhall_infra::pages::{Page, Reply, html_with};
use serde::Deserialize;

use super::developer::{Secret, show_one};
use super::{Hall, Pages};
use crate::codes::ONLY_PEOPLE;
use crate::{Application, EditApplication, flags};

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/developers", get(list).post(create))
        .route("/developers/{application}", get(read).post(edit))
        .route("/developers/{application}/token", post(rotate))
}

#[derive(Template)]
#[template(path = "developers.html")]
struct DevelopersPage {
    page: Page,
    problems: Problems,
    name: String,
    applications: Vec<Arc<Application>>,
}

async fn list(pages: Pages, Person(actor): Person) -> Reply {
    show(&pages, &actor, String::new(), Problems::default()).await
}

async fn show(pages: &Pages, actor: &Actor, name: String, problems: Problems) -> Reply {
    if actor.session().is_none() {
        return Err(Error::from(ONLY_PEOPLE).into());
    }
    let applications = pages.server.applications().of_owner(actor.id()).await?.into_iter().map(Arc::new);
    let applications = applications.collect();
    let page = pages.page("oauth-developers", Some(actor));
    html_with(problems.status(), &DevelopersPage { page, problems, name, applications })
}

#[derive(Deserialize)]
struct Create {
    #[serde(default)]
    name: String,
}

async fn create(pages: Pages, Person(actor): Person, Form(form): Form<Create>) -> Reply {
    match pages.server.applications().create(actor.id(), &form.name).await {
        // Shown in the answer itself, so that the token is in no address and no history.
        Ok((application, _, token)) => {
            let secret = Secret { title: pages.text("oauth-dev-token-once"), text: token };
            show_one(&pages, &actor, application.id, Problems::default(), Some(secret)).await
        }
        Err(error) => show(&pages, &actor, form.name, pages.problems(error)?).await,
    }
}

async fn read(pages: Pages, Person(actor): Person, Path(id): Path<ApplicationId>) -> Reply {
    show_one(&pages, &actor, id, Problems::default(), None).await
}

async fn rotate(pages: Pages, Person(actor): Person, Path(id): Path<ApplicationId>) -> Reply {
    let text = pages.server.applications().rotate_token(&actor, id).await?;
    let secret = Secret { title: pages.text("oauth-dev-token-once"), text };
    show_one(&pages, &actor, id, Problems::default(), Some(secret)).await
}

/// Boxes that are not ticked are not sent.
#[derive(Deserialize)]
struct Toggles {
    #[serde(default)]
    description: String,
    #[serde(default)]
    interactions_endpoint_url: String,
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
        interactions_endpoint_url: Some(form.interactions_endpoint_url.trim().to_owned()),
    };
    match pages.server.applications().edit(&actor, id, edit).await {
        Ok(_) => Ok(Redirect::to(&format!("/developers/{id}")).into_response()),
        Err(error) => show_one(&pages, &actor, id, pages.problems(error)?, None).await,
    }
}
