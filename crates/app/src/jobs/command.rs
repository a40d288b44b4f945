//! `guildhall jobs`: what the operator does with jobs at the command line.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use guildhall_base::{JobId, Timestamp};
use guildhall_infra::jobs::{Filter, Progress, Record, Said, State};
use serde::Serialize;

use crate::hall::Hall;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List the newest jobs
    List {
        /// Only those in this state
        #[arg(long)]
        state: Option<Standing>,
        /// Only those of this kind
        #[arg(long)]
        name: Option<String>,
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: u16,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Show one job with its log
    Show {
        /// Its id
        id: JobId,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Run one job here and now, to its end; no server is needed
    Run {
        /// Its kind
        name: String,
        /// Its payload, a JSON file; by default null
        #[arg(long)]
        input: Option<PathBuf>,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Cancel a job; one that runs in a server ends within seconds
    Cancel {
        /// Its id
        id: JobId,
    },
    /// Try a dead or cancelled job again, from its last completed step
    Retry {
        /// Its id
        id: JobId,
    },
    /// Make a secret for a program that may ask for jobs, and the hash for the configuration
    Secret {
        /// What the program is called
        name: String,
    },
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Standing {
    Ready,
    Scheduled,
    Running,
    Done,
    Dead,
    Cancelled,
}

impl From<Standing> for State {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Ready => Self::Ready,
            Standing::Scheduled => Self::Scheduled,
            Standing::Running => Self::Running,
            Standing::Done => Self::Done,
            Standing::Dead => Self::Dead,
            Standing::Cancelled => Self::Cancelled,
        }
    }
}

/// Jobs, one line each.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Listed(Vec<Record>);

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for job in &self.0 {
            let Record { id, name, state, progress, created_at, .. } = job;
            writeln!(f, "{id}  {:<9}  {created_at:.19}  {name}  {}", state.as_str(), far(progress))?;
        }
        write!(f, "{} jobs", self.0.len())
    }
}

/// One job and what it said.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    job: Record,
    lines: Vec<Said>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record { id, name, state, queue, runs, failures, progress, .. } = &self.job;
        writeln!(f, "{name} {id}: {}", state.as_str())?;
        writeln!(f, "  queue {queue}, {runs} runs, {failures} failures since the last completed step")?;
        let time = |at: Option<Timestamp>| at.map_or("-".to_owned(), |at| at.to_string());
        let Record { created_at, started_at, finished_at, .. } = &self.job;
        writeln!(
            f,
            "  created {created_at}, started {}, finished {}",
            time(*started_at),
            time(*finished_at)
        )?;
        if *progress != Progress::default() {
            writeln!(f, "  {}", far(progress))?;
        }
        if let Some(error) = &self.job.error {
            let cause = error.cause.as_deref().map(|cause| format!(": {cause}")).unwrap_or_default();
            writeln!(f, "  failed: {} ({}){cause}", error.detail, error.code)?;
        }
        for line in &self.lines {
            writeln!(f, "  {:.19}  {}", line.at, line.words)?;
        }
        write!(f, "  result {}", self.job.result.as_deref().unwrap_or("-"))
    }
}

fn far(progress: &Progress) -> String {
    let Progress { done, total, words } = progress;
    match total {
        Some(total) => format!("{done}/{total} {words}"),
        None if *done > 0 => format!("{done} {words}"),
        None => words.to_string(),
    }
}

/// The jobs that fit.
pub(crate) async fn list(
    hall: &Hall,
    state: Option<Standing>,
    name: Option<String>,
    limit: u16,
) -> Result<Listed> {
    let filter = Filter { state: state.map(Into::into), name, ..Filter::default() };
    Ok(Listed(hall.jobs.list(&filter, limit).await?))
}

/// One job.
pub(crate) async fn show(hall: &Hall, id: JobId) -> Result<Shown> {
    let job = hall.jobs.get(id).await.with_context(|| format!("there is no job {id}"))?;
    Ok(Shown { job, lines: hall.jobs.lines(id, 1000).await? })
}

/// Runs a job to its end; tells on the way how far it is.
pub(crate) async fn run(hall: &Hall, name: &str, input: Option<PathBuf>) -> Result<Shown> {
    let payload = match &input {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
        }
        None => "null".to_owned(),
    };
    let job = hall.jobs.prepared(name, &payload).await.with_context(|| kinds(hall))?;
    let mut last = Progress::default();
    let record = hall.jobs.run_here(job, |record| {
        if record.progress != last {
            last = record.progress.clone();
            tracing::warn!("{}", far(&last));
        }
    });
    let record = record.await?;
    let shown = show(hall, record.id).await?;
    if record.state != State::Done {
        bail!("{shown}");
    }
    Ok(shown)
}

fn kinds(hall: &Hall) -> String {
    let names: Vec<_> = hall.jobs.kinds().iter().map(|about| about.name).collect();
    format!("the kinds of jobs are {}", names.join(", "))
}

/// Cancels a job.
pub(crate) async fn cancel(hall: &Hall, id: JobId) -> Result<Shown> {
    hall.jobs.cancel(id).await?;
    show(hall, id).await
}

/// Tries a job again; the server that runs takes it.
pub(crate) async fn retry(hall: &Hall, id: JobId) -> Result<Shown> {
    hall.jobs.retry(id).await?;
    show(hall, id).await
}

/// What is written where for a new program.
pub(crate) fn secret(name: &str) -> String {
    let (secret, hash) = guildhall_jobs::new_secret(rand::random());
    format!(
        "The program's secret, which is not shown again: {secret}\nIn the configuration:\n\n\
         [jobs.clients.{name}]\nsecret = \"{hash}\"\n\n\
         The program sends `Authorization: Basic` with {name} and the secret."
    )
}
