//! Queues: how much of each may go on at the same time and per time, over all processes, and for each key.

use std::time::Duration;

use guildhall_base::Result;

use super::engine::Jobs;
use super::store::limits::{self, QueueState};

/// At most `count` starts within any `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// Within how long; at most a day.
    pub per: Duration,
}

/// The limits of a queue. They hold over all processes; all must have the same.
///
/// A queue with limits is served by one process at a time, by the lock on its row: give them only where they are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Its name, as in [`Rules::queue`](super::Rules::queue).
    pub name: &'static str,
    /// How many jobs one process runs at the same time.
    pub slots: usize,
    /// How many jobs run at the same time.
    pub running: Option<u32>,
    /// How many jobs start per time.
    pub rate: Option<Rate>,
    /// How many jobs with the same [key](super::NewJob::limited_by) run at the same time.
    pub running_per_key: Option<u32>,
    /// How many jobs with the same key start per time.
    pub rate_per_key: Option<Rate>,
}

impl Queue {
    /// A queue without limits but that of 64 jobs at the same time in a process.
    pub const fn new(name: &'static str) -> Self {
        Self { name, slots: 64, running: None, rate: None, running_per_key: None, rate_per_key: None }
    }

    /// A process runs so many at the same time.
    #[must_use]
    pub const fn slots(mut self, slots: usize) -> Self {
        self.slots = slots;
        self
    }

    /// So many run at the same time.
    #[must_use]
    pub const fn running(mut self, count: u32) -> Self {
        self.running = Some(count);
        self
    }

    /// So many start within this time.
    #[must_use]
    pub const fn rate(mut self, count: u32, per: Duration) -> Self {
        self.rate = Some(Rate { count, per });
        self
    }

    /// So many of a key run at the same time.
    #[must_use]
    pub const fn running_per_key(mut self, count: u32) -> Self {
        self.running_per_key = Some(count);
        self
    }

    /// So many of a key start within this time.
    #[must_use]
    pub const fn rate_per_key(mut self, count: u32, per: Duration) -> Self {
        self.rate_per_key = Some(Rate { count, per });
        self
    }

    /// Whether claims must be counted.
    pub(super) fn is_limited(&self) -> bool {
        self.running.is_some()
            || self.rate.is_some()
            || self.running_per_key.is_some()
            || self.rate_per_key.is_some()
    }

    /// The longest time that starts must be remembered for.
    pub(super) fn memory(&self) -> Duration {
        let rates = [self.rate, self.rate_per_key];
        rates.iter().flatten().map(|rate| rate.per).max().unwrap_or_default()
    }
}

impl Jobs {
    /// Stops or goes on giving out the jobs of a queue, in all processes. What runs goes on.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn pause(&self, queue: &str, paused: bool) -> Result<()> {
        limits::pause(self.db(), queue, paused).await?;
        self.queue_signal(queue).notify_one();
        Ok(())
    }

    /// How the queues are: those that this process knows, those that were paused, and those that have jobs that are not
    /// over, dead ones, or ones done within the last hour.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn queues(&self) -> Result<Vec<QueueState>> {
        let hour_ago = self.clock().now().before(Duration::from_secs(3600));
        let mut states = limits::states(self.db(), hour_ago).await?;
        for name in self.queue_names() {
            if !states.iter().any(|state| state.name == name) {
                states.push(QueueState { name: name.to_owned(), ..QueueState::default() });
            }
        }
        states.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(states)
    }
}
