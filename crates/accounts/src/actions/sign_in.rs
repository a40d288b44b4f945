//! The one end of every sign-in, and the second step that some owe.

use std::time::Duration;

use guildhall_base::{Error, Result, UserId, codes};
use guildhall_infra::db::Batch;
use guildhall_infra::events::NewEvent;

use super::SecondFactor;
use crate::Accounts;
use crate::codes::{ACCOUNT_BANNED, TICKET_SPENT, UNKNOWN_USER, WRONG_CODE};
use crate::model::Visit;
use crate::sign_in::{Leaving, Method, SecondStep, SignIn};
use crate::slow::{PER_NAME, Patience};
use crate::staff::UserState;
use crate::store::{factors, life, second_steps, tokens, users};
use crate::token::{TokenHash, new_code};

/// How long the second step may take.
const TICKET_LIFE: Duration = Duration::from_secs(10 * 60);
/// How often one ticket may be tried.
pub(crate) const TICKET_ATTEMPTS: i64 = 5;
/// For one person's second factor, over all tickets: whoever knows the password guesses no faster than this.
pub(crate) const PER_FACTOR: Patience = Patience { longest: Duration::from_secs(900), ..PER_NAME };

impl Accounts {
    /// Ends a sign-in by any method: begins a session, or says that a second step is owed. `batch` holds what
    /// belongs to it, such as the use of a one-time code: it happens together with the session or the ticket, or
    /// not at all. The session's token is always a new one.
    ///
    /// # Errors
    /// What the batch refuses with; `UNKNOWN_USER`.
    pub async fn finish_sign_in(
        &self,
        batch: Batch,
        user: UserId,
        method: Method,
        visit: &Visit,
    ) -> Result<SignIn> {
        self.finish_sign_in_telling(batch, user, method, visit, &[]).await
    }

    /// The same, with events that belong to the batch.
    pub(crate) async fn finish_sign_in_telling(
        &self,
        mut batch: Batch,
        user: UserId,
        method: Method,
        visit: &Visit,
        told: &[NewEvent],
    ) -> Result<SignIn> {
        let now = self.0.clock.now();
        tokens::prune(&mut batch, user, now);
        if self.state(user).await? == UserState::Banned {
            return Err(ACCOUNT_BANNED.into());
        }
        if !method.is_complete() && factors::is_guarded(&self.0.db, user).await? {
            let ticket = new_code(&mut rand::rng());
            let times = (now, now.after(TICKET_LIFE));
            second_steps::insert(&mut batch, ticket_hash(&ticket)?, user, method.name(), times);
            self.0.events.commit_leaf(batch, told).await?;
            return Ok(SignIn::SecondStep(SecondStep { user, ticket }));
        }
        if !method.is_complete() {
            // Asked again where it counts: the factor may have been set up this moment.
            factors::must_be_unguarded(&mut batch, user, codes::CONFLICT);
        }
        self.enter_or_keep(batch, user, (method, None), visit, told).await
    }

    /// Begins the session of somebody who has proved who they are; who is about to go is offered to stay instead.
    pub(crate) async fn enter_or_keep(
        &self,
        mut batch: Batch,
        user: UserId,
        (method, second): (Method, Option<SecondFactor>),
        visit: &Visit,
        told: &[NewEvent],
    ) -> Result<SignIn> {
        // Read afresh: what is in memory may be older than the wish to go.
        let account = users::find(&self.0.db, user).await?.ok_or(UNKNOWN_USER)?;
        if let Some(due) = account.leaving {
            let ticket = new_code(&mut rand::rng());
            let expires = self.0.clock.now().after(TICKET_LIFE);
            let hash = ticket_hash(&ticket)?;
            life::offer(&mut batch, (user, due), hash, method.name(), expires, codes::CONFLICT);
            self.0.events.commit_leaf(batch, told).await?;
            return Ok(SignIn::Leaving(Leaving { user, due, ticket }));
        }
        let signed_in = self.begin_session(&mut batch, account.user, method, visit)?;
        if let Some(second) = second {
            self.note_second(&mut batch, signed_in.session, second);
        }
        self.0.events.commit_leaf(batch, told).await?;
        Ok(SignIn::Done(signed_in))
    }

    /// Finishes a sign-in with a code of the app or a recovery code. Each attempt is counted before it is looked at.
    ///
    /// # Errors
    /// [`TICKET_SPENT`] if there is no such sign-in, it is too old, was tried too often or is finished;
    /// [`WRONG_CODE`]; a wait after too many of them.
    pub async fn finish_second_step(&self, ticket: &str, code: &str, visit: &Visit) -> Result<SignIn> {
        let now = self.0.clock.now();
        let hash = TokenHash::of(ticket).ok_or(TICKET_SPENT)?;
        let owner = second_steps::find(&self.0.db, hash, now, TICKET_ATTEMPTS).await?.ok_or(TICKET_SPENT)?;
        let counted = self.0.slow.attempt(factor_key(owner), PER_FACTOR)?;
        let claimed = second_steps::attempt(&self.0.db, hash, now, TICKET_ATTEMPTS).await?;
        let (user, method) = claimed.ok_or(TICKET_SPENT)?;
        let method = Method::named(&method).ok_or_else(|| Error::internal("an unknown method"))?;
        let mut batch = Batch::new();
        second_steps::consume(&mut batch, hash, now, TICKET_SPENT);
        self.claim_code(&mut batch, user, code).await?;
        let outcome = self.enter_or_keep(batch, user, (method, Some(SecondFactor::Code)), visit, &[]).await?;
        counted.succeeded();
        Ok(outcome)
    }

    /// Whose sign-in waits for its second step, if it still does.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn second_step_of(&self, ticket: &str) -> Result<Option<UserId>> {
        let Some(hash) = TokenHash::of(ticket) else { return Ok(None) };
        second_steps::find(&self.0.db, hash, self.0.clock.now(), TICKET_ATTEMPTS).await
    }
}

/// What attempts at a person's second factor are counted under.
pub(crate) fn factor_key(user: UserId) -> String {
    format!("factor:{user}")
}

fn ticket_hash(ticket: &str) -> Result<TokenHash> {
    TokenHash::of(ticket).ok_or_else(|| Error::internal("a ticket that cannot be hashed"))
}

/// The one answer to a code that does not count.
pub(crate) fn wrong_code() -> Error {
    WRONG_CODE.into()
}
