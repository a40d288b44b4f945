//! What is known of a job.

use guildhall_base::{Error, GuildId, JobId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::phrase::Phrase;

/// What can go wrong with jobs.
pub mod codes {
    use guildhall_base::{Code, Kind};

    /// The run that wanted to write no longer holds the job's lease, or the job was cancelled.
    pub const LOST: Code = Code::new(Kind::Conflict, 0, "job_lost", "This run no longer holds the job.");
    /// The job is not in a state in which that can be done.
    pub const STATE: Code =
        Code::new(Kind::Conflict, 0, "job_state", "The job is not in a state in which that can be done.");
    /// A run took longer than its kind may.
    pub const TIME: Code =
        Code::new(Kind::Unavailable, 0, "job_time", "The run took longer than jobs of its kind may.");
    /// No job of that name is registered.
    pub const UNKNOWN_NAME: Code =
        Code::new(Kind::NotFound, 0, "job_unknown_name", "There is no kind of job of that name.");
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Due; waits for a worker.
    Ready,
    /// Waits for its time.
    Scheduled,
    /// A worker holds it.
    Running,
    /// Finished.
    Done,
    /// Given up after its last attempt.
    Dead,
    /// Cancelled.
    Cancelled,
}

impl State {
    /// As stored. Active states are below 3.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Ready => 0,
            Self::Scheduled => 1,
            Self::Running => 2,
            Self::Done => 3,
            Self::Dead => 4,
            Self::Cancelled => 5,
        }
    }

    /// From what is stored.
    pub(super) fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Ready,
            1 => Self::Scheduled,
            2 => Self::Running,
            3 => Self::Done,
            5 => Self::Cancelled,
            _ => Self::Dead,
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }

    /// In JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Whose job it is. Both may be given: a guild's job that somebody started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Owner {
    /// The person who started it or whom it is about.
    pub user: Option<UserId>,
    /// The guild whose managers see it.
    pub guild: Option<GuildId>,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// How much is done.
    pub done: u64,
    /// Of how much, where it is known.
    pub total: Option<u64>,
    /// What it is at, for a person.
    pub words: Phrase,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The stable name of what went wrong.
    pub code: String,
    /// For the owner.
    pub detail: String,
    /// For the operator only.
    pub cause: Option<String>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        // The database knows no text with U+0000, and nobody reads more than this.
        let brief = |text: String| text.replace('\0', "\u{fffd}").chars().take(1000).collect();
        Self {
            code: error.code.name.to_owned(),
            detail: brief(error.detail.to_string()),
            cause: error.source.as_ref().map(|source| brief(source.to_string())),
        }
    }
}

/// A job as stored.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Its id.
    pub id: JobId,
    /// Its kind: [`Job::NAME`](super::Job::NAME).
    pub name: String,
    /// The version of its payload.
    pub version: u32,
    /// Its queue.
    pub queue: String,
    /// Where it stands.
    pub state: State,
    /// Larger first.
    pub priority: i64,
    /// When it is or was due.
    pub run_at: Timestamp,
    /// Whose it is.
    pub owner: Owner,
    /// The program that started it through the API.
    pub client: Option<String>,
    /// How often a worker has begun with it.
    pub runs: u32,
    /// Failures since the last completed step.
    pub failures: u32,
    /// Whether somebody asked to cancel it.
    pub cancel: bool,
    /// How far it is.
    pub progress: Progress,
    /// What it answered, as JSON.
    pub result: Option<String>,
    /// Why the last run failed.
    pub error: Option<Failure>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When a worker first began with it.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub finished_at: Option<Timestamp>,
}
