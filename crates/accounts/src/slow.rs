//! Slows guessing down: some attempts are free, then each costs a wait that doubles. Counted before the password is
//! looked at, so that attempts at the same time do not slip through together.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Clock, Error, Result, Timestamp, codes};
use moka::sync::Cache;
use parking_lot::Mutex;

/// What is remembered of one name or address.
#[derive(Debug, Clone, Copy)]
struct Tally {
    attempts: u32,
    /// When the next attempt is heard.
    next: Timestamp,
    last: Timestamp,
}

/// How much is free, and how long the wait grows.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Attempts without a wait.
    pub free: u32,
    /// The longest wait.
    pub longest: Duration,
    /// All is forgotten after this long without an attempt.
    pub forget: Duration,
}

/// For one name.
pub const PER_NAME: Patience =
    Patience { free: 5, longest: Duration::from_secs(300), forget: Duration::from_secs(3600) };
/// For one address, behind which many people may sit.
pub const PER_ADDRESS: Patience =
    Patience { free: 30, longest: Duration::from_secs(300), forget: Duration::from_secs(3600) };

/// An attempt that was counted.
#[must_use]
pub struct Attempt {
    entry: Arc<Mutex<Tally>>,
    before: Timestamp,
}

impl Attempt {
    /// It was no guess: as if it had not been. Earlier guesses stay counted, so that somebody with an account of
    /// their own cannot buy guesses with it.
    pub fn succeeded(self) {
        let mut tally = self.entry.lock();
        tally.attempts = tally.attempts.saturating_sub(1);
        tally.next = self.before;
    }
}

/// The tallies of one kind of attempt; those longest unused are forgotten first.
#[derive(Clone)]
pub struct Slow {
    clock: Clock,
    tallies: Cache<String, Arc<Mutex<Tally>>>,
}

impl Slow {
    /// No attempts yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, tallies: Cache::builder().max_capacity(100_000).build() }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// [`codes::RATE_LIMITED`] while a wait is on; a refused attempt costs nothing.
    pub fn attempt(&self, key: String, patience: Patience) -> Result<Attempt> {
        let now = self.clock.now();
        let fresh = || Arc::new(Mutex::new(Tally { attempts: 0, next: now, last: now }));
        let entry = self.tallies.get_with(key, fresh);
        let mut tally = entry.lock();
        let before = tally.next;
        if now < before {
            let wait = tally.next.since(now);
            return Err(Error { retry_after: Some(wait), ..codes::RATE_LIMITED.into() });
        }
        if now.since(tally.last) >= patience.forget {
            tally.attempts = 0;
        }
        tally.attempts = tally.attempts.saturating_add(1);
        tally.last = now;
        if let Some(over) = tally.attempts.checked_sub(patience.free) {
            let wait = Duration::from_secs(1 << over.min(16)).min(patience.longest);
            tally.next = now.after(wait);
        }
        drop(tally);
        Ok(Attempt { entry, before })
    }

    /// Forgets a name whose owner has shown the right password.
    pub fn forgive(&self, key: &str) {
        self.tallies.invalidate(key);
    }
}

/// The key of an address. Somebody with one IPv6 address usually has its whole /64.
pub fn address_key(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V4(v4)) => format!("ip:{v4}"),
        Some(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => format!("ip:{v4}"),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("ip:{a:x}:{b:x}:{c:x}:{d:x}")
            }
        },
        None => "ip:unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_begins_after_the_free_attempts_doubles_and_ends() {
        let (clock, hand) = Clock::manual(Timestamp::from_millis(1_700_000_000_000));
        let slow = Slow::new(clock);
        let attempt = || slow.attempt("name:ada".into(), PER_NAME).map(|_| ());
        for _ in 0..5 {
            attempt().unwrap();
        }
        for seconds in [1, 2, 4, 8] {
            let refused = attempt().unwrap_err();
            assert!(refused.is(codes::RATE_LIMITED));
            assert_eq!(refused.retry_after, Some(Duration::from_secs(seconds)));
            hand.advance(Duration::from_secs(seconds));
            attempt().unwrap();
        }
        assert!(attempt().is_err());
        for _ in 0..20 {
            slow.attempt("name:bob".into(), PER_NAME).unwrap().succeeded();
        }
        hand.advance(PER_NAME.forget);
        for _ in 0..5 {
            attempt().unwrap();
        }
        slow.forgive("name:ada");
        attempt().unwrap();
    }

    #[test]
    fn a_v6_network_counts_as_one_address() {
        let key = |text: &str| address_key(Some(text.parse().unwrap()));
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
