//! How often an account may begin a session: a number per 24 hours, which outlives the process, and one per five
//! seconds for each `shard_id % max_concurrency` of a bot.
//!
//! The counts of the last 24 hours are read once, when the first is needed, and written behind (see the saver): each
//! process counts what is begun with itself.

use std::collections::HashMap;
use std::time::Duration;

use guildhall_base::{Error, Timestamp, UserId};
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::Gateway;
use crate::protocol::Close;
use crate::store::Starts;

const DAY: Duration = Duration::from_secs(24 * 3600);
const STEP: Duration = Duration::from_secs(5);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    /// Set once what a predecessor counted has been read.
    known: OnceCell<()>,
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
        let starts = self.starts(user).await.map_err(|error| Close::fault(&error))?;
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
        let starts = {
            let mut days = self.start_limits().days.lock();
            let counted = days.entry(user).or_insert(starts);
            if now.since(counted.since) >= DAY {
                *counted = starts;
            }
            // Others may have counted since it was looked at.
            if counted.count >= config.identifies_per_day {
                return Err(Close::RateLimited);
            }
            counted.count += 1;
            *counted
        };
        self.saver().starts(user, starts);
        Ok(true)
    }

    /// How often an account has begun a session since when; at most 24 hours ago.
    pub(crate) async fn starts(&self, user: UserId) -> guildhall_base::Result<Starts> {
        let now = self.now();
        let limits = self.start_limits();
        let read = || async {
            let read = self.store().starts(now.before(DAY)).await?;
            limits.days.lock().extend(read);
            Ok::<(), Error>(())
        };
        limits.known.get_or_try_init(read).await?;
        let starts = limits.days.lock().get(&user).copied();
        let fresh = |starts: &Starts| now.since(starts.since) < DAY;
        Ok(starts.filter(fresh).unwrap_or(Starts { since: now, count: 0 }))
    }

    /// What is left of the 24 hours, in milliseconds.
    pub(crate) fn reset_after(&self, starts: Starts) -> u128 {
        DAY.saturating_sub(self.now().since(starts.since)).as_millis()
    }
}
