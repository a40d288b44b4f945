//! What a running job can do: steps, sleeping, progress.

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Error, JobId, Result, Timestamp};
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::engine::Jobs;
use super::enqueue::NewJob;
use super::job::{Outcome, Stop};
use super::model::{Owner, Progress};
use super::phrase::Phrase;
use super::run::Run;
use super::store;
use crate::db::{Batch, Params, Sql};
use crate::events::NewEvent;

/// The engine, as one run of one job sees it. Clones share it.
#[derive(Clone)]
pub struct Ctx {
    pub(super) jobs: Jobs,
    pub(super) run: Arc<Run>,
}

/// What a step does to the database; it commits together with the entry that says that the step is done.
#[derive(Clone, Default)]
pub struct Effects(Arc<Mutex<Collected>>);

#[derive(Default)]
struct Collected {
    batch: Batch,
    events: Vec<NewEvent>,
}

impl Effects {
    /// Adds a statement.
    pub fn run(&self, sql: Sql, params: Params) {
        self.0.lock().batch.run(sql, params);
    }

    /// Adds a statement that must touch or return a row; otherwise the step fails with this error.
    pub fn must(&self, sql: Sql, params: Params, otherwise: impl Into<Error>) {
        self.0.lock().batch.must(sql, params, otherwise);
    }

    /// Adds an event of the event log.
    pub fn event(&self, event: NewEvent) {
        self.0.lock().events.push(event);
    }

    /// Lends the batch to those who add to batches: `effects.batch(|batch| jobs.enqueue(batch, job))`.
    pub fn batch<T>(&self, add: impl FnOnce(&mut Batch) -> T) -> T {
        add(&mut self.0.lock().batch)
    }
}

impl Ctx {
    /// The job's id.
    pub fn id(&self) -> JobId {
        self.run.id
    }

    /// Whose job it is.
    pub fn owner(&self) -> Owner {
        self.run.owner
    }

    /// Failures since the last completed step: 0 in the first attempt.
    pub fn failures(&self) -> u32 {
        self.run.failures
    }

    /// When it was enqueued.
    pub fn created_at(&self) -> Timestamp {
        self.run.created_at
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        self.jobs.clock().now()
    }

    /// The engine, to enqueue further jobs.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Cancelled when this run should end: the job was cancelled, the lease is lost, or the process stops. The run is
    /// then dropped at its next `await`; only what it has spawned needs to look at this.
    pub fn stopping(&self) -> CancellationToken {
        self.run.stopping.clone()
    }

    /// How far the job is. Kept across runs; shown to its owner at most once a second.
    pub fn progress(&self, done: u64, total: impl Into<Option<u64>>, words: impl Into<Phrase>) {
        self.run.progress.set(Progress { done, total: total.into(), words: words.into() });
    }

    /// How far an earlier run or this one has said that the job is.
    pub fn progress_so_far(&self) -> Progress {
        self.run.progress.get()
    }

    /// Adds a line to the job's own log, which its owner can read; at most a thousand in a run.
    pub fn say(&self, words: impl Into<Phrase>) {
        self.run.say(self.now(), words.into());
    }

    /// Does something once. Where an earlier run of the job has done the step, its result is given instead.
    ///
    /// The closure adds to its [`Effects`], which commit together with the step; whatever else it does it may do again
    /// if the process dies before that commit. The name is unique within the job: `channel-3`.
    ///
    /// # Errors
    /// What the closure returns; [`Stop::Lost`] if the job is no longer this run's (nothing was written then);
    /// [`Stop::Retry`] where the database refuses.
    pub async fn step<T, F>(&self, name: &str, body: impl FnOnce(Effects) -> F) -> Outcome<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Outcome<T>>,
    {
        if let Some(result) = self.run.journal(&self.jobs, name).await? {
            return Ok(serde_json::from_str(&result).map_err(Error::internal)?);
        }
        if self.run.stopping.is_cancelled() {
            return Err(Stop::Lost);
        }
        let effects = Effects::default();
        let value = body(effects.clone()).await?;
        let Collected { batch, events } = std::mem::take(&mut *effects.0.lock());
        let result = serde_json::to_string(&value).map_err(Error::internal)?;
        self.commit(name, result, batch, events).await?;
        Ok(value)
    }

    async fn commit(&self, name: &str, result: String, effects: Batch, events: Vec<NewEvent>) -> Result<()> {
        let now = self.now();
        let mut batch = Batch::new();
        store::steps::hold(&mut batch, self.run.id, self.run.fence, now, &self.run.progress.get());
        store::steps::entry(&mut batch, self.run.id, name, &result, now);
        batch.append(effects);
        self.jobs.log().commit(batch, &events).await?;
        self.run.note(name, result);
        Ok(())
    }

    /// Goes on after this much time, counted from the first time the job came here. The run ends meanwhile, and holds
    /// neither a worker nor a lease.
    ///
    /// # Errors
    /// [`Stop::Until`], which is to be handed on by `?`.
    pub async fn sleep(&self, name: &str, time: Duration) -> Outcome {
        self.sleep_until(name, self.now().after(time)).await
    }

    /// Goes on at this time; see [`Ctx::sleep`].
    ///
    /// # Errors
    /// As [`Ctx::sleep`].
    pub async fn sleep_until(&self, name: &str, at: Timestamp) -> Outcome {
        let at = self.step(name, async |_| Ok(at.millis())).await?;
        let at = Timestamp::from_millis(at);
        if at > self.now() { Err(Stop::Until(at)) } else { Ok(()) }
    }

    /// Enqueues another job as a step.
    ///
    /// # Errors
    /// As [`Ctx::step`].
    pub async fn follow_up(&self, name: &str, job: NewJob) -> Outcome<JobId> {
        self.step(name, async |effects| Ok(effects.batch(|batch| self.jobs.enqueue(batch, job))?)).await
    }
}
