//! What is done with all votes: months end, staff reset, and the counts are held against the ledger.

use guildhall_accounts::{Actor, Rights};
use guildhall_base::{AnyId, Form, JobId, Result, UserId};
use guildhall_infra::jobs::{Ctx, NewJob, Outcome};
use serde_json::json;

use super::Change;
use crate::jobs::{ResetVotes, ResetWish};
use crate::model::{Card, EventName, ListingId, ListingKind, Month};
use crate::store::months::Past;
use crate::{Directory, store};

/// Listings that are reset in one step.
const CHUNK: u32 = 500;

impl Directory {
    /// Takes away the votes that a listing got this month. Those that it ever got stay in the ledger, and in its total.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`, `UNKNOWN_LISTING`, a wrong field `reason`.
    pub async fn reset_votes(&self, actor: &Actor, id: ListingId, reason: &str) -> Result<()> {
        self.0.accounts.require_rights(actor, Rights::LISTINGS_MODERATE).await?;
        let reason = check_reason(reason)?;
        let before = self.listing(Some(actor), id).await?.listing.counts.votes;
        let mut change = Change::new();
        store::months::end_period(&mut change.batch, id.kind, &[id.id]);
        let log = ("listings.reset_votes", None);
        let what = (format!("{id}: {before}"), format!("{id}: 0"));
        self.0.accounts.note_staff_action(&mut change.batch, actor, log, reason.clone(), what);
        let context = json!({ "votes": before, "reason": reason });
        self.note(&mut change, id, EventName::VoteReset, Some(actor.id()), context);
        self.commit_for_keepers(change, id).await
    }

    /// Takes away all votes of the running month; what there was is kept as the month's. A job does it; this gives its id.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`, `STEP_UP_REQUIRED`, a wrong field `reason`.
    pub async fn reset_all_votes(&self, actor: &Actor, reason: &str) -> Result<JobId> {
        let rights = Rights::LISTINGS_MODERATE | Rights::LISTINGS_CERTIFY;
        self.0.accounts.require_rights(actor, rights).await?;
        self.0.accounts.require_proof(actor).await?;
        let reason = check_reason(reason)?;
        let mut change = Change::new();
        let wish = ResetWish { by: actor.id(), reason: reason.clone() };
        let job = NewJob::of::<ResetVotes>(&wish).user(actor.id());
        let id = self.0.jobs.enqueue(&mut change.batch, job)?;
        let log = ("listings.reset_all_votes", None);
        let what = (String::new(), id.to_string());
        self.0.accounts.note_staff_action(&mut change.batch, actor, log, reason, what);
        self.commit(change, Vec::new()).await?;
        Ok(id)
    }

    /// Ends the period of all listings, and keeps what they had as this month's: each chunk is one step. Where staff
    /// asked for it, the listings' histories say so; places are given where the month is over.
    pub(crate) async fn end_periods(
        &self,
        ctx: &Ctx,
        month: Month,
        staff: Option<&ResetWish>,
    ) -> Outcome<u64> {
        let mut listings = 0;
        for kind in ListingKind::ALL {
            let mut after = AnyId::new(0);
            for number in 0.. {
                let name = format!("{}-{number}", kind.plural());
                let ended = ctx.step(&name, async |effects| {
                    let ids = store::months::voted(&self.0.db, kind, after, CHUNK).await?;
                    effects.batch(|batch| {
                        store::months::end_period(batch, kind, &ids);
                        store::months::archive(batch, month, kind, &ids);
                        for id in ids.iter().filter(|_| staff.is_some()) {
                            self.note_reset(batch, ListingId { kind, id: *id }, staff);
                        }
                    });
                    Ok((ids.len() as u64, ids.last().copied()))
                });
                let (count, last) = ended.await?;
                listings += count;
                let Some(last) = last else { break };
                after = last;
                ctx.progress(listings, None, kind.plural());
            }
            if staff.is_none() {
                let name = format!("{}-places", kind.plural());
                ctx.step(&name, async |effects| {
                    effects.batch(|batch| store::months::rank(batch, month, kind));
                    Ok(())
                })
                .await?;
            }
        }
        Ok(listings)
    }

    fn note_reset(
        &self,
        batch: &mut guildhall_infra::db::Batch,
        listing: ListingId,
        staff: Option<&ResetWish>,
    ) {
        let context = json!({ "all": true, "reason": staff.map(|wish| wish.reason.as_str()) });
        let user: Option<UserId> = staff.map(|wish| wish.by);
        let id = self.0.ids.next();
        let entry = crate::model::Entry { id, listing, event: EventName::VoteReset, user, context };
        store::history::insert(batch, &entry);
    }

    /// Holds the counts against the ledger and corrects those that differ; says which did. None ever should.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn recount_votes(&self) -> Result<Vec<ListingId>> {
        let wrong = store::votes::miscounted(&self.0.db).await?;
        for id in &wrong {
            tracing::error!(listing = %id, "a listing's votes were counted wrongly; they are counted anew");
            store::votes::recount(&self.0.db, *id).await?;
        }
        Ok(wrong)
    }

    /// What a listing got in past months.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub async fn past_months(&self, viewer: Option<&Actor>, id: ListingId) -> Result<Vec<Past>> {
        self.listing(viewer, id).await?;
        store::months::of_listing(&self.0.db, id).await
    }

    /// The most voted listings of a month that is over: each with its votes and place.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn top_of_month(&self, month: Month, kind: ListingKind) -> Result<Vec<(Card, u64, u64)>> {
        let top = store::months::top(&self.0.db, month, kind, 100).await?;
        let ids: Vec<AnyId> = top.iter().map(|(id, ..)| *id).collect();
        let cards = store::listings::cards(&self.0.db, kind, &ids).await?;
        let known = |card: Card| {
            let (_, votes, place) = top.iter().find(|(id, ..)| *id == card.id.id)?;
            card.state.is_listed().then_some((card, *votes, *place))
        };
        Ok(cards.into_iter().filter_map(known).collect())
    }
}

/// Why staff do something, 1 to 512 characters.
fn check_reason(reason: &str) -> Result<String> {
    let mut form = Form::new();
    form.length("reason", reason.trim(), 1..=512);
    form.finish()?;
    Ok(reason.trim().to_owned())
}
