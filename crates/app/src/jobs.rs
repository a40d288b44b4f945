//! The kinds of durable work that this program knows, and when they come by themselves: one line for each.

pub(crate) mod command;

use std::time::Duration;

use anyhow::{Context, Result};
use guildhall_accounts::ForgetExpired;
use guildhall_backup::ForgetParts;
use guildhall_chat::jobs::{ForgetEnded, ForgetFiles, ForgetInteractions};
use guildhall_directory::{CloseMonth, ForgetDeliveries, RecountVotes};
use guildhall_gateway::ForgetSessions;
use guildhall_infra::events::EventLog;
use guildhall_infra::jobs::{Cron, Ctx, Job, Jobs, NewJob, Outcome, Rules};
use guildhall_oauth::ForgetOver;

use crate::hall::Hall;

/// Registers them all.
///
/// # Errors
/// If a schedule is not understood, which a test would have shown.
pub(crate) fn register(hall: &Hall) -> Result<()> {
    let jobs = &hall.jobs;
    let keep = Duration::from_secs(3600) * hall.settings.events.keep_hours;
    jobs.register(TrimEvents { events: hall.events.clone(), keep });
    guildhall_chat::jobs::register(&hall.chat);
    jobs.register(ForgetExpired::new(&hall.accounts));
    jobs.register(ForgetSessions(hall.gateway.clone()));
    hall.backups.register_jobs();
    hall.directory.register_jobs();
    hall.directory.register_deliveries();
    every::<TrimEvents>(jobs, "*/10 * * * *")?;
    every::<ForgetInteractions>(jobs, "5-59/10 * * * *")?;
    every::<ForgetEnded>(jobs, "25 * * * *")?;
    every::<ForgetFiles>(jobs, "15 4 * * *")?;
    every::<ForgetExpired>(jobs, "35 3 * * *")?;
    every::<ForgetParts>(jobs, "45 4 * * *")?;
    every::<ForgetDeliveries>(jobs, "50 3 * * *")?;
    every::<ForgetSessions>(jobs, "2-59/10 * * * *")?;
    every::<CloseMonth>(jobs, "0 0 1 * *")?;
    every::<RecountVotes>(jobs, "20 5 * * *")?;
    every::<ForgetOver>(jobs, "7-59/10 * * * *")
}

/// Has a job that is told nothing come by the calendar, one at a time.
fn every<J: Job<Payload = ()>>(jobs: &Jobs, pattern: &str) -> Result<()> {
    let job = NewJob::of::<J>(&()).unique("calendar");
    jobs.schedule(
        Cron::new(J::NAME, pattern, "UTC", job).with_context(|| format!("{pattern} is no schedule"))?,
    );
    Ok(())
}

/// Forgets events that are too old for anybody to catch up from.
struct TrimEvents {
    events: EventLog,
    keep: Duration,
}

impl Job for TrimEvents {
    const NAME: &'static str = "events.trim";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = ();
    type Output = u64;

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome<u64> {
        Ok(self.events.trim(self.keep).await?)
    }
}
