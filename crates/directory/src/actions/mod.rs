//! Use cases: what the routes and pages call.

mod appeals;
mod banners;
pub(crate) mod browse;
pub(crate) mod commands;
mod keepers;
pub(crate) mod listings;
mod news;
mod packs;
pub(crate) mod reviews;
pub(crate) mod staff;
mod stats;
pub(crate) mod teams;
mod vote_counts;
mod voters;
pub(crate) mod votes;
mod webhooks;

pub(crate) use banners::FOLDER as BANNERS;
use guildhall_base::{Result, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::events::{Audience, NewEvent};
use serde::Serialize;
use serde_json::{Value, json};

use crate::model::{Entry, EventName, ListingId};
use crate::{Directory, store};

/// What the gateway tells of an entry of a listing's history.
#[derive(Serialize)]
struct Told<'a> {
    id: String,
    kind: &'static str,
    listing_id: guildhall_base::AnyId,
    event: EventName,
    user_id: Option<UserId>,
    at: guildhall_base::Timestamp,
    context: &'a Value,
}

/// One change on its way: its statements, and what is written down and told of it.
pub(crate) struct Change {
    /// Statements, run in one transaction.
    pub(crate) batch: Batch,
    pub(crate) entries: Vec<Entry>,
}

impl Change {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self { batch: Batch::new(), entries: Vec::new() }
    }
}

impl Directory {
    /// Adds to a change that something happened.
    pub(crate) fn note(
        &self,
        change: &mut Change,
        listing: ListingId,
        event: EventName,
        user: Option<UserId>,
        context: Value,
    ) {
        let id = self.0.ids.next();
        let entry = Entry { id, listing, event, user, context };
        store::history::insert(&mut change.batch, &entry);
        change.entries.push(entry);
    }

    /// Adds to a change something that is told and not kept in the history, because it happens all the time.
    pub(crate) fn tell(
        &self,
        change: &mut Change,
        listing: ListingId,
        event: EventName,
        user: Option<UserId>,
        context: Value,
    ) {
        change.entries.push(Entry { id: self.0.ids.next(), listing, event, user, context });
    }

    /// Writes a change, and tells these people and the webhooks of it; every process hears of it.
    pub(crate) async fn commit(&self, mut change: Change, told: Vec<UserId>) -> Result<()> {
        self.tell_hooks(&mut change).await?;
        let mut events = Vec::with_capacity(change.entries.len());
        for entry in &change.entries {
            events.push(event(entry, Audience::Users(told.clone()))?);
        }
        self.0.log.commit_leaf(change.batch, &events).await?;
        // Other processes hear of it from the log; whoever is answered here sees it at once.
        if change.entries.iter().any(|entry| entry.event.changes_lists()) {
            self.0.shelf.clear();
        }
        for entry in change.entries.iter().filter(|entry| entry.event == EventName::Webhook) {
            self.forget_hooks(entry.listing);
        }
        Ok(())
    }

    /// The same for whoever keeps this listing.
    pub(crate) async fn commit_for_keepers(&self, change: Change, listing: ListingId) -> Result<()> {
        let told = store::listings::keepers(&self.0.db, listing).await?;
        self.commit(change, told).await
    }
}

/// An entry of the history as the log has it.
pub(crate) fn event(entry: &Entry, audience: Audience) -> Result<NewEvent> {
    let told = Told {
        id: entry.id.to_string(),
        kind: entry.listing.kind.name(),
        listing_id: entry.listing.id,
        event: entry.event,
        user_id: entry.user,
        at: entry.at(),
        context: &entry.context,
    };
    let event = NewEvent::new(entry.event.gateway(), audience, &told)?;
    Ok(match entry.user {
        Some(user) => event.by(user),
        None => event,
    })
}

/// No more to say.
pub(crate) fn nothing() -> Value {
    json!({})
}
