//! [`OAuth`]: the authorization server.

use std::sync::Arc;
use std::time::Duration;

use guildhall_accounts::Accounts;
use guildhall_accounts::slow::Slow;
use guildhall_base::{ApplicationId, Clock, Ids, Result, Timestamp, UserId};
use guildhall_infra::cache::Fresh;
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::events::EventLog;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::jobs::Jobs;
use guildhall_infra::seal::Seal;
use moka::sync::Cache;
use tokio_util::sync::CancellationToken;

use crate::Applications;
use crate::actions::check::Checked;
use crate::actions::counting::Counting;
use crate::actions::issued::Issued;
use crate::config::Config;
use crate::events::{Ended, OAUTH_ENDED};
use crate::keys::Keys;
use crate::model::{GrantId, SecretHash};
use crate::store;

/// Longer than anything is remembered of a token that was checked.
const REMEMBER_ENDED: Duration = Duration::from_secs(900);
/// Keys of others are read this often.
const TEND_EVERY: Duration = Duration::from_secs(600);
/// What applications have asked is written down this often.
const WRITE_EVERY: Duration = Duration::from_secs(3);
/// A code, used or not, is kept this long after its end, so that its reuse is noticed.
const KEEP_CODES: Duration = Duration::from_secs(24 * 3600);
/// How long requests are shown in graphs and deliveries in the log.
const KEEP_USAGE: Duration = Duration::from_secs(31 * 24 * 3600);

/// What the authorization server is made of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// Who is who.
    pub accounts: Accounts,
    /// The clients.
    pub applications: Applications,
    /// What secrets are sealed with.
    pub seal: Seal,
    /// How other servers are told of sign-outs.
    pub fetch: Fetch,
    /// Where that waits until it is heard.
    pub jobs: Jobs,
    /// What the operator decided.
    pub config: Config,
}

/// The door. Clones share everything.
#[derive(Clone)]
pub struct OAuth(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) accounts: Accounts,
    pub(crate) applications: Applications,
    pub(crate) events: EventLog,
    pub(crate) seal: Seal,
    pub(crate) fetch: Fetch,
    pub(crate) jobs: Jobs,
    pub(crate) keys: Keys,
    pub(crate) config: Config,
    /// Access tokens that were checked lately.
    pub(crate) checked: Fresh<SecretHash, Arc<Checked>>,
    /// Families that ended lately: what was checked before is not believed.
    pub(crate) ended_grants: Cache<GrantId, ()>,
    /// The same for single tokens.
    pub(crate) ended_tokens: Cache<String, ()>,
    /// The same for all that somebody had allowed an application until then.
    pub(crate) ended_consents: Cache<(UserId, ApplicationId), Timestamp>,
    /// Codes and refresh tokens that were given out lately.
    pub(crate) issued: Issued,
    pub(crate) counting: Counting,
    pub(crate) slow: Slow,
}

impl OAuth {
    /// Opens the server over a migrated database, and makes its first keys.
    ///
    /// # Errors
    /// If keys can be neither read nor made.
    pub async fn open(parts: Parts) -> Result<Self> {
        let Parts { db, clock, ids, accounts, applications, seal, fetch, jobs, config } = parts;
        let keys = Keys::open(db.clone(), clock.clone(), seal.clone(), &config.first_keys).await?;
        applications.reach_by(seal.clone(), fetch.clone());
        applications.give_interaction_keys().await?;
        Ok(Self(Arc::new(Inner {
            events: accounts.events().clone(),
            counting: Counting::new(&config),
            issued: Issued::new(&config),
            slow: Slow::new(clock.clone()),
            db,
            clock,
            ids,
            accounts,
            applications,
            seal,
            fetch,
            jobs,
            keys,
            config,
            checked: Fresh::new(100_000),
            ended_grants: ended(),
            ended_tokens: ended(),
            ended_consents: ended(),
        })))
    }

    /// The clients.
    pub fn applications(&self) -> &Applications {
        &self.0.applications
    }

    /// Who is who.
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// The signing keys.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// What the operator decided.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Hears what other processes end, and looks after what this process keeps, until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let hear = stop.clone().run_until_cancelled_owned(self.clone().hear());
        let tend = stop.clone().run_until_cancelled_owned(self.clone().tend());
        let count = stop.clone().run_until_cancelled_owned(self.clone().write_counts());
        tokio::join!(hear, tend, count);
        if let Err(error) = self.write_usage().await {
            tracing::warn!(%error, "the last requests of applications could not be counted");
        }
    }

    /// Forgets what this or another process has ended, as the event log tells it. Runs until it is dropped or the log is
    /// closed; [`OAuth::run`] does it too.
    pub async fn hear(self) {
        let mut tail = self.0.events.tail(self.0.events.head());
        while let Ok(Some(events)) = tail.next(512).await {
            for event in events.iter().filter(|event| &*event.name == OAUTH_ENDED) {
                if let Ok(ended) = event.parse::<Ended>() {
                    self.forget(&ended);
                }
            }
        }
    }

    async fn write_counts(self) {
        let mut interval = tokio::time::interval(WRITE_EVERY);
        loop {
            interval.tick().await;
            if let Err(error) = self.write_usage().await {
                tracing::warn!(%error, "requests of applications cannot be counted; trying again later");
            }
        }
    }

    /// What belongs to this process alone and so is no job: it takes in keys that others made. What is the same for all processes is done by [`ForgetOver`](crate::ForgetOver).
    async fn tend(self) {
        let mut interval = tokio::time::interval(TEND_EVERY);
        loop {
            interval.tick().await;
            if let Err(error) = self.0.keys.load().await {
                tracing::warn!(%error, "signing keys cannot be read; trying again later");
            }
        }
    }

    /// Removes what has ended by itself, and what was counted too long ago; makes and forgets keys when it is time.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn tidy(&self) -> Result<()> {
        let now = self.0.clock.now();
        let mut batch = Batch::new();
        store::codes::prune(&mut batch, now.before(KEEP_CODES));
        store::grants::prune(&mut batch, now);
        store::requests::prune(&mut batch, now);
        store::devices::prune(&mut batch, now.before(KEEP_CODES));
        let oldest = now.before(KEEP_USAGE);
        store::usage::prune_days(&mut batch, crate::actions::days::day(now));
        store::usage::prune(&mut batch, crate::actions::counting::hour(oldest), oldest);
        self.0.db.write(batch).await?;
        self.0.keys.tend().await
    }

    /// Writes a batch that ends something; when it returns, this process does not believe it any more, and the others
    /// will not within a moment.
    pub(crate) async fn end(&self, batch: Batch, ended: &Ended) -> Result<()> {
        self.0.events.commit_leaf(batch, &[ended.event()?]).await?;
        self.forget(ended);
        Ok(())
    }

    pub(crate) fn forget(&self, ended: &Ended) {
        for grant in &ended.grants {
            self.0.ended_grants.insert(*grant, ());
        }
        if let Some(token) = &ended.token {
            self.0.ended_tokens.insert(token.clone(), ());
        }
        if let Some(consent) = &ended.consent {
            self.0.ended_consents.insert((consent.user, consent.application), consent.at);
        }
        if let Some(application) = ended.application {
            self.0.applications.forget(application);
        }
    }
}

fn ended<K: std::hash::Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static>() -> Cache<K, V> {
    Cache::builder().max_capacity(1_000_000).time_to_live(REMEMBER_ENDED).build()
}
