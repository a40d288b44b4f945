//! Which texts are emojis.

use guildhall_base::EmojiId;

use super::message::outside_code;

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

/// What a text that should be an emoji names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// One of Unicode.
    Unicode(Emoji),
    /// One that somebody made.
    Custom(EmojiId),
}

/// Reads an emoji as the paths of reactions name it: of Unicode, or `name:id`, also `a:name:id` and in angle brackets.
pub fn wanted(text: &str) -> Option<Wanted> {
    let custom = text.trim_start_matches('<').trim_end_matches('>').rsplit_once(':');
    match custom.and_then(|(_, id)| id.parse().ok()) {
        Some(id) => Some(Wanted::Custom(id)),
        None => parse(text).map(Wanted::Unicode),
    }
}

/// The key under which reactions with a made emoji are counted.
pub fn custom_key(id: EmojiId, name: &str, animated: bool) -> String {
    format!("{}{name}:{id}", if animated { "a:" } else { "" })
}

/// The key among these that is this emoji's, whatever it was called when it was first used.
pub fn key_of<'a>(id: EmojiId, mut keys: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    keys.find(|key| key.rsplit_once(':').is_some_and(|(_, other)| other.parse() == Ok(id)))
}

/// A made emoji in a text: where it stands, its name and its id.
struct Mark<'a> {
    range: std::ops::Range<usize>,
    name: &'a str,
    id: EmojiId,
}

/// The emojis `<:name:id>` and `<a:name:id>` of a text, outside of code.
fn marks(text: &str) -> Vec<Mark<'_>> {
    let mut marks = Vec::new();
    for prose in outside_code(text) {
        // Where the part begins in the text that it is a part of.
        let base = prose.as_ptr() as usize - text.as_ptr() as usize;
        let mut from = 0;
        while let Some(start) = prose.get(from..).and_then(|rest| rest.find('<')).map(|found| from + found) {
            from = start + 1;
            let Some(length) = prose.get(from..).and_then(|rest| rest.find('>')) else { break };
            let inner = prose.get(from..from + length).unwrap_or_default();
            let Some((name, id)) = read_mark(inner) else { continue };
            from += length + 1;
            marks.push(Mark { range: base + start..base + from, name, id });
        }
    }
    marks
}

/// What stands between the angle brackets of an emoji.
fn read_mark(inner: &str) -> Option<(&str, EmojiId)> {
    let (name, id) = inner.strip_prefix("a:").or_else(|| inner.strip_prefix(':'))?.split_once(':')?;
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    ((1..=32).contains(&name.len()) && is_name(name)).then_some(())?;
    Some((name, id.parse().ok()?))
}

/// The made emojis that a text names, each once.
pub fn named(text: &str) -> Vec<EmojiId> {
    if !text.contains("<:") && !text.contains("<a:") {
        return Vec::new();
    }
    let mut ids: Vec<EmojiId> = marks(text).iter().map(|mark| mark.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The text with `:name:` in place of emojis that may not be used.
pub fn settle(text: &str, usable: impl Fn(EmojiId) -> bool) -> String {
    let mut settled = String::with_capacity(text.len());
    let mut from = 0;
    for mark in marks(text).into_iter().filter(|mark| !usable(mark.id)) {
        settled.push_str(text.get(from..mark.range.start).unwrap_or_default());
        settled.extend([":", mark.name, ":"]);
        from = mark.range.end;
    }
    settled.push_str(text.get(from..).unwrap_or_default());
    settled
}

/// Reads an emoji of Unicode; none for anything else.
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
    use super::*;

    #[test]
    fn made_emojis_are_found_outside_of_code_and_settled() {
        let text = "a <:one:1> `<:two:2>` <a:three:3><:one:1> <:bad name:4> <:x:y> < <:five:5>";
        assert_eq!(named(text), [1, 3, 5].map(EmojiId::new));
        let settled = settle(text, |id| id == EmojiId::new(3));
        assert_eq!(settled, "a :one: `<:two:2>` <a:three:3>:one: <:bad name:4> <:x:y> < :five:");
        assert_eq!(settle("ä<:one:1>ö", |_| false), "ä:one:ö");
        assert_eq!(named("<@1> <:half:"), []);
    }

    #[test]
    fn reactions_name_made_emojis_by_id() {
        for text in ["one:7", "a:one:7", "<:one:7>", "<a:one:7>", "other:7"] {
            assert_eq!(wanted(text), Some(Wanted::Custom(EmojiId::new(7))), "{text}");
        }
        assert!(matches!(wanted("👍"), Some(Wanted::Unicode(_))));
        assert_eq!(wanted("one:x"), None);
        let keys = ["👍", "a:old:7", "x:17"];
        assert_eq!(key_of(EmojiId::new(7), keys.into_iter()), Some("a:old:7"));
        assert_eq!(key_of(EmojiId::new(1), keys.into_iter()), None);
    }

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
