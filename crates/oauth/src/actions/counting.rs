//! How much an application uses: limits a second and a day, for all of it and for each of its users, and the counts
//! that its owner sees in graphs.

use std::time::Duration;

use dashmap::DashMap;
use guildhall_base::{ApplicationId, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db};
use guildhall_infra::limits::{Count, Windows};

use super::check::Checked;
use super::days::Days;
use crate::OAuth;
use crate::config::Config;
use crate::model::Client;
use crate::store;
use crate::store::usage::Hour;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Whose requests: an application's, or those of one user of it.
pub(crate) type Who = (ApplicationId, Option<UserId>);

/// The counters of this process.
pub(crate) struct Counting {
    seconds: Windows<Who>,
    pub(crate) days: Days,
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
            days: Days::default(),
            hours: DashMap::new(),
            defaults: [config.per_second, config.per_day, config.user_per_second, config.user_per_day],
        }
    }

    /// Counts a request against all limits that are on.
    pub(crate) async fn count(
        &self,
        db: &Db,
        token: &Checked,
        client: &Client,
        now: Timestamp,
    ) -> Result<Vec<Limit>> {
        let [per_second, per_day, user_second, user_day] = self.defaults;
        let own = |own: u32, default: u32| if own > 0 { own } else { default };
        let (whole, user) = ((token.application, None), (token.application, Some(token.user)));
        let mut counted = Vec::with_capacity(4);
        let mut note = |name, quota, window: Duration, count: Option<Count>| {
            counted.extend(count.map(|count| Limit { name, quota, window: window.as_secs(), count }));
        };
        let limits = [
            (
                "app-second",
                "app-day",
                own(client.per_second, per_second),
                own(client.per_day, per_day),
                whole,
            ),
            ("user-second", "user-day", user_second, user_day, user),
        ];
        for (second, day, a_second, a_day, who) in limits {
            note(second, a_second, SECOND, self.seconds.count_to(a_second, who, now));
            note(day, a_day, DAY, self.days.count(db, a_day, who, now).await?);
        }
        let refused = counted.iter().any(|limit| !limit.count.allowed);
        let mut hour = self.hours.entry((token.application, hour(now))).or_default();
        hour.0 += 1;
        hour.1 += u64::from(refused);
        Ok(counted)
    }
}

impl OAuth {
    /// Writes down what was counted since the last time, and learns what other processes have counted. What could not
    /// be written stays to be written.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn write_usage(&self) -> Result<()> {
        self.0.counting.days.write(&self.0.db, self.0.clock.now()).await?;
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
