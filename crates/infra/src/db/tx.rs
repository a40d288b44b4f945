//! Transactions that must think between their statements.

use guildhall_base::{Error, Result};

use super::batch::{Outcome, Statement};
use super::row::Row;
use super::sql::Sql;
use super::sqlite::SqliteTx;
use super::value::Params;
use super::{Db, Engine, codes};

/// An open transaction, given to the closure of [`Db::tx`].
#[derive(Debug)]
pub struct Tx {
    engine: EngineTx,
    announce: bool,
    /// The first failure: nothing can be committed after it.
    failed: Option<Error>,
}

#[derive(Debug)]
enum EngineTx {
    Sqlite(SqliteTx),
}

impl Db {
    /// Runs `body` in one transaction and commits when it returns `Ok`. It may run again where the engine asks for a
    /// retry, so it must not do anything but talk to the database.
    ///
    /// On SQLite it holds the only writer, at most five seconds: load and decide first, or better use [`Db::write`].
    ///
    /// # Errors
    /// What `body` returned, or as [`Db::write`]; nothing happened then.
    pub async fn tx<T>(&self, mut body: impl AsyncFnMut(&mut Tx) -> Result<T>) -> Result<T> {
        let engine = match &self.0.engine {
            Engine::Sqlite(sqlite) => EngineTx::Sqlite(sqlite.begin().await?),
        };
        let mut tx = Tx { engine, announce: false, failed: None };
        let value = body(&mut tx).await?;
        tx.commit().await?;
        Ok(value)
    }
}

impl Tx {
    /// All rows of a statement.
    ///
    /// # Errors
    /// As [`Tx::run`].
    pub async fn all(&mut self, sql: Sql, params: Params) -> Result<Vec<Row>> {
        Ok(self.run(sql, params).await?.rows)
    }

    /// The row of a statement that returns one or none.
    ///
    /// # Errors
    /// As [`Tx::run`].
    pub async fn opt(&mut self, sql: Sql, params: Params) -> Result<Option<Row>> {
        Ok(self.all(sql, params).await?.into_iter().next())
    }

    /// The row of a statement that returns one.
    ///
    /// # Errors
    /// `NOT_FOUND`, where there is none; otherwise as [`Tx::run`].
    pub async fn one(&mut self, sql: Sql, params: Params) -> Result<Row> {
        self.opt(sql, params).await?.ok_or_else(|| codes::NOT_FOUND.into())
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// As [`Db::write`]. The transaction cannot be committed after that.
    pub async fn run(&mut self, sql: Sql, params: Params) -> Result<Outcome> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let statement = Statement { sql, params, must: None };
        let result = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.run(statement).await,
        };
        result.inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// Wakes [`Db::announcements`] once this is committed.
    pub fn announce(&mut self) {
        self.announce = true;
    }

    async fn commit(self) -> Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.engine {
            EngineTx::Sqlite(tx) => tx.commit(self.announce).await,
        }
    }
}
