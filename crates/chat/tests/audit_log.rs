//! Reading the audit log, and pruning, which writes to it.

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

fn actions(log: &Value) -> Vec<u64> {
    let entries = log["audit_log_entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["action_type"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn the_log_is_read_in_pages_and_by_who_and_what() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        let role = hall.post(&ada, &format!("/guilds/{guild}/roles"), json!({ "name": "smith" })).await.ok();
        let role = text(&role["id"]);
        let member = format!("/guilds/{guild}/members/{}", bob.id);
        hall.put(&ada, &format!("{member}/roles/{role}"), Value::Null).await.ok();
        hall.patch(&ada, &member, json!({ "nick": "B" })).await.ok();
        hall.patch(&bob, &format!("/guilds/{guild}/members/@me"), json!({ "nick": "C" })).await.ok();

        let path = format!("/guilds/{guild}/audit-logs");
        let log = hall.get(&ada, &path).await.ok();
        assert_eq!(actions(&log), [24, 24, 25, 30]);
        for list in [
            "application_commands",
            "auto_moderation_rules",
            "guild_scheduled_events",
            "integrations",
            "threads",
            "webhooks",
        ] {
            assert_eq!(log[list], json!([]), "{list}");
        }
        let users: Vec<_> = log["users"].as_array().unwrap().iter().map(|user| text(&user["id"])).collect();
        assert_eq!(users, [ada.id.clone(), bob.id.clone()]);
        let entries = &log["audit_log_entries"];
        assert_eq!(entries[0]["changes"], json!([{ "key": "nick", "old_value": "B", "new_value": "C" }]));
        assert_eq!(entries[2]["target_id"], bob.id);

        let by = |query: String| {
            let path = format!("{path}?{query}");
            let (hall, ada) = (&hall, &ada);
            async move { actions(&hall.get(ada, &path).await.ok()) }
        };
        assert_eq!(by(format!("user_id={}", bob.id)).await, [24]);
        assert_eq!(by("action_type=30".into()).await, [30]);
        assert_eq!(by(format!("target_id={}", bob.id)).await, [24, 24, 25]);
        assert_eq!(by("limit=1".into()).await, [24]);
        let newest = text(&entries[0]["id"]);
        let oldest = text(&entries[3]["id"]);
        assert_eq!(by(format!("before={newest}&limit=2")).await, [24, 25]);
        assert_eq!(by(format!("after={oldest}&limit=2")).await, [25, 24]);
        assert_eq!(by("after=0&limit=1".into()).await, [30]);
        hall.get(&ada, &format!("{path}?limit=101")).await.refused(400, 50035);
        hall.get(&bob, &path).await.refused(403, 50013);
        hall.get(&hall.person("eve").await, &path).await.refused(404, 10004);
    }
}

#[tokio::test]
async fn a_prune_removes_those_who_do_nothing() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let mut people = Vec::new();
        for name in ["idle", "busy", "knighted"] {
            let who = hall.person(name).await;
            enroll(&hall, &guild, &who).await;
            people.push(who);
        }
        let knight = hall.post(&ada, &format!("/guilds/{guild}/roles"), json!({})).await.ok();
        let knight = text(&knight["id"]);
        let member = format!("/guilds/{guild}/members/{}", people[2].id);
        hall.put(&ada, &format!("{member}/roles/{knight}"), Value::Null).await.ok();
        hall.hand.advance(Duration::from_secs(8 * 86_400));
        let robot = hall.bot(&ada, "robot").await;
        enroll(&hall, &guild, &robot).await;
        let messages = format!("/channels/{general}/messages");
        hall.post(&people[1], &messages, json!({ "content": "here" })).await.ok();

        let path = format!("/guilds/{guild}/prune");
        assert_eq!(hall.get(&ada, &path).await.ok()["pruned"], 1);
        let all = format!("{path}?days=7&include_roles={knight}");
        assert_eq!(hall.get(&ada, &all).await.ok()["pruned"], 2);
        hall.get(&ada, &format!("{path}?days=31")).await.refused(400, 50035);
        hall.get(&people[0], &path).await.refused(403, 50013);
        let before = hall.head().await;
        assert_eq!(hall.post(&ada, &path, json!({ "days": 7 })).await.ok(), json!({ "pruned": 1 }));
        let events = hall.events_after(before).await;
        assert_eq!((events[0].0.as_str(), events.len()), ("GUILD_MEMBER_REMOVE", 2));
        assert_eq!(events[0].1["user"]["id"], people[0].id);
        assert_eq!(events[1].1["action_type"], 21);
        assert_eq!(events[1].1["options"]["members_removed"], "1");
        let quiet = json!({ "compute_prune_count": false, "include_roles": [knight] });
        assert_eq!(hall.post(&ada, &path, quiet).await.ok(), json!({ "pruned": null }));
        hall.get(&ada, &member).await.refused(404, 10007);
    }
}
