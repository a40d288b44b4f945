//! What programs read of the directory: feeds of what is new, and the list of pages for search engines.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use guildhall_base::{AnyId, Error, Result, Timestamp};
use guildhall_infra::http::Kept;
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::Reply;
use url::Url;

use super::Pages;
use crate::model::{ListingId, ListingKind, TextFormat};
use crate::shelf::{AGE, Key};
use crate::shown::feed::{Entry, Feed, MAX_ENTRIES};
use crate::shown::sitemap::{MAX_PLACES, Place, file, index};
use crate::shown::text::{Markup, html};
use crate::{codes, store};

/// Before everything: where the newest begin.
const NOW: (Timestamp, AnyId) = (Timestamp::from_millis(i64::MAX), AnyId::new(i64::MAX));

pub(super) async fn bots_rss(pages: State<Pages>, language: Language, headers: HeaderMap) -> Reply {
    feed(ListingKind::Bot, false, pages, language, headers).await
}

pub(super) async fn bots_atom(pages: State<Pages>, language: Language, headers: HeaderMap) -> Reply {
    feed(ListingKind::Bot, true, pages, language, headers).await
}

pub(super) async fn guilds_rss(pages: State<Pages>, language: Language, headers: HeaderMap) -> Reply {
    feed(ListingKind::Guild, false, pages, language, headers).await
}

pub(super) async fn guilds_atom(pages: State<Pages>, language: Language, headers: HeaderMap) -> Reply {
    feed(ListingKind::Guild, true, pages, language, headers).await
}

async fn feed(
    kind: ListingKind,
    atom: bool,
    State(pages): State<Pages>,
    language: Language,
    headers: HeaderMap,
) -> Reply {
    let key = Key::File(format!("{}/feed/{atom}/{}", kind.plural(), language.tag()));
    let kept = pages.directory.0.shelf.get(key, pages.feed(kind, atom, language)).await?;
    Ok(kept.answer(&headers))
}

impl Pages {
    fn address(&self, path: &str) -> Result<Url> {
        format!("{}{path}", self.directory.config().public_url).parse().map_err(Error::internal)
    }

    async fn feed(&self, kind: ListingKind, atom: bool, language: Language) -> Result<Kept> {
        let db = &self.directory.0.db;
        let most = u32::try_from(MAX_ENTRIES).unwrap_or(u32::MAX);
        let mut listings = Vec::new();
        for (id, ..) in store::browse::newest(db, kind, NOW, most).await? {
            if let Some((listing, _)) = store::listings::find(db, ListingId { kind, id }, None).await? {
                let markup = match listing.details.format {
                    TextFormat::Html => Markup::Html,
                    TextFormat::Markdown => Markup::Markdown,
                };
                let text = html(markup, &listing.long);
                listings.push((listing, text));
            }
        }
        let owners: Vec<_> = listings.iter().map(|(listing, _)| listing.owner).collect();
        let owners = self.directory.0.accounts.users(&owners).await?;
        let host = self.address("/")?.host_str().unwrap_or("localhost").to_owned();
        let mut entries = Vec::new();
        for (listing, text) in &listings {
            let year = listing.created_at.to_string();
            entries.push(Entry {
                id: format!("tag:{host},{}:{}", year.get(..10).unwrap_or("2020"), listing.id),
                page: self.address(&listing.id.path())?,
                title: &listing.name,
                author: owners.get(&listing.owner).map_or("", |owner| owner.display_name()),
                short: Some(&listing.short),
                html: text,
                published: listing.approved_at.unwrap_or(listing.created_at),
                updated: listing.changed_at,
                tags: listing.tags.iter().map(String::as_str).collect(),
            });
        }
        let title = if kind == ListingKind::Bot { "directory-feed-bots" } else { "directory-feed-guilds" };
        let words = self.site.words();
        let end = if atom { "atom" } else { "rss" };
        let feed = Feed {
            title: &format!("{} · {}", words.text(language, title), self.site.name()),
            about: &words.text(language, title),
            page: &self.address(&format!("/{}?sort=new", kind.plural()))?,
            address: &self.address(&format!("/{}/new.{end}", kind.plural()))?,
            language: language.tag(),
            updated: listings
                .iter()
                .map(|(listing, _)| listing.changed_at)
                .max()
                .unwrap_or(Timestamp::from_millis(0)),
            entries,
        };
        Ok(match atom {
            true => Kept::new("application/atom+xml; charset=utf-8", feed.atom(), AGE),
            false => Kept::new("application/rss+xml; charset=utf-8", feed.rss(), AGE),
        })
    }

    /// One file of the list of pages: the listings of a kind, the newest first, from the file before on.
    async fn places(&self, kind: ListingKind, number: usize) -> Result<Vec<Place>> {
        let most = u32::try_from(MAX_PLACES).unwrap_or(u32::MAX);
        let mut before = NOW;
        for _ in 1..number {
            let passed = store::browse::newest(&self.directory.0.db, kind, before, most).await?;
            before = passed.last().map(|(id, at, _)| (*at, *id)).ok_or(codes::UNKNOWN_LISTING)?;
        }
        let rows = store::browse::newest(&self.directory.0.db, kind, before, most).await?;
        let place = |(id, _, changed)| {
            let address = self.address(&ListingId { kind, id }.path())?;
            Ok(Place { address, changed: Some(changed) })
        };
        rows.into_iter().map(place).collect()
    }
}

/// `/sitemap.xml`: the files that have the pages.
pub(super) async fn sitemap(State(pages): State<Pages>, headers: HeaderMap) -> Reply {
    let make = async {
        let mut files = Vec::new();
        for kind in ListingKind::ALL {
            let count = store::browse::listed(&pages.directory.0.db, kind).await?;
            for number in 1..=count.div_ceil(MAX_PLACES as u64) {
                let address = pages.address(&format!("/sitemap/{}/{number}", kind.plural()))?;
                files.push(Place { address, changed: None });
            }
        }
        Ok(Kept::new("application/xml; charset=utf-8", index(&files), AGE))
    };
    let kept = pages.directory.0.shelf.get(Key::File("sitemap".to_owned()), make).await?;
    Ok(kept.answer(&headers))
}

/// `/sitemap/bots/1`.
pub(super) async fn sitemap_file(
    State(pages): State<Pages>,
    Path((kind, number)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Reply {
    let kind = ListingKind::ALL.into_iter().find(|known| known.plural() == kind);
    let kind = kind.filter(|_| (1..=1000).contains(&number)).ok_or(Error::from(codes::UNKNOWN_LISTING))?;
    let make = async {
        let places = pages.places(kind, number).await?;
        Ok(Kept::new("application/xml; charset=utf-8", file(&places), AGE))
    };
    let key = Key::File(format!("sitemap/{}/{number}", kind.plural()));
    Ok(pages.directory.0.shelf.get(key, make).await?.answer(&headers))
}
