//! What is over by itself and is swept up by the calendar. Other rows that end go when the next one of their kind is made.

use std::sync::{Arc, Weak};
use std::time::Duration;

use guildhall_base::{Error, Result};
use guildhall_infra::db::Batch;
use guildhall_infra::jobs::{Ctx, Job, Outcome, Rules};

use crate::Accounts;
use crate::door::Inner;
use crate::store::{second_steps, tokens};

/// Rows stay so long after their end: a use in the last moment may still be on its way to them.
const AFTER: Duration = Duration::from_secs(24 * 3600);

/// Removes sessions, tokens and unfinished sign-ins whose time is over, of people too who never sign in again.
pub struct ForgetExpired(Weak<Inner>);

impl ForgetExpired {
    /// Of these accounts. Weak, because the engine is reached from them.
    pub fn new(accounts: &Accounts) -> Self {
        Self(Arc::downgrade(&accounts.0))
    }
}

impl Job for ForgetExpired {
    const NAME: &'static str = "accounts.forget_expired";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        let accounts = self.0.upgrade().ok_or_else(|| Error::internal("the server is being stopped"))?;
        Ok(Accounts(accounts).forget_expired().await?)
    }
}

impl Accounts {
    async fn forget_expired(&self) -> Result<()> {
        let before = self.0.clock.now().before(AFTER);
        let mut batch = Batch::new();
        tokens::forget_expired(&mut batch, before);
        second_steps::forget_expired(&mut batch, before);
        self.0.db.write(batch).await.map(drop)
    }
}
