//! Many messages deleted.

use std::time::Duration;

use guildhall_chat::jobs::PruneMessages;
use guildhall_chat::model::MessagePrune;
use guildhall_infra::jobs::State;
use serde_json::{Value, json};

use crate::support::halls;
use crate::yard::{Dying, Yard, tally, yard};

impl Yard {
    async fn says(&self, index: usize, channel: &str, content: &str) -> String {
        let path = format!("/channels/{channel}/messages");
        let said = self.hall.post(&self.people[index], &path, json!({ "content": content })).await.ok();
        crate::support::text(&said["id"])
    }

    async fn left(&self, channel: &str) -> Vec<String> {
        let mut left = Vec::new();
        let mut path = format!("/channels/{channel}/messages?limit=100");
        loop {
            let page = self.hall.get(&self.ada, &path).await.ok();
            let page = page.as_array().unwrap();
            left.extend(page.iter().map(|message| crate::support::text(&message["content"])));
            match page.last() {
                Some(last) if page.len() == 100 => {
                    path = format!(
                        "/channels/{channel}/messages?limit=100&before={}",
                        last["id"].as_str().unwrap()
                    );
                }
                _ => return left,
            }
        }
    }

    async fn channel(&self, name: &str) -> String {
        let path = format!("/guilds/{}/channels", self.guild);
        crate::support::text(&self.hall.post(&self.ada, &path, json!({ "name": name })).await.ok()["id"])
    }

    async fn would(&self, prune: MessagePrune) -> u64 {
        let preview = self.preview::<PruneMessages>(&self.ada, &prune).await.unwrap();
        preview["messages"].as_u64().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_say_what_goes() {
    for hall in halls().await {
        let yard = yard(hall, 2).await;
        let general = yard.general.clone();
        let other = yard.channel("other").await;
        let first = yard.says(0, &general, "hello").await;
        yard.hall.hand.advance(Duration::from_secs(3600));
        let link = yard.says(0, &general, "see https://example.org").await;
        yard.says(1, &general, "Buy NITRO").await;
        yard.says(1, &other, "elsewhere").await;
        let pinned = yard.says(1, &other, "keep nitro").await;
        yard.hall.put(&yard.ada, &format!("/channels/{other}/pins/{pinned}"), Value::Null).await.ok();
        let embed = json!({ "content": "e", "embeds": [{ "title": "t" }] });
        yard.hall.post(&yard.ada, &format!("/channels/{other}/messages"), embed).await.ok();

        let none = MessagePrune::default;
        let all = yard.would(none()).await;
        assert_eq!(yard.would(MessagePrune { pinned: true, ..none() }).await, all + 1);
        let ben = yard.people[1].user.id;
        assert_eq!(yard.would(MessagePrune { authors: vec![ben], ..none() }).await, 2);
        assert_eq!(yard.would(MessagePrune { contains: Some("nitro".into()), ..none() }).await, 1);
        assert_eq!(yard.would(MessagePrune { links: true, ..none() }).await, 1);
        assert_eq!(yard.would(MessagePrune { embeds: true, ..none() }).await, 1);
        assert_eq!(yard.would(MessagePrune { attachments: true, ..none() }).await, 0);
        assert_eq!(yard.would(MessagePrune { bots: true, ..none() }).await, 0);
        let before = MessagePrune { before: Some(link.parse().unwrap()), ..none() };
        let after = MessagePrune {
            after: Some(link.parse().unwrap()),
            channels: vec![general.parse().unwrap()],
            ..none()
        };
        assert_eq!((yard.would(before).await, yard.would(after).await), (1, 1));
        let at = guildhall_base::MessageId::created_at(link.parse().unwrap());
        let early = MessagePrune { sent_before: Some(at), ..none() };
        let late = MessagePrune { sent_after: Some(at), channels: vec![general.parse().unwrap()], ..none() };
        assert_eq!((yard.would(early.clone()).await, yard.would(late).await), (1, 2));

        let head = yard.hall.head().await;
        let record = yard.done::<PruneMessages>(&yard.ada, &early).await;
        assert_eq!(tally(&record), (1, 0, 0));
        let events = yard.hall.events_after(head).await;
        let bulk = events.iter().find(|(name, _)| name == "MESSAGE_DELETE_BULK").unwrap();
        assert_eq!(bulk.1, json!({ "ids": [first], "channel_id": general, "guild_id": yard.guild }));
        let audit = events.iter().find(|(name, _)| name == "GUILD_AUDIT_LOG_ENTRY_CREATE").unwrap();
        assert_eq!((&audit.1["action_type"], &audit.1["options"]["count"]), (&json!(73), &json!("1")));
        assert_eq!(yard.done::<PruneMessages>(&yard.ada, &none()).await.state, State::Done);
        assert_eq!((yard.left(&general).await, yard.left(&other).await.len()), (Vec::new(), 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_to_its_number_and_goes_on_wherever_it_dies() {
    for hall in halls().await {
        let yard = yard(hall, 1).await;
        let (one, two) = (yard.channel("one").await, yard.channel("two").await);
        for index in 0..230 {
            yard.says(0, &one, &format!("{index}")).await;
        }
        for index in 0..40 {
            yard.says(0, &two, &format!("{index}")).await;
        }
        yard.hall.jobs.register(Dying::new(
            PruneMessages(yard.hall.chat.clone()),
            &yard.hall,
            "MESSAGE_DELETE_BULK",
        ));
        let channels = vec![one.parse().unwrap(), two.parse().unwrap()];
        let wanted =
            MessagePrune { channels, max: Some(240), per_channel: Some(220), ..MessagePrune::default() };
        let id = yard.ask::<PruneMessages>(&yard.ada, &wanted).await.unwrap();
        let head = yard.hall.head().await;
        yard.hall.hand.advance(Duration::from_secs(2));
        yard.says(0, &two, "later").await;
        let record = yard.ran(id).await;
        assert_eq!(tally(&record), (240, 0, 0));
        assert!(record.runs > 2, "{} runs", record.runs);
        assert_eq!((record.progress.done, record.progress.total), (240, Some(240)));
        assert_eq!(yard.left(&one).await.len(), 10);
        let left = yard.left(&two).await;
        assert_eq!((left.len(), left[0].as_str(), left[1].as_str()), (21, "later", "19"));
        let events = yard.hall.events_after(head).await;
        let sizes: Vec<usize> = events
            .iter()
            .filter(|(name, _)| name == "MESSAGE_DELETE_BULK")
            .map(|(_, body)| body["ids"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [100, 100, 20, 20]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_for_those_who_may_delete_there() {
    for hall in halls().await {
        let yard = yard(hall, 2).await;
        let ben = &yard.people[0];
        let secret = yard.channel("secret").await;
        // Manages the guild and messages; but in one channel not.
        let helper = yard.role("helper", "8224").await;
        yard.give(ben, &helper).await;
        let hide = json!({ "type": 0, "deny": "1024" });
        yard.hall.put(&yard.ada, &format!("/channels/{secret}/permissions/{}", yard.guild), hide).await.ok();
        yard.says(1, &yard.general, "hello").await;
        yard.hall
            .post(&yard.ada, &format!("/channels/{secret}/messages"), json!({ "content": "x" }))
            .await
            .ok();
        let named =
            |channel: &str| MessagePrune { channels: vec![channel.parse().unwrap()], ..Default::default() };
        let code = async |who, prune: MessagePrune| {
            yard.ask::<PruneMessages>(who, &prune).await.unwrap_err().code.number
        };
        assert_eq!(code(ben, named(&secret)).await, 10003);
        assert_eq!(code(ben, named("5")).await, 10003);
        assert_eq!(code(&yard.people[1], MessagePrune::default()).await, 50013);
        for bad in [
            MessagePrune { max: Some(0), ..Default::default() },
            MessagePrune { max: Some(1001), ..Default::default() },
            MessagePrune { per_channel: Some(9), ..Default::default() },
            MessagePrune { contains: Some(String::new()), ..Default::default() },
        ] {
            assert_eq!(code(ben, bad).await, 50035);
        }
        assert_eq!(tally(&yard.done::<PruneMessages>(ben, &MessagePrune::default()).await), (1, 0, 0));
        assert_eq!(yard.left(&secret).await, ["x"], "what he does not see stays");

        let id = yard.ask::<PruneMessages>(ben, &named(&yard.general)).await.unwrap();
        let path = format!("/guilds/{}/members/{}/roles/{helper}", yard.guild, ben.id);
        yard.hall.delete(&yard.ada, &path).await.ok();
        yard.says(1, &yard.general, "again").await;
        let record = yard.ran(id).await;
        assert_eq!((record.state, record.error.unwrap().code.as_str()), (State::Dead, "job_right_lost"));
        assert_eq!(yard.left(&yard.general).await, ["again"]);
    }
}
