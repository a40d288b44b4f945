//! The directory: bots and guilds are listed, found, voted for and reviewed.

mod access;
mod actions;
mod api;
pub mod codes;
mod config;
pub mod model;
mod own_data;
pub mod platform;
mod rules;
pub mod shown;
mod store;

use std::sync::Arc;

use axum::extract::FromRef;
use guildhall_accounts::Accounts;
use guildhall_base::{Clock, Ids, Timestamp};
use guildhall_chat::Chat;
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::{Db, Migration};
use guildhall_infra::events::EventLog;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::jobs::Jobs;
use guildhall_infra::seal::Seal;
use guildhall_oauth::Applications;

pub use access::ListingAccess;
pub use api::{file_routes, routes as api_routes};
pub use config::Config;
use platform::Platform;
pub use rules::draft::Draft;
pub use store::vanities::Named;

/// The tables of this crate.
pub fn migrations() -> Vec<Migration> {
    vec![Migration { name: "directory/0001_listings", sql: include_str!("../migrations/0001_listings.sql") }]
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
pub struct Directory(Arc<Parts>);

impl Directory {
    /// Opens it over a migrated database.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
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
