//! Invites: making, showing, using and deleting them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use support::{Hall, Somebody, halls, text};

async fn invite(hall: &Hall, who: &Somebody, channel: &str, body: Value) -> Value {
    hall.post(who, &format!("/channels/{channel}/invites"), body).await.ok()
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn an_invite_is_made_shown_and_used() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let before = hall.head().await;
        let made = invite(&hall, &ada, &general, json!({ "max_age": 3600, "max_uses": 2 })).await;
        let code = text(&made["code"]);
        assert_eq!(
            (&made["max_age"], &made["max_uses"], &made["uses"], &made["temporary"]),
            (&json!(3600), &json!(2), &json!(0), &json!(false))
        );
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["INVITE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        assert_eq!(events[0].1["code"], code);
        assert_eq!(events[1].1["action_type"], 40);

        let anonymous = Request::get(format!("/invites/{code}?with_counts=true")).body(Body::empty());
        let shown = hall.send(anonymous.unwrap()).await.ok();
        assert_eq!(shown["guild"]["name"], "Engine");
        assert_eq!(shown["channel"], json!({ "id": general, "type": 0, "name": "general" }));
        assert_eq!(shown["inviter"]["username"], "ada");
        assert_eq!((&shown["type"], &shown["approximate_member_count"]), (&json!(0), &json!(1)));
        assert!(shown["expires_at"].is_string() && shown.get("uses").is_none());

        let before = hall.head().await;
        let joined = hall.post(&bob, &format!("/invites/{code}"), Value::Null).await.ok();
        assert_eq!((&joined["new_member"], &joined["approximate_member_count"]), (&json!(true), &json!(2)));
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["GUILD_MEMBER_ADD", "MESSAGE_CREATE"]);
        assert_eq!(events[0].1["user"]["id"], bob.id);
        assert_eq!((&events[1].1["type"], &events[1].1["channel_id"]), (&json!(7), &json!(general)));
        assert!(events[1].1["member"]["joined_at"].is_string());

        // Who is in already is not counted.
        let again = hall.post(&bob, &format!("/invites/{code}"), json!({})).await.ok();
        assert_eq!(again["new_member"], false);
        let listed = hall.get(&ada, &format!("/guilds/{guild}/invites")).await.ok();
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["uses"]), (1, &json!(1)));
        let listed = hall.get(&ada, &format!("/channels/{general}/invites")).await.ok();
        assert_eq!(listed[0]["code"], code);
        hall.get(&bob, &format!("/guilds/{guild}/invites")).await.refused(403, 50013);
        hall.get(&bob, &format!("/channels/{general}/invites")).await.refused(403, 50013);
    }
}

#[tokio::test]
async fn an_equal_invite_is_used_again_unless_a_new_one_is_wanted() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (_, general) = hall.guild(&ada, "Engine").await;
        let first = invite(&hall, &ada, &general, Value::Null).await;
        assert_eq!(first["max_age"], 86_400);
        assert_eq!(invite(&hall, &ada, &general, json!({})).await["code"], first["code"]);
        let other = invite(&hall, &ada, &general, json!({ "max_uses": 1 })).await;
        let unique = invite(&hall, &ada, &general, json!({ "unique": true })).await;
        assert_ne!(other["code"], first["code"]);
        assert_ne!(unique["code"], first["code"]);
        let forever = invite(&hall, &ada, &general, json!({ "max_age": 0 })).await;
        assert_eq!(forever["expires_at"], Value::Null);
        let path = format!("/channels/{general}/invites");
        hall.post(&ada, &path, json!({ "max_age": 604_801 })).await.refused(400, 50035);
        hall.post(&ada, &path, json!({ "max_uses": 101 })).await.refused(400, 50035);
        hall.post(&ada, &path, json!({ "max_uses": "many" })).await.refused(400, 50035);
    }
}

#[tokio::test]
async fn an_invite_ends_by_the_clock_and_by_its_uses() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let short = invite(&hall, &ada, &general, json!({ "max_age": 60 })).await;
        let path = format!("/invites/{}", text(&short["code"]));
        hall.hand.advance(Duration::from_secs(59));
        hall.get(&ada, &path).await.ok();
        hall.hand.advance(Duration::from_secs(1));
        hall.get(&ada, &path).await.refused(404, 10006);
        let bob = hall.person("bob").await;
        hall.post(&bob, &path, json!({})).await.refused(404, 10006);

        let once = invite(&hall, &ada, &general, json!({ "max_uses": 1 })).await;
        let path = format!("/invites/{}", text(&once["code"]));
        let before = hall.head().await;
        hall.post(&bob, &path, json!({})).await.ok();
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["GUILD_MEMBER_ADD", "INVITE_DELETE", "MESSAGE_CREATE"]);
        let cid = hall.person("cid").await;
        hall.post(&cid, &path, json!({})).await.refused(404, 10006);
        hall.get(&cid, "/invites/no%20code").await.refused(404, 10006);
        assert_eq!(hall.get(&ada, &format!("/guilds/{guild}/invites")).await.ok(), json!([]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_come_at_once_as_many_get_in_as_it_has_uses() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let mut guests = Vec::new();
        for index in 0..12 {
            guests.push(hall.person(&format!("guest{index}")).await);
        }
        for (max_uses, expected) in [(5, 5), (0, 7)] {
            let made = invite(&hall, &ada, &general, json!({ "max_uses": max_uses })).await;
            let path = format!("/invites/{}", text(&made["code"]));
            let answers = guests.iter().map(|guest| hall.post(guest, &path, Value::Null));
            let answers = futures_util::future::join_all(answers).await;
            let joined = answers.iter().filter(|answer| answer.body["new_member"] == true).count();
            assert_eq!(joined, expected);
            if max_uses == 0 {
                let listed = hall.get(&ada, &format!("/guilds/{guild}/invites")).await.ok();
                assert_eq!(listed[0]["uses"], expected);
            }
        }
        let members = hall.get(&ada, &format!("/guilds/{guild}/members?limit=100")).await.ok();
        assert_eq!(members.as_array().unwrap().len(), 13);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_who_knocks_twice_at_once_is_counted_once() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let made = invite(&hall, &ada, &general, Value::Null).await;
        let path = format!("/invites/{}", text(&made["code"]));
        let answers =
            futures_util::future::join_all((0..6).map(|_| hall.post(&bob, &path, Value::Null))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        let listed = hall.get(&ada, &format!("/guilds/{guild}/invites")).await.ok();
        assert_eq!(listed[0]["uses"], 1);
    }
}

#[tokio::test]
async fn who_may_not_come_does_not_and_who_may_not_invite_does_not() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let made = invite(&hall, &ada, &general, Value::Null).await;
        let path = format!("/invites/{}", text(&made["code"]));
        let robot = hall.bot(&ada, "robot").await;
        hall.post(&robot, &path, Value::Null).await.refused(403, 20001);
        let anonymous = Request::post(&path).body(Body::empty()).unwrap();
        assert_eq!(hall.send(anonymous).await.status, 401);
        let guild_path = format!("/guilds/{guild}");
        hall.patch(&ada, &guild_path, json!({ "features": ["INVITES_DISABLED"] })).await.ok();
        hall.post(&bob, &path, Value::Null).await.refused(403, 0);
        let flags = json!({ "features": [], "system_channel_flags": 1 });
        hall.patch(&ada, &guild_path, flags).await.ok();
        let before = hall.head().await;
        hall.post(&bob, &path, Value::Null).await.ok();
        assert_eq!(names(&hall.events_after(before).await), ["GUILD_MEMBER_ADD"]);

        let everyone = format!("/guilds/{guild}/roles/{guild}");
        hall.patch(&ada, &everyone, json!({ "permissions": "1024" })).await.ok();
        let invites = format!("/channels/{general}/invites");
        hall.post(&bob, &invites, Value::Null).await.refused(403, 50013);
        hall.delete(&bob, &path).await.refused(403, 50013);
        hall.delete(&hall.person("eve").await, &path).await.refused(403, 50013);
        let before = hall.head().await;
        assert_eq!(hall.delete(&ada, &path).await.ok()["code"], made["code"]);
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["INVITE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        assert_eq!(events[1].1["action_type"], 42);
        hall.delete(&ada, &path).await.refused(404, 10006);
    }
}
