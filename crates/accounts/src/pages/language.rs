//! Which language a reader gets: the one chosen in the settings, otherwise the one of the cookie that the switch in the
//! footer sets, otherwise what the browser asks for.

use axum::Router;
use axum::extract::{Form, Request, State};
use axum::http::header::{HOST, REFERER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::Failure;
use serde::Deserialize;

use super::{Hall, Pages, local_path};
use crate::actions::EditSettings;
use crate::actor::cookie;
use crate::{Accounts, Actor, COOKIE_NAME};

/// The cookie of a stranger's choice.
const LANGUAGE_COOKIE: &str = "guildhall_language";
/// A year.
const COOKIE_SECONDS: u32 = 365 * 24 * 3600;

pub(super) fn routes() -> Router<Hall> {
    Router::new().route("/language", post(choose))
}

/// Middleware around all pages: puts the reader's [`Language`] into the request's extensions.
pub async fn prefer_language(State(accounts): State<Accounts>, mut request: Request, next: Next) -> Response {
    let language = preferred(&accounts, request.headers()).await;
    request.extensions_mut().insert(language);
    next.run(request).await
}

async fn preferred(accounts: &Accounts, headers: &HeaderMap) -> Language {
    if let Some(token) = cookie(headers, COOKIE_NAME)
        && let Ok(actor) = accounts.authenticate(&token).await
        && let Ok(settings) = accounts.settings(actor.id()).await
        && let Some(language) = Language::of_tag(&settings.locale)
    {
        return language;
    }
    let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(|tag| Language::of_tag(&tag));
    chosen.unwrap_or_else(|| Language::of_headers(headers))
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    language: String,
}

/// The switch: for who is signed in their setting, for strangers the cookie. Goes back to where they were.
async fn choose(
    pages: Pages,
    actor: Option<Actor>,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Result<Response, Failure> {
    let language = Language::of_tag(&choice.language).unwrap_or(pages.language);
    let mut response = Redirect::to(&came_from(&headers)).into_response();
    if let Some(actor) = actor.filter(|actor| actor.session().is_some()) {
        let edit = EditSettings { locale: Some(locale(language).to_owned()), ..EditSettings::default() };
        pages.accounts.edit_settings(&actor, edit).await?;
    }
    let secure = if pages.accounts.config().secure { "; Secure" } else { "" };
    let tag = language.tag();
    let text =
        format!("{LANGUAGE_COOKIE}={tag}; Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The tag of a language as Discord's clients write it in a user's `locale`.
pub(crate) fn locale(language: Language) -> &'static str {
    match language {
        Language::English => "en-US",
        Language::Finnish => "fi",
    }
}

/// The path of the page whose form was sent, if it is one of this site.
fn came_from(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let from = text(REFERER).and_then(|referer| referer.parse::<Uri>().ok());
    let path = from
        .filter(|from| from.authority().map(|authority| authority.as_str()) == text(HOST))
        .and_then(|from| from.path_and_query().map(|path| path.as_str().to_owned()));
    match path {
        Some(path) if local_path(&path) == path => path,
        _ => "/".to_owned(),
    }
}
