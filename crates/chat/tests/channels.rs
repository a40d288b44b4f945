//! Channels: who may create, edit, move and delete them, and what is told of it.

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

async fn member(hall: &Hall, guild: &str, name: &str) -> Somebody {
    let person = hall.person(name).await;
    hall.chat.enroll(guild.parse().unwrap(), person.user.id, Vec::new()).await.unwrap();
    person
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_channel_is_created_told_and_written_down() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/channels");
        let before = hall.head().await;
        let body = json!({
            "name": "Rules & News!", "type": 0, "topic": "read me", "nsfw": true, "rate_limit_per_user": 5,
            "permission_overwrites": [{ "id": guild, "type": 0, "allow": "0", "deny": "2048" }],
        });
        let made = hall.post(&ada, &path, body).await;
        assert_eq!(made.status, 201);
        let made = made.ok();
        assert_eq!((&made["name"], &made["topic"]), (&json!("rules-news"), &json!("read me")));
        assert_eq!((&made["guild_id"], &made["rate_limit_per_user"]), (&json!(guild), &json!(5)));
        assert_eq!(
            made["permission_overwrites"],
            json!([{ "id": guild, "type": 0, "allow": "0", "deny": "2048" }])
        );
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["CHANNEL_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        assert_eq!(events[0].1, made);
        assert_eq!((&events[1].1["action_type"], &events[1].1["target_id"]), (&json!(10), &made["id"]));
        let read = hall.get(&ada, &format!("/channels/{}", text(&made["id"]))).await.ok();
        assert_eq!(read, made);
    }
}

#[tokio::test]
async fn every_type_has_what_libraries_look_for() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        for kind in [0, 2, 4, 5, 13, 15, 16] {
            let body = json!({ "name": "Some Name", "type": kind, "bitrate": 96_000, "user_limit": null });
            let made = hall.post(&ada, &format!("/guilds/{guild}/channels"), body).await.ok();
            assert_eq!(made["type"], kind);
            let slug = matches!(kind, 0 | 5 | 15 | 16);
            assert_eq!(made["name"], if slug { "some-name" } else { "Some Name" });
            let voice = matches!(kind, 2 | 13);
            let (bitrate, limit) = if voice { (json!(96_000), json!(0)) } else { (Value::Null, Value::Null) };
            assert_eq!((&made["bitrate"], &made["user_limit"]), (&bitrate, &limit));
            assert_eq!(made.as_object().unwrap().contains_key("rtc_region"), voice);
            let forum = matches!(kind, 15 | 16);
            assert_eq!(made.as_object().unwrap().contains_key("available_tags"), forum);
            assert_eq!(made.as_object().unwrap().contains_key("default_reaction_emoji"), forum);
            // Read back from the table, an edit finds all of it again.
            let path = format!("/channels/{}", text(&made["id"]));
            let edited = hall.patch(&ada, &path, json!({ "name": "other" })).await.ok();
            assert_eq!(edited.as_object().unwrap().len(), made.as_object().unwrap().len());
        }
    }
}

#[tokio::test]
async fn tags_of_a_forum_get_ids_and_keep_them() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let body =
            json!({ "name": "ideas", "type": 15, "available_tags": [{ "name": "bug", "emoji_name": "🐛" }] });
        let made = hall.post(&ada, &format!("/guilds/{guild}/channels"), body).await.ok();
        let tag = made["available_tags"][0].clone();
        assert!(tag["id"].is_string());
        let path = format!("/channels/{}", text(&made["id"]));
        let changes = json!({ "available_tags": [tag, { "name": "wish", "moderated": true }], "default_sort_order": 1 });
        let edited = hall.patch(&ada, &path, changes).await.ok();
        assert_eq!(edited["available_tags"][0], tag);
        assert_ne!(edited["available_tags"][1]["id"], tag["id"]);
        let many: Vec<_> = (0..21).map(|index| json!({ "name": index.to_string() })).collect();
        hall.patch(&ada, &path, json!({ "available_tags": many })).await.refused(400, 50035);
    }
}

#[tokio::test]
async fn a_channel_is_edited() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{general}");
        let sent = hall.post(&ada, &format!("{path}/messages"), json!({ "content": "hi" })).await.ok();
        let before = hall.head().await;
        let changes =
            json!({ "name": "Lobby", "topic": "t", "type": 5, "rate_limit_per_user": 10, "parent_id": null });
        let edited = hall.patch(&ada, &path, changes.clone()).await.ok();
        assert_eq!((&edited["name"], &edited["type"]), (&json!("lobby"), &json!(5)));
        assert_eq!((&edited["parent_id"], &edited["last_message_id"]), (&Value::Null, &sent["id"]));
        let events = hall.events_after(before).await;
        assert_eq!(names(&events), ["CHANNEL_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        assert_eq!(events[0].1, edited);
        let keys: Vec<_> =
            events[1].1["changes"].as_array().unwrap().iter().map(|change| text(&change["key"])).collect();
        for key in ["name", "topic", "type", "parent_id", "rate_limit_per_user"] {
            assert!(keys.iter().any(|told| told == key), "{key} in {keys:?}");
        }
        let before = hall.head().await;
        assert_eq!(hall.patch(&ada, &path, changes).await.ok(), edited);
        assert_eq!(hall.head().await, before, "the same again tells nothing");
        let cleared = hall.patch(&ada, &path, json!({ "topic": null, "type": 0 })).await.ok();
        assert_eq!((&cleared["topic"], &cleared["type"]), (&Value::Null, &json!(0)));

        let (eve, bob) = (hall.person("eve").await, member(&hall, &guild, "bob").await);
        let before = hall.head().await;
        hall.patch(&eve, &path, json!({ "name": "x" })).await.refused(404, 10003);
        hall.patch(&bob, &path, json!({ "name": "x" })).await.refused(403, 50013);
        hall.delete(&eve, &path).await.refused(404, 10003);
        hall.delete(&bob, &path).await.refused(403, 50013);
        hall.post(&eve, &format!("/guilds/{guild}/channels"), json!({ "name": "x" }))
            .await
            .refused(404, 10004);
        hall.post(&bob, &format!("/guilds/{guild}/channels"), json!({ "name": "x" }))
            .await
            .refused(403, 50013);
        hall.patch(&bob, &format!("/guilds/{guild}/channels"), json!([])).await.refused(403, 50013);
        assert_eq!(hall.head().await, before);
    }
}

#[tokio::test]
async fn bad_channels_change_nothing() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/channels");
        let before = hall.head().await;
        for body in [
            json!({ "name": "!!!" }),
            json!({ "name": "x".repeat(101) }),
            json!({ "name": "x", "topic": "x".repeat(1025) }),
            json!({ "name": "x", "type": 1 }),
            json!({ "name": "x", "type": 11 }),
            json!({ "name": "x", "type": 99 }),
            json!({ "name": "x", "rate_limit_per_user": 21_601 }),
            json!({ "name": "x", "type": 2, "bitrate": 1 }),
            json!({ "name": "x", "type": 2, "user_limit": 100 }),
            json!({ "name": "x", "position": -1 }),
            json!({ "name": "x", "parent_id": general }),
            json!({ "name": "x", "parent_id": "7" }),
            json!({ "name": "x", "parent_id": "seven" }),
            json!({ "name": "x", "nsfw": [] }),
            json!({ "name": "x", "permission_overwrites": {} }),
            json!({ "name": "x", "permission_overwrites": [{ "type": 0 }] }),
            json!({ "name": "x", "permission_overwrites": [{ "id": guild, "allow": "much" }] }),
        ] {
            hall.post(&ada, &path, body).await.refused(400, 50035);
        }
        hall.post(&ada, &path, json!({})).await.refused(400, 50035);
        let nobody = json!({ "name": "x", "permission_overwrites": [{ "id": "7", "type": 1 }] });
        hall.post(&ada, &path, nobody).await.refused(404, 10009);
        hall.patch(&ada, &format!("/channels/{general}"), json!({ "type": 2 })).await.refused(400, 50035);
        hall.patch(&ada, &format!("/channels/{general}"), json!({ "name": "" })).await.refused(400, 50035);
        assert_eq!(hall.head().await, before);
    }
}

#[tokio::test]
async fn a_deleted_channel_is_gone_for_good() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/channels/{general}");
        hall.post(&ada, &format!("{path}/messages"), json!({ "content": "hi" })).await.ok();
        let before = hall.head().await;
        let gone = hall.delete(&ada, &path).await.ok();
        assert_eq!(gone["id"], general);
        let events = hall.events_after(before).await;
        // It was where joins are announced.
        assert_eq!(names(&events), ["GUILD_UPDATE", "CHANNEL_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]);
        assert_eq!(events[0].1["system_channel_id"], Value::Null);
        assert_eq!(events[0].1["roles"].as_array().unwrap().len(), 1);
        assert_eq!(events[1].1, gone);
        hall.get(&ada, &path).await.refused(404, 10003);
        hall.delete(&ada, &path).await.refused(404, 10003);
        hall.get(&ada, &format!("{path}/messages")).await.refused(404, 10003);
        let after = hall.get(&ada, &format!("/guilds/{guild}")).await.ok();
        assert_eq!(after["system_channel_id"], Value::Null);
    }
}

#[tokio::test]
async fn a_category_leaves_its_channels_behind() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/channels");
        let category = text(&hall.get(&ada, &format!("/channels/{general}")).await.ok()["parent_id"]);
        let before = hall.head().await;
        hall.delete(&ada, &format!("/channels/{category}")).await.ok();
        let events = hall.events_after(before).await;
        let moved = events.iter().find(|(name, body)| name == "CHANNEL_UPDATE" && body["id"] == general);
        assert_eq!(moved.unwrap().1["parent_id"], Value::Null);
        let channels = hall.get(&ada, &path).await.ok();
        let general = channels.as_array().unwrap().iter().find(|channel| channel["id"] == general).unwrap();
        assert_eq!(general["parent_id"], Value::Null);
    }
}

#[tokio::test]
async fn a_guild_has_at_most_500_channels() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let mut batch = guildhall_infra::db::Batch::new();
        for index in 1..=496_i64 {
            batch.run(
                guildhall_infra::sql!(
                    "INSERT INTO channels (id, guild_id, type, position, settings)
                     SELECT $1, guild_id, 0, $1, settings FROM channels WHERE id = $2"
                ),
                guildhall_infra::params![index, general.parse::<i64>().unwrap()],
            );
        }
        hall.db.db.write(batch).await.unwrap();
        hall.post(&ada, &format!("/guilds/{guild}/channels"), json!({ "name": "x" }))
            .await
            .refused(400, 30013);
    }
}
