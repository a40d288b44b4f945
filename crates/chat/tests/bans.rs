//! Bans: setting, listing and lifting them, and what goes with them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Hall, Somebody, halls, text};

async fn enroll(hall: &Hall, guild: &str, who: &Somebody) {
    hall.chat.enroll(guild.parse().unwrap(), who.user.id, Vec::new()).await.unwrap();
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_ban_removes_the_member_and_what_they_wrote_lately() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        let messages = format!("/channels/{general}/messages");
        hall.post(&bob, &messages, json!({ "content": "old" })).await.ok();
        hall.hand.advance(Duration::from_secs(3601));
        let kept = hall.post(&ada, &messages, json!({ "content": "mine" })).await.ok();
        let spam = hall.post(&bob, &messages, json!({ "content": "spam" })).await.ok();
        let path = format!("/guilds/{guild}/bans/{}", bob.id);
        let before = hall.head().await;
        hall.put(&bob, &path, Value::Null).await.refused(403, 50013);
        hall.put(&ada, &path, json!({ "delete_message_seconds": 604_801 })).await.refused(400, 50035);
        assert_eq!(hall.head().await, before);

        assert_eq!(hall.put(&ada, &path, json!({ "delete_message_seconds": 3600 })).await.status, 204);
        let events = hall.events_after(before).await;
        let audit = "GUILD_AUDIT_LOG_ENTRY_CREATE";
        assert_eq!(names(&events), ["MESSAGE_DELETE_BULK", "GUILD_MEMBER_REMOVE", "GUILD_BAN_ADD", audit]);
        assert_eq!(events[0].1, json!({ "ids": [spam["id"]], "channel_id": general, "guild_id": guild }));
        assert_eq!((&events[2].1["user"]["id"], &events[3].1["action_type"]), (&json!(bob.id), &json!(22)));
        let left = hall.get(&ada, &messages).await.ok();
        assert_eq!((&left[0]["id"], &left[1]["content"]), (&kept["id"], &json!("old")));

        // Again: nothing happens.
        let before = hall.head().await;
        assert_eq!(hall.put(&ada, &path, Value::Null).await.status, 204);
        assert_eq!(hall.head().await, before);
        hall.get(&bob, &messages).await.refused(404, 10003);
    }
}

#[tokio::test]
async fn the_banned_stay_out_until_the_ban_is_lifted() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let invite = hall.post(&ada, &format!("/channels/{general}/invites"), json!({})).await.ok();
        let invite = format!("/invites/{}", text(&invite["code"]));
        let path = format!("/guilds/{guild}/bans/{}", bob.id);
        let before = hall.head().await;
        hall.put(&ada, &path, json!({ "delete_message_days": 1 })).await.ok();
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["GUILD_BAN_ADD", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        hall.post(&bob, &invite, Value::Null).await.refused(403, 40007);
        let ban = hall.get(&ada, &path).await.ok();
        assert_eq!((&ban["user"]["id"], &ban["reason"]), (&json!(bob.id), &Value::Null));

        let before = hall.head().await;
        assert_eq!(hall.delete(&ada, &path).await.status, 204);
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["GUILD_BAN_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        hall.delete(&ada, &path).await.refused(404, 10026);
        hall.get(&ada, &path).await.refused(404, 10026);
        hall.post(&bob, &invite, Value::Null).await.ok();
        hall.get(&bob, &path).await.refused(403, 50013);
        hall.put(&ada, &format!("/guilds/{guild}/bans/1"), Value::Null).await.refused(404, 10013);
        hall.put(&ada, &format!("/guilds/{guild}/bans/{}", ada.id), Value::Null).await.refused(403, 50013);
    }
}

#[tokio::test]
async fn many_are_banned_and_listed_in_pages() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let mut users = Vec::new();
        for index in 0..4 {
            users.push(hall.person(&format!("pest{index}")).await.id);
        }
        let mut wanted = users.clone();
        wanted.push(ada.id.clone());
        let path = format!("/guilds/{guild}/bulk-ban");
        let done = hall.post(&ada, &path, json!({ "user_ids": wanted })).await.ok();
        assert_eq!((&done["banned_users"], &done["failed_users"]), (&json!(users), &json!([ada.id])));
        hall.post(&ada, &path, json!({ "user_ids": users })).await.refused(400, 500_000);
        hall.post(&ada, &path, json!({ "user_ids": [] })).await.refused(400, 50035);

        let ids = |page: Value| -> Vec<String> {
            page.as_array().unwrap().iter().map(|ban| text(&ban["user"]["id"])).collect()
        };
        let bans = format!("/guilds/{guild}/bans");
        assert_eq!(ids(hall.get(&ada, &bans).await.ok()), users);
        let after = format!("{bans}?limit=2&after={}", users[0]);
        assert_eq!(ids(hall.get(&ada, &after).await.ok()), users[1..3]);
        let before = format!("{bans}?limit=2&before={}", users[3]);
        assert_eq!(ids(hall.get(&ada, &before).await.ok()), users[1..3]);
        hall.get(&ada, &format!("{bans}?limit=1001")).await.refused(400, 50035);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_slips_in_while_being_banned() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let invite = hall.post(&ada, &format!("/channels/{general}/invites"), json!({})).await.ok();
        let invite = format!("/invites/{}", text(&invite["code"]));
        for index in 0..8 {
            let pest = hall.person(&format!("pest{index}")).await;
            let path = format!("/guilds/{guild}/bans/{}", pest.id);
            let (joined, banned) =
                tokio::join!(hall.post(&pest, &invite, Value::Null), hall.put(&ada, &path, Value::Null));
            assert!(joined.status == 200 || joined.body["code"] == 40007, "{}", joined.body);
            assert_eq!(banned.status, 204);
            hall.get(&ada, &format!("/guilds/{guild}/members/{}", pest.id)).await.refused(404, 10007);
        }
    }
}
