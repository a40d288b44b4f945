//! Names and short texts: cleaned of what does not belong in them and held to Discord's lengths. Each returns what to
//! store; it is worth nothing if the form has complaints.

use guildhall_base::{Error, Form, Result};
use percent_encoding::percent_decode;
use rand::{Rng, RngExt};

use super::read::check_length;

/// How many characters an invite's code has: too many to guess.
pub const INVITE_CODE_LENGTH: usize = 10;
/// What invite codes are made of: no letter or digit that is easily taken for another.
pub const INVITE_CODE_ALPHABET: &[u8; 57] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The name of a guild: 2 to 100 characters.
pub fn guild_name(form: &mut Form, path: &str, name: &str) -> String {
    named(form, path, clean_line(name), 2, 100)
}

/// The name of a role: 1 to 100 characters.
pub fn role_name(form: &mut Form, path: &str, name: &str) -> String {
    named(form, path, clean_line(name), 1, 100)
}

/// The name of a voice channel, a category or a thread: 1 to 100 characters as they are.
pub fn channel_name(form: &mut Form, path: &str, name: &str) -> String {
    named(form, path, clean_line(name), 1, 100)
}

/// The name of a channel with text: 1 to 100 characters, lower case, dashes for white space, and of ASCII's
/// punctuation only dashes and underscores: `General Chat!` becomes `general-chat`.
pub fn text_channel_name(form: &mut Form, path: &str, name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for letter in clean_line(name).chars().flat_map(char::to_lowercase) {
        let letter = if letter.is_whitespace() { '-' } else { letter };
        let dropped = letter.is_ascii_punctuation() && !matches!(letter, '-' | '_');
        // Dashes do not follow one another, nor does a name begin with one.
        let repeated = letter == '-' && (slug.is_empty() || slug.ends_with('-'));
        if !dropped && !repeated {
            slug.push(letter);
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    named(form, path, slug, 1, 100)
}

/// The name of a group conversation: 1 to 100 characters, or `None` for no name.
pub fn group_name(form: &mut Form, path: &str, name: &str) -> Option<String> {
    optional(form, path, clean_line(name), 100)
}

/// A nickname: at most 32 characters, `None` for no nickname.
pub fn nickname(form: &mut Form, path: &str, name: &str) -> Option<String> {
    optional(form, path, clean_line(name), 32)
}

/// The name of a webhook, or the one that a message of it goes by: 1 to 80 characters, and nothing that Discord keeps
/// for itself, so that what is written for one works with the other.
pub fn webhook_name(form: &mut Form, path: &str, name: &str) -> String {
    let name = named(form, path, clean_line(name), 1, 80);
    let lower = name.to_lowercase();
    if let Some(taken) = ["clyde", "discord"].iter().find(|taken| lower.contains(**taken)) {
        let message = format!("Username cannot contain \"{taken}\"");
        form.refuse(path, "USERNAME_INVALID_CONTAINS", message);
    }
    name
}

/// The name of an emoji: 2 to 32 letters, digits and underscores of ASCII.
pub fn emoji_name(form: &mut Form, path: &str, name: &str) -> String {
    let name = named(form, path, name.trim().to_owned(), 2, 32);
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        form.refuse(path, "STRING_TYPE_REGEX", "String value did not match validation regex.");
    }
    name
}

/// The topic of a channel: at most 1024 characters, of a forum or media channel 4096; `None` for no topic.
pub fn topic(form: &mut Form, path: &str, text: &str, forum: bool) -> Option<String> {
    optional(form, path, clean_text(text), if forum { 4096 } else { 1024 })
}

/// The description of a guild: at most 300 characters; `None` for none.
pub fn guild_description(form: &mut Form, path: &str, text: &str) -> Option<String> {
    optional(form, path, clean_text(text), 300)
}

/// The reason in an `X-Audit-Log-Reason` header: percent-encoded UTF-8 of at most 512 characters; `None` if there is
/// nothing in it.
pub fn audit_reason(header: &[u8]) -> Result<Option<String>> {
    let reason = clean_text(&percent_decode(header).decode_utf8_lossy());
    if reason.chars().count() > 512 {
        let message = "Must be 512 or fewer in length.";
        return Err(Error::field("audit_log_reason", "BASE_TYPE_MAX_LENGTH", message));
    }
    Ok((!reason.is_empty()).then_some(reason))
}

/// A code for an invite. `random` must not be guessable.
pub fn invite_code(random: &mut impl Rng) -> String {
    let letter = |_| {
        let index = random.random_range(0..INVITE_CODE_ALPHABET.len());
        INVITE_CODE_ALPHABET.get(index).copied().map_or('x', char::from)
    };
    (0..INVITE_CODE_LENGTH).map(letter).collect()
}

/// Whether a text can be an invite's code at all, an older or chosen one included.
pub fn is_invite_code(code: &str) -> bool {
    (2..=32).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A name as one line: no control characters, single spaces, nothing around it.
fn clean_line(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !clean.is_empty() && !clean.ends_with(' ') {
            clean.push(' ');
        }
        clean.extend(word.chars().filter(|letter| !letter.is_control()));
    }
    clean.truncate(clean.trim_end().len());
    clean
}

/// A text of several lines: no control characters but line feeds and tabs, nothing around it.
fn clean_text(text: &str) -> String {
    let clean: String =
        text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    clean.trim().to_owned()
}

fn named(form: &mut Form, path: &str, name: String, min: usize, max: usize) -> String {
    check_length(form, path, name.chars().count(), min..=max);
    name
}

fn optional(form: &mut Form, path: &str, text: String, max: usize) -> Option<String> {
    check_length(form, path, text.chars().count(), 0..=max);
    (!text.is_empty()).then_some(text)
}
