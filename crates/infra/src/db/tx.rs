//! Transactions that must think between their statements.

use std::sync::Arc;

use guildhall_base::{Error, Result};
use tokio::sync::{Mutex, Notify};

use super::batch::{Outcome, Statement};
use super::postgres::{Failed, PostgresTx, Tries};
use super::row::Row;
use super::sql::Sql;
use super::sqlite::SqliteTx;
use super::value::Params;
use super::{Db, Engine, codes};

/// An open transaction, given to the closure of [`Db::tx`].
#[derive(Debug)]
pub struct Tx(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Gone once the transaction has ended.
    engine: Option<EngineTx>,
    announce: bool,
    /// Who is woken once it is committed.
    wake: Vec<Arc<Notify>>,
    /// The first failure: nothing can be committed after it.
    failed: Option<Error>,
}

#[derive(Debug)]
enum EngineTx {
    Sqlite(SqliteTx),
    Postgres(Box<PostgresTx>),
}

impl Db {
    /// Runs `body` in one transaction and commits when it returns `Ok`: `db.tx(async |tx| { ... })`. It may run again
    /// where others got in the way, so it must not do anything but talk to the database.
    ///
    /// What it read stays true until its commit: on PostgreSQL it runs SERIALIZABLE, and where a batch or another
    /// transaction changed it meanwhile, the try fails and is repeated.
    ///
    /// On SQLite it holds the only writer, at most five seconds: load and decide first, or better use [`Db::write`].
    ///
    /// # Errors
    /// What `body` returned, or as [`Db::write`]; nothing happened then.
    pub async fn tx<T, F>(&self, mut body: impl FnMut(Tx) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut tries = Tries::default();
        loop {
            let state = Arc::new(Mutex::new(State::begin(&self.0.engine).await?));
            let result = body(Tx(state.clone())).await;
            let ended = State::end(&state, result).await;
            if matches!(ended, Ok(Ok(_))) {
                state.lock().await.wake.iter().for_each(|waiting| waiting.notify_one());
            }
            match ended {
                Ok(result) => return result.inspect_err(|error| self.notice(error)),
                Err(failed) => tries.another(failed).await?,
            }
        }
    }

    fn notice(&self, error: &Error) {
        if let Engine::Postgres(postgres) = &self.0.engine
            && error.is(codes::UNAVAILABLE)
        {
            postgres.forget_idle();
        }
    }
}

impl Tx {
    /// All rows of a statement.
    ///
    /// # Errors
    /// As [`Tx::run`].
    pub async fn all(&self, sql: Sql, params: Params) -> Result<Vec<Row>> {
        Ok(self.run(sql, params).await?.rows)
    }

    /// The row of a statement that returns one or none.
    ///
    /// # Errors
    /// As [`Tx::run`].
    pub async fn opt(&self, sql: Sql, params: Params) -> Result<Option<Row>> {
        Ok(self.all(sql, params).await?.into_iter().next())
    }

    /// The row of a statement that returns one.
    ///
    /// # Errors
    /// `NOT_FOUND`, where there is none; otherwise as [`Tx::run`].
    pub async fn one(&self, sql: Sql, params: Params) -> Result<Row> {
        self.opt(sql, params).await?.ok_or_else(|| codes::NOT_FOUND.into())
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// As [`Db::write`]. The transaction cannot be committed after that.
    pub async fn run(&self, sql: Sql, params: Params) -> Result<Outcome> {
        let mut state = self.0.lock().await;
        if let Some(error) = &state.failed {
            return Err(error.clone());
        }
        let statement = Statement { sql, params, must: None };
        let result = match &mut state.engine {
            Some(EngineTx::Sqlite(tx)) => tx.run(statement).await,
            Some(EngineTx::Postgres(tx)) => tx.run(&statement).await,
            None => Err(Error::internal("the transaction has ended")),
        };
        result.inspect_err(|error| state.failed = Some(error.clone()))
    }

    /// Wakes [`Db::announcements`] once this is committed.
    pub async fn announce(&self) {
        self.0.lock().await.announce = true;
    }

    /// Wakes one who waits for this, now or next, once this is committed.
    pub async fn wake(&self, waiting: &Arc<Notify>) {
        self.0.lock().await.wake.push(waiting.clone());
    }
}

impl State {
    async fn begin(engine: &Engine) -> Result<Self> {
        let engine = match engine {
            Engine::Sqlite(sqlite) => EngineTx::Sqlite(sqlite.begin().await?),
            Engine::Postgres(postgres) => EngineTx::Postgres(Box::new(postgres.begin().await?)),
        };
        Ok(Self { engine: Some(engine), announce: false, wake: Vec::new(), failed: None })
    }

    /// Commits where all went well. A body that swallowed a statement's failure fails with it all the same.
    /// The outer error is one that another try may mend.
    async fn end<T>(state: &Mutex<Self>, result: Result<T>) -> Result<Result<T>, Failed> {
        let mut state = state.lock().await;
        let announce = state.announce;
        match (state.engine.take(), state.failed.take(), result) {
            (Some(EngineTx::Postgres(tx)), Some(error), _) if tx.worth_another_try() => {
                Err(Failed::collided(error))
            }
            (_, _, Err(error)) | (_, Some(error), Ok(_)) => Ok(Err(error)),
            (Some(EngineTx::Sqlite(tx)), None, Ok(value)) => Ok(tx.commit(announce).await.map(|()| value)),
            (Some(EngineTx::Postgres(tx)), None, Ok(value)) => tx.commit(announce).await.map(|()| Ok(value)),
            (None, None, Ok(_)) => Ok(Err(codes::INTERNAL.into())),
        }
    }
}
