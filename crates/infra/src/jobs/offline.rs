//! Running one job here and now, without a server: what the operator does at the command line.

use std::time::Duration;

use guildhall_base::Result;
use tokio_util::task::TaskTracker;

use super::engine::Jobs;
use super::enqueue::NewJob;
use super::model::Record;
use super::settle::Settler;
use super::store::queue;

impl Jobs {
    /// Enqueues a job and runs it to its end in this process: through sleeps and failures, with its lease renewed. If a
    /// server takes it first, or between two attempts, it is waited for. `told` hears of every change that is looked at, about once a second.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub async fn run_here(&self, job: NewJob, mut told: impl FnMut(&Record)) -> Result<Record> {
        let id = self.enqueue_now(job).await?;
        let (keepers, tasks) = (TaskTracker::new(), TaskTracker::new());
        let settler = Settler::start(self, &keepers);
        let record = loop {
            self.beat().await?;
            self.tick().await?;
            let now = self.clock().now();
            let lease_until = now.after(self.timing().lease);
            if let Some(claimed) = queue::claim_one(self.db(), id, self.worker(), (now, lease_until)).await? {
                let (jobs, settler) = (self.clone(), settler.clone());
                tasks.spawn(async move { jobs.run_one(claimed, &settler).await });
            }
            tasks.close();
            let _ = tokio::time::timeout(Duration::from_secs(1), tasks.wait()).await;
            let record = self.get(id).await?;
            told(&record);
            if record.state.is_final() {
                break record;
            }
            if tasks.is_empty() {
                // It sleeps, or pauses after a failure.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        drop(settler);
        keepers.close();
        keepers.wait().await;
        Ok(record)
    }
}
