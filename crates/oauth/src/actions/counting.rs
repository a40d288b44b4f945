//! How much an application uses: limits a second and a day, for all of it and for each of its users, and the counts
//! that its owner sees in graphs.

use std::time::Duration;

use dashmap::DashMap;
use guildhall_base::{ApplicationId, Result, Timestamp, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::limits::{Count, Windows};

use super::check::Checked;
use crate::OAuth;
use crate::config::Config;
use crate::model::Client;
use crate::store;
use crate::store::usage::Hour;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Whose requests: an application's, or those of one user of it.
type Who = (ApplicationId, Option<UserId>);

/// The counters of this process.
pub(crate) struct Counting {
    seconds: Windows<Who>,
    days: Windows<Who>,
    hours: DashMap<(ApplicationId, i64), (u64, u64)>,
    defaults: [u32; 4],
}

/// One limit after a request was counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// As `RateLimit-Policy` names it.
    pub(crate) name: &'static str,
    /// How many are allowed in its window.
    pub(crate) quota: u32,
    /// The window's length in seconds.
    pub(crate) window: u64,
    /// What the counter said.
    pub(crate) count: Count,
}

/// The hour of a time, since 1970.
pub(crate) fn hour(at: Timestamp) -> i64 {
    at.millis().div_euclid(3_600_000)
}

impl Counting {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            seconds: Windows::new(1, SECOND),
            days: Windows::new(1, DAY),
            hours: DashMap::new(),
            defaults: [config.per_second, config.per_day, config.user_per_second, config.user_per_day],
        }
    }

    /// Counts a request against all limits that are on.
    pub(crate) fn count(&self, token: &Checked, client: &Client, now: Timestamp) -> Vec<Limit> {
        let [per_second, per_day, user_second, user_day] = self.defaults;
        let own = |own: u32, default: u32| if own > 0 { own } else { default };
        let (whole, user) = ((token.application, None), (token.application, Some(token.user)));
        let limits = [
            ("app-second", own(client.per_second, per_second), &self.seconds, whole, SECOND),
            ("app-day", own(client.per_day, per_day), &self.days, whole, DAY),
            ("user-second", user_second, &self.seconds, user, SECOND),
            ("user-day", user_day, &self.days, user, DAY),
        ];
        let counted: Vec<_> = limits
            .into_iter()
            .filter_map(|(name, quota, windows, who, length)| {
                let count = windows.count_to(quota, who, now)?;
                Some(Limit { name, quota, window: length.as_secs(), count })
            })
            .collect();
        let refused = counted.iter().any(|limit| !limit.count.allowed);
        let mut hour = self.hours.entry((token.application, hour(now))).or_default();
        hour.0 += 1;
        hour.1 += u64::from(refused);
        counted
    }
}

impl OAuth {
    /// Writes down what was counted since the last time. What could not be written is counted again.
    pub(crate) async fn write_usage(&self) -> Result<()> {
        let hours = &self.0.counting.hours;
        let keys: Vec<_> = hours.iter().map(|entry| *entry.key()).collect();
        let taken: Vec<_> = keys.into_iter().filter_map(|key| hours.remove(&key)).collect();
        let mut batch = Batch::new();
        for ((application, hour), (requests, refused)) in &taken {
            let hour = Hour { hour: *hour, requests: *requests, refused: *refused };
            store::usage::add(&mut batch, *application, hour);
        }
        let written = self.0.db.write(batch).await;
        if written.is_err() {
            for (key, (requests, refused)) in taken {
                let mut hour = hours.entry(key).or_default();
                hour.0 += requests;
                hour.1 += refused;
            }
        }
        written.map(|_| ())
    }

    /// The hours of the last days, those not yet written included.
    pub(crate) async fn usage(&self, application: ApplicationId, days: u32) -> Result<Vec<Hour>> {
        self.write_usage().await?;
        let since = hour(self.0.clock.now()) - i64::from(days) * 24 + 1;
        store::usage::since(&self.0.db, application, since).await
    }
}
