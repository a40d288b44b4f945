//! Pictures of listings for other sites: widgets, counters, and what is shown beside a link. They are drawn off the async
//! threads, two at a time, and kept; nothing is fetched for them.

use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use guildhall_base::{AnyId, Error, Result, codes as base_codes};
use guildhall_infra::http::{Kept, Query};
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::Reply;
use guildhall_infra::pictures;
use serde::Deserialize;

use super::{At, Pages};
use crate::codes;
use crate::model::{Listing, ListingId, ListingKind};
use crate::shelf::{AGE, Key};
use crate::shown::draw::{Avatar, Colour, number};
use crate::shown::picture::Preview;
use crate::shown::widget::{Card, Counter, Look, MAX_DESC_LENGTH, Size};

/// How a widget is to look.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Wanted {
    bgcolor: Option<String>,
    textcolor: Option<String>,
    size: Option<String>,
    desc_length: Option<u16>,
    /// `en` or `fi`.
    lang: Option<String>,
}

impl Wanted {
    fn look(&self) -> Look {
        let usual = Look::default();
        let colour = |text: &Option<String>, usual| text.as_deref().and_then(Colour::read).unwrap_or(usual);
        Look {
            background: colour(&self.bgcolor, usual.background),
            text: colour(&self.textcolor, usual.text),
            size: self.size.as_deref().and_then(Size::read).unwrap_or(usual.size),
            desc_length: self.desc_length.map_or(usual.desc_length, |length| length.min(MAX_DESC_LENGTH)),
        }
    }

    fn language(&self) -> Language {
        let wanted = self.lang.as_deref().unwrap_or_default();
        Language::ALL.into_iter().find(|language| language.tag() == wanted).unwrap_or_default()
    }

    /// What tells pictures apart: only what is drawn, so that made-up parameters make no further ones.
    fn key(&self) -> String {
        let mut key = format!("{:?}", self.look());
        let _ = write!(key, "{}", self.language().tag());
        key
    }
}

/// A picture's kind, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Svg,
    Png,
}

/// `1573306918502576128.svg`.
fn file(name: &str) -> Result<(AnyId, Format)> {
    let (id, format) = match name.rsplit_once('.') {
        Some((id, "svg")) => (id, Format::Svg),
        Some((id, "png")) => (id, Format::Png),
        _ => return Err(codes::UNKNOWN_LISTING.into()),
    };
    Ok((id.parse().map_err(|_| Error::from(codes::UNKNOWN_LISTING))?, format))
}

fn listing_of(kind: &str, id: AnyId) -> Result<ListingId> {
    let kind = ListingKind::ALL.into_iter().find(|known| known.plural() == kind);
    Ok(ListingId { kind: kind.ok_or(codes::UNKNOWN_LISTING)?, id })
}

/// What is drawn, owned, for another thread.
struct Said {
    listing: Listing,
    by: String,
    votes: String,
    size: String,
    site: String,
    avatar: Option<Bytes>,
}

impl Said {
    fn count(&self) -> u64 {
        match self.listing.id.kind {
            ListingKind::Bot => self.listing.counts.guilds,
            ListingKind::Guild => self.listing.counts.users,
        }
    }

    fn card<'a>(&'a self, avatar: Option<&'a Avatar>) -> Card<'a> {
        Card {
            name: &self.listing.name,
            by: &self.by,
            short: &self.listing.short,
            votes: self.listing.counts.votes,
            votes_word: &self.votes,
            count: Some(self.count()),
            count_word: &self.size,
            status: None,
            avatar,
        }
    }
}

impl Pages {
    /// A listing that everybody may see, with the words of a language.
    async fn said(&self, id: ListingId, language: Language) -> Result<Said> {
        let listing = self.directory.listing(None, id).await?.listing;
        let owner = self.directory.0.accounts.user(listing.owner).await;
        let owner = owner.map(|owner| owner.display_name().to_owned()).unwrap_or_default();
        let words = self.site.words();
        let size = match id.kind {
            ListingKind::Bot => "directory-widget-guilds",
            ListingKind::Guild => "directory-widget-members",
        };
        Ok(Said {
            by: words.text_with(language, "directory-widget-by", &[("name", owner.into())]),
            votes: words.text(language, "directory-widget-votes"),
            size: words.text(language, size),
            site: self.site.name().to_owned(),
            avatar: self.avatar(&listing).await,
            listing,
        })
    }

    /// The picture of a bot or guild of this server; those of others are not fetched.
    async fn avatar(&self, listing: &Listing) -> Option<Bytes> {
        let path = listing.avatar.as_deref().filter(|_| listing.platform.is_empty())?;
        let (folder, file) = path.trim_start_matches('/').rsplit_once('/')?;
        pictures::read(&self.directory.0.blobs, folder, file).await.ok()
    }

    /// Draws where it disturbs nobody, two pictures at a time.
    async fn draw(
        &self,
        content_type: &'static str,
        draw: impl FnOnce() -> Result<Vec<u8>> + Send + 'static,
    ) -> Result<Kept> {
        let _turn = self.directory.0.easel.acquire().await.map_err(Error::internal)?;
        let drawn = tokio::task::spawn_blocking(draw).await.map_err(Error::internal)??;
        Ok(Kept::new(content_type, drawn, AGE))
    }

    async fn kept(
        &self,
        key: String,
        headers: &HeaderMap,
        make: impl Future<Output = Result<Kept>>,
    ) -> Result<Response> {
        Ok(self.directory.0.shelf.get(Key::File(key), make).await?.answer(headers))
    }
}

fn unpaintable<E>(_: E) -> Error {
    base_codes::UNAVAILABLE.into()
}

/// `/widgets/bots/1.svg`: a card.
pub(super) async fn widget(
    State(pages): State<Pages>,
    Path((kind, name)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Reply {
    let (id, format) = file(&name)?;
    let id = listing_of(&kind, id)?;
    let key = format!("{id}/widget/{format:?}/{}", wanted.key());
    let (look, painter) = (wanted.look(), pages.directory.0.painter.clone());
    let make = async {
        let said = pages.said(id, wanted.language()).await?;
        let draw = move || {
            let avatar = said.avatar.as_deref().and_then(Avatar::read);
            let card = said.card(avatar.as_ref());
            match format {
                Format::Svg => Ok(card.svg(&look).into_bytes()),
                Format::Png => card.png(&look, &painter).map_err(unpaintable),
            }
        };
        pages.draw(content_type(format), draw).await
    };
    Ok(pages.kept(key, &headers, make).await?)
}

const fn content_type(format: Format) -> &'static str {
    match format {
        Format::Svg => "image/svg+xml",
        Format::Png => "image/png",
    }
}

/// `/widgets/bots/votes/1.svg`: a counter. What is counted is `votes`, `servers` (or `members`), `rating` or `owner`.
pub(super) async fn counter(
    State(pages): State<Pages>,
    Path((kind, what, name)): Path<(String, String, String)>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Reply {
    let (id, format) = file(&name)?;
    let id = listing_of(&kind, id)?;
    if !["votes", "servers", "members", "rating", "owner"].contains(&what.as_str()) {
        return Err(Error::from(codes::UNKNOWN_LISTING).into());
    }
    let language = wanted.language();
    let key = format!("{id}/counter/{what}/{format:?}/{}", language.tag());
    let painter = pages.directory.0.painter.clone();
    let make = async {
        let said = pages.said(id, language).await?;
        let words = pages.site.words();
        let (label, value) = match what.as_str() {
            "votes" => (said.votes.clone(), number(said.listing.counts.votes)),
            "servers" | "members" => (said.size.clone(), number(said.count())),
            "owner" => (words.text(language, "directory-widget-owner"), said.by.clone()),
            _ => {
                let rating =
                    said.listing.counts.rating().map_or_else(|| "–".to_owned(), |one| format!("{one:.1}"));
                (words.text(language, "directory-widget-rating"), rating)
            }
        };
        let draw = move || {
            let counter = Counter { label: &label, value: &value, colour: Colour::new(0xa8_481a) };
            match format {
                Format::Svg => Ok(counter.svg().into_bytes()),
                Format::Png => counter.png(&painter).map_err(unpaintable),
            }
        };
        pages.draw(content_type(format), draw).await
    };
    Ok(pages.kept(key, &headers, make).await?)
}

/// `/bots/1/preview.png`: what other sites show beside a link (Open Graph).
pub(super) async fn preview(State(pages): State<Pages>, At(id): At, headers: HeaderMap) -> Reply {
    let painter = pages.directory.0.painter.clone();
    let make = async {
        let said = pages.said(id, Language::default()).await?;
        let draw = move || {
            let avatar = said.avatar.as_deref().and_then(Avatar::read);
            let preview = Preview {
                name: &said.listing.name,
                short: &said.listing.short,
                votes: said.listing.counts.votes,
                votes_word: &said.votes,
                count: Some(said.count()),
                count_word: &said.size,
                site: &said.site,
                accent: Colour::new(0xa8_481a),
                avatar: avatar.as_ref(),
            };
            preview.png(&painter).map_err(unpaintable)
        };
        pages.draw("image/png", draw).await
    };
    Ok(pages.kept(format!("{id}/preview"), &headers, make).await?)
}
