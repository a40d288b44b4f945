//! `/settings/applications`: what somebody allowed applications, and taking it back.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use guildhall_accounts::Person;
use guildhall_base::ApplicationId;
use guildhall_infra::pages::{Page, Reply, html};

use super::{Hall, Pages};

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/settings/applications", get(list))
        .route("/settings/applications/{application}/revoke", post(revoke))
}

struct Entry {
    id: ApplicationId,
    name: String,
    verified: bool,
    scopes: Vec<String>,
    since: String,
}

#[derive(Template)]
#[template(path = "grants.html")]
struct GrantsPage {
    page: Page,
    entries: Vec<Entry>,
}

async fn list(pages: Pages, Person(actor): Person) -> Reply {
    let consents = pages.server.consents(&actor).await?;
    let entries = consents.into_iter().map(|(consent, application)| Entry {
        id: application.id,
        name: application.name.clone(),
        verified: application.client.verified,
        scopes: pages.scopes(consent.scopes),
        since: consent.created.to_string().get(..10).unwrap_or_default().to_owned(),
    });
    let entries = entries.collect();
    html(&GrantsPage { page: pages.page("oauth-grants", Some(&actor)), entries })
}

async fn revoke(pages: Pages, Person(actor): Person, Path(application): Path<ApplicationId>) -> Reply {
    pages.server.take_back(&actor, application).await?;
    Ok(Redirect::to("/settings/applications").into_response())
}
