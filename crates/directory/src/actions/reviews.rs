//! Reviews: writing, answering, changing, taking away, and what others think of them.

use guildhall_accounts::{Actor, Rights};
use guildhall_base::{Form, Kind, Result, ReviewId, UserId};
use guildhall_infra::db::codes::DUPLICATE;
use serde_json::json;

use super::Change;
use crate::access::ListingAccess;
use crate::model::{Cursor, EventName, ListingId, ListingRights, Review, ReviewEdit, ReviewSort, Voice};
use crate::store::reviews::Wanted;
use crate::{Directory, codes, rules, store};

/// A page of reviews, and where the next one begins.
pub(crate) struct Page {
    pub(crate) reviews: Vec<Review>,
    pub(crate) next: Option<Cursor<2>>,
    /// How many the listing has.
    pub(crate) count: u64,
    pub(crate) rating: Option<f64>,
}

/// What is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) stars: Option<i64>,
    pub(crate) text: &'a str,
}

impl Directory {
    /// A review with the listing that it is of, for those who may see that.
    pub(crate) async fn review(
        &self,
        viewer: Option<&Actor>,
        id: ReviewId,
    ) -> Result<(Review, ListingAccess)> {
        let review = store::reviews::find(&self.0.db, id, viewer.map(Actor::id)).await?;
        let review = review.ok_or(codes::UNKNOWN_REVIEW)?;
        match self.listing(viewer, review.listing).await {
            Ok(access) => Ok((review, access)),
            Err(error) if error.kind() == Kind::NotFound => Err(codes::UNKNOWN_REVIEW.into()),
            Err(error) => Err(error),
        }
    }

    /// Reviews of a listing, without the answers to them.
    pub(crate) async fn reviews(
        &self,
        viewer: Option<&Actor>,
        id: ListingId,
        wanted: Wanted,
    ) -> Result<Page> {
        let counts = self.listing(viewer, id).await?.listing.counts;
        let mut form = Form::new();
        form.range("limit", wanted.limit.into(), 1..=50);
        form.finish()?;
        let more = Wanted { limit: wanted.limit + 1, ..wanted };
        let mut reviews = store::reviews::of(&self.0.db, id, viewer.map(Actor::id), more).await?;
        let has_more = reviews.len() > usize::from(wanted.limit);
        reviews.truncate(wanted.limit.into());
        let next = reviews.last().filter(|_| has_more).map(|last| place(last, wanted.sort));
        Ok(Page { reviews, next, count: counts.reviews, rating: counts.rating() })
    }

    /// The answers below a review, the oldest first, whatever they answer; or those to one answer.
    pub(crate) async fn replies(
        &self,
        viewer: Option<&Actor>,
        id: ReviewId,
        after: Option<ReviewId>,
        limit: u16,
    ) -> Result<Vec<Review>> {
        self.review(viewer, id).await?;
        let mut form = Form::new();
        form.range("limit", limit.into(), 1..=100);
        form.finish()?;
        store::reviews::replies(&self.0.db, id, viewer.map(Actor::id), after, limit).await
    }

    /// Reviews a listing. Each person reviews each listing once, and nobody what they keep.
    pub(crate) async fn add_review(
        &self,
        actor: &Actor,
        id: ListingId,
        written: Written<'_>,
    ) -> Result<Review> {
        let access = self.listing_to_change(actor, id).await?;
        if !access.rights.is_empty() {
            return Err(codes::OWN_LISTING.into());
        }
        if !access.listing.state.is_listed() {
            return Err(codes::TAKES_NO_REVIEWS.into());
        }
        rules::review::check(false, written.stars, written.text)?;
        let review = self.new_review(actor, id, written);
        let stars = written.stars.unwrap_or(0);
        let mut change = Change::new();
        store::reviews::insert(&mut change.batch, &review);
        store::reviews::count(&mut change.batch, id, 1, stars);
        let context = json!({ "review_id": review.id, "stars": stars });
        self.note(&mut change, id, EventName::ReviewAdd, Some(actor.id()), context);
        self.commit_review(change, &access, &[]).await.map_err(|error| match error {
            error if error.is(DUPLICATE) => codes::REVIEWED_ALREADY.into(),
            error => error,
        })?;
        Ok(review)
    }

    /// Answers a review or an answer. Of those who keep the listing and may answer in its name it is official.
    pub(crate) async fn reply(
        &self,
        actor: &Actor,
        id: ListingId,
        to: ReviewId,
        written: Written<'_>,
    ) -> Result<Review> {
        self.require_editor(actor).await?;
        let (parent, access) = self.review(Some(actor), to).await?;
        if parent.listing != id {
            return Err(codes::UNKNOWN_REVIEW.into());
        }
        let answered = parent.author.ok_or(codes::UNKNOWN_REVIEW)?;
        rules::review::check(true, written.stars, written.text)?;
        let mut review = self.new_review(actor, parent.listing, written);
        (review.root, review.parent) = (Some(parent.top()), Some(to));
        review.official = access.rights.contains(ListingRights::REPLY);
        let mut change = Change::new();
        store::reviews::hold(&mut change.batch, parent.top());
        store::reviews::insert_reply(&mut change.batch, &review);
        let context = json!({ "review_id": review.id, "parent_id": to, "root_id": review.root,
            "official": review.official });
        self.note(&mut change, review.listing, EventName::ReviewAdd, Some(actor.id()), context);
        self.commit_review(change, &access, &[answered]).await?;
        Ok(review)
    }

    /// Changes what one wrote. What was said before is kept.
    pub(crate) async fn edit_review(
        &self,
        actor: &Actor,
        id: ReviewId,
        stars: Option<i64>,
        text: Option<&str>,
    ) -> Result<Review> {
        self.require_editor(actor).await?;
        let (review, access) = self.own_review(actor, id).await?;
        let before = review.stars.map(u64::cast_signed);
        let (stars, text) = (stars.or(before), text.unwrap_or(&review.text).trim());
        rules::review::check(review.root.is_some(), stars, text)?;
        let mut change = Change::new();
        store::reviews::edit(&mut change.batch, &review, stars.map(i64::cast_unsigned), text, self.now());
        if stars != before {
            let more = stars.unwrap_or(0) - before.unwrap_or(0);
            store::reviews::count(&mut change.batch, review.listing, 0, more);
        }
        let context = json!({ "review_id": id, "stars": stars });
        self.note(&mut change, review.listing, EventName::ReviewEdit, Some(actor.id()), context);
        self.commit_review(change, &access, &[actor.id()]).await?;
        Ok(self.review(Some(actor), id).await?.0)
    }

    /// Takes away a review, with all answers to it, or what an answer says. For who wrote it, and for moderators of the
    /// installation, who say why.
    pub(crate) async fn remove_review(
        &self,
        actor: &Actor,
        id: ReviewId,
        reason: Option<&str>,
    ) -> Result<()> {
        let (review, access) = self.review(Some(actor), id).await?;
        let author = review.author.ok_or(codes::UNKNOWN_REVIEW)?;
        let mut change = Change::new();
        let mut context = json!({ "review_id": id, "stars": review.stars });
        if author != actor.id() {
            let reason = self.moderate(actor, &mut change, &review, author, reason).await?;
            context = json!({ "review_id": id, "stars": review.stars, "reason": reason });
        }
        store::reviews::hold(&mut change.batch, review.top());
        if review.root.is_none() {
            store::reviews::delete_thread(&mut change.batch, &review);
            let stars = review.stars.map_or(0, u64::cast_signed);
            store::reviews::count(&mut change.batch, review.listing, -1, -stars);
        } else {
            store::reviews::empty(&mut change.batch, id);
        }
        self.note(&mut change, review.listing, EventName::ReviewDelete, Some(actor.id()), context);
        self.commit_review(change, &access, &[author]).await
    }

    async fn moderate(
        &self,
        actor: &Actor,
        change: &mut Change,
        review: &Review,
        author: UserId,
        reason: Option<&str>,
    ) -> Result<String> {
        self.0.accounts.require_rights(actor, Rights::LISTINGS_MODERATE).await?;
        let reason = reason.unwrap_or_default().trim();
        let mut form = Form::new();
        form.length("reason", reason, 5..=512);
        form.finish()?;
        let before = format!("{} {}", review.listing, review.id);
        let what = ("review.delete", Some(author));
        let row = (before, String::new());
        self.0.accounts.note_staff_action(&mut change.batch, actor, what, reason.to_owned(), row);
        Ok(reason.to_owned())
    }

    /// Says what somebody thinks of a review, or nothing any more.
    pub(crate) async fn vote_review(&self, actor: &Actor, id: ReviewId, voice: Option<Voice>) -> Result<()> {
        self.require_editor(actor).await?;
        let (review, access) = self.review(Some(actor), id).await?;
        let author = review.author.ok_or(codes::UNKNOWN_REVIEW)?;
        if author == actor.id() {
            return Err(codes::OWN_REVIEW.into());
        }
        if review.voted == voice {
            return Ok(());
        }
        let mut change = Change::new();
        store::review_votes::put(&mut change.batch, id, actor.id(), voice);
        // Who thinks so is theirs.
        let context = json!({ "review_id": id, "vote": voice });
        self.note(&mut change, review.listing, EventName::ReviewVote, None, context);
        self.commit_review(change, &access, &[author]).await
    }

    /// What a review said before, the latest first, for who wrote it, the listing's keepers and staff.
    pub(crate) async fn review_edits(&self, actor: &Actor, id: ReviewId) -> Result<Vec<ReviewEdit>> {
        let (review, access) = self.review(Some(actor), id).await?;
        if review.author != Some(actor.id()) && !access.inside {
            self.0.accounts.require_rights(actor, Rights::LISTINGS_REVIEW).await?;
        }
        store::reviews::edits(&self.0.db, id).await
    }

    async fn own_review(&self, actor: &Actor, id: ReviewId) -> Result<(Review, ListingAccess)> {
        let (review, access) = self.review(Some(actor), id).await?;
        match review.author {
            Some(author) if author == actor.id() => Ok((review, access)),
            Some(_) => Err(codes::NOT_YOUR_REVIEW.into()),
            None => Err(codes::UNKNOWN_REVIEW.into()),
        }
    }

    fn new_review(&self, actor: &Actor, listing: ListingId, written: Written<'_>) -> Review {
        Review {
            id: self.0.ids.next(),
            listing,
            root: None,
            parent: None,
            author: Some(actor.id()),
            stars: written.stars.map(i64::cast_unsigned),
            text: written.text.trim().to_owned(),
            official: false,
            up: 0,
            down: 0,
            version: 1,
            edited_at: None,
            replies: 0,
            voted: None,
        }
    }

    /// Tells the listing's keepers, and these.
    async fn commit_review(&self, change: Change, access: &ListingAccess, also: &[UserId]) -> Result<()> {
        let mut told = store::listings::keepers(&self.0.db, access.listing.id).await?;
        told.extend(also.iter().filter(|user| !told.contains(user)).copied().collect::<Vec<_>>());
        self.commit(change, told).await
    }
}

/// The place of a review in a list.
fn place(review: &Review, sort: ReviewSort) -> Cursor<2> {
    let score = match sort {
        ReviewSort::Newest => 0,
        ReviewSort::Helpful => review.up.cast_signed() - review.down.cast_signed(),
    };
    Cursor([score, review.id.get()])
}
