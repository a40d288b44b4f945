//! A server with one guild, and a connection of its own by which it knows that an event has gone out to everybody.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use guildhall_accounts::{Accounts, NewUser};
use guildhall_base::{ChannelId, Clock, GuildId, Ids};
use guildhall_chat::Chat;
use guildhall_gateway::{Config, Gateway};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::events::{self, Audience, EventLog, NewEvent};
use guildhall_infra::fetch::Fetch;
use guildhall_infra::jobs::{self, Jobs};
use guildhall_infra::listen;
use guildhall_infra::seal::Seal;
use guildhall_oauth::Applications;
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// A file with the tokens of the bots in the guild, one a line.
    pub(crate) tokens: String,
    log: EventLog,
    channel: (GuildId, ChannelId),
    _folder: TempDir,
}

impl Server {
    pub(crate) async fn start(bots: usize) -> Self {
        let (clock, stop, folder) = (Clock::system(), CancellationToken::new(), TempDir::new().unwrap());
        let db = Db::open(&format!("sqlite:{}", folder.path().join("bench.db").display())).await.unwrap();
        let migrations = [
            events::migrations(),
            jobs::migrations(),
            Accounts::migrations(),
            Applications::migrations(),
            guildhall_chat::migrations(),
            guildhall_gateway::migrations(),
        ];
        db.migrate(&migrations.concat()).await.unwrap();
        let ids = Ids::new(clock.clone(), 1);
        let log = EventLog::open(db.clone(), clock.clone(), stop.clone()).await.unwrap();
        let config = guildhall_accounts::Config::default();
        let accounts = Accounts::new(db.clone(), clock.clone(), ids.clone(), log.clone(), config);
        let applications = Applications::new(db.clone(), clock.clone(), ids.clone(), accounts.clone());
        let blobs = Blobs::open(&format!("file:{}", folder.path().display())).unwrap();
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
        (config.connections_per_address, config.identifies_per_day) = (0, u32::MAX);
        // These clients never beat.
        config.heartbeat = Duration::from_secs(24 * 3600);
        let parts = guildhall_gateway::Parts {
            db,
            log: log.clone(),
            chat: chat.clone(),
            accounts,
            applications,
            clock,
            config,
        };
        let (accounts, applications) = (parts.accounts.clone(), parts.applications.clone());
        let gateway = Gateway::new(parts);
        let (driver, until) = (gateway.clone(), stop.clone());
        tokio::spawn(async move { driver.run(until).await });
        let router = gateway.routes();
        let options = listen::Options {
            head_within: Duration::from_secs(10),
            per_address: 0,
            trusted_proxies: Vec::new(),
            finish_within: Duration::from_secs(1),
        };
        tokio::spawn(listen::serve(listener, router, options, stop));
        let user =
            accounts.create_user(NewUser { username: "ada".into(), ..NewUser::default() }).await.unwrap();
        let token = accounts.new_token(user.id).await.unwrap();
        let guild = found(guildhall_chat::api_routes(chat.clone()), &token).await;
        let room = chat.world().guild(guild).await.unwrap().unwrap();
        let channel =
            *room.read().channels.iter().find(|(_, state)| state.channel.kind.number() == 0).unwrap().0;
        let enroll = async |i| {
            let owner = NewUser { username: format!("owner{i}"), ..NewUser::default() };
            let owner = accounts.create_user(owner).await.unwrap();
            let (_, bot, token) = applications.create(owner.id, "robot").await.unwrap();
            chat.enroll(guild, bot.id, Vec::new()).await.unwrap();
            token
        };
        let tokens = futures_util::future::join_all((0..bots).map(enroll)).await.join("\n");
        let path = folder.path().join("tokens");
        std::fs::write(&path, tokens).unwrap();
        Self { address, tokens: path.display().to_string(), log, channel: (guild, channel), _folder: folder }
    }

    /// A message as long as most.
    pub(crate) fn event(&self) -> NewEvent {
        let (guild, channel) = self.channel;
        let body = json!({
            "id": "1573461981334966272", "channel_id": channel, "guild_id": guild, "type": 0, "tts": false,
            "content": "Does anybody know when the workshop opens on Saturday? I would like to bring two friends.",
            "author": { "id": "1573461981334966272", "username": "ada", "discriminator": "0", "global_name": "Ada",
                "avatar": null, "banner": null, "accent_color": null, "public_flags": 0, "flags": 0,
                "avatar_decoration_data": null, "collectibles": null, "clan": null, "primary_guild": null },
            "member": { "roles": ["1573461981334966272"], "joined_at": "2026-11-20T21:18:25.796000+00:00", "deaf": false,
                "mute": false, "flags": 0, "nick": null, "avatar": null, "pending": false, "premium_since": null },
            "mentions": [], "mention_roles": [], "mention_everyone": false, "attachments": [], "embeds": [],
            "components": [], "pinned": false, "timestamp": "2026-11-20T21:18:25.796000+00:00",
            "edited_timestamp": null, "flags": 0, "nonce": "1573461981334966272",
        });
        NewEvent::new("MESSAGE_CREATE", Audience::Channel(guild, channel), &body).unwrap()
    }

    /// A frame of that event.
    pub(crate) fn frame(&self) -> Vec<u8> {
        let event = self.event();
        vec![b'x'; 4 + r#"{"t":"MESSAGE_CREATE","op":0,"s":          ,"d":}"#.len() + event.body.len()]
    }

    /// Appends events and waits until they have been sent: the driver takes in what follows only then.
    pub(crate) async fn happen(&self, events: &[NewEvent]) {
        self.log.commit(Batch::new(), events).await.unwrap();
        let nothing = NewEvent::new("NOTHING", Audience::Internal, &json!({})).unwrap();
        self.log.commit(Batch::new(), &[nothing]).await.unwrap();
    }
}

async fn found(router: Router, token: &str) -> GuildId {
    use http_body_util::BodyExt;
    let request = axum::http::Request::post("/guilds").header("authorization", token);
    let request = request.body(axum::body::Body::from(r#"{"name":"Workshop"}"#)).unwrap();
    let body = router.oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    let guild: serde_json::Value = serde_json::from_slice(&body).unwrap();
    guild["id"].as_str().unwrap().parse().unwrap()
}
