//! What staff are asked about listings, and what they answer.

use guildhall_accounts::{Actor, Rights};
use guildhall_base::{AnyId, Error, Form, Result, ReviewId};
use guildhall_infra::db::Batch;
use guildhall_infra::db::codes::DUPLICATE;
use guildhall_infra::events::Audience;
use serde_json::{Value, json};

use super::Change;
use crate::model::{Answer, Appeal, AppealKind, Entry, EventName, ListingId, ListingRights};
use crate::{Directory, codes, rules, store};

impl Directory {
    /// Asks staff for something: to look at a refusal again or to certify a listing, by those who may ask in its name; to
    /// look into something, by everybody who sees it.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, wrong fields, `NOTHING_TO_APPEAL`, `NOT_CERTIFIABLE`, `ASKED_ALREADY`,
    /// `ASKED_A_MOMENT_AGO`.
    pub(crate) async fn ask_staff(
        &self,
        actor: &Actor,
        id: ListingId,
        kind: AppealKind,
        text: &str,
    ) -> Result<Appeal> {
        let access = self.listing_to_change(actor, id).await?;
        if kind != AppealKind::Report {
            access.require(ListingRights::APPEAL)?;
        }
        rules::appeal::check_text(text)?;
        rules::appeal::check(kind, &access.listing)?;
        self.write_appeal(actor, self.new_appeal(actor, id, kind, None, text)).await
    }

    /// Asks staff to look into a review.
    ///
    /// # Errors
    /// `UNKNOWN_REVIEW`, wrong fields, `ASKED_ALREADY`, `ASKED_A_MOMENT_AGO`.
    pub(crate) async fn report_review(&self, actor: &Actor, id: ReviewId, text: &str) -> Result<Appeal> {
        self.require_editor(actor).await?;
        let (review, _) = self.review(Some(actor), id).await?;
        if review.author.is_none() {
            return Err(codes::UNKNOWN_REVIEW.into());
        }
        rules::appeal::check_text(text)?;
        let appeal = self.new_appeal(actor, review.listing, AppealKind::Report, Some(id), text);
        self.write_appeal(actor, appeal).await
    }

    fn new_appeal(
        &self,
        actor: &Actor,
        listing: ListingId,
        kind: AppealKind,
        review: Option<ReviewId>,
        text: &str,
    ) -> Appeal {
        let text = text.trim().to_owned();
        Appeal { id: self.0.ids.next(), listing, kind, user: actor.id(), review, text, answer: None }
    }

    async fn write_appeal(&self, actor: &Actor, appeal: Appeal) -> Result<Appeal> {
        let latest = store::appeals::latest(&self.0.db, actor.id()).await?;
        rules::appeal::check_pause(latest, self.now())?;
        let mut change = Change::new();
        store::appeals::insert(&mut change.batch, &appeal);
        let asked = |error: Error| if error.is(DUPLICATE) { codes::ASKED_ALREADY.into() } else { error };
        if appeal.kind == AppealKind::Report {
            // Its keepers do not learn that somebody reported it, nor who.
            self.0.db.write(change.batch).await.map_err(asked)?;
            return Ok(appeal);
        }
        let context = json!({ "appeal_id": appeal.id, "type": appeal.kind });
        self.note(&mut change, appeal.listing, EventName::Appeal, Some(actor.id()), context);
        self.commit_for_keepers(change, appeal.listing).await.map_err(asked)?;
        Ok(appeal)
    }

    /// What keepers asked about their listing, the latest first, for those who may ask in its name.
    pub(crate) async fn appeals(&self, actor: &Actor, id: ListingId) -> Result<Vec<Appeal>> {
        self.listing(Some(actor), id).await?.require(ListingRights::APPEAL)?;
        store::appeals::of(&self.0.db, id).await
    }

    /// What staff are asked, or were, the oldest first.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`, a wrong limit.
    pub(crate) async fn staff_appeals(
        &self,
        actor: &Actor,
        answered: bool,
        kind: Option<AppealKind>,
        after: Option<AnyId>,
        limit: u16,
    ) -> Result<Vec<Appeal>> {
        self.0.accounts.require_rights(actor, Rights::LISTINGS_REVIEW).await?;
        let mut form = Form::new();
        form.range("limit", limit.into(), 1..=100);
        form.finish()?;
        store::appeals::page(&self.0.db, answered, kind, after, limit).await
    }

    /// Answers. What was asked for is done by its own action: an answer only says so.
    ///
    /// # Errors
    /// `UNKNOWN_APPEAL`, `MISSING_RIGHTS`, a wrong text, `ANSWERED_ALREADY`.
    pub(crate) async fn answer_appeal(
        &self,
        actor: &Actor,
        id: AnyId,
        accepted: bool,
        text: &str,
    ) -> Result<Appeal> {
        self.0.accounts.require_rights(actor, Rights::LISTINGS_REVIEW).await?;
        let mut appeal = store::appeals::find(&self.0.db, id).await?.ok_or(codes::UNKNOWN_APPEAL)?;
        self.0.accounts.require_rights(actor, appeal.kind.needs()).await?;
        let text = text.trim();
        let mut form = Form::new();
        form.length("text", text, 5..=4000);
        if text.contains('\0') {
            form.refuse("text", "BASE_TYPE_BAD", "Must not contain the character U+0000.");
        }
        form.finish()?;
        let answer = Answer { at: self.now(), by: Some(actor.id()), accepted, text: text.to_owned() };
        let mut change = Change::new();
        store::appeals::answer(&mut change.batch, id, &answer);
        self.audit_answer(&mut change.batch, actor, &appeal, &answer);
        let context = json!({ "appeal_id": id, "type": appeal.kind, "accepted": accepted, "answer": text });
        if appeal.kind == AppealKind::Report {
            // Only whoever reported it hears of it.
            self.tell_reporter(change.batch, actor, &appeal, context).await?;
        } else {
            self.note(&mut change, appeal.listing, EventName::AppealAnswer, Some(actor.id()), context);
            let mut told = store::listings::keepers(&self.0.db, appeal.listing).await?;
            if !told.contains(&appeal.user) {
                told.push(appeal.user);
            }
            self.commit(change, told).await?;
        }
        appeal.answer = Some(answer);
        Ok(appeal)
    }

    async fn tell_reporter(
        &self,
        batch: Batch,
        actor: &Actor,
        appeal: &Appeal,
        context: Value,
    ) -> Result<()> {
        let (id, user) = (self.0.ids.next(), Some(actor.id()));
        let entry = Entry { id, listing: appeal.listing, event: EventName::AppealAnswer, user, context };
        let event = super::event(&entry, Audience::Users(vec![appeal.user]))?;
        self.0.log.commit_leaf(batch, &[event]).await?;
        Ok(())
    }

    fn audit_answer(&self, batch: &mut Batch, actor: &Actor, appeal: &Appeal, answer: &Answer) {
        let reason: String = answer.text.chars().take(512).collect();
        let after = if answer.accepted { "accepted" } else { "refused" };
        let row = (format!("{} {}", appeal.listing, appeal.id), after.to_owned());
        let what = ("listing.answer", Some(appeal.user));
        self.0.accounts.note_staff_action(batch, actor, what, reason, row);
    }
}
