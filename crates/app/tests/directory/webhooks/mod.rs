//! Webhooks: a real server receives what happened, signed, in order, once where it can, again where it must.

mod receiver;

use std::time::Duration;

use axum::http::{Method, StatusCode};
use guildhall_base::Clock;
use guildhall_directory::ForgetDeliveries;
use guildhall_infra::jobs::{Filter, NewJob, State};
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use self::receiver::{Receiver, SILENCE};
use crate::support::{Client, Hall, halls};
use crate::world::{events, history, id_of, listed_bot, set_state, unlimited};

/// A secret of nobody.
const OTHER: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// Servers that may send to this machine, by a clock that stands still.
async fn open() -> Vec<(Hall, guildhall_base::Hand)> {
    let mut open = Vec::new();
    for mut hall in halls().await {
        hall.configure(|settings| {
            settings.outgoing.allow = vec!["127.0.0.0/8".parse().unwrap()];
            unlimited(settings);
        });
        let (clock, hand) = Clock::manual(Clock::system().now());
        hall.start_by(clock).await;
        open.push((hall, hand));
    }
    open
}

/// Somebody's listed bot: who, its path, its id.
async fn listed(hall: &Hall) -> (Client, String, String) {
    let owner = hall.register("owner").await;
    let (bot, _) = listed_bot(hall, &owner, "Tidy").await;
    set_state(hall, &bot, 0).await;
    (owner, format!("/v2/listings/bots/{bot}"), bot)
}

/// A webhook: its path and its secret.
async fn hooked(owner: &Client, path: &str, body: Value) -> (String, String) {
    let (status, hook) = owner.send("POST", &format!("{path}/webhooks"), Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{hook}");
    let place = format!("{path}/webhooks/{}", hook["id"].as_str().unwrap());
    (place, hook["secret"].as_str().unwrap().to_owned())
}

/// The log of a webhook, oldest first, once nothing in it waits.
async fn log(owner: &Client, place: &str) -> Vec<Value> {
    let settled = async {
        loop {
            let log = owner.get(&format!("{place}/deliveries")).await;
            let log = log.as_array().unwrap();
            if log.iter().all(|entry| entry["state"] != "waiting") {
                break log.iter().rev().cloned().collect();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), settled).await.unwrap()
}

/// Waits until the newest entry was tried so often, and nothing runs that the clock could overtake.
async fn tried(hall: &Hall, owner: &Client, place: &str, times: i64) -> Value {
    let running = Filter { state: Some(State::Running), ..Filter::default() };
    let tried = async {
        loop {
            let log = owner.get(&format!("{place}/deliveries?limit=1")).await;
            let still = hall.server().hall().jobs.list(&running, 1).await.unwrap();
            if log[0]["attempts"] == times && still.is_empty() {
                break log[0].clone();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), tried).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_arrives_signed_and_in_order() {
    for (hall, _) in open().await {
        let (owner, path, bot) = listed(&hall).await;
        let mut receiver = Receiver::start(&[]).await;
        let (place, secret) =
            hooked(&owner, &path, json!({ "style": "signed", "url": receiver.url, "events": ["edits"] }))
                .await;
        for method in ["PUT", "DELETE", "PUT", "DELETE"] {
            assert_eq!(owner.send(method, &format!("{path}/lock"), None).await.0, StatusCode::NO_CONTENT);
        }
        let mut messages = Vec::new();
        for event in ["lock", "unlock", "lock", "unlock"] {
            let request = receiver.next().await;
            assert_eq!(request.method, Method::POST);
            assert_eq!(request.header("content-type"), "application/json");
            assert!(request.is_signed_with(&secret) && !request.is_signed_with(OTHER));
            let body = request.json();
            assert_eq!(
                (&body["type"], &body["data"]["listing"]["id"]),
                (&json!(event), &json!(bot)),
                "{body}"
            );
            assert_eq!(body["data"]["user_id"], id_of(&owner).await.as_str());
            assert_eq!(body["data"]["id"], request.header("webhook-id"));
            messages.push(request.header("webhook-id").to_owned());
        }
        let log = log(&owner, &place).await;
        let logged: Vec<_> = log.iter().map(|entry| entry["message"].as_str().unwrap()).collect();
        assert_eq!(logged, messages);
        for entry in &log {
            assert_eq!((&entry["state"], &entry["status"]), (&json!("taken"), &json!(200)), "{entry}");
            let answer = entry["answer"].as_str().unwrap();
            assert!(answer.starts_with("answered 200 xxx") && answer.len() == 1024, "{answer}");
        }
        messages.sort_unstable();
        messages.dedup();
        assert_eq!(messages.len(), 4);
        assert_eq!(history(&hall, &bot).await[..2], ["add", "webhook"]);
        // The secret is in no answer, no event and no row as it is.
        assert!(owner.get(&place).await.get("secret").is_none());
        let told = json!([events(&hall, "LISTING_WEBHOOK_UPDATE").await, log]).to_string();
        assert!(!told.contains(&secret) && !told.contains(&receiver.url), "{told}");
        let sealed: Vec<u8> = hall
            .database
            .db
            .one(sql!("SELECT secret FROM listing_webhooks"), params![])
            .await
            .unwrap()
            .get(0)
            .unwrap();
        assert!(!sealed.windows(8).any(|part| secret.as_bytes().windows(8).any(|of| of == part)));
        // Another secret counts from then on.
        let rotated = owner.post(&format!("{place}/secret"), json!({})).await;
        let rotated = rotated["secret"].as_str().unwrap();
        assert_ne!(rotated, secret);
        owner.post(&format!("{place}/test"), json!({})).await;
        let test = receiver.next().await;
        assert!(test.is_signed_with(rotated) && !test.is_signed_with(&secret));
        assert_eq!((&test.json()["type"], &test.json()["data"]["test"]), (&json!("test"), &json!(true)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_later_and_no_more_than_ten_times() {
    for (hall, hand) in open().await {
        let (owner, path, _) = listed(&hall).await;
        let mut receiver = Receiver::start(&[500, 503]).await;
        let (place, secret) =
            hooked(&owner, &path, json!({ "style": "signed", "url": receiver.url, "events": ["edits"] }))
                .await;
        owner.send("PUT", &format!("{path}/lock"), None).await;
        let mut seen = Vec::new();
        for attempt in 1..=3 {
            let request = receiver.next().await;
            assert!(request.is_signed_with(&secret), "attempt {attempt}");
            seen.push((request.header("webhook-id").to_owned(), request.body.clone()));
            let entry = tried(&hall, &owner, &place, attempt).await;
            let wanted = ["waiting", "waiting", "taken"][seen.len() - 1];
            assert_eq!(entry["state"], wanted, "{entry}");
            assert!(receiver.is_quiet(), "it is tried again at once");
            hand.advance(Duration::from_secs(3600));
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "the same message each time: {seen:?}");
        // Others do not wait for what is tried again; and it ends.
        (0..10).for_each(|_| receiver.answer(502));
        owner.send("DELETE", &format!("{path}/lock"), None).await;
        for attempt in 1..=10 {
            receiver.next().await;
            tried(&hall, &owner, &place, attempt).await;
            hand.advance(Duration::from_secs(3 * 3600));
        }
        let last = log(&owner, &place).await.pop().unwrap();
        let entry = (&last["state"], &last["status"], &last["attempts"]);
        assert_eq!(entry, (&json!("given_up"), &json!(502), &json!(10)));
        assert!(receiver.is_quiet());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_not_tried_again_and_who_is_gone_is_left_alone() {
    for (hall, _) in open().await {
        let (owner, path, bot) = listed(&hall).await;
        let mut receiver = Receiver::start(&[400, 302, 410]).await;
        let settings = json!({ "style": "signed", "url": receiver.url, "events": ["edits"] });
        let (place, _) = hooked(&owner, &path, settings.clone()).await;
        for (method, status) in [("PUT", 400), ("DELETE", 302), ("PUT", 410)] {
            owner.send(method, &format!("{path}/lock"), None).await;
            let request = receiver.next().await;
            assert_eq!(request.method, Method::POST);
            let last = log(&owner, &place).await.pop().unwrap();
            assert_eq!((&last["state"], &last["status"]), (&json!("given_up"), &json!(status)), "{last}");
            assert_eq!(last["attempts"], 1);
        }
        let hook = owner.get(&place).await;
        assert!(hook["stopped"].as_str().unwrap().contains("410"), "{hook}");
        let told = events(&hall, "LISTING_WEBHOOK_UPDATE").await.pop().unwrap();
        assert_eq!(told["body"]["context"]["change"], "stopped");
        assert_eq!(history(&hall, &bot).await.pop().unwrap(), "webhook");
        // Nothing is sent any more, neither by itself nor by hand.
        owner.send("DELETE", &format!("{path}/lock"), None).await;
        let (status, refused) = owner.send("POST", &format!("{place}/test"), None).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("webhook_stopped")));
        assert_eq!(log(&owner, &place).await.len(), 3);
        assert!(receiver.is_quiet());
        // Until its settings are saved again.
        assert_eq!(owner.send("PUT", &place, Some(settings)).await.0, StatusCode::OK);
        assert_eq!(owner.send("POST", &format!("{place}/test"), None).await.0, StatusCode::ACCEPTED);
        assert_eq!(receiver.next().await.json()["type"], "test");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_this_network_are_refused_when_saved_and_when_sent() {
    for mut hall in halls().await {
        hall.configure(unlimited);
        hall.start().await;
        let (owner, path, _) = listed(&hall).await;
        for url in [
            "http://127.0.0.1:1/",
            "https://127.0.0.1/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "http://example.org/",
            "https://me:secret@example.org/",
            "ftp://example.org/",
            "nothing",
        ] {
            let body = json!({ "style": "signed", "url": url });
            let (status, refused) = owner.send("POST", &format!("{path}/webhooks"), Some(body)).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{url}: {refused}");
        }
        assert_eq!(owner.get(&format!("{path}/webhooks")).await, json!([]));
        // A name tells nothing until it is looked up.
        let (place, _) =
            hooked(&owner, &path, json!({ "style": "signed", "url": "https://localhost:1/" })).await;
        assert_eq!(owner.send("POST", &format!("{place}/test"), None).await.0, StatusCode::ACCEPTED);
        let last = log(&owner, &place).await.pop().unwrap();
        assert_eq!((&last["state"], &last["status"]), (&json!("given_up"), &json!(null)), "{last}");
        assert!(last["problem"].as_str().unwrap().contains("not on the public internet"), "{last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_outlives_the_process() {
    for (mut hall, _) in open().await {
        let (owner, path, _) = listed(&hall).await;
        let mut receiver = Receiver::start(&[SILENCE]).await;
        let (place, secret) =
            hooked(&owner, &path, json!({ "style": "signed", "url": receiver.url, "events": ["edits"] }))
                .await;
        owner.send("PUT", &format!("{path}/lock"), None).await;
        let first = receiver.next().await;
        hall.stop().await;
        hall.start().await;
        let again = receiver.next().await;
        assert!(again.is_signed_with(&secret));
        assert_eq!(first.header("webhook-id"), again.header("webhook-id"));
        assert_eq!(first.body, again.body);
        let owner = hall.client(owner.authorization);
        let log = log(&owner, &place).await;
        assert_eq!((log.len(), &log[0]["state"]), (1, &json!("taken")), "{log:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn top_gg_s_shape_and_embeds_arrive_and_are_sent_again_by_hand() {
    for (hall, hand) in open().await {
        let (owner, path, bot) = listed(&hall).await;
        let me = id_of(&owner).await;
        let mut receiver = Receiver::start(&[]).await;
        let (place, secret) = hooked(&owner, &path, json!({ "style": "topgg", "url": receiver.url })).await;
        assert_eq!(owner.get(&place).await["events"], json!(["votes"]));
        let test = owner.post(&format!("{place}/test"), json!({})).await;
        assert_eq!(test["state"], "waiting");
        let first = receiver.next().await;
        assert_eq!(first.header("authorization"), secret);
        assert!(first.is_signed_as_topgg(&secret) && !first.is_signed_as_topgg("other"));
        let wanted = json!({ "bot": bot, "user": me, "type": "test", "query": "", "isWeekend": false });
        assert_eq!(first.json(), wanted);
        let sent = log(&owner, &place).await.pop().unwrap();
        let body: Value = serde_json::from_str(sent["body"].as_str().unwrap()).unwrap();
        assert_eq!(body, wanted);
        // Again, under the same id, as an entry of its own.
        hand.advance(Duration::from_secs(10));
        let at = format!("{place}/deliveries/{}", sent["id"].as_str().unwrap());
        assert_eq!(owner.get(&at).await, sent);
        let replay = owner.post(&format!("{at}/replay"), json!({})).await;
        assert_ne!(replay["id"], sent["id"]);
        let again = receiver.next().await;
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(again.body, first.body);
        assert_ne!(again.header("webhook-timestamp"), first.header("webhook-timestamp"));
        assert_eq!(log(&owner, &place).await.len(), 2);
        // An embed calls nobody.
        let url = receiver.url.clone();
        let (embed, _) =
            hooked(&owner, &path, json!({ "style": "embed", "url": url, "events": ["votes", "edits"] }))
                .await;
        owner.post(&format!("{embed}/test"), json!({})).await;
        let body = receiver.next().await.json();
        assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
        assert_eq!(body["embeds"][0]["title"], "Tidy: test");
        // Each sees their own only.
        let elsewhere = format!("{embed}/deliveries/{}", sent["id"].as_str().unwrap());
        assert_eq!(owner.send("GET", &elsewhere, None).await.0, StatusCode::NOT_FOUND);
        // By hand ten times a minute at most.
        let mut statuses = Vec::new();
        for _ in 0..9 {
            statuses.push(owner.send("POST", &format!("{place}/test"), None).await.0.as_u16());
        }
        assert_eq!(statuses, [202, 202, 202, 202, 202, 202, 202, 202, 429]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_for_those_who_may_have_them() {
    for (hall, hand) in open().await {
        let (owner, path, _) = listed(&hall).await;
        let (helper, other) = (hall.register("helper").await, hall.register("other").await);
        let place = format!("{path}/webhooks");
        let body = json!({ "style": "signed", "url": "https://example.org/x" });
        let helper_id = id_of(&helper).await;
        let edit = json!({ "rights": ["edit"] });
        owner.send("PUT", &format!("{path}/owners/{helper_id}"), Some(edit)).await;
        for (client, status) in [(&hall.client(""), 401), (&other, 403), (&helper, 403)] {
            assert_eq!(client.send("GET", &place, None).await.0.as_u16(), status);
            assert_eq!(client.send("POST", &place, Some(body.clone())).await.0.as_u16(), status);
        }
        let hooks = json!({ "rights": ["webhooks"] });
        owner.send("PUT", &format!("{path}/owners/{helper_id}"), Some(hooks)).await;
        let (hook, _) = hooked(&helper, &path, body.clone()).await;
        assert_eq!(other.send("GET", &hook, None).await.0, StatusCode::FORBIDDEN);
        // What is wrong is refused, what is changed is kept.
        for wrong in [
            json!({ "style": "topgg", "url": "https://example.org/x", "events": ["votes", "staff"] }),
            json!({ "style": "signed", "url": "https://example.org/x", "events": [] }),
            json!({ "style": "signed", "url": "https://example.org/x", "events": ["everything"] }),
            json!({ "style": "letter", "url": "https://example.org/x" }),
            json!({ "style": "signed" }),
        ] {
            let (status, refused) = owner.send("POST", &place, Some(wrong.clone())).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}: {refused}");
        }
        let change = json!({ "url": "https://example.org/y", "events": ["staff", "reviews"] });
        let (status, changed) = owner.send("PUT", &hook, Some(change)).await;
        assert_eq!((status, &changed["events"]), (StatusCode::OK, &json!(["reviews", "staff"])));
        assert_eq!(owner.get(&hook).await["url"], "https://example.org/y");
        // Five, and no more.
        for _ in 0..4 {
            hooked(&owner, &path, body.clone()).await;
        }
        let (status, full) = owner.send("POST", &place, Some(body)).await;
        assert_eq!((status, &full["code"]), (StatusCode::CONFLICT, &json!("too_many_webhooks")));
        assert_eq!(owner.get(&place).await.as_array().unwrap().len(), 5);
        // Another listing's address does not lead there.
        let (second, _) = listed_bot(&hall, &owner, "Second").await;
        let id = hook.rsplit('/').next().unwrap();
        let astray = format!("/v2/listings/bots/{second}/webhooks/{id}");
        assert_eq!(owner.send("GET", &astray, None).await.0, StatusCode::NOT_FOUND);
        assert_eq!(owner.send("DELETE", &astray, None).await.0, StatusCode::NOT_FOUND);
        // What was sent is forgotten after two weeks.
        let mut receiver = Receiver::start(&[]).await;
        let settings = json!({ "url": receiver.url, "events": ["votes"] });
        assert_eq!(owner.send("PUT", &hook, Some(settings)).await.0, StatusCode::OK);
        owner.post(&format!("{hook}/test"), json!({})).await;
        receiver.next().await;
        assert_eq!(log(&owner, &hook).await.len(), 1);
        for (days, left) in [(13, 1), (2, 0)] {
            hand.advance(Duration::from_secs(days * 24 * 3600));
            let jobs = &hall.server().hall().jobs;
            let record = jobs.run_here(NewJob::of::<ForgetDeliveries>(&()), |_| ()).await.unwrap();
            assert_eq!(record.state, State::Done);
            let sql = sql!("SELECT COUNT(*) FROM webhook_deliveries");
            let count: i64 = hall.database.db.one(sql, params![]).await.unwrap().get(0).unwrap();
            assert_eq!(count, left);
        }
        assert_eq!(owner.send("DELETE", &hook, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(owner.send("GET", &hook, None).await.0, StatusCode::NOT_FOUND);
    }
}
