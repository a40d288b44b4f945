//! What people ask of the engine.

use guildhall_base::{JobId, Result};

use super::engine::Jobs;
use super::model::{Record, State, codes};
use super::store::lines::{self, Said};
use super::store::list;

impl Jobs {
    /// A job.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, id: JobId) -> Result<Record> {
        list::get(self.db(), id).await?.ok_or_else(|| guildhall_base::codes::NOT_FOUND.into())
    }

    /// What a job said, the newest `limit` lines, oldest first. Lines of a running job come with its next heartbeat.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn lines(&self, id: JobId, limit: u16) -> Result<Vec<Said>> {
        lines::newest(self.db(), id, limit.into()).await
    }

    /// Cancels a job. A running one ends at its next `await`: at once if it runs in this process, with the next
    /// heartbeat if in another. What it completed stays done.
    ///
    /// # Errors
    /// `STATE`, if there is no such active job.
    pub async fn cancel(&self, id: JobId) -> Result<State> {
        let state = list::cancel(self.db(), id, self.clock().now()).await?.ok_or(codes::STATE)?;
        self.stop_run(id);
        Ok(state)
    }

    /// Lets a dead or cancelled job go on; what it completed stays done.
    ///
    /// # Errors
    /// `STATE`, if there is no such job; `DUPLICATE`, if another one took its unique key.
    pub async fn retry(&self, id: JobId) -> Result<()> {
        let queue = list::retry(self.db(), id, self.clock().now()).await?.ok_or(codes::STATE)?;
        self.queue_signal(&queue).notify_one();
        Ok(())
    }
}
