use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use guildhall_infra::fetch::{Config, Fetch, PRIVATE_ADDRESS};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;

type Count = Arc<AtomicU32>;

/// A server of the protocol on this machine.
async fn target(routes: Router) -> Remote {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Remote::over_http(allowed(), address, "secret").unwrap()
}

fn allowed() -> Fetch {
    Fetch::new(Config { allow: vec!["127.0.0.0/8".parse().unwrap()], ..Config::default() }).unwrap()
}

#[tokio::test]
async fn loopback_is_asked_only_if_the_operator_says_so() {
    let strict = Fetch::new(Config::default()).unwrap();
    let address = Address::new("http://127.0.0.1:9").unwrap();
    let error = Remote::over_http(strict, address, "secret").err().unwrap();
    assert!(error.is(PRIVATE_ADDRESS));
}

#[tokio::test]
async fn a_request_says_who_and_why_and_what() {
    let routes = Router::new().route(
        "/api/v10/guilds/{guild}/roles",
        post(|Path(guild): Path<String>, headers: HeaderMap, Json(body): Json<Value>| async move {
            let text = |name: &str| headers[name].to_str().unwrap().to_owned();
            let who = text("authorization");
            Json(json!({ "guild": guild, "who": who, "why": text("x-audit-log-reason"), "body": body }))
        }),
    );
    let remote = target(routes).await;
    let made = remote.post("/guilds/7/roles", &json!({ "name": "a" }), Some("a b")).await.unwrap();
    let wanted = json!({ "guild": "7", "who": "Bot secret", "why": "a%20b", "body": { "name": "a" } });
    assert_eq!(made, wanted);
}

#[tokio::test]
async fn files_go_as_multipart() {
    let routes = Router::new().route(
        "/api/v10/channels/1/messages",
        post(|mut form: axum::extract::Multipart| async move {
            let mut seen = Vec::new();
            while let Some(field) = form.next_field().await.unwrap() {
                let name = field.name().unwrap().to_owned();
                let file = field.file_name().map(str::to_owned);
                seen.push(json!([name, file, field.text().await.unwrap()]));
            }
            Json(seen)
        }),
    );
    let remote = target(routes).await;
    let file = Attached { name: "a\"b.txt".into(), content_type: "text/plain".into(), data: "hello".into() };
    let seen = remote.post_files("/channels/1/messages", &json!({}), vec![file], None).await.unwrap();
    assert_eq!(seen, json!([["payload_json", null, "{}"], ["files[0]", "a%22b.txt", "hello"]]));
}

#[tokio::test]
async fn a_target_that_asks_to_wait_is_waited_for_and_its_failures_are_tried_again() {
    async fn answer(State(count): State<Count>) -> Response {
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => (StatusCode::TOO_MANY_REQUESTS, Json(json!({ "retry_after": 0.01 }))).into_response(),
            1 => StatusCode::BAD_GATEWAY.into_response(),
            n => Json(n).into_response(),
        }
    }
    let routes = Router::new().route("/api/v10/x", get(answer)).with_state(Count::default());
    assert_eq!(target(routes).await.get::<u32>("/x").await.unwrap(), 2);
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again_blindly() {
    async fn answer(State(count): State<Count>) -> StatusCode {
        count.fetch_add(1, Ordering::SeqCst);
        StatusCode::INTERNAL_SERVER_ERROR
    }
    let count = Count::default();
    let remote = target(Router::new().route("/api/v10/x", post(answer)).with_state(count.clone())).await;
    let fault = remote.post("/x", &json!({}), None).await.unwrap_err();
    assert!(matches!(fault, Fault::Unsure(_)), "{fault:?}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_exhausted_bucket_is_left_alone_until_it_resets() {
    async fn answer(State(count): State<Count>) -> Response {
        let seen = count.fetch_add(1, Ordering::SeqCst);
        let headers = [
            ("x-ratelimit-limit", "1"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset-after", "0.2"),
            ("x-ratelimit-bucket", "b"),
        ];
        (headers, Json(seen)).into_response()
    }
    let routes = Router::new().route("/api/v10/channels/{c}/messages/{m}", get(answer));
    let remote = target(routes.with_state(Count::default())).await;
    let begin = std::time::Instant::now();
    remote.get::<u32>("/channels/1/messages/1").await.unwrap();
    // Another channel is another bucket.
    remote.get::<u32>("/channels/2/messages/1").await.unwrap();
    assert!(begin.elapsed() < Duration::from_millis(200));
    remote.get::<u32>("/channels/1/messages/2").await.unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(195), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_token_that_has_ended_is_not_used_again() {
    async fn answer(State(count): State<Count>) -> Response {
        count.fetch_add(1, Ordering::SeqCst);
        (StatusCode::UNAUTHORIZED, Json(json!({ "message": "401: Unauthorized", "code": 0 }))).into_response()
    }
    let count = Count::default();
    let remote = target(Router::new().route("/api/v10/x", get(answer)).with_state(count.clone())).await;
    for _ in 0..3 {
        let error = Error::from(remote.get::<Value>("/x").await.unwrap_err());
        assert!(error.is(fault::NOT_LET_IN), "{error}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_that_refuses_all_is_left_alone() {
    let pace = Pace::default();
    let refusal = Refusal { status: 403, code: 50013, message: String::new() };
    for _ in 0..1000 {
        pace.admit().unwrap();
        pace.note(&Fault::Refused(refusal.clone()));
    }
    assert!(pace.admit().unwrap_err().is(fault::TOO_MANY_REFUSALS));
}

#[tokio::test]
async fn a_download_is_bounded_and_carries_no_token() {
    let routes = Router::new().route(
        "/icons/1/a.png",
        get(|headers: HeaderMap| async move {
            assert!(!headers.contains_key("authorization"));
            "x".repeat(100)
        }),
    );
    let remote = target(routes).await;
    let url = remote.asset("icons/1/a.png");
    assert_eq!(remote.download(&url, 100).await.unwrap().len(), 100);
    assert!(remote.download(&url, 99).await.is_err());
}

#[tokio::test]
async fn refusals_are_told_apart_and_what_is_gone_is_removed() {
    let gone =
        || async { (StatusCode::NOT_FOUND, Json(json!({ "message": "Unknown Role", "code": 10011 }))) };
    let remote = target(Router::new().route("/api/v10/x", get(gone).delete(gone))).await;
    remote.delete("/x", None).await.unwrap();
    let fault = remote.get::<Value>("/x").await.unwrap_err();
    let refusal = Refusal { status: 404, code: 10011, message: "Unknown Role".into() };
    assert_eq!(fault.refusal(), Some(&refusal));
    assert!(fault.is_gone());
}
