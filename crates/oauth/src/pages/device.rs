//! `/oauth2/device`: where somebody types the code that a device shows (RFC 8628 3.3).

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query};
use axum::routing::get;
use guildhall_accounts::{Actor, Person, Problems};
use guildhall_base::Error;
use guildhall_infra::pages::{Page, Reply, html_with};
use serde::Deserialize;

use super::{Hall, Pages};
use crate::actions::devices::{WRONG_CODE, shown};
use crate::codes::ONLY_PEOPLE;

pub(super) fn routes() -> Router<Hall> {
    Router::new().route("/oauth2/device", get(show).post(answer))
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    user_code: String,
    #[serde(default)]
    decision: String,
}

/// What the person is asked about once the code is known.
struct Question {
    application: String,
    verified: bool,
    owner: String,
    scopes: Vec<String>,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    page: Page,
    problems: Problems,
    user_code: String,
    question: Option<Question>,
    /// Whether it was allowed, once it was answered.
    done: Option<bool>,
}

async fn show(pages: Pages, Person(actor): Person, Query(code): Query<Code>) -> Reply {
    // A code in the address is only filled in: somebody must look at the device and send it, or a link in a message
    // would do for an attacker's device.
    page(&pages, &actor, Problems::default(), code.user_code, None, None)
}

async fn answer(pages: Pages, Person(actor): Person, Form(form): Form<Code>) -> Reply {
    if actor.session().is_none() {
        return Err(Error::from(ONLY_PEOPLE).into());
    }
    let result = match form.decision.as_str() {
        "allow" => {
            pages.server.answer_device(&actor, &form.user_code, true).await.map(|device| (device, Some(true)))
        }
        "deny" => pages
            .server
            .answer_device(&actor, &form.user_code, false)
            .await
            .map(|device| (device, Some(false))),
        _ => pages.server.waiting_device(&actor, &form.user_code).await.map(|device| (device, None)),
    };
    match result {
        Ok((device, done @ Some(_))) => {
            page(&pages, &actor, Problems::default(), shown(&device.user_code), None, done)
        }
        Ok((device, None)) => {
            let application = pages.server.applications().get(device.application).await?;
            let owner = pages.server.accounts().user(application.owner).await?;
            let question = Question {
                application: application.name.clone(),
                verified: application.client.verified,
                owner: owner.display_name().to_owned(),
                scopes: pages.scopes(device.scopes),
            };
            page(&pages, &actor, Problems::default(), shown(&device.user_code), Some(question), None)
        }
        Err(error) => {
            let error = match error.is(WRONG_CODE) {
                true => Error::field("user_code", "WRONG_CODE", pages.text("oauth-device-wrong")),
                false => error,
            };
            let problems = pages.problems(error)?;
            page(&pages, &actor, problems, form.user_code, None, None)
        }
    }
}

fn page(
    pages: &Pages,
    actor: &Actor,
    problems: Problems,
    user_code: String,
    question: Option<Question>,
    done: Option<bool>,
) -> Reply {
    let page = pages.page("oauth-device", Some(actor));
    html_with(problems.status(), &DevicePage { page, problems, user_code, question, done })
}
