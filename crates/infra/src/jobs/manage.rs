//! What people ask of the engine.

use std::collections::HashMap;

use guildhall_base::{Error, JobId, Result, UserId};
use serde_json::Value;

use super::engine::Jobs;
use super::enqueue::NewJob;
use super::job::Undo;
use super::model::{Owner, Record, State, codes};
use super::registry::Ready;
use super::show;
use super::store::keep;
use super::store::lines::{self, Said};
use super::store::list::{self, Filter};
use super::store::steps;
use crate::db::Batch;

/// How often a job is looked at that is to be cancelled.
const LOOKS: usize = 5;

/// Who asks for jobs that undo others; no program in the configuration can have such a name.
const UNDOING: &str = ":undo";

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

    /// The same of a payload that somebody has sent: what may not be kept of it is sealed; see
    /// [`Job::prepare`](super::Job::prepare) and [`Job::unique`](super::Job::unique).
    ///
    /// # Errors
    /// As [`Jobs::named`]; what the kind refuses.
    pub async fn prepared(&self, name: &str, payload: &str) -> Result<NewJob> {
        let mut job = self.named(name, payload)?;
        let kind = self.kind(name).ok_or(codes::UNKNOWN_NAME)?;
        let Ready { payload: prepared, afterwards, unique } = kind.prepare(payload.to_owned()).await?;
        job.sealed = serde_json::from_str::<Value>(payload).ok() != serde_json::from_str(&prepared).ok();
        // What was sent is kept as it is where there is nothing to hide in it.
        if job.sealed {
            job.payload = Ok(prepared);
        }
        job.afterwards = Ok(afterwards);
        job.unique = unique;
        Ok(job)
    }

    /// Refuses a job of a kind that is named at run time if its owner may not have it done; see [`Job::admit`].
    ///
    /// [`Job::admit`]: super::Job::admit
    ///
    /// # Errors
    /// `UNKNOWN_NAME`; what the kind refuses.
    pub async fn admit(&self, name: &str, owner: Owner, payload: &str) -> Result<()> {
        self.kind(name).ok_or(codes::UNKNOWN_NAME)?.admit(owner, payload.to_owned()).await
    }

    /// What such a job would do; see [`Job::preview`](super::Job::preview).
    ///
    /// # Errors
    /// As [`Jobs::admit`] and [`Jobs::named`].
    pub async fn preview(&self, name: &str, owner: Owner, payload: &str) -> Result<Value> {
        self.named(name, payload)?;
        self.admit(name, owner, payload).await?;
        self.kind(name).ok_or(codes::UNKNOWN_NAME)?.preview(owner, payload.to_owned()).await
    }

    /// Has what a job did undone by another job, for this owner. Asked again, gives that same job.
    ///
    /// # Errors
    /// `NOT_FOUND`; `STATE`, if it is not over or cannot be undone; what the other kind refuses.
    pub async fn undo(&self, id: JobId, owner: Owner) -> Result<Record> {
        if let Some(undoing) = self.undone_by(id).await? {
            return self.get(undoing).await;
        }
        let record = self.get(id).await?;
        let about = self.kind(&record.name).map(|kind| kind.about());
        let Some(undo) = about.and_then(|about| about.rules.undo) else {
            return Err(codes::STATE.because("Jobs of this kind cannot be undone."));
        };
        if !record.state.is_final() || record.runs == 0 {
            return Err(codes::STATE.because("Only a job that has ended can be undone."));
        }
        let payload = serde_json::to_string(&Undo { job: id }).map_err(Error::internal)?;
        self.admit(undo, owner, &payload).await?;
        let mut job = self.named(undo, &payload)?.request(UNDOING, Some(id.to_string()));
        if let Some(user) = owner.user {
            job = job.user(user);
        }
        if let Some(guild) = owner.guild {
            job = job.guild(guild).limited_by(guild.to_string());
        }
        self.request(job).await
    }

    /// The job that undoes or has undone this one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn undone_by(&self, id: JobId) -> Result<Option<JobId>> {
        let found = list::requested(self.db(), UNDOING, &id.to_string()).await?;
        Ok(found.map(|(undoing, ..)| undoing))
    }

    /// What a job's completed steps gave, as JSON by their names; kept as long as the job.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn steps(&self, id: JobId) -> Result<HashMap<String, String>> {
        steps::journal(self.db(), id).await
    }

    /// Enqueues a job that a program asked for. Where it has asked with the same [`NewJob::request`] key before, gives
    /// that job.
    ///
    /// # Errors
    /// `STATE`, if that job is another one, or if an active job has the same [`NewJob::unique`] key.
    pub async fn request(&self, job: NewJob) -> Result<Record> {
        let (name, payload, sealed) = (job.about.name, job.payload.clone()?, job.sealed);
        let asked = job.client.clone().zip(job.request_key.clone());
        let id = self.enqueue_now(job).await?;
        if let Some((client, key)) = asked
            && let Some((earlier, of, told)) = list::requested(self.db(), &client, &key).await?
        {
            // Nothing is sealed in the same way twice.
            if of != name || (told != payload && !sealed) {
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
        // A worker may take it or give it back between two looks, but not for ever.
        for _ in 0..LOOKS {
            if list::cancel_running(self.db(), id).await? {
                self.stop_run(id);
                return Ok(State::Running);
            }
            let waiting = list::get(self.db(), id).await?.filter(|job| !job.state.is_final());
            let job = waiting.ok_or(codes::STATE)?;
            let mut batch = Batch::new();
            list::cancel_waiting(&mut batch, id, self.clock().now());
            match self.tell_with(batch, &job, State::Cancelled).await {
                Err(error) if error.is(codes::LOST) => {}
                told => return told.map(|()| State::Cancelled),
            }
        }
        Err(codes::STATE.into())
    }

    /// Removes a finished job with its files now, and not when its time is over.
    ///
    /// # Errors
    /// `STATE`, if it is not over, or if there is no such job.
    pub async fn forget(&self, id: JobId) -> Result<()> {
        if !super::store::keep::expire(self.db(), id, self.clock().now()).await? {
            return Err(codes::STATE.into());
        }
        self.tick().await
    }

    /// Forgets what somebody started or what is about them: cancels what waits or runs, removes the records and files of
    /// what is finished, and takes the name off what is still ending.
    ///
    /// # Errors
    /// If the database or a file cannot be written.
    pub async fn forget_user(&self, user: UserId) -> Result<()> {
        for id in keep::unfinished_of(self.db(), user).await? {
            match self.cancel(id).await {
                // It has just finished.
                Err(error) if error.is(codes::STATE) => {}
                other => drop(other?),
            }
        }
        loop {
            let ids = keep::finished_of(self.db(), user).await?;
            if ids.is_empty() {
                break;
            }
            for (job, fence, file) in keep::remove(self.db(), &ids).await? {
                self.blobs().delete(&super::files::key(job, fence, &file)).await?;
            }
        }
        keep::disown(self.db(), user).await
    }

    /// Lets a dead or cancelled job go on; what it completed stays done.
    ///
    /// # Errors
    /// `STATE`, if there is no such job; `DUPLICATE`, if another one took its unique key.
    pub async fn retry(&self, id: JobId) -> Result<()> {
        let job = list::get(self.db(), id).await?.ok_or(codes::STATE)?;
        let mut batch = Batch::new();
        list::retry(&mut batch, id, self.clock().now());
        self.tell_with(batch, &job, State::Ready).await?;
        self.queue_signal(&job.queue).notify_one();
        Ok(())
    }

    /// Writes a change of a job that does not run, and tells its owner.
    async fn tell_with(&self, batch: Batch, job: &Record, state: State) -> Result<()> {
        let told = show::event("JOB_UPDATE", (job.id, &job.name), state, job.owner, &job.progress)?;
        self.log().commit_leaf(batch, told.as_slice()).await.map(drop)
    }
}
