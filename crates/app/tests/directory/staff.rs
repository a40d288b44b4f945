//! What staff do with listings: who may, from which state, what is written down of it and who is told.

use axum::http::StatusCode;
use guildhall_infra::sql;
use serde_json::{Value, json};

use crate::support::{Client, Hall};
use crate::world::{audit, count, events, give_ranks, history, id_of, listed_bot, set_state, started};

const WHY: &str = "It was looked at.";

async fn act(client: &Client, bot: &str, action: &str) -> (StatusCode, Value) {
    let body = json!({ "action": action, "reason": WHY });
    client.send("POST", &format!("/v2/listings/bots/{bot}/actions"), Some(body)).await
}

async fn state(hall: &Hall, bot: &str) -> i64 {
    count(hall, sql!("SELECT state FROM listings WHERE id = $1"), bot).await
}

/// Action, the states that it is done in, and where it leads: the table of the reference, numbered as it numbers them.
const TABLE: [(&str, &[i64], i64, &str); 10] = [
    ("claim", &[1], 5, "LISTING_CLAIM"),
    ("unclaim", &[5], 1, "LISTING_UNCLAIM"),
    ("approve", &[5], 0, "LISTING_APPROVE"),
    ("deny", &[5], 2, "LISTING_DENY"),
    ("unverify", &[0], 1, "LISTING_UNVERIFY"),
    ("requeue", &[2, 4], 1, "LISTING_REQUEUE"),
    ("ban", &[0, 6, 7, 8], 4, "LISTING_BAN"),
    ("unban", &[4], 0, "LISTING_UNBAN"),
    ("certify", &[0], 6, "LISTING_CERTIFY"),
    ("uncertify", &[6], 0, "LISTING_UNCERTIFY"),
];

#[tokio::test]
async fn each_action_is_done_in_its_states_and_in_no_other() {
    for hall in started().await {
        let (owner, staff) = (hall.register("owner").await, hall.register("staff").await);
        give_ranks(&hall, &[(&staff, "developer")]).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        for (action, from, to, event) in TABLE {
            for before in 0..10 {
                set_state(&hall, &bot, before).await;
                let rows = audit(&hall, &owner).await.len();
                let told = events(&hall, event).await.len();
                let entries = history(&hall, &bot).await.len();
                let (status, answer) = act(&staff, &bot, action).await;
                let fits = from.contains(&before);
                let place = format!("{action} from {before}: {answer}");
                let wanted = if fits { StatusCode::OK } else { StatusCode::CONFLICT };
                assert_eq!(status, wanted, "{place}");
                assert_eq!(state(&hall, &bot).await, if fits { to } else { before }, "{place}");
                let more = usize::from(fits);
                assert_eq!(audit(&hall, &owner).await.len(), rows + more, "{place}");
                assert_eq!(events(&hall, event).await.len(), told + more, "{place}");
                assert_eq!(history(&hall, &bot).await.len(), entries + more, "{place}");
                if !fits {
                    assert_eq!(answer["code"], "wrong_state", "{place}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_approval_is_written_down_told_and_seen() {
    for hall in started().await {
        let (owner, staff) = (hall.register("owner").await, hall.register("staff").await);
        give_ranks(&hall, &[(&staff, "bot-reviewer")]).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}");
        assert_eq!(owner.get(&path).await["approved_at"], Value::Null);
        assert_eq!(act(&staff, &bot, "claim").await.0, StatusCode::OK);
        // What it is called is taken over from the platform at that time.
        let renamed = hall.server().hall().applications.clone();
        let application = renamed.of_bot(bot.parse().unwrap()).await.unwrap();
        let stale = sql!("UPDATE listings SET name = 'Stale' WHERE kind = 0 AND id = $1");
        let mut batch = guildhall_infra::db::Batch::new();
        batch.run(stale, guildhall_infra::params![bot.parse::<i64>().unwrap()]);
        hall.server().hall().db.write(batch).await.unwrap();
        let (status, approved) = act(&staff, &bot, "approve").await;
        assert_eq!((status, &approved["state"]), (StatusCode::OK, &json!("approved")), "{approved}");
        assert_eq!(approved["name"], json!(application.name));
        let first = approved["approved_at"].clone();
        assert!(first.is_string(), "{approved}");
        assert_eq!(hall.client("").get(&path).await["approved_at"], first);
        assert_eq!(
            audit(&hall, &owner).await,
            [
                json!([
                    "listing.claim",
                    WHY,
                    format!("bots/{bot} pending"),
                    format!("bots/{bot} under_review")
                ]),
                json!([
                    "listing.approve",
                    WHY,
                    format!("bots/{bot} under_review"),
                    format!("bots/{bot} approved")
                ]),
            ]
        );
        assert_eq!(history(&hall, &bot).await, ["add", "claim", "approve"]);
        let told = events(&hall, "LISTING_APPROVE").await;
        let (owner_id, staff_id) = (id_of(&owner).await, id_of(&staff).await);
        assert_eq!(told[0]["users"], json!([owner_id, bot]));
        assert_eq!(told[0]["body"]["context"], json!({ "reason": WHY, "state": "approved" }));
        assert_eq!(told[0]["body"]["user_id"], staff_id.as_str());
        assert_eq!(
            count(&hall, sql!("SELECT reviewer_id FROM listings WHERE id = $1"), &bot).await.to_string(),
            staff_id
        );
        // Approved again, it keeps the day on which it was approved first.
        set_state(&hall, &bot, 5).await;
        let at = count(&hall, sql!("SELECT approved_at FROM listings WHERE id = $1"), &bot).await;
        assert_eq!(act(&staff, &bot, "approve").await.0, StatusCode::OK);
        assert_eq!(count(&hall, sql!("SELECT approved_at FROM listings WHERE id = $1"), &bot).await, at);
    }
}

#[tokio::test]
async fn each_rank_does_what_is_its_own() {
    for hall in started().await {
        let names = ["owner", "stranger", "helper", "reviewer", "moderator", "admin", "developer"];
        let mut people = Vec::new();
        for name in names {
            people.push(hall.register(name).await);
        }
        let ranks = [
            (&people[2], "community-staff"),
            (&people[3], "bot-reviewer"),
            (&people[4], "moderator"),
            (&people[5], "admin"),
            (&people[6], "developer"),
        ];
        give_ranks(&hall, &ranks).await;
        let (bot, token) = listed_bot(&hall, &people[0], "Tidy").await;
        // From which state, and the first of the people above who may.
        let lowest = |action: &str| match action {
            "claim" | "unclaim" | "approve" | "deny" => 3,
            "unverify" | "requeue" => 4,
            "ban" | "unban" => 5,
            _ => 6,
        };
        for (action, from, ..) in TABLE {
            for (index, person) in people.iter().enumerate() {
                set_state(&hall, &bot, from[0]).await;
                let (status, answer) = act(person, &bot, action).await;
                let allowed = index >= lowest(action);
                let wanted = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(status, wanted, "{action} by {}: {answer}", names[index]);
            }
            set_state(&hall, &bot, from[0]).await;
            assert_eq!(act(&token, &bot, action).await.0, StatusCode::FORBIDDEN, "{action} by the bot");
            assert_eq!(act(&hall.client(""), &bot, action).await.0, StatusCode::UNAUTHORIZED);
            assert_eq!(state(&hall, &bot).await, from[0]);
        }
        assert_eq!(act(&people[6], "12345", "claim").await.0, StatusCode::NOT_FOUND);
        let queue = people[2].send("GET", "/v2/staff/listings", None).await;
        assert_eq!(queue.0, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn of_two_reviewers_one_looks_at_a_listing() {
    for hall in started().await {
        let (owner, one, two, above) = (
            hall.register("owner").await,
            hall.register("one").await,
            hall.register("two").await,
            hall.register("above").await,
        );
        give_ranks(&hall, &[(&one, "bot-reviewer"), (&two, "bot-reviewer"), (&above, "moderator")]).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let (first, second) = tokio::join!(act(&one, &bot, "claim"), act(&two, &bot, "claim"));
        let mut statuses = [first.0.as_u16(), second.0.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{first:?} {second:?}");
        assert_eq!(audit(&hall, &owner).await.len(), 1);
        assert_eq!(events(&hall, "LISTING_CLAIM").await.len(), 1);
        let (holder, other) = if first.0 == StatusCode::OK { (&one, &two) } else { (&two, &one) };
        for action in ["approve", "deny", "unclaim"] {
            let (status, refused) = act(other, &bot, action).await;
            assert_eq!(
                (status, &refused["code"]),
                (StatusCode::FORBIDDEN, &json!("claimed_by_another")),
                "{action}"
            );
        }
        assert_eq!(act(holder, &bot, "unclaim").await.0, StatusCode::OK);
        assert_eq!(act(other, &bot, "claim").await.0, StatusCode::OK);
        // Moderators decide on what others look at.
        assert_eq!(act(&above, &bot, "deny").await.0, StatusCode::OK);
        // Ten decisions at once: one counts.
        set_state(&hall, &bot, 5).await;
        let tries = (0..10).map(|number| {
            let (above, bot) = (above.clone(), bot.clone());
            let action = if number % 2 == 0 { "approve" } else { "deny" };
            tokio::spawn(async move { act(&above, &bot, action).await.0 })
        });
        let mut good = 0;
        for one in tries.collect::<Vec<_>>() {
            good += usize::from(one.await.unwrap() == StatusCode::OK);
        }
        assert_eq!(good, 1);
        let decided =
            events(&hall, "LISTING_APPROVE").await.len() + events(&hall, "LISTING_DENY").await.len();
        assert_eq!(decided, 2);
    }
}

#[tokio::test]
async fn reasons_and_flags_are_checked() {
    for hall in started().await {
        let (owner, staff, reviewer) =
            (hall.register("owner").await, hall.register("staff").await, hall.register("reviewer").await);
        give_ranks(&hall, &[(&staff, "moderator"), (&reviewer, "bot-reviewer")]).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}");
        let actions = format!("{path}/actions");
        for (reason, field) in [("", "reason"), ("    x    ", "reason"), ("four", "reason")] {
            let body = json!({ "action": "claim", "reason": reason });
            let (status, wrong) = staff.send("POST", &actions, Some(body)).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
            assert_eq!(wrong["errors"][0]["path"], field, "{wrong}");
        }
        let flag = |action: &str, flag: &str| json!({ "action": action, "reason": WHY, "flag": flag });
        for wrong in [
            json!({ "action": "set_flag", "reason": WHY }),
            flag("set_flag", "edit_locked"),
            flag("set_flag", "nothing"),
            flag("claim", "nsfw"),
            json!({ "action": "eat", "reason": WHY }),
        ] {
            let answer = staff.send("POST", &actions, Some(wrong.clone())).await;
            assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{wrong}: {}", answer.1);
        }
        assert_eq!(history(&hall, &bot).await, ["add"]);
        let lock = flag("set_flag", "staff_locked");
        assert_eq!(reviewer.send("POST", &actions, Some(lock.clone())).await.0, StatusCode::FORBIDDEN);
        let (status, locked) = staff.send("POST", &actions, Some(lock)).await;
        assert_eq!((status, &locked["flags"]), (StatusCode::OK, &json!(["staff_locked"])));
        assert_eq!(locked["state"], "pending");
        let (status, refused) = owner.send("PATCH", &path, Some(json!({ "prefix": "!" }))).await;
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("staff_locked")));
        let unlock = flag("unset_flag", "staff_locked");
        assert_eq!(staff.send("POST", &actions, Some(unlock)).await.0, StatusCode::OK);
        assert_eq!(owner.send("PATCH", &path, Some(json!({ "prefix": "!" }))).await.0, StatusCode::OK);
        let told = events(&hall, "LISTING_FLAGS_UPDATE").await;
        assert_eq!(
            told[0]["body"]["context"],
            json!({ "reason": WHY, "state": "pending", "flag": "staff_locked", "set": true })
        );
        let after: Vec<_> = audit(&hall, &owner).await.iter().map(|row| row[3].clone()).collect();
        assert_eq!(
            after,
            [json!(format!("bots/{bot} pending [staff_locked]")), json!(format!("bots/{bot} pending"))]
        );
    }
}

#[tokio::test]
async fn the_queue_is_read_page_by_page() {
    for hall in started().await {
        let (owner, staff) = (hall.register("owner").await, hall.register("staff").await);
        give_ranks(&hall, &[(&staff, "bot-reviewer")]).await;
        let mut bots = Vec::new();
        for number in 0..5 {
            bots.push(listed_bot(&hall, &owner, &format!("Bot {number}")).await.0);
        }
        assert_eq!(act(&staff, &bots[1], "claim").await.0, StatusCode::OK);
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = staff.get(&format!("/v2/staff/listings?limit=2{after}")).await;
            let listings = page["listings"].as_array().unwrap();
            assert!(listings.len() <= 2, "{page}");
            seen.extend(listings.iter().map(|listing| listing["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, [&bots[0], &bots[2], &bots[3], &bots[4]].map(Clone::clone));
        let claimed = staff.get("/v2/staff/listings?state=under_review").await;
        assert_eq!(claimed["listings"][0]["id"], bots[1].as_str());
        assert_eq!(claimed["listings"][0]["reviewer_id"], id_of(&staff).await.as_str());
        assert_eq!(claimed["listings"][0]["owner_id"], id_of(&owner).await.as_str());
        assert_eq!(staff.get("/v2/staff/listings?kind=guild").await["listings"], json!([]));
        for wrong in ["limit=0", "limit=101", "after=x", "state=lost"] {
            let answer = staff.send("GET", &format!("/v2/staff/listings?{wrong}"), None).await;
            assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{wrong}");
        }
    }
}
