//! The housekeeping of one process: leases renewed, lost jobs rescued, due jobs made ready, old ones removed.

use std::time::Duration;

use guildhall_base::{Result, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::engine::Jobs;
use super::files;
use super::show;
use super::store::keep::{self, Moved};
use super::store::{limits, steps};
use crate::db::Batch;

/// Finished jobs are removed, and lost ones of owners rescued, this many at a time.
const TOGETHER: i64 = 500;

impl Jobs {
    /// Beats until `over`.
    pub(super) async fn keep(&self, over: CancellationToken) {
        while !over.is_cancelled() {
            let began = Instant::now();
            if let Err(error) = self.beat().await {
                tracing::warn!(%error, "leases cannot be renewed; trying again");
            }
            if let Err(error) = self.tick().await {
                tracing::warn!(%error, "jobs cannot be looked after; trying again");
            }
            let pause = self.until_next().await.saturating_sub(began.elapsed()).max(Duration::from_millis(5));
            let _ = over.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    /// Until the next beat, or until the next job becomes due if that is earlier.
    async fn until_next(&self) -> Duration {
        let beat = self.timing().beat;
        match keep::next_due(self.db()).await {
            Ok(Some(due)) => due.since(self.clock().now()).min(beat),
            _ => beat,
        }
    }

    /// Renews the leases of what runs here, tells those runs to end that were cancelled or lost, and writes how far they
    /// are.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn beat(&self) -> Result<()> {
        let running = self.running();
        if running.is_empty() {
            return Ok(());
        }
        let now = self.clock().now();
        let held: Vec<_> = running.iter().map(|run| run.held()).collect();
        let renewed = steps::renew(self.db(), &held, now, now.after(self.timing().lease)).await?;
        let renewed: std::collections::HashMap<_, _> = renewed.into_iter().collect();
        for run in &running {
            if renewed.get(&run.id).is_none_or(|cancel| *cancel) {
                run.stopping.cancel();
            }
        }
        // Last: whatever goes wrong with it must not cost the leases.
        self.show(&running).await
    }

    /// Rescues jobs whose process died, makes due jobs ready, removes old ones.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn tick(&self) -> Result<()> {
        let now = self.clock().now();
        let rescued = self.rescue(now).await?;
        for job in &rescued {
            tracing::warn!(id = %job.id, state = job.state.as_str(), "a job's process died; it was taken from it");
        }
        let due = keep::promote(self.db(), now).await?;
        for job in rescued.iter().chain(&due) {
            self.queue_signal(&job.queue).notify_one();
        }
        self.ring().await?;
        for (job, fence, file) in keep::trim(self.db(), now, TOGETHER).await? {
            self.blobs().delete(&files::key(job, fence, &file)).await?;
        }
        limits::forget(self.db(), now.before(self.memory())).await?;
        Ok(())
    }

    /// Takes jobs from processes that died; their owners hear of it.
    async fn rescue(&self, now: Timestamp) -> Result<Vec<Moved>> {
        let (most, keep_dead) = (self.timing().rescues, self.keep_dead());
        let mut batch = Batch::new();
        keep::rescue(&mut batch, None, now, most, keep_dead);
        let outcomes = self.db().write(batch).await?;
        let rows = outcomes.iter().flat_map(|outcome| &outcome.rows);
        let mut rescued = rows.map(keep::moved).collect::<Result<Vec<_>>>()?;
        for lost in keep::lost(self.db(), now, TOGETHER).await? {
            let (mut batch, state) = (Batch::new(), lost.after(most));
            keep::rescue(&mut batch, Some(&lost), now, most, keep_dead);
            let told = show::event("JOB_UPDATE", (lost.id, &lost.name), state, lost.owner, &lost.progress)?;
            match self.log().commit_leaf(batch, told.as_slice()).await {
                // Somebody else was faster.
                Err(error) if error.is(super::codes::LOST) => {}
                written => {
                    written?;
                    rescued.push(Moved { id: lost.id, queue: lost.queue, state });
                }
            }
        }
        Ok(rescued)
    }
}
