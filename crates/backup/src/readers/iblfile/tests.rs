use super::*;

/// Written by iblfile's and msgpack's own Go code from discordgo's types, as AntiRaid's job server did.
const PLAIN: &[u8] = include_bytes!("../../../tests/fixtures/plain.iblfile");
/// The same with the passphrase `correct horse`.
const SEALED: &[u8] = include_bytes!("../../../tests/fixtures/sealed.iblfile");

/// What the block of a plain file would be with this in place of its tar.
fn file(tar: &[u8]) -> Vec<u8> {
    [MAGIC, Sha256::digest(tar).as_slice(), b"noencryption$$$$", tar].concat()
}

#[test]
fn a_file_gives_the_same_model_as_any_other() {
    let found = read(PLAIN, None).unwrap();
    let guild = &found.guild;
    assert_eq!(guild.settings.name, "Observatory");
    assert_eq!(guild.settings.description.as_deref(), Some("We look up"));
    assert_eq!((guild.settings.verification_level, guild.settings.icon.is_some()), (2, true));
    assert_eq!(guild.settings.features, ["COMMUNITY"]);
    let roles: Vec<_> =
        guild.roles.iter().map(|role| (role.name.as_str(), role.permissions.0, role.hoist)).collect();
    assert_eq!(roles, [("@everyone", 104_324_673, false), ("Astronomer", i64::MAX as u64, true)]);
    let names: Vec<_> = guild.channels.iter().map(|channel| (channel.name.as_str(), channel.kind)).collect();
    assert_eq!(names, [("Talk", 4), ("general", 0)]);
    let general = &guild.channels[1];
    assert_eq!((general.parent_id, general.topic.as_deref()), (Some(guild.channels[0].id), Some("stars")));
    assert_eq!(general.permission_overwrites[0].allow.0, 1024);
    assert_eq!((guild.emojis[0].name.as_str(), guild.stickers[0].name.as_str()), ("star", "moon"));
    let [(channel, messages)] = found.messages.as_slice() else { panic!() };
    assert_eq!(*channel, general.id);
    let said: Vec<_> =
        messages.iter().map(|message| (message.author.name.as_str(), message.content.as_str())).collect();
    assert_eq!(said, [("Ada", "Look at this"), ("Ada", "Beautiful")]);
    assert_eq!(messages[1].reply_to, Some(messages[0].id));
    assert_eq!(messages[0].timestamp.to_string(), "2024-05-01T12:30:15.250000+00:00");
    assert!(messages[0].pinned && messages[1].edited_timestamp.is_some());
    assert_eq!(messages[0].attachments[0].filename, "sky.png");
    assert_eq!((messages[0].embeds[0]["title"].as_str(), messages[0].reactions[0].count), (Some("Sky"), 3));
    assert_eq!(found.files, [("assets/icon".to_owned(), Bytes::from_static(&[0xff, 0xd8, 0xff, 1, 2, 3]))]);
    assert_eq!(read(SEALED, Some("correct horse")).unwrap(), found);
}

#[test]
fn what_is_wrong_is_refused() {
    assert!(read(SEALED, None).unwrap_err().is(NEEDS_PASSPHRASE));
    assert!(read(SEALED, Some("wrong horse")).unwrap_err().is(WRONG_PASSPHRASE));
    for at in (MAGIC.len()..PLAIN.len()).step_by(61) {
        let mut changed = PLAIN.to_vec();
        changed[at] ^= 1;
        assert!(read(&changed, None).is_err(), "{at}");
        assert!(read(&PLAIN[..at], None).unwrap_err().is(DAMAGED), "cut at {at}");
    }
    let mut other = PLAIN.to_vec();
    other[38..54].copy_from_slice(b"pem$$$$$$$$$$$$$");
    assert!(read(&other, None).unwrap_err().is(NOT_A_BACKUP));
}

#[test]
fn a_broken_tar_or_section_never_panics() {
    let tar = &PLAIN[54..];
    for at in (0..tar.len()).step_by(23) {
        let mut changed = tar.to_vec();
        changed[at] ^= 0x5a;
        let _ = read(&file(&changed), None);
        // The last two blocks are empty, and the first of them is the end.
        let cut = at.min(tar.len() - 1024);
        assert!(read(&file(&tar[..cut]), None).is_err(), "cut at {cut}");
    }
    let twice = [&tar[..tar.len() - 1024], tar].concat();
    assert!(read(&file(&twice), None).unwrap_err().is(DAMAGED));
}

#[test]
fn hostile_sections_are_refused() {
    // Lengths beyond the end, depth beyond reason, references to nothing, keys that are no texts.
    for wrong in [
        b"\xdf\xff\xff\xff\xff".as_slice(),
        b"\xdd\xff\xff\xff\xff\xc0",
        b"\xdb\xff\xff\xff\xffx",
        b"\xd4\x80\x00",
        b"\x81\x01\x02",
        b"\xc1",
        b"\xc0\xc0",
        b"",
        &[0x91; 100_000],
    ] {
        assert!(msgpack::read(wrong).unwrap_err().is(DAMAGED));
    }
    assert_eq!(msgpack::read(b"\x92\xa3abc\xd4\x80\x00").unwrap(), serde_json::json!(["abc", "abc"]));
    assert_eq!(msgpack::read(b"\xd1\xff\xfe").unwrap(), serde_json::json!(-2));
}
