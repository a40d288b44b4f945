//! The first words of a text, for descriptions of pages and entries of feeds.

use std::cell::RefCell;

use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult};

use super::tidy;

/// The words of safe HTML (from [`super::html`]) without markup, at most `max` characters, cut between words where
/// there is one, with `…` if anything was cut. Plain text: to be escaped by whoever puts it into markup.
pub fn excerpt(safe_html: &str, max: usize) -> String {
    let text = tidy::run(safe_html, Words(RefCell::default())).0.into_inner();
    shorten(&text.split_whitespace().collect::<Vec<_>>().join(" "), max)
}

/// `text` as one line of at most `max` characters, see [`excerpt`].
pub(in crate::shown) fn shorten(text: &str, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else {
        return text.to_owned();
    };
    // One character is the ellipsis.
    let end = text.get(..end).and_then(|kept| kept.char_indices().next_back()).map_or(0, |(at, _)| at);
    let (kept, rest) = text.split_at_checked(end).unwrap_or_default();
    let kept = match kept.rfind(' ') {
        Some(space) if !rest.starts_with(' ') && space * 2 > kept.len() => kept.get(..space).unwrap_or(kept),
        _ => kept,
    };
    if max == 0 { String::new() } else { format!("{}…", kept.trim_end_matches([' ', ',', ';', ':', '.'])) }
}

/// Collects text, with a space wherever an element begins or ends that is not inside a line.
struct Words(RefCell<String>);

impl TokenSink for Words {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut out = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => out.extend(text.chars().filter(|letter| !steers(*letter))),
            Token::TagToken(tag) if !inline(&tag.name) => out.push(' '),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "code"
            | "del"
            | "em"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "u"
            | "var"
            | "wbr"
    )
}

/// Characters that turn the direction of text around or are not seen: nothing that a line of plain text needs.
pub(in crate::shown) fn steers(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || (letter.is_control() && !letter.is_whitespace())
}
