//! Jobs that come again at times of the calendar, in a named time zone, once per time over all processes.

use std::str::FromStr;

use croner::Cron as Pattern;
use guildhall_base::{Error, Result, Timestamp};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};

use super::engine::Jobs;
use super::enqueue::NewJob;
use super::store::crons;

/// When and what. `"30 2 * * *"` in `"Europe/Helsinki"` is half past two by the clock on the wall there.
///
/// Where the clock on the wall jumps forward over that time, the job comes right after the jump; where it is set back
/// and shows that time twice, the job comes once. Patterns that come every hour or more often (`*` or a step in the
/// hour or minute) go by time that has really passed instead.
///
/// Times that went by while no process ran are made up for once, not once each.
#[derive(Debug, Clone)]
pub struct Cron {
    name: &'static str,
    schedule: String,
    pattern: Pattern,
    zone: TimeZone,
    job: NewJob,
}

impl Cron {
    /// `pattern` has five fields (minute, hour, day, month, weekday), or six with seconds in front; `zone` is a name of
    /// the IANA time zone database.
    ///
    /// # Errors
    /// Internal, if the pattern or the zone is not understood.
    pub fn new(name: &'static str, pattern: &str, zone: &str, job: NewJob) -> Result<Self> {
        let schedule = format!("{pattern} {zone}");
        let pattern = Pattern::from_str(pattern).map_err(Error::internal)?;
        let zone = TimeZone::get(zone).map_err(Error::internal)?;
        Ok(Self { name, schedule, pattern, zone, job })
    }

    /// The first time after this one.
    ///
    /// # Errors
    /// Internal, if there is none.
    pub fn next(&self, after: Timestamp) -> Result<Timestamp> {
        let after = Instant::from_millisecond(after.millis()).map_err(Error::internal)?;
        let after = Zoned::new(after, self.zone.clone());
        let next = self.pattern.find_next_occurrence(&after, false).map_err(Error::internal)?;
        Ok(Timestamp::from_millis(next.timestamp().as_millisecond()))
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }
}

impl Jobs {
    /// Has a job enqueued again and again. The first time is the first after the first process knew of it.
    pub fn schedule(&self, cron: Cron) {
        self.crons().write().insert(cron.name(), cron);
    }

    /// Enqueues what is due by the calendar.
    pub(super) async fn ring(&self) -> Result<()> {
        let crons: Vec<Cron> = self.crons().read().values().cloned().collect();
        if crons.is_empty() {
            return Ok(());
        }
        let known = crons::all(self.db()).await?;
        for cron in crons {
            let stored = known.iter().find(|row| row.name == cron.name && row.schedule == cron.schedule);
            self.ring_one(&cron, stored.map(|row| row.next_at)).await?;
        }
        Ok(())
    }

    async fn ring_one(&self, cron: &Cron, stored: Option<Timestamp>) -> Result<()> {
        let now = self.clock().now();
        let next = cron.next(now)?;
        match stored {
            // New, or another schedule than before.
            None => crons::set(self.db(), cron.name, &cron.schedule, next).await,
            Some(due) if due > now => Ok(()),
            Some(due) => {
                let mut batch = crate::db::Batch::new();
                crons::advance(&mut batch, cron.name, &cron.schedule, due, next);
                self.enqueue(&mut batch, cron.job.clone())?;
                match self.db().write(batch).await {
                    Err(error) if error.is(super::codes::LOST) => Ok(()),
                    other => other.map(drop),
                }
            }
        }
    }
}
