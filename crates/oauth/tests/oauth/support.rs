//! A hall with an authorization server, spoken to as browsers and clients do.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guildhall_accounts::{Accounts, Actor, Config as AccountsConfig, NewUser, SignIn, Visit};
use guildhall_base::{ApplicationId, Clock, GuildId, Hand, Ids, Permissions, Scopes, Timestamp, UserId};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::events::{self, EventLog};
use guildhall_infra::fetch::Fetch;
use guildhall_infra::i18n::Words;
use guildhall_infra::jobs::{self, Jobs};
use guildhall_infra::pages::{Assets, Site};
use guildhall_infra::seal::Seal;
use guildhall_infra::testing::{TestDb, databases};
use guildhall_oauth::{
    Applications, Config, EditClient, GuildChoice, GuildHost, Guilds, Later, NewKey, OAuth, Parts, SigningAlg,
};
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt as _;

pub const ISSUER: &str = "http://hall.test";
pub const CALLBACK: &str = "https://app.test/callback";
pub const PASSWORD: &str = "correct horse";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const GUILD: GuildId = GuildId::new(77);

/// Guilds as this crate sees them: one, which everybody manages.
#[derive(Default)]
pub struct FakeGuilds {
    pub added: Mutex<Vec<(GuildId, ApplicationId, Permissions)>>,
    db: OnceLock<Db>,
}

impl GuildHost for FakeGuilds {
    fn choices<'a>(&'a self, _: &'a Actor, _: UserId) -> Later<'a, Vec<GuildChoice>> {
        Box::pin(async { Ok(vec![GuildChoice { id: GUILD, name: "Workshop <1>".into(), there: false }]) })
    }

    fn add_bot<'a>(
        &'a self,
        _: &'a Actor,
        guild: GuildId,
        application: ApplicationId,
        permissions: Permissions,
        along: Batch,
    ) -> Later<'a, ()> {
        Box::pin(async move {
            if guild != GUILD {
                return Err(guildhall_base::codes::NOT_FOUND.into());
            }
            let db = self.db.get().unwrap();
            db.write(along).await?;
            self.added.lock().push((guild, application, permissions));
            Ok(())
        })
    }

    fn describe<'a>(&'a self, _: &'a Actor, guild: GuildId) -> Later<'a, Value> {
        Box::pin(async move { Ok(json!({ "id": guild, "name": "Workshop <1>" })) })
    }

    fn count(&self, _: UserId) -> Later<'_, u64> {
        Box::pin(async { Ok(7) })
    }
}

pub struct Hall {
    pub accounts: Accounts,
    pub applications: Applications,
    pub server: OAuth,
    pub guilds: Arc<FakeGuilds>,
    pub router: Router,
    pub clock: Clock,
    pub hand: Hand,
    pub db: TestDb,
    pub jobs: Jobs,
    _folder: tempfile::TempDir,
    _stop: DropGuard,
}

/// An application with a secret.
#[derive(Clone)]
pub struct App {
    pub id: ApplicationId,
    /// Empty for a public client.
    pub secret: String,
    /// The owner's session token.
    pub owner: String,
    pub bot: String,
}

/// What a request got back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text))
    }

    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self.json()
    }

    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .unwrap_or_else(|| panic!("{} {}", self.status, self.text))
            .to_str()
            .unwrap()
    }

    /// A parameter of the address that the browser is sent to.
    pub fn sent(&self, name: &str) -> Option<String> {
        let query = self.location().split_once('?')?.1.to_owned();
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

fn first_keys() -> Vec<NewKey> {
    static KEYS: OnceLock<Vec<NewKey>> = OnceLock::new();
    KEYS.get_or_init(|| SigningAlg::ALL.iter().map(|alg| NewKey::generate(*alg).unwrap()).collect()).clone()
}

pub async fn halls() -> Vec<Hall> {
    halls_with(|_| {}).await
}

pub async fn halls_with(change: impl Fn(&mut Config)) -> Vec<Hall> {
    let mut halls = Vec::new();
    for db in databases().await {
        let mut migrations = events::migrations();
        migrations.extend(guildhall_infra::jobs::migrations());
        migrations.extend(Accounts::migrations());
        migrations.extend(Applications::migrations());
        db.db.migrate(&migrations).await.unwrap();
        let (clock, hand) = Clock::manual(Timestamp::from_millis(1_790_000_000_000));
        let stop = CancellationToken::new();
        let log = EventLog::open(db.db.clone(), clock.clone(), stop.clone()).await.unwrap();
        let ids = Ids::new(clock.clone(), 0);
        let folder = tempfile::TempDir::new().unwrap();
        let blobs = Blobs::open(&format!("file:{}", folder.path().display())).unwrap();
        let seal = Seal::new(&[7; 32]).unwrap();
        let jobs = Jobs::new(jobs::Parts {
            db: db.db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            log: log.clone(),
            blobs: blobs.clone(),
            seal: seal.clone(),
            timing: jobs::Timing::default(),
        });
        let accounts_config = AccountsConfig {
            seal: Some(seal.clone()),
            public_url: Some("https://hall.test".parse().unwrap()),
            on_ended: Some(guildhall_oauth::tell_of_ended(jobs.clone())),
            ..AccountsConfig::default()
        };
        let accounts = Accounts::new(db.db.clone(), clock.clone(), ids.clone(), log, accounts_config);
        let applications = Applications::new(db.db.clone(), clock.clone(), ids.clone(), accounts.clone());
        let mut config = Config { first_keys: first_keys(), ..Config::new(ISSUER) };
        change(&mut config);
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        let server = OAuth::open(Parts {
            db: db.db.clone(),
            clock: clock.clone(),
            ids,
            accounts: accounts.clone(),
            applications: applications.clone(),
            seal,
            jobs: jobs.clone(),
            fetch: Fetch::new(guildhall_infra::fetch::Config { allow, ..Default::default() }).unwrap(),
            config,
        });
        let server = server.await.unwrap();
        server.register_jobs();
        tokio::spawn(stop.clone().run_until_cancelled_owned(server.clone().hear()));
        let guilds = Arc::new(FakeGuilds::default());
        guilds.db.set(db.db.clone()).unwrap();
        let shared: Guilds = guilds.clone();
        let words = Words::new(&[guildhall_accounts::TEXTS, guildhall_oauth::TEXTS]).unwrap();
        let site = Site::new("Test Hall", Assets::builder().build(), words);
        let admit = || from_fn_with_state(server.clone(), guildhall_oauth::admit);
        let api = guildhall_oauth::api_routes(server.clone(), shared.clone())
            .merge(guildhall_accounts::api_routes(accounts.clone()))
            .layer(admit());
        let router = Router::new()
            .nest("/api/v10", api.clone())
            .nest("/api", api)
            .merge(guildhall_oauth::protocol_routes(server.clone(), shared.clone()))
            .merge(guildhall_oauth::page_routes(server.clone(), shared, site.clone()))
            .merge(guildhall_accounts::page_routes(accounts.clone(), site));
        let stop = stop.drop_guard();
        halls.push(Hall {
            accounts,
            applications,
            server,
            guilds,
            router,
            clock,
            hand,
            db,
            jobs,
            _folder: folder,
            _stop: stop,
        });
    }
    halls
}

impl Hall {
    /// The same hall as another process serves it, with a memory of its own.
    pub async fn neighbour(&self) -> (OAuth, Router) {
        let config = self.server.config().clone();
        let applications = self.applications.clone();
        let server = OAuth::open(Parts {
            db: self.db.db.clone(),
            clock: self.clock.clone(),
            ids: Ids::new(self.clock.clone(), 1),
            accounts: self.accounts.clone(),
            applications,
            seal: Seal::new(&[7; 32]).unwrap(),
            fetch: Fetch::new(Default::default()).unwrap(),
            jobs: self.jobs.clone(),
            config,
        });
        let server = server.await.unwrap();
        let guilds: Guilds = self.guilds.clone();
        let routes = guildhall_oauth::api_routes(server.clone(), guilds)
            .merge(guildhall_accounts::api_routes(self.accounts.clone()))
            .layer(from_fn_with_state(server.clone(), guildhall_oauth::admit));
        (server, Router::new().nest("/api/v10", routes))
    }

    pub async fn actor(&self, token: &str) -> Actor {
        self.accounts.authenticate(token).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Somebody with a password, and a session token of theirs.
    pub async fn person(&self, name: &str) -> (UserId, String) {
        let new = NewUser { username: name.into(), password: Some(PASSWORD.into()), ..NewUser::default() };
        let id = self.accounts.create_user(new).await.unwrap().id;
        (id, self.sign_in(name).await)
    }

    pub async fn sign_in(&self, name: &str) -> String {
        match self.accounts.sign_in(name, PASSWORD, &Visit::default()).await.unwrap() {
            SignIn::Done(signed_in) => signed_in.token,
            SignIn::SecondStep(_) | SignIn::Leaving(_) => panic!("nobody has set up a second step, or goes"),
        }
    }

    /// A browser opens a page.
    pub async fn visit(&self, path: &str, session: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, format!("guildhall_session={session}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A browser sends a form of this site.
    pub async fn submit(&self, path: &str, session: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, format!("guildhall_session={session}"))
            .header("sec-fetch-site", "same-origin");
        self.send(request.header(header::CONTENT_TYPE, FORM).body(Body::from(form(fields))).unwrap()).await
    }

    /// A client posts a form.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, FORM);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form(fields))).unwrap()).await
    }

    /// A client calls the API.
    pub async fn call(&self, method: Method, path: &str, authorization: &str, body: Value) -> Answer {
        let request =
            Request::builder().method(method).uri(path).header(header::AUTHORIZATION, authorization);
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn get(&self, path: &str, authorization: &str) -> Answer {
        self.call(Method::GET, path, authorization, Value::Null).await
    }

    /// An application of somebody new, with this one address.
    pub async fn app(&self, name: &str, change: impl FnOnce(&mut EditClient)) -> App {
        let (owner, session) = self.person(&format!("owner_of_{}", name.to_lowercase())).await;
        let (application, _, bot) = self.applications.create(owner, name).await.unwrap();
        let actor = self.accounts.authenticate(&session).await.unwrap();
        let mut edit = EditClient {
            redirect_uris: vec![CALLBACK.to_owned()],
            scopes: Scopes::all(),
            ..EditClient::default()
        };
        change(&mut edit);
        let public = edit.public;
        self.applications.edit_client(&actor, application.id, edit).await.unwrap();
        let overlap = std::time::Duration::from_secs(3600);
        let secret = match public {
            true => String::new(),
            false => self.applications.rotate_secret(&actor, application.id, overlap).await.unwrap(),
        };
        App { id: application.id, secret, owner: session, bot: format!("Bot {bot}") }
    }

    /// The consent page's form is sent. `query` is what the page was opened with.
    pub async fn decide(&self, query: &str, session: &str, decision: &str) -> Answer {
        self.submit("/oauth2/consent", session, &[("query", query), ("decision", decision)]).await
    }

    /// The whole of an authorization up to the code.
    pub async fn code(&self, app: &App, session: &str, more: &[(&str, &str)]) -> String {
        let query = app.query(more);
        let mut answer = self.visit(&format!("/oauth2/authorize?{query}"), session).await;
        if answer.status == StatusCode::OK {
            answer = self.decide(&query, session, "allow").await;
        }
        answer.sent("code").unwrap_or_else(|| panic!("{} {:?}", answer.location(), answer))
    }

    /// Exchanges a code.
    pub async fn exchange(&self, app: &App, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        fields.extend(more);
        self.token(app, &fields).await
    }

    /// The whole of an authorization up to the tokens.
    pub async fn tokens(&self, app: &App, session: &str, scope: &str) -> Value {
        let code = self.code(app, session, &[("scope", scope)]).await;
        self.exchange(app, &code, &[]).await.ok()
    }

    pub async fn refresh(&self, app: &App, refresh_token: &str) -> Answer {
        self.token(app, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// Asks the token endpoint.
    pub async fn token(&self, app: &App, fields: &[(&str, &str)]) -> Answer {
        self.post_as(app, "/oauth2/token", fields).await
    }

    pub async fn post_as(&self, app: &App, path: &str, fields: &[(&str, &str)]) -> Answer {
        match app.secret.is_empty() {
            true => {
                let id = app.id.to_string();
                let mut fields = fields.to_vec();
                fields.push(("client_id", &id));
                self.post(path, &[], &fields).await
            }
            false => self.post(path, &[("authorization", &app.basic())], fields).await,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl App {
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }

    /// An authorization request; later fields replace earlier ones, empty ones take them away.
    pub fn query(&self, more: &[(&str, &str)]) -> String {
        let id = self.id.to_string();
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", &id),
            ("redirect_uri", CALLBACK),
            ("scope", "identify"),
            ("state", "xyz"),
        ];
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        form(&fields)
    }
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

/// The header of a token.
pub fn head(token: &str) -> Value {
    let body = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

pub fn bearer(tokens: &Value) -> String {
    format!("Bearer {}", text(&tokens["access_token"]))
}
