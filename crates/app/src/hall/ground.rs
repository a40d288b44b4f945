//! What all features stand on: the database with its schema, the clock, ids, the event log, files, secrets, jobs.

use std::time::Duration;

use anyhow::{Context, Result};
use guildhall_base::{Clock, Ids};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::Db;
use guildhall_infra::events::EventLog;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::i18n::{Texts, Words};
use guildhall_infra::jobs::{self, Jobs};
use guildhall_infra::mail::Mailer;
use guildhall_infra::seal::Seal;
use tokio_util::sync::CancellationToken;

use super::config::fetch_config;
use super::migrations;
use crate::config::Settings;

/// What the features' pages and mails say.
const TEXTS: &[Texts] = &[
    guildhall_jobs::TEXTS,
    guildhall_backup::TEXTS,
    guildhall_directory::TEXTS,
    guildhall_directory::LISTING_TEXTS,
    guildhall_chat::TEXTS,
    guildhall_chat::SETTINGS_TEXTS,
    guildhall_accounts::TEXTS,
    guildhall_accounts::MAIL_TEXTS,
    guildhall_accounts::SECURITY_TEXTS,
    guildhall_accounts::LIFE_TEXTS,
    guildhall_oauth::TEXTS,
    guildhall_directory::MAIL_TEXTS,
];

/// What is there before any feature.
pub(super) struct Ground {
    pub(super) clock: Clock,
    pub(super) db: Db,
    pub(super) ids: Ids,
    pub(super) events: EventLog,
    pub(super) blobs: Blobs,
    pub(super) seal: Seal,
    pub(super) jobs: Jobs,
}

impl Ground {
    /// Makes the data folder, opens the database and applies what is missing of the schema.
    pub(super) async fn open(settings: &Settings, clock: Clock, stop: CancellationToken) -> Result<Self> {
        let data = &settings.data;
        std::fs::create_dir_all(data)
            .with_context(|| format!("cannot make the folder {}", data.display()))?;
        let db = Db::open(settings.database_url()).await.context("cannot open the database")?;
        db.migrate(&migrations()).await.context("cannot bring the database up to date")?;
        // A command may write beside the server: a random node keeps their ids apart.
        let ids = Ids::new(clock.clone(), rand::random_range(0..1024));
        let events =
            EventLog::open(db.clone(), clock.clone(), stop).await.context("cannot open the event log")?;
        let files = format!("file:{}", data.join("blobs").display());
        let blobs = Blobs::open(&files).context("cannot open the place for files")?;
        let seal = Seal::open(&data.join("secrets.key")).context("cannot open the key of secrets")?;
        let jobs = Jobs::new(jobs::Parts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            log: events.clone(),
            blobs: blobs.clone(),
            seal: seal.clone(),
            timing: jobs::Timing {
                lease: Duration::from_secs(settings.jobs.lease_seconds.into()),
                beat: Duration::from_secs(settings.jobs.lease_seconds.into()) / 6,
                drain: Duration::from_secs(settings.shutdown.seconds.into()),
                ..jobs::Timing::default()
            },
        });
        Ok(Self { clock, db, ids, events, blobs, seal, jobs })
    }

    /// The ways to other servers and to people's mailboxes, and what is said to people.
    pub(super) fn ways_out(&self, settings: &Settings) -> Result<(Fetch, Mailer, Words)> {
        let words = Words::new(TEXTS).context("cannot read the texts of pages")?;
        let fetch = Fetch::new(fetch_config(settings)).context("cannot prepare outgoing requests")?;
        let mailer = Mailer::new(&settings.mail, fetch.clone(), self.clock.clone());
        Ok((fetch, mailer.context("cannot send mail")?, words))
    }
}
