//! Guilds, channels, roles, members and messages: the Discord-compatible REST API v10.
//!
//! The door is [`Chat`]. Its actions load with authorization ([`access`]), ask a rule ([`rules`]), and write the
//! change and its events in one transaction; its routes ([`api_routes`]) and pages call the actions and nothing
//! else. What permissions are computed from is in memory ([`World`]), kept current by the event log.

pub mod access;
mod actions;
mod api;
mod codes;
mod config;
pub mod events;
mod guild_host;
pub mod jobs;
pub mod model;
pub mod pages;
pub mod rules;
mod store;
mod world;

use std::sync::Arc;

use axum::extract::FromRef;
use guildhall_accounts::Accounts;
use guildhall_base::{Clock, Ids, WebhookId};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::cache::Fresh;
use guildhall_infra::db::{Db, Migration};
use guildhall_infra::events::EventLog;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::i18n::{Texts, texts};
use guildhall_infra::jobs::Jobs;
use guildhall_infra::limits::Windows;
use guildhall_infra::seal::Seal;
use guildhall_oauth::Applications;

pub use actions::guilds::{GuildChanges, NewGuild};
pub use api::{file_routes, own_routes, routes as api_routes};
pub use config::Config;
pub use world::{ChannelState, DirectRoom, GuildRoom, GuildState, World, lost_a_member};

/// What the pages for many at once say.
pub const TEXTS: Texts = texts!("../locales/en/mass.ftl", "../locales/fi/mass.ftl");

/// What the pages of a guild's settings say.
pub const SETTINGS_TEXTS: Texts = texts!("../locales/en/chat.ftl", "../locales/fi/chat.ftl");

/// The tables of this crate.
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "chat/0001_core", sql: include_str!("../migrations/0001_core.sql") },
        Migration {
            name: "chat/0003_interactions",
            sql: include_str!("../migrations/0003_interactions.sql"),
        },
        Migration {
            name: "chat/0005_member_versions",
            sql: include_str!("../migrations/0005_member_versions.sql"),
        },
        Migration {
            name: "chat/0006_temporary_members",
            sql: include_str!("../migrations/0006_temporary_members.sql"),
        },
        Migration {
            name: "chat/0007_command_creates",
            sql: include_str!("../migrations/0007_command_creates.sql"),
        },
        Migration { name: "chat/0010_read_states", sql: include_str!("../migrations/0010_read_states.sql") },
        Migration { name: "chat/0011_webhooks", sql: include_str!("../migrations/0011_webhooks.sql") },
        Migration {
            name: "chat/0012_departed_members",
            sql: include_str!("../migrations/0012_departed_members.sql"),
        },
        Migration { name: "chat/0013_expressions", sql: include_str!("../migrations/0013_expressions.sql") },
        Migration { name: "chat/0014_gone_files", sql: include_str!("../migrations/0014_gone_files.sql") },
    ]
}

/// What the chat is made of; the parts are given by the program that runs it.
#[derive(Clone)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The event log over the same database.
    pub log: EventLog,
    /// Where uploaded files lie.
    pub blobs: Blobs,
    /// Work that survives.
    pub jobs: Jobs,
    /// Who is who.
    pub accounts: Accounts,
    /// Which applications bots act for.
    pub applications: Applications,
    /// Keeps webhooks' tokens.
    pub seal: Seal,
    /// The way to pictures on other servers.
    pub fetch: Fetch,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// What the operator decided.
    pub config: Config,
}

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Chat {
    parts: Arc<Parts>,
    world: World,
    /// How often webhooks have written lately.
    webhook_use: Arc<Windows<WebhookId>>,
    /// The pictures under which webhooks have written lately, by webhook and address.
    borrowed: Fresh<[u8; 32], Option<Arc<str>>>,
}

impl Chat {
    /// Opens the chat over a migrated database.
    pub fn new(parts: Parts) -> Self {
        parts.applications.reach_by(parts.seal.clone(), parts.fetch.clone());
        let world = World::new(parts.db.clone(), parts.log.clone());
        let webhook_use = Windows::new(parts.config.webhook_messages, config::WEBHOOK_WINDOW).into();
        Self { parts: Arc::new(parts), world, webhook_use, borrowed: Fresh::new(10_000) }
    }

    /// The guilds in memory.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Keeps the world current in a process that has no gateway to do it: takes in the log's events until the
    /// future is dropped. Exactly one driver may run in a process.
    pub async fn follow_log(&self) {
        let mut tail = self.parts.log.tail(self.world.position());
        self.parts.log.mark_applied(tail.position());
        while let Ok(Some(events)) = tail.next(512).await {
            for event in &events {
                if let Err(error) = self.world.apply(event) {
                    tracing::error!(%error, position = event.position, "an event could not be taken in");
                }
            }
            self.parts.log.mark_applied(tail.position());
        }
    }

    fn db(&self) -> &Db {
        &self.parts.db
    }

    fn now(&self) -> guildhall_base::Timestamp {
        self.parts.clock.now()
    }
}

impl FromRef<Chat> for Accounts {
    fn from_ref(chat: &Chat) -> Self {
        chat.parts.accounts.clone()
    }
}
