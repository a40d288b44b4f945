//! What owners are shown while their jobs go on: progress and log lines into the tables, events into the log.

use guildhall_base::{GuildId, JobId, Permissions, Result, UserId};
use serde::Serialize;

use super::engine::Jobs;
use super::model::{Owner, Progress, State};
use super::run::Run;
use super::store::{lines, steps};
use crate::db::Batch;
use crate::events::{Audience, NewEvent};

/// The body of `JOB_CREATE` and `JOB_UPDATE`: what has changed; the rest can be asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Told<'a> {
    /// The job.
    pub id: JobId,
    /// Its kind.
    pub name: &'a str,
    /// Where it stands.
    pub state: State,
    /// The guild it belongs to.
    pub guild_id: Option<GuildId>,
    /// The person who started it.
    pub user_id: Option<UserId>,
    /// How far it is.
    pub progress: &'a Progress,
}

/// The event for a job's owners; None where nobody owns it.
pub(super) fn event(
    name: &'static str,
    (id, kind): (JobId, &str),
    state: State,
    owner: Owner,
    progress: &Progress,
) -> Result<Option<NewEvent>> {
    let audience = match owner {
        Owner { guild: Some(guild), .. } => Audience::Permission(guild, Permissions::MANAGE_GUILD),
        Owner { user: Some(user), .. } => Audience::Users(vec![user]),
        _ => return Ok(None),
    };
    let told = Told { id, name: kind, state, guild_id: owner.guild, user_id: owner.user, progress };
    NewEvent::new(name, audience, &told).map(Some)
}

impl Jobs {
    /// Writes the progress and the lines of what runs here, and tells the owners; at most once a beat for each.
    ///
    /// # Errors
    /// If the database cannot be written. What was not written then is told with the next change.
    pub(super) async fn show(&self, runs: &[std::sync::Arc<Run>]) -> Result<()> {
        for run in runs {
            let (progress, lines) = (run.progress.take(), run.take_lines());
            if progress.is_none() && lines.is_empty() {
                continue;
            }
            let mut batch = Batch::new();
            let now = self.clock().now();
            let at = run.progress.get();
            steps::moved(&mut batch, run.id, run.fence, now, &at);
            lines::add(&mut batch, self.ids(), run.id, &lines);
            let told = progress
                .map(|at| event("JOB_UPDATE", (run.id, &run.name), State::Running, run.owner, &at))
                .transpose()?
                .flatten();
            let events: Vec<_> = told.into_iter().collect();
            match self.log().commit_leaf(batch, &events).await {
                Err(error) if !error.is(super::codes::LOST) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}
