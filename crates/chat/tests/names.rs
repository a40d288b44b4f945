//! Names, topics, reasons and invite codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

use std::collections::HashSet;

use guildhall_base::Form;
use guildhall_chat::rules::names::{
    INVITE_CODE_LENGTH, audit_reason, channel_name, emoji_name, guild_name, invite_code, is_invite_code,
    nickname, role_name, text_channel_name, topic, webhook_name,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// What a check makes of a text: the cleaned text, or the code of its complaint.
fn check<T>(check: impl Fn(&mut Form, &str, &str) -> T, text: &str) -> Result<T, &'static str> {
    let mut form = Form::new();
    let clean = check(&mut form, "name", text);
    form.finish().map(|()| clean).map_err(|error| error.fields.first().map_or("", |field| field.code))
}

fn ok(text: &str) -> Result<String, &'static str> {
    Ok(text.to_owned())
}

const BAD_LENGTH: &str = "BASE_TYPE_BAD_LENGTH";
const REQUIRED: &str = "BASE_TYPE_REQUIRED";

#[test]
fn guild_names_have_2_to_100_characters() {
    assert_eq!(check(guild_name, "  My\n\u{0}  guild "), ok("My guild"));
    assert_eq!(check(guild_name, &"ä".repeat(100)), Ok("ä".repeat(100)));
    assert_eq!(check(guild_name, "x"), Err(BAD_LENGTH));
    assert_eq!(check(guild_name, &"x".repeat(101)), Err(BAD_LENGTH));
    assert_eq!(check(guild_name, " \t "), Err(REQUIRED));
}

#[test]
fn text_channels_are_named_as_discord_names_them() {
    let cases = [
        ("General Chat!", "general-chat"),
        ("Minecraft 1.8", "minecraft-18"),
        ("  a -- b  ", "a-b"),
        ("#rules", "rules"),
        ("🎫│Ticket_0001", "🎫│ticket_0001"),
        ("ÄRGER", "ärger"),
        ("-x-", "x"),
    ];
    for (name, expected) in cases {
        assert_eq!(check(text_channel_name, name), ok(expected), "{name}");
    }
    assert_eq!(check(text_channel_name, "!?!"), Err(REQUIRED));
    assert_eq!(check(text_channel_name, &"x".repeat(101)), Err(BAD_LENGTH));
}

#[test]
fn other_channels_and_roles_keep_their_names() {
    assert_eq!(check(channel_name, " Voice Lounge! "), ok("Voice Lounge!"));
    assert_eq!(check(role_name, "@Mods"), ok("@Mods"));
    assert_eq!(check(role_name, ""), Err(REQUIRED));
    assert_eq!(check(webhook_name, &"x".repeat(81)), Err(BAD_LENGTH));
}

#[test]
fn empty_nicknames_and_topics_are_none() {
    assert_eq!(check(nickname, "  "), Ok(None));
    assert_eq!(check(nickname, &"x".repeat(33)), Err("BASE_TYPE_MAX_LENGTH"));
    assert_eq!(
        check(|form, path, text| topic(form, path, text, false), "a\r\nb\u{7}"),
        Ok(Some("a\nb".to_owned()))
    );
    assert!(check(|form, path, text| topic(form, path, text, false), &"x".repeat(1025)).is_err());
    assert!(check(|form, path, text| topic(form, path, text, true), &"x".repeat(4096)).is_ok());
}

#[test]
fn emojis_are_named_in_ascii() {
    assert_eq!(check(emoji_name, "party_1"), ok("party_1"));
    assert_eq!(check(emoji_name, "a"), Err(BAD_LENGTH));
    assert_eq!(check(emoji_name, "pärty"), Err("STRING_TYPE_REGEX"));
}

#[test]
fn reasons_are_decoded() {
    assert_eq!(audit_reason(b"spam%20%26%20eggs %F0%9F%91%8D").unwrap().as_deref(), Some("spam & eggs 👍"));
    assert_eq!(audit_reason(b"").unwrap(), None);
    assert_eq!(audit_reason(b"%20%00").unwrap(), None);
    assert_eq!(audit_reason(b"100% sure %zz").unwrap().as_deref(), Some("100% sure %zz"));
    assert_eq!(audit_reason(b"\xff").unwrap().as_deref(), Some("\u{fffd}"));
    assert!(audit_reason("%C3%A4".repeat(512).as_bytes()).is_ok());
    let error = audit_reason(&[b'x'; 513]).unwrap_err();
    assert_eq!((error.code.number, error.fields[0].path.as_str()), (50035, "audit_log_reason"));
}

#[test]
fn invite_codes_are_unlike_each_other() {
    let mut random = StdRng::seed_from_u64(1);
    let codes: HashSet<_> = (0..10_000).map(|_| invite_code(&mut random)).collect();
    assert_eq!(codes.len(), 10_000);
    assert!(codes.iter().all(|code| code.len() == INVITE_CODE_LENGTH && is_invite_code(code)));
    let letters: HashSet<_> = codes.iter().flat_map(|code| code.chars()).collect();
    assert_eq!(letters.len(), 57);
    assert!(
        !["0", "O", "I", "l", "1"].iter().any(|letter| letters.contains(&letter.chars().next().unwrap()))
    );
    for code in ["", "a", "../x", "ä1", &"x".repeat(33)] {
        assert!(!is_invite_code(code), "{code}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_cleaned_is_clean(text in "\\PC{0,40}|[\\x00-\\x20a-zA-Z!_-]{0,40}") {
        for clean in [guild_name, role_name, channel_name, text_channel_name] {
            let once = clean(&mut Form::new(), "", &text);
            prop_assert!(!once.chars().any(char::is_control));
            prop_assert_eq!(clean(&mut Form::new(), "", &once), once);
        }
    }
}
