//! The pages of accounts: registering, signing in, the administrator's link, settings. They work without scripts.

mod data;
mod door;
mod form;
mod language;
mod mail;
mod passkeys;
mod pictures;
mod programs;
mod providers;
mod second_step;
mod security;
mod settings;
mod staff;
mod staff_users;

use axum::Router;
use axum::extract::{FromRef, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use std::convert::Infallible;

use guildhall_base::{Code, Error, Kind};
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::{Failure, Page, Site, Viewer};

use crate::model::SignedIn;
use crate::{Accounts, Actor, COOKIE_NAME, same_origin};

pub use form::Problems;
pub(crate) use language::locale;
pub use language::prefer_language;

/// A form that was sent from somewhere else.
const CROSS_SITE: Code = Code::new(
    Kind::Forbidden,
    0,
    "cross_site",
    "This form was not sent from a page of this site. Go back and try again.",
);

/// What the pages are made of, the same for everybody.
#[derive(Clone)]
struct Hall {
    accounts: Accounts,
    site: Site,
}

impl FromRef<Hall> for Accounts {
    fn from_ref(hall: &Hall) -> Self {
        hall.accounts.clone()
    }
}

/// The pages as one reader gets them.
struct Pages {
    accounts: Accounts,
    site: Site,
    language: Language,
}

impl FromRequestParts<Hall> for Pages {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> Result<Self, Infallible> {
        let language = Language::from_request_parts(parts, hall).await?;
        Ok(Self { accounts: hall.accounts.clone(), site: hall.site.clone(), language })
    }
}

impl Pages {
    /// A page whose title is the text of this key.
    fn page(&self, title: &str, actor: Option<&Actor>) -> Page {
        let title = self.site.words().text(self.language, title);
        self.site.page(title).read_in(self.language).seen_by(actor.map(viewer))
    }

    /// What is wrong with a form, in the reader's language.
    ///
    /// # Errors
    /// What has no place at a form.
    fn problems(&self, error: Error) -> Result<Problems, Error> {
        Problems::of(error, self.site.words(), self.language)
    }
}

/// The routes of the pages, and of the pictures of users.
pub fn page_routes(accounts: Accounts, site: Site) -> Router {
    let pictures = picture_routes(accounts.clone());
    let hall = Hall { accounts, site: site.clone() };
    let routes = Router::new()
        .merge(door::routes())
        .merge(settings::routes())
        .merge(programs::routes())
        .merge(data::routes())
        .merge(language::routes())
        .merge(mail::routes())
        .merge(second_step::routes())
        .merge(security::routes())
        .merge(passkeys::routes())
        .merge(staff::routes())
        .merge(staff_users::routes())
        .merge(providers::routes());
    site.wrap(routes.layer(middleware::from_fn(refuse_cross_site)).with_state(hall)).merge(pictures)
}

/// The pictures of people, which anybody may see.
pub fn picture_routes(accounts: Accounts) -> Router {
    pictures::routes().with_state(accounts)
}

/// Who is signed in, as the layout shows them.
pub fn viewer(actor: &Actor) -> Viewer {
    Viewer { name: actor.user.display_name().to_owned() }
}

/// Middleware of all pages with forms: what changes something must come from a page of this site.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if !parts.method.is_safe() && !same_origin(&parts) {
        return Failure(CROSS_SITE.into()).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Sends a browser on with its new session.
fn welcome(accounts: &Accounts, signed_in: &SignedIn, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    add_session(accounts, &mut response, signed_in);
    response
}

/// Adds the cookie of a new session.
fn add_session(accounts: &Accounts, response: &mut Response, signed_in: &SignedIn) {
    let life = accounts.config().session_life.as_secs();
    add_cookie(accounts, response, &format!("{COOKIE_NAME}={}; Max-Age={life}", signed_in.token), "/");
}

/// Sends a browser on without a session.
fn farewell(accounts: &Accounts, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    add_cookie(accounts, &mut response, &format!("{COOKIE_NAME}=; Max-Age=0"), "/");
    response
}

/// Adds a cookie that scripts do not see and other sites' forms do not send.
fn add_cookie(accounts: &Accounts, response: &mut Response, pair: &str, path: &str) {
    let secure = if accounts.config().secure { "; Secure" } else { "" };
    if let Ok(cookie) = HeaderValue::from_str(&format!("{pair}; Path={path}; HttpOnly; SameSite=Lax{secure}"))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Where to go afterwards: a path of this site, never another's.
fn local_path(next: &str) -> &str {
    let mut bytes = next.bytes();
    let local = bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if local { next } else { "/channels/@me" }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for good in ["/", "/invite/abc?x=1", "/channels/1/2#top"] {
            assert_eq!(local_path(good), good);
        }
        for bad in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/a b", "/x/\\y", "x"]
        {
            assert_eq!(local_path(bad), "/channels/@me", "{bad:?}");
        }
    }
}
