//! The conditions of `@media`: widths and preferences.

use cssparser::{ParseError, Parser, ToCss, Token};

const WORDS: &[(&str, &[&str])] = &[
    ("prefers-color-scheme", &["light", "dark"]),
    ("prefers-reduced-motion", &["reduce", "no-preference"]),
    ("prefers-contrast", &["more", "less", "no-preference"]),
    ("orientation", &["portrait", "landscape"]),
    ("hover", &["hover", "none"]),
    ("pointer", &["fine", "coarse", "none"]),
];
const WIDTHS: &[&str] = &["min-width", "max-width", "width", "min-height", "max-height"];
const UNITS: &[&str] = &["px", "em", "rem"];

type Parsed<T> = Result<T, ParseError<()>>;

/// Queries separated by commas, each `[screen|print|all] and (…) and (…)`.
pub(super) fn queries(input: &mut Parser<'_>) -> Parsed<String> {
    let queries = input.parse_comma_separated(query)?;
    if queries.len() > 4 { Err(refused()) } else { Ok(queries.join(",")) }
}

fn refused() -> ParseError<()> {
    ParseError::custom(())
}

fn query(input: &mut Parser<'_>) -> Parsed<String> {
    let mut parts = Vec::new();
    if let Ok(kind) = input.try_parse(|input| input.expect_ident_cloned()) {
        let kind = ["screen", "print", "all"].into_iter().find(|known| kind.eq_ignore_ascii_case(known));
        parts.push(kind.ok_or_else(refused)?.to_owned());
    } else {
        parts.push(condition(input)?);
    }
    while !input.is_exhausted() && parts.len() <= 4 {
        input.expect_ident_matching("and")?;
        parts.push(condition(input)?);
    }
    Ok(parts.join(" and "))
}

fn condition(input: &mut Parser<'_>) -> Parsed<String> {
    input.expect_parenthesis_block()?;
    input.parse_nested_block(|input| {
        let name = input.expect_ident()?.to_ascii_lowercase();
        input.expect_colon()?;
        if let Some((name, words)) = WORDS.iter().find(|(known, _)| *known == name) {
            let word = input.expect_ident()?.to_ascii_lowercase();
            let word = words.iter().find(|known| **known == word).ok_or_else(refused)?;
            return Ok(format!("({name}:{word})"));
        }
        let name = WIDTHS.iter().find(|known| **known == name).ok_or_else(refused)?;
        match input.next()?.clone() {
            token @ Token::Dimension { .. } => match &token {
                Token::Dimension { value, unit, .. }
                    if (0.0..=10_000.0).contains(value)
                        && UNITS.iter().any(|known| known.eq_ignore_ascii_case(unit)) =>
                {
                    Ok(format!("({name}:{})", token.to_css_string()))
                }
                _ => Err(refused()),
            },
            _ => Err(refused()),
        }
    })
}
