//! Voting, and what is known of who voted.

use std::time::Duration;

use guildhall_accounts::Actor;
use guildhall_base::{Error, Result, Timestamp, UserId};
use guildhall_infra::jobs::NewJob;
use serde_json::json;

use super::Change;
use crate::access::Caller;
use crate::config::VoteWindow;
use crate::jobs::{RemindOfVote, Reminder};
use crate::model::{
    Counts, EventName, Flags, Listing, ListingId, ListingRights, PersonFlags, Vote, VoteId, Voted,
};
use crate::store::votes::Scope;
use crate::{Directory, codes, store};

/// What a vote did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    /// The vote.
    pub vote: Vote,
    /// What is counted of its listing now.
    pub counts: Counts,
    /// When they may vote again.
    pub can_vote_at: Timestamp,
}

impl Directory {
    /// Votes for a listing: once in a window, whatever happens at the same time.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `ONLY_PEOPLE`, `NO_VOTES`, `UNVERIFIED_MAIL`, `ACCOUNT_TOO_NEW`, and `WAIT` with the time that is
    /// left.
    pub async fn vote(&self, actor: &Actor, id: ListingId) -> Result<Cast> {
        let access = self.listing(Some(actor), id).await?;
        takes_votes(&access.listing)?;
        self.may_vote(actor).await?;
        let (user, now) = (actor.id(), self.now());
        let can_vote_at = now.after(self.window_length());
        self.wait_over(user, id).await?;
        let vote = Vote { id: self.0.ids.next(), listing: id, user };
        let mut change = Change::new();
        let scope = self.scope(id);
        store::votes::open_window(&mut change.batch, user, scope, (now, can_vote_at), codes::WAIT);
        store::votes::cast(&mut change.batch, &vote, codes::NO_VOTES);
        if store::reminders::wanted(&self.0.db, user, id).await? {
            self.remind_at(&mut change, user, id, can_vote_at)?;
        }
        let named = (!self.votes_are_private(user).await?).then_some(user);
        self.note(&mut change, id, EventName::Vote, named, json!({ "vote_id": vote.id }));
        match self.commit_for_keepers(change, id).await {
            // Somebody used the same account at the same time: the answer says how long.
            Err(error) if error.is(codes::WAIT) => {
                self.wait_over(user, id).await?;
                Err(error)
            }
            other => other,
        }?;
        let counts = self.listing(Some(actor), id).await?.listing.counts;
        Ok(Cast { vote, counts, can_vote_at })
    }

    /// Says what a vote says, without one: for its keepers, to try what hears of votes.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, `ONLY_PEOPLE`.
    pub async fn test_vote(&self, actor: &Actor, id: ListingId) -> Result<()> {
        if actor.session().is_none() {
            return Err(codes::ONLY_PEOPLE.into());
        }
        let access = self.listing(Some(actor), id).await?;
        if !access.rights.intersects(ListingRights::POST | ListingRights::WEBHOOKS) {
            return Err(codes::MISSING_LISTING_RIGHT.into());
        }
        let mut change = Change::new();
        self.note(&mut change, id, EventName::TestVote, Some(actor.id()), json!({ "test": true }));
        self.commit_for_keepers(change, id).await
    }

    /// What somebody's votes for a listing come to. Of those who keep their votes to themselves only they and the
    /// listing's keepers learn anything; everybody else is told that there is nothing.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub async fn voted(&self, caller: &Caller, user: UserId, id: ListingId) -> Result<Voted> {
        let access = self.listing_for(caller, id).await?;
        let close = caller.user() == Some(user) || access.rights.contains(ListingRights::POST);
        if !close && self.votes_are_private(user).await? {
            return Ok(Voted::default());
        }
        self.votes_of(user, id).await
    }

    pub(crate) async fn votes_of(&self, user: UserId, id: ListingId) -> Result<Voted> {
        let (votes, ids) = store::votes::of_user(&self.0.db, user, id).await?;
        let (now, length) = (self.now(), self.window_length());
        let window = store::votes::window(&self.0.db, user, self.scope(id)).await?;
        let times: Vec<Timestamp> = ids.iter().map(|id| id.created_at()).collect();
        let lasting = times.first().is_some_and(|last| last.after(length) > now);
        Ok(Voted { votes, times, lasting, can_vote_at: window.filter(|end| *end > now) })
    }

    /// What somebody voted for, the latest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn own_votes(&self, actor: &Actor, before: Option<VoteId>, limit: u32) -> Result<Vec<Vote>> {
        let before = before.unwrap_or(VoteId::new(i64::MAX));
        store::votes::by_user(&self.0.db, actor.id(), before, limit.clamp(1, 100)).await
    }

    /// Whether somebody keeps their votes to themselves.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn votes_are_private(&self, user: UserId) -> Result<bool> {
        Ok(store::people::flags(&self.0.db, user).await?.contains(PersonFlags::VOTES_PRIVATE))
    }

    /// Keeps one's votes to oneself, or no longer. What was told before stays told.
    ///
    /// # Errors
    /// `ONLY_PEOPLE`.
    pub async fn set_votes_private(&self, actor: &Actor, private: bool) -> Result<()> {
        if actor.session().is_none() {
            return Err(codes::ONLY_PEOPLE.into());
        }
        let mut flags = store::people::flags(&self.0.db, actor.id()).await?;
        flags.set(PersonFlags::VOTES_PRIVATE, private);
        let mut change = Change::new();
        store::people::set(&mut change.batch, actor.id(), flags);
        self.commit(change, Vec::new()).await
    }

    /// Whether somebody is reminded when they can vote for a listing again.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub async fn is_reminded(&self, actor: &Actor, id: ListingId) -> Result<bool> {
        self.listing(Some(actor), id).await?;
        store::reminders::wanted(&self.0.db, actor.id(), id).await
    }

    /// What somebody wants to be reminded of.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn reminders(&self, actor: &Actor) -> Result<Vec<ListingId>> {
        store::reminders::of_user(&self.0.db, actor.id()).await
    }

    /// Reminds somebody when they can vote for a listing again, or no longer.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `ONLY_PEOPLE`.
    pub async fn remind(&self, actor: &Actor, id: ListingId, wanted: bool) -> Result<()> {
        if actor.session().is_none() {
            return Err(codes::ONLY_PEOPLE.into());
        }
        self.listing(Some(actor), id).await?;
        let mut change = Change::new();
        store::reminders::set(&mut change.batch, actor.id(), id, wanted);
        let voted = self.votes_of(actor.id(), id).await?;
        if let Some(end) = voted.can_vote_at.filter(|_| wanted && voted.lasting) {
            self.remind_at(&mut change, actor.id(), id, end)?;
        }
        self.commit(change, Vec::new()).await
    }

    fn remind_at(&self, change: &mut Change, user: UserId, id: ListingId, at: Timestamp) -> Result<()> {
        let reminder = Reminder { user, listing: id };
        let job = NewJob::of::<RemindOfVote>(&reminder).user(user).at(at).unique(format!("{user}:{id}"));
        self.0.jobs.enqueue(&mut change.batch, job).map(drop)
    }

    /// Who may vote: people with a confirmed address, where addresses can be confirmed, and not in their first hour.
    async fn may_vote(&self, actor: &Actor) -> Result<()> {
        if actor.session().is_none() {
            return Err(codes::ONLY_PEOPLE.into());
        }
        let config = &self.0.config;
        if self.now().since(actor.id().created_at()) < hours(config.vote_account_hours) {
            return Err(codes::ACCOUNT_TOO_NEW.into());
        }
        let asks = config.vote_verified_mail && self.0.accounts.has_mail();
        if asks {
            let me = self.0.accounts.me(actor).await?;
            if !me.verified || me.email.is_none() {
                return Err(codes::UNVERIFIED_MAIL.into());
            }
        }
        Ok(())
    }

    /// Refuses while somebody's window lasts, and says for how long.
    async fn wait_over(&self, user: UserId, id: ListingId) -> Result<()> {
        let now = self.now();
        match store::votes::window(&self.0.db, user, self.scope(id)).await? {
            Some(end) if end > now => {
                let left = end.since(now);
                let error = codes::WAIT.because(format!("You can vote again in {}.", spoken(left)));
                Err(Error { retry_after: Some(left), ..error })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn window_length(&self) -> Duration {
        hours(self.0.config.vote_hours)
    }

    fn scope(&self, id: ListingId) -> Scope {
        let listing = (self.0.config.vote_window == VoteWindow::Listing).then_some(id.id);
        Scope { kind: id.kind, listing }
    }
}

fn takes_votes(listing: &Listing) -> Result<()> {
    let locked = listing.flags.intersects(Flags::VOTE_LOCKED | Flags::SYSTEM);
    if locked || !listing.state.takes_votes() { Err(codes::NO_VOTES.into()) } else { Ok(()) }
}

fn hours(hours: u32) -> Duration {
    Duration::from_secs(3600) * hours
}

/// `7 h 59 min 3 s`.
fn spoken(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    format!("{} h {} min {} s", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
