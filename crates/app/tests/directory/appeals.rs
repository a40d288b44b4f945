//! What staff are asked about listings, and what they answer.

use axum::http::StatusCode;
use guildhall_infra::db::Batch;
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::support::{Client, Hall};
use crate::world::{audit, count, events, give_ranks, history, id_of, listed_bot, set_state, started};

async fn ask(client: &Client, bot: &str, kind: &str, text: &str) -> (StatusCode, Value) {
    let body = json!({ "type": kind, "text": text });
    client.send("POST", &format!("/v2/listings/bots/{bot}/appeals"), Some(body)).await
}

const TEXT: &str = "Please look at it again.";

async fn write(hall: &Hall, statement: guildhall_infra::db::Sql, id: &str) {
    let mut batch = Batch::new();
    batch.run(statement, params![id.parse::<i64>().unwrap()]);
    hall.server().hall().db.write(batch).await.unwrap();
}

/// Lets half a minute pass since everything that was asked about a listing.
async fn wait(hall: &Hall, bot: &str) {
    write(
        hall,
        sql!("UPDATE listing_appeals SET id = id - (CAST(31000 AS BIGINT) << 22) WHERE listing_id = $1"),
        bot,
    )
    .await;
}

#[tokio::test]
async fn what_was_refused_is_looked_at_again() {
    for hall in started().await {
        let (owner, other, above, reviewer) = (
            hall.register("owner").await,
            hall.register("other").await,
            hall.register("above").await,
            hall.register("reviewer").await,
        );
        give_ranks(&hall, &[(&above, "moderator"), (&reviewer, "bot-reviewer")]).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let (status, nothing) = ask(&owner, &bot, "appeal", TEXT).await;
        assert_eq!((status, &nothing["code"]), (StatusCode::CONFLICT, &json!("nothing_to_appeal")));
        set_state(&hall, &bot, 2).await;
        let long = "x".repeat(4001);
        for text in ["short", &long] {
            assert_eq!(ask(&owner, &bot, "appeal", text).await.0, StatusCode::BAD_REQUEST);
        }
        assert_eq!(ask(&other, &bot, "appeal", TEXT).await.0, StatusCode::NOT_FOUND);
        let (status, asked) = ask(&owner, &bot, "appeal", TEXT).await;
        assert_eq!((status, &asked["answer"]), (StatusCode::CREATED, &Value::Null), "{asked}");
        // Not twice in a moment, and not the same before it is answered.
        let (status, early) = ask(&owner, &bot, "appeal", TEXT).await;
        assert_eq!((status, &early["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("asked_a_moment_ago")));
        wait(&hall, &bot).await;
        let (status, twice) = ask(&owner, &bot, "appeal", TEXT).await;
        assert_eq!((status, &twice["code"]), (StatusCode::CONFLICT, &json!("asked_already")));
        assert_eq!(history(&hall, &bot).await, ["add", "appeal"]);
        // Staff read and answer it.
        for person in [&owner, &other] {
            assert_eq!(person.send("GET", "/v2/staff/appeals", None).await.0, StatusCode::FORBIDDEN);
        }
        let waiting = reviewer.get("/v2/staff/appeals").await;
        assert_eq!((waiting.as_array().unwrap().len(), &waiting[0]["text"]), (1, &json!(TEXT)));
        let id = waiting[0]["id"].as_str().unwrap();
        let place = format!("/v2/staff/appeals/{id}/answer");
        let body = json!({ "accepted": true, "text": "You are right, and it waits again." });
        assert_eq!(reviewer.send("PUT", &place, Some(body.clone())).await.0, StatusCode::FORBIDDEN);
        let short = above.send("PUT", &place, Some(json!({ "accepted": true, "text": "ok" }))).await;
        assert_eq!(short.0, StatusCode::BAD_REQUEST);
        let (status, answered) = above.send("PUT", &place, Some(body.clone())).await;
        assert_eq!((status, &answered["answer"]["accepted"]), (StatusCode::OK, &json!(true)), "{answered}");
        let (status, again) = above.send("PUT", &place, Some(body)).await;
        assert_eq!((status, &again["code"]), (StatusCode::CONFLICT, &json!("answered_already")));
        let nobody =
            above.send("PUT", "/v2/staff/appeals/1/answer", Some(json!({ "accepted": true, "text": TEXT })));
        assert_eq!(nobody.await.0, StatusCode::NOT_FOUND);
        assert_eq!(reviewer.get("/v2/staff/appeals").await, json!([]));
        assert_eq!(reviewer.get("/v2/staff/appeals?answered=true&type=appeal").await[0]["id"], id);
        let own = owner.get(&format!("/v2/listings/bots/{bot}/appeals")).await;
        assert_eq!(own[0]["answer"]["text"], "You are right, and it waits again.");
        let told = events(&hall, "LISTING_APPEAL_ANSWER").await;
        assert_eq!(told[0]["users"], json!([id_of(&owner).await, bot]));
        assert_eq!(told[0]["body"]["context"]["accepted"], true);
        let rows = audit(&hall, &owner).await;
        assert_eq!((&rows[0][0], &rows[0][3]), (&json!("listing.answer"), &json!("accepted")));
        // Answered, it can be asked again.
        assert_eq!(ask(&owner, &bot, "appeal", TEXT).await.0, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn certification_is_for_those_who_are_ready() {
    for hall in started().await {
        let (owner, staff, above) =
            (hall.register("owner").await, hall.register("staff").await, hall.register("above").await);
        give_ranks(&hall, &[(&staff, "developer"), (&above, "moderator")]).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        let refused = async |hall: &Hall| {
            let (status, answer) = ask(&owner, &bot, "certification", TEXT).await;
            assert_eq!(
                (status, &answer["code"]),
                (StatusCode::CONFLICT, &json!("not_certifiable")),
                "{answer}"
            );
            let asked = sql!("SELECT COUNT(*) FROM listing_appeals WHERE listing_id = $1");
            assert_eq!(count(hall, asked, &bot).await, 0);
        };
        // In a hundred guilds with both banners, and not approved.
        let guilds = sql!("UPDATE listing_counts SET guilds = 100 WHERE id = $1");
        let banners = sql!(
            "UPDATE listings SET details = '{\"card_banner\":{\"source\":\"https://example.com/a\",\"file\":\"a.png\"},\"page_banner\":{\"source\":\"https://example.com/b\",\"file\":\"b.png\"}}' WHERE id = $1"
        );
        let one = sql!(
            "UPDATE listings SET details = '{\"card_banner\":{\"source\":\"https://example.com/a\",\"file\":\"a.png\"}}' WHERE id = $1"
        );
        let few = sql!("UPDATE listing_counts SET guilds = 99 WHERE id = $1");
        write(&hall, guilds, &bot).await;
        write(&hall, banners, &bot).await;
        refused(&hall).await;
        set_state(&hall, &bot, 6).await;
        refused(&hall).await;
        set_state(&hall, &bot, 0).await;
        write(&hall, one, &bot).await;
        refused(&hall).await;
        write(&hall, banners, &bot).await;
        write(&hall, few, &bot).await;
        refused(&hall).await;
        write(&hall, guilds, &bot).await;
        let (status, asked) = ask(&owner, &bot, "certification", TEXT).await;
        assert_eq!(status, StatusCode::CREATED, "{asked}");
        let place = format!("/v2/staff/appeals/{}/answer", asked["id"].as_str().unwrap());
        let body = json!({ "accepted": true, "text": "Certified. Keep it up." });
        assert_eq!(above.send("PUT", &place, Some(body.clone())).await.0, StatusCode::FORBIDDEN);
        assert_eq!(staff.send("PUT", &place, Some(body)).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn reports_are_between_whoever_reports_and_staff() {
    for hall in started().await {
        let (owner, one, two, above) = (
            hall.register("owner").await,
            hall.register("one").await,
            hall.register("two").await,
            hall.register("above").await,
        );
        give_ranks(&hall, &[(&above, "moderator")]).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let path = format!("/v2/listings/bots/{bot}");
        assert_eq!(ask(&one, &bot, "appeal", TEXT).await.0, StatusCode::FORBIDDEN);
        let (status, reported) = ask(&one, &bot, "report", "It sends invites to everybody.").await;
        assert_eq!(status, StatusCode::CREATED, "{reported}");
        assert_eq!(ask(&hall.client(""), &bot, "report", TEXT).await.0, StatusCode::UNAUTHORIZED);
        // Its keepers learn nothing.
        assert_eq!(owner.get(&format!("{path}/appeals")).await, json!([]));
        assert_eq!(one.send("GET", &format!("{path}/appeals"), None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(history(&hall, &bot).await, ["add"]);
        assert_eq!(events(&hall, "LISTING_APPEAL").await.len(), 0);
        // A review is reported too, by each person once.
        let review = json!({ "stars": 0, "text": "Words that nobody wants to read." });
        let review = two.post(&format!("{path}/reviews"), review).await;
        let reports = format!("/v2/reviews/{}/reports", review["id"].as_str().unwrap());
        let body = json!({ "text": "This is an insult." });
        let tries = (0..6).map(|_| {
            let (owner, reports, body) = (owner.clone(), reports.clone(), body.clone());
            tokio::spawn(async move { owner.send("POST", &reports, Some(body)).await.0 })
        });
        let mut good = 0;
        for one in tries.collect::<Vec<_>>() {
            good += usize::from(one.await.unwrap() == StatusCode::CREATED);
        }
        assert_eq!(good, 1);
        let waiting = above.get("/v2/staff/appeals?type=report").await;
        assert_eq!(waiting.as_array().unwrap().len(), 2, "{waiting}");
        assert_eq!((&waiting[0]["review_id"], &waiting[1]["review_id"]), (&Value::Null, &review["id"]));
        let next =
            above.get(&format!("/v2/staff/appeals?after={}", waiting[0]["id"].as_str().unwrap())).await;
        assert_eq!((next.as_array().unwrap().len(), &next[0]["id"]), (1, &waiting[1]["id"]));
        let place = format!("/v2/staff/appeals/{}/answer", reported["id"].as_str().unwrap());
        let body = json!({ "accepted": false, "text": "It does not, we looked." });
        assert_eq!(above.send("PUT", &place, Some(body)).await.0, StatusCode::OK);
        let told = events(&hall, "LISTING_APPEAL_ANSWER").await;
        assert_eq!((told.len(), &told[0]["users"]), (1, &json!([id_of(&one).await])));
        assert_eq!(history(&hall, &bot).await, ["add", "review_add"]);
        for wrong in ["limit=0", "limit=101", "type=wish"] {
            let answer = above.send("GET", &format!("/v2/staff/appeals?{wrong}"), None).await;
            assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{wrong}");
        }
    }
}
