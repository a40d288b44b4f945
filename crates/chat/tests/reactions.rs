//! Reactions and pins.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use serde_json::json;
use support::{halls, text};

const THUMB: &str = "%F0%9F%91%8D";

#[tokio::test]
async fn reactions_count_once_per_person_and_are_told() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let messages = format!("/channels/{general}/messages");
        let id = text(&hall.post(&ada, &messages, json!({ "content": "hi" })).await.ok()["id"]);
        let reactions = format!("{messages}/{id}/reactions");
        let before = hall.head().await;
        let own = format!("{reactions}/{THUMB}/@me");
        let puts = (0..6).map(|_| hall.put(&ada, &own, json!(null)));
        for answer in futures_util::future::join_all(puts).await {
            assert_eq!(answer.status, 204, "{}", answer.body);
        }
        let events = hall.events_after(before).await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0].0, "MESSAGE_REACTION_ADD");
        assert_eq!(events[0].1["emoji"], json!({ "id": null, "name": "👍" }));
        assert_eq!(events[0].1["guild_id"], guild);
        let read = hall.get(&ada, &format!("{messages}/{id}")).await.ok();
        assert_eq!(read["reactions"][0]["count"], 1);
        assert_eq!(read["reactions"][0]["me"], true);
        assert_eq!(hall.get(&ada, &format!("{reactions}/{THUMB}")).await.ok()[0]["id"], ada.id);
        hall.put(&ada, &format!("{reactions}/abc/@me"), json!(null)).await.refused(404, 10014);
        hall.delete(&ada, &own).await.ok();
        hall.delete(&ada, &own).await.refused(404, 10014);
    }
}

#[tokio::test]
async fn a_message_takes_twenty_emojis_however_fast_they_come() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (_, general) = hall.guild(&ada, "Engine").await;
        let messages = format!("/channels/{general}/messages");
        let id = text(&hall.post(&ada, &messages, json!({ "content": "hi" })).await.ok()["id"]);
        let paths: Vec<String> = (0..25u32)
            .map(|n| {
                let emoji = char::from_u32(0x1f400 + n).unwrap().to_string();
                let mut encoded = String::new();
                for byte in emoji.bytes() {
                    encoded += &format!("%{byte:02X}");
                }
                format!("{messages}/{id}/reactions/{encoded}/@me")
            })
            .collect();
        let puts = paths.iter().map(|path| hall.put(&ada, path, json!(null)));
        let answers = futures_util::future::join_all(puts).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 20);
        answers.iter().filter(|answer| answer.status != 204).for_each(|answer| answer.refused(400, 30010));
    }
}

#[tokio::test]
async fn pins_by_both_routes() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (_, general) = hall.guild(&ada, "Engine").await;
        let messages = format!("/channels/{general}/messages");
        let id = text(&hall.post(&ada, &messages, json!({ "content": "hi" })).await.ok()["id"]);
        hall.put(&bob, &format!("{messages}/pins/{id}"), json!(null)).await.refused(404, 10003);
        let before = hall.head().await;
        hall.put(&ada, &format!("{messages}/pins/{id}"), json!(null)).await.ok();
        hall.put(&ada, &format!("/channels/{general}/pins/{id}"), json!(null)).await.ok();
        let events = hall.events_after(before).await;
        let told: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
        let all = ["GUILD_AUDIT_LOG_ENTRY_CREATE", "CHANNEL_PINS_UPDATE", "MESSAGE_UPDATE", "MESSAGE_CREATE"];
        assert_eq!(told, all);
        let page = hall.get(&ada, &format!("{messages}/pins")).await.ok();
        assert_eq!(page["items"][0]["message"]["id"], id);
        assert_eq!(page["has_more"], false);
        assert_eq!(hall.get(&ada, &format!("/channels/{general}/pins")).await.ok()[0]["pinned"], true);
        hall.delete(&ada, &format!("/channels/{general}/pins/{id}")).await.ok();
        assert_eq!(hall.get(&ada, &format!("/channels/{general}/pins")).await.ok(), json!([]));
        let channel = hall.get(&ada, &format!("/channels/{general}")).await.ok();
        assert_eq!(channel["last_pin_timestamp"], json!(null));
    }
}
