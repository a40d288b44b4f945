//! The writer thread. Batches that wait together share one transaction and one sync of the disk (group commit);
//! each is answered only after that commit returned, and one that fails is undone alone.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use guildhall_base::{Error, Result};
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::super::batch::{Batch, Outcome, Statement};
use super::super::codes;
use super::super::error::caused;
use super::super::migrate::Migration;
use super::super::queue::{Queue, Serving};
use super::Command;
use super::connection::{self, failure};

/// How many batches share a commit at most.
const GROUP: usize = 128;

/// What the writer is asked for.
#[derive(Debug)]
pub(super) enum Job {
    Batch { batch: Batch, answer: oneshot::Sender<Result<Vec<Outcome>>> },
    Interactive { commands: Receiver<Command>, begun: oneshot::Sender<Result<()>> },
    Migrate { migration: Migration, answer: oneshot::Sender<Result<()>> },
}

/// How long things take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// How long an interactive transaction may hold the writer.
    pub(super) interactive: Duration,
    /// How much longer than the disk a commit takes, for measuring; otherwise nothing.
    pub(super) pause: Duration,
}

/// Works until the queue is closed and empty.
pub(super) fn serve(
    connection: &Connection,
    jobs: &Queue<Job>,
    announced: &watch::Sender<u64>,
    times: Times,
) {
    let _serving = Serving(jobs);
    while let Some(job) = jobs.take() {
        match job {
            Job::Batch { batch, answer } => {
                let mut group = vec![(batch, answer)];
                while group.len() < GROUP
                    && let Some(Job::Batch { batch, answer }) =
                        jobs.take_if(|job| matches!(job, Job::Batch { .. }))
                {
                    group.push((batch, answer));
                }
                write(connection, group, announced, times.pause);
            }
            Job::Interactive { commands, begun } => {
                interactive(connection, &commands, begun, announced, times)
            }
            Job::Migrate { migration, answer } => {
                let _ = answer.send(migrate(connection, &migration));
            }
        }
    }
}

type Waiting = (Batch, oneshot::Sender<Result<Vec<Outcome>>>);

fn write(connection: &Connection, group: Vec<Waiting>, announced: &watch::Sender<u64>, pause: Duration) {
    let results = match commit_together(connection, &group) {
        Ok(results) => results,
        // A deferred constraint of one member fails the commit of all: each is tried alone.
        Err(error) if group.len() > 1 && error.is(codes::REFERENCE) => {
            group.iter().map(|member| commit_alone(connection, member)).collect()
        }
        Err(error) => group.iter().map(|_| Err(error.clone())).collect(),
    };
    if !pause.is_zero() {
        std::thread::sleep(pause);
    }
    metrics::counter!("db_groups_total").increment(1);
    metrics::counter!("db_batches_total").increment(group.len() as u64);
    for ((batch, _), result) in group.iter().zip(&results) {
        if let Ok(outcomes) = result {
            batch.committed(outcomes);
        }
    }
    let news = group.iter().zip(&results).any(|((batch, _), result)| batch.announce && result.is_ok());
    if news {
        announced.send_modify(|count| *count += 1);
    }
    for ((_, answer), result) in group.into_iter().zip(results) {
        let _ = answer.send(result);
    }
}

fn commit_alone(connection: &Connection, member: &Waiting) -> Result<Vec<Outcome>> {
    let mut results = commit_together(connection, std::slice::from_ref(member))?;
    results.pop().unwrap_or_else(|| Err(codes::INTERNAL.into()))
}

/// One transaction around all members; the outer error is that of the transaction, when nothing happened at all.
fn commit_together(connection: &Connection, group: &[Waiting]) -> Result<Vec<Result<Vec<Outcome>>>> {
    control(connection, "BEGIN IMMEDIATE")?;
    let open = Transaction(connection);
    let mut results = Vec::with_capacity(group.len());
    for (batch, _) in group {
        let result = if group.len() > 1 { member(connection, batch)? } else { statements(connection, batch) };
        if let Err(error) = &result
            && (group.len() == 1 || connection.is_autocommit())
        {
            // Alone, there is nothing to commit. Together, SQLite gave up the whole transaction (disk full,
            // input or output error), so nobody's changes exist.
            return Err(error.clone());
        }
        results.push(result);
    }
    control(connection, "COMMIT")?;
    drop(open);
    Ok(results)
}

/// One batch among others, in a savepoint of its own; a statement alone undoes itself when it fails. The outer error
/// means that the savepoint itself failed.
fn member(connection: &Connection, batch: &Batch) -> Result<Result<Vec<Outcome>>> {
    if let [Statement { must: None, .. }] = batch.statements.as_slice() {
        return Ok(statements(connection, batch));
    }
    control(connection, "SAVEPOINT member")?;
    let result = statements(connection, batch);
    if result.is_err() && !connection.is_autocommit() {
        control(connection, "ROLLBACK TO member")?;
    }
    if !connection.is_autocommit() {
        control(connection, "RELEASE member")?;
    }
    Ok(result)
}

fn statements(connection: &Connection, batch: &Batch) -> Result<Vec<Outcome>> {
    batch.statements.iter().map(|statement| run(connection, statement)).collect()
}

fn run(connection: &Connection, statement: &Statement) -> Result<Outcome> {
    let outcome = connection::run(connection, statement.sql, &statement.params)?;
    match &statement.must {
        Some(otherwise) if outcome.affected == 0 => Err(otherwise.clone()),
        _ => Ok(outcome),
    }
}

fn interactive(
    connection: &Connection,
    commands: &Receiver<Command>,
    begun: oneshot::Sender<Result<()>>,
    announced: &watch::Sender<u64>,
    times: Times,
) {
    if let Err(error) = control(connection, "BEGIN IMMEDIATE") {
        let _ = begun.send(Err(error));
        return;
    }
    let _open = Transaction(connection);
    if begun.send(Ok(())).is_err() {
        return;
    }
    let end = Instant::now() + times.interactive;
    loop {
        match commands.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Command::Run { statement, answer }) => {
                let _ = answer.send(run(connection, &statement));
            }
            Ok(Command::Commit { announce, answer }) => {
                let result = control(connection, "COMMIT");
                std::thread::sleep(times.pause);
                if result.is_ok() && announce {
                    announced.send_modify(|count| *count += 1);
                }
                let _ = answer.send(result);
                return;
            }
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!(
                    "an interactive transaction held the writer for {:?}; rolled back",
                    times.interactive
                );
                return;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn migrate(connection: &Connection, migration: &Migration) -> Result<()> {
    control(connection, "BEGIN IMMEDIATE")?;
    let _open = Transaction(connection);
    migration.apply_sqlite(connection)?;
    control(connection, "COMMIT")
}

fn control(connection: &Connection, sql: &'static str) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(|e| failure(sql, e))?;
    statement.raw_execute().map(drop).map_err(|e| failure(sql, e))
}

/// Rolls back when it goes out of sight with the transaction still open.
struct Transaction<'a>(&'a Connection);

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit()
            && let Err(error) = control(self.0, "ROLLBACK")
        {
            let error: Error = caused(codes::INTERNAL, "ROLLBACK", error);
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}
