//! The features, opened over one database: what the server and the commands have in common.

use anyhow::{Context, Result};
use guildhall_base::{Clock, Ids};
use guildhall_infra::db::{Db, Migration};
use guildhall_infra::events::{self, EventLog};
use tokio_util::sync::CancellationToken;

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
}

impl Hall {
    /// Makes the data folder, opens the database, applies what is missing of the schema and opens the features.
    /// Their tasks end with `stop`.
    ///
    /// # Errors
    /// If the folder cannot be made, or the database cannot be opened or migrated.
    pub async fn open(settings: Settings, clock: Clock, stop: CancellationToken) -> Result<Self> {
        let data = &settings.data;
        std::fs::create_dir_all(data)
            .with_context(|| format!("cannot make the folder {}", data.display()))?;
        let db = Db::open(settings.database_url()).await.context("cannot open the database")?;
        db.migrate(&migrations()).await.context("cannot bring the database up to date")?;
        // A command may write beside the server: a random node keeps their ids apart.
        let ids = Ids::new(clock.clone(), rand::random_range(0..1024));
        let events =
            EventLog::open(db.clone(), clock.clone(), stop).await.context("cannot open the event log")?;
        Ok(Self { settings, clock, db, ids, events })
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

/// The tables of all features, in the order in which they refer to one another.
fn migrations() -> Vec<Migration> {
    [events::migrations()].concat()
}
