//! What can be asked for at the desk. The API and the pages call these and nothing else.

use std::time::Duration;

use guildhall_accounts::Rights;
use guildhall_base::{Error, GuildId, JobId, Result, UserId, codes};
use guildhall_infra::jobs::{Filter, Owner, QueueState, Record, State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::codes::NOT_OFFERED;
use crate::{Asker, Desk};

/// The longest delay that may be asked for.
const LONGEST_DELAY: Duration = Duration::from_secs(366 * 24 * 3600);
/// The longest idempotency or unique key, in bytes.
const LONGEST_KEY: usize = 255;

/// A job that is asked for.
#[derive(Debug, Clone, Default)]
pub struct NewRequest {
    /// Its kind.
    pub name: String,
    /// What it is told, as JSON.
    pub payload: String,
    /// Whose it is; only programs and who holds every right may name somebody else.
    pub user: Option<UserId>,
    /// The guild whose managers see it.
    pub guild: Option<GuildId>,
    /// Not before so many seconds.
    pub delay: Duration,
    /// Larger first; only for programs and who looks after jobs.
    pub priority: Option<i64>,
    /// Only one active job with this key.
    pub unique: Option<String>,
    /// The same key gets the same job.
    pub key: Option<String>,
}

/// Which jobs are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of this guild.
    pub guild: Option<GuildId>,
    /// Of this person.
    pub user: Option<UserId>,
    /// In this state.
    pub state: Option<State>,
    /// Of this kind.
    pub name: Option<String>,
    /// Before this one.
    pub before: Option<JobId>,
    /// How many, 1 to 100.
    pub limit: u16,
}

/// A kind of job.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// The newest version of its payload.
    pub version: u32,
    /// Its queue.
    pub queue: String,
    /// Whether people may start it.
    pub offered: bool,
    /// Whether it goes on where it was after a restart: every job does, from its last completed step.
    pub resumable: bool,
    /// Failures without progress until it is given up.
    pub attempts: u32,
    /// The kind of job that undoes it.
    pub undone_by: Option<String>,
}

impl Desk {
    /// The kinds of jobs, for whoever may start them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn kinds(&self, asker: &Asker) -> Result<Vec<Kind>> {
        let all = self.starts_all(asker).await?;
        let kinds = self.jobs().kinds().into_iter().filter(|about| all || about.rules.offered);
        let kind = |about: guildhall_infra::jobs::About| Kind {
            name: about.name.to_owned(),
            version: about.version,
            queue: about.rules.queue.to_owned(),
            offered: about.rules.offered,
            resumable: true,
            attempts: about.rules.attempts,
            undone_by: about.rules.undo.map(str::to_owned),
        };
        Ok(kinds.map(kind).collect())
    }

    /// Enqueues a job, or gives the one that the same key was used for before.
    ///
    /// # Errors
    /// An unknown kind or a wrong field; `NOT_OFFERED`; `NOT_FOUND` for a guild that they do not manage; `STATE`.
    pub async fn request(&self, asker: &Asker, request: NewRequest) -> Result<Record> {
        for (field, key) in [("unique_key", &request.unique), ("idempotency_key", &request.key)] {
            if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > LONGEST_KEY) {
                return Err(Error::field(field, "BASE_TYPE_BAD_LENGTH", "1 to 255 bytes"));
            }
        }
        if request.delay > LONGEST_DELAY {
            return Err(Error::field("delay_seconds", "NUMBER_TYPE_MAX", "At most a year"));
        }
        self.jobs().named(&request.name, &request.payload)?;
        let owner = self.owner_of(asker, &request).await?;
        self.jobs().admit(&request.name, owner, &request.payload).await?;
        let mut job = self.jobs().prepared(&request.name, &request.payload).await?;
        if let Some(user) = owner.user {
            job = job.user(user);
        }
        if let Some(guild) = request.guild {
            job = job.guild(guild).limited_by(guild.to_string());
        }
        if let Some(key) = request.unique
            && !job.is_unique()
        {
            job = job.unique(format!("{}:{key}", asker.name()));
        }
        if let (Some(priority), true) =
            (request.priority, matches!(asker, Asker::Client(_)) || self.looks_after(asker).await?)
        {
            job = job.priority(priority.clamp(-1000, 1000));
        }
        if !request.delay.is_zero() {
            job = job.after(request.delay);
        }
        self.jobs().request(job.request(asker.name(), request.key)).await
    }

    /// What a job would do that is asked for, without asking for it.
    ///
    /// # Errors
    /// As [`Desk::request`].
    pub async fn preview(&self, asker: &Asker, request: NewRequest) -> Result<serde_json::Value> {
        self.jobs().named(&request.name, &request.payload)?;
        let owner = self.owner_of(asker, &request).await?;
        self.jobs().preview(&request.name, owner, &request.payload).await
    }

    /// Whose job it would be: people ask for themselves and for guilds that they manage.
    async fn owner_of(&self, asker: &Asker, request: &NewRequest) -> Result<Owner> {
        let mut owner = Owner { user: request.user, guild: request.guild };
        let Asker::Person(actor) = asker else { return Ok(owner) };
        if self.starts_all(asker).await? {
            owner.user = owner.user.or(Some(actor.id()));
        } else {
            if !self.kinds(asker).await?.iter().any(|kind| kind.name == request.name) {
                return Err(NOT_OFFERED.into());
            }
            if let Some(guild) = request.guild
                && !self.manages(actor, guild).await?
            {
                return Err(codes::NOT_FOUND.into());
            }
            owner.user = Some(actor.id());
        }
        Ok(owner)
    }

    /// Has what a job did undone; asked again, gives the same job.
    ///
    /// # Errors
    /// As [`Desk::job`]; `STATE`, if it is not over or cannot be undone; what the asker may not do any more.
    pub async fn undo(&self, asker: &Asker, id: JobId) -> Result<Record> {
        let record = self.job(asker, id).await?;
        let user = match asker {
            Asker::Person(actor) => Some(actor.id()),
            Asker::Client(_) => record.owner.user,
        };
        self.jobs().undo(id, Owner { user, ..record.owner }).await
    }

    /// The newest jobs that the asker may see and that fit. Without a guild or a person: one's own; for who looks after
    /// jobs, all.
    ///
    /// # Errors
    /// `NOT_FOUND` for a guild that they do not manage, or for another person's jobs.
    pub async fn list(&self, asker: &Asker, wanted: Wanted) -> Result<Vec<Record>> {
        let Wanted { guild, user, state, name, before, limit } = wanted;
        let mut filter = Filter { user, guild, client: None, state, name, before };
        match asker {
            Asker::Client(client) => filter.client = Some(client.clone()),
            Asker::Person(_) if self.looks_after(asker).await? => {}
            Asker::Person(actor) => {
                if filter.user.is_some_and(|user| user != actor.id()) {
                    return Err(codes::NOT_FOUND.into());
                }
                match guild {
                    Some(guild) if self.manages(actor, guild).await? => {}
                    Some(_) => return Err(codes::NOT_FOUND.into()),
                    None => filter.user = Some(actor.id()),
                }
            }
        }
        self.jobs().list(&filter, limit.clamp(1, 100)).await
    }

    /// Cancels a job.
    ///
    /// # Errors
    /// As [`Desk::job`]; `STATE`, if it is over.
    pub async fn cancel(&self, asker: &Asker, id: JobId) -> Result<Record> {
        self.job(asker, id).await?;
        self.jobs().cancel(id).await?;
        self.jobs().get(id).await
    }

    /// Tries a dead or cancelled job again.
    ///
    /// # Errors
    /// As [`Desk::job`]; `STATE`, if it is neither.
    pub async fn retry(&self, asker: &Asker, id: JobId) -> Result<Record> {
        self.job(asker, id).await?;
        self.jobs().retry(id).await?;
        self.jobs().get(id).await
    }

    /// How the queues are, for who looks after jobs.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`.
    pub async fn queues(&self, asker: &Asker) -> Result<Vec<QueueState>> {
        self.require(asker, Rights::JOBS_MANAGE).await?;
        self.jobs().queues().await
    }

    /// Holds the jobs of a queue back, or no longer; for who looks after jobs.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`; `NOT_FOUND` for a queue that does not exist.
    pub async fn pause(&self, asker: &Asker, queue: &str, paused: bool) -> Result<()> {
        if !self.queues(asker).await?.iter().any(|known| known.name == queue) {
            return Err(codes::NOT_FOUND.into());
        }
        self.jobs().pause(queue, paused).await
    }
}
