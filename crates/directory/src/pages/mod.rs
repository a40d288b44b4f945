//! The pages of the directory. They work without scripts. What strangers see is kept, a page each in every language.

mod edit;
mod feeds;
mod fields;
mod index;
mod listing;
mod pictures;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test says so by panicking")]
mod tests;

use axum::Router;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use guildhall_accounts::{Accounts, Actor, refuse_cross_site, viewer};
use guildhall_base::{Error, Result};
use guildhall_infra::http::Kept;
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::{Failure, Page, Site};
use rust_embed::RustEmbed;

use crate::model::{Card, ListingId, ListingKind};
use crate::shelf::Key;
use crate::shown::draw::number;
use crate::{Directory, codes};

/// The style of the pages, for [`guildhall_infra::pages::AssetsBuilder::folder`].
#[derive(RustEmbed)]
#[folder = "assets/"]
pub struct Files;

#[derive(Clone)]
struct Pages {
    directory: Directory,
    site: Site,
}

impl FromRef<Pages> for Accounts {
    fn from_ref(pages: &Pages) -> Self {
        pages.directory.0.accounts.clone()
    }
}

/// The routes of the pages.
pub fn page_routes(directory: Directory, site: Site) -> Router {
    let routes = Router::new()
        .route("/bots", get(index::bots))
        .route("/guilds", get(index::guilds))
        .route("/bots/add", get(edit::choose_bot))
        .route("/guilds/add", get(edit::choose_guild))
        .route("/bots/{id}", get(listing::show))
        .route("/guilds/{id}", get(listing::show))
        .route("/bots/{id}/listing", get(edit::show).post(edit::save))
        .route("/guilds/{id}/listing", get(edit::show).post(edit::save))
        .route("/bots/{id}/listing/lock", post(edit::lock))
        .route("/guilds/{id}/listing/lock", post(edit::lock))
        .route("/bots/{id}/listing/delete", post(edit::delete))
        .route("/guilds/{id}/listing/delete", post(edit::delete))
        .route("/bots/{id}/theme.css", get(listing::theme))
        .route("/guilds/{id}/theme.css", get(listing::theme))
        .route("/bots/{id}/preview.png", get(pictures::preview))
        .route("/guilds/{id}/preview.png", get(pictures::preview))
        .route("/widgets/{kind}/{file}", get(pictures::widget))
        .route("/widgets/{kind}/{what}/{file}", get(pictures::counter))
        .route("/bots/new.rss", get(feeds::bots_rss))
        .route("/bots/new.atom", get(feeds::bots_atom))
        .route("/guilds/new.rss", get(feeds::guilds_rss))
        .route("/guilds/new.atom", get(feeds::guilds_atom))
        .route("/sitemap.xml", get(feeds::sitemap))
        .route("/sitemap/{kind}/{number}", get(feeds::sitemap_file))
        .route("/at/{code}", get(listing::named))
        .layer(middleware::from_fn(refuse_cross_site));
    site.wrap(routes.with_state(Pages { directory, site: site.clone() }))
}

impl Pages {
    fn page(&self, title: &str, language: Language, actor: Option<&Actor>) -> Page {
        self.site.page(title).read_in(language).seen_by(actor.map(viewer))
    }

    fn titled(&self, key: &str, language: Language, actor: Option<&Actor>) -> Page {
        self.page(&self.site.words().text(language, key), language, actor)
    }

    /// A page as strangers see it, kept for all of them.
    async fn for_strangers(
        &self,
        address: String,
        language: Language,
        headers: &HeaderMap,
        make: impl Future<Output = Result<String>>,
    ) -> Result<Response> {
        let kept = async {
            let html = make.await?;
            Ok(Kept::new("text/html; charset=utf-8", html, std::time::Duration::ZERO))
        };
        let kept = self.directory.0.shelf.get(Key::Page(address, language), kept).await?;
        let mut response = kept.answer(headers);
        let vary = HeaderValue::from_static("accept-language, cookie, authorization");
        response.headers_mut().insert(header::VARY, vary);
        Ok(response)
    }
}

/// What went wrong in a template.
fn unrendered(error: askama::Error) -> Error {
    Error::internal(error)
}

/// A listing as lists show it.
struct Tile {
    path: String,
    name: String,
    avatar: Option<String>,
    banner: Option<String>,
    short: String,
    language: String,
    tags: Vec<String>,
    votes: String,
    size: String,
    rating: Option<String>,
    certified: bool,
}

impl From<Card> for Tile {
    fn from(card: Card) -> Self {
        let size = match card.id.kind {
            ListingKind::Bot => card.counts.guilds,
            ListingKind::Guild => card.counts.users,
        };
        Self {
            path: card.id.path(),
            name: card.name,
            avatar: card.avatar,
            banner: card.banner.map(|file| crate::api::banner_path(&file)),
            short: card.short,
            language: card.language,
            votes: number(card.counts.votes),
            size: number(size),
            rating: card.counts.rating().map(|rating| format!("{rating:.1}")),
            certified: card.state == crate::model::State::Certified,
            tags: card.tags,
        }
    }
}

/// The listing whose page, or page below it, is asked for: `/bots/1...`, `/guilds/2...`.
struct At(ListingId);

impl<S: Sync> FromRequestParts<S> for At {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let path = parts.uri.path().trim_start_matches('/');
        let mut segments = path.splitn(3, '/');
        let listing = match (segments.next(), segments.next()) {
            (Some(kind), Some(id)) => format!("{kind}/{id}").parse().ok(),
            _ => None,
        };
        listing.map(Self).ok_or_else(|| Failure(codes::UNKNOWN_LISTING.into()))
    }
}
