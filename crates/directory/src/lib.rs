//! The directory: bots and guilds are listed, found, voted for and reviewed.

mod access;
mod actions;
mod api;
pub mod codes;
mod config;
mod deliver;
pub mod import;
mod jobs;
pub mod model;
mod own_data;
mod pages;
pub mod platform;
mod pulse;
mod rules;
mod shelf;
pub mod shown;
mod store;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use guildhall_accounts::Accounts;
use guildhall_base::{Clock, Ids, Timestamp};
use guildhall_chat::Chat;
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::{Db, Migration};
use guildhall_infra::events::EventLog;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::i18n::{Texts, texts};
use guildhall_infra::jobs::Jobs;
use guildhall_infra::seal::Seal;
use guildhall_oauth::Applications;

pub use access::{Caller, ListingAccess};
pub use actions::votes::Cast;
pub use api::{file_routes, routes as api_routes, topgg_routes};
pub use config::{Config, VoteWindow};
pub use deliver::ForgetDeliveries;
pub use jobs::{CloseMonth, RecountVotes};
pub use pages::{Files, page_routes};
use platform::Platform;
pub use rules::browse::{Browse, Sort};
pub use rules::draft::Draft;
pub use rules::staff::StaffAction;
pub use rules::stats::Posted;
use shown::draw::Painter;
pub use store::months::Past;
pub use store::vanities::Named;
use tokio::sync::Semaphore;

/// What the pages with many listings say, and what can go wrong.
pub const TEXTS: Texts = texts!("../locales/en/directory.ftl", "../locales/fi/directory.ftl");

/// What mails of the directory say.
pub const MAIL_TEXTS: Texts = texts!("../locales/en/mail.ftl", "../locales/fi/mail.ftl");

/// What the pages of one listing say.
pub const LISTING_TEXTS: Texts = texts!("../locales/en/listing.ftl", "../locales/fi/listing.ftl");

/// The tables of this crate.
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "directory/0001_listings", sql: include_str!("../migrations/0001_listings.sql") },
        Migration { name: "directory/0002_votes", sql: include_str!("../migrations/0002_votes.sql") },
        Migration {
            name: "directory/0003_statistics",
            sql: include_str!("../migrations/0003_statistics.sql"),
        },
        Migration { name: "directory/0004_reviews", sql: include_str!("../migrations/0004_reviews.sql") },
        Migration { name: "directory/0005_packs", sql: include_str!("../migrations/0005_packs.sql") },
        Migration { name: "directory/0006_appeals", sql: include_str!("../migrations/0006_appeals.sql") },
        Migration { name: "directory/0007_search", sql: include_str!("../migrations/0007_search.sql") },
        Migration { name: "directory/0008_webhooks", sql: include_str!("../migrations/0008_webhooks.sql") },
    ]
}

/// What the directory stands on.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The event log over the same database.
    pub log: EventLog,
    /// Where pictures lie.
    pub blobs: Blobs,
    /// Work that survives.
    pub jobs: Jobs,
    /// Keeps secrets that are needed again.
    pub seal: Seal,
    /// The way to other servers.
    pub fetch: Fetch,
    /// Who is who.
    pub accounts: Accounts,
    /// Which bots there are here.
    pub applications: Applications,
    /// Which guilds there are here.
    pub chat: Chat,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// Where bots and guilds are looked up.
    pub platforms: Vec<Arc<dyn Platform>>,
    /// What the operator decided.
    pub config: Config,
}

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    parts: Parts,
    /// What everybody sees alike.
    shelf: shelf::Shelf,
    /// Draws widgets.
    painter: Painter,
    /// At how many pictures at once.
    easel: Semaphore,
    /// What is counted in memory.
    pulse: pulse::Pulse,
    /// Where webhooks are told of what happens.
    hooks: deliver::Hooks,
}

impl Deref for Inner {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Directory {
    /// Opens it over a migrated database.
    pub fn new(parts: Parts) -> Self {
        let (shelf, painter) = (shelf::Shelf::default(), Painter::default());
        let (pulse, hooks) = (pulse::Pulse::default(), deliver::Hooks::default());
        Self(Arc::new(Inner { parts, shelf, painter, easel: Semaphore::new(2), pulse, hooks }))
    }

    /// What the operator decided.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

impl FromRef<Directory> for Accounts {
    fn from_ref(directory: &Directory) -> Self {
        directory.0.accounts.clone()
    }
}
