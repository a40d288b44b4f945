//! The page of one listing, its style, and short addresses.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use guildhall_accounts::{Actor, MaybeActor};
use guildhall_base::Result;
use guildhall_infra::http::Kept;
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::{Page, Reply};

use super::{At, Pages, Tile, unrendered};
use crate::access::ListingAccess;
use crate::api::caller::From;
use crate::model::{
    Flags, Link, ListingId, ListingKind, ListingRights, PageStyle, Seen, State as Standing, TextFormat,
};
use crate::shelf::{AGE, Key};
use crate::shown::draw::number;
use crate::shown::text::Markup;
use crate::shown::{style, text};
use crate::store::vanities::Named;

/// Links that a page shows.
const LINKS: usize = 10;

#[derive(Template)]
#[template(path = "listing.html")]
struct ListingPage {
    page: Page,
    id: ListingId,
    name: String,
    avatar: Option<String>,
    banner: Option<String>,
    keep_banner: bool,
    short: String,
    /// Safe HTML.
    long: String,
    language: String,
    state: Standing,
    state_words: String,
    warning: Option<String>,
    tags: Vec<String>,
    features: Vec<String>,
    facts: Vec<(String, String)>,
    /// The average of its reviews, and how many there are.
    rating: Option<(String, u64)>,
    /// Where the page is, for those who come from elsewhere.
    address: String,
    links: Vec<Link>,
    invite: Option<String>,
    owners: Vec<String>,
    themed: Option<i64>,
    single_scroll: bool,
    edits: bool,
    similar: Vec<Tile>,
    public: bool,
}

pub(super) async fn show(
    State(pages): State<Pages>,
    language: Language,
    MaybeActor(actor): MaybeActor,
    At(id): At,
    from: From,
    headers: HeaderMap,
) -> Reply {
    let render = pages.listing(id, language, actor.as_ref());
    let shown = match &actor {
        Some(_) => Html(render.await?).into_response(),
        None => pages.for_strangers(id.to_string(), language, &headers, render).await?,
    };
    pages.directory.saw(id, Seen::VIEW, from.looker(actor.as_ref().map(Actor::id)));
    Ok(shown)
}

impl Pages {
    async fn listing(&self, id: ListingId, language: Language, actor: Option<&Actor>) -> Result<String> {
        let access = self.directory.listing(actor, id).await?;
        let keepers = self.directory.keepers(actor, id).await?;
        let ids: Vec<_> = keepers.iter().map(|keeper| keeper.user).collect();
        let users = self.directory.0.accounts.users(&ids).await?;
        let owners =
            ids.iter().filter_map(|id| users.get(id)).map(|user| user.display_name().to_owned()).collect();
        let similar = match access.listing.state.is_public() {
            true => self.directory.similar(id).await?.into_iter().map(Tile::from).collect(),
            false => Vec::new(),
        };
        let invite = self.directory.invite_address(&access.listing);
        let words = self.site.words();
        let ListingAccess { listing, rights, inside, .. } = access;
        let warning = listing.flags.contains(Flags::SYSTEM).then(|| words.text(language, "listing-system"));
        let counts = &listing.counts;
        let word = |key: &str| words.text(language, key);
        let mut facts = vec![
            (word("listing-votes"), number(counts.votes)),
            (word("listing-total-votes"), number(counts.total_votes)),
        ];
        match id.kind {
            ListingKind::Bot => {
                facts.push((word("listing-guilds"), number(counts.guilds)));
                facts.extend(listing.details.prefix.clone().map(|prefix| (word("listing-prefix"), prefix)));
                facts.extend(
                    listing.details.library.clone().map(|library| (word("listing-library"), library)),
                );
            }
            ListingKind::Guild => facts.push((word("listing-members"), number(counts.users))),
        }
        let rating = counts.rating().map(|rating| (format!("{rating:.1}"), counts.reviews));
        facts.extend(rating.iter().map(|(value, _)| (word("listing-rating"), format!("{value} / 10"))));
        let markup = match listing.details.format {
            TextFormat::Html => Markup::Html,
            TextFormat::Markdown => Markup::Markdown,
        };
        let mut links = listing.details.links;
        links.retain(|link| !link.name.starts_with('_'));
        links.truncate(LINKS);
        let page = self.page(&listing.name, language, actor).about(listing.short.clone());
        let banner = listing.details.page_banner.or(listing.details.card_banner);
        let shown = ListingPage {
            page,
            id,
            avatar: listing.avatar,
            banner: banner.map(|banner| crate::api::banner_path(&banner.file)),
            keep_banner: listing.flags.contains(Flags::KEEP_BANNER_DECOR),
            short: listing.short,
            long: text::html(markup, &listing.long),
            language: listing.language,
            state: listing.state,
            state_words: word(&format!("listing-state-{}", listing.state.name().replace('_', "-"))),
            warning,
            tags: listing.tags,
            features: listing.features,
            facts,
            rating,
            address: format!("{}{}", self.directory.config().public_url, id.path()),
            links,
            invite,
            owners,
            themed: (!listing.style.is_empty()).then_some(listing.version),
            single_scroll: listing.details.page_style == PageStyle::SingleScroll,
            edits: rights.contains(ListingRights::EDIT),
            similar,
            public: listing.state.is_public() && !inside || listing.state.is_listed(),
            name: listing.name,
        };
        shown.render().map_err(unrendered)
    }
}

/// A listing's style, fenced in.
pub(super) async fn theme(
    State(pages): State<Pages>,
    MaybeActor(actor): MaybeActor,
    At(id): At,
    headers: HeaderMap,
) -> Reply {
    let access = pages.directory.listing(actor.as_ref(), id).await?;
    let key = Key::File(format!("{id}/theme/{}", access.listing.version));
    let make =
        async { Ok(Kept::new("text/css; charset=utf-8", style::scoped(&access.listing.style).css, AGE)) };
    Ok(pages.directory.0.shelf.get(key, make).await?.answer(&headers))
}

/// Where a short name leads.
pub(super) async fn named(
    State(pages): State<Pages>,
    MaybeActor(actor): MaybeActor,
    Path(code): Path<String>,
) -> Reply {
    let place = match pages.directory.named(actor.as_ref(), &code).await? {
        Named::Listing(id) => id.path(),
        Named::Profile(user) => format!("/profiles/{user}"),
    };
    let mut response: Response = Redirect::temporary(&place).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}
