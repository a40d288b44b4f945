use proptest::prelude::*;

use super::read::{Event, Reader};
use super::write::{Part, Whole};
use super::*;
use crate::codes::{DAMAGED, NOT_A_BACKUP, TOO_BIG, UNKNOWN_VERSION, WRONG_PASSPHRASE};

type Parts = Vec<(String, Vec<u8>)>;

/// A file of these parts; every second one is compressed.
fn pack<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let (mut whole, head) = Whole::begin();
    let mut file = head.to_vec();
    for (number, (name, content)) in parts.into_iter().enumerate() {
        let mut part = Part::begin(name, number % 2 == 0).unwrap();
        let mut record = Vec::new();
        for piece in content.chunks(70_001) {
            record.extend(part.push(piece).unwrap());
        }
        let (rest, length) = part.end().unwrap();
        record.extend(rest);
        whole.push(&record);
        whole.part(length);
        file.extend(record);
    }
    file.extend(whole.end());
    file
}

/// Reads a file that comes in pieces of this size.
fn unpack(file: &[u8], piece: usize, limits: Limits) -> guildhall_base::Result<Parts> {
    let mut reader = Reader::new(limits);
    let mut parts = Parts::new();
    for mut input in file.chunks(piece) {
        while let Some(event) = reader.next(&mut input)? {
            match event {
                Event::Begin(name) => parts.push((name, Vec::new())),
                Event::Content(content) => parts.last_mut().unwrap().1.extend(content),
                Event::End => {}
            }
        }
    }
    reader.finish()?;
    Ok(parts)
}

fn seal(lock: &seal::Lock, text: &[u8]) -> Vec<u8> {
    let mut sealer = seal::Sealer::new(lock).unwrap();
    let mut sealed = Vec::new();
    for piece in text.chunks(10_007) {
        sealed.extend(sealer.push(piece).unwrap());
    }
    sealed.extend(sealer.end().unwrap());
    sealed
}

fn open(sealed: &[u8], passphrase: &str, piece: usize) -> guildhall_base::Result<Vec<u8>> {
    let head = seal::Head::read(sealed)?.ok_or(DAMAGED)?;
    let mut opener = seal::Opener::new(head.open(passphrase)?);
    let mut text = Vec::new();
    for piece in sealed[head.length..].chunks(piece) {
        text.extend(opener.push(piece)?);
    }
    text.extend(opener.end()?);
    Ok(text)
}

fn some_parts() -> impl Strategy<Value = Parts> {
    let content = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        (any::<u8>(), 0..300_000_usize).prop_map(|(byte, times)| vec![byte; times]),
    ];
    let name = "[a-z]{1,5}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,8}){0,3}";
    prop::collection::btree_map(name, content, 0..6).prop_map(|parts| parts.into_iter().collect())
}

fn small_parts() -> impl Strategy<Value = Parts> {
    let content = prop::collection::vec(any::<u8>(), 0..60);
    prop::collection::btree_map("[a-z]{1,5}", content, 0..4).prop_map(|parts| parts.into_iter().collect())
}

fn packed(parts: &Parts) -> Vec<u8> {
    pack(parts.iter().map(|(name, content)| (name.as_str(), content.as_slice())))
}

/// Large parts of one byte are as strong a bomb as there is.
const LOOSE: Limits = Limits { file: 1 << 30, part: 1 << 30, total: 1 << 30, parts: 100, ratio: 2000 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_packed_is_unpacked(parts in some_parts(), piece in 1..9000_usize) {
        prop_assert_eq!(unpack(&packed(&parts), piece, LOOSE).unwrap(), parts);
    }

    #[test]
    fn every_changed_byte_is_noticed(parts in small_parts(), by in 1..=255_u8) {
        let file = packed(&parts);
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= by;
            prop_assert!(unpack(&changed, 4096, LOOSE).is_err(), "at {}", at);
        }
    }

    #[test]
    fn every_cut_and_everything_added_is_noticed(parts in small_parts(), more in prop::collection::vec(any::<u8>(), 1..5)) {
        let file = packed(&parts);
        for length in 0..file.len() {
            prop_assert!(unpack(&file[..length], 4096, LOOSE).is_err(), "at {}", length);
        }
        prop_assert!(unpack(&[file, more].concat(), 4096, LOOSE).unwrap_err().is(DAMAGED));
    }

    #[test]
    fn garbage_never_panics(garbage in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = unpack(&garbage, 7, LOOSE);
        let _ = unpack(&[pack([]).as_slice(), &garbage].concat()[..], 7, LOOSE);
        let head = [MAGIC.as_slice(), &[VERSION, PART], &garbage].concat();
        prop_assert!(unpack(&head, 7, LOOSE).is_err());
        prop_assert!(!matches!(seal::Head::read(&garbage), Ok(Some(_))));
    }
}

#[test]
fn a_sealed_file_opens_with_its_passphrase_only() {
    let lock = seal::Lock::new("correct horse").unwrap();
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let text: Vec<u8> = (0..length).map(|n: u32| (n % 251) as u8).collect();
        let sealed = seal(&lock, &text);
        assert_eq!(open(&sealed, "correct horse", 4099).unwrap(), text, "{length}");
    }
    let sealed = seal(&lock, b"hush");
    assert!(!sealed.windows(4).any(|window| window == b"hush"));
    assert!(open(&sealed, "Correct horse", 4096).unwrap_err().is(WRONG_PASSPHRASE));
}

#[test]
fn every_change_of_a_sealed_file_is_noticed() {
    let lock = seal::Lock::new("correct horse").unwrap();
    let sealed = seal(&lock, &vec![7; 70_000]);
    let head = seal::Head::read(&sealed).unwrap().unwrap().length;
    // The key costs work: behind the head it is taken as known.
    let body = |sealed: &[u8]| {
        let mut opener = seal::Opener::new(lock.key);
        opener.push(&sealed[head..])?;
        opener.end()
    };
    for at in (head..sealed.len()).step_by(997).chain(head..head + 40).chain(sealed.len() - 40..sealed.len())
    {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(body(&changed).unwrap_err().is(DAMAGED), "{at}");
        assert!(body(&sealed[..at]).is_err(), "cut at {at}");
    }
    // A chunk that is left out, and one that is there twice.
    let chunk = head + 16..head + 16 + 65_552;
    assert!(body(&[&sealed[..chunk.start], &sealed[chunk.end..]].concat()).is_err());
    assert!(body(&[&sealed[..chunk.end], &sealed[chunk.start..]].concat()).is_err());
    for at in (0..head).step_by(5) {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(open(&changed, "correct horse", 4096).is_err() || !changed.starts_with(seal::MAGIC), "{at}");
    }
}

#[test]
fn work_beyond_reason_is_refused() {
    let head =
        "age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 30\nbBjlhJVYZeE4aqUdmtRHfw\n--- AAAA\n";
    assert!(seal::Head::read(head.as_bytes()).unwrap_err().is(TOO_BIG));
    let other = "age-encryption.org/v1\n-> X25519 bBjlhJVYZeE4aqUdmtRHfw\nbBjlhJVYZeE4aqUdmtRHfw\n--- AAAA\n";
    assert!(seal::Head::read(other.as_bytes()).unwrap_err().is(NOT_A_BACKUP));
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let zeroes = vec![0; 64 << 20];
    let bomb = pack([("bomb", zeroes.as_slice())]);
    assert!(bomb.len() < 100_000);
    assert!(unpack(&bomb, 4096, Limits::default()).unwrap_err().is(TOO_BIG), "by its ratio");
    let one = Limits { part: 1 << 20, ..LOOSE };
    assert!(unpack(&bomb, 4096, one).unwrap_err().is(TOO_BIG), "by the limit of a part");
    let all = Limits { total: 1 << 20, ..LOOSE };
    assert!(unpack(&bomb, 4096, all).unwrap_err().is(TOO_BIG), "by the limit of all");
    let file = Limits { file: 50_000, ..LOOSE };
    assert!(unpack(&bomb, 4096, file).unwrap_err().is(TOO_BIG), "by the limit of the file");
    let names: Vec<String> = (0..101).map(|n| format!("p{n}")).collect();
    let many = pack(names.iter().map(|name| (name.as_str(), b"".as_slice())));
    assert!(unpack(&many, 4096, LOOSE).unwrap_err().is(TOO_BIG), "by the number of parts");
}

#[test]
fn tricks_with_names_and_versions_are_refused() {
    let file = pack([("abcdefghi", b"x".as_slice())]);
    let names = [
        "../../etc",
        "/abcdefgh",
        "abc//defg",
        "abcdefgh/",
        "abc\0defgh",
        "abc\\defgh",
        ".abcdefgh",
        "a/../bcde",
        "abcdefgé",
    ];
    for name in names {
        let at = file.windows(9).position(|window| window == b"abcdefghi").unwrap();
        let mut changed = file.clone();
        changed[at..at + 9].copy_from_slice(&name.as_bytes()[..9]);
        assert!(unpack(&changed, 4096, LOOSE).unwrap_err().is(DAMAGED), "{name}");
        assert!(name.len() == 9 && Part::begin(name, true).is_err());
    }
    let twice = pack([("same", b"1".as_slice()), ("same", b"2")]);
    assert!(unpack(&twice, 4096, LOOSE).unwrap_err().is(DAMAGED));
    let mut later = file.clone();
    later[8] = 2;
    assert!(unpack(&later, 4096, LOOSE).unwrap_err().is(UNKNOWN_VERSION));
    assert!(unpack(b"PK\x03\x04 something else", 4096, LOOSE).unwrap_err().is(NOT_A_BACKUP));
    assert!(unpack(b"", 4096, LOOSE).unwrap_err().is(NOT_A_BACKUP));
}

/// Made by pyrage 1.3, which is the age crate.
#[test]
fn what_other_programs_have_sealed_is_opened() {
    let sealed = include_bytes!("../../tests/fixtures/sealed.age");
    assert_eq!(open(sealed, "correct horse", 10).unwrap(), b"what others have sealed");
}
