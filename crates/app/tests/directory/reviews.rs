//! Reviews: once per person, threads, votes, edits, moderation, and averages that are right whatever comes at once.

use axum::http::StatusCode;
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::support::{Client, Hall};
use crate::world::{audit, count, events, give_ranks, history, id_of, listed_bot, set_state, started};

const TEXT: &str = "Does what it says on the tin.";

pub(crate) async fn review(client: &Client, bot: &str, stars: i64) -> (StatusCode, Value) {
    let body = json!({ "stars": stars, "text": TEXT });
    client.send("POST", &format!("/v2/listings/bots/{bot}/reviews"), Some(body)).await
}

pub(crate) async fn answer(client: &Client, bot: &str, to: &Value) -> (StatusCode, Value) {
    let body = json!({ "text": "I see it in another way.", "parent_id": to });
    client.send("POST", &format!("/v2/listings/bots/{bot}/reviews"), Some(body)).await
}

/// The numbers beside listings and reviews are those that counting gives.
pub(crate) async fn recounted(hall: &Hall) {
    let wrong = sql!(
        "SELECT (SELECT COUNT(*) FROM listing_counts AS c
                 WHERE c.reviews <> (SELECT COUNT(*) FROM listing_reviews AS r
                     WHERE r.kind = c.kind AND r.listing_id = c.id AND r.root_id IS NULL)
                    OR c.stars <> (SELECT CAST(COALESCE(SUM(r.stars), 0) AS BIGINT) FROM listing_reviews AS r
                     WHERE r.kind = c.kind AND r.listing_id = c.id AND r.root_id IS NULL))
              + (SELECT COUNT(*) FROM listing_reviews AS r
                 WHERE r.up <> (SELECT COUNT(*) FROM listing_review_votes AS v WHERE v.review_id = r.id AND v.up)
                    OR r.down <> (SELECT COUNT(*) FROM listing_review_votes AS v WHERE v.review_id = r.id AND NOT v.up)
                    OR r.score <> r.up - r.down)"
    );
    let wrong: i64 = hall.server().hall().db.one(wrong, params![]).await.unwrap().read().unwrap();
    assert_eq!(wrong, 0, "numbers have drifted");
}

pub(crate) async fn crowd(hall: &Hall, size: usize) -> Vec<Client> {
    let mut people = Vec::new();
    for number in 0..size {
        people.push(hall.register(&format!("person{number}")).await);
    }
    people
}

#[tokio::test]
async fn a_listing_is_reviewed_once_by_each_person_and_never_by_its_keepers() {
    for hall in started().await {
        let (owner, one, two) =
            (hall.register("owner").await, hall.register("one").await, hall.register("two").await);
        let (bot, token) = listed_bot(&hall, &owner, "Tidy").await;
        let path = format!("/v2/listings/bots/{bot}/reviews");
        assert_eq!(review(&one, &bot, 5).await.0, StatusCode::NOT_FOUND);
        set_state(&hall, &bot, 7).await;
        let (status, closed) = review(&one, &bot, 5).await;
        assert_eq!((status, &closed["code"]), (StatusCode::CONFLICT, &json!("takes_no_reviews")));
        set_state(&hall, &bot, 0).await;
        let (status, own) = review(&owner, &bot, 10).await;
        assert_eq!((status, &own["code"]), (StatusCode::FORBIDDEN, &json!("own_listing")));
        assert_eq!(review(&token, &bot, 10).await.0, StatusCode::FORBIDDEN);
        assert_eq!(review(&hall.client(""), &bot, 10).await.0, StatusCode::UNAUTHORIZED);
        for (stars, text) in [(11, TEXT), (-1, TEXT), (5, "short")] {
            let body = json!({ "stars": stars, "text": text });
            assert_eq!(one.send("POST", &path, Some(body)).await.0, StatusCode::BAD_REQUEST);
        }
        let (status, written) = review(&one, &bot, 7).await;
        assert_eq!(status, StatusCode::CREATED, "{written}");
        assert_eq!((&written["stars"], &written["author"]["name"]), (&json!(7), &json!("one")));
        let (status, again) = review(&one, &bot, 0).await;
        assert_eq!((status, &again["code"]), (StatusCode::CONFLICT, &json!("reviewed_already")));
        assert_eq!(review(&two, &bot, 0).await.0, StatusCode::CREATED);
        let page = hall.client("").get(&path).await;
        assert_eq!((&page["count"], &page["rating"]), (&json!(2), &json!(3.5)));
        assert_eq!(page["reviews"][1]["author"]["id"], id_of(&one).await.as_str());
        let mine = one.get(&format!("{path}?user_id={}", id_of(&one).await)).await;
        assert_eq!(mine["reviews"].as_array().unwrap().len(), 1);
        assert_eq!(mine["reviews"][0]["id"], written["id"]);
        assert_eq!(history(&hall, &bot).await, ["add", "review_add", "review_add"]);
        let told = events(&hall, "REVIEW_CREATE").await;
        assert_eq!(told[0]["users"], json!([id_of(&owner).await, bot]));
        assert_eq!(told[0]["body"]["context"], json!({ "review_id": written["id"], "stars": 7 }));
        recounted(&hall).await;
    }
}

#[tokio::test]
async fn averages_are_right_when_all_write_change_and_remove_at_once() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let people = crowd(&hall, 8).await;
        // Everybody three times at once: each counts once.
        let tries = (0..24).map(|number| {
            let (person, bot) = (people[number % 8].clone(), bot.clone());
            tokio::spawn(async move { review(&person, &bot, 4).await })
        });
        let mut written = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            let (status, body) = one.await.unwrap();
            match status {
                StatusCode::CREATED => written.push(body),
                status => assert_eq!(status, StatusCode::CONFLICT, "{body}"),
            }
        }
        assert_eq!(written.len(), 8);
        recounted(&hall).await;
        let page = owner.get(&format!("/v2/listings/bots/{bot}/reviews")).await;
        assert_eq!((&page["count"], &page["rating"]), (&json!(8), &json!(4.0)));
        // Each changes, and half of them remove theirs at the same time.
        let mut steps = Vec::new();
        for body in &written {
            let author = body["author"]["name"].as_str().unwrap();
            let number: usize = author.strip_prefix("person").unwrap().parse().unwrap();
            let path = format!("/v2/reviews/{}", body["id"].as_str().unwrap());
            for stars in [1, 9] {
                let (person, path) = (people[number].clone(), path.clone());
                steps.push(tokio::spawn(async move {
                    person.send("PATCH", &path, Some(json!({ "stars": stars }))).await.0
                }));
            }
            if number.is_multiple_of(2) {
                let person = people[number].clone();
                steps.push(tokio::spawn(async move { person.send("DELETE", &path, None).await.0 }));
            }
        }
        for step in steps {
            let status = step.await.unwrap();
            let good = [StatusCode::OK, StatusCode::NO_CONTENT, StatusCode::CONFLICT, StatusCode::NOT_FOUND];
            assert!(good.contains(&status), "{status}");
        }
        recounted(&hall).await;
        let left =
            count(&hall, sql!("SELECT COUNT(*) FROM listing_reviews WHERE listing_id = $1"), &bot).await;
        let page = owner.get(&format!("/v2/listings/bots/{bot}/reviews")).await;
        assert_eq!(page["count"], json!(left));
    }
}

#[tokio::test]
async fn threads_are_deep_flat_to_read_and_keep_their_places() {
    for hall in started().await {
        let (owner, one, two) =
            (hall.register("owner").await, hall.register("one").await, hall.register("two").await);
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let top = review(&one, &bot, 2).await.1;
        let (status, official) = answer(&owner, &bot, &top["id"]).await;
        assert_eq!((status, &official["official"]), (StatusCode::CREATED, &json!(true)), "{official}");
        assert_eq!((&official["root_id"], &official["stars"]), (&top["id"], &Value::Null));
        let told = events(&hall, "REVIEW_CREATE").await;
        let whom = told[1]["users"].as_array().unwrap();
        assert!(whom.contains(&json!(id_of(&one).await)), "{whom:?}");
        // 60 answers, each to the one before.
        let mut last = official["id"].clone();
        let mut chain = vec![last.clone()];
        for number in 0..60 {
            let person = if number % 2 == 0 { &two } else { &one };
            let (status, next) = answer(person, &bot, &last).await;
            assert_eq!(status, StatusCode::CREATED, "{next}");
            assert_eq!((&next["parent_id"], &next["root_id"]), (&last, &top["id"]));
            assert_eq!(next["official"], false);
            last = next["id"].clone();
            chain.push(last.clone());
        }
        let path = format!("/v2/reviews/{}", top["id"].as_str().unwrap());
        assert_eq!(one.get(&path).await["replies"], 61);
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = hall.client("").get(&format!("{path}/replies?limit=25{after}")).await;
            let page = page.as_array().unwrap().clone();
            let Some(end) = page.last() else { break };
            after = format!("&after={}", end["id"].as_str().unwrap());
            seen.extend(page.iter().map(|reply| reply["id"].clone()));
        }
        assert_eq!(seen, chain);
        // An answer goes: its place stays while somebody answered it.
        let place = |id: &Value| format!("/v2/reviews/{}", id.as_str().unwrap());
        assert_eq!(two.send("DELETE", &place(&chain[1]), None).await.0, StatusCode::NO_CONTENT);
        let gone = one.get(&place(&chain[1])).await;
        assert_eq!((&gone["author"], &gone["text"]), (&Value::Null, &json!("")));
        assert_eq!(answer(&one, &bot, &chain[1]).await.0, StatusCode::NOT_FOUND);
        assert_eq!(two.send("DELETE", &place(&chain[1]), None).await.0, StatusCode::NOT_FOUND);
        let below = one.get(&format!("{}/replies", place(&chain[0]))).await;
        assert_eq!(below[0]["id"], chain[1]);
        // Nobody answered the last one: it is not shown.
        let writer = if chain.len() % 2 == 0 { &two } else { &one };
        assert_eq!(writer.send("DELETE", &place(&last), None).await.0, StatusCode::NO_CONTENT);
        let before_last = &chain[chain.len() - 2];
        assert_eq!(one.get(&format!("{}/replies", place(before_last))).await, json!([]));
        assert_eq!(one.get(&path).await["replies"], 59);
        // An answer belongs to the listing of what it answers.
        let (other, _) = listed_bot(&hall, &owner, "Other").await;
        set_state(&hall, &other, 0).await;
        assert_eq!(answer(&two, &other, &top["id"]).await.0, StatusCode::NOT_FOUND);
        // With the review all answers go.
        assert_eq!(one.send("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
        let left = sql!("SELECT COUNT(*) FROM listing_reviews WHERE listing_id = $1");
        assert_eq!(count(&hall, left, &bot).await, 0);
        assert_eq!(one.get(&format!("/v2/listings/bots/{bot}")).await["rating"], Value::Null);
        recounted(&hall).await;
    }
}

#[tokio::test]
async fn votes_are_one_of_each_person_and_can_be_turned() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let people = crowd(&hall, 4).await;
        let mut reviews = Vec::new();
        for person in &people {
            reviews.push(review(person, &bot, 5).await.1["id"].as_str().unwrap().to_owned());
        }
        let path = format!("/v2/reviews/{}/vote", reviews[0]);
        let own = people[0].send("PUT", &path, Some(json!({ "vote": "up" }))).await;
        assert_eq!((own.0, &own.1["code"]), (StatusCode::FORBIDDEN, &json!("own_review")));
        let voter = &people[1];
        for vote in ["sideways", ""] {
            let wrong = voter.send("PUT", &path, Some(json!({ "vote": vote }))).await;
            assert_eq!(wrong.0, StatusCode::BAD_REQUEST);
        }
        for (vote, up, down) in [("up", 1, 0), ("up", 1, 0), ("down", 0, 1)] {
            let answer = voter.send("PUT", &path, Some(json!({ "vote": vote }))).await;
            assert_eq!(answer.0, StatusCode::NO_CONTENT);
            let seen = voter.get(&format!("/v2/reviews/{}", reviews[0])).await;
            assert_eq!(
                (&seen["up"], &seen["down"], &seen["voted"]),
                (&json!(up), &json!(down), &json!(vote))
            );
        }
        assert_eq!(voter.send("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
        // The same again tells nobody; who voted is not told.
        let told = events(&hall, "REVIEW_VOTE").await;
        assert_eq!(told.len(), 3);
        assert_eq!(told[0]["body"]["user_id"], Value::Null);
        // Three people switch to and fro at once.
        let mut turns = Vec::new();
        for number in 0..30 {
            let (person, path) = (people[1 + number % 3].clone(), path.clone());
            turns.push(tokio::spawn(async move {
                match number % 5 {
                    4 => person.send("DELETE", &path, None).await.0,
                    odd if odd % 2 == 1 => person.send("PUT", &path, Some(json!({ "vote": "down" }))).await.0,
                    _ => person.send("PUT", &path, Some(json!({ "vote": "up" }))).await.0,
                }
            }));
        }
        for turn in turns {
            assert_eq!(turn.await.unwrap(), StatusCode::NO_CONTENT);
        }
        recounted(&hall).await;
        for (index, votes) in [(0, 0), (1, 2), (2, 3), (3, 1)] {
            let path = format!("/v2/reviews/{}/vote", reviews[index]);
            for (number, person) in people.iter().enumerate().filter(|(number, _)| *number != index) {
                let rank = if number < index { number } else { number - 1 };
                match rank < votes {
                    true => person.send("PUT", &path, Some(json!({ "vote": "up" }))).await,
                    false => person.send("DELETE", &path, None).await,
                };
            }
        }
        // The order is asked for, and holds over pages.
        let list = format!("/v2/listings/bots/{bot}/reviews");
        for (sort, wanted) in [("helpful", [2, 1, 3, 0]), ("newest", [3, 2, 1, 0])] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let page = voter.get(&format!("{list}?limit=1&sort={sort}{after}")).await;
                seen.push(page["reviews"][0]["id"].as_str().unwrap().to_owned());
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            assert_eq!(seen, wanted.map(|index| reviews[index].clone()), "{sort}");
        }
        recounted(&hall).await;
    }
}

#[tokio::test]
async fn nine_are_on_a_page() {
    for hall in started().await {
        let owner = hall.register("owner").await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        for person in crowd(&hall, 10).await {
            assert_eq!(review(&person, &bot, 10).await.0, StatusCode::CREATED);
        }
        let path = format!("/v2/listings/bots/{bot}/reviews");
        let page = owner.get(&path).await;
        assert_eq!(page["reviews"].as_array().unwrap().len(), 9);
        let rest = owner.get(&format!("{path}?after={}", page["next"].as_str().unwrap())).await;
        assert_eq!((rest["reviews"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
        for wrong in ["limit=0", "limit=51", "sort=best", "after=1"] {
            let answer = owner.send("GET", &format!("{path}?{wrong}"), None).await;
            assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{wrong}");
        }
    }
}

#[tokio::test]
async fn what_was_said_before_is_kept_for_those_whom_it_concerns() {
    for hall in started().await {
        let (owner, one, two) =
            (hall.register("owner").await, hall.register("one").await, hall.register("two").await);
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let written = review(&one, &bot, 2).await.1;
        let path = format!("/v2/reviews/{}", written["id"].as_str().unwrap());
        let body = json!({ "stars": 9, "text": "They mended it within the hour." });
        let (status, refused) = two.send("PATCH", &path, Some(body.clone())).await;
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("not_your_review")));
        assert_eq!(one.send("PATCH", &path, Some(json!({ "stars": 12 }))).await.0, StatusCode::BAD_REQUEST);
        let (status, changed) = one.send("PATCH", &path, Some(body)).await;
        assert_eq!((status, &changed["stars"]), (StatusCode::OK, &json!(9)));
        assert!(changed["edited_at"].is_string());
        assert_eq!(one.send("PATCH", &path, Some(json!({ "stars": 10 }))).await.0, StatusCode::OK);
        let edits = format!("{path}/edits");
        for person in [&one, &owner] {
            let kept = person.get(&edits).await;
            assert_eq!(kept.as_array().unwrap().len(), 2, "{kept}");
            assert_eq!((&kept[1]["text"], &kept[1]["stars"]), (&json!(TEXT), &json!(2)));
            assert_eq!(kept[0]["stars"], 9);
        }
        assert_eq!(two.send("GET", &edits, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(one.get(&format!("/v2/listings/bots/{bot}")).await["rating"], json!(10.0));
        assert_eq!(events(&hall, "REVIEW_UPDATE").await.len(), 2);
        recounted(&hall).await;
    }
}

#[tokio::test]
async fn moderators_take_reviews_away_and_say_why() {
    for hall in started().await {
        let (owner, one, above, reviewer) = (
            hall.register("owner").await,
            hall.register("one").await,
            hall.register("above").await,
            hall.register("reviewer").await,
        );
        give_ranks(&hall, &[(&above, "moderator"), (&reviewer, "bot-reviewer")]).await;
        let (bot, _) = listed_bot(&hall, &owner, "Tidy").await;
        set_state(&hall, &bot, 0).await;
        let written = review(&one, &bot, 0).await.1;
        let id = written["id"].as_str().unwrap();
        let path = format!("/v2/reviews/{id}");
        let why = format!("{path}?reason=It%20is%20an%20insult.");
        for person in [&owner, &reviewer] {
            assert_eq!(person.send("DELETE", &why, None).await.0, StatusCode::FORBIDDEN);
        }
        for short in [path.clone(), format!("{path}?reason=x")] {
            assert_eq!(above.send("DELETE", &short, None).await.0, StatusCode::BAD_REQUEST);
        }
        assert_eq!(above.send("DELETE", &why, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(above.send("DELETE", &why, None).await.0, StatusCode::NOT_FOUND);
        let rows = audit(&hall, &one).await;
        assert_eq!(rows, [json!(["review.delete", "It is an insult.", format!("bots/{bot} {id}"), ""])]);
        let told = events(&hall, "REVIEW_DELETE").await;
        assert_eq!(told[0]["body"]["context"]["reason"], "It is an insult.");
        assert!(told[0]["users"].as_array().unwrap().contains(&json!(id_of(&one).await)));
        recounted(&hall).await;
        // Hidden with the listing.
        let second = review(&one, &bot, 3).await.1;
        set_state(&hall, &bot, 4).await;
        let hidden = format!("/v2/reviews/{}", second["id"].as_str().unwrap());
        assert_eq!(one.send("GET", &hidden, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(owner.send("GET", &hidden, None).await.0, StatusCode::OK);
    }
}
