//! What people ask of the engine.

use guildhall_base::{Error, JobId, Result};

use super::engine::Jobs;
use super::enqueue::NewJob;
use super::model::{Record, State, codes};
use super::store::lines::{self, Said};
use super::store::list::{self, Filter};

impl Jobs {
    /// A job.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, id: JobId) -> Result<Record> {
        list::get(self.db(), id).await?.ok_or_else(|| guildhall_base::codes::NOT_FOUND.into())
    }

    /// The newest jobs that fit, up to `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn list(&self, filter: &Filter, limit: u16) -> Result<Vec<Record>> {
        list::list(self.db(), filter, limit.into()).await
    }

    /// A job of a kind that is named at run time. The payload is read as the kind would read it.
    ///
    /// # Errors
    /// `UNKNOWN_NAME`; a wrong field `payload`.
    pub fn named(&self, name: &str, payload: &str) -> Result<NewJob> {
        let kind = self.kind(name).ok_or(codes::UNKNOWN_NAME)?;
        kind.check(payload).map_err(|error| {
            let why = error.source.map_or_else(|| error.detail.into_owned(), |cause| cause.to_string());
            Error::field("payload", "BASE_TYPE_BAD", why)
        })?;
        Ok(NewJob::raw(kind.about(), Ok(payload.to_owned())))
    }

    /// Enqueues a job that a program asked for. Where it has asked with the same [`NewJob::request`] key before, gives
    /// that job.
    ///
    /// # Errors
    /// `STATE`, if that job is another one, or if an active job has the same [`NewJob::unique`] key.
    pub async fn request(&self, job: NewJob) -> Result<Record> {
        let (name, payload) = (job.about.name, job.payload.clone()?);
        let asked = job.client.clone().zip(job.request_key.clone());
        let id = self.enqueue_now(job).await?;
        if let Some((client, key)) = asked
            && let Some((earlier, of, told)) = list::requested(self.db(), &client, &key).await?
        {
            if (of.as_str(), told) != (name, payload) {
                return Err(codes::STATE.because("The idempotency key was used for another job."));
            }
            return self.get(earlier).await;
        }
        match self.get(id).await {
            Err(error) if error.is(guildhall_base::codes::NOT_FOUND) => {
                Err(codes::STATE.because("A job with the same unique key is active."))
            }
            other => other,
        }
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
