//! Pure decisions: what a name, a password, a profile may be; what becomes of two people's relationship.

use std::ops::RangeInclusive;

use guildhall_base::{Form, Result};

use crate::codes;
use crate::model::{Bond, CustomStatus};

/// Characters of a human's unique name and of a bot's name.
pub(crate) const USERNAME: RangeInclusive<usize> = 2..=32;
/// Characters of a password.
pub(crate) const PASSWORD: RangeInclusive<usize> = 8..=128;
/// Characters of the name that is shown.
pub(crate) const GLOBAL_NAME: RangeInclusive<usize> = 1..=32;
/// Characters of a profile's text.
pub(crate) const BIO: RangeInclusive<usize> = 0..=190;
/// Characters of the pronouns.
pub(crate) const PRONOUNS: RangeInclusive<usize> = 0..=40;

/// Characters of what is said beside a status.
pub(crate) const CUSTOM_STATUS: RangeInclusive<usize> = 0..=128;
/// Characters of an emoji or of a custom one's name.
pub(crate) const EMOJI_NAME: RangeInclusive<usize> = 1..=32;

/// Names that would be taken for mentions of many.
const RESERVED: [&str; 2] = ["everyone", "here"];

/// The form in which a human's name is stored and looked for.
pub(crate) fn handle(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A human's name: lower-case letters, digits, `_` and single dots.
pub(crate) fn check_username(form: &mut Form, path: &str, name: &str) {
    form.length(path, name, USERNAME);
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.';
    if !name.bytes().all(allowed) || name.contains("..") {
        form.refuse(
            path,
            "USERNAME_INVALID_CHARACTERS",
            "Only lower-case letters a-z, digits, underscores and single periods.",
        );
    } else if RESERVED.contains(&name) {
        form.refuse(path, "USERNAME_UNAVAILABLE", "This name is not available. Try another one.");
    }
}

/// A bot's name: anything visible that is no mention.
pub(crate) fn check_bot_name(form: &mut Form, path: &str, name: &str) {
    form.length(path, name, USERNAME);
    check_visible(form, path, name);
    if RESERVED.contains(&name) || name.contains(['@', '#', ':']) || name.contains("```") {
        form.refuse(path, "USERNAME_INVALID_CHARACTERS", "May not contain @, #, : or ```.");
    }
}

/// The name that is shown.
pub(crate) fn check_global_name(form: &mut Form, path: &str, name: &str) {
    form.length(path, name, GLOBAL_NAME);
    check_visible(form, path, name);
}

/// A one-line text that is not blank.
fn check_visible(form: &mut Form, path: &str, text: &str) {
    if !text.is_empty() && (text.trim().is_empty() || text.chars().any(char::is_control)) {
        form.refuse(path, "BASE_TYPE_BAD_TEXT", "Must be one line of visible text.");
    }
}

/// What is said beside a status.
pub(crate) fn check_custom_status(form: &mut Form, custom: &CustomStatus) {
    if let Some(text) = &custom.text {
        form.length("custom_status.text", text, CUSTOM_STATUS);
    }
    if let Some(emoji) = &custom.emoji_name {
        form.length("custom_status.emoji_name", emoji, EMOJI_NAME);
    }
}

/// A new password.
pub(crate) fn check_password(form: &mut Form, path: &str, password: &str) {
    form.length(path, password, PASSWORD);
}

/// A language tag: letters and digits in parts joined by `-`.
pub(crate) fn check_locale(form: &mut Form, path: &str, tag: &str) {
    let part =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    form.choice(path, (2..=35).contains(&tag.len()) && tag.split('-').all(part));
}

/// Cuts a text to a number of characters.
pub(crate) fn shorten(text: &str, characters: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(characters).collect()
}

/// What two people see in each other: first what the one who acts sees.
pub(crate) type Pair = (Option<Bond>, Option<Bond>);

/// Asks to be friends, or agrees to be.
pub(crate) fn befriend(pair: Pair) -> Result<Pair> {
    match pair {
        (Some(Bond::Friend), _) => Err(codes::ALREADY_FRIENDS.into()),
        (_, Some(Bond::Blocked)) => Err(codes::REQUEST_BLOCKED.into()),
        (Some(Bond::Incoming), _) => Ok((Some(Bond::Friend), Some(Bond::Friend))),
        _ => Ok((Some(Bond::Outgoing), Some(Bond::Incoming))),
    }
}

/// Wants to hear no more of the other.
pub(crate) fn block((_, theirs): Pair) -> Pair {
    (Some(Bond::Blocked), theirs.filter(|theirs| *theirs == Bond::Blocked))
}

/// Ends whatever there is; the other's block stays.
pub(crate) fn part((_, theirs): Pair) -> Pair {
    (None, theirs.filter(|theirs| *theirs == Bond::Blocked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Bond::{Blocked, Friend, Incoming, Outgoing};

    fn names(check: fn(&mut Form, &str, &str), name: &str) -> bool {
        let mut form = Form::new();
        check(&mut form, "name", name);
        form.finish().is_ok()
    }

    #[test]
    fn names_are_held_to_their_characters() {
        for good in ["ab", "ada.lovelace", "x_1", &"a".repeat(32)] {
            assert!(names(check_username, good), "{good}");
        }
        for bad in ["", "a", "Ada", "a b", "a..b", "ä1", "everyone", "a\u{0}", &"a".repeat(33)] {
            assert!(!names(check_username, bad), "{bad}");
        }
        for good in ["Music Bot", "Ö 1"] {
            assert!(names(check_bot_name, good), "{good}");
        }
        for bad in ["  ", "a@b", "x", "a\nb"] {
            assert!(!names(check_bot_name, bad), "{bad}");
        }
        assert!(names(check_locale, "pt-BR") && names(check_locale, "fi"));
        assert!(!names(check_locale, "x") && !names(check_locale, "en_US") && !names(check_locale, "en-"));
    }

    #[test]
    fn every_pair_stays_one_of_the_seven_that_make_sense() {
        let sensible = [
            (None, None),
            (Some(Outgoing), Some(Incoming)),
            (Some(Incoming), Some(Outgoing)),
            (Some(Friend), Some(Friend)),
            (Some(Blocked), None),
            (None, Some(Blocked)),
            (Some(Blocked), Some(Blocked)),
        ];
        for pair in sensible {
            for next in [befriend(pair).ok(), Some(block(pair)), Some(part(pair))].into_iter().flatten() {
                assert!(sensible.contains(&next), "{pair:?} became {next:?}");
            }
        }
        assert_eq!(befriend((Some(Incoming), Some(Outgoing))).unwrap(), (Some(Friend), Some(Friend)));
        assert_eq!(block((Some(Friend), Some(Friend))), (Some(Blocked), None));
        assert_eq!(part((Some(Blocked), Some(Blocked))), (None, Some(Blocked)));
        assert!(befriend((None, Some(Blocked))).unwrap_err().is(codes::REQUEST_BLOCKED));
    }
}
