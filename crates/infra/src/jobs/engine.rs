//! The engine's handle: what it stands on, which jobs it knows, what it is running.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Clock, Ids, JobId};
use parking_lot::RwLock;
use tokio::sync::Notify;

use super::cron::Cron;
use super::job::Job;
use super::queues::Queue;
use super::registry::{About, Kind, Typed};
use super::run::Run;
use crate::blobs::Blobs;
use crate::db::{Db, Migration};
use crate::events::EventLog;
use crate::seal::Seal;

/// The engine's tables.
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "infra/jobs", sql: include_str!("../../migrations/jobs.sql") },
        Migration { name: "infra/jobs_lists", sql: include_str!("../../migrations/jobs_lists.sql") },
        Migration {
            name: "infra/jobs_afterwards",
            sql: include_str!("../../migrations/jobs_afterwards.sql"),
        },
    ]
}

/// What the engine stands on.
#[derive(Clone)]
pub struct Parts {
    /// Where jobs are.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// Where ids come from.
    pub ids: Ids,
    /// Where owners hear of their jobs.
    pub log: EventLog,
    /// Where output files go.
    pub blobs: Blobs,
    /// Signs links to them.
    pub seal: Seal,
    /// How often it looks.
    pub timing: Timing,
}

/// How often the engine looks, and how long it trusts.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// A process that has not renewed its lease for so long has lost the job.
    pub lease: Duration,
    /// Leases are renewed and expired ones looked for this often.
    pub beat: Duration,
    /// The queue is looked at this often without having been told.
    pub poll: Duration,
    /// Running jobs have so long to finish when the process stops; then they go back to the queue.
    pub drain: Duration,
    /// A job whose process died so often without a step in between is dead.
    pub rescues: u32,
    /// Dead jobs are kept so long.
    pub keep_dead: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(6),
            beat: Duration::from_secs(1),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(8),
            rescues: 12,
            keep_dead: Duration::from_secs(30 * 24 * 3600),
        }
    }
}

/// The job engine of one process. Clones share it.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

struct Inner {
    parts: Parts,
    /// For people only: leases are told apart by fences, never by this.
    worker: String,
    kinds: RwLock<BTreeMap<&'static str, Arc<dyn Kind>>>,
    queues: RwLock<HashMap<String, Arc<Notify>>>,
    limits: RwLock<HashMap<&'static str, Queue>>,
    crons: RwLock<BTreeMap<&'static str, Cron>>,
    running: RwLock<HashMap<JobId, Arc<Run>>>,
}

impl Jobs {
    /// The engine over a database that has its tables. Nothing runs before [`Jobs::work`].
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            worker: format!("{}-{:08x}", std::process::id(), rand::random::<u32>()),
            kinds: RwLock::default(),
            queues: RwLock::default(),
            limits: RwLock::default(),
            crons: RwLock::default(),
            running: RwLock::default(),
        }))
    }

    /// Makes a kind of job known to this process; jobs of other kinds are left to other processes.
    pub fn register<J: Job>(&self, job: J) {
        self.queue_signal(J::RULES.queue);
        let earlier = self.0.kinds.write().insert(J::NAME, Arc::new(Typed(job)));
        if earlier.is_some() {
            tracing::error!(job = J::NAME, "two kinds of jobs have the same name; the later one counts");
        }
    }

    /// Forgets all kinds of jobs, and with them what they hold: features that hold the engine are often held by jobs.
    pub fn close(&self) {
        self.0.kinds.write().clear();
        self.0.crons.write().clear();
    }

    /// Sets the limits of a queue.
    pub fn limit(&self, queue: Queue) {
        self.0.limits.write().insert(queue.name, queue);
    }

    /// The limits of a queue.
    pub(super) fn queue(&self, name: &'static str) -> Queue {
        self.0.limits.read().get(name).copied().unwrap_or(Queue::new(name))
    }

    /// How long starts must be remembered.
    pub(super) fn memory(&self) -> Duration {
        self.0.limits.read().values().map(Queue::memory).max().unwrap_or_default()
    }

    pub(super) fn crons(&self) -> &RwLock<BTreeMap<&'static str, Cron>> {
        &self.0.crons
    }

    /// The kinds of jobs that this process knows, by name.
    pub fn kinds(&self) -> Vec<About> {
        self.0.kinds.read().values().map(|kind| kind.about()).collect()
    }

    pub(super) fn kind(&self, name: &str) -> Option<Arc<dyn Kind>> {
        self.0.kinds.read().get(name).cloned()
    }

    /// The queues that this process works on.
    pub(super) fn queue_names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.kinds().iter().map(|about| about.rules.queue).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The names of the kinds that go to a queue.
    pub(super) fn names_in(&self, queue: &str) -> Vec<&'static str> {
        let kinds = self.kinds();
        kinds.iter().filter(|about| about.rules.queue == queue).map(|about| about.name).collect()
    }

    /// What wakes the workers of a queue.
    pub(super) fn queue_signal(&self, queue: &str) -> Arc<Notify> {
        if let Some(signal) = self.0.queues.read().get(queue) {
            return signal.clone();
        }
        self.0.queues.write().entry(queue.to_owned()).or_default().clone()
    }

    pub(super) fn db(&self) -> &Db {
        &self.0.parts.db
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    pub(super) fn ids(&self) -> &Ids {
        &self.0.parts.ids
    }

    pub(super) fn blobs(&self) -> &Blobs {
        &self.0.parts.blobs
    }

    pub(super) fn seal(&self) -> &Seal {
        &self.0.parts.seal
    }

    pub(super) fn log(&self) -> &EventLog {
        &self.0.parts.log
    }

    pub(super) fn timing(&self) -> &Timing {
        &self.0.parts.timing
    }

    pub(super) fn worker(&self) -> &str {
        &self.0.worker
    }

    pub(super) fn begin(&self, run: Arc<Run>) {
        self.0.running.write().insert(run.id, run);
    }

    pub(super) fn end(&self, run: &Run) {
        let mut running = self.0.running.write();
        // A job that was lost and taken again by this same process has another run here.
        if running.get(&run.id).is_some_and(|held| held.fence == run.fence) {
            running.remove(&run.id);
        }
    }

    pub(super) fn running(&self) -> Vec<Arc<Run>> {
        self.0.running.read().values().cloned().collect()
    }

    /// Tells a run of this process, if there is one, to end.
    pub(super) fn stop_run(&self, id: JobId) {
        if let Some(run) = self.0.running.read().get(&id) {
            run.stopping.cancel();
        }
    }
}
