//! A cache that never keeps what was changed while it was being loaded.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;

/// How long an entry stays without being loaded again: other processes may change the database.
const AGE: Duration = Duration::from_secs(300);

/// Remembered values. A writer calls [`Fresh::forget`] after its commit; a reader takes a [`Fresh::mark`] before it
/// loads and gives it back with what it loaded.
#[derive(Clone)]
pub struct Fresh<K, V> {
    values: Cache<K, V>,
    /// Counts what was forgotten.
    forgotten: Arc<AtomicU64>,
}

/// When a load began; see [`Fresh::keep`].
#[derive(Debug, Clone, Copy)]
pub struct Mark(u64);

impl<K: Hash + Eq + Copy + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Fresh<K, V> {
    /// Keeps at most this many values.
    pub fn new(capacity: u64) -> Self {
        let values = Cache::builder().max_capacity(capacity).time_to_live(AGE).build();
        Self { values, forgotten: Arc::default() }
    }

    /// What is remembered.
    pub fn get(&self, key: K) -> Option<V> {
        self.values.get(&key)
    }

    /// Says that a load begins.
    pub fn mark(&self) -> Mark {
        Mark(self.forgotten.load(Ordering::SeqCst))
    }

    /// Remembers what was loaded, unless anything was forgotten since the mark.
    pub fn keep(&self, mark: Mark, key: K, value: V) {
        self.values.insert(key, value);
        // Looked at after the insert: a forgetting that comes later removes the value itself.
        if self.forgotten.load(Ordering::SeqCst) != mark.0 {
            self.values.invalidate(&key);
        }
    }

    /// Forgets a value that was changed.
    pub fn forget(&self, key: K) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.values.invalidate(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_loaded_before_a_change_is_not_kept() {
        let fresh = Fresh::new(10);
        let mark = fresh.mark();
        fresh.forget(1);
        fresh.keep(mark, 1, "old");
        assert_eq!(fresh.get(1), None);
        fresh.keep(fresh.mark(), 1, "new");
        assert_eq!(fresh.get(1), Some("new"));
        fresh.forget(1);
        assert_eq!(fresh.get(1), None);
    }
}
