//! Interactions that are posted to an address of the application's own: a real receiver that looks at signatures.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ed25519_dalek::{Signature, VerifyingKey};
use guildhall_oauth::EditApplication;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::{Hall, Somebody, halls, text};
use crate::{Received, Scene, anonymous, answer, body_of, plain, scene};

/// What the receiver does with an interaction.
type Act = Arc<dyn Fn(&Value) -> Response + Send + Sync>;

/// An application's server.
struct Receiver {
    url: String,
    received: UnboundedReceiver<Value>,
}

fn hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// As Discord's documentation shows it.
fn verified(key: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let text =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let signed = [text("x-signature-timestamp").as_bytes(), body].concat();
    let key = VerifyingKey::from_bytes(&hex(key).unwrap().try_into().unwrap()).unwrap();
    let signature = hex(&text("x-signature-ed25519")).and_then(|bytes| Signature::from_slice(&bytes).ok());
    signature.is_some_and(|signature| key.verify_strict(&signed, &signature).is_ok())
}

impl Receiver {
    /// With the key that the owner reads; `None` never looks at signatures.
    async fn start(key: Option<String>, act: Act) -> Self {
        let (sent, received) = unbounded_channel();
        let handle = move |headers: HeaderMap, body: Bytes| {
            let (key, act, sent): (_, _, UnboundedSender<Value>) = (key.clone(), act.clone(), sent.clone());
            async move {
                if key.is_some_and(|key| !verified(&key, &headers, &body)) {
                    return StatusCode::UNAUTHORIZED.into_response();
                }
                let interaction: Value = serde_json::from_slice(&body).unwrap();
                if interaction["type"] == 1 {
                    return axum::Json(json!({ "type": 1 })).into_response();
                }
                let response = act(&interaction);
                sent.send(interaction).unwrap();
                response
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/interactions", listener.local_addr().unwrap());
        let routes = Router::new().route("/interactions", post(handle));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, received }
    }
}

async fn set(hall: &Hall, bot: &Somebody, url: &str) -> crate::support::Answer {
    let actor = hall.accounts.authenticate(&bot.token).await.unwrap();
    let edit = EditApplication { interactions_endpoint_url: Some(url.into()), ..EditApplication::default() };
    let edited = hall.applications.edit(&actor, bot.id.parse().unwrap(), edit).await;
    match edited {
        Ok(application) => crate::support::Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: json!({ "url": application.interactions_endpoint_url }),
        },
        Err(error) => crate::support::Answer {
            status: StatusCode::BAD_REQUEST,
            headers: HeaderMap::new(),
            body: json!({ "message": error.fields[0].message, "code": error.fields[0].code }),
        },
    }
}

async fn key(hall: &Hall, scene: &Scene) -> String {
    hall.applications.of_bot(scene.bot.user.id).await.unwrap().verify_key.clone()
}

/// Bob invokes a command; gives how it ended for him and the names of all events until then.
async fn invoke(hall: &Hall, scene: &Scene) -> (Value, Vec<String>) {
    let command = scene.register(hall, plain("ping")).await;
    let mut tail = hall.log.tail(hall.head().await);
    hall.post(&scene.bob, "/interactions", scene.invocation(&command, json!([]))).await.ok();
    let mut names = Vec::new();
    loop {
        for event in tail.next(100).await.unwrap().unwrap() {
            names.push(event.name.to_string());
            if event.name.starts_with("INTERACTION_") {
                return (body_of(&event), names);
            }
        }
    }
}

#[tokio::test]
async fn an_address_is_tested_before_it_is_saved() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let nothing: Act = Arc::new(|_| StatusCode::NO_CONTENT.into_response());
        let key = key(&hall, &scene).await;
        let good = Receiver::start(Some(key.clone()), nothing.clone()).await;
        let careless = Receiver::start(None, nothing.clone()).await;
        let other = Receiver::start(
            Some("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a".into()),
            nothing,
        )
        .await;
        for (url, words) in [
            (careless.url.as_str(), "does not refuse a wrong signature"),
            (other.url.as_str(), "does not answer a test"),
            ("http://127.0.0.1:9/", "did not answer"),
            ("http://example.org/", "https"),
            ("https://10.0.0.1/", "public internet"),
            ("nonsense", "https"),
        ] {
            let refused = set(&hall, &scene.bot, url).await;
            assert_eq!(refused.body["code"], "APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID", "{url}");
            assert!(text(&refused.body["message"]).contains(words), "{url}: {}", refused.body);
            let application = hall.applications.of_bot(scene.bot.user.id).await.unwrap();
            assert_eq!(application.interactions_endpoint_url, None);
        }
        assert_eq!(set(&hall, &scene.bot, &good.url).await.ok()["url"], json!(good.url));
        // The key is still the one that the receiver was given.
        assert_eq!(self::key(&hall, &scene).await, key);
        assert_eq!(set(&hall, &scene.bot, "").await.ok()["url"], Value::Null);
    }
}

#[tokio::test]
async fn an_interaction_is_posted_and_answered_in_the_response_and_followed_up() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let act: Act = Arc::new(|interaction| {
            assert_eq!(interaction["data"]["name"], "ping");
            axum::Json(json!({ "type": 4, "data": { "content": "pong" } })).into_response()
        });
        let mut receiver = Receiver::start(Some(key(&hall, &scene).await), act).await;
        set(&hall, &scene.bot, &receiver.url).await.ok();
        let (end, names) = invoke(&hall, &scene).await;
        assert_eq!(end["nonce"], "n-1");
        // Nothing of it goes over the gateway to the bot.
        assert_eq!(names, ["MESSAGE_CREATE", "INTERACTION_SUCCESS"]);
        assert_eq!(scene.history(&hall).await[0]["content"], "pong");
        let received = Received(receiver.received.recv().await.unwrap());
        crate::strictly::<twilight_model::application::interaction::Interaction>(&received.0);
        answer(&hall, &received.webhook(), json!({ "content": "and more" })).await.ok();
        anonymous(&hall, axum::http::Method::PATCH, &received.original(), json!({ "content": "pong!" }))
            .await
            .ok();
        let history = scene.history(&hall).await;
        assert_eq!((&history[0]["content"], &history[1]["content"]), (&json!("and more"), &json!("pong!")));
    }
}

#[tokio::test]
async fn a_file_comes_with_the_response_and_an_answer_of_its_own_is_taken_too() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let act: Act = Arc::new(|_| {
            let body = "--x\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n\
                {\"type\":4,\"data\":{\"content\":\"see\"}}\r\n--x\r\nContent-Disposition: form-data; \
                name=\"files[0]\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x--\r\n";
            ([(header::CONTENT_TYPE, "multipart/form-data; boundary=x")], body).into_response()
        });
        let receiver = Receiver::start(Some(key(&hall, &scene).await), act).await;
        set(&hall, &scene.bot, &receiver.url).await.ok();
        invoke(&hall, &scene).await;
        assert_eq!(scene.history(&hall).await[0]["attachments"][0]["filename"], "a.txt");

        // 202: it answers by the callback address.
        let later: Act = Arc::new(|_| StatusCode::ACCEPTED.into_response());
        let mut receiver = Receiver::start(Some(key(&hall, &scene).await), later).await;
        set(&hall, &scene.bot, &receiver.url).await.ok();
        let command = scene.register(&hall, plain("later")).await;
        hall.post(&scene.bob, "/interactions", scene.invocation(&command, json!([]))).await.ok();
        let received = Received(receiver.received.recv().await.unwrap());
        answer(&hall, &received.callback(), json!({ "type": 4, "data": { "content": "late" } })).await.ok();
        assert_eq!(scene.history(&hall).await[0]["content"], "late");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_fails_the_interaction_and_stands_in_the_log() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let key = key(&hall, &scene).await;
        let wrong: [(Act, &str); 4] = [
            (Arc::new(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()), "It answered with status 500."),
            (Arc::new(|_| "no json".into_response()), "JSON"),
            (Arc::new(|_| axum::Json(json!({ "type": 99 })).into_response()), "type"),
            (
                Arc::new(|_| {
                    axum::Json(json!({ "type": 4, "data": { "content": "x".repeat(2001) } })).into_response()
                }),
                "data.content",
            ),
        ];
        for (act, words) in wrong {
            let receiver = Receiver::start(Some(key.clone()), act).await;
            set(&hall, &scene.bot, &receiver.url).await.ok();
            let (end, names) = invoke(&hall, &scene).await;
            assert_eq!((names, &end["reason_code"]), (vec!["INTERACTION_FAILURE".to_owned()], &json!(2)));
            let query = guildhall_infra::sql!(
                "SELECT problem FROM deliveries WHERE kind = 'interaction' ORDER BY id DESC LIMIT 1"
            );
            let row = hall.db.db.one(query, guildhall_infra::params![]).await.unwrap();
            let problem: String = row.get(0).unwrap();
            assert!(problem.contains(words), "{words}: {problem}");
        }
        assert!(scene.history(&hall).await.is_empty());
    }
}
