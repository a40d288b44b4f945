//! Sending, reading, editing and deleting messages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use std::time::Duration;

use serde_json::json;
use support::{halls, text};

#[tokio::test]
async fn a_message_is_answered_stored_and_told() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let before = hall.head().await;
        let path = format!("/channels/{general}/messages");
        let sent = hall.post(&ada, &path, json!({ "content": "hello", "nonce": "7" })).await.ok();
        assert_eq!(sent["content"], "hello");
        assert_eq!(sent["author"]["id"], ada.id);
        assert_eq!(sent["nonce"], "7");

        let page = hall.get(&ada, &path).await.ok();
        assert_eq!(page.as_array().unwrap().len(), 1);
        assert_eq!(page[0]["id"], sent["id"]);

        let events = hall.events_after(before).await;
        assert_eq!(events.len(), 1);
        let (name, body) = &events[0];
        assert_eq!(name, "MESSAGE_CREATE");
        assert_eq!(body["id"], sent["id"]);
        assert_eq!(body["guild_id"], guild);
        assert!(body["member"]["joined_at"].is_string());
        let channel = hall.get(&ada, &format!("/channels/{general}")).await.ok();
        assert_eq!(channel["name"], "general");
    }
}

#[tokio::test]
async fn strangers_do_not_learn_that_a_channel_exists() {
    for hall in halls().await {
        let (ada, eve) = (hall.person("ada").await, hall.person("eve").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{general}/messages");
        hall.post(&eve, &path, json!({ "content": "hi" })).await.refused(404, 10003);
        hall.get(&eve, &path).await.refused(404, 10003);
        hall.get(&eve, &format!("/guilds/{guild}")).await.refused(404, 10004);
        let nobody = support::Somebody { token: "Bot a.b.c".into(), ..eve };
        hall.get(&nobody, &path).await.refused(401, 0);
    }
}

#[tokio::test]
async fn bad_messages_change_nothing() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (_, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{general}/messages");
        let before = hall.head().await;
        hall.post(&ada, &path, json!({})).await.refused(400, 50006);
        hall.post(&ada, &path, json!({ "content": "x".repeat(2001) })).await.refused(400, 50035);
        hall.post(&ada, &path, json!({ "content": { "a": 1 } })).await.refused(400, 50035);
        hall.get(&ada, &format!("{path}?limit=0")).await.refused(400, 50035);
        hall.get(&ada, "/channels/abc").await.refused(400, 50035);
        assert_eq!(hall.head().await, before);
    }
}

#[tokio::test]
async fn edit_delete_and_bulk_delete() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (_, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{general}/messages");
        let mut ids = Vec::new();
        for content in ["one", "two", "three"] {
            let sent = hall.post(&ada, &path, json!({ "content": content })).await.ok();
            ids.push(text(&sent["id"]));
        }
        hall.hand.advance(Duration::from_secs(5));
        let edited = hall.patch(&ada, &format!("{path}/{}", ids[0]), json!({ "content": "uno" })).await.ok();
        assert_eq!(edited["content"], "uno");
        assert!(edited["edited_timestamp"].is_string());
        hall.delete(&ada, &format!("{path}/{}", ids[0])).await.ok();
        hall.delete(&ada, &format!("{path}/{}", ids[0])).await.refused(404, 10008);
        let before = hall.head().await;
        let bulk = json!({ "messages": [ids[1], ids[2], ids[0]] });
        hall.post(&ada, &format!("{path}/bulk-delete"), bulk).await.ok();
        let events = hall.events_after(before).await;
        let told: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(told, ["GUILD_AUDIT_LOG_ENTRY_CREATE", "MESSAGE_DELETE_BULK"]);
        assert_eq!(hall.get(&ada, &path).await.ok(), json!([]));
    }
}

#[tokio::test]
async fn a_repeated_send_with_an_enforced_nonce_is_sent_once() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (_, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{general}/messages");
        let body = json!({ "content": "once", "nonce": "n1", "enforce_nonce": true });
        let sends = (0..8).map(|_| hall.post(&ada, &path, body.clone()));
        let answers = futures_util::future::join_all(sends).await;
        let ids: Vec<_> = answers.into_iter().map(|answer| text(&answer.ok()["id"])).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(hall.get(&ada, &path).await.ok().as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn files_are_kept_served_safely_and_forgotten_with_their_message() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (_, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{general}/messages");
        let body = concat!(
            "--b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n",
            "{\"content\":\"see\",\"embeds\":[{\"title\":\"t\",\"image\":{\"url\":\"attachment://evil.html\"}}]}\r\n",
            "--b\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"../evil.html\"\r\n",
            "Content-Type: text/html\r\n\r\n<script>1</script>\r\n--b--\r\n",
        );
        let request = axum::http::Request::post(&path)
            .header("authorization", &ada.token)
            .header("content-type", "multipart/form-data; boundary=b")
            .body(body.into())
            .unwrap();
        let sent = hall.send(request).await.ok();
        let file = &sent["attachments"][0];
        assert_eq!(file["filename"], "evil.html");
        assert_eq!(file["size"], 18);
        assert_eq!(sent["embeds"][0]["image"]["url"], file["url"]);

        let url = text(&file["url"]);
        let place = url.split_once("8080").unwrap().1;
        let served = hall.get(&ada, place).await;
        assert_eq!(served.headers["content-type"], "application/octet-stream");
        assert_eq!(served.headers["content-disposition"], "attachment");
        assert_eq!(served.status, 200);
        let guessed = format!("{}?hm=00", place.split_once('?').unwrap().0);
        assert_eq!(hall.get(&ada, &guessed).await.status, 404);

        hall.delete(&ada, &format!("{path}/{}", text(&sent["id"]))).await.ok();
        assert_eq!(hall.get(&ada, place).await.status, 404);
    }
}

#[tokio::test]
async fn mentions_and_replies_name_whom_they_may() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (_, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{general}/messages");
        let content = format!("<@{}> <@1> @everyone `<@{}>`", bob.id, ada.id);
        let first = hall.post(&ada, &path, json!({ "content": content })).await.ok();
        assert_eq!(first["mentions"].as_array().unwrap().len(), 1);
        assert_eq!(first["mentions"][0]["id"], bob.id);
        assert_eq!(first["mention_everyone"], true);
        let quiet = json!({ "content": content, "allowed_mentions": { "parse": [] } });
        let quiet = hall.post(&ada, &path, quiet).await.ok();
        assert_eq!((&quiet["mentions"], &quiet["mention_everyone"]), (&json!([]), &json!(false)));

        let reply = json!({ "content": "yes", "message_reference": { "message_id": first["id"] } });
        let reply = hall.post(&ada, &path, reply).await.ok();
        assert_eq!(reply["type"], 19);
        assert_eq!(reply["referenced_message"]["id"], first["id"]);
        assert_eq!(reply["mentions"][0]["id"], ada.id);
        let lost = json!({ "content": "no", "message_reference": { "message_id": "1" } });
        hall.post(&ada, &path, lost).await.refused(400, 50035);
    }
}
