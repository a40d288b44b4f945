//! What a job is.

use std::time::Duration;

use guildhall_base::{Error, JobId, Result, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Ctx;
use super::model::Owner;

/// One kind of work. The value holds what it works with (a mailer, a feature); the payload says what to do.
///
/// `run` may be left at any `await` and begun again elsewhere: the process may die, the lease may be lost, somebody may
/// cancel. So it puts what must not happen twice into [steps](Ctx::step).
pub trait Job: Send + Sync + 'static {
    /// Its name for ever, unique in the program: `accounts.mail`.
    const NAME: &'static str;
    /// The version of its payload. A process never runs a payload newer than it knows.
    const VERSION: u32 = 1;
    /// Queue, attempts, retention.
    const RULES: Rules = Rules::new();
    /// What it is told, as JSON.
    type Payload: Serialize + DeserializeOwned + Send;
    /// What it answers, as JSON; `()` for most.
    type Output: Serialize + Send;

    /// Does the work.
    fn run(&self, ctx: Ctx, payload: Self::Payload) -> impl Future<Output = Outcome<Self::Output>> + Send;

    /// Refuses what the payload may not say, or what its owner may not have done. Asked where a person or a program asks
    /// for the job; the run asks again, because meanwhile the answer may be another.
    ///
    /// # Errors
    /// What the asker is told.
    fn admit(&self, _owner: Owner, _payload: Self::Payload) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// What is kept of a payload that somebody sends: the same, with its secrets sealed. Asked after [`Job::admit`] and
    /// before the job is enqueued.
    ///
    /// # Errors
    /// What the asker is told.
    fn prepare(&self, payload: Self::Payload) -> impl Future<Output = Result<Self::Payload>> + Send {
        std::future::ready(Ok(payload))
    }

    /// What is kept of a payload once the job is over, if it is less than all of it: the same without its secrets. A dead
    /// job that somebody lets go on is told this.
    fn afterwards(_payload: &Self::Payload) -> Option<Self::Payload> {
        None
    }

    /// Jobs of this kind that somebody asks for are refused while one with the same key is active: the guild that they
    /// are about.
    fn unique(_payload: &Self::Payload) -> Option<String> {
        None
    }

    /// What the job would do if it ran now, for a person or a program to look at before: numbers, not lists. Null where
    /// there is nothing to say. Asked after [`Job::admit`].
    ///
    /// # Errors
    /// As [`Job::admit`].
    fn preview(&self, _owner: Owner, _payload: Self::Payload) -> impl Future<Output = Result<Value>> + Send {
        std::future::ready(Ok(Value::Null))
    }

    /// Reads a payload that an older version enqueued.
    ///
    /// # Errors
    /// If it cannot be understood; the job is dead then.
    fn read(_version: u32, payload: &str) -> Result<Self::Payload> {
        serde_json::from_str(payload).map_err(Error::internal)
    }
}

/// How a run ends: with its result, or because of a [`Stop`]. An [`Error`] becomes [`Stop::Retry`] by `?`.
pub type Outcome<T = ()> = std::result::Result<T, Stop>;

/// Why a run ends without a result.
#[derive(Debug, Clone)]
pub enum Stop {
    /// It failed; worth another try after a pause.
    Retry(Box<Error>),
    /// It failed, and would again: the job is dead.
    Fail(Box<Error>),
    /// It goes on at this time, in another run. No attempt is counted.
    Until(Timestamp),
    /// The job is no longer this run's: cancelled, or taken over by another. Only the engine makes this.
    Lost,
}

impl Stop {
    /// It failed, and would again: `return Err(Stop::fail(NOT_FOUND))`.
    pub fn fail(error: impl Into<Error>) -> Self {
        Self::Fail(Box::new(error.into()))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        if error.is(super::codes::LOST) { Self::Lost } else { Self::Retry(Box::new(error)) }
    }
}

/// How jobs of one kind are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The queue; queues do not wait for one another.
    pub queue: &'static str,
    /// Larger first, within the queue.
    pub priority: i64,
    /// Failures without a completed step between them until the job is dead.
    pub attempts: u32,
    /// The pause after the first failure; it doubles, with up to a quarter more or less by chance.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// A run that takes longer has failed. None: as long as it likes.
    pub limit: Option<Duration>,
    /// How long the record of a finished job is kept.
    pub keep: Duration,
    /// Whether people may start it by themselves through the API.
    pub offered: bool,
    /// The kind of job that undoes it, which is told an [`Undo`].
    pub undo: Option<&'static str>,
}

/// What a job is told that undoes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The job that is undone; what it did is in [its steps](super::Jobs::steps).
    pub job: JobId,
}

impl Rules {
    /// Queue `default`, eight attempts within about twenty minutes, kept for a week.
    pub const fn new() -> Self {
        Self {
            queue: "default",
            priority: 0,
            attempts: 8,
            pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(3600),
            limit: None,
            keep: Duration::from_secs(7 * 24 * 3600),
            offered: false,
            undo: None,
        }
    }

    /// In this queue.
    #[must_use]
    pub const fn queue(mut self, queue: &'static str) -> Self {
        self.queue = queue;
        self
    }

    /// With this priority.
    #[must_use]
    pub const fn priority(mut self, priority: i64) -> Self {
        self.priority = priority;
        self
    }

    /// With so many attempts, the first pause and the longest one.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32, pause: Duration, longest: Duration) -> Self {
        self.attempts = attempts;
        self.pause = pause;
        self.longest_pause = longest;
        self
    }

    /// A run may take so long.
    #[must_use]
    pub const fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Finished jobs are kept so long.
    #[must_use]
    pub const fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    /// People may start it through the API.
    #[must_use]
    pub const fn offered(mut self) -> Self {
        self.offered = true;
        self
    }

    /// This kind of job undoes it.
    #[must_use]
    pub const fn undone_by(mut self, name: &'static str) -> Self {
        self.undo = Some(name);
        self
    }

    /// The pause after so many failures; `chance` is between 0 and 1.
    pub(super) fn pause_after(&self, failures: u32, chance: f64) -> Duration {
        let doubled = self.pause.saturating_mul(1 << failures.saturating_sub(1).min(20));
        doubled.min(self.longest_pause).mul_f64(0.75 + chance / 2.0)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_spread_and_end() {
        let rules = Rules::new().attempts(8, Duration::from_secs(4), Duration::from_secs(60));
        let middle: Vec<u64> = (1..7).map(|n| rules.pause_after(n, 0.5).as_secs()).collect();
        assert_eq!(middle, [4, 8, 16, 32, 60, 60]);
        assert_eq!(rules.pause_after(1, 0.0), Duration::from_secs(3));
        assert_eq!(rules.pause_after(1, 1.0), Duration::from_secs(5));
        assert_eq!(rules.pause_after(u32::MAX, 0.5).as_secs(), 60);
    }
}
