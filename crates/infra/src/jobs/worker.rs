//! Takes due jobs out of their queues and runs them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use guildhall_base::{Error, Result};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::engine::Jobs;
use super::job::{Outcome, Stop};
use super::registry::Kind;
use super::run::Run;
use super::settle::{Settler, TOGETHER};
use super::store::limits;
use super::store::queue::{self, Claim, Claimed};
use super::{Ctx, codes};

impl Jobs {
    /// Works until `stop`, then lets running jobs finish for a while and gives the others back to the queue.
    pub async fn work(&self, stop: CancellationToken) {
        let (tasks, servers, keepers) = (TaskTracker::new(), TaskTracker::new(), TaskTracker::new());
        let over = CancellationToken::new();
        let settler = Settler::start(self, &keepers);
        let (jobs, until) = (self.clone(), over.clone());
        keepers.spawn(async move { jobs.keep(until).await });
        for queue in self.queue_names() {
            let (jobs, stop, settler, tasks) = (self.clone(), stop.clone(), settler.clone(), tasks.clone());
            servers.spawn(async move { jobs.serve(queue, &settler, &tasks, stop).await });
        }
        stop.cancelled().await;
        // A claim that is under way still brings jobs, which must not be overlooked by what follows.
        servers.close();
        servers.wait().await;
        tasks.close();
        if tokio::time::timeout(self.timing().drain, tasks.wait()).await.is_err() {
            self.running().iter().for_each(|run| run.stopping.cancel());
            tasks.wait().await;
        }
        over.cancel();
        drop(settler);
        keepers.close();
        keepers.wait().await;
    }

    /// Runs everything that is due now, and what becomes due by that, to its end; gives the number of runs. For tests
    /// and for the command line.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub async fn run_due(&self) -> Result<usize> {
        let keepers = TaskTracker::new();
        let settler = Settler::start(self, &keepers);
        let mut runs = 0;
        loop {
            self.tick().await?;
            let tasks = TaskTracker::new();
            for queue in self.queue_names() {
                for job in self.claim(queue, self.queue(queue).slots).await? {
                    runs += 1;
                    let (jobs, settler) = (self.clone(), settler.clone());
                    tasks.spawn(async move { jobs.run_one(job, &settler).await });
                }
            }
            if tasks.is_empty() {
                break;
            }
            tasks.close();
            tasks.wait().await;
        }
        drop(settler);
        keepers.close();
        keepers.wait().await;
        Ok(runs)
    }

    /// One queue's loop.
    async fn serve(
        &self,
        queue: &'static str,
        settler: &Settler,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) {
        let signal: Arc<Notify> = self.queue_signal(queue);
        let rules = self.queue(queue);
        let slots = Arc::new(Semaphore::new(rules.slots));
        let unwritten = Arc::new(Semaphore::new(TOGETHER));
        while !stop.is_cancelled() {
            let free = slots.available_permits();
            let claimed = if free == 0 { Ok(Vec::new()) } else { self.claim(queue, free).await };
            let claimed = claimed.unwrap_or_else(|error| {
                tracing::warn!(%error, queue, "jobs cannot be claimed; trying again");
                Vec::new()
            });
            let full = claimed.len() == free;
            // Within limits a claim gives only some of those that may start.
            let more = rules.is_limited() && !claimed.is_empty();
            for job in claimed {
                // There are as many permits as were counted: only this loop takes them.
                let Ok(slot) = slots.clone().acquire_owned().await else { return };
                let (jobs, settler, signal, unwritten) =
                    (self.clone(), settler.clone(), signal.clone(), unwritten.clone());
                tasks.spawn(async move {
                    let (run, outcome) = jobs.perform(job).await;
                    // The next may run while this one's end is written, as long as not too many ends wait.
                    let _ends = unwritten.acquire().await;
                    drop(slot);
                    jobs.settle(&run, outcome, &settler).await;
                    // What was held back by a limit may now be free to go.
                    if rules.is_limited() {
                        signal.notify_one();
                    }
                });
            }
            if full {
                self.room(&slots, rules.slots, &stop).await;
            } else if !more {
                let told = tokio::time::timeout(self.timing().poll, signal.notified());
                let _ = stop.run_until_cancelled(told).await;
            }
        }
    }

    /// Waits for free slots: half of them, so that a claim is worth its while, or fewer after a short time.
    async fn room(&self, slots: &Semaphore, count: usize, stop: &CancellationToken) {
        let half = u32::try_from(count.div_ceil(2)).unwrap_or(1);
        let many = tokio::time::timeout(std::time::Duration::from_millis(20), slots.acquire_many(half));
        if stop.run_until_cancelled(many).await.is_some_and(|waited| waited.is_err()) {
            let _ = stop.run_until_cancelled(slots.acquire()).await;
        }
    }

    async fn claim(&self, queue: &'static str, limit: usize) -> Result<Vec<Claimed>> {
        let now = self.clock().now();
        let claim = Claim {
            queue,
            names: &self.names_in(queue),
            worker: self.worker(),
            now,
            lease_until: now.after(self.timing().lease),
            limit,
        };
        let rules = self.queue(queue);
        if rules.is_limited() {
            return limits::claim(self.db(), &claim, &rules).await;
        }
        queue::claim(self.db(), &claim).await
    }

    /// Runs one claimed job to its end, and has that written.
    pub(super) async fn run_one(&self, job: Claimed, settler: &Settler) {
        let (run, outcome) = self.perform(job).await;
        self.settle(&run, outcome, settler).await;
    }

    async fn perform(&self, job: Claimed) -> (Arc<Run>, Outcome<String>) {
        let run = Arc::new(Run::new(&job, CancellationToken::new()));
        self.begin(run.clone());
        let outcome = match self.kind(&job.name) {
            None => Err(Stop::Until(self.clock().now().after(self.timing().lease))),
            Some(kind) if kind.about().version < job.version => {
                Err(Stop::Until(self.clock().now().after(self.timing().lease)))
            }
            Some(kind) => self.attempt(kind, run.clone(), job).await,
        };
        (run, outcome)
    }

    /// Has the end of a run written. Until then its lease is renewed.
    async fn settle(&self, run: &Arc<Run>, outcome: Outcome<String>, settler: &Settler) {
        settler.settle(self, run, outcome).await;
        self.end(run);
    }

    async fn attempt(&self, kind: Arc<dyn Kind>, run: Arc<Run>, job: Claimed) -> Outcome<String> {
        let limit = kind.about().rules.limit;
        let ctx = Ctx { jobs: self.clone(), run: run.clone() };
        let work = AssertUnwindSafe(kind.run(ctx, job.version, job.payload)).catch_unwind();
        let timed = async {
            match limit {
                Some(limit) => tokio::time::timeout(limit, work).await.map_err(|_| codes::TIME),
                None => Ok(work.await),
            }
        };
        match run.stopping.run_until_cancelled(timed).await {
            None => Err(Stop::Lost),
            Some(Err(late)) => Err(Stop::from(Error::from(late))),
            Some(Ok(Err(_panic))) => Err(Stop::from(Error::internal("the job panicked"))),
            Some(Ok(Ok(outcome))) => outcome,
        }
    }
}
