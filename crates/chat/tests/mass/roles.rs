//! Roles given to many and taken from them.

use guildhall_chat::jobs::{ChangeRoles, ChangeRolesBack};
use guildhall_chat::model::{MassRoles, MemberFilter};
use guildhall_infra::jobs::State;
use serde_json::{Value, json};

use crate::support::halls;
use crate::yard::{Dying, tally, yard};

const MANAGE_ROLES_AND_GUILD: &str = "268435488";

fn give(role: &str) -> MassRoles {
    MassRoles { give: vec![role.parse().unwrap()], ..MassRoles::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_get_a_role_and_lose_exactly_that_again() {
    for hall in halls().await {
        let yard = yard(hall, 5).await;
        let (fan, old) = (yard.role("fan", "0").await, yard.role("old", "0").await);
        yard.give(&yard.people[0], &fan).await;
        yard.give(&yard.people[1], &old).await;
        let people = MemberFilter { bots: Some(false), ..MemberFilter::default() };
        let wanted = MassRoles { take: vec![old.parse().unwrap()], members: people, ..give(&fan) };
        let preview = yard.preview::<ChangeRoles>(&yard.ada, &wanted).await.unwrap();
        assert_eq!(preview, json!({ "members": 6, "changes": 5 }));
        let before = yard.hall.head().await;
        let record = yard.done::<ChangeRoles>(&yard.ada, &wanted).await;
        assert_eq!((record.state, tally(&record)), (State::Done, (5, 1, 0)));
        assert_eq!((record.progress.done, record.progress.total), (6, Some(6)));
        assert_eq!(yard.roles_of(&yard.people[1]).await, json!([fan]));
        let events = yard.hall.events_after(before).await;
        let told = |name: &str| events.iter().filter(|(known, _)| known == name).count();
        assert_eq!((told("GUILD_MEMBER_UPDATE"), told("GUILD_AUDIT_LOG_ENTRY_CREATE")), (5, 5));

        // One of them loses it by hand, and one goes, before all is undone.
        let path = format!("/guilds/{}/members/{}/roles/{fan}", yard.guild, yard.people[2].id);
        yard.hall.delete(&yard.ada, &path).await.ok();
        yard.hall.delete(&yard.people[3], &format!("/users/@me/guilds/{}", yard.guild)).await.ok();
        let undo = yard.undone(&yard.ada, record.id).await;
        assert_eq!((undo.state, tally(&undo)), (State::Done, (3, 1, 1)));
        assert_eq!(yard.roles_of(&yard.people[0]).await, json!([fan]), "had it before");
        assert_eq!(yard.roles_of(&yard.people[1]).await, json!([old]));
        assert_eq!(yard.roles_of(&yard.people[4]).await, json!([]));
        // Undone twice: the same job, and nothing happens.
        yard.give(&yard.people[4], &fan).await;
        assert_eq!(yard.undone(&yard.ada, record.id).await.id, undo.id);
        assert_eq!(yard.roles_of(&yard.people[4]).await, json!([fan]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_is_refused_before_and_stopped_while_it_runs() {
    for hall in halls().await {
        let yard = yard(hall, 4).await;
        let high = yard.role("high", "0").await;
        let helper = yard.role("helper", MANAGE_ROLES_AND_GUILD).await;
        let low = yard.role("low", "0").await;
        let order = json!([{ "id": high, "position": 3 }, { "id": helper, "position": 2 }, { "id": low, "position": 1 }]);
        let path = format!("/guilds/{}/roles", yard.guild);
        yard.hall.patch(&yard.ada, &path, order).await.ok();
        let ben = &yard.people[0];
        let code = |error: guildhall_base::Error| error.code.number;
        assert_eq!(code(yard.ask::<ChangeRoles>(ben, &give(&low)).await.unwrap_err()), 50013);
        let stranger = yard.hall.person("stranger").await;
        assert_eq!(code(yard.ask::<ChangeRoles>(&stranger, &give(&low)).await.unwrap_err()), 10004);
        yard.give(ben, &helper).await;
        assert_eq!(code(yard.ask::<ChangeRoles>(ben, &give(&high)).await.unwrap_err()), 50013);
        assert_eq!(code(yard.ask::<ChangeRoles>(ben, &give("99")).await.unwrap_err()), 10011);
        assert_eq!(code(yard.ask::<ChangeRoles>(ben, &give(&yard.guild)).await.unwrap_err()), 50028);
        for bad in [
            MassRoles::default(),
            MassRoles { take: give(&low).give, ..give(&low) },
            MassRoles { reason: Some("x".repeat(513)), ..give(&low) },
        ] {
            assert_eq!(code(yard.ask::<ChangeRoles>(ben, &bad).await.unwrap_err()), 50035);
        }

        // Asked for with the right to it, which is gone when it runs.
        let id = yard.ask::<ChangeRoles>(ben, &give(&low)).await.unwrap();
        let path = format!("/guilds/{}/members/{}/roles/{helper}", yard.guild, ben.id);
        yard.hall.delete(&yard.ada, &path).await.ok();
        let record = yard.ran(id).await;
        assert_eq!((record.state, record.error.unwrap().code.as_str()), (State::Dead, "job_right_lost"));
        assert_eq!(yard.roles_of(&yard.people[1]).await, json!([]));

        // Nobody undoes what they could not have done.
        let record = yard.done::<ChangeRoles>(&yard.ada, &give(&high)).await;
        assert_eq!(code(yard.hall.jobs.undo(record.id, yard.owner(ben)).await.unwrap_err()), 50013);
        yard.give(ben, &helper).await;
        let refused = yard.undone(ben, record.id).await;
        assert_eq!(tally(&refused), (0, 0, 5), "the role stands above the one who undoes");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_on_wherever_it_dies() {
    for hall in halls().await {
        let yard = yard(hall, 7).await;
        let fan = yard.role("fan", "0").await;
        let dying = |event| Dying::new(ChangeRoles(yard.hall.chat.clone()), &yard.hall, event);
        yard.hall.jobs.register(dying("GUILD_MEMBER_UPDATE"));
        let before = yard.hall.head().await;
        let record = yard.done::<ChangeRoles>(&yard.ada, &give(&fan)).await;
        assert_eq!((record.state, tally(&record)), (State::Done, (8, 0, 0)));
        assert!(record.runs > 4, "{} runs", record.runs);
        let events = yard.hall.events_after(before).await;
        let told: Vec<&Value> =
            events.iter().filter(|(name, _)| name == "GUILD_MEMBER_UPDATE").map(|(_, body)| body).collect();
        assert_eq!(told.len(), 8, "each once");

        let back = Dying::new(ChangeRolesBack(yard.hall.chat.clone()), &yard.hall, "GUILD_MEMBER_UPDATE");
        yard.hall.jobs.register(back);
        let undo = yard.undone(&yard.ada, record.id).await;
        assert_eq!((undo.state, tally(&undo)), (State::Done, (8, 0, 0)));
        assert_eq!(yard.roles_of(&yard.people[6]).await, json!([]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_that_come_at_the_same_time_stay() {
    for hall in halls().await {
        let yard = yard(hall, 6).await;
        let (fan, own) = (yard.role("fan", "0").await, yard.role("own", "0").await);
        let id = yard.ask::<ChangeRoles>(&yard.ada, &give(&fan)).await.unwrap();
        let by_hand = async {
            for person in &yard.people {
                yard.give(person, &own).await;
            }
        };
        let (ran, ()) = tokio::join!(yard.hall.jobs.run_due(), by_hand);
        ran.unwrap();
        assert_eq!(tally(&yard.ran(id).await), (7, 0, 0));
        for person in &yard.people {
            assert_eq!(yard.roles_of(person).await.as_array().unwrap().len(), 2);
        }
    }
}
