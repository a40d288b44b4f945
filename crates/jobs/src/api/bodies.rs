//! What goes in and out. Ids are strings, times ISO 8601.

use guildhall_base::{GuildId, JobId, Timestamp, UserId};
use guildhall_infra::jobs::{Record, Said, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
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

macro_rules! standings {
    ($($name:ident)*) => {
        impl From<State> for Standing {
            fn from(state: State) -> Self {
                match state { $(State::$name => Self::$name),* }
            }
        }
        impl From<Standing> for State {
            fn from(standing: Standing) -> Self {
                match standing { $(Standing::$name => Self::$name),* }
            }
        }
    };
}
standings!(Ready Scheduled Running Done Dead Cancelled);

/// A job.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Job {
    #[schema(value_type = String, example = "1573306918502576128")]
    id: JobId,
    /// Its kind.
    name: String,
    state: Standing,
    /// The person who started it or whom it is about.
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// The guild whose managers see it.
    #[schema(value_type = Option<String>)]
    guild_id: Option<GuildId>,
    progress: Progress,
    /// How often a worker has begun with it.
    runs: u32,
    /// Whether it was asked to end.
    cancelling: bool,
    /// What it answered; null until it is done.
    #[schema(value_type = Object)]
    result: Option<Value>,
    /// Why the last run failed.
    error: Option<Failed>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// When it is or was due.
    #[schema(value_type = String, format = DateTime)]
    run_at: Timestamp,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(super) struct Progress {
    /// How much is done.
    done: u64,
    /// Of how much, where it is known.
    total: Option<u64>,
    /// What it is at, for a person.
    words: String,
}

/// Why a run failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Failed {
    /// For a program; stable.
    code: String,
    /// For a person.
    detail: String,
    /// For who looks after jobs only.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
}

impl Job {
    pub(super) fn new(record: Record, staff: bool) -> Self {
        let Record { id, name, state, owner, progress, runs, cancel, result, error, .. } = record;
        Self {
            id,
            name,
            state: state.into(),
            user_id: owner.user,
            guild_id: owner.guild,
            progress: Progress {
                done: progress.done,
                total: progress.total,
                words: progress.words.to_string(),
            },
            runs,
            cancelling: cancel && !state.is_final(),
            result: result.and_then(|json| serde_json::from_str(&json).ok()),
            error: error.map(|error| Failed {
                code: error.code,
                detail: error.detail,
                cause: error.cause.filter(|_| staff),
            }),
            created_at: record.created_at,
            started_at: record.started_at,
            finished_at: record.finished_at,
            run_at: record.run_at,
        }
    }

    /// The same, saying in these words what it is at.
    pub(super) fn saying(mut self, words: String) -> Self {
        self.progress.words = words;
        self
    }
}

/// A job that is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct NewJob {
    /// Its kind; `GET /v2/jobs/kinds` lists them.
    pub(super) name: String,
    /// What it is told; depends on the kind.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) payload: Value,
    /// The guild whose managers see it.
    #[schema(value_type = Option<String>)]
    pub(super) guild_id: Option<GuildId>,
    /// The person it is for; people start jobs for themselves only.
    #[schema(value_type = Option<String>)]
    pub(super) user_id: Option<UserId>,
    /// Not before so many seconds, at most a year.
    #[serde(default)]
    pub(super) delay_seconds: u64,
    /// Larger first; from programs and who looks after jobs only.
    pub(super) priority: Option<i64>,
    /// Refused with 409 while a job with the same key is active.
    pub(super) unique_key: Option<String>,
}

/// What a job would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Preview {
    /// Depends on the kind.
    #[schema(value_type = Object)]
    pub(super) preview: Value,
}

/// Which jobs are wanted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Of this guild.
    #[param(value_type = Option<String>)]
    pub(super) guild_id: Option<GuildId>,
    /// Of this person.
    #[param(value_type = Option<String>)]
    pub(super) user_id: Option<UserId>,
    /// In this state.
    pub(super) state: Option<Standing>,
    /// Of this kind.
    pub(super) name: Option<String>,
    /// Older than this job.
    #[param(value_type = Option<String>)]
    pub(super) before: Option<JobId>,
    /// How many, 1 to 100; 50 by default.
    pub(super) limit: Option<u16>,
}

/// A line of a job's log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Line {
    #[schema(value_type = String)]
    id: guildhall_base::AnyId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    words: String,
}

impl From<Said> for Line {
    fn from(said: Said) -> Self {
        Self { id: said.id, at: said.at, words: said.words.to_string() }
    }
}
