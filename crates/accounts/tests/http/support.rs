//! A hall with accounts only, spoken to through HTTP, on every database at hand.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use guildhall_accounts::{Accounts, Config, Post, api_routes, page_routes, prefer_language};
use guildhall_base::{Clock, Hand, Ids, Timestamp};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::events::{self, EventLog};
use guildhall_infra::i18n::Words;
use guildhall_infra::jobs::{self, Jobs};
use guildhall_infra::mail::{Mail, Mailer};
use guildhall_infra::pages::{Assets, Site};
use guildhall_infra::seal::Seal;
use guildhall_infra::testing::{TestDb, databases};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Hall {
    pub(crate) accounts: Accounts,
    pub(crate) log: EventLog,
    pub(crate) db: TestDb,
    pub(crate) clock: Clock,
    pub(crate) hand: Hand,
    pub(crate) router: Router,
    pub(crate) jobs: Jobs,
    pub(crate) mailer: Mailer,
    _folder: tempfile::TempDir,
    _stop: tokio_util::sync::DropGuard,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text))
    }
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }
    /// The session cookie that was set.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers.get(header::SET_COOKIE).unwrap_or_else(|| panic!("no cookie: {}", self.text));
        set.to_str().unwrap().split(';').next().unwrap().to_owned()
    }
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .unwrap_or_else(|| panic!("{} {}", self.status, self.text))
            .to_str()
            .unwrap()
    }
}

/// A hall on each database.
pub(crate) async fn halls() -> Vec<Hall> {
    halls_with(Config::default()).await
}

pub(crate) async fn halls_with(config: Config) -> Vec<Hall> {
    let mut halls = Vec::new();
    for db in databases().await {
        halls.push(hall(db, config.clone()).await);
    }
    halls
}

async fn hall(db: TestDb, config: Config) -> Hall {
    let mut migrations = events::migrations();
    migrations.extend(guildhall_infra::jobs::migrations());
    migrations.extend(Accounts::migrations());
    db.db.migrate(&migrations).await.unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let pictures = Blobs::open(&format!("file:{}", folder.path().display())).unwrap();
    let seal = Some(Seal::new(&[7; 32]).unwrap());
    let site_url = Some("https://hall.test".parse().unwrap());
    let (clock, hand) = Clock::manual(Timestamp::from_millis(1_790_000_000_000));
    let stop = CancellationToken::new();
    let log = EventLog::open(db.db.clone(), clock.clone(), stop.clone()).await.unwrap();
    let ids = Ids::new(clock.clone(), 0);
    let words = Words::new(&[
        guildhall_accounts::TEXTS,
        guildhall_accounts::MAIL_TEXTS,
        guildhall_accounts::SECURITY_TEXTS,
        guildhall_accounts::LIFE_TEXTS,
    ])
    .unwrap();
    let mailer = Mailer::kept(clock.clone());
    let jobs = Jobs::new(jobs::Parts {
        db: db.db.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        log: log.clone(),
        blobs: pictures.clone(),
        seal: Seal::new(&[7; 32]).unwrap(),
        timing: jobs::Timing::default(),
    });
    let post = Post {
        jobs: jobs.clone(),
        mailer: mailer.clone(),
        words: words.clone(),
        site: "Test Hall".into(),
        public_url: "http://hall.test".into(),
    };
    let config = Config { pictures: Some(pictures), seal, public_url: site_url, post: Some(post), ..config };
    let accounts = Accounts::new(db.db.clone(), clock.clone(), ids, log.clone(), config);
    accounts.register_jobs();
    accounts.offer_life(&jobs, &words, Vec::new());
    let site = Site::new("Test Hall", Assets::builder().folder::<guildhall_accounts::Files>().build(), words);
    let language = axum::middleware::from_fn_with_state(accounts.clone(), prefer_language);
    let (v2, _) = guildhall_accounts::v2_routes(accounts.clone()).split_for_parts();
    let router =
        api_routes(accounts.clone()).merge(v2).merge(page_routes(accounts.clone(), site).layer(language));
    Hall { accounts, log, db, clock, hand, router, jobs, mailer, _folder: folder, _stop: stop.drop_guard() }
}

pub(crate) fn request(method: Method, path: &str) -> axum::http::request::Builder {
    let peer: SocketAddr = "192.0.2.7:4000".parse().unwrap();
    Request::builder().method(method).uri(path).header("host", "hall.test").extension(ConnectInfo(peer))
}

impl Hall {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// A call of the API with an `Authorization`; empty for none.
    pub(crate) async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> Answer {
        let mut request = request(method, path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, token);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::GET, path, token, Value::Null).await
    }

    /// A form sent by a browser from a page of this site.
    pub(crate) async fn form(&self, path: &str, cookie: &str, body: &str) -> Answer {
        let request = request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("origin", "http://hall.test")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// A page, as a browser opens it.
    pub(crate) async fn page(&self, path: &str, cookie: &str) -> Answer {
        self.send(request(Method::GET, path).header(header::COOKIE, cookie).body(Body::empty()).unwrap())
            .await
    }

    /// Registers somebody; gives id and token.
    pub(crate) async fn person(&self, name: &str) -> (String, String) {
        let body = json!({ "username": name, "password": PASSWORD });
        let answer = self.call(Method::POST, "/auth/register", "", body).await.ok();
        (answer["user_id"].as_str().unwrap().to_owned(), answer["token"].as_str().unwrap().to_owned())
    }

    /// Sends the mails that wait; gives the newest to an address.
    pub(crate) async fn letter(&self, to: &str) -> Option<Mail> {
        self.jobs.run_due().await.unwrap();
        let all = self.mailer.letters().unwrap().all();
        all.into_iter().map(|kept| kept.mail).find(|mail| mail.to == to)
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.call(Method::POST, "/auth/login", "", json!({ "login": name, "password": password })).await
    }

    /// The names and bodies of all events so far, oldest first.
    pub(crate) async fn events(&self) -> Vec<(String, Value)> {
        let position: i64 = self
            .db
            .db
            .one(guildhall_infra::sql!("SELECT position FROM event_head"), guildhall_infra::params![])
            .await
            .unwrap()
            .get(0)
            .unwrap();
        let mut all = Vec::new();
        let mut tail = self.log.tail(0);
        while tail.position() < position.cast_unsigned() {
            let next = tokio::time::timeout(Duration::from_secs(10), tail.next(100)).await.unwrap().unwrap();
            all.extend(next.unwrap().iter().map(|event| (event.name.to_string(), event.parse().unwrap())));
        }
        all
    }
}

impl Hall {
    /// The same hall after a restart: nothing is in memory.
    pub(crate) fn reopened(&self) -> Accounts {
        // Two of them must not make the same ids.
        self.hand.advance(Duration::from_millis(5));
        let clock = self.clock.clone();
        let ids = Ids::new(clock.clone(), 1);
        Accounts::new(self.db.db.clone(), clock, ids, self.log.clone(), self.accounts.config().clone())
    }
}
