//! Webhooks: making them, writing by them, and what their addresses are good for.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use serde_json::{Value, json};
use support::{Answer, Hall, Somebody, halls, text};

/// One pixel of a colour.
fn png(colour: u8) -> Vec<u8> {
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

fn uri(colour: u8) -> String {
    format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(png(colour)))
}

/// A request without anybody's token.
async fn anonymous(hall: &Hall, method: Method, path: &str, body: Value) -> Answer {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request =
        Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    hall.send(request.body(body).unwrap()).await
}

/// A guild with a webhook: its owner, guild, channel, and the webhook.
async fn scene(hall: &Hall) -> (Somebody, String, String, Value) {
    let ada = hall.person("ada").await;
    let (guild, channel) = hall.guild(&ada, "Engine").await;
    let body = json!({ "name": "Herald" });
    let webhook = hall.post(&ada, &format!("/channels/{channel}/webhooks"), body).await.ok();
    (ada, guild, channel, webhook)
}

/// The path at which a webhook is written to.
fn address(webhook: &Value) -> String {
    format!("/webhooks/{}/{}", text(&webhook["id"]), text(&webhook["token"]))
}

#[tokio::test]
async fn a_webhook_is_made_shown_changed_and_deleted() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, channel) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{channel}/webhooks");
        let before = hall.head().await;
        let made = hall.post(&ada, &path, json!({ "name": " The  Herald ", "avatar": uri(1) })).await.ok();
        assert_eq!(
            (&made["type"], &made["name"], &made["guild_id"]),
            (&json!(1), &json!("The Herald"), &json!(guild))
        );
        assert_eq!((&made["channel_id"], &made["application_id"]), (&json!(channel), &Value::Null));
        assert_eq!((made["user"]["id"].as_str(), text(&made["token"]).len()), (Some(ada.id.as_str()), 68));
        assert!(text(&made["url"]).ends_with(&format!("/api{}", address(&made))));
        let avatar = format!("/avatars/{}/{}.png", text(&made["id"]), text(&made["avatar"]));
        // The accounts serve avatars; here it is enough that the picture is where they look.
        assert!(avatar.len() > 40);
        let events = hall.events_after(before).await;
        assert_eq!(
            events[0],
            ("WEBHOOKS_UPDATE".into(), json!({ "guild_id": guild, "channel_id": channel }))
        );
        assert_eq!(
            (events[1].0.as_str(), &events[1].1["action_type"]),
            ("GUILD_AUDIT_LOG_ENTRY_CREATE", &json!(50))
        );
        // Nobody hears the token.
        assert!(!events.iter().any(|(_, body)| body.to_string().contains(&text(&made["token"]))));

        assert_eq!(hall.get(&ada, &path).await.ok(), json!([made]));
        assert_eq!(hall.get(&ada, &format!("/guilds/{guild}/webhooks")).await.ok(), json!([made]));
        let own = format!("/webhooks/{}", text(&made["id"]));
        assert_eq!(hall.get(&ada, &own).await.ok(), made);

        let other =
            hall.post(&ada, &format!("/guilds/{guild}/channels"), json!({ "name": "other" })).await.ok();
        let before = hall.head().await;
        let change = json!({ "name": "Crier", "avatar": null, "channel_id": other["id"] });
        let changed = hall.patch(&ada, &own, change.clone()).await.ok();
        assert_eq!((&changed["name"], &changed["avatar"]), (&json!("Crier"), &Value::Null));
        assert_eq!((&changed["channel_id"], &changed["token"]), (&other["id"], &made["token"]));
        let events = hall.events_after(before).await;
        let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["WEBHOOKS_UPDATE", "WEBHOOKS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        let before = hall.head().await;
        hall.patch(&ada, &own, change).await.ok();
        assert_eq!(hall.head().await, before, "what changes nothing is not told");

        let log = hall.get(&ada, &format!("/guilds/{guild}/audit-logs?action_type=51")).await.ok();
        assert_eq!(log["webhooks"][0]["id"], made["id"]);
        assert!(log["webhooks"][0].get("token").is_none());
        assert_eq!(hall.delete(&ada, &own).await.status, StatusCode::NO_CONTENT);
        hall.get(&ada, &own).await.refused(404, 10015);
        hall.delete(&ada, &own).await.refused(404, 10015);
        anonymous(&hall, Method::GET, &address(&made), Value::Null).await.refused(404, 10015);
    }
}

#[tokio::test]
async fn only_those_who_manage_webhooks_see_them() {
    for hall in halls().await {
        let (ada, guild, channel, webhook) = scene(&hall).await;
        let (bob, eve) = (hall.person("bob").await, hall.person("eve").await);
        let id: i64 = guild.parse().unwrap();
        hall.chat.enroll(guildhall_base::Id::new(id), bob.user.id, Vec::new()).await.unwrap();
        let of_channel = format!("/channels/{channel}/webhooks");
        let own = format!("/webhooks/{}", text(&webhook["id"]));
        for (who, outside, inside) in [(&bob, (403, 50013), (403, 50013)), (&eve, (404, 10003), (404, 10015))]
        {
            hall.get(who, &of_channel).await.refused(outside.0, outside.1);
            hall.post(who, &of_channel, json!({ "name": "x" })).await.refused(outside.0, outside.1);
            hall.get(who, &own).await.refused(inside.0, inside.1);
            hall.patch(who, &own, json!({ "name": "x" })).await.refused(inside.0, inside.1);
            hall.delete(who, &own).await.refused(inside.0, inside.1);
        }
        hall.get(&bob, &format!("/guilds/{guild}/webhooks")).await.refused(403, 50013);
        hall.get(&eve, &format!("/guilds/{guild}/webhooks")).await.refused(404, 10004);
        // Not to another guild, and not to a category.
        let (_, elsewhere) = hall.guild(&ada, "Mill").await;
        hall.patch(&ada, &own, json!({ "channel_id": elsewhere })).await.refused(400, 50024);
        let category = json!({ "name": "shelf", "type": 4 });
        let category = hall.post(&ada, &format!("/guilds/{guild}/channels"), category).await.ok();
        let path = format!("/channels/{}/webhooks", text(&category["id"]));
        hall.post(&ada, &path, json!({ "name": "x" })).await.refused(400, 50024);
    }
}

#[tokio::test]
async fn names_follow_discords_rules() {
    for hall in halls().await {
        let (ada, _, channel, webhook) = scene(&hall).await;
        let path = format!("/channels/{channel}/webhooks");
        for (body, code) in [
            (json!({}), "BASE_TYPE_REQUIRED"),
            (json!({ "name": " " }), "BASE_TYPE_REQUIRED"),
            (json!({ "name": "x".repeat(81) }), "BASE_TYPE_BAD_LENGTH"),
            (json!({ "name": "My DisCord" }), "USERNAME_INVALID_CONTAINS"),
            (json!({ "name": "Clyde" }), "USERNAME_INVALID_CONTAINS"),
        ] {
            let answer = hall.post(&ada, &path, body).await;
            answer.refused(400, 50035);
            assert_eq!(answer.body["errors"]["name"]["_errors"][0]["code"], code);
        }
        let body = json!({ "content": "x", "username": "clyde", "avatar_url": "ftp://example.org/a" });
        let answer = anonymous(&hall, Method::POST, &address(&webhook), body).await;
        assert_eq!(answer.body["errors"]["username"]["_errors"][0]["code"], "USERNAME_INVALID_CONTAINS");
        assert_eq!(answer.body["errors"]["avatar_url"]["_errors"][0]["code"], "URL_TYPE_INVALID_SCHEME");
    }
}

#[tokio::test]
async fn a_channel_has_at_most_fifteen() {
    for hall in halls().await {
        let (ada, guild, channel, first) = scene(&hall).await;
        let path = format!("/channels/{channel}/webhooks");
        let make = |_| hall.post(&ada, &path, json!({ "name": "more" }));
        let answers = futures_util::future::join_all((0..20).map(make)).await;
        let made = answers.iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(made, 14, "{}", hall.db.name);
        answers
            .iter()
            .filter(|answer| !answer.status.is_success())
            .for_each(|answer| answer.refused(400, 30007));
        assert_eq!(hall.get(&ada, &path).await.ok().as_array().unwrap().len(), 15);
        // Nor by moving one there.
        let other =
            hall.post(&ada, &format!("/guilds/{guild}/channels"), json!({ "name": "other" })).await.ok();
        let there = format!("/channels/{}/webhooks", text(&other["id"]));
        let extra = hall.post(&ada, &there, json!({ "name": "extra" })).await.ok();
        let body = json!({ "channel_id": channel });
        hall.patch(&ada, &format!("/webhooks/{}", text(&extra["id"])), body).await.refused(400, 30007);
        hall.delete(&ada, &format!("/webhooks/{}", text(&first["id"]))).await.ok();
        let body = json!({ "channel_id": channel });
        hall.patch(&ada, &format!("/webhooks/{}", text(&extra["id"])), body).await.ok();
    }
}

#[tokio::test]
async fn whoever_has_the_address_writes_and_changes_what_was_written() {
    for hall in halls().await {
        let (ada, guild, channel, webhook) = scene(&hall).await;
        let path = address(&webhook);
        let before = hall.head().await;
        let body = json!({
            "content": "hear @everyone", "username": "Lord Byron", "embeds": [{ "title": "News" }],
            "tts": true, "message_reference": { "message_id": "1" },
        });
        let sent = anonymous(&hall, Method::POST, &format!("{path}?wait=true"), body).await.ok();
        let id = text(&webhook["id"]);
        assert_eq!(sent["webhook_id"], webhook["id"]);
        let author = json!({ "id": id, "username": "Lord Byron", "discriminator": "0000", "avatar": null, "bot": true });
        for (key, value) in author.as_object().unwrap() {
            assert_eq!(&sent["author"][key], value, "{key}");
        }
        assert_eq!((&sent["mention_everyone"], &sent["embeds"][0]["title"]), (&json!(true), &json!("News")));
        assert!(sent.get("application_id").is_none() && sent.get("member").is_none());
        let events = hall.events_after(before).await;
        assert_eq!((events.len(), events[0].0.as_str()), (1, "MESSAGE_CREATE"));
        assert_eq!(events[0].1["author"]["username"], "Lord Byron");
        assert_eq!(events[0].1["guild_id"], json!(guild));

        // Without `wait` nothing is answered; without a name it is the webhook's.
        let answer = anonymous(&hall, Method::POST, &path, json!({ "content": "again" })).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        let messages = hall.get(&ada, &format!("/channels/{channel}/messages")).await.ok();
        assert_eq!(messages[0]["author"]["username"], "Herald");
        assert_eq!(messages[1]["author"], sent["author"]);

        let own = format!("{path}/messages/{}", text(&sent["id"]));
        assert_eq!(anonymous(&hall, Method::GET, &own, Value::Null).await.ok()["content"], "hear @everyone");
        let body = json!({ "content": "hear no one", "username": "ignored" });
        let edited = anonymous(&hall, Method::PATCH, &own, body).await.ok();
        assert_eq!((&edited["content"], &edited["author"]), (&json!("hear no one"), &sent["author"]));
        assert!(edited["edited_timestamp"].is_string());
        let foreign = hall
            .post(&ada, &format!("/channels/{channel}/messages"), json!({ "content": "mine" }))
            .await
            .ok();
        let theirs = format!("{path}/messages/{}", text(&foreign["id"]));
        anonymous(&hall, Method::PATCH, &theirs, json!({ "content": "x" })).await.refused(404, 10008);
        anonymous(&hall, Method::DELETE, &theirs, Value::Null).await.refused(404, 10008);
        anonymous(&hall, Method::GET, &format!("{path}/messages/@original"), Value::Null)
            .await
            .refused(404, 10008);
        let before = hall.head().await;
        assert_eq!(anonymous(&hall, Method::DELETE, &own, Value::Null).await.status, StatusCode::NO_CONTENT);
        assert_eq!(hall.events_after(before).await[0].0, "MESSAGE_DELETE");
        anonymous(&hall, Method::DELETE, &own, Value::Null).await.refused(404, 10008);
        // What was sent stays as it was when the webhook is gone.
        hall.delete(&ada, &format!("/webhooks/{id}")).await.ok();
        let messages = hall.get(&ada, &format!("/channels/{channel}/messages")).await.ok();
        assert_eq!(messages[1]["author"]["username"], "Herald");
    }
}

#[tokio::test]
async fn the_token_is_the_permission() {
    for hall in halls().await {
        let (_, guild, channel, webhook) = scene(&hall).await;
        let (path, id) = (address(&webhook), text(&webhook["id"]));
        let shown = anonymous(&hall, Method::GET, &path, Value::Null).await.ok();
        assert_eq!((&shown["token"], shown.get("user")), (&webhook["token"], None));
        let wrong = format!("/webhooks/{id}/{}", "x".repeat(68));
        for method in [Method::GET, Method::PATCH, Method::DELETE, Method::POST] {
            anonymous(&hall, method, &wrong, json!({ "name": "x", "content": "x" }))
                .await
                .refused(401, 50027);
        }
        anonymous(&hall, Method::GET, "/webhooks/1/nothing", Value::Null).await.refused(404, 10015);
        let body = json!({ "name": "Crier", "channel_id": "1" });
        let before = hall.head().await;
        let changed = anonymous(&hall, Method::PATCH, &path, body).await.ok();
        assert_eq!((&changed["name"], &changed["channel_id"]), (&json!("Crier"), &json!(channel)));
        let events = hall.events_after(before).await;
        assert_eq!((&events[1].1["user_id"], &events[1].1["guild_id"]), (&Value::Null, &json!(guild)));
        for format in ["slack", "github"] {
            let answer =
                anonymous(&hall, Method::POST, &format!("{path}/{format}"), json!({ "text": "x" })).await;
            assert_eq!((answer.status, &answer.body["code"]), (StatusCode::BAD_REQUEST, &json!(0)));
            assert!(text(&answer.body["message"]).contains("Slack"));
        }
        assert_eq!(anonymous(&hall, Method::DELETE, &path, Value::Null).await.status, StatusCode::NO_CONTENT);
        anonymous(&hall, Method::POST, &path, json!({ "content": "x" })).await.refused(404, 10015);
    }
}

#[tokio::test]
async fn messages_bear_borrowed_pictures() {
    for hall in halls().await {
        let (ada, _, _, webhook) = scene(&hall).await;
        let path = format!("{}?wait=1", address(&webhook));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let count = asked.clone();
        let picture = move || {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            async { png(9) }
        };
        let elsewhere = Router::new()
            .route("/face.png", axum::routing::get(picture))
            .route("/text", axum::routing::get(async || "no picture"));
        tokio::spawn(async move { axum::serve(listener, elsewhere).await });
        let send = async |address: String| {
            let body = json!({ "content": "x", "avatar_url": address });
            anonymous(&hall, Method::POST, &path, body).await.ok()["author"]["avatar"].clone()
        };
        let face = send(format!("{base}/face.png")).await;
        assert!(face.is_string(), "{face}");
        assert_eq!(send(format!("{base}/face.png")).await, face);
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1, "what was fetched is remembered");
        // What is no picture, or is not there, leaves the webhook's own.
        let own = hall
            .patch(&ada, &format!("/webhooks/{}", text(&webhook["id"])), json!({ "avatar": uri(4) }))
            .await;
        let own = own.ok()["avatar"].clone();
        assert_eq!(send(format!("{base}/text")).await, own);
        assert_eq!(send(format!("{base}/gone")).await, own);
        assert_eq!(send("http://10.0.0.1/private".into()).await, own);
        // One of this installation is copied without asking anybody.
        let icon = hall.post(&ada, "/guilds", json!({ "name": "Mill", "icon": uri(7) })).await.ok();
        let address =
            format!("http://127.0.0.1:8080/icons/{}/{}.png", text(&icon["id"]), text(&icon["icon"]));
        assert_eq!(send(address).await, icon["icon"]);
        let secret = "http://127.0.0.1:8080/icons/../attachments/1/00000000000000000000000000000000.png";
        assert_eq!(send(secret.into()).await, own);
    }
}

#[tokio::test]
async fn a_webhook_writes_so_often_and_no_oftener() {
    for hall in halls().await {
        let (_, _, _, webhook) = scene(&hall).await;
        let path = address(&webhook);
        for _ in 0..100 {
            anonymous(&hall, Method::POST, &path, json!({ "content": "x" })).await.ok();
        }
        let refused = anonymous(&hall, Method::POST, &path, json!({ "content": "x" })).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(refused.body["retry_after"].as_f64().unwrap() > 0.0);
        hall.hand.advance(Duration::from_secs(5));
        anonymous(&hall, Method::POST, &path, json!({ "content": "x" })).await.ok();
    }
}

#[tokio::test]
async fn components_go_where_an_application_hears_of_their_use() {
    for hall in halls().await {
        let (ada, guild, channel, webhook) = scene(&hall).await;
        let button =
            json!([{ "type": 1, "components": [{ "type": 2, "style": 1, "label": "x", "custom_id": "x" }] }]);
        let link = json!([{ "type": 1, "components": [{ "type": 2, "style": 5, "label": "x", "url": "https://example.org" }] }]);
        let path = address(&webhook);
        let send = async |query: &str, components: &Value| {
            let body = json!({ "content": "x", "components": components });
            anonymous(&hall, Method::POST, &format!("{path}?wait=true{query}"), body).await
        };
        assert_eq!(send("", &button).await.ok()["components"], json!([]));
        send("&with_components=true", &button).await.refused(400, 50035);
        assert_eq!(
            send("&with_components=true", &link).await.ok()["components"].as_array().unwrap().len(),
            1
        );

        let bot = hall.bot(&ada, "engine").await;
        let id: i64 = guild.parse().unwrap();
        hall.chat.enroll(guildhall_base::Id::new(id), bot.user.id, Vec::new()).await.unwrap();
        let overwrite = json!({ "type": 1, "allow": (1u64 << 29).to_string(), "deny": "0" });
        hall.put(&ada, &format!("/channels/{channel}/permissions/{}", bot.id), overwrite).await.ok();
        let hooks = format!("/channels/{channel}/webhooks");
        let made = hall.post(&bot, &hooks, json!({ "name": "Machine" })).await.ok();
        assert_eq!(made["application_id"], json!(bot.id));
        let body = json!({ "content": "x", "components": button });
        let sent = anonymous(&hall, Method::POST, &format!("{}?wait=true", address(&made)), body).await.ok();
        assert_eq!(
            (&sent["application_id"], sent["components"].as_array().unwrap().len()),
            (&json!(bot.id), 1)
        );
        // A bot is shown people's tokens and its own, and people all; not those of other bots.
        let tokens =
            |list: Value| list.as_array().unwrap().iter().filter(|hook| hook["token"].is_string()).count();
        assert_eq!(tokens(hall.get(&bot, &hooks).await.ok()), 2);
        let other = hall.bot(&ada, "rival").await;
        hall.chat.enroll(guildhall_base::Id::new(id), other.user.id, Vec::new()).await.unwrap();
        let overwrite = json!({ "type": 1, "allow": (1u64 << 29).to_string(), "deny": "0" });
        hall.put(&ada, &format!("/channels/{channel}/permissions/{}", other.id), overwrite).await.ok();
        assert_eq!(tokens(hall.get(&other, &hooks).await.ok()), 1);
        assert_eq!(tokens(hall.get(&ada, &hooks).await.ok()), 2);
        // Using the button reaches the application.
        let press = json!({
            "type": 3, "application_id": bot.id, "guild_id": guild, "channel_id": channel,
            "message_id": sent["id"], "data": { "component_type": 2, "custom_id": "x" },
        });
        hall.post(&ada, "/interactions", press).await.ok();
    }
}

#[tokio::test]
async fn another_process_takes_the_same_address() {
    for hall in halls().await {
        let (_, _, _, webhook) = scene(&hall).await;
        let (neighbour, _stop) = hall.neighbour().await;
        let request = Request::builder()
            .method(Method::POST)
            .uri(address(&webhook))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json!({ "content": "hello" }).to_string()));
        assert_eq!(support::send(&neighbour, request.unwrap()).await.status, StatusCode::NO_CONTENT);
    }
}
