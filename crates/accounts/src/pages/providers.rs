//! `/login/with/{provider}` and back, `/settings/security/link/{provider}`, unlinking.

use axum::Router;
use axum::extract::{Form, FromRequestParts, Path, Query};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guildhall_infra::pages::{Failure, Reply};
use serde::Deserialize;
use std::convert::Infallible;

use super::second_step::go_on;
use super::security::{done, refuse};
use super::{CROSS_SITE, Hall, Pages, add_cookie, local_path};
use crate::actions::{ProviderAnswer, ProviderOutcome, ProviderVisit};
use crate::actor::cookie;
use crate::model::Visit;
use crate::{MaybeActor, Person, same_origin};

/// The cookie that says that it is the same browser that comes back.
const COOKIE: &str = "guildhall_provider";
/// Where it is sent.
const PATH: &str = "/login/with";
/// Seconds; the visit itself ends then too.
const LIFE: u32 = 600;

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/login/with/{provider}", get(begin))
        .route("/login/with/{provider}/callback", get(finish))
        .route("/settings/security/link/{provider}", get(link))
        .route("/settings/security/unlink", post(unlink))
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn begin(
    pages: Pages,
    visit: Visit,
    Path(provider): Path<String>,
    Query(Next { next }): Query<Next>,
) -> Reply {
    let begun = pages.accounts.begin_provider(&provider, None, local_path(&next), &visit).await?;
    Ok(send_to(&pages, &begun))
}

fn send_to(pages: &Pages, begun: &ProviderVisit) -> Response {
    let mut response = Redirect::to(begun.address.as_str()).into_response();
    let pair = format!("{COOKIE}={}; Max-Age={LIFE}", begun.browser);
    add_cookie(&pages.accounts, &mut response, &pair, PATH);
    response
}

/// Whether a link of this very site was followed: linking changes something, and forms may not lead elsewhere.
struct FromHere(bool);

impl<S: Send + Sync> FromRequestParts<S> for FromHere {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(same_origin(parts)))
    }
}

async fn link(
    pages: Pages,
    visit: Visit,
    Person(actor): Person,
    FromHere(from_here): FromHere,
    Path(provider): Path<String>,
) -> Reply {
    if !from_here {
        return Err(Failure(CROSS_SITE.into()));
    }
    match pages.accounts.begin_provider(&provider, Some(&actor), "/settings/security", &visit).await {
        Ok(begun) => Ok(send_to(&pages, &begun)),
        Err(error) => refuse(&pages, &actor, error).await,
    }
}

async fn finish(
    pages: Pages,
    visit: Visit,
    MaybeActor(actor): MaybeActor,
    Path(provider): Path<String>,
    headers: HeaderMap,
    Query(answer): Query<ProviderAnswer>,
) -> Reply {
    let browser = cookie(&headers, COOKIE).unwrap_or_default();
    let outcome =
        pages.accounts.finish_provider(&provider, &answer, &browser, actor.as_ref(), &visit).await?;
    let mut response = match outcome {
        ProviderOutcome::SignIn(outcome, next) => go_on(&pages.accounts, &outcome, local_path(&next)),
        ProviderOutcome::Linked => done("linked"),
    };
    add_cookie(&pages.accounts, &mut response, &format!("{COOKIE}=; Max-Age=0"), PATH);
    Ok(response)
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    provider: String,
    #[serde(default)]
    subject: String,
}

async fn unlink(pages: Pages, Person(actor): Person, Form(link): Form<Link>) -> Reply {
    match pages.accounts.unlink(&actor, &link.provider, &link.subject).await {
        Ok(()) => Ok(done("unlinked")),
        Err(error) => refuse(&pages, &actor, error).await,
    }
}
