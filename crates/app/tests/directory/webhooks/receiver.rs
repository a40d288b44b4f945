//! A real server that webhooks are sent to, and what it makes of their signatures.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// One request as it came.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Request {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    /// Whether it is signed as Standard Webhooks says, with this secret.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert!(key.len() >= 32, "{} bytes of a secret", key.len());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(self.header("webhook-id").as_bytes());
        mac.update(b".");
        mac.update(self.header("webhook-timestamp").as_bytes());
        mac.update(b".");
        mac.update(&self.body);
        let signature = self.header("webhook-signature").strip_prefix("v1,").unwrap();
        mac.verify_slice(&STANDARD.decode(signature).unwrap()).is_ok()
    }

    /// Whether it is signed as top.gg says, with this secret.
    pub(super) fn is_signed_as_topgg(&self, secret: &str) -> bool {
        let (time, signature) = self.header("x-topgg-signature").split_once(',').unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(time.strip_prefix("t=").unwrap().as_bytes());
        mac.update(b".");
        mac.update(&self.body);
        let wanted: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        signature == format!("v1={wanted}")
    }
}

struct Desk {
    told: UnboundedSender<Request>,
    answers: Mutex<VecDeque<u16>>,
}

/// A server that tells what it receives and answers as it is told.
pub(super) struct Receiver {
    pub(super) url: String,
    desk: Arc<Desk>,
    requests: UnboundedReceiver<Request>,
}

/// Does not answer at all.
pub(super) const SILENCE: u16 = 0;

impl Receiver {
    /// Answers so, one after the other, and 200 from then on.
    pub(super) async fn start(answers: &[u16]) -> Self {
        let (told, requests) = unbounded_channel();
        let desk = Arc::new(Desk { told, answers: Mutex::new(answers.iter().copied().collect()) });
        let routes = Router::new().fallback(receive).with_state(desk.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/votes", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, desk, requests }
    }

    /// The next request.
    pub(super) async fn next(&mut self) -> Request {
        let next = tokio::time::timeout(Duration::from_secs(30), self.requests.recv());
        next.await.unwrap().unwrap()
    }

    /// Whether nothing more came so far.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }

    /// Answers so next.
    pub(super) fn answer(&self, status: u16) {
        self.desk.answers.lock().unwrap().push_back(status);
    }
}

async fn receive(
    State(desk): State<Arc<Desk>>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let answer = desk.answers.lock().unwrap().pop_front().unwrap_or(200);
    desk.told.send(Request { method, headers, body }).unwrap();
    if answer == SILENCE {
        std::future::pending::<()>().await;
    }
    (StatusCode::from_u16(answer).unwrap(), format!("answered {answer} {}", "x".repeat(3000)))
}
