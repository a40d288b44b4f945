//! Moving channels: order, categories, and that a crowd leaves it dense.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};
use support::{Hall, Somebody, halls, request, send, text};

async fn channel(hall: &Hall, who: &Somebody, guild: &str, body: Value) -> String {
    text(&hall.post(who, &format!("/guilds/{guild}/channels"), body).await.ok()["id"])
}

/// The names of each group (category, sort) in order; checks that positions are 0, 1, 2 and so on in each, and that
/// the table says the same as memory.
async fn order(hall: &Hall, who: &Somebody, guild: &str) -> BTreeMap<(String, u8), Vec<String>> {
    let channels = hall.get(who, &format!("/guilds/{guild}/channels")).await.ok();
    let mut groups: BTreeMap<(String, u8), Vec<(i64, String)>> = BTreeMap::new();
    for channel in channels.as_array().unwrap() {
        let id = channel["id"].as_str().unwrap().parse::<i64>().unwrap();
        let stored = guildhall_infra::sql!("SELECT position, parent_id FROM channels WHERE id = $1");
        let row = hall.db.db.one(stored, guildhall_infra::params![id]).await.unwrap();
        let (position, parent) = row.read::<(i64, Option<i64>)>().unwrap();
        assert_eq!(channel["position"], position);
        assert_eq!(channel["parent_id"], json!(parent.map(|parent| parent.to_string())));
        let bucket = match channel["type"].as_u64().unwrap() {
            2 | 13 => 1,
            4 => 2,
            _ => 0,
        };
        let group = (channel["parent_id"].as_str().unwrap_or_default().to_owned(), bucket);
        groups.entry(group).or_default().push((position, text(&channel["name"])));
    }
    let sorted = groups.into_iter().map(|(group, mut channels)| {
        channels.sort();
        for (index, (position, _)) in channels.iter().enumerate() {
            assert_eq!(*position, i64::try_from(index).unwrap(), "{group:?} {channels:?}");
        }
        (group, channels.into_iter().map(|(_, name)| name).collect())
    });
    sorted.collect()
}

#[tokio::test]
async fn channels_move_within_and_between_categories() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/channels");
        let texts = text(&hall.get(&ada, &format!("/channels/{general}")).await.ok()["parent_id"]);
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            ids.push(channel(&hall, &ada, &guild, json!({ "name": name, "parent_id": texts })).await);
        }
        let group = (texts.clone(), 0);
        assert_eq!(order(&hall, &ada, &guild).await[&group], ["general", "a", "b", "c"]);
        let before = hall.head().await;
        let moved = hall.patch(&ada, &path, json!([{ "id": ids[2], "position": 0 }])).await;
        assert_eq!(moved.status, 204);
        assert_eq!(order(&hall, &ada, &guild).await[&group], ["c", "general", "a", "b"]);
        let events = hall.events_after(before).await;
        let updates = events.iter().filter(|(name, _)| name == "CHANNEL_UPDATE").count();
        let entries = events.iter().filter(|(name, _)| name == "GUILD_AUDIT_LOG_ENTRY_CREATE").count();
        assert_eq!((updates, entries), (4, 1), "all are told of, the one that was asked for is written down");
        let before = hall.head().await;
        hall.patch(&ada, &path, json!([{ "id": ids[2], "position": 0 }])).await.ok();
        assert_eq!(hall.head().await, before, "the same again changes nothing");

        // By the channel itself, out of the category and back as the second.
        hall.patch(&ada, &format!("/channels/{}", ids[0]), json!({ "parent_id": null })).await.ok();
        let now = order(&hall, &ada, &guild).await;
        assert_eq!(
            (&now[&group][..], &now[&(String::new(), 0)][..]),
            (&["c".to_owned(), "general".to_owned(), "b".to_owned()][..], &["a".to_owned()][..],)
        );
        hall.patch(&ada, &format!("/channels/{}", ids[0]), json!({ "parent_id": texts, "position": 1 }))
            .await
            .ok();
        assert_eq!(order(&hall, &ada, &guild).await[&group], ["c", "a", "general", "b"]);
        hall.delete(&ada, &format!("/channels/{}", ids[0])).await.ok();
        assert_eq!(order(&hall, &ada, &guild).await[&group], ["c", "general", "b"]);

        let before = hall.head().await;
        for body in [
            json!([{ "id": general, "position": -1 }]),
            json!([{ "id": general, "parent_id": "7" }]),
            json!([{ "id": general, "parent_id": ids[2] }]),
            json!([{ "id": texts, "parent_id": texts }]),
            json!([{ "id": general, "position": 1 }, { "id": general, "position": 2 }]),
            json!([{ "position": 1 }]),
            json!({}),
        ] {
            hall.patch(&ada, &path, body).await.refused(400, 50035);
        }
        hall.patch(&ada, &path, json!([{ "id": "7", "position": 1 }])).await.refused(404, 10003);
        assert_eq!(hall.head().await, before);
    }
}

#[tokio::test]
async fn a_channel_takes_over_its_category_s_overwrites() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/channels");
        let overwrites = json!([{ "id": guild, "type": 0, "allow": "0", "deny": "1024" }]);
        let body = json!({ "name": "Secret", "type": 4, "permission_overwrites": overwrites });
        let secret = channel(&hall, &ada, &guild, body).await;
        // A new channel has them from the beginning, one that is moved there only if asked for.
        let body = json!({ "name": "x", "parent_id": secret, "permission_overwrites": [] });
        let new = hall.post(&ada, &path, body).await.ok();
        assert_eq!(new["permission_overwrites"], overwrites);
        hall.patch(&ada, &path, json!([{ "id": general, "parent_id": secret }])).await.ok();
        let plain = hall.get(&ada, &format!("/channels/{general}")).await.ok();
        assert_eq!((&plain["parent_id"], &plain["permission_overwrites"]), (&json!(secret), &json!([])));
        let lock = json!([{ "id": general, "parent_id": secret, "lock_permissions": true }]);
        hall.patch(&ada, &path, lock).await.ok();
        let locked = hall.get(&ada, &format!("/channels/{general}")).await.ok();
        assert_eq!(locked["permission_overwrites"], overwrites);
        let stored = guildhall_infra::sql!("SELECT COUNT(*) FROM overwrites WHERE deny = 1024");
        let row = hall.db.db.one(stored, guildhall_infra::params![]).await.unwrap();
        assert_eq!(row.get::<i64>(0).unwrap(), 3);
    }
}

#[tokio::test]
async fn a_crowd_of_movers_creators_and_deleters_leaves_the_order_dense() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let (guild, _) = hall.guild(&ada, "Engine").await;
        let path = format!("/guilds/{guild}/channels");
        let category = channel(&hall, &ada, &guild, json!({ "name": "C", "type": 4 })).await;
        let mut ids = Vec::new();
        for index in 0..10 {
            ids.push(channel(&hall, &ada, &guild, json!({ "name": format!("r{index}") })).await);
        }
        // Every other request goes to another process over the same database.
        let (there, _stop) = hall.neighbour().await;
        let (hall, ada, path, category) = (&hall, &ada, &path, &category);
        let routers = [&hall.router, &there];
        let (mut kinds, mut calls) = (Vec::new(), Vec::new());
        let mut add = |kind, index: usize, method, path: String, body| {
            kinds.push(kind);
            calls.push(send(routers[index % 2], request(ada, method, &path, body)));
        };
        for (index, id) in ids.iter().enumerate() {
            let parent = if index % 2 == 0 { Value::Null } else { json!(category) };
            let places = json!([{ "id": id, "position": index / 2, "parent_id": parent }]);
            add("move", index / 2, Method::PATCH, path.clone(), places);
            let topic = json!({ "topic": "edited" });
            add("edit", index + 1, Method::PATCH, format!("/channels/{id}"), topic);
        }
        for index in 0..6 {
            let body = json!({ "name": format!("n{index}"), "position": 0, "parent_id": category });
            add("create", index, Method::POST, path.clone(), body);
        }
        for (index, id) in ids[..4].iter().enumerate() {
            add("delete", index, Method::DELETE, format!("/channels/{id}"), Value::Null);
        }
        let answers = futures_util::future::join_all(calls).await;
        for (kind, answer) in kinds.iter().zip(&answers) {
            let status = answer.status.as_u16();
            // Who comes after a channel is gone is told so; nobody is turned away for being slow.
            match *kind {
                "create" => assert_eq!(status, 201, "{}", answer.body),
                "delete" => assert_eq!(status, 200, "{}", answer.body),
                _ => assert!(matches!(status, 200 | 204 | 404), "{kind} {}", answer.body),
            }
        }
        // When this has been answered, this process has heard of everything before it.
        hall.patch(ada, &format!("/channels/{category}"), json!({ "name": "D" })).await.ok();
        let groups = order(hall, ada, &guild).await;
        assert_eq!(groups[&(category.clone(), 0)].len() + groups[&(String::new(), 0)].len(), 6 + 6);
        let channels = hall.get(ada, path).await.ok();
        let edited = channels.as_array().unwrap().iter().filter(|channel| channel["topic"] == "edited");
        assert_eq!(edited.count(), 6, "nobody's edit was taken back");
    }
}
