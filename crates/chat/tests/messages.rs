//! Sending, reading, editing and deleting messages.

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
