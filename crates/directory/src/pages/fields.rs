//! The form of a listing: its fields as texts, what they say, and where at the form an error belongs.

use std::collections::HashMap;

use guildhall_base::{Error, FieldError, codes as base};

use crate::codes;
use crate::model::{Flags, Link, Listing, PageStyle, TextFormat};
use crate::rules::draft::Draft;

/// What the form's fields say, as texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(pub(super) HashMap<String, String>);

impl Fields {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The form as a listing fills it.
    pub(super) fn of(listing: &Listing) -> Self {
        let details = &listing.details;
        let links: Vec<String> =
            details.links.iter().map(|link| format!("{} {}", link.name, link.url)).collect();
        let optional = |value: &Option<String>| value.clone().unwrap_or_default();
        let source = |banner: &Option<crate::model::Banner>| {
            banner.as_ref().map(|banner| banner.source.clone()).unwrap_or_default()
        };
        let mut fields = HashMap::from([
            ("short", listing.short.clone()),
            ("long", listing.long.clone()),
            ("language", listing.language.clone()),
            ("tags", listing.tags.join(", ")),
            ("features", listing.features.join(", ")),
            ("prefix", optional(&details.prefix)),
            ("library", optional(&details.library)),
            ("invite", optional(&details.invite)),
            ("card_banner", source(&details.card_banner)),
            ("page_banner", source(&details.page_banner)),
            ("links", links.join("\n")),
            ("style", listing.style.clone()),
            ("vanity", optional(&listing.vanity)),
        ]);
        let switches = [
            ("html", details.format == TextFormat::Html),
            ("single_scroll", details.page_style == PageStyle::SingleScroll),
            ("nsfw", listing.flags.contains(Flags::NSFW)),
            ("keep_banner_decor", listing.flags.contains(Flags::KEEP_BANNER_DECOR)),
            ("whitelist_only", listing.flags.contains(Flags::WHITELIST_ONLY)),
            ("login_required", listing.flags.contains(Flags::LOGIN_REQUIRED)),
        ];
        fields.extend(switches.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "on".to_owned())));
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// What the form says; every field is there, empty ones clear.
    pub(super) fn draft(&self) -> Draft {
        let text = |name: &str| Some(self.get(name).trim().to_owned());
        let list = |name: &str| {
            let names = self.get(name).split(',').map(str::trim).filter(|one| !one.is_empty());
            Some(names.map(str::to_lowercase).collect())
        };
        let cleared = |name: &str| Some(text(name).filter(|value| !value.is_empty()));
        let link = |line: &str| {
            let (name, url) = line.trim().rsplit_once(char::is_whitespace)?;
            Some(Link { name: name.trim().to_owned(), url: url.to_owned() })
        };
        let lines = self.get("links").lines().filter(|line| !line.trim().is_empty());
        let links = lines.map(|line| {
            link(line).unwrap_or_else(|| Link { name: String::new(), url: line.trim().to_owned() })
        });
        let flags = ["nsfw", "keep_banner_decor", "whitelist_only", "login_required"];
        Draft {
            short: text("short"),
            // Browsers send line ends as two signs.
            long: Some(self.get("long").replace("\r\n", "\n")),
            format: Some(if self.has("html") { TextFormat::Html } else { TextFormat::Markdown }),
            language: text("language"),
            tags: list("tags"),
            features: list("features"),
            prefix: cleared("prefix"),
            library: cleared("library"),
            invite: cleared("invite"),
            card_banner: cleared("card_banner"),
            page_banner: cleared("page_banner"),
            links: Some(links.collect()),
            page_style: Some(if self.has("single_scroll") {
                PageStyle::SingleScroll
            } else {
                PageStyle::Tabs
            }),
            style: Some(Some(self.get("style").replace("\r\n", "\n"))),
            vanity: cleared("vanity"),
            flags: Some(flags.into_iter().filter(|name| self.has(name)).map(str::to_owned).collect()),
        }
    }
}

/// The same error at the fields that the form has: links are one field, and a short name that is taken is its field's.
pub(super) fn at_the_form(mut error: Error) -> Error {
    if error.is(codes::VANITY_TAKEN) {
        let name = codes::VANITY_TAKEN;
        return Error {
            fields: vec![FieldError::new("vanity", name.name, name.text)],
            ..Error::from(base::INVALID_FORM)
        };
    }
    for field in &mut error.fields {
        if field.path.starts_with("links.") {
            field.code = if field.path.ends_with(".name") { "LINK_NAME" } else { "LINK_ADDRESS" };
            "links".clone_into(&mut field.path);
        }
    }
    error
}
