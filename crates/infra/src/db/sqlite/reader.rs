//! A reader thread: sees what was last committed when its statement began.

use guildhall_base::Result;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::super::queue::{Queue, Serving};
use super::super::row::Row;
use super::super::sql::Sql;
use super::super::value::Params;
use super::connection;

/// What a reader is asked for.
#[derive(Debug)]
pub(super) enum Read {
    /// Run a query.
    Rows { sql: Sql, params: Params, answer: oneshot::Sender<Result<Vec<Row>>> },
    /// Prepare a statement, whatever it does.
    Check { sql: Sql, answer: oneshot::Sender<Result<()>> },
}

/// Answers until the queue is closed. Nobody waiting any more is no failure.
pub(super) fn serve(connection: &Connection, reads: &Queue<Read>) {
    let _serving = Serving(reads);
    while let Some(read) = reads.take() {
        match read {
            Read::Rows { answer, .. } if answer.is_closed() => {}
            Read::Rows { sql, params, answer } => {
                let _ = answer.send(connection::run(connection, sql, &params).map(|outcome| outcome.rows));
            }
            Read::Check { sql, answer } => {
                let _ = answer.send(connection::prepare(connection, sql).map(drop));
            }
        }
    }
}
