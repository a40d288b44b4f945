//! Overwrites: who may set them, what they do at once, and what is told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use serde_json::{Value, json};
use support::{Hall, Somebody, halls, text};

const VIEW: u64 = 1 << 10;
const SEND: u64 = 1 << 11;
const MANAGE_CHANNELS: u64 = 1 << 4;
const MANAGE_ROLES: u64 = 1 << 28;
const MANAGE_MESSAGES: u64 = 1 << 13;

async fn member(hall: &Hall, guild: &str, name: &str) -> Somebody {
    let person = hall.person(name).await;
    hall.chat.enroll(guild.parse().unwrap(), person.user.id, Vec::new()).await.unwrap();
    person
}

fn overwrite(kind: u8, allow: u64, deny: u64) -> Value {
    json!({ "type": kind, "allow": allow.to_string(), "deny": deny.to_string() })
}

#[tokio::test]
async fn an_overwrite_works_at_once_and_is_told() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let bob = member(&hall, &guild, "bob").await;
        let messages = format!("/channels/{general}/messages");
        let everyone = format!("/channels/{general}/permissions/{guild}");
        let bobs = format!("/channels/{general}/permissions/{}", bob.id);
        hall.post(&bob, &messages, json!({ "content": "one" })).await.ok();
        let before = hall.head().await;
        assert_eq!(hall.put(&ada, &everyone, overwrite(0, 0, SEND)).await.status, 204);
        let events = hall.events_after(before).await;
        assert_eq!(
            events.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["CHANNEL_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
        );
        let expected = json!([{ "id": guild, "type": 0, "allow": "0", "deny": SEND.to_string() }]);
        assert_eq!(events[0].1["permission_overwrites"], expected);
        let entry = &events[1].1;
        assert_eq!((&entry["action_type"], &entry["target_id"]), (&json!(13), &json!(general)));
        assert_eq!(entry["options"], json!({ "id": guild, "type": "0", "role_name": "@everyone" }));
        hall.post(&bob, &messages, json!({ "content": "two" })).await.refused(403, 50013);

        // The same again changes nothing; another for bob alone lets him write.
        let before = hall.head().await;
        assert_eq!(hall.put(&ada, &everyone, overwrite(0, 0, SEND)).await.status, 204);
        assert_eq!(hall.head().await, before);
        hall.put(&ada, &bobs, json!({ "type": "member", "allow": SEND })).await.ok();
        hall.post(&bob, &messages, json!({ "content": "two" })).await.ok();
        // Without a type it is found out from the id.
        hall.put(&ada, &bobs, json!({ "deny": VIEW.to_string(), "allow": null })).await.ok();
        hall.get(&bob, &messages).await.refused(404, 10003);
        let channel = hall.get(&ada, &format!("/channels/{general}")).await.ok();
        assert_eq!(channel["permission_overwrites"].as_array().unwrap().len(), 2);
        let before = hall.head().await;
        assert_eq!(hall.delete(&ada, &bobs).await.status, 204);
        assert_eq!(hall.events_after(before).await[1].1["action_type"], 15);
        hall.delete(&ada, &bobs).await.refused(404, 10009);
        hall.get(&bob, &messages).await.ok();
    }
}

#[tokio::test]
async fn only_what_one_has_can_be_handed_out() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let (bob, eve) = (member(&hall, &guild, "bob").await, hall.person("eve").await);
        let path = |target: &str| format!("/channels/{general}/permissions/{target}");
        let before = hall.head().await;
        hall.put(&eve, &path(&guild), overwrite(0, 0, SEND)).await.refused(404, 10003);
        hall.put(&bob, &path(&guild), overwrite(0, 0, SEND)).await.refused(403, 50013);
        hall.delete(&bob, &path(&guild)).await.refused(403, 50013);
        assert_eq!(hall.head().await, before);

        // Everybody manages roles and channels now; what bob has he may deny, what he has not he may not.
        let all = json!({ "permissions": (VIEW | SEND | MANAGE_ROLES | MANAGE_CHANNELS).to_string() });
        hall.patch(&ada, &format!("/guilds/{guild}/roles/{guild}"), all).await.ok();
        let before = hall.head().await;
        for bits in [MANAGE_MESSAGES, MANAGE_ROLES, 8] {
            hall.put(&bob, &path(&guild), overwrite(0, bits, 0)).await.refused(403, 50013);
            hall.put(&bob, &path(&guild), overwrite(0, 0, bits)).await.refused(403, 50013);
            let list = json!([{ "id": guild, "type": 0, "allow": bits.to_string() }]);
            let body = json!({ "name": "x", "permission_overwrites": list });
            hall.post(&bob, &format!("/guilds/{guild}/channels"), body.clone()).await.refused(403, 50013);
            hall.patch(&bob, &format!("/channels/{general}"), body).await.refused(403, 50013);
        }
        assert_eq!(hall.head().await, before);
        hall.put(&bob, &path(&guild), overwrite(0, 0, SEND)).await.ok();
        // Whom the channel itself trusts with its permissions may hand out what they do not have.
        hall.put(&ada, &path(&bob.id), overwrite(1, MANAGE_ROLES, 0)).await.ok();
        hall.put(&bob, &path(&guild), overwrite(0, MANAGE_MESSAGES, SEND)).await.ok();
        hall.put(&bob, &path(&guild), overwrite(0, MANAGE_ROLES, SEND)).await.refused(403, 50013);
    }
}

#[tokio::test]
async fn bad_overwrites_change_nothing() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let path = |target: &str| format!("/channels/{general}/permissions/{target}");
        let before = hall.head().await;
        hall.put(&ada, &path(&guild), json!({ "type": 7 })).await.refused(400, 50035);
        hall.put(&ada, &path(&guild), json!({ "type": 0, "allow": "much" })).await.refused(400, 50035);
        hall.put(&ada, &path(&guild), json!({ "type": 1, "allow": "0" })).await.refused(404, 10009);
        hall.put(&ada, &path("7"), json!({ "type": 1, "allow": "0" })).await.refused(404, 10009);
        hall.put(&ada, &path("seven"), json!({ "type": 1 })).await.refused(400, 50035);
        hall.put(&ada, &format!("/channels/7/permissions/{guild}"), json!({})).await.refused(404, 10003);
        assert_eq!(hall.head().await, before);
    }
}

#[tokio::test]
async fn an_edit_of_the_channel_replaces_them_all() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let bob = member(&hall, &guild, "bob").await;
        let path = format!("/channels/{general}");
        hall.put(&ada, &format!("{path}/permissions/{guild}"), overwrite(0, 0, SEND)).await.ok();
        let list = json!([
            { "id": bob.id, "type": 1, "allow": "0", "deny": "0" },
            { "id": bob.id, "type": 1, "allow": SEND.to_string(), "deny": "0" },
        ]);
        let edited = hall.patch(&ada, &path, json!({ "permission_overwrites": list })).await.ok();
        assert_eq!(edited["permission_overwrites"], json!([list[1]]));
        assert_eq!(text(&edited["id"]), general);
        let same = hall.patch(&ada, &path, json!({ "permission_overwrites": null })).await.ok();
        assert_eq!(same, edited);
        let none = hall.patch(&ada, &path, json!({ "permission_overwrites": [] })).await.ok();
        assert_eq!(none["permission_overwrites"], json!([]));
    }
}
