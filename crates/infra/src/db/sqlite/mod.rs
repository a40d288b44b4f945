//! SQLite: a file in WAL mode, one writer thread with group commit, several reader threads.

mod connection;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use guildhall_base::{Error, Result};
use tokio::sync::{oneshot, watch};

use self::reader::Read;
use self::writer::{Job, Times};
use super::batch::{Batch, Outcome, Statement};
use super::codes;
use super::migrate::Migration;
use super::queue::Queue;
use super::row::Row;
use super::sql::Sql;
use super::value::Params;

/// How many reader threads there are.
const READERS: usize = 4;
/// How long an interactive transaction may hold the writer.
const INTERACTIVE_LIMIT: Duration = Duration::from_secs(5);

/// An open SQLite file.
#[derive(Debug)]
pub(super) struct Sqlite {
    writes: Arc<Queue<Job>>,
    reads: Arc<Queue<Read>>,
    threads: Vec<JoinHandle<()>>,
}

impl Sqlite {
    /// Opens or creates the file. Blocks on the disk.
    pub(super) fn open(path: &Path, announced: watch::Sender<u64>, pause: Duration) -> Result<Self> {
        let times = Times { interactive: INTERACTIVE_LIMIT, pause };
        let writes = Arc::new(Queue::new());
        let reads = Arc::new(Queue::new());
        let mut this = Self { writes: writes.clone(), reads: reads.clone(), threads: Vec::new() };
        let connection = connection::writer(path)?;
        this.threads
            .push(spawn("db-writer", move || writer::serve(&connection, &writes, &announced, times))?);
        for _ in 0..READERS {
            let (connection, reads) = (connection::reader(path)?, reads.clone());
            this.threads.push(spawn("db-reader", move || reader::serve(&connection, &reads))?);
        }
        Ok(this)
    }

    pub(super) async fn all(&self, sql: Sql, params: Params) -> Result<Vec<Row>> {
        let (answer, answered) = oneshot::channel();
        self.reads.push(Read::Rows { sql, params, answer }).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    pub(super) async fn check(&self, sql: Sql) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.reads.push(Read::Check { sql, answer }).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    pub(super) async fn write(&self, batch: Batch) -> Result<Vec<Outcome>> {
        let (answer, answered) = oneshot::channel();
        self.writes.push(Job::Batch { batch, answer }).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    pub(super) async fn migrate(&self, migration: Migration) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.writes.push(Job::Migrate { migration, answer }).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    pub(super) async fn begin(&self) -> Result<SqliteTx> {
        let (commands, received) = std::sync::mpsc::channel();
        let (answer, answered) = oneshot::channel();
        self.writes.push(Job::Interactive { commands: received, begun: answer }).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())??;
        Ok(SqliteTx { commands })
    }
}

impl Drop for Sqlite {
    /// Everything that was asked for is still done; then the threads end and the file is closed.
    fn drop(&mut self) {
        self.writes.close();
        self.reads.close();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a database thread panicked");
            }
        }
    }
}

/// What an interactive transaction asks the writer for.
#[derive(Debug)]
enum Command {
    Run { statement: Statement, answer: oneshot::Sender<Result<Outcome>> },
    Commit { announce: bool, answer: oneshot::Sender<Result<()>> },
}

/// An interactive transaction; dropping it rolls back.
#[derive(Debug)]
pub(super) struct SqliteTx {
    commands: std::sync::mpsc::Sender<Command>,
}

impl SqliteTx {
    pub(super) async fn run(&mut self, statement: Statement) -> Result<Outcome> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(Command::Run { statement, answer }).map_err(|_| expired())?;
        answered.await.map_err(|_| expired())?
    }

    pub(super) async fn commit(self, announce: bool) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(Command::Commit { announce, answer }).map_err(|_| expired())?;
        answered.await.map_err(|_| expired())?
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(body).map_err(Error::internal)
}

/// The thread is gone, because the database was closed or the thread panicked; or too much waits for it.
fn stopped() -> Error {
    codes::UNAVAILABLE.into()
}

/// The writer gave up on an interactive transaction.
fn expired() -> Error {
    Error { source: Some(Arc::from(Box::from("the transaction took too long"))), ..codes::UNAVAILABLE.into() }
}
