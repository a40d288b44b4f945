//! When what has been collected goes out. A burst of sends is committed in several groups, each of which would cost one
//! write per recipient; while events come in bursts, a flush to many waits a little for the rest of its burst.

use std::time::Duration;

use tokio::time::Instant;

use super::fan::Fan;

/// About what one write takes.
const WRITE: Duration = Duration::from_micros(5);
/// Waiting takes at most this part of the time that the writes will take.
const PART: u32 = 4;
/// Less than this is not waited for: timers are no finer.
const LEAST: Duration = Duration::from_millis(1);
/// More neither.
const MOST: Duration = Duration::from_millis(3);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Whether the last flush had several events, so that this one may have too. Somebody who sends one at a time is
    /// never kept waiting.
    bursts: bool,
    /// Until when the present burst is waited for.
    until: Option<Instant>,
}

impl Pace {
    /// Until when to wait for more events before what the fan has goes out; not at all if there is no reason to.
    pub(super) fn gather(&mut self, fan: &Fan) -> Option<Instant> {
        if !self.bursts || fan.is_empty() || fan.is_full() {
            return None;
        }
        let patience = (WRITE * fan.width() / PART).min(MOST);
        if patience < LEAST {
            return None;
        }
        let now = Instant::now();
        Some(*self.until.get_or_insert(now + patience)).filter(|until| *until > now)
    }

    /// What the fan has goes out now.
    pub(super) fn flushed(&mut self, fan: &Fan) {
        if !fan.is_empty() {
            self.bursts = fan.len() > 1;
        }
        self.until = None;
    }
}
