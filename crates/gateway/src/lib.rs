//! The WebSocket gateway v10: identify, resume, heartbeat, fan-out. It moves events and knows no feature's rules.
//!
//! The door is [`Gateway`]. Its routes ([`Gateway::routes`], [`Gateway::api_routes`], [`at_root`]) open connections;
//! [`Gateway::run`] follows the event log, keeps the chat's world current, and sends each event to those who may see
//! it.

mod api;
mod compression;
mod config;
mod door;
mod features;
mod hub;
mod intents;
mod jobs;
mod link;
mod links;
mod own_data;
mod protocol;
mod saver;
mod session;
mod sheet;
mod starts;
mod store;
mod sweep;
pub mod websocket;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::FromRef;
use guildhall_accounts::Accounts;
use guildhall_base::{Clock, Timestamp};
use guildhall_chat::{Chat, World};
use guildhall_infra::db::{Db, Migration};
use guildhall_infra::events::EventLog;
use guildhall_oauth::Applications;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

pub use api::at_root;
pub use compression::Encoding;
pub use config::Config;
pub use jobs::ForgetSessions;

use compression::Press;
use features::{Presences, Voices};
use hub::Hub;
use link::Link;
use links::Links;
use protocol::Outgoing;
use saver::Saver;
use starts::Limits;
use store::Store;

/// The tables of this crate.
pub fn migrations() -> Vec<Migration> {
    vec![Migration { name: "gateway/0001", sql: include_str!("../migrations/0001.sql") }]
}

/// What the gateway is made of; the parts are given by the program that runs it.
#[derive(Clone)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The event log over the same database.
    pub log: EventLog,
    /// Whose guilds these are.
    pub chat: Chat,
    /// Who is who.
    pub accounts: Accounts,
    /// Which applications bots act for.
    pub applications: Applications,
    /// The time.
    pub clock: Clock,
    /// What the operator decided.
    pub config: Config,
}

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    parts: Parts,
    hub: Hub,
    links: Links,
    store: Store,
    saver: Saver,
    starts: Limits,
    presences: Presences,
    voices: Voices,
    hello: [Vec<u8>; Encoding::ALL.len()],
    /// Compresses what is meant for one connection alone.
    press: Mutex<Press>,
    draining: AtomicBool,
}

impl Gateway {
    /// Opens the gateway over a migrated database. Nothing is sent until [`Gateway::run`].
    pub fn new(parts: Parts) -> Self {
        describe();
        let hub = Hub::default();
        hub.lock().position = parts.chat.world().position();
        let beat = u64::try_from(parts.config.heartbeat.as_millis()).unwrap_or(u64::MAX);
        let hello = Outgoing::Hello(beat).json();
        let hello = Encoding::ALL.map(|encoding| {
            let mut frame = Vec::new();
            encoding.put(&mut frame, hello.as_bytes(), true, &mut Press::default());
            frame
        });
        Self(Arc::new(Inner {
            store: Store::new(parts.db.clone()),
            parts,
            hub,
            hello,
            links: Links::default(),
            saver: Saver::default(),
            starts: Limits::default(),
            presences: Presences::default(),
            voices: Voices::default(),
            press: Mutex::default(),
            draining: AtomicBool::new(false),
        }))
    }

    /// Follows the event log and looks after connections until `stop`. Exactly one may run in a process, and then
    /// nothing else may drive the chat's world.
    pub async fn run(&self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.dispatch() => {}
            () = self.relay() => {}
            () = self.sweep() => {}
        }
    }

    fn config(&self) -> &Config {
        &self.0.parts.config
    }

    fn log(&self) -> &EventLog {
        &self.0.parts.log
    }

    fn chat(&self) -> &Chat {
        &self.0.parts.chat
    }

    fn world(&self) -> &World {
        self.0.parts.chat.world()
    }

    fn accounts(&self) -> &Accounts {
        &self.0.parts.accounts
    }

    fn applications(&self) -> &Applications {
        &self.0.parts.applications
    }

    fn hub(&self) -> &Hub {
        &self.0.hub
    }

    fn links(&self) -> &Links {
        &self.0.links
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn saver(&self) -> &Saver {
        &self.0.saver
    }

    fn start_limits(&self) -> &Limits {
        &self.0.starts
    }

    fn presences(&self) -> &Presences {
        &self.0.presences
    }

    fn voices(&self) -> &Voices {
        &self.0.voices
    }

    fn now(&self) -> Timestamp {
        self.0.parts.clock.now()
    }

    fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    fn begin_draining(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// By when a client that has just been heard of must beat again.
    fn next_beat(&self) -> Timestamp {
        self.now().after(self.config().heartbeat * 3 / 2)
    }

    fn say(&self, link: &Link, payload: Outgoing) {
        self.say_json(link, payload.json().as_bytes());
    }

    fn say_json(&self, link: &Link, payload: &[u8]) {
        link.say(&[payload], &self.0.press);
    }

    /// Sends several payloads in one write.
    fn say_all(&self, link: &Link, payloads: &[Vec<u8>]) {
        link.say(payloads, &self.0.press);
    }

    /// The frame that every connection of an encoding begins with: HELLO.
    fn hello(&self, encoding: Encoding) -> &[u8] {
        let [plain, zlib, zstd] = &self.0.hello;
        match encoding {
            Encoding::Plain => plain,
            Encoding::Zlib => zlib,
            Encoding::Zstd => zstd,
        }
    }
}

impl FromRef<Gateway> for Accounts {
    fn from_ref(gateway: &Gateway) -> Self {
        gateway.accounts().clone()
    }
}

fn describe() {
    metrics::describe_gauge!("gateway_connections", "Open WebSockets.");
    metrics::describe_gauge!("gateway_sessions", "Sessions, those that wait for their client included.");
    metrics::describe_counter!("gateway_events_sent_total", "Events of the log sent to a connection.");
    metrics::describe_counter!(
        "gateway_slow_readers_total",
        "Connections cut off because they read too slowly."
    );
    metrics::describe_counter!("gateway_resumes_total", "Sessions that were resumed.");
}
