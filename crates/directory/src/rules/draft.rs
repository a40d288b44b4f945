//! What may be said in a listing. Limits are those of Fates List.

use guildhall_base::{Form, Patch, Result};
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;

use crate::model::{Flags, Link, Listing, ListingKind, PageStyle, TextFormat};
use crate::shown::text;

/// The longest short text.
pub(crate) const SHORT: usize = 200;
/// The longest long text.
pub(crate) const LONG: usize = text::MAX_BYTES;
/// The longest style.
pub(crate) const STYLE: usize = 20_000;

/// What somebody says in a listing. When one is added, what is absent is empty; when one is changed, what is absent stays
/// and null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Draft {
    /// 10 to 200 characters in one line.
    #[schema(example = "Keeps your guild quiet and tidy.")]
    pub short: Option<String>,
    /// 200 to 50,000 characters of Markdown or HTML.
    pub long: Option<String>,
    /// How the long text is written.
    pub format: Option<TextFormat>,
    /// The language of its texts, ISO 639-1 or 639-3.
    #[schema(example = "en")]
    pub language: Option<String>,
    /// 1 to 10. Those of bots are given, guilds make their own: 2 to 20 of a-z, 0-9 and -.
    pub tags: Option<Vec<String>>,
    /// At most 5 of those that there are.
    pub features: Option<Vec<String>>,
    /// What a bot's commands begin with, at most 9 characters.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub prefix: Patch<String>,
    /// The library that a bot is written with, at most 50 characters.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub library: Patch<String>,
    /// An https address, or `P:` and permissions; null: as its platform invites.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub invite: Patch<String>,
    /// The https address of a picture that is shown in lists; it is fetched once.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub card_banner: Patch<String>,
    /// The same for its page.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub page_banner: Patch<String>,
    /// At most 20.
    pub links: Option<Vec<Link>>,
    /// How its page is laid out.
    pub page_style: Option<PageStyle>,
    /// CSS for its page, of which what is safe is kept; at most 20,000 characters.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub style: Patch<String>,
    /// Its short name in addresses: 2 to 32 of a-z, 0-9, - and _, beginning with a letter or number.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub vanity: Patch<String>,
    /// `nsfw`, `keep_banner_decor`; for guilds also `whitelist_only`, `login_required`. What is not named is cleared.
    pub flags: Option<Vec<String>>,
}

/// A value that is set, not cleared and not left.
fn set(patch: &Patch<String>) -> Option<&str> {
    patch.as_ref()?.as_deref()
}

impl Draft {
    /// Refuses what a listing may not say.
    ///
    /// # Errors
    /// Every wrong field.
    pub(crate) fn check(&self, kind: ListingKind, adding: bool) -> Result<()> {
        let mut form = Form::new();
        if adding {
            form.required("short", self.short.is_some());
            form.required("long", self.long.is_some());
            form.required("tags", self.tags.is_some());
        }
        self.texts(&mut form);
        self.labels(&mut form, kind);
        self.addresses(&mut form, kind);
        for name in self.flags.iter().flatten() {
            let allowed = match kind {
                ListingKind::Bot => Flags::NSFW | Flags::KEEP_BANNER_DECOR,
                ListingKind::Guild => Flags::OWN,
            };
            form.choice("flags", Flags::named(name).is_some_and(|flag| allowed.contains(flag)));
        }
        form.finish()
    }

    fn texts(&self, form: &mut Form) {
        if let Some(short) = &self.short {
            form.length("short", short.trim(), 10..=SHORT);
            if short.contains(['\n', '\r']) {
                form.refuse("short", "ONE_LINE", "Must be one line.");
            }
        }
        if let Some(long) = &self.long {
            form.length("long", long, 200..=LONG);
            if long.len() > text::MAX_BYTES {
                form.refuse("long", "BASE_TYPE_BAD_LENGTH", "Must be 50,000 bytes or fewer.");
            }
        }
        if let Some(language) = &self.language {
            let good =
                matches!(language.len(), 2 | 3) && language.bytes().all(|byte| byte.is_ascii_lowercase());
            if !good {
                form.refuse(
                    "language",
                    "LANGUAGE_CODE",
                    "Must be two or three letters, as ISO 639 has them.",
                );
            }
        }
        for (path, patch, most) in
            [("prefix", &self.prefix, 9), ("library", &self.library, 50), ("style", &self.style, STYLE)]
        {
            if let Some(text) = set(patch) {
                form.length(path, text, 0..=most);
            }
        }
        for (path, text) in [("short", self.short.as_deref()), ("long", self.long.as_deref())] {
            if text.is_some_and(|text| text.contains('\0')) {
                form.refuse(path, "FORBIDDEN_CHARACTER", "Must not contain the character U+0000.");
            }
        }
    }

    fn labels(&self, form: &mut Form, kind: ListingKind) {
        if let Some(tags) = &self.tags {
            form.required("tags", !tags.is_empty());
            form.at_most("tags", tags.len(), 10);
            for tag in tags.iter().filter(|_| kind == ListingKind::Guild) {
                let good = (2..=20).contains(&tag.len()) && tag.bytes().all(is_of_a_label);
                if !good {
                    form.refuse("tags", "TAG_CHARACTERS", "Tags are 2 to 20 of a-z, 0-9 and -.");
                }
            }
        }
        form.at_most("features", self.features.as_ref().map_or(0, Vec::len), 5);
    }

    fn addresses(&self, form: &mut Form, kind: ListingKind) {
        if let Some(invite) = set(&self.invite) {
            let permissions = invite.strip_prefix("P:").filter(|_| kind == ListingKind::Bot);
            let good = match permissions {
                Some(number) => number.parse::<u64>().is_ok(),
                None => is_https(invite, 400),
            };
            if !good {
                form.refuse(
                    "invite",
                    "URL_TYPE_INVALID_URL",
                    "Must be an https address, or P: and permissions.",
                );
            }
        }
        for (path, patch) in [("card_banner", &self.card_banner), ("page_banner", &self.page_banner)] {
            if set(patch).is_some_and(|url| !is_https(url, 1000)) {
                form.refuse(path, "URL_TYPE_INVALID_URL", "Must be an https address.");
            }
        }
        if let Some(links) = &self.links {
            form.at_most("links", links.len(), 20);
            for (index, link) in links.iter().enumerate() {
                form.length(&format!("links.{index}.name"), link.name.trim(), 1..=20);
                if !is_https(&link.url, 200) {
                    let path = format!("links.{index}.url");
                    form.refuse(
                        path,
                        "URL_TYPE_INVALID_URL",
                        "Must be an https address of at most 200 characters.",
                    );
                }
            }
        }
        if let Some(vanity) = set(&self.vanity) {
            form.length("vanity", vanity, 2..=32);
            let begins = vanity.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
            let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            if !(begins && vanity.bytes().all(good)) {
                form.refuse(
                    "vanity",
                    "VANITY_CHARACTERS",
                    "Only a-z, 0-9, - and _, the first of them a letter or number.",
                );
            } else if vanity.bytes().all(|byte| byte.is_ascii_digit()) {
                form.refuse("vanity", "VANITY_LIKE_AN_ID", "Must not look like an id.");
            }
        }
    }

    /// Says it in a listing; its banners and its short name, which need more than plain data, apart.
    pub(crate) fn apply(&self, listing: &mut Listing) {
        fn replace<T: Clone>(to: &mut T, from: Option<&T>) {
            if let Some(value) = from {
                to.clone_from(value);
            }
        }
        let short = self.short.as_ref().map(|short| short.trim().to_owned());
        replace(&mut listing.short, short.as_ref());
        replace(&mut listing.long, self.long.as_ref());
        replace(&mut listing.language, self.language.as_ref());
        let style = self.style.clone().map(Option::unwrap_or_default);
        replace(&mut listing.style, style.as_ref());
        let details = &mut listing.details;
        replace(&mut details.format, self.format.as_ref());
        replace(&mut details.page_style, self.page_style.as_ref());
        replace(&mut details.links, self.links.as_ref());
        replace(&mut details.prefix, filled(&self.prefix).as_ref());
        replace(&mut details.library, filled(&self.library).as_ref());
        replace(&mut details.invite, filled(&self.invite).as_ref());
        for (to, from) in [(&mut listing.tags, &self.tags), (&mut listing.features, &self.features)] {
            if let Some(names) = from {
                to.clone_from(names);
                to.sort_unstable();
                to.dedup();
            }
        }
        if let Some(names) = &self.flags {
            let wanted =
                names.iter().filter_map(|name| Flags::named(name)).fold(Flags::empty(), |all, one| all | one);
            listing.flags = (listing.flags - Flags::OWN) | (wanted & Flags::OWN);
        }
    }
}

/// Empty counts as cleared, as forms send it.
fn filled(patch: &Patch<String>) -> Patch<String> {
    patch.clone().map(|value| value.filter(|text| !text.is_empty()))
}

fn is_of_a_label(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// Whether it is an address that pages may lead to.
pub(crate) fn is_https(text: &str, most: usize) -> bool {
    text.len() <= most
        && Url::parse(text)
            .is_ok_and(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use super::*;

    fn good() -> Draft {
        serde_json::from_value(serde_json::json!({
            "short": "Keeps your guild tidy.", "long": "a".repeat(200), "tags": ["moderation"],
        }))
        .unwrap()
    }

    fn wrong(change: impl FnOnce(&mut Draft)) -> Vec<String> {
        let mut draft = good();
        change(&mut draft);
        match draft.check(ListingKind::Bot, true) {
            Ok(()) => Vec::new(),
            Err(error) => error.fields.into_iter().map(|field| field.path).collect(),
        }
    }

    fn text(text: &str) -> Patch<String> {
        Some(Some(text.to_owned()))
    }

    #[test]
    fn limits_are_those_of_the_reference() {
        assert!(wrong(|_| ()).is_empty());
        assert_eq!(wrong(|draft| draft.short = Some("too short".into())), ["short"]);
        assert_eq!(wrong(|draft| draft.short = Some("a".repeat(201))), ["short"]);
        assert_eq!(wrong(|draft| draft.short = Some("two lines of\ntext".into())), ["short"]);
        assert_eq!(wrong(|draft| draft.long = Some("a".repeat(199))), ["long"]);
        assert_eq!(wrong(|draft| draft.tags = Some(Vec::new())), ["tags"]);
        assert_eq!(wrong(|draft| draft.tags = Some(vec!["fun".into(); 11])), ["tags"]);
        assert_eq!(wrong(|draft| draft.features = Some(vec!["free".into(); 6])), ["features"]);
        assert_eq!(wrong(|draft| draft.prefix = text("0123456789")), ["prefix"]);
        assert_eq!(wrong(|draft| draft.vanity = text("a")), ["vanity"]);
        assert_eq!(wrong(|draft| draft.vanity = text("_hidden")), ["vanity"]);
        assert_eq!(wrong(|draft| draft.vanity = text("1234")), ["vanity"]);
        assert_eq!(wrong(|draft| draft.language = Some("English".into())), ["language"]);
    }

    #[test]
    fn addresses_are_https() {
        for bad in ["http://example.com", "javascript:alert(1)", "https://user@example.com", "P:many", "//x"]
        {
            assert_eq!(wrong(|draft| draft.invite = text(bad)), ["invite"], "{bad}");
        }
        for good in ["P:8", "https://example.com/add"] {
            assert!(wrong(|draft| draft.invite = text(good)).is_empty(), "{good}");
        }
        let link = |url: &str| Some(vec![Link { name: "Site".into(), url: url.into() }]);
        assert_eq!(wrong(|draft| draft.links = link("ftp://example.com")), ["links.0.url"]);
        assert!(wrong(|draft| draft.links = link("https://example.com")).is_empty());
    }

    #[test]
    fn flags_of_staff_are_not_for_forms() {
        for flag in ["edit_locked", "staff_locked", "system", "vote_locked", "whitelist_only", "nothing"] {
            assert_eq!(wrong(|draft| draft.flags = Some(vec![flag.into()])), ["flags"], "{flag}");
        }
        assert!(wrong(|draft| draft.flags = Some(vec!["nsfw".into()])).is_empty());
    }
}
