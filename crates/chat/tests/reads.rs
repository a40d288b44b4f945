//! What people have read, and what calls them.

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

/// The entry of a channel in what READY would say.
async fn state(hall: &Hall, who: &Somebody, channel: &str) -> Option<(String, i64)> {
    let actor = hall.accounts.authenticate(&who.token).await.unwrap();
    let states = hall.chat.read_states(&actor).await.unwrap();
    let found = states.as_array().unwrap().iter().find(|state| state["id"] == channel)?;
    Some((text(&found["last_message_id"]), found["mention_count"].as_i64().unwrap()))
}

async fn say(hall: &Hall, who: &Somebody, channel: &str, content: &str) -> String {
    let path = format!("/channels/{channel}/messages");
    text(&hall.post(who, &path, json!({ "content": content })).await.ok()["id"])
}

async fn ack(hall: &Hall, who: &Somebody, channel: &str, message: &str, body: Value) {
    hall.post(who, &format!("/channels/{channel}/messages/{message}/ack"), body).await.ok();
}

/// A guild of ada's that bob has joined: its id and first channel.
async fn shared(hall: &Hall, ada: &Somebody, bob: &Somebody) -> (String, String) {
    let (guild, channel) = hall.guild(ada, "Workshop").await;
    let code = text(&hall.post(ada, &format!("/channels/{channel}/invites"), json!({})).await.ok()["code"]);
    hall.post(bob, &format!("/invites/{code}"), json!({})).await.ok();
    (guild, channel)
}

#[tokio::test]
async fn a_mark_moves_forward_and_by_hand_back() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (_, channel) = shared(&hall, &ada, &bob).await;
        assert_eq!(state(&hall, &bob, &channel).await, None);
        let first = say(&hall, &ada, &channel, "one").await;
        let second = say(&hall, &ada, &channel, &format!("two <@{}>", bob.id)).await;
        assert_eq!(state(&hall, &bob, &channel).await.unwrap().1, 1);
        assert_eq!(state(&hall, &ada, &channel).await, None);

        let before = hall.head().await;
        ack(&hall, &bob, &channel, &second, json!({})).await;
        let told = hall.events_after(before).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, "MESSAGE_ACK");
        assert_eq!((&told[0].1["message_id"], &told[0].1["mention_count"]), (&json!(second), &json!(0)));
        assert_eq!(state(&hall, &bob, &channel).await, Some((second.clone(), 0)));

        // Late word of an earlier message changes nothing and is not told.
        let before = hall.head().await;
        ack(&hall, &bob, &channel, &first, json!({ "token": null })).await;
        assert!(hall.events_after(before).await.is_empty());
        ack(&hall, &bob, &channel, &first, json!({ "manual": true, "mention_count": 7 })).await;
        assert_eq!(state(&hall, &bob, &channel).await, Some((first, 1)));
    }
}

#[tokio::test]
async fn marks_that_come_at_once_leave_the_furthest() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (_, channel) = shared(&hall, &ada, &bob).await;
        let mut said = Vec::new();
        for n in 0..8 {
            said.push(say(&hall, &ada, &channel, &format!("{n}")).await);
        }
        let marks = said.iter().rev().map(|message| ack(&hall, &bob, &channel, message, json!({})));
        futures_util::future::join_all(marks).await;
        assert_eq!(state(&hall, &bob, &channel).await.unwrap().0, said[7]);
    }
}

#[tokio::test]
async fn one_is_called_by_name_by_role_with_everybody_and_in_conversations() {
    for hall in halls().await {
        let (ada, bob, eve) = (hall.person("ada").await, hall.person("bob").await, hall.person("eve").await);
        let (guild, channel) = shared(&hall, &ada, &bob).await;
        let role = json!({ "name": "crew", "mentionable": true });
        let role = text(&hall.post(&ada, &format!("/guilds/{guild}/roles"), role).await.ok()["id"]);
        hall.put(&ada, &format!("/guilds/{guild}/members/{}/roles/{role}", bob.id), json!({})).await.ok();
        say(&hall, &ada, &channel, &format!("<@&{role}> and again <@&{role}> <@{}>", bob.id)).await;
        say(&hall, &ada, &channel, "@everyone").await;
        let gone = say(&hall, &ada, &channel, &format!("<@{}>", bob.id)).await;
        assert_eq!(state(&hall, &bob, &channel).await.unwrap().1, 3);
        hall.delete(&ada, &format!("/channels/{channel}/messages/{gone}")).await.ok();
        assert_eq!(state(&hall, &bob, &channel).await.unwrap().1, 2);
        assert_eq!(state(&hall, &eve, &channel).await, None);

        let direct = hall.post(&ada, "/users/@me/channels", json!({ "recipient_id": bob.id })).await.ok();
        let direct = text(&direct["id"]);
        say(&hall, &ada, &direct, "psst").await;
        assert_eq!(state(&hall, &bob, &direct).await.unwrap().1, 1);
        assert_eq!(state(&hall, &ada, &direct).await, None);

        // Whoever may not see the channel is not called in it.
        let hidden = json!({ "type": 0, "allow": "0", "deny": "1024" });
        hall.put(&ada, &format!("/channels/{channel}/permissions/{guild}"), hidden).await.ok();
        assert_eq!(state(&hall, &bob, &channel).await, None);
    }
}

#[tokio::test]
async fn whoever_joins_later_was_not_called_before() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (_, channel) = hall.guild(&ada, "Workshop").await;
        say(&hall, &ada, &channel, "@everyone").await;
        hall.hand.advance(std::time::Duration::from_secs(60));
        let code =
            text(&hall.post(&ada, &format!("/channels/{channel}/invites"), json!({})).await.ok()["code"]);
        hall.post(&bob, &format!("/invites/{code}"), json!({})).await.ok();
        assert_eq!(state(&hall, &bob, &channel).await, None);
    }
}

#[tokio::test]
async fn only_people_mark_only_what_they_see() {
    for hall in halls().await {
        let (ada, eve) = (hall.person("ada").await, hall.person("eve").await);
        let bot = hall.bot(&ada, "robot").await;
        let (_, channel) = hall.guild(&ada, "Workshop").await;
        let message = say(&hall, &ada, &channel, "one").await;
        let path = format!("/channels/{channel}/messages/{message}/ack");
        hall.post(&bot, &path, json!({})).await.refused(403, 20001);
        hall.post(&eve, &path, json!({})).await.refused(404, 10003);
        hall.post(&ada, "/channels/1/messages/1/ack", json!({})).await.refused(404, 10003);
        let both = json!({ "read_states": [
            { "channel_id": channel, "message_id": message, "read_state_type": 0 },
            { "channel_id": "1", "message_id": "1" },
        ] });
        hall.post(&ada, "/read-states/ack-bulk", both.clone()).await.ok();
        assert_eq!(state(&hall, &ada, &channel).await, Some((message, 0)));
        hall.post(&eve, "/read-states/ack-bulk", both).await.ok();
        assert_eq!(state(&hall, &eve, &channel).await, None);
        let many = vec![json!({ "channel_id": channel, "message_id": "1" }); 101];
        hall.post(&ada, "/read-states/ack-bulk", json!({ "read_states": many })).await.refused(400, 50035);
    }
}
