//! Group commit. Batches that append events all need the log's counter, which is locked until the commit: one after the
//! other they would each pay for a commit, and those who wait for a row's lock are woken late. So one task of this
//! process takes all that wait and writes them as one transaction, while the next ones gather.
//!
//! Whatever stands in the way of a group does not stop those behind it: it is given up after a moment, and its members
//! are written alone, each on a connection of its own.

use std::collections::VecDeque;
use std::sync::Arc;

use guildhall_base::Result;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, oneshot};

use super::super::batch::{Batch, Outcome};
use super::super::codes;
use super::super::error::caused;
use super::Postgres;
use super::together::{self, Broken, Fate};

/// How many batches share a commit at most.
const GROUP: usize = 64;
/// How many batches may wait. More than that is many seconds of work: whoever comes then is better told so at once.
const LIMIT: usize = 16_384;

type Answer = oneshot::Sender<Result<Vec<Outcome>>>;

/// Batches that wait for the next group.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// How many may be written alone at once: those who wait for locked rows must leave connections to the others.
    alone: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Waiting {
    members: VecDeque<(Batch, Answer)>,
    /// Whether a task takes them.
    served: bool,
}

impl Queue {
    /// Of a pool with so many connections.
    pub(super) fn new(connections: usize) -> Self {
        Self { waiting: Mutex::default(), alone: Arc::new(Semaphore::new((connections / 2).max(1))) }
    }

    /// The next group; none once nobody waits, and then nobody serves any more.
    fn take(&self) -> Option<(Vec<Batch>, Vec<Answer>)> {
        let mut waiting = self.waiting.lock();
        let count = waiting.members.len().min(GROUP);
        waiting.served = count > 0;
        (count > 0).then(|| waiting.members.drain(..count).unzip())
    }
}

/// Should the task that serves end before its time, nobody waits for an answer forever.
struct Serving<'a>(&'a Queue);

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting.lock();
        waiting.served = false;
        let forgotten = std::mem::take(&mut waiting.members);
        drop(waiting);
        drop(forgotten);
    }
}

impl Postgres {
    /// Writes a batch together with those that come at the same time.
    pub(super) async fn join(&self, batch: Batch) -> Result<Vec<Outcome>> {
        let (answer, answered) = oneshot::channel();
        let begin = {
            let mut waiting = self.queue.waiting.lock();
            if waiting.members.len() >= LIMIT {
                return Err(caused(codes::UNAVAILABLE, "COMMIT", "too many batches wait"));
            }
            waiting.members.push_back((batch, answer));
            !std::mem::replace(&mut waiting.served, true)
        };
        if begin {
            let this = self.clone();
            tokio::spawn(async move { this.serve().await });
        }
        answered.await.unwrap_or_else(|gone| Err(caused(codes::UNAVAILABLE, "COMMIT", gone)))
    }

    async fn serve(&self) {
        let serving = Serving(&self.queue);
        while let Some((group, answers)) = self.queue.take() {
            self.commit(group, answers).await;
        }
        // Nobody waited when it ended; whoever came since is served by another task.
        std::mem::forget(serving);
    }

    async fn commit(&self, group: Vec<Batch>, answers: Vec<Answer>) {
        metrics::counter!("db_groups_total").increment(1);
        metrics::counter!("db_batches_total").increment(group.len() as u64);
        let fates = match self.try_together(&group).await {
            Ok(fates) => fates,
            Err(Broken::Undone(failed)) => {
                let failed = self.learn(failed);
                tracing::debug!(?failed, members = group.len(), "a group of batches is written one by one");
                group.iter().map(|_| Fate::Alone).collect()
            }
            Err(Broken::Hopeless(failed)) => {
                let error = self.learn(failed).into_error();
                group.iter().map(|_| Fate::Refused(error.clone())).collect()
            }
        };
        for (batch, fate) in group.iter().zip(&fates) {
            if let Fate::Written(outcomes) = fate {
                batch.committed(outcomes);
            }
        }
        let written = |(batch, fate): (&Batch, &Fate)| batch.announce && matches!(fate, Fate::Written(_));
        if group.iter().zip(&fates).any(written) {
            self.announced.send_modify(|count| *count += 1);
        }
        for ((batch, answer), fate) in group.into_iter().zip(answers).zip(fates) {
            match fate {
                Fate::Written(outcomes) => _ = answer.send(Ok(outcomes)),
                Fate::Refused(error) => _ = answer.send(Err(error)),
                Fate::Alone => {
                    let this = self.clone();
                    let alone = self.queue.alone.clone();
                    tokio::spawn(async move {
                        // It is never closed; without it the batch would only have to do without its limit.
                        let _one = alone.acquire_owned().await;
                        answer.send(this.write_alone(&batch).await)
                    });
                }
            }
        }
    }

    async fn try_together(&self, group: &[Batch]) -> Result<Vec<Fate>, Broken> {
        let lease = self.lease().await.map_err(Broken::Hopeless)?;
        let fates = together::write(&lease, group).await.inspect_err(|broken| {
            let (Broken::Undone(failed) | Broken::Hopeless(failed)) = broken;
            failed.forget_plans(&lease);
        })?;
        // Every answer has been read, so the connection is outside any transaction.
        lease.finish();
        Ok(fates)
    }
}
