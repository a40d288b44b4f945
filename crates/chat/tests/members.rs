//! Members: lists, roles, nicknames, timeouts, kicks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use std::time::Duration;

use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use support::{Hall, Somebody, halls, text};

/// Makes somebody a member, whoever invited them.
async fn enroll(hall: &Hall, guild: &str, who: &Somebody) {
    hall.chat.enroll(guild.parse().unwrap(), who.user.id, Vec::new()).await.unwrap();
}

async fn role(hall: &Hall, owner: &Somebody, guild: &str, body: Value) -> String {
    text(&hall.post(owner, &format!("/guilds/{guild}/roles"), body).await.ok()["id"])
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_role_is_given_once_and_taken_once() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        let smith = role(&hall, &ada, &guild, json!({ "name": "smith" })).await;
        let path = format!("/guilds/{guild}/members/{}/roles/{smith}", bob.id);
        for (method, listed, key) in
            [(Method::PUT, json!([smith]), "$add"), (Method::DELETE, json!([]), "$remove")]
        {
            let before = hall.head().await;
            for _ in 0..2 {
                assert_eq!(hall.call(&ada, method.clone(), &path, Value::Null).await.status, 204);
            }
            let events = hall.events_after(before).await;
            assert_eq!(names(&events), ["GUILD_MEMBER_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
            assert_eq!(events[0].1["roles"], listed);
            assert_eq!(events[0].1["user"]["id"], bob.id);
            assert_eq!(events[1].1["action_type"], 25);
            assert_eq!(events[1].1["changes"][0]["key"], key);
            assert_eq!(events[1].1["changes"][0]["new_value"], json!([{ "id": smith, "name": "smith" }]));
            let member = hall.get(&ada, &format!("/guilds/{guild}/members/{}", bob.id)).await.ok();
            assert_eq!(member["roles"], listed);
        }
        hall.put(&bob, &path, Value::Null).await.refused(403, 50013);
        let unknown = format!("/guilds/{guild}/members/{}/roles/1", bob.id);
        hall.put(&ada, &unknown, Value::Null).await.refused(404, 10011);
        let everyone = format!("/guilds/{guild}/members/{}/roles/{guild}", bob.id);
        hall.put(&ada, &everyone, Value::Null).await.refused(400, 50028);
        let stranger = hall.person("eve").await;
        hall.put(&stranger, &path, Value::Null).await.refused(404, 10004);
        let nobody = format!("/guilds/{guild}/members/{}/roles/{smith}", stranger.id);
        hall.put(&ada, &nobody, Value::Null).await.refused(404, 10007);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_roles_given_at_once_none_is_lost() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        let mut roles = Vec::new();
        for index in 0..12 {
            roles.push(role(&hall, &ada, &guild, json!({ "name": format!("r{index}") })).await);
        }
        let before = hall.head().await;
        let paths: Vec<_> =
            roles.iter().map(|role| format!("/guilds/{guild}/members/{}/roles/{role}", bob.id)).collect();
        let answers =
            futures_util::future::join_all(paths.iter().map(|path| hall.put(&ada, path, Value::Null))).await;
        assert!(answers.iter().all(|answer| answer.status == 204));
        let events = hall.events_after(before).await;
        let held: Vec<usize> = events
            .iter()
            .filter(|(name, _)| name == "GUILD_MEMBER_UPDATE")
            .map(|(_, body)| body["roles"].as_array().unwrap().len())
            .collect();
        assert_eq!(held, (1..=12).collect::<Vec<_>>(), "every event shows what is true at its time");
        let member = hall.get(&ada, &format!("/guilds/{guild}/members/{}", bob.id)).await.ok();
        assert_eq!(member["roles"].as_array().unwrap().len(), 12);
    }
}

#[tokio::test]
async fn a_member_is_changed_in_all_or_in_nothing() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        let smith = role(&hall, &ada, &guild, json!({ "name": "smith" })).await;
        let path = format!("/guilds/{guild}/members/{}", bob.id);
        let until = "2026-09-22T00:00:00.000000+00:00";
        let channel = Some("1".parse().unwrap());
        hall.chat.world().set_voice(guild.parse().unwrap(), bob.user.id, channel);
        let before = hall.head().await;
        let body = json!({
            "nick": "Bobby", "roles": [smith, guild], "communication_disabled_until": until, "mute": true,
            "flags": 4 | 1,
        });
        let member = hall.patch(&ada, &path, body).await.ok();
        assert_eq!(
            (&member["nick"], &member["roles"], &member["mute"], &member["flags"]),
            (&json!("Bobby"), &json!([smith]), &json!(true), &json!(4))
        );
        assert_eq!(member["user"]["id"], bob.id);
        assert!(text(&member["communication_disabled_until"]).starts_with("2026-09-22T00:00:00"));
        let events = hall.events_after(before).await;
        let audit = "GUILD_AUDIT_LOG_ENTRY_CREATE";
        assert_eq!(names(&events), ["GUILD_MEMBER_UPDATE", audit, audit]);

        let before = hall.head().await;
        let far = json!({ "nick": "x", "communication_disabled_until": "2027-09-22T00:00:00+00:00" });
        hall.patch(&ada, &path, far).await.refused(400, 50035);
        let long = json!({ "nick": "x".repeat(33) });
        hall.patch(&ada, &path, long).await.refused(400, 50035);
        hall.patch(&ada, &path, json!({ "nick": "x", "roles": ["1"] })).await.refused(404, 10011);
        hall.patch(&bob, &path, json!({ "mute": false })).await.refused(403, 50013);
        assert_eq!(hall.events_after(before).await.len(), 0);

        let cleared = json!({ "nick": null, "communication_disabled_until": null, "roles": [] });
        let member = hall.patch(&ada, &path, cleared).await.ok();
        assert_eq!(
            (&member["nick"], &member["communication_disabled_until"], &member["roles"]),
            (&Value::Null, &Value::Null, &json!([]))
        );
    }
}

#[tokio::test]
async fn one_renames_oneself_where_one_may() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        let path = format!("/guilds/{guild}/members/@me");
        assert_eq!(hall.patch(&bob, &path, json!({ "nick": "B" })).await.ok()["nick"], "B");
        let answer = hall.patch(&bob, &format!("{path}/nick"), json!({ "nick": null })).await.ok();
        assert_eq!(answer, json!({ "nick": null }));
        let own = hall.get(&bob, &format!("/users/@me/guilds/{guild}/member")).await.ok();
        assert_eq!(own["user"]["id"], bob.id);
        let everyone = format!("/guilds/{guild}/roles/{guild}");
        hall.patch(&ada, &everyone, json!({ "permissions": "1024" })).await.ok();
        hall.patch(&bob, &path, json!({ "nick": "C" })).await.refused(403, 50013);
    }
}

#[tokio::test]
async fn a_kick_needs_the_permission_and_the_higher_place() {
    for hall in halls().await {
        let (ada, bob, cid) = (hall.person("ada").await, hall.person("bob").await, hall.person("cid").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        enroll(&hall, &guild, &cid).await;
        let warden = role(&hall, &ada, &guild, json!({ "name": "warden", "permissions": "2" })).await;
        let member = |who: &Somebody| format!("/guilds/{guild}/members/{}", who.id);
        hall.delete(&bob, &member(&cid)).await.refused(403, 50013);
        hall.put(&ada, &format!("{}/roles/{warden}", member(&bob)), Value::Null).await.ok();
        hall.delete(&bob, &member(&ada)).await.refused(403, 50013);
        let before = hall.head().await;
        let request = Request::delete(member(&cid))
            .header(header::AUTHORIZATION, &bob.token)
            .header("x-audit-log-reason", "noise%20%F0%9F%94%94");
        let answer = hall.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 204);
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["GUILD_MEMBER_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        assert_eq!(events[0].1["user"]["id"], cid.id);
        assert_eq!(events[1].1["action_type"], 20);
        assert_eq!(events[1].1["reason"], "noise 🔔");
        hall.delete(&bob, &member(&cid)).await.refused(404, 10007);
        hall.get(&cid, &format!("/channels/{general}")).await.refused(404, 10003);
    }
}

#[tokio::test]
async fn members_are_listed_in_pages_and_found_by_name() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        for name in ["bert", "bella", "carl"] {
            let who = hall.person(name).await;
            enroll(&hall, &guild, &who).await;
        }
        let path = format!("/guilds/{guild}/members");
        let first = hall.get(&ada, &format!("{path}?limit=3")).await.ok();
        let last = text(&first[2]["user"]["id"]);
        let second = hall.get(&ada, &format!("{path}?limit=3&after={last}")).await.ok();
        assert_eq!((first.as_array().unwrap().len(), second.as_array().unwrap().len()), (3, 1));
        assert_eq!(hall.get(&ada, &path).await.ok().as_array().unwrap().len(), 1);
        hall.get(&ada, &format!("{path}?limit=0")).await.refused(400, 50035);
        let found = hall.get(&ada, &format!("{path}/search?query=BE&limit=10")).await.ok();
        assert_eq!(found.as_array().unwrap().len(), 2);
        hall.get(&ada, &format!("{path}/search?limit=10")).await.refused(400, 50035);
        hall.get(&ada, &format!("{path}/1")).await.refused(404, 10007);
    }
}

#[tokio::test]
async fn a_timeout_ends_by_the_clock() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        let path = format!("/guilds/{guild}/members/{}", bob.id);
        let until = "2026-09-22T00:00:00+00:00";
        hall.patch(&ada, &path, json!({ "communication_disabled_until": until })).await.ok();
        let messages = format!("/channels/{general}/messages");
        hall.post(&bob, &messages, json!({ "content": "hush" })).await.refused(403, 50013);
        hall.hand.advance(Duration::from_secs(14 * 86_400));
        hall.post(&bob, &messages, json!({ "content": "at last" })).await.ok();
        let own = format!("/guilds/{guild}/members/{}", ada.id);
        let later = "2026-10-20T00:00:00+00:00";
        hall.patch(&ada, &own, json!({ "communication_disabled_until": later })).await.refused(403, 50013);
    }
}

#[tokio::test]
async fn a_bot_comes_with_a_role_of_its_own_and_leaves_with_it() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine").await;
        enroll(&hall, &guild, &bob).await;
        role(&hall, &ada, &guild, json!({ "name": "smith" })).await;
        let robot = hall.bot(&ada, "robot").await;
        let application = hall.applications.of_bot(robot.user.id).await.unwrap().id;
        let before = hall.head().await;
        let doer = hall.accounts.authenticate(&ada.token).await.unwrap();
        let permissions = guildhall_base::Permissions::KICK_MEMBERS;
        let id = guild.parse().unwrap();
        let (member, new) = hall.chat.add_bot(&doer, id, application, permissions, None).await.unwrap();
        assert!(new);
        let events = hall.events_after(before).await;
        let told = ["GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_MEMBER_ADD", "MESSAGE_CREATE"];
        assert_eq!(names(&events)[..4], told);
        assert_eq!(events[0].1["role"]["tags"]["bot_id"], robot.id);
        assert_eq!(events[0].1["role"]["permissions"], "2");
        assert_eq!(events[2].1["roles"], json!(member.roles));
        assert_eq!(events[4].1["action_type"], 28);
        let (_, new) = hall.chat.add_bot(&doer, id, application, permissions, None).await.unwrap();
        assert!(!new);

        let before = hall.head().await;
        hall.delete(&robot, &format!("/users/@me/guilds/{guild}")).await.ok();
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["GUILD_ROLE_DELETE", "GUILD_ROLE_UPDATE", "GUILD_MEMBER_REMOVE"]);
        let roles = hall.get(&ada, &format!("/guilds/{guild}/roles")).await.ok();
        assert_eq!(roles.as_array().unwrap().len(), 2);

        let path = format!("/guilds/{guild}/members/{}", robot.id);
        hall.put(&bob, &path, Value::Null).await.refused(403, 50013);
        assert_eq!(hall.put(&ada, &path, json!({})).await.status, 201);
        assert_eq!(hall.put(&ada, &path, json!({})).await.status, 204);
        let human = format!("/guilds/{guild}/members/{}", hall.person("cid").await.id);
        hall.put(&ada, &human, json!({})).await.refused(400, 50025);
    }
}
