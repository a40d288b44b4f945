//! How sure it is who somebody is: what a session was proved with, for those who have to say so to others.

use guildhall_base::{Result, Timestamp, UserId, codes};
use guildhall_infra::db::Batch;

use crate::sign_in::Method;
use crate::store::{factors, tokens};
use crate::{Accounts, Actor, SessionId};

/// What a session was proved with beside the way its owner came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// A code of an app, or a recovery code.
    Code,
    /// A passkey.
    Passkey,
}

impl SecondFactor {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Passkey => "passkey",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Code, Self::Passkey].into_iter().find(|factor| factor.name() == name)
    }
}

/// How the owner of a session proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assurance {
    /// Which session.
    pub session: SessionId,
    /// How they signed in.
    pub method: Method,
    /// What they showed beside that, then or later in the same session.
    pub second: Option<SecondFactor>,
    /// When they last proved it.
    pub at: Timestamp,
}

impl Accounts {
    /// How the actor's session was proved, read afresh.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`; `UNAUTHENTICATED` if the session has ended.
    pub async fn assurance(&self, actor: &Actor) -> Result<Assurance> {
        let session = super::person(actor)?;
        let found = tokens::assurance(&self.0.db, actor.id(), session).await?;
        Ok(found.ok_or(codes::UNAUTHENTICATED)?)
    }

    /// Whether the actor could prove more than one factor by signing in again.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn has_second_factor(&self, actor: &Actor) -> Result<bool> {
        Ok(factors::is_guarded(&self.0.db, actor.id()).await? || self.has_passkey(actor.id()).await?)
    }

    /// Those of a user's sessions that have not ended.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn live_sessions(&self, user: UserId) -> Result<Vec<SessionId>> {
        let sessions = tokens::sessions(&self.0.db, user, self.0.clock.now()).await?;
        Ok(sessions.into_iter().map(|session| session.id).collect())
    }

    /// Notes in a batch what a session was proved with besides.
    pub(crate) fn note_second(&self, batch: &mut Batch, session: SessionId, factor: SecondFactor) {
        tokens::note_second(batch, session, factor);
    }
}
