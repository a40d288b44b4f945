//! One restore after another.

use futures_util::stream;
use guildhall_backup::plan::{Mode, Options};
use guildhall_backup::restore::{Restore, Source, Target};
use guildhall_base::{GuildId, JobId, UserId};
use guildhall_infra::jobs::{NewJob, Owner, Record, State};
use serde_json::{Value, json};

use crate::support::{Client, Hall, halls};
use crate::things::{self, draw_sticker};
use crate::tree::{self, Size};

pub(crate) const SMALL: Size = Size { roles: 8, channels: 24, messages: 230 };

pub(crate) async fn id_of(client: &Client) -> UserId {
    client.get("/users/@me").await["id"].as_str().unwrap().parse().unwrap()
}

/// The job once it is over.
pub(crate) async fn over(hall: &Hall, client: &Client, id: JobId) -> Record {
    client.get(&format!("/v2/jobs/{id}/events")).await;
    hall.server().hall().jobs.get(id).await.unwrap()
}

pub(crate) async fn brought(hall: &Hall, client: &Client, size: Size) -> Source {
    let owner = Owner { user: Some(id_of(client).await), guild: None };
    let file = tree::file(size).await;
    let backups = &hall.server().hall().backups;
    let job = backups.import(owner, stream::iter([Ok(file.into())]), None).await.unwrap();
    let record = over(hall, client, job).await;
    assert_eq!(record.state, State::Done, "{record:?}");
    Source { job, file: guildhall_backup::import::FILE.into() }
}

pub(crate) async fn restore(hall: &Hall, client: &Client, restore: &Restore) -> Record {
    let user = id_of(client).await;
    let mut job = NewJob::of::<guildhall_backup::restore::GuildRestore>(restore).user(user);
    if let Target::Here { guild } = restore.target {
        job = job.guild(guild).limited_by(guild.to_string());
    }
    let id = hall.server().hall().jobs.enqueue_now(job).await.unwrap();
    over(hall, client, id).await
}

pub(crate) fn told(source: &Source, target: Target, mode: Mode) -> Restore {
    let options = Options { mode, ..Options::default() };
    Restore { source: source.clone(), passphrase: None, target, options }
}

pub(crate) fn report(record: &Record) -> Value {
    assert_eq!(record.state, State::Done, "{record:?}");
    serde_json::from_str(record.result.as_ref().unwrap()).unwrap()
}

async fn is_restored(client: &Client, guild: &str) {
    let there = tree::read(client, guild).await;
    assert_eq!(tree::shape(&there), tree::shape(&tree::guild(SMALL)));
    assert_eq!(tree::said(client, &there).await, tree::expected(SMALL));
}

#[tokio::test]
async fn a_guild_comes_back_is_found_the_same_and_is_taken_back() {
    for mut hall in halls().await {
        hall.start().await;
        let ada = hall.register("ada").await;
        let source = brought(&hall, &ada, SMALL).await;

        // Into a new guild.
        let record = restore(&hall, &ada, &told(&source, Target::New { name: None }, Mode::Full)).await;
        let answer = report(&record);
        assert_eq!((&answer["refused"], &answer["left_out"]), (&json!(0), &json!([])), "{answer}");
        let guild = answer["guild"].as_str().unwrap().to_owned();
        is_restored(&ada, &guild).await;

        // Once more there is nothing to do.
        let here = Target::Here { guild: guild.parse().unwrap() };
        let record = restore(&hall, &ada, &told(&source, here.clone(), Mode::Full)).await;
        assert_eq!(report(&record)["done"], json!({}));

        // Into a guild that is there, which is taken back afterwards.
        let (other, general) = ada.found_guild("Other").await;
        ada.post(&format!("/guilds/{other}/roles"), json!({ "name": "mine", "permissions": "8" })).await;
        draw_sticker(&hall, &ada, &other, "moon", 1).await;
        let before = tree::shape(&tree::read(&ada, &other).await);
        let there = Target::Here { guild: other.parse().unwrap() };
        let record = restore(&hall, &ada, &told(&source, there, Mode::Full)).await;
        assert_eq!(report(&record)["refused"], 0);
        is_restored(&ada, &other).await;
        assert_eq!(ada.send("GET", &format!("/channels/{general}"), None).await.0, 404);
        assert_eq!(ada.get(&format!("/guilds/{other}/stickers")).await, json!([]));
        let undoing = ada.post(&format!("/v2/jobs/{}/undo", record.id), json!({})).await;
        let undoing = over(&hall, &ada, undoing["id"].as_str().unwrap().parse().unwrap()).await;
        assert_eq!(report(&undoing)["refused"], 0, "{undoing:?}");
        assert_eq!(tree::shape(&tree::read(&ada, &other).await), before);
        let stickers = ada.get(&format!("/guilds/{other}/stickers")).await;
        assert_eq!(stickers[0]["name"], "moon");
        let remote = things::inside(&hall, &ada).await;
        let picture = remote.asset(&format!("stickers/{}.png", stickers[0]["id"].as_str().unwrap()));
        assert_eq!(remote.download(&picture, 1 << 20).await.unwrap(), things::png(1));

        // A guild that was made for a restore goes with it.
        let record =
            restore(&hall, &ada, &told(&source, Target::New { name: Some("New".into()) }, Mode::Full)).await;
        let guild = report(&record)["guild"].as_str().unwrap().to_owned();
        let undoing = ada.post(&format!("/v2/jobs/{}/undo", record.id), json!({})).await;
        over(&hall, &ada, undoing["id"].as_str().unwrap().parse().unwrap()).await;
        assert_eq!(ada.send("GET", &format!("/guilds/{guild}"), None).await.0, 404);
        hall.stop().await;
    }
}

#[tokio::test]
async fn only_administrators_restore_and_only_what_they_may_read() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, eve) = (hall.register("ada").await, hall.register("eve").await);
        let source = brought(&hall, &ada, SMALL).await;
        let (guild, _) = ada.found_guild("Ada's").await;
        let guild: GuildId = guild.parse().unwrap();
        let before = tree::shape(&tree::read(&ada, &guild.to_string()).await);
        // Of somebody else's backup she hears nothing, and a guild that she is not in is not there.
        let record = restore(&hall, &eve, &told(&source, Target::New { name: None }, Mode::Full)).await;
        assert_eq!((record.state, record.error.unwrap().code.as_str()), (State::Dead, "not_found"));
        let own = brought(&hall, &eve, SMALL).await;
        let record = restore(&hall, &eve, &told(&own, Target::Here { guild }, Mode::Full)).await;
        assert_eq!((record.state, record.error.unwrap().code.as_str()), (State::Dead, "unknown_guild"));
        assert_eq!(tree::shape(&tree::read(&ada, &guild.to_string()).await), before);
        hall.stop().await;
    }
}

#[tokio::test]
async fn a_restore_is_looked_at_asked_for_and_undone_by_other_programs() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, eve) = (hall.register("ada").await, hall.register("eve").await);
        let (guild, _) = ada.found_guild("Ada's").await;
        let owner = Owner { user: Some(id_of(&ada).await), guild: Some(guild.parse().unwrap()) };
        let file = tree::file(SMALL).await;
        let backups = hall.server().hall().backups.clone();
        let job = backups.import(owner, stream::iter([Ok(file.into())]), None).await.unwrap();
        over(&hall, &ada, job).await;
        let path = format!("/v2/guilds/{guild}/backups");
        let list = ada.get(&path).await;
        assert_eq!((&list[0]["id"], &list[0]["file"]), (&json!(job), &json!("backup.guildhall")));

        let wish =
            json!({ "backup": job, "into": { "at": "here", "guild": guild }, "options": { "mode": "full" } });
        let plan = ada.post("/v2/restores/plan", wish.clone()).await;
        let count = |deed: &str, what: &str| {
            let steps = plan["steps"].as_array().unwrap().iter();
            steps.filter(|step| step["deed"] == deed && step["what"] == what).count()
        };
        let made = (count("create", "role"), count("create", "channel"), count("delete", "channel"));
        assert_eq!(made, (7, 24, 4), "{plan}");
        assert!(plan["budget"]["requests"].as_u64().unwrap() > 260, "{plan}");

        // Nobody else sees, looks, restores or removes.
        for (method, path, body) in [
            ("GET", path.as_str(), None),
            ("POST", "/v2/restores/plan", Some(wish.clone())),
            ("POST", "/v2/restores", Some(wish.clone())),
            ("DELETE", &format!("/v2/backups/{job}"), None),
        ] {
            assert_eq!(eve.send(method, path, body.clone()).await.0, 404, "{method} {path}");
            assert_eq!(hall.client("").send(method, path, body).await.0, 401, "{method} {path}");
        }

        let before = tree::shape(&tree::read(&ada, &guild).await);
        let started = ada.post("/v2/restores", wish).await;
        let id = started["job"].as_str().unwrap();
        assert_eq!(report(&over(&hall, &ada, id.parse().unwrap()).await)["refused"], 0);
        is_restored(&ada, &guild).await;
        let undoing = ada.post(&format!("/v2/jobs/{id}/undo"), json!({})).await;
        over(&hall, &ada, undoing["id"].as_str().unwrap().parse().unwrap()).await;
        assert_eq!(tree::shape(&tree::read(&ada, &guild).await), before);

        assert_eq!(ada.send("DELETE", &format!("/v2/backups/{job}"), None).await.0, 204);
        assert_eq!(ada.get(&path).await, json!([]));
        hall.stop().await;
    }
}
