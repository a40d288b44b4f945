//! Requests of the current day (UTC), counted in memory and written behind: a restart forgets at most a few seconds of
//! them, and the processes of an installation agree within as much.

use dashmap::DashMap;
use guildhall_base::{Result, Timestamp};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::limits::Count;

use super::counting::Who;
use crate::store;

/// How many counters are written at once.
const AT_ONCE: usize = 500;
const DAY_MS: i64 = 24 * 3_600_000;

/// The day of a time, since 1970.
pub(crate) fn day(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MS)
}

#[derive(Debug, Clone, Copy)]
struct Counter {
    /// What the table had when it was last read or written.
    known: u64,
    /// What was counted here since.
    fresh: u64,
}

/// The counters of this process.
#[derive(Default)]
pub(crate) struct Days {
    counters: DashMap<(Who, i64), Counter>,
    writing: tokio::sync::Mutex<()>,
}

impl Days {
    /// Counts one. The first time that somebody is seen in a day the table is asked; afterwards memory answers.
    pub(crate) async fn count(&self, db: &Db, quota: u32, who: Who, now: Timestamp) -> Result<Option<Count>> {
        if quota == 0 {
            return Ok(None);
        }
        let key = (who, day(now));
        if !self.counters.contains_key(&key) {
            let known = store::usage::of_day(db, who, key.1).await?;
            self.counters.entry(key).or_insert(Counter { known, fresh: 0 });
        }
        let mut counter = self.counters.entry(key).or_insert(Counter { known: 0, fresh: 0 });
        let used = counter.known + counter.fresh + 1;
        let allowed = used <= u64::from(quota);
        // What is refused is not counted: who goes on asking does not make the table grow.
        counter.fresh += u64::from(allowed);
        Ok(Some(Count {
            allowed,
            remaining: u32::try_from(u64::from(quota).saturating_sub(used)).unwrap_or(0),
            resets_at: Timestamp::from_millis((key.1 + 1) * DAY_MS),
        }))
    }

    /// Writes down what was counted since the last time, and learns what other processes have. What cannot be written
    /// stays to be written.
    pub(crate) async fn write(&self, db: &Db, now: Timestamp) -> Result<()> {
        let _one = self.writing.lock().await;
        let fresh: Vec<_> = self
            .counters
            .iter()
            .filter(|entry| entry.fresh > 0)
            .map(|entry| (*entry.key(), entry.fresh))
            .collect();
        for part in fresh.chunks(AT_ONCE) {
            let mut batch = Batch::new();
            for ((who, day), requests) in part {
                store::usage::add_to_day(&mut batch, *who, *day, *requests);
            }
            let outcomes = db.write(batch).await?;
            for ((key, written), outcome) in part.iter().zip(outcomes) {
                let Some(mut counter) = self.counters.get_mut(key) else { continue };
                counter.fresh -= written;
                // No row: the application is gone.
                counter.known = outcome.rows.first().map_or(Ok(counter.known), |row| row.get(0))?;
            }
        }
        let today = day(now);
        self.counters.retain(|(_, day), counter| *day >= today || counter.fresh > 0);
        Ok(())
    }
}
