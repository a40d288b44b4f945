//! Running one job here and now, without a server: what the operator does at the command line.

use std::time::Duration;

use guildhall_base::Result;
use tokio_util::task::TaskTracker;

use super::engine::Jobs;
use super::enqueue::NewJob;
use super::model::Record;
use super::settle::Settler;
use super::store::queue::{self, Claim};

impl Jobs {
    /// Enqueues a job where no server takes it, and runs it to its end in this process: through sleeps and failures,
    /// with its lease renewed. `told` hears of every change that is looked at, about once a second.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub async fn run_here(&self, mut job: NewJob, mut told: impl FnMut(&Record)) -> Result<Record> {
        job.queue = format!("desk-{:016x}", rand::random::<u64>());
        let (queue, name) = (job.queue.clone(), job.about.name);
        let id = self.enqueue_now(job).await?;
        let (keepers, tasks) = (TaskTracker::new(), TaskTracker::new());
        let settler = Settler::start(self, &keepers);
        let record = loop {
            self.beat().await?;
            self.tick().await?;
            let now = self.clock().now();
            let lease_until = now.after(self.timing().lease);
            let claim =
                Claim { queue: &queue, names: &[name], worker: self.worker(), now, lease_until, limit: 1 };
            for claimed in queue::claim(self.db(), &claim).await? {
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
