//! A whole server in the test's own process, on a free port and in a folder of its own, and clients for it.

#![allow(dead_code, reason = "every test program uses a part of this")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

pub(crate) mod process;
pub(crate) mod routes;
pub(crate) mod socket;

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use guildhall_app::config::{Overrides, Settings, load};
use guildhall_app::serve::Server;
use guildhall_base::Clock;
use guildhall_infra::testing::{TestDb, databases};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

/// One server with its data, which outlives restarts.
pub(crate) struct Hall {
    pub(crate) folder: TempDir,
    pub(crate) database: TestDb,
    settings: Settings,
    server: Option<Server>,
}

/// A stopped server on each engine at hand.
pub(crate) async fn halls() -> Vec<Hall> {
    let mut halls = Vec::new();
    for database in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let overrides = Overrides {
            listen: Some("127.0.0.1:0".parse().unwrap()),
            data: Some(folder.path().join("data")),
            database_url: Some(database.url.clone()),
            ..Overrides::default()
        };
        let settings = load(overrides).unwrap();
        halls.push(Hall { folder, database, settings, server: None });
    }
    halls
}

impl Hall {
    /// Changes the configuration before the start.
    pub(crate) fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
    }

    /// The configuration, to start a second server on the same data.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Starts it by this clock.
    pub(crate) async fn start_by(&mut self, clock: Clock) {
        assert!(self.server.is_none(), "it runs already");
        self.server = Some(Server::start(self.settings.clone(), clock).await.unwrap());
    }

    pub(crate) async fn start(&mut self) {
        assert!(self.server.is_none(), "it runs already");
        self.server = Some(Server::start(self.settings.clone(), Clock::system()).await.unwrap());
    }

    pub(crate) async fn stop(&mut self) {
        self.server.take().unwrap().stop().await.unwrap();
    }

    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server().address()
    }

    /// Where the gateway says that it is.
    pub(crate) async fn gateway_url(&self) -> String {
        self.client("").get("/gateway").await["url"].as_str().unwrap().to_owned()
    }

    /// A client that sends this as `Authorization`.
    pub(crate) fn client(&self, authorization: impl Into<String>) -> Client {
        Client { address: self.address(), authorization: authorization.into() }
    }

    /// Registers somebody, as a program would.
    pub(crate) async fn register(&self, name: &str) -> Client {
        let body = json!({ "username": name, "password": "correct horse battery staple" });
        let answer = self.client("").post("/auth/register", body).await;
        self.client(answer["token"].as_str().unwrap())
    }
}

/// Somebody who talks to the REST API, one connection per request.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) authorization: String,
}

impl Client {
    /// Sends one request. An answer that is not JSON comes as a string.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let elsewhere = ["/api", "/v2", "/topgg", "/jobs", "/staff", "/metrics", "/readyz", "/healthz"]
            .iter()
            .any(|start| path.starts_with(start));
        let path = if elsewhere { path.to_owned() } else { format!("/api/v10{path}") };
        let mut request = Request::builder().method(method).uri(path).header("host", "hall");
        if !self.authorization.is_empty() {
            request = request.header("authorization", &self.authorization);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.header("content-type", "application/json").body(body).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::String(text)))
    }

    async fn expect(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.send(method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.expect("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.expect("POST", path, Some(body)).await
    }

    /// A new guild's id and that of its first text channel.
    pub(crate) async fn found_guild(&self, name: &str) -> (String, String) {
        let guild = self.post("/guilds", json!({ "name": name })).await;
        let guild = guild["id"].as_str().unwrap().to_owned();
        let channels = self.get(&format!("/guilds/{guild}/channels")).await;
        let text = channels.as_array().unwrap().iter().find(|channel| channel["type"] == 0).unwrap();
        (guild, text["id"].as_str().unwrap().to_owned())
    }
}
