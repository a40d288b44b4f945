//! Answers that are the same for everybody: lists, search, feeds and the pages of strangers. Each is made once by whoever
//! asks first while the others wait, and is not asked for again once a listing comes, goes or changes; numbers in them are
//! at most a minute old.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use guildhall_base::{Error, Result};
use guildhall_infra::events::Event;
use guildhall_infra::http::Kept;
use guildhall_infra::i18n::Language;
use moka::future::Cache;

use crate::model::{EventName, ListingId, ListingKind};
use crate::rules::browse::Browse;

/// How old numbers may be.
pub(crate) const AGE: Duration = Duration::from_secs(60);
/// Bytes of all answers together.
const BYTES: u64 = 64 * 1024 * 1024;

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The beginning of the directory.
    Index(ListingKind),
    /// One page of a list or of a search.
    Browse(ListingKind, Browse),
    /// What is like a listing.
    Similar(ListingId),
    /// What strangers see at an address, in a language.
    Page(String, Language),
    /// A file for programs, such as a feed.
    File(String),
}

/// The kept answers. Clones share them.
#[derive(Clone)]
pub(crate) struct Shelf {
    answers: Cache<(u64, Key), Kept>,
    /// Counts changes of what is listed: what was made before one is never found again, also where it is made of what
    /// was read before and finished after it.
    generation: Arc<AtomicU64>,
}

impl Default for Shelf {
    fn default() -> Self {
        let weight = |_: &(u64, Key), kept: &Kept| u32::try_from(kept.size() + 200).unwrap_or(u32::MAX);
        let answers = Cache::builder().weigher(weight).max_capacity(BYTES).time_to_live(AGE).build();
        Self { answers, generation: Arc::default() }
    }
}

impl Shelf {
    /// What is kept under a key, made now if it is not.
    pub(crate) async fn get(&self, key: Key, make: impl Future<Output = Result<Kept>>) -> Result<Kept> {
        let generation = self.generation.load(Ordering::SeqCst);
        let made = self.answers.try_get_with((generation, key), make).await;
        made.map_err(|error: Arc<Error>| Error::clone(&error))
    }

    /// Lets go of everything.
    pub(crate) fn clear(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes in an event of the log.
    pub(crate) fn hear(&self, event: &Event) {
        let named = EventName::ALL.iter().find(|name| name.gateway() == &*event.name);
        if named.is_some_and(|name| name.changes_lists()) {
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use guildhall_base::codes;

    use super::*;

    fn kept(text: &'static str) -> Kept {
        Kept::new("text/plain", text, AGE)
    }

    #[tokio::test]
    async fn of_many_who_ask_one_makes_it() {
        let shelf = Shelf::default();
        let made = Arc::new(AtomicU64::new(0));
        let asking = (0..20).map(|_| {
            let (shelf, made) = (shelf.clone(), made.clone());
            tokio::spawn(async move {
                let make = async {
                    tokio::task::yield_now().await;
                    made.fetch_add(1, Ordering::SeqCst);
                    Ok(kept("a"))
                };
                shelf.get(Key::File("f".into()), make).await.unwrap().size()
            })
        });
        for one in asking.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap(), 1);
        }
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_was_begun_before_a_change_is_not_found_after_it() {
        let shelf = Shelf::default();
        let key = || Key::Index(ListingKind::Bot);
        let late = async {
            // Read before the change, kept after it.
            shelf.clear();
            Ok(kept("old"))
        };
        assert_eq!(shelf.get(key(), late).await.unwrap().size(), 3);
        assert_eq!(shelf.get(key(), async { Ok(kept("newer")) }).await.unwrap().size(), 5);
        assert_eq!(shelf.get(key(), async { Ok(kept("none")) }).await.unwrap().size(), 5);
    }

    #[tokio::test]
    async fn failures_are_not_kept() {
        let shelf = Shelf::default();
        let failed = shelf.get(Key::File("f".into()), async { Err(codes::UNAVAILABLE.into()) }).await;
        assert!(failed.unwrap_err().is(codes::UNAVAILABLE));
        assert!(shelf.get(Key::File("f".into()), async { Ok(kept("a")) }).await.is_ok());
    }
}
