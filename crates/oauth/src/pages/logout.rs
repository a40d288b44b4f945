//! `/oauth2/logout`: signing out because an application asks for it (OpenID Connect RP-initiated logout). The person
//! decides: no link signs anybody out by itself.

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guildhall_accounts::{COOKIE_NAME, MaybeActor};
use guildhall_infra::pages::{Page, Reply, html};

use super::{Hall, Pages};
use crate::model::Parameters;
use crate::rules::redirect;

pub(super) fn open_routes() -> Router<Hall> {
    Router::new().route("/oauth2/logout", get(show).post(posted))
}

pub(super) fn own_routes() -> Router<Hall> {
    Router::new().route("/oauth2/logout/confirm", post(confirm))
}

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage {
    page: Page,
    /// The application that asks, if it is known.
    application: Option<String>,
    signed_in: bool,
    query: String,
}

/// Brought by a form of another site; it becomes a link, with which browsers send the session along.
async fn posted(body: Bytes) -> Redirect {
    let pairs = url::form_urlencoded::parse(&body);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Redirect::to(&format!("/oauth2/logout?{query}"))
}

async fn show(pages: Pages, MaybeActor(actor): MaybeActor, RawQuery(query): RawQuery) -> Reply {
    let query = query.unwrap_or_default();
    let (given, _) = Parameters::read(query.as_bytes());
    let asked = pages.server.understand_logout(&given).await?;
    if let (None, Some(back)) = (&actor, &asked.back) {
        return Ok(Redirect::to(back).into_response());
    }
    let application = asked.application.map(|application| application.name.clone());
    let page = pages.page("oauth-logout", actor.as_ref());
    let mut response = html(&LogoutPage { page, application, signed_in: actor.is_some(), query })?;
    if let Some(back) = &asked.back {
        let policy = pages.site.policy_with_form_to(&redirect::source(back));
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

async fn confirm(pages: Pages, MaybeActor(actor): MaybeActor, body: Bytes) -> Reply {
    let (form, _) = Parameters::read(&body);
    let (given, _) = Parameters::read(form.get("query").unwrap_or_default().as_bytes());
    let asked = pages.server.understand_logout(&given).await?;
    if let Some(actor) = actor.filter(|actor| actor.session().is_some()) {
        pages.server.accounts().sign_out(&actor).await?;
    }
    let mut response: Response = Redirect::to(asked.back.as_deref().unwrap_or("/login")).into_response();
    let cookie = format!("{COOKIE_NAME}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
