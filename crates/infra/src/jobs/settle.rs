//! The ends of runs: those that come together are written together.

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Error, Result, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::codes;
use super::engine::Jobs;
use super::job::{Outcome, Rules, Stop};
use super::model::{Failure, Owner, State};
use super::run::Line;
use super::run::Run;
use super::show;
use super::store::keep::{self, Left};
use super::store::lines;
use crate::db::Batch;

/// How many ends share a statement at most.
pub(super) const TOGETHER: usize = 256;
/// The pause before an end that could not be written is written again.
const AGAIN: Duration = Duration::from_millis(200);

/// The end of a run, and who hears of it.
struct End {
    left: Left,
    name: String,
    owner: Owner,
    lines: Vec<Line>,
}

/// Takes ends of runs. Clones share it; it ends when the last one goes.
#[derive(Clone)]
pub(super) struct Settler(mpsc::Sender<(End, oneshot::Sender<()>)>);

impl Settler {
    /// Starts it.
    pub(super) fn start(jobs: &Jobs, tasks: &TaskTracker) -> Self {
        let (sender, mut receiver) = mpsc::channel::<(End, oneshot::Sender<()>)>(TOGETHER);
        let jobs = jobs.clone();
        tasks.spawn(async move {
            let mut ends = Vec::with_capacity(TOGETHER);
            while receiver.recv_many(&mut ends, TOGETHER).await > 0 {
                let (written, told): (Vec<_>, Vec<_>) = ends.drain(..).unzip();
                jobs.write_ends(&written).await;
                for told in told {
                    let _ = told.send(());
                }
            }
        });
        Self(sender)
    }

    /// Has the end of a run written; returns once it is, or once it is certain that it never will be.
    pub(super) async fn settle(&self, jobs: &Jobs, run: &Arc<Run>, outcome: Outcome<String>) {
        let left = jobs.left(run, outcome);
        let end = End { left, name: run.name.clone(), owner: run.owner, lines: run.take_lines() };
        let (told, wait) = oneshot::channel();
        if self.0.send((end, told)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

impl Jobs {
    /// What becomes of the job after this run.
    fn left(&self, run: &Run, outcome: Outcome<String>) -> Left {
        let now = self.clock().now();
        let none = Left {
            id: run.id,
            fence: run.fence,
            state: State::Ready,
            run_at: None,
            failures: run.failures_now(),
            progress: run.progress.get(),
            result: None,
            error: None,
        };
        match outcome {
            Ok(result) => Left { state: State::Done, result: Some(result), ..none },
            Err(Stop::Until(at)) => Left { state: State::Scheduled, run_at: Some(at), failures: 0, ..none },
            // If it was cancelled, the statement sees to it; if the process stops, it is ready for others; and if the
            // lease is gone, nothing is written at all.
            Err(Stop::Lost) => none,
            Err(Stop::Fail(error)) => {
                tracing::warn!(job = run.name, id = %run.id, %error, "a job failed for good");
                Left {
                    state: State::Dead,
                    error: Some(Failure::from(&*error)),
                    failures: none.failures + 1,
                    ..none
                }
            }
            Err(Stop::Retry(error)) => self.failed(run, now, &error, none),
        }
    }

    fn failed(&self, run: &Run, now: Timestamp, error: &Error, none: Left) -> Left {
        let rules = self.kind(&run.name).map_or(Rules::new(), |kind| kind.about().rules);
        let failures = none.failures + 1;
        tracing::warn!(job = run.name, id = %run.id, failures, %error, "a job failed");
        if failures >= rules.attempts {
            return Left { state: State::Dead, error: Some(Failure::from(error)), failures, ..none };
        }
        let at = now.after(rules.pause_after(failures, rand::random()));
        Left {
            state: State::Scheduled,
            run_at: Some(at),
            error: Some(Failure::from(error)),
            failures,
            ..none
        }
    }

    /// Writes ends, again and again while the database is away and the leases may still hold.
    async fn write_ends(&self, ends: &[End]) {
        let give_up = tokio::time::Instant::now() + self.timing().lease;
        loop {
            match self.try_ends(ends).await {
                Ok(()) => return,
                Err(error) if tokio::time::Instant::now() > give_up => {
                    tracing::error!(%error, count = ends.len(), "ends of jobs cannot be written; they will run again");
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, "ends of jobs cannot be written; trying again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Ends that nobody hears of share one statement; the others bring their events along.
    async fn try_ends(&self, ends: &[End]) -> Result<()> {
        let now = self.clock().now();
        let (quiet, told): (Vec<&End>, Vec<&End>) =
            ends.iter().partition(|end| end.owner == Owner::default());
        if !quiet.is_empty() {
            let mut batch = Batch::new();
            let left: Vec<_> = quiet.iter().map(|end| end.left.clone()).collect();
            keep::leave(&mut batch, &left, None, now, self.keep_dead());
            for end in quiet {
                lines::add(&mut batch, self.ids(), end.left.id, &end.lines);
            }
            self.db().write(batch).await?;
        }
        for end in told {
            // Which event is true depends on whether somebody has cancelled it.
            for cancelled in [false, true] {
                match self.end_and_tell(end, cancelled, now).await {
                    Err(error) if error.is(codes::LOST) => {}
                    other => {
                        other?;
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    async fn end_and_tell(&self, end: &End, cancelled: bool, now: Timestamp) -> Result<()> {
        let left = &end.left;
        let mut batch = Batch::new();
        keep::leave(&mut batch, std::slice::from_ref(left), Some(cancelled), now, self.keep_dead());
        lines::add(&mut batch, self.ids(), left.id, &end.lines);
        let state = if cancelled { State::Cancelled } else { left.state };
        let event = show::event("JOB_UPDATE", (left.id, &end.name), state, end.owner, &left.progress)?;
        let events: Vec<_> = event.into_iter().collect();
        self.log().commit_leaf(batch, &events).await.map(drop)
    }

    pub(super) fn keep_dead(&self) -> i64 {
        i64::try_from(self.timing().keep_dead.as_millis()).unwrap_or(i64::MAX)
    }
}
