//! What comes too often for a row each: views and invites are counted in memory and written every few seconds and at the
//! end of the process, so that no page waits for a row. A kill loses what was not written yet.

use std::collections::HashMap;
use std::time::Duration;

use guildhall_base::{Error, Result, Timestamp, codes};
use guildhall_infra::events::{Audience, NewEvent};
use guildhall_infra::limits::Windows;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::actions::Change;
use crate::model::{EventName, ListingId, Looker, Seen};
use crate::{Directory, store};

/// How long counts wait at most.
const EVERY: Duration = Duration::from_secs(5);
/// Listings whose counts wait at most; what is looked at beyond them is not counted.
const MOST: usize = 10_000;
/// In this time somebody's views of a listing count once.
const AGAIN: Duration = Duration::from_secs(3600);
/// How often a listing may say its size in a minute: a bot of many processes does it for each of its shards.
const POSTS: u32 = 120;

/// What waits, and who was counted lately.
pub(crate) struct Pulse {
    waiting: Mutex<HashMap<ListingId, Seen>>,
    full: Notify,
    viewed: Windows<(ListingId, Looker)>,
    invited: Windows<(ListingId, Looker)>,
    posts: Windows<ListingId>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            full: Notify::new(),
            viewed: Windows::new(1, AGAIN),
            invited: Windows::new(1, AGAIN),
            posts: Windows::new(POSTS, Duration::from_secs(60)),
        }
    }
}

impl Pulse {
    /// Counts, unless the same was counted for them lately.
    fn count(&self, id: ListingId, seen: Seen, looker: Looker, now: Timestamp) {
        let lately = if seen == Seen::VIEW { &self.viewed } else { &self.invited };
        if lately.count((id, looker), now).is_some_and(|count| !count.allowed) {
            return;
        }
        let mut waiting = self.waiting.lock();
        let full = waiting.len() >= MOST;
        match waiting.get_mut(&id) {
            Some(counted) => counted.add(seen),
            None if full => self.full.notify_one(),
            None => drop(waiting.insert(id, seen)),
        }
    }

    /// Refuses a listing that says its size too often.
    pub(crate) fn may_post(&self, id: ListingId, now: Timestamp) -> Result<()> {
        match self.posts.count(id, now) {
            Some(count) if !count.allowed => {
                Err(Error { retry_after: Some(count.resets_at.since(now)), ..codes::RATE_LIMITED.into() })
            }
            _ => Ok(()),
        }
    }
}

/// What keepers are told of views and invites.
#[derive(Serialize)]
struct Told {
    kind: &'static str,
    listing_id: guildhall_base::AnyId,
    count: u64,
    at: Timestamp,
}

impl Directory {
    /// Counts a view of a listing, or an invite, once an hour for the same person or address.
    pub fn saw(&self, id: ListingId, seen: Seen, looker: Looker) {
        self.0.pulse.count(id, seen, looker, self.now());
    }

    /// Writes counts every few seconds until the end, and at the end.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            let ended = tokio::select! {
                () = stop.cancelled() => true,
                () = self.0.pulse.full.notified() => false,
                () = tokio::time::sleep(EVERY) => false,
            };
            if let Err(error) = self.write_seen().await {
                tracing::warn!(%error, "views and invites could not be written; they wait");
            }
            if ended {
                return;
            }
        }
    }

    /// Writes what waits, and tells keepers of it.
    ///
    /// # Errors
    /// If the database cannot be written; the counts wait on then.
    pub async fn write_seen(&self) -> Result<()> {
        let mut seen: Vec<_> = self.0.pulse.waiting.lock().drain().collect();
        if seen.is_empty() {
            return Ok(());
        }
        // In one order, so that two processes do not wait for one another.
        seen.sort_unstable_by_key(|(id, _)| *id);
        let written = self.write_these(&seen).await;
        if written.is_err() {
            let mut waiting = self.0.pulse.waiting.lock();
            seen.into_iter().for_each(|(id, seen)| waiting.entry(id).or_default().add(seen));
        }
        written
    }

    async fn write_these(&self, seen: &[(ListingId, Seen)]) -> Result<()> {
        let now = self.now();
        let mut change = Change::new();
        store::days::add_seen(&mut change.batch, seen, now);
        let mut events = Vec::new();
        for (id, seen) in seen {
            let told = store::listings::keepers(&self.0.db, *id).await?;
            for (event, count) in [(EventName::View, seen.views), (EventName::Invite, seen.invites)] {
                if count > 0 {
                    let body = Told { kind: id.kind.name(), listing_id: id.id, count, at: now };
                    events.push(NewEvent::new(event.gateway(), Audience::Users(told.clone()), &body)?);
                }
            }
        }
        self.0.log.commit_leaf(change.batch, &events).await?;
        Ok(())
    }
}
