//! The pages of accounts: registering, signing in, the administrator's link, settings. They work without scripts.

mod door;
mod form;
mod pictures;
mod settings;

use axum::Router;
use axum::extract::{FromRef, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use guildhall_base::Code;
use guildhall_base::Kind;
use guildhall_infra::pages::{Failure, Page, Site, Viewer};

use crate::model::SignedIn;
use crate::{Accounts, Actor, COOKIE_NAME, same_origin};

pub use form::Problems;

/// A form that was sent from somewhere else.
const CROSS_SITE: Code = Code::new(
    Kind::Forbidden,
    0,
    "cross_site",
    "This form was not sent from a page of this site. Go back and try again.",
);

/// What the pages need.
#[derive(Clone)]
struct Pages {
    accounts: Accounts,
    site: Site,
}

impl FromRef<Pages> for Accounts {
    fn from_ref(pages: &Pages) -> Self {
        pages.accounts.clone()
    }
}

impl Pages {
    fn page(&self, title: &str, actor: Option<&Actor>) -> Page {
        self.site.page(title).seen_by(actor.map(viewer))
    }
}

/// The routes of the pages, and of the pictures of users.
pub fn page_routes(accounts: Accounts, site: Site) -> Router {
    let pictures = pictures::routes().with_state(accounts.clone());
    let pages = Pages { accounts, site: site.clone() };
    let routes = Router::new().merge(door::routes()).merge(settings::routes());
    site.wrap(routes.layer(middleware::from_fn(refuse_cross_site)).with_state(pages)).merge(pictures)
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
    let life = accounts.config().session_life.as_secs();
    with_cookie(accounts, next, &format!("{COOKIE_NAME}={}; Max-Age={life}", signed_in.token))
}

/// Sends a browser on without a session.
fn farewell(accounts: &Accounts, next: &str) -> Response {
    with_cookie(accounts, next, &format!("{COOKIE_NAME}=; Max-Age=0"))
}

fn with_cookie(accounts: &Accounts, next: &str, pair: &str) -> Response {
    let secure = if accounts.config().secure { "; Secure" } else { "" };
    let mut response = Redirect::to(next).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&format!("{pair}; Path=/; HttpOnly; SameSite=Lax{secure}")) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
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
