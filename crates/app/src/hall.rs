//! The features, opened over one database: what the server and the commands have in common.

mod config;
mod features;
mod ground;

use std::sync::Arc;

use anyhow::Result;
use guildhall_accounts::Accounts;
use guildhall_accounts::life::OwnData;
use guildhall_backup::Backups;
use guildhall_base::{Clock, Ids};
use guildhall_chat::Chat;
use guildhall_directory::Directory;
use guildhall_gateway::Gateway;
use guildhall_infra::db::{Db, Migration};
use guildhall_infra::events::{self, EventLog};
use guildhall_infra::fetch::Fetch;
use guildhall_infra::i18n::Words;
use guildhall_infra::jobs::{self, Jobs};
use guildhall_infra::mail::Mailer;
use guildhall_jobs::Desk;
use guildhall_oauth::{Applications, OAuth};
use tokio_util::sync::CancellationToken;

use self::ground::Ground;
use crate::config::Settings;

/// Everything that lives as long as the process. Clones share it.
#[derive(Clone)]
pub struct Hall {
    /// The effective configuration.
    pub settings: Settings,
    /// Where the time comes from.
    pub clock: Clock,
    /// The database, with all migrations applied.
    pub db: Db,
    /// Where ids come from.
    pub ids: Ids,
    /// What has happened.
    pub events: EventLog,
    /// Work that survives.
    pub jobs: Jobs,
    /// What pages and mails are written in.
    pub words: Words,
    /// The way to other servers.
    pub fetch: Fetch,
    /// The way to people's mailboxes.
    pub mailer: Mailer,
    /// Who is who.
    pub accounts: Accounts,
    /// Which applications bots act for.
    pub applications: Applications,
    /// What applications may do in whose name.
    pub oauth: OAuth,
    /// Guilds and what is said in them.
    pub chat: Chat,
    /// Who is told of it.
    pub gateway: Gateway,
    /// Who may ask for work.
    pub desk: Desk,
    /// Backups of guilds.
    pub backups: Backups,
    /// Bots and guilds get found.
    pub directory: Directory,
}

impl Hall {
    /// Makes the data folder, opens the database, applies what is missing of the schema and opens the features.
    /// Their tasks end with `stop`.
    ///
    /// # Errors
    /// If the folder cannot be made, or the database cannot be opened or migrated.
    pub async fn open(settings: Settings, clock: Clock, stop: CancellationToken) -> Result<Self> {
        let ground = Ground::open(&settings, clock, stop.clone()).await?;
        let (fetch, mailer, words) = ground.ways_out(&settings)?;
        let accounts = ground.accounts(&settings, &fetch, &mailer, &words)?;
        let (following, stopped) = (accounts.clone(), stop.clone());
        tokio::spawn(async move { stopped.run_until_cancelled(following.follow()).await });
        let (applications, oauth) = ground.oauth(&settings, &accounts, &fetch).await?;
        let chat = ground.chat(&settings, &accounts, &applications, &fetch);
        let gateway = ground.gateway(&settings, &chat, &accounts, &applications);
        accounts.register_jobs();
        oauth.register_jobs();
        let desk = ground.desk(&settings, &chat, &accounts, &words)?;
        let directory = ground.directory(&settings, &chat, &oauth, &fetch);
        let following = directory.clone();
        tokio::spawn(async move { stop.run_until_cancelled(following.follow()).await });
        let backups = ground.backups(&settings, &chat, &oauth, &fetch);
        let Ground { clock, db, ids, events, jobs, .. } = ground;
        let hall = Self {
            settings,
            clock,
            db,
            ids,
            events,
            jobs,
            words,
            fetch,
            mailer,
            accounts,
            applications,
            oauth,
            chat,
            gateway,
            desk,
            backups,
            directory,
        };
        crate::jobs::register(&hall)?;
        hall.accounts.offer_life(&hall.jobs, &hall.words, hall.own_data());
        Ok(hall)
    }

    /// The features that keep something of people, in the order in which they forget them.
    pub fn own_data(&self) -> Vec<Arc<dyn OwnData>> {
        vec![
            Arc::new(self.chat.clone()),
            Arc::new(self.gateway.clone()),
            Arc::new(self.oauth.clone()),
            Arc::new(self.desk.clone()),
            Arc::new(self.directory.clone()),
        ]
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn reach_database(&self) -> Result<()> {
        self.events.trimmed_to().await?;
        Ok(())
    }
}

/// What the installation is called.
pub(crate) const SITE: &str = "Guildhall";

/// The tables of all features, in the order in which they refer to one another.
pub fn migrations() -> Vec<Migration> {
    [
        events::migrations(),
        jobs::migrations(),
        Accounts::migrations(),
        Applications::migrations(),
        guildhall_chat::migrations(),
        guildhall_gateway::migrations(),
        guildhall_directory::migrations(),
    ]
    .concat()
}
