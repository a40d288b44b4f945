//! Backups of whole guilds: what is in one ([`model`]), the file they are kept in, and the jobs that make and restore
//! them. The guild is read and written through Discord's REST API, so that the same code serves a guild of this server
//! and one of any server that speaks the protocol.

pub mod actions;
mod api;
pub mod archive;
pub mod backup;
pub mod codes;
pub mod container;
pub mod import;
pub mod model;
mod pages;
pub mod parts;
pub mod plan;
pub mod readers;
pub mod remote;
pub mod restore;
mod sweep;
pub mod undo;
mod wire;

use std::sync::Arc;

use guildhall_accounts::Accounts;
use guildhall_base::{Result, UserId};
use guildhall_chat::Chat;
use guildhall_infra::blobs::Blobs;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::i18n::{Texts, texts};
use guildhall_infra::jobs::{Jobs, Queue};
use guildhall_infra::seal::Seal;

use remote::{Address, Remote};

pub use api::routes as api_routes;
pub use pages::{page_routes, upload_routes};
pub use sweep::ForgetParts;

/// What the pages say.
pub const TEXTS: Texts = texts!("../locales/en/backup.ftl", "../locales/fi/backup.ftl");

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Backups(Arc<Parts>);

/// What backups stand on.
#[derive(Clone)]
pub struct Parts {
    /// The engine.
    pub jobs: Jobs,
    /// Which guilds there are, and who manages them.
    pub chat: Chat,
    /// Who is who.
    pub accounts: Accounts,
    /// Where parts of a backup lie while it is made or restored.
    pub blobs: Blobs,
    /// Keeps passphrases for as long as a job needs them.
    pub seal: Seal,
    /// The way to other servers.
    pub fetch: Fetch,
    /// The way to this one.
    pub inside: remote::Inside,
    /// How much a backup may take.
    pub allowance: backup::Allowance,
    /// What features add to backups of guilds of this server.
    pub features: Vec<Arc<dyn parts::Part>>,
}

impl Backups {
    /// Opens it.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Guildhall's own API, as this person.
    pub fn inside(&self, user: UserId) -> Remote {
        Remote::inside(self.0.inside.clone(), user)
    }

    /// Another server's API, as the bot with this token.
    ///
    /// # Errors
    /// If the address or the token cannot be used.
    pub fn elsewhere(&self, address: Address, token: &str) -> Result<Remote> {
        Remote::over_http(self.0.fetch.clone(), address, token)
    }

    /// The same with these features' parts.
    #[must_use]
    pub fn with_features(&self, features: Vec<Arc<dyn parts::Part>>) -> Self {
        Self::new(Parts { features, ..Parts::clone(&self.0) })
    }

    /// Registers its jobs with the engine.
    pub fn register_jobs(&self) {
        self.0.jobs.register(import::BackupImport(self.clone()));
        self.0.jobs.register(restore::GuildRestore(self.clone()));
        self.0.jobs.register(undo::GuildRestoreUndo(self.clone()));
        self.0.jobs.limit(Queue::new(restore::QUEUE).running_per_key(1));
        self.0.jobs.register(backup::GuildBackup(self.clone()));
        self.0.jobs.register(ForgetParts::new(self));
    }
}
