//! The database: one SQL text for SQLite and PostgreSQL behind `all / opt / one / write / tx`.
//!
//! ```
//! # async fn example(db: guildhall_infra::db::Db) -> guildhall_base::Result<()> {
//! use guildhall_infra::db::{Batch, params, sql};
//!
//! let row = db.one(sql!("SELECT name, owner FROM guilds WHERE id = $1"), params![42]).await?;
//! let (name, owner): (String, Option<i64>) = row.read()?;
//!
//! let mut batch = Batch::new();
//! batch.run(sql!("UPDATE guilds SET name = $2 WHERE id = $1"), params![42, format!("{name}!")]);
//! db.write(batch).await?;
//! # Ok(())
//! # }
//! ```
//!
//! SQL is what both engines understand: `$n` placeholders, BIGINT for numbers and for times in milliseconds, TEXT,
//! BOOLEAN, `RETURNING`, `ON CONFLICT DO UPDATE ... WHERE`, `UPDATE ... FROM`, row values, window functions, `->>`.
//! Where they differ, [`sql`](mod@sql) has fragments. Where they differ silently, be explicit:
//! - say `NULLS FIRST` or `NULLS LAST` when ordering by a column that may be null;
//! - a parameter whose type nothing tells needs `CAST($1 AS BIGINT)`, for instance in `$1 IS NULL OR id < $1`;
//! - `lower` knows only ASCII on SQLite; `LIKE` minds the case on both;
//! - negate a list as `NOT id {in $1}`;
//! - text cannot contain U+0000 (PostgreSQL has no way to store it): `ZERO_IN_TEXT` on both.

mod batch;
mod error;
mod fault;
mod list;
mod migrate;
mod postgres;
mod queue;
mod row;
pub mod sql;
mod sqlite;
mod tx;
mod value;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guildhall_base::{Error, Result};
use tokio::sync::watch;

pub use self::batch::{Batch, Outcome};
pub use self::error::codes;
pub use self::fault::Fault;
use self::fault::Faults;
pub use self::list::{Item, Rows};
pub use self::migrate::Migration;
use self::postgres::Postgres;
pub use self::row::{Columns, FromRow, Row};
pub use self::sql::Sql;
#[doc(hidden)]
pub use self::sql::Text;
use self::sqlite::Sqlite;
pub use self::tx::Tx;
pub use self::value::{Column, Json, Param, Params, Value};
pub use self::words::{MOST_WORDS, folded, text_query};
pub use crate::{params, sql};
#[doc(hidden)]
pub use inventory;

/// Which engine a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// An open database. Clones share it; it closes when the last one goes.
#[derive(Debug, Clone)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    announced: watch::Sender<u64>,
    faults: Faults,
}

#[derive(Debug)]
enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Db {
    /// Opens `sqlite:PATH` (created where it does not exist) or `postgres://user@host:port/name`. After
    /// `sqlite:PATH?commits_take=MILLISECONDS` every commit takes so much longer before anybody is told of it, as on a slow
    /// disk: for measuring.
    ///
    /// # Errors
    /// Internal, where the address is not understood or the database cannot be opened; `UNAVAILABLE`, where the
    /// server does not answer.
    pub async fn open(url: &str) -> Result<Self> {
        let announced = watch::Sender::new(0);
        let engine = if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(":memory:") {
                return Err(Error::internal("a database in memory has one connection; name a file"));
            }
            let (path, pause) = match path.rsplit_once("?commits_take=") {
                Some((path, millis)) => {
                    (path, Duration::from_millis(millis.parse().map_err(Error::internal)?))
                }
                None => (path, Duration::ZERO),
            };
            let (path, announced) = (PathBuf::from(path), announced.clone());
            let opening = tokio::task::spawn_blocking(move || Sqlite::open(&path, announced, pause));
            Engine::Sqlite(opening.await.map_err(Error::internal)??)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Engine::Postgres(Postgres::open(url, announced.clone()).await?)
        } else {
            return Err(Error::internal("a database is sqlite:PATH or postgres://..."));
        };
        Ok(Self(Arc::new(Inner { engine, announced, faults: Faults::default() })))
    }

    /// Applies the migrations that were not applied yet, in this order, each in its own transaction.
    ///
    /// # Errors
    /// Internal, where one fails (it and those after it are then not applied), where one was edited after it was
    /// applied, or where two share a name.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<()> {
        for (index, migration) in migrations.iter().enumerate() {
            if migrations.iter().take(index).any(|earlier| earlier.name == migration.name) {
                return Err(Error::internal(format!("two migrations are called {}", migration.name)));
            }
        }
        for migration in migrations {
            match &self.0.engine {
                Engine::Sqlite(sqlite) => sqlite.migrate(*migration).await?,
                Engine::Postgres(postgres) => postgres.migrate(*migration).await?,
            }
        }
        Ok(())
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// Internal, where the statement is wrong or writes; `UNAVAILABLE`, where the database does not answer.
    pub async fn all(&self, sql: Sql, params: Params) -> Result<Vec<Row>> {
        if sql.writes() {
            return Err(error::caused(codes::INTERNAL, sql.text(), "only `write` and `tx` write"));
        }
        let began = Instant::now();
        let result = match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.all(sql, params).await,
            Engine::Postgres(postgres) => postgres.all(sql, params).await,
        };
        metrics::histogram!("db_read_seconds").record(began.elapsed());
        result
    }

    /// The row of a query that has one or none. Further rows are not looked at: say `LIMIT 1` where there are.
    ///
    /// # Errors
    /// As [`Db::all`].
    pub async fn opt(&self, sql: Sql, params: Params) -> Result<Option<Row>> {
        Ok(self.all(sql, params).await?.into_iter().next())
    }

    /// The row of a query that has one.
    ///
    /// # Errors
    /// `NOT_FOUND`, where there is none; otherwise as [`Db::all`].
    pub async fn one(&self, sql: Sql, params: Params) -> Result<Row> {
        self.opt(sql, params).await?.ok_or_else(|| codes::NOT_FOUND.into())
    }

    /// Runs a batch as one transaction. When this returns, the changes are on disk. The outcomes are in the order
    /// of the statements.
    ///
    /// Once called the batch may happen even when the caller stops waiting.
    ///
    /// # Errors
    /// Nothing of the batch happened then: the error given to [`Batch::must`], `DUPLICATE` for a unique value that
    /// exists, `REFERENCE` for a broken reference, `CONFLICT` where others were faster again and again,
    /// `UNAVAILABLE` where the database does not answer, internal otherwise. Where the connection was lost during
    /// the commit itself, nobody knows whether it happened: that is `UNAVAILABLE` too.
    pub async fn write(&self, mut batch: Batch) -> Result<Vec<Outcome>> {
        let wake = std::mem::take(&mut batch.wake);
        let fault = self.0.faults.count();
        if fault == Some(Fault::Before) {
            return Faults::fail();
        }
        let result = self.commit(batch).await;
        if fault == Some(Fault::After) && result.is_ok() {
            return Faults::fail();
        }
        if result.is_ok() {
            wake.iter().for_each(|waiting| waiting.notify_one());
        }
        result
    }

    async fn commit(&self, batch: Batch) -> Result<Vec<Outcome>> {
        if batch.is_empty() {
            if batch.announce {
                self.0.announced.send_modify(|count| *count += 1);
            }
            return Ok(Vec::new());
        }
        let began = Instant::now();
        let result = match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.write(batch).await,
            Engine::Postgres(postgres) => postgres.write(batch).await,
        };
        metrics::histogram!("db_write_seconds").record(began.elapsed());
        result
    }

    /// One statement as a transaction of its own: [`Db::write`] for a batch of one.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn run(&self, sql: Sql, params: Params) -> Result<Outcome> {
        let mut batch = Batch::new();
        batch.run(sql, params);
        self.write(batch).await?.pop().ok_or_else(|| codes::INTERNAL.into())
    }

    /// Changes its value after every commit of a batch with [`Batch::announce`], made through this `Db`.
    pub fn announcements(&self) -> watch::Receiver<u64> {
        self.0.announced.subscribe()
    }

    /// For tests: has the n-th [write](Self::write) from now fail, the first being 0. Given nothing, no write fails any
    /// more, and the answer says whether one was still to come.
    pub fn fail_write(&self, next: Option<(u32, Fault)>) -> bool {
        self.0.faults.set(next)
    }

    /// Prepares a statement without running it.
    ///
    /// # Errors
    /// Internal, where the engine does not understand it.
    pub async fn check(&self, sql: Sql) -> Result<()> {
        match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.check(sql).await,
            Engine::Postgres(postgres) => postgres.check(sql).await,
        }
    }

    /// Which engine it is.
    pub fn dialect(&self) -> Dialect {
        match &self.0.engine {
            Engine::Sqlite(_) => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }
}
