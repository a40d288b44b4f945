//! A hall with a chat, spoken to through HTTP, on every database at hand. Tests read like a story:
//! somebody calls something, and answer, row and event are looked at together.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use guildhall_accounts::{Accounts, NewUser, User};
use guildhall_base::{Clock, Hand, Ids, Timestamp};
use guildhall_chat::{Chat, Config, Parts};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::events::{self, Event, EventLog};
use guildhall_infra::fetch::{self, Fetch};
use guildhall_infra::jobs::{self, Jobs};
use guildhall_infra::seal::Seal;
use guildhall_infra::testing::{TestDb, databases};
use guildhall_oauth::Applications;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt as _;

pub struct Hall {
    pub db: TestDb,
    pub log: EventLog,
    pub jobs: Jobs,
    pub accounts: Accounts,
    pub applications: Applications,
    pub chat: Chat,
    pub hand: Hand,
    pub router: Router,
    /// Only what is delivered at the site's root.
    pub files: Router,
    /// Where the blobs lie.
    pub folder: tempfile::TempDir,
    _stop: DropGuard,
}

/// Somebody with a token.
#[derive(Clone)]
pub struct Somebody {
    pub id: String,
    pub token: String,
    pub user: Arc<User>,
}

/// A hall on each database.
pub async fn halls() -> Vec<Hall> {
    let mut halls = Vec::new();
    for db in databases().await {
        halls.push(hall(db).await);
    }
    halls
}

async fn hall(db: TestDb) -> Hall {
    let mut migrations = events::migrations();
    migrations.extend(jobs::migrations());
    migrations.extend(Accounts::migrations());
    migrations.extend(Applications::migrations());
    migrations.extend(guildhall_chat::migrations());
    db.db.migrate(&migrations).await.unwrap();
    let (clock, hand) = Clock::manual(Timestamp::from_millis(1_790_000_000_000));
    let stop = CancellationToken::new();
    let log = EventLog::open(db.db.clone(), clock.clone(), stop.clone()).await.unwrap();
    let ids = Ids::new(clock.clone(), 0);
    let accounts = Accounts::new(db.db.clone(), clock.clone(), ids.clone(), log.clone(), Default::default());
    let applications = Applications::new(db.db.clone(), clock.clone(), ids.clone(), accounts.clone());
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&format!("file:{}", folder.path().display())).unwrap();
    let jobs = Jobs::new(jobs::Parts {
        db: db.db.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        log: log.clone(),
        blobs: blobs.clone(),
        seal: Seal::new(&[7; 32]).unwrap(),
        timing: jobs::Timing::default(),
    });
    let chat = Chat::new(Parts {
        db: db.db.clone(),
        log: log.clone(),
        blobs,
        jobs: jobs.clone(),
        accounts: accounts.clone(),
        applications: applications.clone(),
        seal: Seal::new(&[7; 32]).unwrap(),
        fetch: here(),
        clock,
        ids,
        config: Config { webhook_messages: 100, ..Config::default() },
    });
    guildhall_chat::jobs::register(&chat);
    let follower = chat.clone();
    let until = stop.clone();
    tokio::spawn(async move { until.run_until_cancelled(follower.follow_log()).await });
    // Both begin at the root here, so that `/stickers/...` is the API's; what that does not know is a file.
    let files = guildhall_chat::file_routes(chat.clone());
    let router = guildhall_chat::api_routes(chat.clone())
        .merge(Router::from(guildhall_chat::own_routes(chat.clone())))
        .fallback_service(files.clone());
    Hall {
        db,
        log,
        jobs,
        accounts,
        applications,
        chat,
        hand,
        router,
        files,
        folder,
        _stop: stop.drop_guard(),
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        // The chat holds the engine, and the engine's jobs hold the chat.
        self.jobs.close();
    }
}

/// Requests to this machine only, which is where tests have their other servers.
fn here() -> Fetch {
    let allow = vec!["127.0.0.0/8".parse().unwrap()];
    Fetch::new(fetch::Config { allow, ..fetch::Config::default() }).unwrap()
}

/// What was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.body);
        self.body
    }

    /// Asserts a refusal by status and Discord's error code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: u64) {
        assert_eq!((self.status.as_u16(), &self.body["code"]), (status, &json!(code)), "{}", self.body);
    }
}

impl Hall {
    /// A person with a token.
    pub async fn person(&self, name: &str) -> Somebody {
        let new = NewUser { username: name.into(), ..NewUser::default() };
        let user = self.accounts.create_user(new).await.unwrap();
        let token = self.accounts.new_token(user.id).await.unwrap();
        Somebody { id: user.id.to_string(), token, user }
    }

    /// A bot of somebody's.
    pub async fn bot(&self, owner: &Somebody, name: &str) -> Somebody {
        let (_, user, token) = self.applications.create(owner.user.id, name).await.unwrap();
        Somebody { id: user.id.to_string(), token: format!("Bot {token}"), user }
    }

    /// A guild of somebody's: its id and that of its text channel `general`.
    pub async fn guild(&self, owner: &Somebody, name: &str) -> (String, String) {
        let guild = self.post(owner, "/guilds", json!({ "name": name })).await.ok();
        (text(&guild["id"]), text(&guild["system_channel_id"]))
    }

    /// The same hall as another process serves it: a world and a log of its own over the same database.
    pub async fn neighbour(&self) -> (Router, DropGuard) {
        let (clock, _) = Clock::manual(Timestamp::from_millis(1_790_000_000_000));
        let stop = CancellationToken::new();
        let log = EventLog::open(self.db.db.clone(), clock.clone(), stop.clone()).await.unwrap();
        let chat = Chat::new(Parts {
            db: self.db.db.clone(),
            log,
            blobs: Blobs::open(&format!("file:{}", self.folder.path().display())).unwrap(),
            jobs: self.jobs.clone(),
            accounts: self.accounts.clone(),
            applications: self.applications.clone(),
            seal: Seal::new(&[7; 32]).unwrap(),
            fetch: here(),
            clock: clock.clone(),
            ids: Ids::new(clock, 1),
            config: Config::default(),
        });
        let (follower, until) = (chat.clone(), stop.clone());
        tokio::spawn(async move { until.run_until_cancelled(follower.follow_log()).await });
        (guildhall_chat::api_routes(chat), stop.drop_guard())
    }

    pub async fn call(&self, who: &Somebody, method: Method, path: &str, body: Value) -> Answer {
        self.send(request(who, method, path, body)).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }

    pub async fn get(&self, who: &Somebody, path: &str) -> Answer {
        self.call(who, Method::GET, path, Value::Null).await
    }
    pub async fn post(&self, who: &Somebody, path: &str, body: Value) -> Answer {
        self.call(who, Method::POST, path, body).await
    }
    pub async fn put(&self, who: &Somebody, path: &str, body: Value) -> Answer {
        self.call(who, Method::PUT, path, body).await
    }
    pub async fn patch(&self, who: &Somebody, path: &str, body: Value) -> Answer {
        self.call(who, Method::PATCH, path, body).await
    }
    pub async fn delete(&self, who: &Somebody, path: &str) -> Answer {
        self.call(who, Method::DELETE, path, Value::Null).await
    }

    /// The log's events after a position, read from the table: name and body.
    pub async fn events_after(&self, position: u64) -> Vec<(String, Value)> {
        let mut tail = self.log.tail(position);
        let mut events: Vec<Arc<Event>> = Vec::new();
        while self.head().await > tail.position() {
            events.extend(tail.next(100).await.unwrap().unwrap());
        }
        events
            .iter()
            .map(|event| (event.name.to_string(), serde_json::from_slice(&event.body).unwrap()))
            .collect()
    }

    /// The log's head as the table has it.
    pub async fn head(&self) -> u64 {
        let head = guildhall_infra::sql!("SELECT position FROM event_head");
        self.db.db.one(head, guildhall_infra::params![]).await.unwrap().get::<i64>(0).unwrap().cast_unsigned()
    }
}

/// An id or another string in an answer.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

/// A request with a JSON body, if any, and somebody's token.
pub fn request(who: &Somebody, method: Method, path: &str, body: Value) -> Request<Body> {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, &who.token)
        .header(header::CONTENT_TYPE, "application/json");
    request.body(body).unwrap()
}

/// Sends a request to one process's routes.
pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: parts.status, headers: parts.headers, body }
}
