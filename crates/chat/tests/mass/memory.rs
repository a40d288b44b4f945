//! What a guild remembers of those who go.

use std::time::Duration;

use guildhall_chat::jobs::{ForgetEnded, GiveBackJob};
use guildhall_chat::model::GiveBack;
use guildhall_infra::jobs::{NewJob, State};
use serde_json::{Value, json};

use crate::support::{Somebody, halls};
use crate::yard::{Yard, yard};

const BAN_MEMBERS: &str = "4";

impl Yard {
    async fn remembers(&self, change: Value) {
        let mut settings =
            json!({ "enabled": true, "days": 30, "kicked": false, "banned": false, "dangerous": false });
        settings.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let path = format!("/v2/guilds/{}/memory", self.guild);
        assert_eq!(self.hall.put(&self.ada, &path, settings).await.status, 204);
    }

    async fn leave(&self, who: &Somebody) {
        self.hall.delete(who, &format!("/users/@me/guilds/{}", self.guild)).await.ok();
    }

    /// Comes back, and what that sets in motion is done.
    async fn returns(&self, who: &Somebody) -> Value {
        self.join(who).await;
        self.hall.jobs.run_due().await.unwrap();
        self.roles_of(who).await
    }

    async fn remembered(&self) -> Value {
        self.hall.get(&self.ada, &format!("/v2/guilds/{}/memory/members", self.guild)).await.ok()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_returns_gets_back_what_they_had() {
    for hall in halls().await {
        let yard = yard(hall, 1).await;
        let who = &yard.people[0];
        let (fan, moderator) = (yard.role("fan", "0").await, yard.role("moderator", BAN_MEMBERS).await);
        yard.give(who, &fan).await;
        yard.leave(who).await;
        assert_eq!(yard.returns(who).await, json!([]), "off by default");

        yard.remembers(json!({})).await;
        yard.give(who, &fan).await;
        yard.give(who, &moderator).await;
        let path = format!("/guilds/{}/members/{}", yard.guild, who.id);
        yard.hall.patch(&yard.ada, &path, json!({ "nick": "Wanderer" })).await.ok();
        yard.leave(who).await;
        let remembered = yard.remembered().await;
        assert_eq!((&remembered[0]["user_id"], &remembered[0]["back"]), (&json!(who.id), &json!(false)));
        let head = yard.hall.head().await;
        assert_eq!(yard.returns(who).await, json!([fan]), "nothing dangerous by itself");
        assert_eq!(yard.hall.get(&yard.ada, &path).await.ok()["nick"], "Wanderer");
        let events = yard.hall.events_after(head).await;
        let audit: Vec<_> =
            events.iter().filter(|(name, _)| name == "GUILD_AUDIT_LOG_ENTRY_CREATE").collect();
        assert!(audit.iter().all(|(_, body)| body["user_id"] == json!(yard.ada.id)));

        // The rest is given by hand, by whoever may.
        let give = GiveBack { user: who.user.id };
        let remembered = yard.remembered().await;
        assert_eq!((&remembered[0]["roles"], &remembered[0]["back"]), (&json!([moderator]), &json!(true)));
        let other = yard.hall.person("other").await;
        yard.enroll(&other).await;
        assert_eq!(yard.ask::<GiveBackJob>(&other, &give).await.unwrap_err().code.number, 50013);
        let nobody = GiveBack { user: other.user.id };
        assert_eq!(
            yard.ask::<GiveBackJob>(&yard.ada, &nobody).await.unwrap_err().code.name,
            "not_remembered"
        );
        yard.done::<GiveBackJob>(&yard.ada, &give).await;
        assert_eq!(yard.roles_of(who).await.as_array().unwrap().len(), 2);
        assert_eq!(yard.remembered().await, json!([]));
        assert!(yard.ask::<GiveBackJob>(&yard.ada, &give).await.is_err(), "once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_say_of_whom_and_for_how_long() {
    for hall in halls().await {
        let yard = yard(hall, 1).await;
        let who = &yard.people[0];
        let moderator = yard.role("moderator", BAN_MEMBERS).await;
        let member = format!("/guilds/{}/members/{}", yard.guild, who.id);
        let ban = format!("/guilds/{}/bans/{}", yard.guild, who.id);
        for (kicked, banned) in [(false, false), (true, true)] {
            yard.remembers(json!({ "kicked": kicked, "banned": banned, "dangerous": true })).await;
            yard.give(who, &moderator).await;
            yard.hall.delete(&yard.ada, &member).await.ok();
            let expected = if kicked { json!([moderator]) } else { json!([]) };
            assert_eq!(yard.returns(who).await, expected);
            yard.give(who, &moderator).await;
            yard.hall.put(&yard.ada, &ban, Value::Null).await.ok();
            yard.hall.delete(&yard.ada, &ban).await.ok();
            assert_eq!(yard.returns(who).await, expected);
        }
        // Too late.
        yard.remembers(json!({ "days": 2, "dangerous": true })).await;
        yard.leave(who).await;
        yard.hall.hand.advance(Duration::from_secs(2 * 86_400));
        assert_eq!(yard.remembered().await, json!([]));
        assert_eq!(yard.returns(who).await, json!([]));
        yard.hall.jobs.enqueue_now(NewJob::of::<ForgetEnded>(&())).await.unwrap();
        yard.hall.jobs.run_due().await.unwrap();
        let rows = guildhall_infra::sql!("SELECT user_id FROM departed_members");
        assert!(yard.hall.db.db.all(rows, guildhall_infra::params![]).await.unwrap().is_empty());

        let path = format!("/v2/guilds/{}/memory", yard.guild);
        let stranger = yard.hall.person("stranger").await;
        assert_eq!(yard.hall.get(&stranger, &path).await.status, 404);
        assert_eq!(yard.hall.get(who, &path).await.status, 403);
        assert_eq!(yard.hall.get(&yard.ada, &path).await.ok()["days"], 2);
        for days in [0, 366] {
            let bad =
                json!({ "enabled": true, "days": days, "kicked": true, "banned": true, "dangerous": true });
            assert_eq!(yard.hall.put(&yard.ada, &path, bad).await.status, 400);
        }
        assert_eq!(yard.hall.put(&yard.ada, &path, json!({ "enabled": true })).await.status, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gives_more_than_they_may() {
    for hall in halls().await {
        let yard = yard(hall, 2).await;
        let (ben, who) = (&yard.people[0], &yard.people[1]);
        let low = yard.role("low", "0").await;
        // Manages the guild and its roles.
        let helper = yard.role("helper", "268435488").await;
        let high = yard.role("high", "0").await;
        let order = json!([{ "id": high, "position": 3 }, { "id": helper, "position": 2 }, { "id": low, "position": 1 }]);
        yard.hall.patch(&yard.ada, &format!("/guilds/{}/roles", yard.guild), order).await.ok();
        yard.give(ben, &helper).await;
        let settings =
            json!({ "enabled": true, "days": 1, "kicked": true, "banned": true, "dangerous": true });
        let path = format!("/v2/guilds/{}/memory", yard.guild);
        assert_eq!(yard.hall.put(ben, &path, settings).await.status, 204);
        yard.give(who, &high).await;
        yard.give(who, &low).await;
        yard.leave(who).await;
        assert_eq!(
            yard.returns(who).await,
            json!([low]),
            "the other stands above the one in whose name it is"
        );
        assert_eq!(yard.remembered().await[0]["roles"], json!([high]));

        // Whoever set it up may not any more: nothing is given, and the job says so.
        yard.leave(who).await;
        let role = format!("/guilds/{}/members/{}/roles/{helper}", yard.guild, ben.id);
        yard.hall.delete(&yard.ada, &role).await.ok();
        assert_eq!(yard.returns(who).await, json!([]));
        let filter = guildhall_infra::jobs::Filter {
            name: Some("chat.give_back".into()),
            guild: Some(yard.id()),
            ..Default::default()
        };
        let records = yard.hall.jobs.list(&filter, 1).await.unwrap();
        assert_eq!(records[0].state, State::Dead);
        assert_eq!(records[0].error.as_ref().unwrap().code, "job_right_lost");
    }
}
