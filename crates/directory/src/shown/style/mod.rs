//! The theme of a profile page: a safe subset of CSS, rewritten so that it reaches nothing outside one box.
//!
//! The source is parsed, and what is known is written anew; nothing is copied. A theme has
//! - rules whose selectors name elements, classes (`.hero` means `.own-hero`, see [`super::text`]) and some
//!   pseudo-classes, each put below [`SCOPE`]; `:root`, `html`, `body`, `:scope` and `&` mean the box itself;
//! - properties of an allow list, none of which takes a box out of the flow;
//! - values without `url()`, `var()`, `attr()` and whatever else loads or reads something; sizes are bounded;
//! - `@media` for widths and preferences, one level deep. No other at-rule.
//!
//! It is served as a style sheet of its own (the pages' policy forbids style inside HTML), for a page that puts the
//! author's content into `<div class="listing-theme">`. The sheet's last rule fences that box in, so that nothing the
//! author says paints outside it. No selector of a theme reaches the page's own parts, so put those elsewhere.

mod media;
mod property;
mod selector;
mod value;

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser,
};

/// The class of the box that a theme is for.
pub const SCOPE: &str = "listing-theme";

/// Bytes of source that a theme may have; a longer one is not read at all.
pub const MAX_BYTES: usize = 20_000;

/// Rules that a theme may have; further ones are left out.
pub const MAX_RULES: usize = 400;

/// What was left out, at most, before counting ends.
const MAX_LEFT_OUT: usize = 50;

/// What no theme can change: the box stays in its place and clips what it holds.
const FENCE: &str = "{position:relative!important;display:flow-root!important;contain:content!important;\
    isolation:isolate!important;overflow:clip!important;float:none!important;margin:0!important;\
    min-width:0!important;max-width:100%!important;transform:none!important;translate:none!important;rotate:none!important;\
    scale:none!important;filter:none!important;box-shadow:none!important;outline:none!important}\n";

/// A theme as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The text of the style sheet.
    pub css: String,
    /// What of the source is not in it, in the order of the source; at most 50.
    pub left_out: Vec<LeftOut>,
}

/// A part of a theme that is not allowed or not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The line of the source, from 1.
    pub line: u32,
    /// How the part begins: at most 60 characters of the author's text.
    pub part: String,
}

/// The theme below [`SCOPE`], see the module. Never fails: what is not allowed is left out and named. A source of more
/// than [`MAX_BYTES`] is left out as a whole.
pub fn scoped(source: &str) -> Sheet {
    let mut reader = Reader::default();
    let mut css = String::new();
    if source.len() > MAX_BYTES {
        reader.leave_out(1, source);
    } else {
        let mut input = Parser::new(source);
        input.set_nested_block_limit(12);
        // A nested parser borrows the reader, so what fails is collected first.
        let mut failed = Vec::new();
        for rule in StyleSheetParser::new(&mut input, &mut reader) {
            match rule {
                Ok(rule) => css.push_str(&rule),
                Err((_, part, place)) => failed.push((place.line, part)),
            }
        }
        for (line, part) in failed {
            reader.leave_out(line + 1, part);
        }
    }
    reader.left_out.sort_by_key(|part| part.line);
    reader.left_out.truncate(MAX_LEFT_OUT);
    css.push('.');
    css.push_str(SCOPE);
    css.push_str(FENCE);
    Sheet { css, left_out: reader.left_out }
}

#[derive(Default)]
struct Reader {
    rules: usize,
    in_media: bool,
    left_out: Vec<LeftOut>,
}

impl Reader {
    fn leave_out(&mut self, line: u32, part: &str) {
        if self.left_out.len() < 2 * MAX_LEFT_OUT {
            let part: String = part.trim().chars().filter(|letter| !letter.is_control()).take(60).collect();
            self.left_out.push(LeftOut { line, part });
        }
    }
}

impl<'i> QualifiedRuleParser<'i> for Reader {
    type Prelude = String;
    type QualifiedRule = String;
    type Error = ();

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Result<String, ParseError<()>> {
        selector::list(input)
    }

    fn parse_block(
        &mut self,
        selectors: String,
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<String, ParseError<()>> {
        self.rules += 1;
        if self.rules > MAX_RULES {
            return Err(ParseError::custom(()));
        }
        let mut body = String::new();
        let mut failed = Vec::new();
        for item in RuleBodyParser::new(input, &mut Body) {
            match item {
                Ok(declaration) => body.push_str(&declaration),
                Err((_, part, place)) => failed.push((place.line, part)),
            }
        }
        for (line, part) in failed {
            self.leave_out(line + 1, part);
        }
        Ok(if body.is_empty() { String::new() } else { format!("{selectors}{{{body}}}\n") })
    }
}

impl<'i> AtRuleParser<'i> for Reader {
    type Prelude = String;
    type AtRule = String;
    type Error = ();

    fn parse_prelude(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
    ) -> Result<String, ParseError<()>> {
        if self.in_media || !name.eq_ignore_ascii_case("media") {
            return Err(ParseError::custom(()));
        }
        media::queries(input)
    }

    fn parse_block(
        &mut self,
        queries: String,
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<String, ParseError<()>> {
        let mut inside = Self { in_media: true, rules: self.rules, left_out: Vec::new() };
        let (mut css, mut failed) = (String::new(), Vec::new());
        for rule in StyleSheetParser::new(input, &mut inside) {
            match rule {
                Ok(rule) => css.push_str(&rule),
                Err((_, part, place)) => failed.push((place.line, part)),
            }
        }
        self.rules = inside.rules;
        self.left_out.append(&mut inside.left_out);
        for (line, part) in failed {
            self.leave_out(line + 1, part);
        }
        Ok(if css.is_empty() { String::new() } else { format!("@media {queries}{{\n{css}}}\n") })
    }
}

/// The declarations of one rule; rules do not nest.
struct Body;

impl<'i> DeclarationParser<'i> for Body {
    type Declaration = String;
    type Error = ();

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _start: &ParserState,
    ) -> Result<String, ParseError<()>> {
        let rule = property::rule(&name).ok_or_else(|| ParseError::custom(()))?;
        let value = value::value(&rule, input)?;
        Ok(format!("{}:{value};", rule.name))
    }
}

impl<'i> QualifiedRuleParser<'i> for Body {
    type Prelude = ();
    type QualifiedRule = String;
    type Error = ();
}

impl<'i> AtRuleParser<'i> for Body {
    type Prelude = ();
    type AtRule = String;
    type Error = ();
}

impl<'i> RuleBodyItemParser<'i, String, ()> for Body {
    fn parse_declarations(&self) -> bool {
        true
    }

    fn parse_qualified(&self) -> bool {
        false
    }
}
