//! Which listings have webhooks, remembered, so that what happens to those that have none costs no question to the
//! database.

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{AnyId, Error, Result, codes};
use guildhall_infra::cache::Fresh;
use guildhall_infra::events::Event;
use guildhall_infra::limits::Windows;
use serde::Deserialize;

use crate::model::{EventName, HookEvents, HookId, HookStyle, ListingId, ListingKind};
use crate::{Directory, store};

/// Listings that are remembered.
const LISTINGS: u64 = 100_000;
/// Messages that somebody has sent by hand to one webhook in a minute, at most.
const BY_HAND: u32 = 10;

/// What must be known of a webhook to see whether it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) id: HookId,
    pub(crate) style: HookStyle,
    pub(crate) events: HookEvents,
}

/// The webhooks that something is sent to, by listing.
pub(crate) struct Hooks {
    known: Fresh<ListingId, Arc<[Head]>>,
    by_hand: Windows<HookId>,
}

impl Default for Hooks {
    fn default() -> Self {
        Self { known: Fresh::new(LISTINGS), by_hand: Windows::new(BY_HAND, Duration::from_secs(60)) }
    }
}

#[derive(Deserialize)]
struct Changed {
    kind: ListingKind,
    listing_id: AnyId,
}

impl Directory {
    /// The webhooks of a listing that something is sent to.
    pub(super) async fn hooks(&self, id: ListingId) -> Result<Arc<[Head]>> {
        let known = &self.0.hooks.known;
        if let Some(heads) = known.get(id) {
            return Ok(heads);
        }
        let mark = known.mark();
        let hooks = store::webhooks::of(&self.0.db, id).await?;
        let live = hooks.iter().filter(|hook| hook.stopped.is_empty());
        let heads: Arc<[Head]> =
            live.map(|hook| Head { id: hook.id, style: hook.style, events: hook.events }).collect();
        known.keep(mark, id, heads.clone());
        Ok(heads)
    }

    /// Says that a listing's webhooks changed.
    pub(crate) fn forget_hooks(&self, id: ListingId) {
        self.0.hooks.known.forget(id);
    }

    /// Counts a message that somebody has sent by hand.
    pub(crate) fn count_by_hand(&self, hook: HookId) -> Result<()> {
        let now = self.now();
        match self.0.hooks.by_hand.count(hook, now) {
            Some(count) if !count.allowed => {
                Err(Error { retry_after: Some(count.resets_at.since(now)), ..codes::RATE_LIMITED.into() })
            }
            _ => Ok(()),
        }
    }

    /// Forgets what other processes changed.
    pub(crate) fn hear_of_hooks(&self, event: &Event) {
        if *event.name != *EventName::Webhook.gateway() {
            return;
        }
        let changed: Result<Changed> = event.parse();
        if let Ok(Changed { kind, listing_id }) = changed {
            self.forget_hooks(ListingId { kind, id: listing_id });
        }
    }
}
