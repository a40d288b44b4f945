//! Counters in fixed windows. A window opens with its first request, so that a client which waits out the
//! announced reset is never refused.

use std::hash::Hash;
use std::time::Duration;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use guildhall_base::Timestamp;
use parking_lot::Mutex;

/// Windows kept before the expired ones are thrown out, at least.
const SWEEP_ABOVE: usize = 16_384;
/// Windows kept at most; beyond, all are forgotten and every client starts afresh.
const KEEP_AT_MOST: usize = 1 << 20;

/// One client's count in the current window.
#[derive(Debug, Clone, Copy)]
struct Window {
    resets_at: Timestamp,
    used: u32,
}

/// What a counter said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Whether this request is within the limit.
    pub allowed: bool,
    /// How many more the window has room for.
    pub remaining: u32,
    /// When the window ends.
    pub resets_at: Timestamp,
}

/// Counters by key, all with the same limit and length.
#[derive(Debug)]
pub struct Windows<K: Eq + Hash> {
    limit: u32,
    length: Duration,
    map: DashMap<K, Window>,
    /// Sweeping happens when the map has outgrown this.
    sweep_above: Mutex<usize>,
}

impl<K: Eq + Hash> Windows<K> {
    /// `limit` per `length`; a limit of 0 allows everything and counts nothing.
    pub fn new(limit: u32, length: Duration) -> Self {
        Self { limit, length, map: DashMap::new(), sweep_above: Mutex::new(SWEEP_ABOVE) }
    }

    /// The limit; `None` when it is turned off.
    pub fn limit(&self) -> Option<u32> {
        (self.limit > 0).then_some(self.limit)
    }

    /// Counts one; `None` when the limit is turned off.
    pub fn count(&self, key: K, now: Timestamp) -> Option<Count> {
        self.count_to(self.limit()?, key, now)
    }

    /// Counts one against a limit of this key's own; `None` when that is 0.
    pub fn count_to(&self, limit: u32, key: K, now: Timestamp) -> Option<Count> {
        let limit = (limit > 0).then_some(limit)?;
        let fresh = || Window { resets_at: now.after(self.length), used: 1 };
        let (window, inserted) = match self.map.entry(key) {
            Entry::Occupied(mut entry) => {
                let window = entry.get_mut();
                if window.resets_at <= now {
                    *window = fresh();
                } else {
                    window.used = window.used.saturating_add(1);
                }
                (*window, false)
            }
            Entry::Vacant(entry) => (*entry.insert(fresh()), true),
        };
        if inserted {
            self.sweep(now);
        }
        Some(Count {
            allowed: window.used <= limit,
            remaining: limit.saturating_sub(window.used),
            resets_at: window.resets_at,
        })
    }

    /// When the window of a key that has used up its limit ends; `None` while it has room.
    pub fn exhausted(&self, key: &K, now: Timestamp) -> Option<Timestamp> {
        let limit = self.limit()?;
        let window = *self.map.get(key)?;
        (window.used >= limit && window.resets_at > now).then_some(window.resets_at)
    }

    /// Throws out expired windows when the map has doubled since the last time; costs O(1) per insertion.
    fn sweep(&self, now: Timestamp) {
        let Some(mut sweep_above) = self.sweep_above.try_lock() else { return };
        if self.map.len() <= *sweep_above {
            return;
        }
        self.map.retain(|_, window| window.resets_at > now);
        if self.map.len() > KEEP_AT_MOST {
            self.map.clear();
        }
        *sweep_above = (self.map.len() * 2).max(SWEEP_ABOVE);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.map.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_window_opens_with_its_first_request_and_ends_when_announced() {
        let windows = Windows::new(2, SECOND);
        let late = START.after(Duration::from_millis(700));
        let first = windows.count("a", START).unwrap();
        assert_eq!(first, Count { allowed: true, remaining: 1, resets_at: START.after(SECOND) });
        assert_eq!(windows.count("a", late).unwrap().remaining, 0);
        assert!(!windows.count("a", late).unwrap().allowed);
        assert!(windows.count("b", late).unwrap().allowed, "another key has its own window");
        assert!(windows.count("a", first.resets_at).unwrap().allowed, "the announced moment is late enough");
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(Windows::new(0, SECOND).count("a", START), None);
        assert_eq!(Windows::new(0, SECOND).exhausted(&"a", START), None);
    }

    #[test]
    fn expired_windows_are_thrown_out() {
        let windows = Windows::new(1, SECOND);
        for key in 0..SWEEP_ABOVE {
            windows.count(key, START);
        }
        windows.count(usize::MAX, START.after(SECOND));
        assert_eq!(windows.len(), 1);
    }
}
