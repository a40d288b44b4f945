//! What is new, for readers of feeds: RSS 2.0 and Atom (RFC 4287).

use askama::Template;
use guildhall_base::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use url::Url;

use super::draw::clean;
use super::text::excerpt;

/// Entries that a feed shows, the first ones it is given.
pub const MAX_ENTRIES: usize = 50;

/// Characters of a summary.
const SUMMARY: usize = 300;

/// A list of news, newest first.
#[derive(Debug, Clone)]
pub struct Feed<'a> {
    /// What it is called.
    pub title: &'a str,
    /// What it is about.
    pub about: &'a str,
    /// The page that shows the same.
    pub page: &'a Url,
    /// The feed's own address.
    pub address: &'a Url,
    /// BCP 47: `en`.
    pub language: &'a str,
    /// When the newest change was.
    pub updated: Timestamp,
    /// The news.
    pub entries: Vec<Entry<'a>>,
}

/// One piece of news. Texts may hold anything.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// An IRI that never changes and means nothing else: `tag:example.org,2026:listing/1`.
    pub id: String,
    /// Where it is read.
    pub page: Url,
    /// The listing's name.
    pub title: &'a str,
    /// Whose it is.
    pub author: &'a str,
    /// The short text; nothing to take the beginning of `html`.
    pub short: Option<&'a str>,
    /// The long text as safe HTML ([`super::text::html`]).
    pub html: &'a str,
    /// When it appeared.
    pub published: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// What it is filed under.
    pub tags: Vec<&'a str>,
}

#[derive(Template)]
#[template(path = "shown/rss.xml")]
struct Rss<'a> {
    feed: &'a Feed<'a>,
}

#[derive(Template)]
#[template(path = "shown/atom.xml")]
struct Atom<'a> {
    feed: &'a Feed<'a>,
}

impl Feed<'_> {
    /// As RSS 2.0: `application/rss+xml`.
    pub fn rss(&self) -> String {
        Rss { feed: self }.render().unwrap_or_default()
    }

    /// As Atom: `application/atom+xml`.
    pub fn atom(&self) -> String {
        Atom { feed: self }.render().unwrap_or_default()
    }

    fn title(&self) -> String {
        clean(self.title)
    }

    fn about(&self) -> String {
        clean(self.about)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry<'_>> {
        self.entries.iter().take(MAX_ENTRIES)
    }
}

impl Entry<'_> {
    fn title(&self) -> String {
        clean(self.title)
    }

    fn author(&self) -> String {
        clean(self.author)
    }

    fn summary(&self) -> String {
        self.short.map_or_else(|| excerpt(self.html, SUMMARY), clean)
    }

    /// Without characters that XML does not allow, even escaped.
    fn html(&self) -> String {
        let allowed = |letter: &char| {
            matches!(letter, '\n' | '\t')
                || !(letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'))
        };
        self.html.chars().filter(allowed).collect()
    }
}

fn moment(at: &Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.millis().div_euclid(1_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// As mails write it (RFC 2822).
fn mail_date(at: &Timestamp) -> String {
    moment(at).format(&Rfc2822).unwrap_or_default()
}

/// As the internet writes it (RFC 3339), to the second.
pub(in crate::shown) fn net_date(at: &Timestamp) -> String {
    moment(at).format(&Rfc3339).unwrap_or_default()
}
