//! Step-up: what is dangerous needs a proof from the last minutes that it is still the same person.

use guildhall_base::{Result, codes};
use guildhall_infra::db::Batch;

use super::sign_in::{PER_FACTOR, factor_key};
use super::{SecondFactor, person};
use crate::codes::{STEP_UP_REQUIRED, WRONG_CODE};
use crate::sign_in::Proof;
use crate::store::{factors, tokens};
use crate::{Accounts, Actor, SessionId};

impl Accounts {
    /// The actor's session, if its owner proved lately who they are: by signing in or by [`Accounts::prove`]. Read
    /// from the database each time.
    ///
    /// # Errors
    /// [`STEP_UP_REQUIRED`]; `NOT_FOR_BOTS`; `UNAUTHENTICATED` if the session has ended.
    pub async fn require_proof(&self, actor: &Actor) -> Result<SessionId> {
        let session = person(actor)?;
        let proved = tokens::proved(&self.0.db, actor.id(), session).await?.ok_or(codes::UNAUTHENTICATED)?;
        let now = self.0.clock.now();
        let fresh = proved <= now && now.since(proved) <= self.0.config.proof_life;
        if fresh { Ok(session) } else { Err(STEP_UP_REQUIRED.into()) }
    }

    /// Proves again that it is the actor: by a code where a second factor is set up, otherwise by the password. The
    /// proof counts for [`Config::proof_life`](crate::Config::proof_life) and this session only.
    ///
    /// # Errors
    /// [`WRONG_CODE`], a wrong password, a wait after too many of them.
    pub async fn prove(&self, actor: &Actor, proof: &Proof) -> Result<()> {
        let session = person(actor)?;
        let user = actor.id();
        let guarded = factors::is_guarded(&self.0.db, user).await?;
        let mut batch = Batch::new();
        let counted = match proof {
            Proof::Code(code) => {
                let counted = self.0.slow.attempt(factor_key(user), PER_FACTOR)?;
                self.claim_code(&mut batch, user, code).await?;
                counted
            }
            Proof::Password(_) if guarded => return Err(WRONG_CODE.into()),
            Proof::Password(password) => self.check_password(user, password).await?,
        };
        if matches!(proof, Proof::Code(_)) {
            self.note_second(&mut batch, session, SecondFactor::Code);
        }
        tokens::prove(&mut batch, session, self.0.clock.now(), codes::UNAUTHENTICATED);
        self.0.db.write(batch).await?;
        counted.succeeded();
        Ok(())
    }
}
