//! Many banned, and those bans lifted.

use std::time::Duration;

use guildhall_chat::jobs::BanMany;
use guildhall_chat::model::{MassBan, MemberFilter};
use guildhall_infra::jobs::State;
use serde_json::{Value, json};

use crate::support::halls;
use crate::yard::{Dying, tally, yard};

fn ban(members: MemberFilter) -> MassBan {
    MassBan { members, ..MassBan::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_are_meant_are_banned_and_come_back_with_what_they_had() {
    for hall in halls().await {
        let yard = yard(hall, 4).await;
        let (ada, people) = (&yard.ada, &yard.people);
        let fan = yard.role("fan", "0").await;
        yard.give(&people[1], &fan).await;
        let nick = format!("/guilds/{}/members/{}", yard.guild, people[1].id);
        yard.hall.patch(ada, &nick, json!({ "nick": "Fanny" })).await.ok();
        let stranger = yard.hall.person("stranger").await;
        yard.hall.put(ada, &format!("/guilds/{}/bans/{}", yard.guild, people[0].id), Value::Null).await.ok();
        let messages = format!("/channels/{}/messages", yard.general);
        yard.hall.post(&people[1], &messages, json!({ "content": "spam" })).await.ok();
        let ids: Vec<_> =
            [&people[0], &people[1], &people[2], &stranger, ada].iter().map(|who| who.user.id).collect();
        let wanted = MassBan {
            delete_message_seconds: 3600,
            reason: Some("raid".into()),
            ..ban(MemberFilter { users: ids, ..MemberFilter::default() })
        };
        let preview = yard.preview::<BanMany>(ada, &wanted).await.unwrap();
        assert_eq!(preview, json!({ "members": 2, "strangers": 1, "protected": 1, "already": 1 }));
        let before = yard.hall.head().await;
        let record = yard.done::<BanMany>(ada, &wanted).await;
        assert_eq!((record.state, tally(&record)), (State::Done, (3, 1, 1)));
        let lines = yard.hall.jobs.lines(record.id, 10).await.unwrap();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].words.starts_with(&ada.id), "{}", lines[0].words);
        let events = yard.hall.events_after(before).await;
        let told = |name: &str| events.iter().filter(|(known, _)| known == name).count();
        assert_eq!(
            (told("GUILD_BAN_ADD"), told("GUILD_MEMBER_REMOVE"), told("MESSAGE_DELETE_BULK")),
            (3, 2, 1)
        );
        assert_eq!(told("GUILD_AUDIT_LOG_ENTRY_CREATE"), 3);
        assert!(yard.is_banned(&people[1]).await && yard.is_banned(&stranger).await);

        // One is unbanned by hand; the one who was banned before stays so.
        yard.hall.delete(ada, &format!("/guilds/{}/bans/{}", yard.guild, people[2].id)).await.ok();
        let undo = yard.undone(ada, record.id).await;
        assert_eq!((undo.state, tally(&undo)), (State::Done, (2, 1, 0)));
        assert!(yard.is_banned(&people[0]).await && !yard.is_banned(&people[1]).await);
        yard.join(&people[1]).await;
        assert_eq!(yard.roles_of(&people[1]).await, json!([]));
        yard.hall.jobs.run_due().await.unwrap();
        assert_eq!(yard.roles_of(&people[1]).await, json!([fan]));
        let member = yard.hall.get(ada, &nick).await.ok();
        assert_eq!(member["nick"], "Fanny");

        // Undone twice: who was banned again stays banned.
        yard.hall.put(ada, &format!("/guilds/{}/bans/{}", yard.guild, people[1].id), Value::Null).await.ok();
        assert_eq!(yard.undone(ada, record.id).await.id, undo.id);
        assert!(yard.is_banned(&people[1]).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_find_raiders() {
    for hall in halls().await {
        let mut yard = yard(hall, 2).await;
        yard.hall.hand.advance(Duration::from_secs(86_400));
        for name in ["free.nitro.one", "free.nitro.two", "newcomer"] {
            let person = yard.hall.person(name).await;
            yard.enroll(&person).await;
            yard.people.push(person);
        }
        let fan = yard.role("fan", "0").await;
        yard.give(&yard.people[3], &fan).await;
        let count = async |filter: MemberFilter| {
            let preview = yard.preview::<BanMany>(&yard.ada, &ban(filter)).await;
            preview.unwrap()["members"].as_u64().unwrap()
        };
        let none = MemberFilter::default;
        assert_eq!(count(MemberFilter { joined_within_seconds: Some(3600), ..none() }).await, 3);
        assert_eq!(count(MemberFilter { account_younger_seconds: Some(3600), ..none() }).await, 3);
        assert_eq!(count(MemberFilter { name: Some("free.*".into()), ..none() }).await, 2);
        let bare = MemberFilter { name: Some("FREE*".into()), without_roles: true, ..none() };
        assert_eq!(count(bare.clone()).await, 1);
        assert_eq!(tally(&yard.done::<BanMany>(&yard.ada, &ban(bare)).await), (1, 0, 0));
        assert!(yard.is_banned(&yard.people[2]).await && !yard.is_banned(&yard.people[3]).await);

        let refused = async |filter: MemberFilter, seconds: i64| {
            let wanted = MassBan { delete_message_seconds: seconds, ..ban(filter) };
            yard.ask::<BanMany>(&yard.ada, &wanted).await.unwrap_err().code.number
        };
        assert_eq!(refused(none(), 0).await, 50035);
        assert_eq!(refused(MemberFilter { bots: Some(false), ..none() }, 0).await, 50035);
        assert_eq!(refused(MemberFilter { name: Some(String::new()), ..none() }, 0).await, 50035);
        assert_eq!(refused(MemberFilter { without_roles: true, ..none() }, 604_801).await, 50035);
        assert_eq!(refused(MemberFilter { has_roles: vec!["9".parse().unwrap()], ..none() }, 0).await, 10011);
        let before = yard.hall.head().await;
        let stranger = yard.hall.person("stranger").await;
        let wanted = ban(MemberFilter { without_roles: true, ..none() });
        assert_eq!(yard.ask::<BanMany>(&yard.people[0], &wanted).await.unwrap_err().code.number, 50013);
        assert_eq!(yard.ask::<BanMany>(&stranger, &wanted).await.unwrap_err().code.number, 10004);
        assert_eq!(yard.hall.head().await, before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_on_wherever_it_dies_and_bans_each_once() {
    for hall in halls().await {
        let yard = yard(hall, 6).await;
        yard.hall.jobs.register(Dying::new(BanMany(yard.hall.chat.clone()), &yard.hall, "GUILD_BAN_ADD"));
        let before = yard.hall.head().await;
        let wanted = ban(MemberFilter { without_roles: true, ..MemberFilter::default() });
        let record = yard.done::<BanMany>(&yard.ada, &wanted).await;
        assert_eq!((record.state, tally(&record)), (State::Done, (6, 0, 1)));
        assert!(record.runs > 3, "{} runs", record.runs);
        let events = yard.hall.events_after(before).await;
        assert_eq!(events.iter().filter(|(name, _)| name == "GUILD_BAN_ADD").count(), 6);
        assert_eq!(tally(&yard.undone(&yard.ada, record.id).await), (6, 0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_that_is_lost_in_the_middle_stops_it() {
    for hall in halls().await {
        let yard = yard(hall, 5).await;
        // Manages the guild and bans.
        let helper = yard.role("helper", "36").await;
        let ben = &yard.people[0];
        yard.give(ben, &helper).await;
        yard.hall.jobs.register(Dying::new(BanMany(yard.hall.chat.clone()), &yard.hall, "GUILD_BAN_ADD"));
        let wanted = ban(MemberFilter { without_roles: true, ..MemberFilter::default() });
        let id = yard.ask::<BanMany>(ben, &wanted).await.unwrap();
        let first_ban = async {
            let mut tail = yard.hall.log.tail(yard.hall.log.head());
            while let Ok(Some(events)) = tail.next(1).await {
                if events.iter().any(|event| &*event.name == "GUILD_BAN_ADD") {
                    let path = format!("/guilds/{}/members/{}/roles/{helper}", yard.guild, ben.id);
                    yard.hall.delete(&yard.ada, &path).await.ok();
                    return;
                }
            }
        };
        let (ran, ()) = tokio::join!(yard.hall.jobs.run_due(), first_ban);
        ran.unwrap();
        let record = yard.ran(id).await;
        if record.state == State::Dead {
            assert_eq!(record.error.unwrap().code, "job_right_lost");
            let undo = yard.undone(&yard.ada, id).await;
            assert_eq!(undo.state, State::Done, "what was done until then can be undone");
            for person in &yard.people {
                assert!(!yard.is_banned(person).await);
            }
        } else {
            assert_eq!(tally(&record).0, 4, "it was faster");
        }
    }
}
