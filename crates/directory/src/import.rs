//! Listings from elsewhere: from other lists, by an adapter for each way in which lists write theirs down, or from JSON that
//! somebody brings. What comes of it is a [`Draft`] like any other: it is checked, and what is not known here is left out.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, Method, header};
use guildhall_base::{AnyId, Code, Error, Kind, Result};
use guildhall_infra::fetch::{Fetch, Outgoing};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::model::{Link, TextFormat};
use crate::rules::draft::{Draft, is_https};

/// No source of this name in the configuration.
pub const UNKNOWN_SOURCE: Code =
    Code::new(Kind::NotFound, 0, "unknown_source", "This server knows no list of this name.");
/// The other list has no such bot, or did not say so in a way that is understood.
pub const NOT_THERE: Code = Code::new(
    Kind::Invalid,
    0,
    "not_there",
    "The other list has no such listing, or writes it in an unknown way.",
);

/// The most that another list may answer.
const MOST: usize = 512 * 1024;
/// What a listing is tagged with whose tags are all unknown here.
const USUAL_TAG: &str = "utility";

/// How a list writes its listings down.
pub trait Adapter: Send + Sync {
    /// The path of a bot below the list's address.
    fn path(&self, bot: AnyId) -> String;

    /// What a bot's listing says.
    ///
    /// # Errors
    /// `NOT_THERE`.
    fn read(&self, listing: &Value) -> Result<Draft>;
}

/// Which of them a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// top.gg's API, version 0, and lists that copy it.
    Topgg,
    /// Fates List's API, version 2 and 3.
    FatesList,
}

impl Shape {
    fn adapter(self) -> &'static dyn Adapter {
        match self {
            Self::Topgg => &Topgg,
            Self::FatesList => &FatesList,
        }
    }
}

/// Another list, as the configuration names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// How it writes.
    pub shape: Shape,
    /// Where its API begins, without a slash at its end: `https://list.example/api`.
    pub address: String,
    /// What is sent as `Authorization`; empty: nothing.
    #[serde(default)]
    pub token: String,
}

/// The lists of the configuration, by name.
pub type Sources = BTreeMap<String, Source>;

impl Source {
    /// What a bot's listing says there.
    pub(crate) async fn fetch(&self, fetch: &Fetch, bot: AnyId) -> Result<Draft> {
        let adapter = self.shape.adapter();
        let url = Url::parse(&format!("{}{}", self.address, adapter.path(bot))).map_err(Error::internal)?;
        let mut request = Outgoing { max_bytes: Some(MOST), ..Outgoing::new(Method::GET, url) };
        if !self.token.is_empty() {
            let token = HeaderValue::from_str(&self.token).map_err(Error::internal)?;
            request.headers.insert(header::AUTHORIZATION, token);
        }
        let answer = fetch.send(request).await?;
        if !answer.status.is_success() {
            return Err(NOT_THERE.into());
        }
        let listing = serde_json::from_slice(&answer.body).map_err(|_| Error::from(NOT_THERE))?;
        adapter.read(&listing)
    }
}

/// top.gg: flat, with links under names of their own.
struct Topgg;

impl Adapter for Topgg {
    fn path(&self, bot: AnyId) -> String {
        format!("/bots/{bot}")
    }

    fn read(&self, listing: &Value) -> Result<Draft> {
        let mut links = Vec::new();
        links.extend(link("Website", text(listing, "website")));
        links.extend(link("Support", text(listing, "support").map(support)));
        links.extend(link("GitHub", text(listing, "github")));
        let mut draft = Draft {
            short: text(listing, "shortdesc"),
            long: text(listing, "longdesc"),
            tags: Some(names(listing, "tags")),
            prefix: Some(text(listing, "prefix")),
            library: Some(text(listing, "lib")),
            invite: Some(text(listing, "invite").filter(|invite| is_https(invite, 400))),
            links: Some(links),
            ..Draft::default()
        };
        draft.format = Some(guessed(draft.long.as_deref()));
        complete(draft)
    }
}

/// Fates List: texts under long names, tags as things with ids, further links as a map.
struct FatesList;

impl Adapter for FatesList {
    fn path(&self, bot: AnyId) -> String {
        format!("/bots/{bot}")
    }

    fn read(&self, listing: &Value) -> Result<Draft> {
        let mut links = Vec::new();
        links.extend(link("Website", text(listing, "website")));
        links.extend(link("Support", text(listing, "support").map(support)));
        for (name, url) in listing["extra_links"].as_object().into_iter().flatten() {
            let name: String = name.chars().take(20).collect();
            links.extend(link(&name, url.as_str().map(str::to_owned)));
        }
        links.truncate(20);
        let html = listing["long_description_type"] == 0;
        complete(Draft {
            short: text(listing, "description"),
            long: text(listing, "long_description_raw").or_else(|| text(listing, "long_description")),
            format: Some(if html { TextFormat::Html } else { TextFormat::Markdown }),
            tags: Some(names(listing, "tags")),
            features: Some(names(listing, "features")),
            prefix: Some(text(listing, "prefix")),
            library: Some(text(listing, "library")),
            invite: Some(text(listing, "invite").filter(|one| is_https(one, 400) || one.starts_with("P:"))),
            style: Some(text(listing, "css")),
            links: Some(links),
            flags: Some(
                listing["nsfw"]
                    .as_bool()
                    .filter(|nsfw| *nsfw)
                    .map(|_| "nsfw".to_owned())
                    .into_iter()
                    .collect(),
            ),
            ..Draft::default()
        })
    }
}

/// A text that is there and not empty.
fn text(listing: &Value, name: &str) -> Option<String> {
    listing[name].as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Names in a list: as texts, or as things with an `id`; as labels here are written.
fn names(listing: &Value, name: &str) -> Vec<String> {
    let names = listing[name].as_array().into_iter().flatten();
    let names = names.filter_map(|one| one.as_str().or_else(|| one["id"].as_str()));
    names.map(|one| one.trim().to_lowercase().replace([' ', '_'], "-")).collect()
}

/// top.gg writes only the code of an invite.
fn support(code: String) -> String {
    if code.contains("://") { code } else { format!("https://discord.gg/{code}") }
}

fn link(name: &str, url: Option<String>) -> Option<Link> {
    let url = url.filter(|url| is_https(url, 200))?;
    Some(Link { name: name.to_owned(), url })
}

/// Texts of lists that do not say how they are written.
fn guessed(long: Option<&str>) -> TextFormat {
    let tags = ["<div", "<p>", "<br", "<h1", "<center", "<style"];
    let html = long.is_some_and(|long| tags.iter().any(|tag| long.contains(tag)));
    if html { TextFormat::Html } else { TextFormat::Markdown }
}

/// Refuses what is no listing.
fn complete(mut draft: Draft) -> Result<Draft> {
    if draft.short.is_none() || draft.long.is_none() {
        return Err(NOT_THERE.into());
    }
    // One line of at most so many signs: what was longer there is cut here.
    if let Some(short) = &mut draft.short {
        *short = short.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
    }
    Ok(draft)
}

/// Leaves out labels that are not known here.
pub(crate) fn keep_known(draft: &mut Draft, tags: &[String], features: &[String]) {
    let known = |names: &mut Vec<String>, known: &[String], most: usize| {
        names.retain(|name| known.contains(name));
        names.truncate(most);
    };
    let mut wanted = draft.tags.take().unwrap_or_default();
    known(&mut wanted, tags, 10);
    if wanted.is_empty() {
        wanted.push(USUAL_TAG.to_owned());
    }
    draft.tags = Some(wanted);
    if let Some(wanted) = &mut draft.features {
        known(wanted, features, 5);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use serde_json::json;

    use super::*;
    use crate::model::ListingKind;

    #[test]
    fn topgg_s_listings_are_read() {
        let draft = Topgg
            .read(&json!({
                "id": "1", "username": "Tidy", "shortdesc": "Keeps  your\nguild tidy.", "longdesc": "a".repeat(300),
                "prefix": "!", "lib": "", "tags": ["Moderation", "Self Hostable"], "website": "https://example.com",
                "support": "abc", "github": "javascript:alert(1)", "invite": "http://insecure.example",
            }))
            .unwrap();
        assert_eq!(draft.short.as_deref(), Some("Keeps your guild tidy."));
        assert_eq!(draft.tags, Some(vec!["moderation".to_owned(), "self-hostable".to_owned()]));
        assert_eq!(draft.invite, Some(None));
        let urls: Vec<_> = draft.links.iter().flatten().map(|link| link.url.as_str()).collect();
        assert_eq!(urls, ["https://example.com", "https://discord.gg/abc"]);
        assert!(Topgg.read(&json!({ "error": "Not found" })).unwrap_err().is(NOT_THERE));
    }

    #[test]
    fn fates_list_s_listings_are_read_and_pass_the_check() {
        let mut draft = FatesList
            .read(&json!({
                "description": "Keeps your guild tidy.", "long_description_type": 0,
                "long_description": "<p>tidy</p>".repeat(30), "tags": [{ "id": "moderation" }, { "id": "nothing" }],
                "features": [{ "id": "free" }], "extra_links": { "Docs": "https://example.com/docs", "Bad": "ftp://x" },
                "nsfw": true, "invite": "P:8", "css": "p { color: red }",
            }))
            .unwrap();
        keep_known(&mut draft, &["moderation".to_owned(), "utility".to_owned()], &["free".to_owned()]);
        assert_eq!(
            (draft.tags.clone(), draft.format),
            (Some(vec!["moderation".to_owned()]), Some(TextFormat::Html))
        );
        assert_eq!(draft.links.as_ref().map(Vec::len), Some(1));
        draft.check(ListingKind::Bot, true).unwrap();
        keep_known(&mut draft, &["utility".to_owned()], &[]);
        assert_eq!((draft.tags, draft.features), (Some(vec!["utility".to_owned()]), Some(Vec::new())));
    }
}
