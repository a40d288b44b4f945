//! Whose credentials have ended lately: what was read of them before counts no more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use guildhall_base::UserId;
use moka::sync::Cache;

/// Longer than any token is remembered.
const REMEMBERED: Duration = Duration::from_secs(900);

/// When a token was read; see [`Ended::holds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read(u64);

/// Counts endings. It has no capacity, so that none is forgotten before its time.
pub(crate) struct Ended {
    count: AtomicU64,
    users: Cache<UserId, u64>,
}

impl Ended {
    pub(crate) fn new() -> Self {
        Self { count: AtomicU64::new(0), users: Cache::builder().time_to_live(REMEMBERED).build() }
    }

    /// To be called before a token is read.
    pub(crate) fn mark(&self) -> Read {
        Read(self.count.load(Ordering::SeqCst))
    }

    /// All that was read of this user up to now counts no more.
    pub(crate) fn end(&self, user: UserId) {
        let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        self.users.insert(user, count);
    }

    /// Whether what was read then may still be true.
    pub(crate) fn holds(&self, user: UserId, read: Read) -> bool {
        self.users.get(&user).is_none_or(|ended| read.0 >= ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_an_ending_counts_no_more() {
        let ended = Ended::new();
        let (ada, bela) = (UserId::new(1), UserId::new(2));
        let before = ended.mark();
        assert!(ended.holds(ada, before));
        ended.end(ada);
        assert!(!ended.holds(ada, before) && ended.holds(bela, before));
        assert!(ended.holds(ada, ended.mark()));
        ended.end(bela);
        assert!(ended.holds(bela, ended.mark()) && !ended.holds(bela, before));
    }
}
