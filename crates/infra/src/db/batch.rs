//! Statements that belong to one transaction and are known beforehand.

use std::fmt;
use std::sync::Arc;

use guildhall_base::Error;
use tokio::sync::Notify;

use super::row::Row;
use super::sql::Sql;
use super::value::Params;

/// Statements that happen together or not at all; given to [`Db::write`](super::Db::write).
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub(super) statements: Vec<Statement>,
    pub(super) announce: bool,
    pub(super) wake: Vec<Arc<Notify>>,
    /// How many statements come before those that everybody's batches queue for.
    queued: Option<usize>,
    /// Whether ordinary statements come after those.
    mixed: bool,
    /// Who is told, and how many statements are not theirs before those that are.
    told: Vec<(usize, Told)>,
}

/// Whoever is told of a commit.
#[derive(Clone)]
struct Told(Arc<Listener>);

type Listener = dyn Fn(&[Outcome]) + Send + Sync;

impl fmt::Debug for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Told")
    }
}

#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) sql: Sql,
    pub(super) params: Params,
    /// The error of the whole batch where this statement touches and returns no row.
    pub(super) must: Option<Error>,
}

impl Batch {
    /// Nothing to do yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement; gives the index of its outcome.
    pub fn run(&mut self, sql: Sql, params: Params) -> usize {
        self.push(Statement { sql, params, must: None })
    }

    /// Adds a statement that must touch or return a row; if it does not, nothing of the batch happens and
    /// `otherwise` is the answer. Gives the index of its outcome.
    pub fn must(&mut self, sql: Sql, params: Params, otherwise: impl Into<Error>) -> usize {
        self.push(Statement { sql, params, must: Some(otherwise.into()) })
    }

    /// Adds the statements of another batch after those of this one; the indexes of its outcomes move by as many.
    pub fn append(&mut self, other: Self) {
        let before = self.statements.len();
        self.mixed |= other.mixed || (self.queued.is_some() && !other.is_empty());
        self.queued = self.queued.or(other.queued.map(|ordinary| before + ordinary));
        self.told.extend(other.told.into_iter().map(|(more, told)| (before + more, told)));
        self.statements.extend(other.statements);
        self.announce |= other.announce;
        other.wake.iter().for_each(|waiting| self.wake(waiting));
    }

    /// Adds the statements of another batch that everybody's batches queue for, because they lock one row of all: the
    /// event log's. They must be the last ones, touch nothing that ordinary statements touch, and have no conditions.
    /// On PostgreSQL batches with such an end are written together where they meet, as all are on SQLite.
    pub fn queue(&mut self, last: Self) {
        self.mixed |=
            self.queued.is_some() || last.statements.iter().any(|statement| statement.must.is_some());
        let before = self.statements.len();
        self.told.extend(last.told.into_iter().map(|(more, told)| (before + more, told)));
        self.statements.extend(last.statements);
        self.queued = self.queued.or(Some(before));
    }

    /// The ordinary statements and those at its end that all queue for, where it has such an end.
    pub(super) fn parts(&self) -> Option<(&[Statement], &[Statement])> {
        if self.mixed {
            return None;
        }
        self.statements.split_at_checked(self.queued?)
    }

    /// Wakes [`Db::announcements`](super::Db::announcements) once the batch is committed.
    pub fn announce(&mut self) {
        self.announce = true;
    }

    /// Wakes one who waits for this, now or next, once the batch is committed.
    pub fn wake(&mut self, waiting: &Arc<Notify>) {
        if !self.wake.iter().any(|known| Arc::ptr_eq(known, waiting)) {
            self.wake.push(waiting.clone());
        }
    }

    /// Calls this with the outcomes once the batch is committed, before whoever wrote it gets its answer. On SQLite
    /// calls come in the order of the commits and from the thread that writes, on PostgreSQL mostly in that order: be
    /// quick, and hold no [`Db`](super::Db).
    /// Where the connection is lost meanwhile the batch may be committed without the call.
    pub fn tell(&mut self, told: impl Fn(&[Outcome]) + Send + Sync + 'static) {
        self.told.push((0, Told(Arc::new(told))));
    }

    /// Tells whoever is to be told of the commit.
    pub(super) fn committed(&self, outcomes: &[Outcome]) {
        for (before, Told(told)) in &self.told {
            told(outcomes.get(*before..).unwrap_or_default());
        }
    }

    /// How many statements it has.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether it has no statements.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    fn push(&mut self, statement: Statement) -> usize {
        self.mixed |= self.queued.is_some();
        self.statements.push(statement);
        self.statements.len() - 1
    }
}

/// What one statement did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// How many rows it inserted, updated, deleted or returned.
    pub affected: u64,
    /// What it returned, where it is a query or has a `RETURNING`.
    pub rows: Vec<Row>,
}
