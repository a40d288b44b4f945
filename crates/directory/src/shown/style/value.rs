//! Values: token by token, each written anew.

use cssparser::{ParseError, Parser, ToCss, Token};

use super::property::Rule;

/// The greatest number that a value may have, of whatever unit.
const MAX_NUMBER: f32 = 4_000.0;
/// Tokens that one value may have.
const MAX_TOKENS: usize = 120;
/// Characters that one string may have.
const MAX_STRING: usize = 60;

const UNITS: &[&str] = &[
    "px", "em", "rem", "ex", "ch", "lh", "rlh", "ic", "cap", "pt", "pc", "in", "cm", "mm", "q", "vw", "vh",
    "vi", "vb", "vmin", "vmax", "svh", "svw", "lvh", "lvw", "dvh", "dvw", "cqw", "cqh", "cqi", "cqb", "fr",
    "deg", "rad", "grad", "turn", "s", "ms",
];

/// Functions that make colours, gradients and sizes out of what is written in them.
const FUNCTIONS: &[&str] = &[
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "hwb",
    "lab",
    "lch",
    "oklab",
    "oklch",
    "color",
    "color-mix",
    "light-dark",
    "linear-gradient",
    "radial-gradient",
    "conic-gradient",
    "repeating-linear-gradient",
    "repeating-radial-gradient",
    "repeating-conic-gradient",
    "calc",
    "min",
    "max",
    "clamp",
    "round",
    "minmax",
    "repeat",
    "fit-content",
    "cubic-bezier",
    "steps",
    "linear",
    "rotate",
    "rotatez",
    "scale",
    "scalex",
    "scaley",
    "skew",
    "skewx",
    "skewy",
    "translate",
    "translatex",
    "translatey",
    "blur",
    "brightness",
    "contrast",
    "drop-shadow",
    "grayscale",
    "hue-rotate",
    "invert",
    "opacity",
    "saturate",
    "sepia",
];

/// The value of a declaration; a closing `!important` is dropped, as it would make themes fight the fence.
pub(super) fn value(rule: &Rule, input: &mut Parser<'_>) -> Result<String, ParseError<()>> {
    let mut writer = Writer { rule, out: String::new(), tokens: 0 };
    if rule.words.is_empty() {
        writer.tokens(input, false)?;
    } else {
        let word = input.expect_ident()?.to_ascii_lowercase();
        let word = rule.words.iter().find(|known| **known == word).ok_or_else(refused)?;
        writer.out.push_str(word);
    }
    let _ = input.try_parse(|input| cssparser::parse_important(input));
    let value = writer.out.trim().to_owned();
    if value.is_empty() { Err(refused()) } else { Ok(value) }
}

fn refused() -> ParseError<()> {
    ParseError::custom(())
}

struct Writer<'r> {
    rule: &'r Rule,
    out: String,
    tokens: usize,
}

impl Writer<'_> {
    /// Takes tokens until the end of the value or of the function.
    fn tokens(&mut self, input: &mut Parser<'_>, inside: bool) -> Result<(), ParseError<()>> {
        loop {
            let before = input.state();
            let Ok(token) = input.next_including_whitespace().cloned() else { return Ok(()) };
            self.tokens += 1;
            if self.tokens > MAX_TOKENS {
                return Err(refused());
            }
            match &token {
                Token::WhiteSpace(_) => {
                    if !self.out.ends_with([' ', '(']) {
                        self.out.push(' ');
                    }
                }
                Token::Delim('!') if !inside => {
                    input.reset(&before);
                    return Ok(());
                }
                Token::Comma | Token::Delim('/') => self.plain(&token),
                Token::Delim('+' | '-' | '*') if inside => self.plain(&token),
                Token::Ident(word) if harmless(word) => self.plain(&token),
                Token::Hash(colour) | Token::IDHash(colour) if is_colour(colour) => self.plain(&token),
                Token::Number { value, .. } => self.number(*value, &token)?,
                Token::Percentage { unit_value, .. } => self.number(unit_value * 100.0, &token)?,
                Token::Dimension { value, unit, .. } if known(UNITS, unit) => self.number(*value, &token)?,
                Token::QuotedString(text) if self.rule.strings && !inside => self.string(text, &token)?,
                Token::Function(name) if self.computes(name) => {
                    self.plain(&token);
                    input.parse_nested_block(|input| self.tokens(input, true))?;
                    self.out.push(')');
                }
                Token::ParenthesisBlock if inside => {
                    self.out.push('(');
                    input.parse_nested_block(|input| self.tokens(input, true))?;
                    self.out.push(')');
                }
                _ => return Err(refused()),
            }
        }
    }

    /// Whether the function may stand here. What is computed may turn out negative, and a margin must not be.
    fn computes(&self, name: &str) -> bool {
        known(FUNCTIONS, name) && !self.rule.name.starts_with("margin")
    }

    fn plain(&mut self, token: &Token<'_>) {
        self.out.push_str(&token.to_css_string());
    }

    fn number(&mut self, number: f32, token: &Token<'_>) -> Result<(), ParseError<()>> {
        let least = if self.rule.negative { -MAX_NUMBER } else { 0.0 };
        if !(least..=MAX_NUMBER).contains(&number) {
            return Err(refused());
        }
        self.plain(token);
        Ok(())
    }

    fn string(&mut self, text: &str, token: &Token<'_>) -> Result<(), ParseError<()>> {
        if text.chars().count() > MAX_STRING
            || text.chars().any(|letter| letter.is_control() || letter == '\\')
        {
            return Err(refused());
        }
        // Not even looks as if it ended a style element, wherever it is put.
        self.out.push_str(&token.to_css_string().replace('<', "\\3c "));
        Ok(())
    }
}

/// Words: plain letters and hyphens, none that old browsers run.
fn harmless(word: &str) -> bool {
    word.len() <= 40
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !["expression", "javascript", "behavior", "-moz-binding"]
            .iter()
            .any(|bad| word.eq_ignore_ascii_case(bad))
}

fn is_colour(hash: &str) -> bool {
    matches!(hash.len(), 3 | 4 | 6 | 8) && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn known(list: &[&str], word: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(word))
}
