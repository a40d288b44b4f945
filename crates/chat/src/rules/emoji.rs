//! Which texts are emojis.

/// How many bytes the longest emoji of Unicode takes (families, flags of regions), with some room.
const MAX_BYTES: usize = 64;

/// An emoji of Unicode, as the key under which reactions with it are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emoji(String);

impl Emoji {
    /// The key: the emoji without the selector that asks for its coloured form, so that both forms count as one.
    pub fn key(&self) -> &str {
        &self.0
    }
}

/// Reads an emoji of Unicode. None for anything else: this installation has no emojis of its own yet, so
/// `name:id` names none.
pub fn parse(text: &str) -> Option<Emoji> {
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    let keycap = text.ends_with('\u{20e3}');
    let symbol =
        |c: char| is_pictographic(c) || is_joining(c) || (keycap && matches!(c, '0'..='9' | '#' | '*'));
    let shown = text.chars().any(|c| is_pictographic(c) || c == '\u{20e3}');
    if !shown || !text.chars().all(symbol) {
        return None;
    }
    // A single symbol loses the selector; inside sequences it is significant.
    let mut chars = text.chars();
    let key = match (chars.next(), chars.next(), chars.next()) {
        (Some(c), Some('\u{fe0f}'), None) => c.to_string(),
        _ => text.to_owned(),
    };
    Some(Emoji(key))
}

/// Blocks in which Unicode's emojis lie.
fn is_pictographic(c: char) -> bool {
    matches!(u32::from(c),
        0xa9 | 0xae | 0x203c | 0x2049 | 0x2122 | 0x2139 | 0x2190..=0x21ff | 0x2300..=0x23ff | 0x24c2
        | 0x25a0..=0x27bf | 0x2900..=0x297f | 0x2b00..=0x2bff | 0x3030 | 0x303d | 0x3297 | 0x3299
        | 0x1f000..=0x1faff)
}

/// What joins or varies them: joiner, selector, keycap, tags of flags.
fn is_joining(c: char) -> bool {
    matches!(u32::from(c), 0x200d | 0xfe0f | 0x20e3 | 0xe0020..=0xe007f)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn emojis_are_read_and_other_texts_are_not() {
        for good in ["👍", "❤️", "👍🏽", "👨‍👩‍👧‍👦", "🇫🇮", "#️⃣", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "☕", "ℹ️"]
        {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in ["", "a", "1", "#", "👍a", "name:123", "a👍", " ", "\u{200d}", "\u{fe0f}", "ä"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
        assert_eq!(parse("❤️"), parse("❤"));
    }
}
