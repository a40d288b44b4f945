//! The limits as a client sees them.

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use guildhall_base::Hand;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

struct Server {
    router: Router,
    hand: Hand,
}

fn server(change: impl FnOnce(&mut LimitsConfig)) -> Server {
    let (clock, hand) = Clock::manual(Timestamp::from_millis(1_700_000_000_250));
    let mut config = LimitsConfig {
        requests_per_bucket: 2,
        bucket_seconds: 5,
        requests_per_second: 100,
        invalid_per_ten_minutes: 100,
        webhook_messages: 0,
        upload_bytes: 1,
        connections_per_address: 1,
        trusted_proxies: Vec::new(),
    };
    change(&mut config);
    let limits = Limits::new(&config, clock, "session");
    let api = Router::new()
        .route("/channels/{channel}/messages", get(|| async {}).post(|| async {}))
        .route("/webhooks/{webhook}/{token}", post(|| async {}))
        .route("/interactions/{id}/{token}/callback", post(|| async {}))
        .route("/refused", get(|| async { StatusCode::FORBIDDEN }))
        .layer(from_fn_with_state(limits, enforce));
    let router = Router::new().nest("/api/v10", api.clone()).nest("/api/v9", api);
    Server { router, hand }
}

impl Server {
    async fn send(&self, method: &str, path: &str, who: &str) -> Response {
        let request = Request::builder().method(method).uri(path).header(AUTHORIZATION, who);
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_answer_says_what_is_left() {
    let server = server(|_| ());
    let first = server.send("GET", "/api/v10/channels/1/messages", "Bot a").await;
    assert_eq!(header(&first, "x-ratelimit-limit"), "2");
    assert_eq!(header(&first, "x-ratelimit-remaining"), "1");
    assert_eq!(header(&first, "x-ratelimit-reset"), "1700000005.250");
    assert_eq!(header(&first, "x-ratelimit-reset-after"), "5.000");
    server.hand.advance(Duration::from_millis(1500));
    let second = server.send("GET", "/api/v9/channels/1/messages", "Bot a").await;
    assert_eq!(header(&second, "x-ratelimit-remaining"), "0");
    assert_eq!(header(&second, "x-ratelimit-reset-after"), "3.500");
    assert_eq!(header(&second, "x-ratelimit-bucket"), header(&first, "x-ratelimit-bucket"));
}

#[tokio::test]
async fn a_refusal_has_everything_that_libraries_look_for() {
    let server = server(|_| ());
    for _ in 0..2 {
        server.send("GET", "/api/v10/channels/1/messages", "Bot a").await;
    }
    server.hand.advance(Duration::from_millis(1500));
    let refused = server.send("GET", "/api/v10/channels/1/messages", "Bot a").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&refused, "via"), "1.1 guildhall");
    assert_eq!(header(&refused, "retry-after"), "4");
    assert_eq!(header(&refused, "x-ratelimit-scope"), "user");
    assert_eq!(header(&refused, "x-ratelimit-remaining"), "0");
    assert_eq!(header(&refused, "x-ratelimit-global"), "");
    assert_eq!(header(&refused, "content-type"), "application/json");
    let body = refused.into_body().collect().await.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"message": "You are being rate limited.", "retry_after": 3.5, "global": false})
    );
    for (method, path, who) in [
        ("POST", "/api/v10/channels/1/messages", "Bot a"),
        ("GET", "/api/v10/channels/2/messages", "Bot a"),
        ("GET", "/api/v10/channels/1/messages", "Bot b"),
    ] {
        assert_eq!(server.send(method, path, who).await.status(), StatusCode::OK, "{method} {path} {who}");
    }
    server.hand.advance(Duration::from_millis(3500));
    let again = server.send("GET", "/api/v10/channels/1/messages", "Bot a").await;
    assert_eq!(again.status(), StatusCode::OK, "who waits as told is served");
}

#[tokio::test]
async fn the_global_limit_counts_over_all_buckets() {
    let server = server(|config| config.requests_per_second = 3);
    for channel in 0..3 {
        let path = format!("/api/v10/channels/{channel}/messages");
        assert_eq!(server.send("GET", &path, "Bot a").await.status(), StatusCode::OK);
    }
    let refused = server.send("GET", "/api/v10/channels/9/messages", "Bot a").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&refused, "x-ratelimit-global"), "true");
    assert_eq!(header(&refused, "x-ratelimit-scope"), "global");
    assert_eq!(header(&refused, "x-ratelimit-bucket"), "", "it was not counted in the bucket");
    let callback = server.send("POST", "/api/v10/interactions/1/t/callback", "Bot a").await;
    assert_eq!(callback.status(), StatusCode::OK, "interaction callbacks are exempt");
    server.hand.advance(Duration::from_secs(1));
    assert_eq!(server.send("GET", "/api/v10/channels/9/messages", "Bot a").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn interactions_and_webhooks_carry_no_headers_until_refused() {
    let server = server(|_| ());
    let callback = server.send("POST", "/api/v10/interactions/1/t/callback", "Bot a").await;
    let hook = server.send("POST", "/api/v10/webhooks/1/t", "Bot a").await;
    for response in [&callback, &hook] {
        assert!(response.headers().keys().all(|name| !name.as_str().starts_with("x-ratelimit")));
    }
    server.send("POST", "/api/v10/webhooks/1/t", "Bot a").await;
    let refused = server.send("POST", "/api/v10/webhooks/1/t", "Bot a").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&refused, "x-ratelimit-remaining"), "0");
    assert_eq!(server.send("POST", "/api/v10/webhooks/1/u", "Bot a").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_only_gets_refusals_is_shut_out_for_a_while() {
    let server = server(|config| {
        config.requests_per_bucket = 0;
        config.invalid_per_ten_minutes = 3;
    });
    for who in ["Bot a", "Bot b", "Bot c"] {
        assert_eq!(server.send("GET", "/api/v10/refused", who).await.status(), StatusCode::FORBIDDEN);
    }
    let shut_out = server.send("GET", "/api/v10/channels/1/messages", "Bot d").await;
    assert_eq!(shut_out.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&shut_out, "retry-after"), "600");
    server.hand.advance(Duration::from_secs(600));
    assert_eq!(server.send("GET", "/api/v10/channels/1/messages", "Bot d").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_browser_is_known_by_its_session_cookie() {
    let server = server(|_| ());
    let send = async |cookie: &str| {
        let request = Request::builder().uri("/api/v10/channels/1/messages").header(COOKIE, cookie);
        server.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    assert_eq!(header(&send("lang=en; session=a").await, "x-ratelimit-remaining"), "1");
    assert_eq!(header(&send("session=a; lang=fi").await, "x-ratelimit-remaining"), "0");
    assert_eq!(header(&send("session=b").await, "x-ratelimit-remaining"), "1");
}
