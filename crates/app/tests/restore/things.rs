//! Pictures, emojis, stickers, files, members and bans: kept, brought back byte by byte, and taken back.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use guildhall_backup::remote::{Attached, Call, Content, Remote};
use guildhall_infra::jobs::Record;
use serde_json::{Value, json};

use crate::story::{id_of, over, report};
use crate::support::{Client, Hall, halls};

/// One pixel of a colour.
pub(crate) fn png(colour: u8) -> Vec<u8> {
    let chunk = |name: &[u8; 4], data: &[u8]| {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], name, data, b"crc!"].concat()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"),
        chunk(b"IDAT", &[colour]),
        chunk(b"IEND", b""),
    ]
    .concat()
}

pub(crate) fn uri(colour: u8) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png(colour)))
}

/// The server from within, for what the client cannot: forms and files.
pub(crate) async fn inside(hall: &Hall, client: &Client) -> Remote {
    hall.server().hall().backups.inside(id_of(client).await)
}

pub(crate) async fn draw_sticker(hall: &Hall, client: &Client, guild: &str, name: &str, colour: u8) {
    let file = Attached { name: "it.png".into(), content_type: "image/png".into(), data: png(colour).into() };
    let fields = [("name", name), ("tags", "night"), ("description", "")];
    let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    let call = Call::new(Method::POST, format!("/guilds/{guild}/stickers"));
    inside(hall, client).await.call(call.with(Content::Form { fields, file })).await.unwrap();
}

/// Lets somebody into a guild; gives their id.
pub(crate) async fn joins(owner: &Client, somebody: &Client, channel: &str) -> String {
    let invite = owner.post(&format!("/channels/{channel}/invites"), json!({})).await;
    somebody.post(&format!("/invites/{}", invite["code"].as_str().unwrap()), json!({})).await;
    id_of(somebody).await.to_string()
}

pub(crate) async fn sent(client: &Client, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = client.send(method, path, Some(body)).await;
    assert!(status.is_success(), "{method} {path}: {status} {answer}");
    answer
}

/// Has a guild backed up; gives the job.
pub(crate) async fn backed_up(hall: &Hall, client: &Client, payload: Value) -> Record {
    let job = client.post("/v2/jobs", json!({ "name": "guild_backup", "payload": payload })).await;
    let record = over(hall, client, job["id"].as_str().unwrap().parse().unwrap()).await;
    report(&record);
    record
}

/// Restores; gives the job's id and report.
pub(crate) async fn restored(
    hall: &Hall,
    client: &Client,
    backup: &Record,
    into: Value,
    options: Value,
) -> (String, Value) {
    let wish = json!({ "backup": backup.id, "into": into, "options": options });
    let job = client.post("/v2/restores", wish).await["job"].as_str().unwrap().to_owned();
    let record = over(hall, client, job.parse().unwrap()).await;
    assert_eq!(Some(record.progress.done), record.progress.total, "{record:?}");
    (job, report(&record))
}

pub(crate) async fn undone(hall: &Hall, client: &Client, job: &str) -> Value {
    let undoing = client.post(&format!("/v2/jobs/{job}/undo"), json!({})).await;
    report(&over(hall, client, undoing["id"].as_str().unwrap().parse().unwrap()).await)
}

pub(crate) async fn banned(client: &Client, guild: &str) -> Vec<(String, Value)> {
    let bans = client.get(&format!("/guilds/{guild}/bans")).await;
    let ban = |ban: &Value| (ban["user"]["username"].as_str().unwrap().to_owned(), ban["reason"].clone());
    let mut bans: Vec<_> = bans.as_array().unwrap().iter().map(ban).collect();
    bans.sort_by(|one, other| one.0.cmp(&other.0));
    bans
}

/// Everything with pictures, by its bytes.
pub(crate) async fn pictures(remote: &Remote, client: &Client, guild: &str) -> Vec<(String, Bytes)> {
    let get = async |path: String| remote.download(&remote.asset(&path), 1 << 20).await.unwrap();
    let settings = client.get(&format!("/guilds/{guild}")).await;
    let mut found = Vec::new();
    for (key, folder) in [("icon", "icons"), ("banner", "banners")] {
        if let Some(hash) = settings[key].as_str() {
            found.push((key.to_owned(), get(format!("{folder}/{guild}/{hash}.png")).await));
        }
    }
    for role in settings["roles"].as_array().unwrap() {
        if let Some(hash) = role["icon"].as_str() {
            let id = role["id"].as_str().unwrap();
            let name = format!("role {}", role["name"].as_str().unwrap());
            found.push((name, get(format!("role-icons/{id}/{hash}.png")).await));
        }
    }
    for (kind, folder) in [("emojis", "emojis"), ("stickers", "stickers")] {
        for one in client.get(&format!("/guilds/{guild}/{kind}")).await.as_array().unwrap() {
            let content = get(format!("{folder}/{}.png", one["id"].as_str().unwrap())).await;
            found.push((format!("{kind} {}", one["name"].as_str().unwrap()), content));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// What is said with files in a channel of this name: text, the file's name and its bytes.
pub(crate) async fn files(remote: &Remote, client: &Client, guild: &str, name: &str) -> Vec<(String, Bytes)> {
    let channels = client.get(&format!("/guilds/{guild}/channels")).await;
    let channel = channels.as_array().unwrap().iter().find(|channel| channel["name"] == name).unwrap();
    let messages = client.get(&format!("/channels/{}/messages", channel["id"].as_str().unwrap())).await;
    let mut found = Vec::new();
    for file in messages.as_array().unwrap().iter().flat_map(|one| one["attachments"].as_array().unwrap()) {
        let content = remote.download(file["url"].as_str().unwrap(), 1 << 20).await.unwrap();
        found.push((file["filename"].as_str().unwrap().to_owned(), content));
    }
    found
}

#[tokio::test]
async fn pictures_files_members_and_bans_come_back_and_are_taken_back() {
    for mut hall in halls().await {
        hall.start().await;
        let (ada, bob) = (hall.register("ada").await, hall.register("bob").await);
        let (eve, mallory) = (hall.register("eve").await, hall.register("mallory").await);
        let (guild, general) = ada.found_guild("Observatory").await;
        let at = format!("/guilds/{guild}");
        let remote = inside(&hall, &ada).await;
        sent(&ada, "PATCH", &at, json!({ "icon": uri(1), "banner": uri(2) })).await;
        let role = json!({ "name": "Astronomer", "permissions": "2048", "icon": uri(3) });
        let role = ada.post(&format!("{at}/roles"), role).await["id"].clone();
        ada.post(&format!("{at}/emojis"), json!({ "name": "star", "image": uri(4), "roles": [role] })).await;
        draw_sticker(&hall, &ada, &guild, "moon", 5).await;
        let sky = ada.post(&format!("{at}/channels"), json!({ "name": "sky", "type": 0 })).await;
        let sky = sky["id"].as_str().unwrap();
        let content: Vec<u8> = (0..70_000u32).map(|number| number.to_le_bytes()[0] ^ 0x5a).collect();
        let file =
            Attached { name: "sky.bin".into(), content_type: String::new(), data: content.clone().into() };
        let said = json!({ "content": "look" });
        remote.post_files(&format!("/channels/{sky}/messages"), &said, vec![file], None).await.unwrap();
        let member = format!("{at}/members/{}", joins(&ada, &bob, &general).await);
        sent(&ada, "PATCH", &member, json!({ "nick": "Bobby", "roles": [role] })).await;
        let ban = format!("{at}/bans/{}", id_of(&eve).await);
        remote.put(&ban, &json!({}), Some("spam")).await.unwrap();
        let whole = pictures(&remote, &ada, &guild).await;
        let names: Vec<_> = whole.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["banner", "emojis star", "icon", "role Astronomer", "stickers moon"]);
        let payload = json!({ "guild_id": guild, "options": { "attachments": true } });
        let backup = backed_up(&hall, &ada, payload).await;

        // Nearly all of it goes.
        sent(&ada, "PATCH", &at, json!({ "icon": null, "banner": uri(9) })).await;
        sent(&ada, "PATCH", &member, json!({ "nick": null, "roles": [] })).await;
        for path in [
            format!("/channels/{sky}"),
            format!("{at}/roles/{}", role.as_str().unwrap()),
            format!("{at}/emojis/{}", ada.get(&format!("{at}/emojis")).await[0]["id"].as_str().unwrap()),
            format!("{at}/stickers/{}", ada.get(&format!("{at}/stickers")).await[0]["id"].as_str().unwrap()),
            ban,
        ] {
            sent(&ada, "DELETE", &path, Value::Null).await;
        }
        let other = format!("{at}/bans/{}", id_of(&mallory).await);
        remote.put(&other, &json!({}), Some("raid")).await.unwrap();
        draw_sticker(&hall, &ada, &guild, "sun", 7).await;
        let before = pictures(&remote, &ada, &guild).await;

        let here = json!({ "at": "here", "guild": guild });
        let (job, answer) = restored(&hall, &ada, &backup, here.clone(), json!({ "mode": "full" })).await;
        assert_eq!(answer["refused"], 0, "{answer}");
        assert_eq!(pictures(&remote, &ada, &guild).await, whole, "{}", hall.database.name);
        assert_eq!(files(&remote, &ada, &guild, "sky").await, [("sky.bin".to_owned(), content.into())]);
        let found = ada.get(&member).await;
        let roles = ada.get(&format!("{at}/roles")).await;
        let astronomer = roles.as_array().unwrap().iter().find(|one| one["name"] == "Astronomer").unwrap();
        assert_eq!((&found["nick"], &found["roles"]), (&json!("Bobby"), &json!([astronomer["id"]])));
        let emojis = ada.get(&format!("{at}/emojis")).await;
        assert_eq!(emojis[0]["roles"], json!([astronomer["id"]]));
        let (spam, raid) = (("eve".to_owned(), json!("spam")), ("mallory".to_owned(), json!("raid")));
        // Nobody is unbanned by a restore.
        assert_eq!(banned(&ada, &guild).await, [spam.clone(), raid.clone()]);
        let (_, again) = restored(&hall, &ada, &backup, here, json!({ "mode": "full" })).await;
        assert_eq!(again["done"].as_object().unwrap().values().filter(|count| **count != 0).count(), 0);

        // Meanwhile somebody lifts the ban that was there before.
        sent(&ada, "DELETE", &other, Value::Null).await;
        let back = undone(&hall, &ada, &job).await;
        assert_eq!((&back["refused"], &back["done"]["delete bans"]), (&json!(0), &json!(1)), "{back}");
        assert_eq!(pictures(&remote, &ada, &guild).await, before, "{}", hall.database.name);
        assert_eq!(banned(&ada, &guild).await, [raid]);
        let found = ada.get(&member).await;
        assert_eq!((&found["nick"], &found["roles"]), (&Value::Null, &json!([])));
        hall.stop().await;
    }
}
