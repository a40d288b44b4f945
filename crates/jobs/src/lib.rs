//! Durable jobs seen from outside. The engine is `infra::jobs`; here is who may ask for a job, see it and stop it, by
//! the API that other programs use (`/v2/jobs`), and by pages.
//!
//! People see and cancel their own jobs, those who manage a guild its jobs, programs what they asked for, who has
//! the right `jobs.manage` all. Rights of staff are asked afresh of accounts, every time.

mod access;
mod actions;
mod api;
mod clients;
mod codes;
mod own_data;
pub mod pages;

use std::sync::Arc;

use axum::extract::FromRef;
use guildhall_accounts::Accounts;
use guildhall_chat::Chat;
use guildhall_infra::i18n::{Texts, Words, texts};
use guildhall_infra::jobs::Jobs;

pub use access::Asker;
pub use actions::{Kind, NewRequest, Wanted};
pub use api::routes as api_routes;
pub use clients::{Client, Clients, Secrets, new_secret};

/// What the pages say.
pub const TEXTS: Texts = texts!("../locales/en/jobs.ftl", "../locales/fi/jobs.ftl");

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Desk(Arc<Parts>);

/// What the desk stands on.
pub struct Parts {
    /// The engine.
    pub jobs: Jobs,
    /// Which guilds there are, and who manages them.
    pub chat: Chat,
    /// Who is who.
    pub accounts: Accounts,
    /// Which programs may ask.
    pub clients: Clients,
    /// What jobs say of themselves, in all languages.
    pub words: Words,
    /// Where people reach this server; no slash at the end.
    pub public_url: String,
}

impl Desk {
    /// Opens it.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The engine.
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }
}

impl FromRef<Desk> for Accounts {
    fn from_ref(desk: &Desk) -> Self {
        desk.0.accounts.clone()
    }
}
