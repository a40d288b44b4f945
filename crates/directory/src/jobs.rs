//! The directory's work that outlives a request, and what comes by the calendar.

use std::time::Duration;

use guildhall_accounts::Notice;
use guildhall_base::UserId;
use guildhall_infra::jobs::{Ctx, Job, Outcome, Rules, Stop};
use serde::{Deserialize, Serialize};

use crate::model::{ListingId, Month};
use crate::{Directory, codes, store};

/// Records of what comes by the calendar are kept for three months.
const CALENDAR: Rules = Rules::new().keep(Duration::from_secs(92 * 24 * 3600));

impl Directory {
    /// Makes the kinds of jobs of the directory known.
    pub fn register_jobs(&self) {
        let jobs = &self.0.jobs;
        jobs.register(CloseMonth(self.clone()));
        jobs.register(ResetVotes(self.clone()));
        jobs.register(RecountVotes(self.clone()));
        jobs.register(RemindOfVote(self.clone()));
    }
}

/// Ends a month: what was voted is kept with the listings' places, and counting begins anew.
pub struct CloseMonth(Directory);

impl Job for CloseMonth {
    const NAME: &'static str = "directory.month";
    const RULES: Rules = CALENDAR;
    type Payload = ();
    type Output = u64;

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome<u64> {
        let month = Month::of(ctx.created_at()).before();
        self.0.end_periods(&ctx, month, None).await
    }
}

/// Who resets all votes, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ResetWish {
    pub(crate) by: UserId,
    pub(crate) reason: String,
}

/// Resets all votes of the running month, because staff want it.
pub(crate) struct ResetVotes(Directory);

impl Job for ResetVotes {
    const NAME: &'static str = "directory.reset_votes";
    const RULES: Rules = CALENDAR;
    type Payload = ResetWish;
    type Output = u64;

    async fn run(&self, ctx: Ctx, wish: ResetWish) -> Outcome<u64> {
        self.0.end_periods(&ctx, Month::of(ctx.created_at()), Some(&wish)).await
    }
}

/// Holds the counts of votes against the ledger; answers how many were wrong.
pub struct RecountVotes(Directory);

impl Job for RecountVotes {
    const NAME: &'static str = "directory.recount_votes";
    const RULES: Rules = CALENDAR;
    type Payload = ();
    type Output = usize;

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome<usize> {
        Ok(self.0.recount_votes().await?.len())
    }
}

/// Whom to remind of what.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Reminder {
    pub(crate) user: UserId,
    pub(crate) listing: ListingId,
}

/// Tells somebody by mail that they can vote for a listing again.
pub(crate) struct RemindOfVote(Directory);

impl Job for RemindOfVote {
    const NAME: &'static str = "directory.vote_reminder";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = Reminder;
    type Output = bool;

    async fn run(&self, ctx: Ctx, Reminder { user, listing: id }: Reminder) -> Outcome<bool> {
        let directory = &self.0;
        if !store::reminders::wanted(&directory.0.db, user, id).await? {
            return Ok(false);
        }
        // They voted for something else meanwhile.
        if let Some(end) = directory.votes_of(user, id).await?.can_vote_at {
            return Err(Stop::Until(end));
        }
        let listing = match directory.listing(None, id).await {
            Ok(access) if access.listing.state.takes_votes() => access.listing,
            Err(error) if !error.is(codes::UNKNOWN_LISTING) => return Err(error.into()),
            _ => return Ok(false),
        };
        let notice =
            Notice { user, texts: "votes-mail-reminder".to_owned(), path: id.path(), name: listing.name };
        ctx.step("mail", async |effects| {
            Ok(effects.batch(|batch| directory.0.accounts.notify(batch, &notice))?)
        })
        .await
    }
}
