//! PostgreSQL: a pool of connections with prepared statements; a batch travels as one pipeline. Batches whose end all
//! queue for (the event log's counter) are written together.

mod failure;
mod group;
mod lease;
mod pipeline;
mod together;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use guildhall_base::{Error, Result};
use tokio::sync::watch;
use tokio_postgres::NoTls;

pub(super) use self::failure::Failed;
use self::group::Queue;
use self::lease::Lease;
use self::wire::run;
use super::Dialect;
use super::batch::{Batch, Outcome, Statement};
use super::migrate::{Migration, TABLE};
use super::row::Row;
use super::sql::Sql;
use super::value::Params;

/// How long anything waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a session may take, unless the address says otherwise (`?options=...`): no statement runs, and no transaction
/// idles, for ever.
const LIMITS: &str = "-c statement_timeout=30s -c idle_in_transaction_session_timeout=10s";
/// How often a transaction is tried that others got in the way of.
const ATTEMPTS: u32 = 10;
/// How many connections it may have at least; four for each core where that is more.
const LEAST_CONNECTIONS: usize = 16;

/// A pool of connections to one database. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Postgres {
    pool: Pool,
    queue: Arc<Queue>,
    announced: watch::Sender<u64>,
}

impl Postgres {
    pub(super) async fn open(url: &str, announced: watch::Sender<u64>) -> Result<Self> {
        let mut config: tokio_postgres::Config = url.parse().map_err(Error::internal)?;
        config.connect_timeout(PATIENCE).tcp_user_timeout(Duration::from_secs(30));
        if config.get_application_name().is_none() {
            config.application_name("guildhall");
        }
        if config.get_options().is_none() {
            config.options(LIMITS);
        }
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let connections = LEAST_CONNECTIONS.max(cores * 4);
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(connections)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(Error::internal)?;
        let this = Self { pool, queue: Arc::new(Queue::new(connections)), announced };
        this.lease().await.map_err(Failed::into_error)?.finish();
        Ok(this)
    }

    pub(super) async fn all(&self, sql: Sql, params: Params) -> Result<Vec<Row>> {
        let statement = Statement { sql, params, must: None };
        let mut tries = Tries::default();
        loop {
            match self.try_all(&statement).await {
                Ok(outcome) => return Ok(outcome.rows),
                Err(failed) => tries.another(self.learn(failed)).await?,
            }
        }
    }

    async fn try_all(&self, statement: &Statement) -> Result<Outcome, Failed> {
        // Nothing needs undoing when the caller stops waiting for a query.
        let client = self.client().await?;
        let result = run(&client, statement).await;
        result.inspect_err(|failed| failed.forget_plans(&client)).map_err(Failed::harmless)
    }

    pub(super) async fn check(&self, sql: Sql) -> Result<()> {
        let client = self.client().await.map_err(Failed::into_error)?;
        let text = sql.expanded(Dialect::Postgres);
        client.prepare(text).await.map(drop).map_err(|error| Failed::new(sql.text(), error).into_error())
    }

    pub(super) async fn write(&self, batch: Batch) -> Result<Vec<Outcome>> {
        if batch.parts().is_some() { self.join(batch).await } else { self.write_alone(&batch).await }
    }

    async fn write_alone(&self, batch: &Batch) -> Result<Vec<Outcome>> {
        let mut tries = Tries::default();
        let outcomes = loop {
            match self.try_write(batch).await {
                Ok(outcomes) => break outcomes,
                Err(failed) => tries.another(self.learn(failed)).await?,
            }
        };
        batch.committed(&outcomes);
        if batch.announce {
            self.announced.send_modify(|count| *count += 1);
        }
        Ok(outcomes)
    }

    async fn try_write(&self, batch: &Batch) -> Result<Vec<Outcome>, Failed> {
        let lease = self.lease().await?;
        let result = pipeline::write(&lease, batch).await.inspect_err(|failed| failed.forget_plans(&lease));
        // Every answer has been read, so the connection is outside any transaction.
        lease.finish();
        result
    }

    pub(super) async fn migrate(&self, migration: Migration) -> Result<()> {
        let mut tries = Tries::default();
        loop {
            match self.try_migrate(migration).await {
                Ok(()) => return Ok(()),
                Err(failed) => tries.another(self.learn(failed)).await?,
            }
        }
    }

    async fn try_migrate(&self, migration: Migration) -> Result<(), Failed> {
        let lease = self.lease().await?;
        let failed = |error| Failed::new(migration.name, error);
        if let Err(error) = lease.batch_execute(TABLE).await {
            // Two processes that start together may both try to create the table; the second finds it then.
            tracing::debug!(%error, "creating the table of migrations");
            lease.batch_execute(TABLE).await.map_err(failed)?;
        }
        // A large table may take its time.
        lease.batch_execute("BEGIN; SET LOCAL statement_timeout = 0").await.map_err(failed)?;
        let claim = "INSERT INTO migrations (name, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        // A second process waits here for the first one's commit.
        if lease.execute(claim, &[&migration.name, &migration.digest()]).await.map_err(failed)? == 1 {
            lease.batch_execute(&migration.script(Dialect::Postgres)).await.map_err(failed)?;
            lease.batch_execute("COMMIT").await.map_err(failed)?;
            tracing::info!(migration = migration.name, "applied");
            lease.finish();
            return Ok(());
        }
        let find = "SELECT digest FROM migrations WHERE name = $1";
        let applied = lease.query_one(find, &[&migration.name]).await.map_err(failed)?;
        lease.batch_execute("ROLLBACK").await.map_err(failed)?;
        lease.finish();
        migration.verify(applied.try_get(0).map_err(failed)?).map_err(Failed::from)
    }

    pub(super) async fn begin(&self) -> Result<PostgresTx> {
        let mut tries = Tries::default();
        loop {
            match self.try_begin().await {
                Ok(lease) => {
                    return Ok(PostgresTx { lease, again: false, announced: self.announced.clone() });
                }
                Err(failed) => tries.another(self.learn(failed)).await?,
            }
        }
    }

    async fn try_begin(&self) -> Result<Lease, Failed> {
        let lease = self.lease().await?;
        // Alone with its data, as it is on SQLite; whoever collides tries again.
        let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        lease.batch_execute(begin).await.map_err(|error| Failed::new(begin, error).harmless())?;
        Ok(lease)
    }

    /// When a server goes, it goes for all: what idles in the pool would only fail one caller each. Called after
    /// the connection that noticed was given back.
    pub(super) fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    fn learn(&self, failed: Failed) -> Failed {
        if failed.is_lost() {
            self.forget_idle();
        }
        failed
    }

    async fn lease(&self) -> Result<Lease, Failed> {
        self.client().await.map(Lease::new)
    }

    async fn client(&self) -> Result<Object, Failed> {
        match self.pool.get().await {
            Ok(client) => Ok(client),
            Err(PoolError::Backend(error)) => Err(Failed::unavailable("connecting", error)),
            Err(error) => Err(Failed::unavailable("waiting for a connection", error)),
        }
    }
}

/// Counts how often something was tried.
#[derive(Debug, Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Waits before another try, where that may help: a random while that doubles each time, because those who
    /// collided should not meet again.
    ///
    /// # Errors
    /// The failure itself, where another try would not help or there were enough.
    pub(super) async fn another(&mut self, failed: Failed) -> Result<()> {
        self.0 += 1;
        if !failed.again() || self.0 >= ATTEMPTS {
            return Err(failed.into_error());
        }
        let longest = 4_u64 << self.0;
        tokio::time::sleep(Duration::from_millis(rand::random_range(1..=longest))).await;
        Ok(())
    }
}

/// An interactive transaction; dropping it rolls back.
#[derive(Debug)]
pub(super) struct PostgresTx {
    lease: Lease,
    /// Whether others got in the way of it.
    again: bool,
    announced: watch::Sender<u64>,
}

impl PostgresTx {
    pub(super) async fn run(&mut self, statement: &Statement) -> Result<Outcome> {
        let result = run(&self.lease, statement).await;
        result.map_err(|failed| {
            failed.forget_plans(&self.lease);
            self.again = failed.again();
            failed.into_error()
        })
    }

    /// Whether its failure may be gone at another try.
    pub(super) fn worth_another_try(&self) -> bool {
        self.again
    }

    pub(super) async fn commit(self, announce: bool) -> Result<(), Failed> {
        self.lease.batch_execute("COMMIT").await.map_err(|error| Failed::new("COMMIT", error))?;
        if announce {
            self.announced.send_modify(|count| *count += 1);
        }
        self.lease.finish();
        Ok(())
    }
}
