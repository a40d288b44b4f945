use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use guildhall_base::{GuildId, MessageId, Timestamp};
use guildhall_infra::blobs::Blobs;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::codes::{NEEDS_PASSPHRASE, NOT_A_BACKUP, TOO_BIG, WRONG_PASSPHRASE};
use crate::container::Limits;
use crate::container::seal::Lock;
use crate::model::{Author, Origin};

struct Place {
    folder: tempfile::TempDir,
    blobs: Blobs,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&format!("file:{}", folder.path().display())).unwrap();
        Self { folder, blobs }
    }

    fn work(&self, name: &str) -> Work {
        Work::new(self.blobs.clone(), name)
    }

    fn files(&self) -> usize {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
        }
        count(self.folder.path())
    }
}

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT,
        guild_id: GuildId::new(1),
        guild_name: "Guild".into(),
        created_at: Timestamp::from_millis(1_700_000_000_000),
        origin: Origin::Guildhall,
        made_by: "test".into(),
    }
}

fn message(number: i64) -> Message {
    Message {
        id: MessageId::new(number),
        kind: 0,
        content: format!("message {number}"),
        author: Author { id: None, name: "Ada".into(), avatar_url: None, bot: false },
        timestamp: Timestamp::from_millis(1_700_000_000_000 + number % 1_000_000),
        edited_timestamp: None,
        reply_to: None,
        pinned: false,
        tts: false,
        flags: 0,
        embeds: vec![json!({"title": number})],
        components: vec![],
        attachments: vec![],
        reactions: vec![],
        stickers: vec![],
    }
}

const CHANNEL: ChannelId = ChannelId::new(5);

async fn small(work: &Work) -> Vec<Entry> {
    let guild: Guild = serde_json::from_value(json!({
        "settings": {"id": "1", "name": "Guild"}, "roles": [{"id": "1", "name": "@everyone", "permissions": "104324673"}],
        "channels": [{"id": "5", "type": 0, "name": "general"}]
    }))
    .unwrap();
    let newer: Vec<Message> = (3..5).map(message).collect();
    let older: Vec<Message> = (1..3).map(message).collect();
    let pieces = stream::iter([Ok(Bytes::from("pin")), Ok(Bytes::from("gs"))]);
    vec![
        work.put_manifest(&manifest()).await.unwrap(),
        work.put_guild(&guild).await.unwrap(),
        work.put_messages(CHANNEL, 0, &newer).await.unwrap(),
        work.put_messages(CHANNEL, 1, &older).await.unwrap(),
        work.put_bytes("assets/icon", vec![7; 100], false).await.unwrap(),
        work.put("features/map/3", pieces, true).await.unwrap(),
        work.put_bytes("something/new", "unknown", true).await.unwrap(),
    ]
}

async fn collect(file: impl Stream<Item = Result<Bytes>>) -> Bytes {
    let pieces: Vec<Bytes> = file.try_collect().await.unwrap();
    pieces.concat().into()
}

async fn take(place: &Place, file: &[u8], passphrase: Option<&str>) -> Result<Archive> {
    let pieces: Vec<_> = file.chunks(100).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    unpack(stream::iter(pieces).boxed(), passphrase, place.work("in"), Limits::default()).await
}

#[tokio::test]
async fn what_is_packed_lies_open_again() {
    let place = Place::new();
    let entries = small(&place.work("out")).await;
    let file = collect(pack(place.work("out"), entries)).await;
    let archive = take(&place, &file, None).await.unwrap();
    assert_eq!(archive.manifest(), &manifest());
    assert_eq!(archive.guild().channels[0].name, "general");
    assert_eq!((archive.message_pages(CHANNEL), archive.message_pages(ChannelId::new(6))), (2, 0));
    let first = archive.messages(CHANNEL, 0).await.unwrap();
    assert_eq!(first, [message(1), message(2)]);
    assert_eq!(archive.messages(CHANNEL, 1).await.unwrap(), [message(3), message(4)]);
    assert!(archive.messages(CHANNEL, 2).await.unwrap_err().is(NOT_FOUND));
    let icon = FileRef("assets/icon".into());
    assert_eq!(archive.file_size(&icon), Some(100));
    assert_eq!(archive.file(&icon, 100).await.unwrap(), vec![7; 100]);
    assert!(archive.file(&icon, 99).await.is_err());
    assert_eq!(archive.features().collect::<Vec<_>>(), [("map", 3)]);
    assert_eq!(collect(archive.feature("map", 3).await.unwrap()).await, "pings");
    let again = Archive::open(place.work("in")).await.unwrap();
    assert_eq!(again.guild(), archive.guild());
    let before = place.files();
    archive.remove().await.unwrap();
    assert_eq!(place.files(), before - 8);
}

#[tokio::test]
async fn a_sealed_backup_needs_its_passphrase() {
    let place = Place::new();
    let entries = small(&place.work("out")).await;
    let lock = Lock::new("correct horse").unwrap();
    let file = collect(sealed(pack(place.work("out"), entries), &lock).unwrap()).await;
    let before = place.files();
    assert!(take(&place, &file, None).await.unwrap_err().is(NEEDS_PASSPHRASE));
    assert!(take(&place, &file, Some("wrong horse")).await.unwrap_err().is(WRONG_PASSPHRASE));
    assert!(take(&place, &file[..file.len() - 1], Some("correct horse")).await.unwrap_err().is(DAMAGED));
    assert_eq!(place.files(), before);
    let archive = take(&place, &file, Some("correct horse")).await.unwrap();
    assert_eq!(archive.message_pages(CHANNEL), 2);
}

#[tokio::test]
async fn what_is_refused_leaves_nothing() {
    let place = Place::new();
    let entries = small(&place.work("out")).await;
    let file = collect(pack(place.work("out"), entries.clone())).await;
    let before = place.files();
    for at in (9..file.len()).step_by(37).chain(file.len() - 60..file.len()) {
        let mut changed = file.to_vec();
        changed[at] ^= 0x10;
        let error = take(&place, &changed, None).await.unwrap_err();
        assert!(error.is(DAMAGED) || error.is(TOO_BIG), "{at}: {error}");
        assert!(take(&place, &file[..at], None).await.unwrap_err().is(DAMAGED), "cut at {at}");
        assert_eq!(place.files(), before, "{at}");
    }
    for nothing in [b"".as_slice(), b"PK\x03\x04", &[0; 5000], b"<html>"] {
        assert!(take(&place, nothing, None).await.unwrap_err().is(NOT_A_BACKUP));
    }
    let without_guild = collect(pack(place.work("out"), entries[..1].to_vec())).await;
    assert!(take(&place, &without_guild, None).await.unwrap_err().is(DAMAGED));
    let without_page = [&entries[..2], &entries[3..4]].concat();
    let without_page = collect(pack(place.work("out"), without_page)).await;
    assert!(take(&place, &without_page, None).await.unwrap_err().is(DAMAGED));
    assert_eq!(place.files(), before);
}

#[tokio::test]
async fn parts_that_do_not_say_what_they_must_are_refused_at_once() {
    let place = Place::new();
    let work = place.work("out");
    for (name, content) in [
        ("guild.json", "{}"),
        ("guild.json", "[1]"),
        ("messages/5/0.jsonl", "{\"id\":\"1\"}\n"),
        ("members/0.jsonl", "nothing"),
        ("bans/0.jsonl", "{}"),
    ] {
        let mut entries = small(&work).await;
        entries.retain(|entry| entry.name != name);
        entries.push(work.put_bytes(name, content, true).await.unwrap());
        let file = collect(pack(work.clone(), entries)).await;
        assert!(take(&place, &file, None).await.unwrap_err().is(DAMAGED), "{name}");
    }
    let later = Manifest { format: FORMAT + 1, ..manifest() };
    let mut entries = small(&work).await;
    entries[0] = work.put_manifest(&later).await.unwrap();
    let file = collect(pack(work.clone(), entries)).await;
    assert!(take(&place, &file, None).await.unwrap_err().is(UNKNOWN_VERSION));
}

fn some_message() -> impl Strategy<Value = Message> {
    (any::<i64>(), ".*", ".{1,20}", any::<bool>(), prop::option::of(0..i64::MAX), any::<u32>()).prop_map(
        |(id, content, name, pinned, reply, flags)| Message {
            content,
            author: Author { name, id: None, avatar_url: None, bot: pinned },
            pinned,
            flags,
            reply_to: reply.map(MessageId::new),
            ..message(id & i64::MAX)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_comes_back(messages in prop::collection::vec(some_message(), 0..30), names in prop::collection::vec(".*", 0..9)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let work = place.work("out");
            let mut guild = Guild::default();
            for (number, name) in (1..).zip(names) {
                let role = json!({"id": number, "name": name, "permissions": "18446744073709551615"});
                guild.roles.push(serde_json::from_value(role).unwrap());
                let channel = json!({"id": number, "type": 0, "name": name, "topic": name});
                guild.channels.push(serde_json::from_value(channel).unwrap());
            }
            let mut entries = vec![work.put_manifest(&manifest()).await.unwrap(), work.put_guild(&guild).await.unwrap()];
            entries.push(work.put_messages(CHANNEL, 0, &messages).await.unwrap());
            let file = collect(pack(work, entries)).await;
            let archive = take(&place, &file, None).await.unwrap();
            assert_eq!(archive.guild(), &guild);
            assert_eq!(archive.messages(CHANNEL, 0).await.unwrap(), messages);
        });
    }
}

#[tokio::test]
async fn whoever_is_interrupted_goes_on_with_the_parts_that_are_missing() {
    let place = Place::new();
    let made = place.work("made");
    let mut entries = small(&made).await;
    for number in 0..2100 {
        let name = format!("attachments/{number}");
        entries.push(made.put_bytes(&name, number.to_string(), false).await.unwrap());
    }
    let file: Vec<Bytes> = pack(made, entries.clone()).try_collect().await.unwrap();
    let work = place.work("opened");
    let source = || stream::iter(file.clone().into_iter().map(Ok));
    let (mut found, mut lives) = (Vec::new(), 0);
    loop {
        // Each life takes one portion out.
        let mut life = Unpacking::begin(source(), None, work.clone(), Limits::default()).await.unwrap();
        life.pass(&found).await.unwrap();
        // What an earlier one wrote is not written again.
        let written: usize = if found.is_empty() { 0 } else { place.files() };
        let Portion { entries, last } = life.portion().await.unwrap();
        assert!(found.is_empty() || place.files() == written + entries.len());
        found.extend(entries);
        lives += 1;
        if last {
            break;
        }
    }
    assert_eq!((lives, &found), (3, &entries));
    let archive = finish(&work, &found).await.unwrap();
    assert_eq!(archive.file(&FileRef("attachments/2099".into()), 10).await.unwrap(), "2099");
    // Another file is not taken for the one that was begun.
    let other = place.work("other");
    let few: Vec<Bytes> = pack(other.clone(), vec![other.put_manifest(&manifest()).await.unwrap()])
        .try_collect()
        .await
        .unwrap();
    let few = stream::iter(few.into_iter().map(Ok));
    let mut life = Unpacking::begin(few, None, work.clone(), Limits::default()).await.unwrap();
    assert!(life.pass(&found).await.unwrap_err().is(DAMAGED));
    archive.remove().await.unwrap();
}
