//! A server with accounts, chat and gateway, in the test's own process; it can be killed and started again.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use guildhall_accounts::{Accounts, NewUser};
use guildhall_base::{Clock, GuildId, Ids, UserId};
use guildhall_chat::Chat;
use guildhall_gateway::{Config, Gateway};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::events::{self, EventLog, NewEvent};
use guildhall_infra::fetch::Fetch;
use guildhall_infra::jobs::{self, Jobs};
use guildhall_infra::listen;
use guildhall_infra::seal::Seal;
use guildhall_infra::testing::{TestDb, databases};
use guildhall_oauth::Applications;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What outlives a restart.
pub(crate) struct Site {
    database: TestDb,
    folder: TempDir,
    pub(crate) clock: Clock,
    configure: fn(&mut Config),
}

/// One running server.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) chat: Chat,
    pub(crate) gateway: Gateway,
    pub(crate) log: EventLog,
    pub(crate) db: Db,
    pub(crate) accounts: Accounts,
    applications: Applications,
    router: Router,
    stop: CancellationToken,
}

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Somebody {
    pub(crate) id: UserId,
    pub(crate) token: String,
    /// As `Authorization` has it.
    pub(crate) credential: String,
}

/// Sites on every engine at hand.
pub(crate) async fn sites(configure: fn(&mut Config)) -> Vec<Site> {
    sites_at(Clock::system(), configure).await
}

pub(crate) async fn sites_at(clock: Clock, configure: fn(&mut Config)) -> Vec<Site> {
    let site = |database| Site { database, folder: TempDir::new().unwrap(), clock: clock.clone(), configure };
    databases().await.into_iter().map(site).collect()
}

impl Site {
    pub(crate) async fn start(&self) -> House {
        let (clock, stop) = (self.clock.clone(), CancellationToken::new());
        let db = Db::open(&self.database.url).await.unwrap();
        let migrations = [
            events::migrations(),
            jobs::migrations(),
            Accounts::migrations(),
            Applications::migrations(),
            guildhall_chat::migrations(),
            guildhall_gateway::migrations(),
        ];
        db.migrate(&migrations.concat()).await.unwrap();
        let ids = Ids::new(clock.clone(), rand::random_range(0..1024));
        let log = EventLog::open(db.clone(), clock.clone(), stop.clone()).await.unwrap();
        let config = guildhall_accounts::Config::default();
        let accounts = Accounts::new(db.clone(), clock.clone(), ids.clone(), log.clone(), config);
        let applications = Applications::new(db.clone(), clock.clone(), ids.clone(), accounts.clone());
        let blobs = Blobs::open(&format!("file:{}", self.folder.path().display())).unwrap();
        let jobs = Jobs::new(jobs::Parts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            log: log.clone(),
            blobs: blobs.clone(),
            seal: Seal::new(&[7; 32]).unwrap(),
            timing: jobs::Timing::default(),
        });
        let chat = Chat::new(guildhall_chat::Parts {
            db: db.clone(),
            log: log.clone(),
            blobs,
            jobs,
            accounts: accounts.clone(),
            applications: applications.clone(),
            seal: Seal::new(&[7; 32]).unwrap(),
            fetch: Fetch::new(Default::default()).unwrap(),
            clock: clock.clone(),
            ids,
            config: guildhall_chat::Config::default(),
        });
        let listener = listen::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::new(format!("ws://{address}/gateway"));
        (self.configure)(&mut config);
        let gateway = Gateway::new(guildhall_gateway::Parts {
            db: db.clone(),
            log: log.clone(),
            chat: chat.clone(),
            accounts: accounts.clone(),
            applications: applications.clone(),
            clock,
            config,
        });
        let (driver, until) = (gateway.clone(), stop.clone());
        tokio::spawn(async move { driver.run(until).await });
        let api = Router::new().merge(guildhall_chat::api_routes(chat.clone())).merge(gateway.api_routes());
        let router = Router::new()
            .nest("/api/v10", api)
            .merge(gateway.routes())
            .layer(axum::middleware::from_fn_with_state(gateway.clone(), guildhall_gateway::at_root));
        let options = listen::Options {
            head_within: Duration::from_secs(10),
            per_address: 0,
            trusted_proxies: Vec::new(),
            finish_within: Duration::from_secs(1),
        };
        let door = Some(gateway.door());
        tokio::spawn(listen::serve_with(listener, router.clone(), door, options, stop.clone()));
        House { address, chat, gateway, log, db, accounts, applications, router, stop }
    }
}

impl House {
    /// Ends without a word to anybody.
    pub(crate) fn kill(self) {
        self.stop.cancel();
    }

    pub(crate) async fn person(&self, name: &str) -> Somebody {
        let user =
            self.accounts.create_user(NewUser { username: name.into(), ..NewUser::default() }).await.unwrap();
        let token = self.accounts.new_token(user.id).await.unwrap();
        Somebody { id: user.id, credential: token.clone(), token }
    }

    pub(crate) async fn bot(&self, owner: &Somebody, name: &str) -> Somebody {
        let (_, user, token) = self.applications.create(owner.id, name).await.unwrap();
        Somebody { id: user.id, credential: format!("Bot {token}"), token }
    }

    /// Gives a bot another token; the one it has holds no more.
    pub(crate) async fn rotate_token(&self, bot: &Somebody) {
        self.accounts.rotate_bot_token(bot.id).await.unwrap();
    }

    /// Takes away a bot's privileged intents.
    pub(crate) async fn forbid_intents(&self, bot: &Somebody) {
        self.applications.allow_intents(bot.id.cast(), 0).await.unwrap();
    }

    /// The bots that there are.
    pub(crate) async fn bots(&self) -> Vec<UserId> {
        use guildhall_infra::{params, sql};
        let rows = self.db.all(sql!("SELECT id FROM users WHERE bot"), params![]).await.unwrap();
        rows.iter().map(|row| row.get(0).unwrap()).collect()
    }

    pub(crate) async fn join(&self, guild: &str, who: &Somebody) {
        self.chat.enroll(guild.parse().unwrap(), who.id, Vec::new()).await.unwrap();
    }

    /// Appends events without rows, for changes that have no route.
    pub(crate) async fn happen(&self, events: &[NewEvent]) {
        self.log.commit(Batch::new(), events).await.unwrap();
    }

    /// What this process has of a guild's channel, to be changed and sent as an event.
    pub(crate) fn channel(&self, guild: &str, channel: &str) -> Value {
        let room = self.chat.world().loaded(guild.parse::<GuildId>().unwrap()).unwrap();
        let state = room.read();
        serde_json::to_value(state.channels[&channel.parse().unwrap()].wire()).unwrap()
    }

    pub(crate) async fn rest(
        &self,
        who: &Somebody,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v10{path}"))
            .header("authorization", &who.credential)
            .header("content-type", "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// A new guild's id and that of its text channel.
    pub(crate) async fn guild(&self, owner: &Somebody) -> (String, String) {
        let (status, guild) = self.rest(owner, "POST", "/guilds", Some(json!({ "name": "Workshop" }))).await;
        assert!(status.is_success(), "{guild}");
        let guild = guild["id"].as_str().unwrap().to_owned();
        let (_, channels) = self.rest(owner, "GET", &format!("/guilds/{guild}/channels"), None).await;
        let text = channels.as_array().unwrap().iter().find(|channel| channel["type"] == 0).unwrap();
        (guild, text["id"].as_str().unwrap().to_owned())
    }

    pub(crate) async fn say(&self, who: &Somebody, channel: &str, content: &str) -> Value {
        let path = format!("/channels/{channel}/messages");
        let (status, message) = self.rest(who, "POST", &path, Some(json!({ "content": content }))).await;
        assert!(status.is_success(), "{message}");
        message
    }
}
