//! `/bots` and `/guilds`: the beginning of the directory, or what was looked for.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use guildhall_accounts::{Actor, MaybeActor};
use guildhall_base::Result;
use guildhall_infra::http::Query;
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::{Failure, Page, Reply};

use super::{Pages, Tile, unrendered};
use crate::model::ListingKind;
use crate::rules::browse::{Browse, Sort};

/// One row of listings.
struct Row {
    title: String,
    /// Where more of them are.
    more: Option<String>,
    tiles: Vec<Tile>,
}

#[derive(Template)]
#[template(path = "directory_index.html")]
struct IndexPage {
    page: Page,
    kind: ListingKind,
    /// Where its beginning is, for those who come from elsewhere.
    address: String,
    browse: Browse,
    rows: Vec<Row>,
    tags: Vec<(String, u64)>,
    /// Whether something was looked for.
    found: bool,
    next: Option<String>,
}

impl IndexPage {
    fn sorted(&self, name: &str) -> bool {
        let sort = match self.browse.sort {
            Sort::Votes => "votes",
            Sort::New => "new",
            Sort::Size => "size",
        };
        sort == name
    }
}

pub(super) async fn bots(
    pages: State<Pages>,
    language: Language,
    actor: MaybeActor,
    browse: Query<Browse>,
    raw: RawQuery,
    headers: HeaderMap,
) -> Reply {
    show(ListingKind::Bot, pages, language, actor, browse, raw, headers).await
}

pub(super) async fn guilds(
    pages: State<Pages>,
    language: Language,
    actor: MaybeActor,
    browse: Query<Browse>,
    raw: RawQuery,
    headers: HeaderMap,
) -> Reply {
    show(ListingKind::Guild, pages, language, actor, browse, raw, headers).await
}

async fn show(
    kind: ListingKind,
    State(pages): State<Pages>,
    language: Language,
    MaybeActor(actor): MaybeActor,
    Query(browse): Query<Browse>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    browse.check()?;
    let raw = raw.filter(|raw| !raw.is_empty());
    let render = pages.index(kind, language, actor.as_ref(), browse, raw.is_some());
    if actor.is_some() {
        return Ok(axum::response::IntoResponse::into_response(axum::response::Html(render.await?)));
    }
    let address = format!("{}?{}", kind.plural(), raw.as_deref().unwrap_or_default());
    Ok(pages.for_strangers(address, language, &headers, render).await?)
}

impl Pages {
    async fn index(
        &self,
        kind: ListingKind,
        language: Language,
        actor: Option<&Actor>,
        browse: Browse,
        asked: bool,
    ) -> Result<String> {
        let words = self.site.words();
        let title = words
            .text(language, if kind == ListingKind::Bot { "directory-bots" } else { "directory-guilds" });
        let lead = words.text(
            language,
            if kind == ListingKind::Bot { "directory-bots-lead" } else { "directory-guilds-lead" },
        );
        let page = self.page(&title, language, actor).about(lead);
        let address = format!("{}/{}", self.directory.config().public_url, kind.plural());
        let mut shown = IndexPage {
            page,
            kind,
            address,
            browse,
            rows: Vec::new(),
            tags: Vec::new(),
            found: asked,
            next: None,
        };
        if asked {
            let found = self.directory.browse(kind, &shown.browse).await?;
            let tiles = found.listings.into_iter().map(Tile::from).collect();
            let title = words.text(language, "directory-found");
            shown.next = found.next.map(|after| next_page(kind, &shown.browse, &after.to_string()));
            shown.rows.push(Row { title, more: None, tiles });
        } else {
            let index = self.directory.index(kind).await?;
            shown.tags = index.tags;
            let more = |sort: &str| Some(format!("/{}?sort={sort}", kind.plural()));
            for (key, cards, more) in [
                ("directory-top", index.top_voted, more("votes")),
                ("directory-certified", index.certified, None),
                ("directory-new", index.new, more("new")),
                ("directory-random", index.random, None),
            ] {
                let tiles: Vec<Tile> = cards.into_iter().map(Tile::from).collect();
                if !tiles.is_empty() {
                    shown.rows.push(Row { title: words.text(language, key), more, tiles });
                }
            }
        }
        shown.render().map_err(unrendered)
    }
}

/// The address of the page after this one.
fn next_page(kind: ListingKind, browse: &Browse, after: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let sort = match browse.sort {
        Sort::Votes => "votes",
        Sort::New => "new",
        Sort::Size => "size",
    };
    query.append_pair("q", &browse.q).append_pair("tags", &browse.tags).append_pair("sort", sort);
    if let Some(language) = &browse.language {
        query.append_pair("language", language);
    }
    for (name, number) in [("size_from", browse.size_from), ("size_to", browse.size_to)] {
        if let Some(number) = number {
            query.append_pair(name, &number.to_string());
        }
    }
    if browse.nsfw {
        query.append_pair("nsfw", "true");
    }
    query.append_pair("after", after);
    format!("/{}?{}", kind.plural(), query.finish())
}
