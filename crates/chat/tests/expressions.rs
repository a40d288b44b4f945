//! Emojis and stickers: made, told, used and delivered.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use guildhall_base::Id;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use support::{Answer, Hall, Somebody, halls, request, text};
use tower::ServiceExt as _;

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], name, data, b"crc!"].concat()
}

/// One pixel; a second frame if it moves.
fn png(moves: bool) -> Vec<u8> {
    let mut parts =
        vec![b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0")];
    if moves {
        parts.push(chunk(b"acTL", b"\0\0\0\x02\0\0\0\0"));
        parts.push(chunk(b"fcTL", &[0; 26]));
    }
    parts.extend([chunk(b"IDAT", b"pixel"), chunk(b"IEND", b"")]);
    parts.concat()
}

fn uri(bytes: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
}

async fn emoji(hall: &Hall, who: &Somebody, guild: &str, name: &str) -> Answer {
    let body = json!({ "name": name, "image": uri(&png(false)) });
    hall.post(who, &format!("/guilds/{guild}/emojis"), body).await
}

/// A form with text fields and a file.
async fn sticker(
    hall: &Hall,
    who: &Somebody,
    guild: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    if let Some((name, bytes)) = file {
        let head =
            format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.bytes().chain(bytes.iter().copied()).chain(*b"\r\n"));
    }
    body.extend(b"--b--\r\n");
    let path = format!("/guilds/{guild}/stickers");
    let mut request = request(who, Method::POST, &path, Value::Null);
    *request.body_mut() = Body::from(body);
    request.headers_mut().insert(header::CONTENT_TYPE, "multipart/form-data; boundary=b".parse().unwrap());
    hall.send(request).await
}

async fn join(hall: &Hall, guild: &str, who: &Somebody) {
    hall.chat.enroll(Id::new(guild.parse().unwrap()), who.user.id, Vec::new()).await.unwrap();
}

async fn delivered(hall: &Hall, path: &str) -> (StatusCode, String) {
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let (parts, body) = hall.files.clone().oneshot(request).await.unwrap().into_parts();
    body.collect().await.unwrap();
    let kind = parts.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
    (parts.status, kind.unwrap_or_default())
}

#[tokio::test]
async fn an_emoji_is_made_told_delivered_changed_and_deleted() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/emojis");
        let before = hall.head().await;
        let answer = emoji(&hall, &ada, &guild, "cog").await;
        assert_eq!(answer.status, StatusCode::CREATED);
        let made = answer.ok();
        let expected = json!({
            "name": "cog", "roles": [], "require_colons": true, "managed": false, "animated": false, "available": true,
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&made[key], value, "{key}");
        }
        assert_eq!(made["user"]["id"], json!(ada.id));
        let id = text(&made["id"]);
        let events = hall.events_after(before).await;
        let named = |name: &str| events.iter().find(|event| event.0 == name).unwrap().1.clone();
        let told = named("GUILD_EMOJIS_UPDATE");
        assert_eq!((&told["guild_id"], &told["emojis"][0]["name"]), (&json!(guild), &json!("cog")));
        assert!(told["emojis"][0].get("user").is_none());
        let entry = named("GUILD_AUDIT_LOG_ENTRY_CREATE");
        assert_eq!((&entry["action_type"], &entry["target_id"]), (&json!(60), &made["id"]));
        assert_eq!(hall.get(&ada, &path).await.ok(), json!([made]));
        assert_eq!(hall.get(&ada, &format!("{path}/{id}")).await.ok(), made);
        let whole = hall.get(&ada, &format!("/guilds/{guild}")).await.ok();
        assert_eq!((&whole["emojis"][0]["id"], &whole["stickers"]), (&made["id"], &json!([])));
        for ending in ["png", "webp", "gif"] {
            let shown = delivered(&hall, &format!("/emojis/{id}.{ending}")).await;
            assert_eq!(shown, (StatusCode::OK, "image/png".to_owned()));
        }
        assert_eq!(delivered(&hall, "/emojis/7.png").await.0, StatusCode::NOT_FOUND);
        assert_eq!(delivered(&hall, "/emojis/icons.png").await.0, StatusCode::NOT_FOUND);

        let role = hall.post(&ada, &format!("/guilds/{guild}/roles"), json!({ "name": "Smith" })).await.ok();
        let before = hall.head().await;
        let change = json!({ "name": "gear", "roles": [role["id"]] });
        let changed = hall.patch(&ada, &format!("{path}/{id}"), change.clone()).await.ok();
        assert_eq!((&changed["name"], &changed["roles"]), (&json!("gear"), &json!([role["id"]])));
        let events = hall.events_after(before).await;
        let told = events.iter().find(|event| event.0 == "GUILD_EMOJIS_UPDATE").unwrap();
        assert_eq!(told.1["emojis"][0]["name"], "gear");
        let before = hall.head().await;
        hall.patch(&ada, &format!("{path}/{id}"), change).await.ok();
        assert_eq!(hall.head().await, before, "what changes nothing is not told");
        // Another process loads what this one has heard.
        let (neighbour, _stop) = hall.neighbour().await;
        let asked = request(&ada, Method::GET, &format!("/guilds/{guild}"), Value::Null);
        let loaded = support::send(&neighbour, asked).await.ok();
        assert_eq!(loaded["emojis"][0]["roles"], json!([role["id"]]));
        // With the role goes the restriction.
        hall.delete(&ada, &format!("/guilds/{guild}/roles/{}", text(&role["id"]))).await.ok();
        assert_eq!(hall.get(&ada, &format!("{path}/{id}")).await.ok()["roles"], json!([]));
        assert_eq!(hall.get(&ada, &format!("/guilds/{guild}")).await.ok()["emojis"][0]["roles"], json!([]));

        assert_eq!(hall.delete(&ada, &format!("{path}/{id}")).await.status, StatusCode::NO_CONTENT);
        hall.delete(&ada, &format!("{path}/{id}")).await.refused(404, 10014);
        hall.get(&ada, &format!("{path}/{id}")).await.refused(404, 10014);
        assert_eq!(hall.get(&ada, &format!("/guilds/{guild}")).await.ok()["emojis"], json!([]));
    }
}

#[tokio::test]
async fn emojis_are_made_by_those_who_may_within_limits() {
    for hall in halls().await {
        let (ada, bob, eve) = (hall.person("ada").await, hall.person("bob").await, hall.person("eve").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        join(&hall, &guild, &bob).await;
        let path = format!("/guilds/{guild}/emojis");
        emoji(&hall, &bob, &guild, "cog").await.refused(403, 50013);
        emoji(&hall, &eve, &guild, "cog").await.refused(404, 10004);
        let first = text(&emoji(&hall, &ada, &guild, "cog").await.ok()["id"]);
        let seen = hall.get(&bob, &path).await.ok();
        assert!(seen[0].get("user").is_none());
        // Who may make some changes their own, not those of others.
        let everyone = json!({ "permissions": ((1u64 << 43) | (1 << 10)).to_string() });
        hall.patch(&ada, &format!("/guilds/{guild}/roles/{guild}"), everyone).await.ok();
        let own = text(&emoji(&hall, &bob, &guild, "own").await.ok()["id"]);
        hall.patch(&bob, &format!("{path}/{own}"), json!({ "name": "mine" })).await.ok();
        hall.patch(&bob, &format!("{path}/{first}"), json!({ "name": "mine" })).await.refused(403, 50013);
        hall.delete(&bob, &format!("{path}/{first}")).await.refused(403, 50013);
        hall.delete(&bob, &format!("{path}/{own}")).await.ok();

        for (body, field) in [
            (json!({ "image": uri(&png(false)) }), "name"),
            (json!({ "name": "x", "image": uri(&png(false)) }), "name"),
            (json!({ "name": "a-b", "image": uri(&png(false)) }), "name"),
            (json!({ "name": "cog" }), "image"),
            (json!({ "name": "cog", "image": "data:image/png;base64,AAAA" }), "image"),
            (json!({ "name": "cog", "image": uri(&vec![0; 257 * 1024]) }), "image"),
        ] {
            let answer = hall.post(&ada, &path, body).await;
            answer.refused(400, 50035);
            assert!(answer.body["errors"][field].is_object(), "{}", answer.body);
        }
        let body = json!({ "name": "cog", "image": uri(&png(false)), "roles": ["1"] });
        hall.post(&ada, &path, body).await.refused(404, 10011);

        let make = |index: usize| {
            let (hall, ada, guild) = (&hall, &ada, &guild);
            async move { emoji(hall, ada, guild, &format!("cog_{index}")).await }
        };
        let answers = futures_util::future::join_all((0..52).map(make)).await;
        let made = answers.iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(made, 49, "{}", hall.db.name);
        answers
            .iter()
            .filter(|answer| !answer.status.is_success())
            .for_each(|answer| answer.refused(400, 30008));
        // Those that move are counted by themselves.
        let body = json!({ "name": "spin", "image": uri(&png(true)) });
        assert_eq!(hall.post(&ada, &path, body).await.ok()["animated"], true);
        assert_eq!(hall.get(&ada, &path).await.ok().as_array().unwrap().len(), 51);
        let told = hall.get(&bob, &path).await.ok();
        assert_eq!(told.as_array().unwrap().len(), 51, "and memory has them all");
    }
}

#[tokio::test]
async fn messages_keep_the_emojis_that_may_be_used() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, channel) = hall.guild(&ada, "Engine").await;
        let (other, _) = hall.guild(&ada, "Mill").await;
        join(&hall, &guild, &bob).await;
        let here = text(&emoji(&hall, &ada, &guild, "here").await.ok()["id"]);
        let there = text(&emoji(&hall, &ada, &other, "there").await.ok()["id"]);
        let role = hall.post(&ada, &format!("/guilds/{guild}/roles"), json!({ "name": "Smith" })).await.ok();
        let body = json!({ "name": "guarded", "image": uri(&png(false)), "roles": [role["id"]] });
        let guarded = text(&hall.post(&ada, &format!("/guilds/{guild}/emojis"), body).await.ok()["id"]);
        let path = format!("/channels/{channel}/messages");
        let content =
            format!("<:here:{here}> <:there:{there}> <:guarded:{guarded}> <:none:12> `<:there:{there}>`");
        let send = async |who: &Somebody| hall.post(who, &path, json!({ "content": content })).await.ok();
        let said = send(&bob).await;
        assert_eq!(said["content"], format!("<:here:{here}> :there: :guarded: :none: `<:there:{there}>`"));
        let said = send(&ada).await;
        assert_eq!(
            said["content"],
            format!("<:here:{here}> <:there:{there}> :guarded: :none: `<:there:{there}>`")
        );
        // Of elsewhere only where one is too, and with the permission.
        join(&hall, &other, &bob).await;
        hall.put(
            &ada,
            &format!("/guilds/{guild}/members/{}/roles/{}", bob.id, text(&role["id"])),
            Value::Null,
        )
        .await
        .ok();
        let said = send(&bob).await;
        assert_eq!(
            said["content"],
            format!("<:here:{here}> <:there:{there}> <:guarded:{guarded}> :none: `<:there:{there}>`")
        );
        let deny = json!({ "type": 0, "allow": "0", "deny": (1u64 << 18).to_string() });
        hall.put(&ada, &format!("/channels/{channel}/permissions/{guild}"), deny).await.ok();
        let said = send(&bob).await;
        assert!(text(&said["content"]).contains(":there: <:guarded"));
        let edit = json!({ "content": format!("now <:there:{there}>") });
        let edited = hall.patch(&bob, &format!("{path}/{}", text(&said["id"])), edit).await.ok();
        assert_eq!(edited["content"], "now :there:");
        // A webhook writes with all of its guild's.
        let hook =
            hall.post(&ada, &format!("/channels/{channel}/webhooks"), json!({ "name": "Herald" })).await.ok();
        let address = format!("/webhooks/{}/{}?wait=true", text(&hook["id"]), text(&hook["token"]));
        let said = hall.post(&bob, &address, json!({ "content": content })).await.ok();
        assert_eq!(
            said["content"],
            format!("<:here:{here}> :there: <:guarded:{guarded}> :none: `<:there:{there}>`")
        );
    }
}

#[tokio::test]
async fn reactions_take_emojis_that_exist() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, channel) = hall.guild(&ada, "Engine").await;
        let (other, _) = hall.guild(&ada, "Mill").await;
        join(&hall, &guild, &bob).await;
        let body = json!({ "name": "spin", "image": uri(&png(true)) });
        let here = text(&hall.post(&ada, &format!("/guilds/{guild}/emojis"), body).await.ok()["id"]);
        let there = text(&emoji(&hall, &ada, &other, "there").await.ok()["id"]);
        let said =
            hall.post(&ada, &format!("/channels/{channel}/messages"), json!({ "content": "x" })).await.ok();
        let path = format!("/channels/{channel}/messages/{}", text(&said["id"]));
        let own = |name: &str| format!("{path}/reactions/{name}/@me");
        let before = hall.head().await;
        hall.put(&bob, &own(&format!("spin:{here}")), Value::Null).await.ok();
        let expected = json!({ "id": here, "name": "spin", "animated": true });
        assert_eq!(hall.events_after(before).await[0].1["emoji"], expected);
        hall.put(&bob, &own("none:12"), Value::Null).await.refused(404, 10014);
        hall.put(&bob, &own(&format!("there:{there}")), Value::Null).await.refused(404, 10014);
        // What somebody has used anybody may.
        hall.put(&ada, &own(&format!("there:{there}")), Value::Null).await.ok();
        hall.put(&bob, &own(&format!("any:{there}")), Value::Null).await.ok();
        let reactions = hall.get(&ada, &path).await.ok()["reactions"].clone();
        assert_eq!((&reactions[0]["emoji"], &reactions[0]["count"]), (&expected, &json!(1)));
        assert_eq!((&reactions[1]["emoji"]["name"], &reactions[1]["count"]), (&json!("there"), &json!(2)));
        // A renamed or deleted emoji is still that of the reactions that there are.
        hall.patch(&ada, &format!("/guilds/{guild}/emojis/{here}"), json!({ "name": "turn" })).await.ok();
        hall.put(&ada, &own(&format!("turn:{here}")), Value::Null).await.ok();
        assert_eq!(hall.get(&ada, &path).await.ok()["reactions"][0]["count"], 2);
        hall.delete(&ada, &format!("/guilds/{guild}/emojis/{here}")).await.ok();
        let who = hall.get(&ada, &format!("{path}/reactions/turn:{here}")).await.ok();
        assert_eq!(who.as_array().unwrap().len(), 2);
        hall.delete(&bob, &own(&format!("spin:{here}"))).await.ok();
        hall.delete(&bob, &own(&format!("spin:{here}"))).await.refused(404, 10014);
        hall.delete(&ada, &format!("{path}/reactions/turn:{here}")).await.ok();
        assert_eq!(hall.get(&ada, &path).await.ok()["reactions"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn bots_use_the_emojis_of_their_application_everywhere() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, channel) = hall.guild(&ada, "Engine").await;
        let (bot, rival) = (hall.bot(&ada, "engine").await, hall.bot(&ada, "rival").await);
        for bot in [&bot, &rival] {
            join(&hall, &guild, bot).await;
        }
        let path = format!("/applications/{}/emojis", bot.id);
        let body = json!({ "name": "own", "image": uri(&png(false)) });
        hall.post(&rival, &path, body.clone()).await.refused(403, 20012);
        hall.get(&ada, &path).await.refused(403, 20012);
        let made = hall.post(&bot, &path, body).await.ok();
        assert_eq!(hall.get(&bot, &path).await.ok(), json!({ "items": [made] }));
        let one = format!("{path}/{}", text(&made["id"]));
        assert_eq!(hall.patch(&bot, &one, json!({ "name": "mine" })).await.ok()["name"], "mine");
        let content = format!("<:mine:{}>", text(&made["id"]));
        let messages = format!("/channels/{channel}/messages");
        let said = hall.post(&bot, &messages, json!({ "content": content })).await.ok();
        assert_eq!(said["content"], content);
        let said = hall.post(&rival, &messages, json!({ "content": content })).await.ok();
        assert_eq!(said["content"], ":mine:");
        assert_eq!(hall.delete(&bot, &one).await.status, StatusCode::NO_CONTENT);
        hall.get(&bot, &one).await.refused(404, 10014);
    }
}

#[tokio::test]
async fn stickers_are_made_sent_delivered_and_deleted() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, channel) = hall.guild(&ada, "Engine").await;
        join(&hall, &guild, &bob).await;
        let fields = [("name", "Cog wheel"), ("tags", "cog"), ("description", "turning")];
        sticker(&hall, &bob, &guild, &fields, Some(("a.png", &png(false)))).await.refused(403, 50013);
        let before = hall.head().await;
        let answer = sticker(&hall, &ada, &guild, &fields, Some(("a.png", &png(true)))).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        let made = answer.ok();
        let expected = json!({
            "name": "Cog wheel", "tags": "cog", "description": "turning", "type": 2, "format_type": 2,
            "available": true, "guild_id": guild,
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&made[key], value, "{key}");
        }
        let id = text(&made["id"]);
        let told = hall.events_after(before).await;
        let told = told.iter().find(|event| event.0 == "GUILD_STICKERS_UPDATE").unwrap();
        assert_eq!(told.1["stickers"][0]["id"], made["id"]);
        let path = format!("/guilds/{guild}/stickers");
        assert_eq!(hall.get(&ada, &path).await.ok(), json!([made]));
        assert_eq!(hall.get(&bob, &format!("/stickers/{id}")).await.ok()["name"], "Cog wheel");
        assert_eq!(delivered(&hall, &format!("/stickers/{id}.png")).await.1, "image/png");
        let changed =
            hall.patch(&ada, &format!("{path}/{id}"), json!({ "name": "Wheel", "description": null })).await;
        let changed = changed.ok();
        assert_eq!((&changed["name"], &changed["description"]), (&json!("Wheel"), &Value::Null));

        let messages = format!("/channels/{channel}/messages");
        let said = hall.post(&bob, &messages, json!({ "sticker_ids": [id, id] })).await.ok();
        assert_eq!(said["sticker_items"], json!([{ "id": id, "name": "Wheel", "format_type": 2 }]));
        hall.post(&bob, &messages, json!({ "sticker_ids": ["12"] })).await.refused(400, 50081);
        hall.post(&bob, &messages, json!({ "sticker_ids": ["1", "2", "3", "4"] })).await.refused(400, 50035);
        // One of elsewhere: not without being there.
        let (other, _) = hall.guild(&ada, "Mill").await;
        let there = sticker(&hall, &ada, &other, &fields, Some(("a.png", &png(false)))).await.ok();
        let body = json!({ "sticker_ids": [there["id"]] });
        hall.post(&bob, &messages, body.clone()).await.refused(400, 50081);
        hall.post(&ada, &messages, body).await.ok();

        assert_eq!(hall.delete(&ada, &format!("{path}/{id}")).await.status, StatusCode::NO_CONTENT);
        hall.delete(&ada, &format!("{path}/{id}")).await.refused(404, 10060);
        hall.get(&ada, &format!("/stickers/{id}")).await.refused(404, 10060);
        // What was sent still shows it.
        assert_eq!(delivered(&hall, &format!("/stickers/{id}.png")).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn stickers_have_limits() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let fields = [("name", "Cog"), ("tags", "cog"), ("description", "")];
        let (pixel, large) = (png(false), vec![0; 513 * 1024]);
        let make = |file| sticker(&hall, &ada, &guild, &fields, file);
        let lottie = make(Some(("a.json", br#"{"v":"5.5.2"}"#.as_slice()))).await;
        lottie.refused(400, 50046);
        assert!(text(&lottie.body["message"]).contains("Lottie"));
        make(Some(("a.png", b"nothing".as_slice()))).await.refused(400, 50046);
        make(Some(("a.png", large.as_slice()))).await.refused(400, 50045);
        make(None).await.refused(400, 50035);
        sticker(&hall, &ada, &guild, &[("name", "x")], Some(("a.png", &png(false))))
            .await
            .refused(400, 50035);
        for _ in 0..5 {
            assert_eq!(make(Some(("a.png", pixel.as_slice()))).await.ok()["description"], Value::Null);
        }
        make(Some(("a.png", pixel.as_slice()))).await.refused(400, 30039);
    }
}
