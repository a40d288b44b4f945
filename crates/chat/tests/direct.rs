//! Conversations without a guild.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use axum::http::Method;
use serde_json::{Value, json};
use support::{Hall, Somebody, halls, text};

async fn friends(hall: &Hall, a: &Somebody, b: &Somebody) {
    for (one, other) in [(a, b), (b, a)] {
        let actor = hall.accounts.authenticate(&one.token).await.unwrap();
        hall.accounts.befriend(&actor, other.user.id).await.unwrap();
    }
}

#[tokio::test]
async fn two_people_have_one_conversation_however_often_it_is_opened() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let opens = (0..6).map(|n| {
            let (one, other) = if n % 2 == 0 { (&ada, &bob) } else { (&bob, &ada) };
            hall.post(one, "/users/@me/channels", json!({ "recipient_id": other.id }))
        });
        let opened: Vec<Value> =
            futures_util::future::join_all(opens).await.into_iter().map(support::Answer::ok).collect();
        assert!(opened.iter().all(|body| body["id"] == opened[0]["id"]), "{opened:?}");
        assert_eq!(opened[0]["type"], 1);
        assert_eq!(opened[0]["recipients"][0]["id"], bob.id);
        hall.post(&ada, "/users/@me/channels", json!({ "recipient_id": ada.id })).await.refused(400, 50033);
        hall.post(&ada, "/users/@me/channels", json!({ "recipient_id": "1" })).await.refused(400, 50033);
    }
}

#[tokio::test]
async fn a_closed_conversation_opens_with_the_next_message() {
    for hall in halls().await {
        let (ada, bob, eve) = (hall.person("ada").await, hall.person("bob").await, hall.person("eve").await);
        let open = json!({ "recipient_id": bob.id });
        let id = text(&hall.post(&ada, "/users/@me/channels", open).await.ok()["id"]);
        assert_eq!(hall.get(&bob, "/users/@me/channels").await.ok(), json!([]));
        let before = hall.head().await;
        let messages = format!("/channels/{id}/messages");
        hall.post(&ada, &messages, json!({ "content": "psst" })).await.ok();
        let told: Vec<_> = hall.events_after(before).await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(told, ["CHANNEL_CREATE", "MESSAGE_CREATE"]);
        assert_eq!(hall.get(&bob, "/users/@me/channels").await.ok()[0]["recipients"][0]["id"], ada.id);
        assert_eq!(hall.get(&bob, &messages).await.ok()[0]["content"], "psst");
        hall.get(&eve, &messages).await.refused(404, 10003);

        let actor = hall.accounts.authenticate(&bob.token).await.unwrap();
        hall.accounts.block(&actor, ada.user.id).await.unwrap();
        hall.post(&ada, &messages, json!({ "content": "hello?" })).await.refused(403, 50007);
    }
}

#[tokio::test]
async fn groups_are_for_friends_and_end_with_the_last() {
    for hall in halls().await {
        let (ada, bob, cleo) =
            (hall.person("ada").await, hall.person("bob").await, hall.person("cleo").await);
        let with_both = json!({ "recipients": [bob.id, cleo.id], "name": "Trio" });
        hall.post(&ada, "/users/@me/channels", with_both.clone()).await.refused(400, 50033);
        friends(&hall, &ada, &bob).await;
        friends(&hall, &ada, &cleo).await;
        let group = hall.post(&ada, "/users/@me/channels", with_both).await.ok();
        assert_eq!(
            (&group["type"], &group["name"], &group["owner_id"]),
            (&json!(3), &json!("Trio"), &json!(ada.id))
        );
        let id = text(&group["id"]);
        hall.post(&bob, &format!("/channels/{id}/messages"), json!({ "content": "hi" })).await.ok();
        hall.call(&bob, Method::DELETE, &format!("/channels/{id}/recipients/{}", cleo.id), Value::Null)
            .await
            .refused(403, 50013);
        hall.delete(&ada, &format!("/channels/{id}/recipients/{}", cleo.id)).await.ok();
        hall.get(&cleo, &format!("/channels/{id}")).await.refused(404, 10003);
        hall.delete(&ada, &format!("/channels/{id}/recipients/{}", ada.id)).await.ok();
        assert_eq!(hall.get(&bob, &format!("/channels/{id}")).await.ok()["owner_id"], bob.id);
        hall.delete(&bob, &format!("/channels/{id}/recipients/{}", bob.id)).await.ok();
        hall.get(&bob, &format!("/channels/{id}")).await.refused(404, 10003);
    }
}
