//! Enqueuing, in the caller's transaction.

use std::time::Duration;

use guildhall_base::{Error, GuildId, JobId, Result, Timestamp, UserId};

use super::engine::Jobs;
use super::model::{Owner, Progress, State};
use super::registry::{About, afterwards};
use super::show::event;
use super::{Job, store};
use crate::db::{Batch, Tx};

/// A job that is to be enqueued.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub(super) about: About,
    pub(super) payload: Result<String>,
    /// What is kept of the payload once the job is over, if less.
    pub(super) afterwards: Result<Option<String>>,
    /// Whether secrets were sealed in the payload.
    pub(super) sealed: bool,
    pub(super) owner: Owner,
    pub(super) client: Option<String>,
    pub(super) request_key: Option<String>,
    pub(super) unique: Option<String>,
    pub(super) limit_key: Option<String>,
    pub(super) priority: i64,
    pub(super) when: When,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    Now,
    After(Duration),
    At(Timestamp),
}

impl NewJob {
    /// A job of this kind.
    pub fn of<J: Job>(payload: &J::Payload) -> Self {
        let told = serde_json::to_string(payload).map_err(Error::internal);
        Self { afterwards: afterwards::<J>(payload), ..Self::raw(About::of::<J>(), told) }
    }

    pub(super) fn raw(about: About, payload: Result<String>) -> Self {
        Self {
            about,
            payload,
            afterwards: Ok(None),
            sealed: false,
            owner: Owner::default(),
            client: None,
            request_key: None,
            unique: None,
            limit_key: None,
            priority: about.rules.priority,
            when: When::Now,
        }
    }

    /// Started by or for this person, who sees and may cancel it.
    #[must_use]
    pub fn user(mut self, user: UserId) -> Self {
        self.owner.user = Some(user);
        self
    }

    /// Belongs to this guild, whose managers see and may cancel it.
    #[must_use]
    pub fn guild(mut self, guild: GuildId) -> Self {
        self.owner.guild = Some(guild);
        self
    }

    /// Not before this much time has passed.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.when = When::After(delay);
        self
    }

    /// Not before this time.
    #[must_use]
    pub fn at(mut self, at: Timestamp) -> Self {
        self.when = When::At(at);
        self
    }

    /// With another priority than its kind's.
    #[must_use]
    pub fn priority(mut self, priority: i64) -> Self {
        self.priority = priority;
        self
    }

    /// Only if no job of this kind with this key waits or runs; otherwise nothing is added.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique = Some(key.into());
        self
    }

    /// Whether only one such job may be active.
    pub fn is_unique(&self) -> bool {
        self.unique.is_some()
    }

    /// Counts towards the limits that its queue has per key: a guild's id, the host of an address.
    #[must_use]
    pub fn limited_by(mut self, key: impl Into<String>) -> Self {
        self.limit_key = Some(key.into());
        self
    }

    /// Asked for by a program, which will get the same job again for the same key.
    #[must_use]
    pub fn request(mut self, client: impl Into<String>, key: Option<String>) -> Self {
        self.client = Some(client.into());
        self.request_key = key;
        self
    }
}

impl Jobs {
    /// Adds a job to the caller's batch; it exists if and when the batch commits, and a worker of this process hears of
    /// it at once. Gives its id; where a job with the same [`NewJob::unique`] key is active, none of that id will exist.
    ///
    /// # Errors
    /// Internal, if the payload cannot be written as JSON.
    pub fn enqueue(&self, batch: &mut Batch, job: NewJob) -> Result<JobId> {
        let id = self.ids().next();
        let (sql, params) = store::queue::insert(id, &job, self.clock().now())?;
        batch.run(sql, params);
        batch.wake(&self.queue_signal(job.about.rules.queue));
        // Nobody knows here whether a unique job will exist; its owner hears of it when it runs.
        if job.unique.is_none() {
            let progress = Progress::default();
            let told = event("JOB_CREATE", (id, job.about.name), State::Ready, job.owner, &progress)?;
            self.log().append(batch, told.as_slice())?;
        }
        Ok(id)
    }

    /// The same within an open transaction.
    ///
    /// # Errors
    /// As [`Jobs::enqueue`], and where the statement fails.
    pub async fn enqueue_in(&self, tx: &Tx, job: NewJob) -> Result<JobId> {
        let id = self.ids().next();
        let (sql, params) = store::queue::insert(id, &job, self.clock().now())?;
        tx.run(sql, params).await?;
        tx.wake(&self.queue_signal(job.about.rules.queue)).await;
        Ok(id)
    }

    /// Enqueues a job alone.
    ///
    /// # Errors
    /// As [`Jobs::enqueue`], and where it cannot be written.
    pub async fn enqueue_now(&self, job: NewJob) -> Result<JobId> {
        let mut batch = Batch::new();
        let id = self.enqueue(&mut batch, job)?;
        self.db().write(batch).await?;
        Ok(id)
    }
}
