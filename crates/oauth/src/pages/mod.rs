//! The pages: what applications are allowed, by whom and how it is taken back; and the developers' portal. They work
//! without scripts.

mod authorize;
mod developer;
mod developers;
mod device;
mod grants;
mod logout;

use std::convert::Infallible;

use axum::Router;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::middleware;
use guildhall_accounts::{Accounts, Actor, Problems, refuse_cross_site, viewer};
use guildhall_base::{Error, Scopes};
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::{Page, Site};

use crate::{Guilds, OAuth};

/// What the pages are made of, the same for everybody.
#[derive(Clone)]
struct Hall {
    server: OAuth,
    guilds: Guilds,
    site: Site,
}

impl FromRef<Hall> for Accounts {
    fn from_ref(hall: &Hall) -> Self {
        hall.server.accounts().clone()
    }
}

/// The pages as one reader gets them.
struct Pages {
    server: OAuth,
    guilds: Guilds,
    site: Site,
    language: Language,
}

impl FromRequestParts<Hall> for Pages {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> Result<Self, Infallible> {
        let language = Language::from_request_parts(parts, hall).await?;
        let Hall { server, guilds, site } = hall.clone();
        Ok(Self { server, guilds, site, language })
    }
}

impl Pages {
    /// A page whose title is the text of this key.
    fn page(&self, title: &str, actor: Option<&Actor>) -> Page {
        self.titled(self.text(title), actor)
    }

    fn titled(&self, title: impl Into<String>, actor: Option<&Actor>) -> Page {
        self.site.page(title).read_in(self.language).seen_by(actor.map(viewer))
    }

    fn text(&self, key: &str) -> String {
        self.site.words().text(self.language, key)
    }

    /// What is wrong with a form, in the reader's language.
    fn problems(&self, error: Error) -> Result<Problems, Error> {
        Problems::of(error, self.site.words(), self.language)
    }

    /// A scope in words.
    fn scope(&self, scope: &str) -> String {
        self.text(&format!("oauth-scope-{}", scope.replace(['.', '_'], "-")))
    }

    /// All scopes of a set in words.
    fn scopes(&self, scopes: Scopes) -> Vec<String> {
        scopes.names().map(|name| self.scope(name)).collect()
    }
}

/// The routes of the pages.
pub fn page_routes(server: OAuth, guilds: Guilds, site: Site) -> Router {
    let own = Router::new()
        .merge(authorize::own_routes())
        .merge(developers::routes())
        .merge(developer::routes())
        .merge(device::routes())
        .merge(grants::routes())
        .merge(logout::own_routes())
        .layer(middleware::from_fn(refuse_cross_site));
    // Other sites' forms may bring people here; they change nothing.
    let open = Router::new().merge(authorize::open_routes()).merge(logout::open_routes());
    site.wrap(own.merge(open).with_state(Hall { server, guilds, site: site.clone() }))
}
