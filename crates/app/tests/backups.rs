//! Backups of guilds through the whole server: asked for as any job, downloaded, and opened again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use guildhall_backup::archive::{Archive, Work, unpack};
use guildhall_backup::backup::GuildBackup;
use guildhall_backup::codes;
use guildhall_backup::container::Limits;
use guildhall_backup::parts::{Content, Part};
use guildhall_backup::restore::GuildRestore;
use guildhall_backup::undo::GuildRestoreUndo;
use guildhall_base::{ChannelId, GuildId};
use guildhall_infra::blobs::Blobs;
use serde_json::{Value, json};
use support::{Client, Hall, halls};

/// A guild with something of everything.
async fn furnished(hall: &Hall) -> (Client, String, String) {
    let ada = hall.register("ada").await;
    let bob = hall.register("bob").await;
    let (guild, channel) = ada.found_guild("Observatory").await;
    let invite = ada.post(&format!("/channels/{channel}/invites"), json!({})).await;
    bob.post(&format!("/invites/{}", invite["code"].as_str().unwrap()), json!({})).await;
    let role = json!({"name": "Astronomer", "permissions": "2048", "color": 255});
    let role = ada.post(&format!("/guilds/{guild}/roles"), role).await;
    let member = bob.get("/users/@me").await["id"].as_str().unwrap().to_owned();
    let dressed = json!({"nick": "Bobby", "roles": [role["id"]]});
    let (status, _) = ada.send("PATCH", &format!("/guilds/{guild}/members/{member}"), Some(dressed)).await;
    assert_eq!(status, StatusCode::OK);
    let writer = ada.get("/users/@me").await["id"].as_str().unwrap().parse().unwrap();
    let inside = hall.server().hall().backups.inside(writer);
    let first = ada.post(&format!("/channels/{channel}/messages"), json!({"content": "message 0"})).await;
    for number in 1..130 {
        let reply = json!({"message_id": first["id"]});
        let body = json!({"content": format!("message {number}"), "message_reference": reply});
        inside.post(&format!("/channels/{channel}/messages"), &body, None).await.unwrap();
    }
    let topic = json!({"topic": "stars", "rate_limit_per_user": 5});
    ada.send("PATCH", &format!("/channels/{channel}"), Some(topic)).await;
    let pin = format!("/channels/{channel}/pins/{}", first["id"].as_str().unwrap());
    ada.send("PUT", &pin, None).await;
    (ada, guild, channel)
}

/// Asks for a backup and waits for it.
async fn backed_up(client: &Client, guild: &str, payload: Value) -> Value {
    let mut payload = payload;
    payload["guild_id"] = json!(guild);
    let body = json!({"name": "guild_backup", "guild_id": guild, "payload": payload});
    let job = client.post("/v2/jobs", body).await;
    let id = job["id"].as_str().unwrap().to_owned();
    client.get(&format!("/v2/jobs/{id}/events")).await;
    client.get(&format!("/v2/jobs/{id}")).await
}

/// The file of a job.
async fn file(hall: &Hall, job: &Value) -> Bytes {
    let jobs = &hall.server().hall().jobs;
    let signed = jobs.sign(job["id"].as_str().unwrap().parse().unwrap(), "backup.guildhall");
    jobs.open_signed(&signed).await.unwrap().1.bytes().await.unwrap()
}

async fn opened(hall: &Hall, file: Bytes, passphrase: Option<&str>) -> guildhall_base::Result<Archive> {
    let blobs = Blobs::open(&format!("file:{}", hall.folder.path().join("opened").display())).unwrap();
    let pieces = stream::iter([Ok(file)]).boxed();
    unpack(pieces, passphrase, Work::new(blobs, "in"), Limits::default()).await
}

fn files(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

/// Whether any file below says this.
fn mentions(folder: &std::path::Path, text: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return mentions(&path, text);
        }
        std::fs::read(&path).unwrap().windows(text.len()).any(|window| window == text)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guild_is_kept_with_all_that_is_in_it() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, guild, channel) = furnished(&hall).await;
        let job = backed_up(&ada, &guild, json!({"options": {"max_messages": 120}})).await;
        assert_eq!(job["state"], "done", "{job}");
        assert_eq!(job["result"]["messages"], 120);
        assert_eq!(job["result"]["members"], 2);
        assert_eq!(job["progress"]["done"], 120);
        let archive = opened(&hall, file(&hall, &job).await, None).await.unwrap();
        let found = archive.guild();
        assert_eq!(found.settings.name, "Observatory");
        let astronomer = found.roles.iter().find(|role| role.name == "Astronomer").unwrap();
        assert_eq!((astronomer.permissions.0, astronomer.color), (2048, 255));
        let id: ChannelId = channel.parse().unwrap();
        let text = found.channels.iter().find(|channel| channel.id == id).unwrap();
        assert_eq!((text.topic.as_deref(), text.rate_limit_per_user), (Some("stars"), 5));
        let members = archive.members(0).await.unwrap();
        let bob = members.iter().find(|member| member.nick.as_deref() == Some("Bobby")).unwrap();
        assert_eq!(bob.roles, [astronomer.id]);
        // Rollover reads the channel on: its share of 100 and 20 more.
        assert_eq!(archive.message_pages(id), 2);
        let older = archive.messages(id, 0).await.unwrap();
        let newer = archive.messages(id, 1).await.unwrap();
        assert_eq!((older.len(), newer.len()), (20, 100));
        let said = older.iter().chain(&newer).filter(|message| message.is_written());
        let said: Vec<_> = said.map(|message| message.content.clone()).collect();
        assert!(
            said.is_sorted_by_key(|text| text
                .strip_prefix("message ")
                .map(|n| n.parse::<u32>().unwrap_or(0)))
        );
        assert_eq!(newer.last().unwrap().author.name, "ada");
        assert!(newer.iter().any(|message| message.kind == 19));
        assert!(newer.iter().filter(|message| message.kind == 19).all(|message| message.reply_to.is_some()));
        let left = files(&hall.folder.path().join("data/blobs/backups"));
        assert_eq!(left, 0, "intermediate parts are removed");
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_seals_the_file_and_is_kept_nowhere() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, guild, _) = furnished(&hall).await;
        let job = backed_up(&ada, &guild, json!({"passphrase": "sealing wax and string"})).await;
        assert_eq!(job["state"], "done", "{job}");
        let sealed = file(&hall, &job).await;
        assert!(sealed.starts_with(b"age-encryption.org/v1\n"));
        assert!(opened(&hall, sealed.clone(), None).await.unwrap_err().is(codes::NEEDS_PASSPHRASE));
        let wrong = opened(&hall, sealed.clone(), Some("wrong horse battery")).await.unwrap_err();
        assert!(wrong.is(codes::WRONG_PASSPHRASE));
        let archive = opened(&hall, sealed, Some("sealing wax and string")).await.unwrap();
        assert_eq!(archive.guild().settings.name, "Observatory");
        assert!(!mentions(&hall.folder.path().join("data"), b"sealing wax"));
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_get_one_and_only_what_is_allowed() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, guild, _) = furnished(&hall).await;
        let bob = hall.register("bobby2").await;
        let ask = |payload: Value| json!({"name": "guild_backup", "payload": payload});
        let (status, answer) =
            hall.client("").send("POST", "/v2/jobs", Some(ask(json!({"guild_id": guild})))).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
        let (status, answer) = bob.send("POST", "/v2/jobs", Some(ask(json!({"guild_id": guild})))).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{answer}");
        let member = login_of_member(&hall).await;
        let (status, answer) = member.send("POST", "/v2/jobs", Some(ask(json!({"guild_id": guild})))).await;
        assert_eq!(
            (status, &answer["code"]),
            (StatusCode::FORBIDDEN, &json!("backup_needs_administrator")),
            "{answer}"
        );
        for wrong in [
            json!({"guild_id": guild, "options": {"max_messages": 501}}),
            json!({"guild_id": guild, "options": {"per_channel": 49}}),
            json!({"guild_id": guild, "options": {"nonsense": true}}),
            json!({"guild_id": guild, "passphrase": "short"}),
            json!({}),
        ] {
            let (status, answer) = ada.send("POST", "/v2/jobs", Some(ask(wrong))).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        }
        // A guild's managers see its jobs: a job cannot be hung onto another guild.
        let (other, _) = ada.found_guild("Elsewhere").await;
        let body = json!({"name": "guild_backup", "guild_id": other, "payload": {"guild_id": guild}});
        assert_eq!(ada.send("POST", "/v2/jobs", Some(body)).await.0, StatusCode::NOT_FOUND);
        hall.stop().await;
    }
}

async fn login_of_member(hall: &Hall) -> Client {
    let body = json!({"login": "bob", "password": "correct horse battery staple"});
    let answer = hall.client("").post("/auth/login", body).await;
    hall.client(answer["token"].as_str().unwrap())
}

/// A feature that remembers one word, and fails at first.
struct Word {
    failures: AtomicU32,
    restored: Mutex<Vec<(GuildId, u32, String)>>,
}

impl Part for Word {
    fn name(&self) -> &'static str {
        "word"
    }

    fn version(&self) -> u32 {
        2
    }

    fn write(&self, _guild: GuildId) -> BoxFuture<'_, guildhall_base::Result<Option<Content>>> {
        async move {
            if self
                .failures
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_ok()
            {
                return Err(guildhall_base::codes::UNAVAILABLE.into());
            }
            Ok(Some(stream::iter([Ok(Bytes::from("ast")), Ok(Bytes::from("er"))]).boxed()))
        }
        .boxed()
    }

    fn restore(
        &self,
        guild: GuildId,
        version: u32,
        content: Content,
    ) -> BoxFuture<'_, guildhall_base::Result<()>> {
        async move {
            let pieces: Vec<_> = content.try_collect().await?;
            let word = String::from_utf8(pieces.concat()).unwrap();
            self.restored.lock().unwrap().push((guild, version, word));
            Ok(())
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn features_add_parts_and_a_failed_run_reads_nothing_again() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, guild, channel) = furnished(&hall).await;
        let opened_hall = hall.server().hall();
        let word = Arc::new(Word { failures: AtomicU32::new(1), restored: Mutex::default() });
        opened_hall.jobs.register(GuildBackup(opened_hall.backups.with_features(vec![word])));
        let payload = json!({"guild_id": guild});
        let job = ada.post("/v2/jobs", json!({"name": "guild_backup", "payload": payload})).await;
        let id = job["id"].as_str().unwrap().to_owned();
        // The first run has read everything when the feature fails. What is said now is no longer read.
        let failed = async || {
            let record = opened_hall.jobs.get(id.parse().unwrap()).await.unwrap();
            record.error.is_some()
        };
        while !failed().await {
            tokio::task::yield_now().await;
        }
        ada.post(&format!("/channels/{channel}/messages"), json!({"content": "too late"})).await;
        ada.get(&format!("/v2/jobs/{id}/events")).await;
        let job = ada.get(&format!("/v2/jobs/{id}")).await;
        assert_eq!((&job["state"], &job["runs"]), (&json!("done"), &json!(2)), "{job}");
        let archive = opened(&hall, file(&hall, &job).await, None).await.unwrap();
        assert_eq!(archive.features().collect::<Vec<_>>(), [("word", 2)]);
        let mut content = archive.feature("word", 2).await.unwrap().boxed();
        let mut word = Vec::new();
        while let Some(piece) = content.next().await {
            word.extend(piece.unwrap());
        }
        assert_eq!(word, b"aster");
        let id: ChannelId = channel.parse().unwrap();
        let newest = archive.messages(id, archive.message_pages(id) - 1).await.unwrap();
        assert_eq!(newest.iter().rfind(|message| message.is_written()).unwrap().content, "message 129");
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_features_added_is_given_back_to_them() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, guild, _) = furnished(&hall).await;
        let (other, _) = ada.found_guild("Other").await;
        let opened = hall.server().hall();
        let word = Arc::new(Word { failures: AtomicU32::new(0), restored: Mutex::default() });
        let backups = opened.backups.with_features(vec![Arc::clone(&word) as Arc<dyn Part>]);
        opened.jobs.register(GuildBackup(backups.clone()));
        let backup = backed_up(&ada, &guild, json!({})).await["id"].clone();
        let restored = async |into: Value, features: bool| {
            let wish = json!({ "backup": backup, "into": into, "options": { "features": features } });
            let job = ada.post("/v2/restores", wish).await["job"].as_str().unwrap().to_owned();
            ada.get(&format!("/v2/jobs/{job}/events")).await;
            let job = ada.get(&format!("/v2/jobs/{job}")).await;
            assert_eq!(job["state"], "done", "{job}");
            job
        };
        // A server without the feature says so, and restores the rest.
        let report = restored(json!({ "at": "new" }), true).await["result"].clone();
        let refusals = report["refusals"].as_array().unwrap();
        assert!(refusals.iter().any(|one| one["what"] == "feature" && one["name"] == "word"), "{report}");

        opened.jobs.register(GuildRestore(backups.clone()));
        opened.jobs.register(GuildRestoreUndo(backups));
        let into = json!({ "at": "here", "guild": other });
        restored(into.clone(), false).await;
        assert!(word.restored.lock().unwrap().is_empty(), "nobody asked for it");
        let job = restored(into, true).await;
        assert_eq!(job["result"]["done"]["fill feature"], 1, "{job}");
        let given = (other.parse().unwrap(), 2, "aster".to_owned());
        assert_eq!(*word.restored.lock().unwrap(), std::slice::from_ref(&given));
        // What was there before was kept, and comes back.
        let undoing = ada.post(&format!("/v2/jobs/{}/undo", job["id"].as_str().unwrap()), json!({})).await;
        ada.get(&format!("/v2/jobs/{}/events", undoing["id"].as_str().unwrap())).await;
        assert_eq!(*word.restored.lock().unwrap(), [given.clone(), given]);
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_for_one_guild_are_one_backup() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, guild, _) = furnished(&hall).await;
        let jobs = &hall.server().hall().jobs;
        // None is over before the last has asked.
        jobs.pause("backups", true).await.unwrap();
        let body = json!({"name": "guild_backup", "guild_id": guild, "payload": {"guild_id": guild}});
        let asked = (0..8).map(|_| ada.send("POST", "/v2/jobs", Some(body.clone())));
        let asked = futures_util::future::join_all(asked).await;
        let (taken, refused): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|(status, _)| status.is_success());
        assert_eq!((taken.len(), refused.len()), (1, 7), "{taken:?} {refused:?}");
        assert!(refused.iter().all(|(status, _)| *status == StatusCode::CONFLICT), "{refused:?}");
        jobs.pause("backups", false).await.unwrap();
        let id = taken[0].1["id"].as_str().unwrap();
        ada.get(&format!("/v2/jobs/{id}/events")).await;
        let list = ada.get(&format!("/v2/guilds/{guild}/backups")).await;
        assert_eq!((list.as_array().unwrap().len(), &list[0]["state"]), (1, &json!("done")), "{list}");
        hall.stop().await;
    }
}
