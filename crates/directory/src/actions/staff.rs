//! What staff do with listings. Each needs the right, a state that it is done in and a reason; each leaves a row in the
//! audit log, an entry in the listing's history and an event for its keepers, in the same transaction.

use std::collections::HashMap;

use guildhall_accounts::{Actor, Rights};
use guildhall_base::{Form, Result, UserId};
use serde_json::json;

use super::Change;
use crate::model::{Card, Cursor, Flags, Listing, ListingId, ListingKind, State};
use crate::platform::Found;
use crate::rules::staff::{Rule, StaffAction};
use crate::store::counts::Size;
use crate::store::queue::Place;
use crate::{Directory, codes, store};

/// What a member of staff wants to be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    /// What.
    pub(crate) action: StaffAction,
    /// Why, 5 to 512 characters; its keepers read it.
    pub(crate) reason: &'a str,
    /// Which flag, where one is turned.
    pub(crate) flag: Option<&'a str>,
}

/// A page of the queue, and where the next one begins.
pub(crate) struct Queue {
    pub(crate) places: Vec<(Place, Card)>,
    pub(crate) next: Option<Cursor<3>>,
}

impl Order<'_> {
    fn check(&self) -> Result<Option<Flags>> {
        let mut form = Form::new();
        form.length("reason", self.reason.trim(), 5..=512);
        let wants = matches!(self.action, StaffAction::SetFlag | StaffAction::UnsetFlag);
        let flag = self.flag.and_then(Flags::named);
        if wants {
            form.required("flag", self.flag.is_some());
        }
        if self.flag.is_some() {
            form.choice("flag", flag.is_some_and(|flag| self.action.turns(flag)));
        }
        form.finish()?;
        Ok(flag)
    }
}

impl Directory {
    /// Does something with a listing as staff. An approval takes over what its platform calls the listing now, and how
    /// large it is.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`, `UNKNOWN_LISTING`, wrong fields, `WRONG_STATE`, `CLAIMED_BY_ANOTHER`, `CONFLICT`.
    pub(crate) async fn staff_act(&self, actor: &Actor, id: ListingId, order: Order<'_>) -> Result<Listing> {
        let rule = order.action.rule()?;
        let standing = self.0.accounts.require_rights(actor, rule.needs).await?;
        let mut listing = self.listing(Some(actor), id).await?.listing;
        let flag = order.check()?;
        rule.check(&listing, actor.id(), standing.rights)?;
        let before = describe(&listing);
        let mut change = Change::new();
        self.stand(rule, &mut listing, actor.id());
        if let Some(flag) = flag {
            listing.flags.set(flag, order.action == StaffAction::SetFlag);
        }
        if rule.action == StaffAction::Approve
            && let Ok(found) = self.look_up(&listing.platform.clone(), id).await
        {
            self.refresh(&mut change, &mut listing, found);
        }
        store::listings::update(&mut change.batch, &listing, self.now())?;
        let reason = order.reason.trim();
        self.0.accounts.note_staff_action(
            &mut change.batch,
            actor,
            (rule.name, Some(listing.owner)),
            reason.to_owned(),
            (before, describe(&listing)),
        );
        let mut context = json!({ "reason": reason, "state": listing.state });
        if let (Some(flag), Some(context)) = (order.flag, context.as_object_mut()) {
            context.insert("flag".into(), flag.into());
            context.insert("set".into(), (order.action == StaffAction::SetFlag).into());
        }
        self.note(&mut change, id, rule.event, Some(actor.id()), context);
        self.commit_for_keepers(change, id).await?;
        let (listing, _) =
            store::listings::find(&self.0.db, id, None).await?.ok_or(codes::UNKNOWN_LISTING)?;
        Ok(listing)
    }

    /// Puts a listing where an action puts it.
    fn stand(&self, rule: &Rule, listing: &mut Listing, actor: UserId) {
        let Some(to) = rule.to else { return };
        listing.state = to;
        match rule.action {
            StaffAction::Claim | StaffAction::Approve | StaffAction::Deny => listing.reviewer = Some(actor),
            _ if to == State::Pending => listing.reviewer = None,
            _ => {}
        }
        if to == State::Approved {
            listing.approved_at.get_or_insert(self.now());
        }
    }

    /// Takes over what a platform says of a listing.
    fn refresh(&self, change: &mut Change, listing: &mut Listing, found: Found) {
        (listing.name, listing.avatar) = (found.name, found.avatar);
        let Some(size) = found.size else { return };
        let counts = listing.counts;
        let size = match listing.id.kind {
            ListingKind::Bot => Size { guilds: size, users: counts.users, shards: counts.shards },
            ListingKind::Guild => Size { users: size, ..Size::default() },
        };
        store::counts::set_size(&mut change.batch, listing.id, size, self.now());
    }

    /// Listings in one state, the oldest first, for those who look after them.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`, a wrong limit.
    pub(crate) async fn staff_queue(
        &self,
        actor: &Actor,
        state: State,
        kind: Option<ListingKind>,
        after: Option<Cursor<3>>,
        limit: u16,
    ) -> Result<Queue> {
        self.0.accounts.require_rights(actor, Rights::LISTINGS_REVIEW).await?;
        let mut form = Form::new();
        form.range("limit", limit.into(), 1..=100);
        form.finish()?;
        let start = after.unwrap_or(Cursor([i64::MIN, 0, 0]));
        let mut places = store::queue::page(&self.0.db, state, kind, start, limit + 1).await?;
        let more = places.len() > usize::from(limit);
        places.truncate(limit.into());
        let next = places.last().filter(|_| more).map(Place::cursor);
        let mut cards = HashMap::new();
        for kind in ListingKind::ALL {
            let ids: Vec<_> = places.iter().map(|place| place.id).filter(|id| id.kind == kind).collect();
            let ids: Vec<_> = ids.iter().map(|id| id.id).collect();
            let found = store::listings::cards(&self.0.db, kind, &ids).await?;
            cards.extend(found.into_iter().map(|card| (card.id, card)));
        }
        let places = places.into_iter().filter_map(|place| Some((place, cards.remove(&place.id)?))).collect();
        Ok(Queue { places, next })
    }
}

/// A listing as the audit log has it.
fn describe(listing: &Listing) -> String {
    let flags = listing.flags.names();
    let mut text = format!("{} {}", listing.id, listing.state.name());
    if !flags.is_empty() {
        text.push_str(" [");
        text.push_str(&flags.join(", "));
        text.push(']');
    }
    text
}
