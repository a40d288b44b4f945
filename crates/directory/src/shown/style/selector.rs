//! Selectors, each put below the box.

use cssparser::{ParseError, Parser, ToCss, Token};

use super::SCOPE;
use crate::shown::text::{CLASS_PREFIX, is_class};

/// Selectors of one rule, and compounds of one selector, at most.
const MAX_SELECTORS: usize = 20;
const MAX_COMPOUNDS: usize = 8;
const MAX_PARTS: usize = 8;

const PSEUDO_CLASSES: &[&str] = &[
    "hover",
    "focus",
    "focus-visible",
    "focus-within",
    "active",
    "link",
    "any-link",
    "empty",
    "first-child",
    "last-child",
    "only-child",
    "first-of-type",
    "last-of-type",
    "only-of-type",
];
const NTH: &[&str] = &["nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"];
const PSEUDO_ELEMENTS: &[&str] = &["before", "after", "first-letter", "first-line", "marker", "selection"];
const ROOTS: &[&str] = &["html", "body"];

type Parsed<T> = Result<T, ParseError<()>>;

/// The list of selectors before a rule. One that is not allowed refuses the rule, as CSS has it.
pub(super) fn list(input: &mut Parser<'_>) -> Parsed<String> {
    let selectors = input.parse_comma_separated(selector)?;
    if selectors.len() > MAX_SELECTORS {
        return Err(refused());
    }
    Ok(selectors.join(","))
}

fn refused() -> ParseError<()> {
    ParseError::custom(())
}

/// A compound: what stands between combinators.
struct Compound {
    text: String,
    /// It means the box itself.
    root: bool,
    /// Nothing may follow.
    last: bool,
}

fn selector(input: &mut Parser<'_>) -> Parsed<String> {
    input.skip_whitespace();
    let first = compound(input, true)?;
    let mut out = format!(".{SCOPE}");
    let mut root = first.root;
    let mut last = first.last;
    if !first.root {
        out.push(' ');
    }
    out.push_str(&first.text);
    for _ in 0..MAX_COMPOUNDS {
        let Some(combinator) = combinator(input)? else { return Ok(out) };
        // What stands beside the box is not the author's.
        if last || (root && matches!(combinator, '+' | '~')) {
            return Err(refused());
        }
        let next = compound(input, false)?;
        out.push(combinator);
        out.push_str(&next.text);
        (root, last) = (false, next.last);
    }
    Err(refused())
}

/// The combinator before the next compound; nothing at the end of the selector.
fn combinator(input: &mut Parser<'_>) -> Parsed<Option<char>> {
    input.skip_whitespace();
    if input.is_exhausted() {
        return Ok(None);
    }
    let found = input.try_parse(|input| match input.next()? {
        Token::Delim(sign @ ('>' | '+' | '~')) => Ok(*sign),
        _ => Err(refused()),
    });
    input.skip_whitespace();
    Ok(Some(found.unwrap_or(' ')))
}

fn compound(input: &mut Parser<'_>, first: bool) -> Parsed<Compound> {
    let mut out = Compound { text: String::new(), root: false, last: false };
    for part in 0..=MAX_PARTS {
        let before = input.state();
        let Ok(token) = input.next_including_whitespace().cloned() else {
            return if part == 0 { Err(refused()) } else { Ok(out) };
        };
        let start = part == 0;
        match token {
            Token::WhiteSpace(_) | Token::Delim('>' | '+' | '~') if !start => {
                input.reset(&before);
                return Ok(out);
            }
            _ if out.last => return Err(refused()),
            Token::Delim('&') if start && first => out.root = true,
            Token::Ident(name) if start && first && is_one(ROOTS, &name) => out.root = true,
            Token::Ident(name) if start && is_name(&name) => out.text.push_str(&name.to_ascii_lowercase()),
            Token::Delim('*') if start => out.text.push('*'),
            Token::Delim('.') => out.text.push_str(&class(input)?),
            Token::Colon => pseudo(input, &mut out, start && first)?,
            _ => return Err(refused()),
        }
    }
    Err(refused())
}

fn class(input: &mut Parser<'_>) -> Parsed<String> {
    match input.next_including_whitespace()? {
        Token::Ident(name) if is_class(name) => {
            let own = Token::Ident(format!("{CLASS_PREFIX}{name}").into());
            Ok(format!(".{}", own.to_css_string()))
        }
        _ => Err(refused()),
    }
}

fn pseudo(input: &mut Parser<'_>, out: &mut Compound, start: bool) -> Parsed<()> {
    match input.next_including_whitespace()?.clone() {
        Token::Ident(name) if start && is_one(&["root", "scope"], &name) => out.root = true,
        Token::Ident(name) if is_one(PSEUDO_CLASSES, &name) => {
            out.text.extend([":", &name.to_ascii_lowercase()]);
        }
        Token::Function(name) if is_one(NTH, &name) => {
            let (a, b) =
                input.parse_nested_block(|input| Ok::<_, ParseError<()>>(cssparser::parse_nth(input)?))?;
            out.text.push_str(&format!(":{}({a}n{b:+})", name.to_ascii_lowercase()));
        }
        Token::Colon => match input.next_including_whitespace()? {
            Token::Ident(name) if is_one(PSEUDO_ELEMENTS, name) => {
                out.text.extend(["::", &name.to_ascii_lowercase()]);
                out.last = true;
            }
            _ => return Err(refused()),
        },
        Token::Ident(name) if is_one(&["before", "after"], &name) => {
            out.text.extend(["::", &name.to_ascii_lowercase()]);
            out.last = true;
        }
        _ => return Err(refused()),
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    name.len() <= 20 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_one(list: &[&str], name: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}
