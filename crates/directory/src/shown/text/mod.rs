//! The long text of a listing, a review or a pack: Markdown as GitHub has it, or HTML, made into HTML that is safe to
//! put into a page, and into plain words for descriptions and feeds.
//!
//! Three passes. Markdown becomes HTML; [`tidy`] reads the tags, renames and counts them, so that no text costs more
//! than its length; `ammonia` parses what is left as a browser would and writes down what [`allowed`] knows, nothing
//! else. The last pass is the one that safety rests on: nothing is changed after it.
//!
//! Safe HTML holds
//! - no script, style, frame, form, plugin, SVG or MathML, no event handler, `style` or `id`;
//! - links to `http`, `https` and `mailto` only, with `rel="nofollow ugc noopener noreferrer"`;
//! - pictures by `https` only, loaded when they come into view and without a referrer;
//! - headings from `h3` on, since `h1` is the name of the page and `h2` that of the part;
//! - classes only with the prefix `own-`, so that a text never wears the page's own; a theme's selectors get the
//!   same prefix ([`super::style`]).

mod allowed;
mod excerpt;
mod tidy;

use comrak::Options;

pub use allowed::CLASS_PREFIX;
pub(in crate::shown) use allowed::is_class;
pub use excerpt::excerpt;
pub(in crate::shown) use excerpt::{shorten, steers};

/// Bytes of source that are read; what comes after is cut off. Forms should refuse longer texts.
pub const MAX_BYTES: usize = 50_000;

/// Elements that a text may have; further tags are dropped, their text stays.
pub const MAX_ELEMENTS: usize = 4_000;

/// Elements that may be inside each other; deeper tags are dropped, their text stays.
pub const MAX_DEPTH: usize = 40;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Markup {
    /// HTML.
    Html,
    /// Markdown with GitHub's tables, strikethrough, task lists and bare links. HTML inside is read too.
    Markdown,
}

/// The text as safe HTML, see the module. Never fails: what is not allowed is left out. At most [`MAX_BYTES`] of
/// `source` are read.
pub fn html(markup: Markup, source: &str) -> String {
    let source = cut(source, MAX_BYTES);
    let tidied = match markup {
        Markup::Html => tidy::tidy(source),
        Markup::Markdown => tidy::tidy(&comrak::markdown_to_html(source, &markdown())),
    };
    allowed::clean(&tidied)
}

/// GitHub's dialect. HTML inside is let through here, since it is cleaned afterwards. Footnotes and anchors are off:
/// they live on ids.
fn markdown() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.render.r#unsafe = true;
    options
}

/// The first `max` bytes, or a few fewer so that no letter is cut in two.
fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or_default()
}
