//! The real program, killed again and again while people come in: whoever was told that they are in is in afterwards,
//! nobody is half in, and everybody may try again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use guildhall_infra::testing::databases;
use guildhall_infra::{params, sql};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use support::process::{Process, free_address};
use tokio::net::TcpStream;

const KILLS: u32 = 4;
const PASSWORD: &str = "correct horse battery staple";

/// One request; none if the server went away meanwhile.
async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: Value,
) -> Option<(u16, Value)> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(format!("/api/v10{path}")).header("host", "hall");
    if !token.is_empty() {
        request = request.header("authorization", token);
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = request.header("content-type", "application/json").body(body).ok()?;
    let response = sender.send_request(request).await.ok()?;
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
}

/// Somebody who was told that they are in.
#[derive(Clone)]
struct Told {
    name: String,
    token: String,
}

/// Registers people and signs them in once more, until the server is gone.
async fn come_in(address: SocketAddr, number: Arc<AtomicU32>, told: Arc<Mutex<Vec<Told>>>) {
    loop {
        let name = format!("person{}", number.fetch_add(1, Ordering::Relaxed));
        let body = json!({ "username": name, "password": PASSWORD });
        let login = json!({ "login": name, "password": PASSWORD });
        for (path, body) in [("/auth/register", body), ("/auth/login", login)] {
            let Some((status, answer)) = ask(address, "POST", path, "", body).await else { return };
            if status == 200 {
                let token = answer["token"].as_str().unwrap().to_owned();
                told.lock().unwrap().push(Told { name: name.clone(), token });
            } else {
                // Too many from one address; the next life of the server has forgotten.
                assert!(status == 429 || status == 503, "{path}: {status} {answer}");
                break; // Who was not registered cannot sign in.
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_told_that_they_are_in_is_in_after_every_kill() {
    for database in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let free = free_address();
        let (number, told) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(Vec::new())));
        let mut before = 0;
        for kill in 0..KILLS {
            let process = Process::start(folder.path(), &database, free).await;
            let people: Vec<_> = (0..4)
                .map(|_| tokio::spawn(come_in(process.address, number.clone(), told.clone())))
                .collect();
            // Killed while all of them are at it, each time a little later.
            let wanted = before + 3 + 2 * kill as usize;
            let enough = async {
                while told.lock().unwrap().len() < wanted {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(60), enough).await.unwrap();
            process.kill();
            for person in people {
                person.await.unwrap();
            }
            before = told.lock().unwrap().len();
            let half = sql!(
                "SELECT COUNT(*) FROM users AS u WHERE u.password IS NULL
                    OR NOT EXISTS (SELECT 1 FROM tokens AS t WHERE t.user_id = u.id)"
            );
            let half: i64 = database.db.one(half, params![]).await.unwrap().get(0).unwrap();
            assert_eq!(half, 0, "{}: somebody is half in", database.name);
        }
        let process = Process::start(folder.path(), &database, free).await;
        let told = told.lock().unwrap().clone();
        for Told { name, token } in &told {
            let (status, me) = ask(free, "GET", "/users/@me", token, Value::Null).await.unwrap();
            assert_eq!((status, &me["username"]), (200, &json!(name)), "{}", database.name);
        }
        // Whoever was not told tries again: in, or registered before and in by the same password.
        let last = number.load(Ordering::Relaxed);
        let heard = |name: &String| told.iter().any(|told| told.name == *name);
        let unheard: Vec<_> =
            (0..last).map(|one| format!("person{one}")).filter(|name| !heard(name)).collect();
        for name in unheard.iter().take(5) {
            let body = json!({ "username": name, "password": PASSWORD });
            let (first, _) = ask(free, "POST", "/auth/register", "", body).await.unwrap();
            if first != 200 {
                let body = json!({ "login": name, "password": PASSWORD });
                let (status, answer) = ask(free, "POST", "/auth/login", "", body).await.unwrap();
                assert_eq!(status, 200, "{name}: {answer}");
            }
        }
        process.kill();
    }
}
