//! The list of pages for search engines (sitemaps.org), in as many files as it takes.

use askama::Template;
use guildhall_base::Timestamp;
use url::Url;

use super::feed::net_date;

/// Addresses that one file may have.
pub const MAX_PLACES: usize = 50_000;

/// A page, or a file of pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it is.
    pub address: Url,
    /// When it last changed, if that is known.
    pub changed: Option<Timestamp>,
}

/// The files of a list of pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sitemap {
    /// All of it.
    Whole(String),
    /// More than [`MAX_PLACES`]: an index, and the files that it names, from number 1.
    Parts {
        /// Goes under the sitemap's own address.
        index: String,
        /// Each goes under the address that was given for it.
        files: Vec<String>,
    },
}

/// The sitemap of `places`, whose files are found at `address(number)`, from 1, if there must be several.
pub fn sitemap(places: &[Place], address: impl Fn(usize) -> Url) -> Sitemap {
    if places.len() <= MAX_PLACES {
        return Sitemap::Whole(file(places));
    }
    let parts = places.chunks(MAX_PLACES);
    let named: Vec<Place> = parts
        .clone()
        .zip(1..)
        .map(|(part, number)| Place {
            address: address(number),
            changed: part.iter().filter_map(|place| place.changed).max(),
        })
        .collect();
    Sitemap::Parts { index: index(&named), files: parts.map(file).collect() }
}

/// One file with the first [`MAX_PLACES`] of `places`.
pub fn file(places: &[Place]) -> String {
    File { kind: Kind::Pages, places: places.get(..MAX_PLACES).unwrap_or(places) }
        .render()
        .unwrap_or_default()
}

/// The index of the first [`MAX_PLACES`] of `files`.
pub fn index(files: &[Place]) -> String {
    File { kind: Kind::Files, places: files.get(..MAX_PLACES).unwrap_or(files) }.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "shown/sitemap.xml")]
struct File<'a> {
    kind: Kind,
    places: &'a [Place],
}

#[derive(Clone, Copy)]
enum Kind {
    Pages,
    Files,
}

impl Kind {
    fn list(self) -> &'static str {
        match self {
            Self::Pages => "urlset",
            Self::Files => "sitemapindex",
        }
    }

    fn item(self) -> &'static str {
        match self {
            Self::Pages => "url",
            Self::Files => "sitemap",
        }
    }
}
