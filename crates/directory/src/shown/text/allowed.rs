//! What safe HTML consists of: one list, asked by both passes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use url::Url;

/// Stands before every class that an author gives.
pub const CLASS_PREFIX: &str = "own-";

/// Classes that one element may have, and letters that one may have.
const MAX_CLASSES: usize = 8;
const MAX_CLASS_LENGTH: usize = 40;

/// Elements that a text may have. Those of the first line are *formatting elements*: browsers copy them into every
/// paragraph that follows until they are closed, so they get no attributes and stay countable.
const FORMATTING: &[&str] = &["b", "i", "u", "s", "em", "strong", "code", "small"];
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "blockquote",
    "br",
    "caption",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "samp",
    "span",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "var",
    "wbr",
];

/// Elements that go with everything inside them. Of other elements that are not allowed, the text stays.
pub(super) const WITH_CONTENT: &[&str] = &[
    "script", "style", "svg", "math", "iframe", "object", "applet", "template", "title", "textarea",
    "noscript", "noembed", "noframes", "xmp", "select", "audio", "video", "canvas", "frameset", "head",
];

/// The name under which an element is kept; nothing if its tags are dropped.
pub(super) fn element(name: &str) -> Option<&'static str> {
    let name = match name {
        "h1" => "h3",
        "h2" => "h4",
        "h3" => "h5",
        "h4" | "h5" | "h6" => "h6",
        "strike" => "s",
        "tt" => "code",
        "section" | "article" | "header" | "footer" | "main" | "nav" | "aside" | "center" => "div",
        other => other,
    };
    FORMATTING.iter().chain(ELEMENTS).copied().find(|known| *known == name)
}

/// The attribute's value as it may stay, for an element by the name under which it is kept.
pub(super) fn attribute<'a>(element: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    if FORMATTING.contains(&element) {
        return None;
    }
    match (element, name) {
        ("a", "href") => link(value),
        ("img", "src") => picture(value),
        ("img", "width" | "height") => number(value, 4_096),
        ("td" | "th", "colspan" | "rowspan") => number(value, 100),
        ("td" | "th" | "p" | "div", "align") => one_of(value, &["left", "center", "right"]),
        ("th", "scope") => one_of(value, &["col", "row", "colgroup", "rowgroup"]),
        ("ol", "start") => number(value, 1_000_000),
        ("details", "open") => Some(Cow::Borrowed("")),
        ("img", "alt") | ("a" | "abbr" | "img", "title") => Some(Cow::Borrowed(super::cut(value, 500))),
        (_, "dir") => one_of(value, &["ltr", "rtl", "auto"]),
        ("a", _) | (_, "lang") => None,
        (_, "class") => classes(value),
        _ => None,
    }
}

/// `source` with nothing but what is allowed.
pub(super) fn clean(source: &str) -> String {
    CLEANER.clean(source).to_string()
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let images =
        HashMap::from([("loading", "lazy"), ("decoding", "async"), ("referrerpolicy", "no-referrer")]);
    let mut builder = Builder::empty();
    builder
        .tags(FORMATTING.iter().chain(ELEMENTS).copied().collect())
        .clean_content_tags(WITH_CONTENT.iter().copied().collect())
        .generic_attributes(HashSet::from(["class", "dir"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("abbr", HashSet::from(["title"])),
            ("img", HashSet::from(["src", "alt", "title", "width", "height"])),
            ("td", HashSet::from(["colspan", "rowspan", "align"])),
            ("th", HashSet::from(["colspan", "rowspan", "align", "scope"])),
            ("p", HashSet::from(["align"])),
            ("div", HashSet::from(["align"])),
            ("ol", HashSet::from(["start"])),
            ("details", HashSet::from(["open"])),
        ]))
        .set_tag_attribute_values(HashMap::from([("img", images)]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow ugc noopener noreferrer"))
        .strip_comments(true)
        .attribute_filter(|element, name, value| match name {
            // These are the cleaner's own.
            "loading" | "decoding" | "referrerpolicy" | "rel" => Some(Cow::Borrowed(value)),
            // Tidied already: a second prefix would go before the first.
            "class" => prefixed(value).then_some(Cow::Borrowed(value)),
            _ => attribute(element, name, value),
        });
    builder
});

fn link(value: &str) -> Option<Cow<'_, str>> {
    let url = Url::parse(value).ok()?;
    let fits = match url.scheme() {
        "http" | "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
        scheme => scheme == "mailto",
    };
    (fits && url.as_str().len() <= 2_000).then(|| Cow::Owned(url.into()))
}

fn picture(value: &str) -> Option<Cow<'_, str>> {
    link(value).filter(|url| url.starts_with("https://"))
}

fn number(value: &str, most: u32) -> Option<Cow<'_, str>> {
    let number = value.trim().parse::<u32>().ok().filter(|number| *number <= most)?;
    Some(Cow::Owned(number.to_string()))
}

fn one_of(value: &str, words: &'static [&'static str]) -> Option<Cow<'static, str>> {
    words.iter().find(|word| word.eq_ignore_ascii_case(value.trim())).map(|word| Cow::Borrowed(*word))
}

/// Whether a word may be a class: letters, digits, `-` and `_`.
pub(in crate::shown) fn is_class(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= MAX_CLASS_LENGTH
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn classes(value: &str) -> Option<Cow<'_, str>> {
    let words: Vec<String> = value
        .split_ascii_whitespace()
        .filter(|word| is_class(word))
        .take(MAX_CLASSES)
        .map(|word| format!("{CLASS_PREFIX}{word}"))
        .collect();
    (!words.is_empty()).then(|| Cow::Owned(words.join(" ")))
}

fn prefixed(value: &str) -> bool {
    value.split_ascii_whitespace().all(|word| word.strip_prefix(CLASS_PREFIX).is_some_and(is_class))
}
