//! How often an account may begin a session: a number per 24 hours, which outlives the process, and one per five
//! seconds for each `shard_id % max_concurrency` of a bot.

use std::collections::HashMap;
use std::time::Duration;

use guildhall_base::{Result, Timestamp, UserId};
use parking_lot::Mutex;

use crate::Gateway;
use crate::protocol::Close;
use crate::store::Starts;

const DAY: Duration = Duration::from_secs(24 * 3600);
const STEP: Duration = Duration::from_secs(5);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    days: Mutex<HashMap<UserId, Starts>>,
    latest: Mutex<HashMap<(UserId, u32), Timestamp>>,
}

impl Limits {
    /// Forgets what no longer limits anybody.
    pub(crate) fn tidy(&self, now: Timestamp) {
        self.days.lock().retain(|_, starts| now.since(starts.since) < DAY);
        self.latest.lock().retain(|_, at| now.since(*at) < STEP);
    }
}

impl Gateway {
    /// Counts an IDENTIFY of an account; for a bot, of one of its shards. False if it comes too soon after another
    /// one; 4008 if there were too many today.
    pub(crate) async fn may_start(&self, user: UserId, shard: Option<u32>) -> Result<bool, Close> {
        let (now, config) = (self.now(), self.config());
        let mut starts = self.starts(user).await.map_err(|error| Close::fault(&error))?;
        if starts.count >= config.identifies_per_day {
            return Err(Close::RateLimited);
        }
        if let Some(shard) = shard {
            let mut latest = self.start_limits().latest.lock();
            let latest = latest.entry((user, shard % config.max_concurrency.max(1)));
            let at = latest.or_insert(now.before(STEP));
            if now.since(*at) < STEP {
                return Ok(false);
            }
            *at = now;
        }
        let mut days = self.start_limits().days.lock();
        starts =
            *days.entry(user).and_modify(|starts| starts.count += 1).or_insert(Starts { count: 1, ..starts });
        drop(days);
        self.saver().starts(user, starts);
        Ok(true)
    }

    /// How often an account has begun a session since when; at most 24 hours ago.
    pub(crate) async fn starts(&self, user: UserId) -> guildhall_base::Result<Starts> {
        let now = self.now();
        let fresh = |starts: &Starts| now.since(starts.since) < DAY;
        if let Some(starts) = self.start_limits().days.lock().get(&user).copied().filter(fresh) {
            return Ok(starts);
        }
        let starts =
            self.store().starts(user).await?.filter(fresh).unwrap_or(Starts { since: now, count: 0 });
        // Whoever was faster has counted more.
        let mut days = self.start_limits().days.lock();
        let known = days.entry(user).or_insert(starts);
        if !fresh(known) {
            *known = starts;
        }
        Ok(*known)
    }

    /// What is left of the 24 hours, in milliseconds.
    pub(crate) fn reset_after(&self, starts: Starts) -> u128 {
        DAY.saturating_sub(self.now().since(starts.since)).as_millis()
    }
}
