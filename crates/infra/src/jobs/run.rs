//! One run of one job: what it holds and how far it is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use guildhall_base::{JobId, Result, Timestamp};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::engine::Jobs;
use super::model::{Owner, Progress};
use super::phrase::Phrase;
use super::store;
use super::store::queue::Claimed;
use super::store::steps::Held;

/// How many lines a run may say; what comes after is left out.
const LINES: u32 = 1000;

/// A line of a job's log that was not written yet.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) at: Timestamp,
    pub(super) words: Phrase,
}

/// A run under way.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: JobId,
    pub(super) name: String,
    pub(super) fence: i64,
    pub(super) failures: u32,
    pub(super) owner: Owner,
    pub(super) created_at: Timestamp,
    pub(super) progress: Meter,
    pub(super) stopping: CancellationToken,
    failures_now: AtomicU32,
    said: AtomicU32,
    lines: Mutex<Vec<Line>>,
    journal: Mutex<Option<HashMap<String, String>>>,
}

impl Run {
    pub(super) fn new(job: &Claimed, stopping: CancellationToken) -> Self {
        Self {
            id: job.id,
            name: job.name.clone(),
            fence: job.fence,
            failures: job.failures,
            owner: job.owner,
            created_at: job.created_at,
            progress: Meter::new(job.progress.clone()),
            stopping,
            failures_now: AtomicU32::new(job.failures),
            said: AtomicU32::new(0),
            lines: Mutex::default(),
            // The first run has no past to look up.
            journal: Mutex::new((job.fence == 1).then(HashMap::new)),
        }
    }

    /// What renewing needs.
    pub(super) fn held(&self) -> Held {
        Held { id: self.id, fence: self.fence }
    }

    /// The result of a step that was done.
    pub(super) async fn journal(&self, jobs: &Jobs, step: &str) -> Result<Option<String>> {
        let known = |journal: &Option<HashMap<String, String>>| {
            journal.as_ref().map(|journal| journal.get(step).cloned())
        };
        if let Some(result) = known(&self.journal.lock()) {
            return Ok(result);
        }
        let journal = store::steps::journal(jobs.db(), self.id).await?;
        let mut slot = self.journal.lock();
        *slot = Some(journal);
        Ok(known(&slot).flatten())
    }

    /// Remembers a step that was just done.
    pub(super) fn note(&self, step: &str, result: String) {
        self.failures_now.store(0, Ordering::Release);
        if let Some(journal) = self.journal.lock().as_mut() {
            journal.insert(step.to_owned(), result);
        }
    }

    /// Failures before this run, unless it has completed a step.
    pub(super) fn failures_now(&self) -> u32 {
        self.failures_now.load(Ordering::Acquire)
    }

    /// Keeps a line until the next writing.
    pub(super) fn say(&self, at: Timestamp, words: Phrase) {
        let words = match self.said.fetch_add(1, Ordering::Relaxed) {
            said if said < LINES => words,
            LINES => "...".into(),
            _ => return,
        };
        self.lines.lock().push(Line { at, words });
    }

    /// The lines that were not written yet.
    pub(super) fn take_lines(&self) -> Vec<Line> {
        std::mem::take(&mut *self.lines.lock())
    }
}

/// How far a run is, and whether that was written.
#[derive(Debug)]
pub(super) struct Meter {
    value: Mutex<Progress>,
    moved: AtomicBool,
}

impl Meter {
    fn new(progress: Progress) -> Self {
        Self { value: Mutex::new(progress), moved: AtomicBool::new(false) }
    }

    pub(super) fn set(&self, progress: Progress) {
        *self.value.lock() = progress;
        self.moved.store(true, Ordering::Release);
    }

    pub(super) fn get(&self) -> Progress {
        self.value.lock().clone()
    }

    /// The progress, if it moved since the last call.
    pub(super) fn take(&self) -> Option<Progress> {
        self.moved.swap(false, Ordering::AcqRel).then(|| self.get())
    }
}
