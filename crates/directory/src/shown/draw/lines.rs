//! Lines of text that fit.

use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use super::painter::{BOLD, REGULAR};
use crate::shown::text::steers;

/// A line and how wide it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// One line, without characters that XML or the direction of text would stumble over.
    pub text: String,
    /// Height of the letters' box in pixels.
    pub size: u32,
    /// Semi-bold instead of regular.
    pub bold: bool,
    /// Pixels.
    pub width: f32,
}

impl Line {
    /// A line as wide as it gets.
    pub(in crate::shown) fn new(text: &str, size: u32, bold: bool) -> Self {
        let text = clean(text);
        let width = text.chars().map(|letter| advance(letter, size, bold)).sum();
        Self { text, size, bold, width }
    }

    /// The width with one decimal, as SVG has it.
    pub fn width_text(&self) -> String {
        format!("{:.1}", self.width)
    }
}

/// `text` as one line: white space becomes single spaces, what steers text or is not allowed in XML goes.
pub(in crate::shown) fn clean(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|letter| !steers(*letter) && !matches!(letter, '\u{fffe}' | '\u{ffff}'))
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` in at most `width` pixels, with `…` where it had to be cut.
pub(in crate::shown) fn fitted(text: &str, size: u32, bold: bool, width: u32) -> Line {
    let whole = Line::new(text, size, bold);
    let room = width as f32;
    if whole.width <= room {
        return whole;
    }
    let mut left = room - advance('…', size, bold);
    let kept: String = whole
        .text
        .chars()
        .take_while(|letter| {
            left -= advance(*letter, size, bold);
            left >= 0.0
        })
        .collect();
    Line::new(&format!("{}…", kept.trim_end()), size, bold)
}

/// `text` in at most `count` lines of at most `width` pixels, broken between words.
pub(in crate::shown) fn wrapped(text: &str, size: u32, bold: bool, width: u32, count: usize) -> Vec<Line> {
    let text = clean(text);
    let mut lines = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() && lines.len() < count {
        let last = lines.len() + 1 == count;
        let end = if last { rest.len() } else { breaking(rest, size, bold, width) };
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        lines.push(fitted(line, size, bold, width));
        rest = after.trim_start();
    }
    lines
}

/// Where the first line of `text` ends: after the last word that fits, or inside a word that is too long.
fn breaking(text: &str, size: u32, bold: bool, width: u32) -> usize {
    let (mut used, mut word_end) = (0.0, 0);
    for (at, letter) in text.char_indices() {
        if letter == ' ' {
            word_end = at;
        }
        used += advance(letter, size, bold);
        if used > width as f32 {
            return if word_end > 0 { word_end } else { at.max(letter.len_utf8()) };
        }
    }
    text.len()
}

/// How far the next letter stands; letters that the font lacks are taken for square.
fn advance(letter: char, size: u32, bold: bool) -> f32 {
    static FONTS: LazyLock<[Option<FontRef<'static>>; 2]> =
        LazyLock::new(|| [FontRef::new(REGULAR).ok(), FontRef::new(BOLD).ok()]);
    let [regular, semi_bold] = &*FONTS;
    let font = if bold { semi_bold } else { regular };
    font.as_ref()
        .and_then(|font| {
            let glyph = font.charmap().map(letter)?;
            font.glyph_metrics(Size::new(size as f32), LocationRef::default()).advance_width(glyph)
        })
        .unwrap_or(size as f32)
}

/// A count in few letters: `999`, `1.2k`, `45k`, `3.4M`.
pub fn number(count: u64) -> String {
    let (unit, sign) = match count {
        0..1_000 => return count.to_string(),
        1_000..1_000_000 => (1_000, 'k'),
        1_000_000..1_000_000_000 => (1_000_000, 'M'),
        _ => (1_000_000_000, 'G'),
    };
    let tenths = count / (unit / 10);
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{}{sign}", tenths / 10, tenths % 10)
    } else {
        format!("{}{sign}", tenths / 10)
    }
}
