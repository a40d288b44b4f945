//! The job that deletes an account when its time has come.

use std::sync::{Arc, Weak};

use guildhall_base::{Error, Timestamp, UserId};
use guildhall_infra::jobs::{Ctx, Job, Outcome, Rules, Stop};
use serde::{Deserialize, Serialize};

use super::OwnData;
use crate::Accounts;
use crate::codes::KEEP_SPENT;
use crate::door::Inner;
use crate::events::standing_changed;
use crate::letters::Letter;
use crate::store::{life, users};

/// Has every feature forget a person.
pub(crate) struct Leave {
    pub(super) inner: Weak<Inner>,
    pub(super) parts: Arc<[Arc<dyn OwnData>]>,
}

/// Who goes, and when; if they have stayed meanwhile, or go at another time, nothing happens.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Leaver {
    pub(crate) user: UserId,
    pub(crate) due: Timestamp,
}

impl Job for Leave {
    const NAME: &'static str = "accounts.delete";
    const RULES: Rules = Rules::new().queue("accounts").keep(std::time::Duration::from_secs(24 * 3600));
    type Payload = Leaver;
    type Output = ();

    async fn run(&self, ctx: Ctx, leaver: Leaver) -> Outcome {
        let inner = self.inner.upgrade().ok_or_else(|| Error::internal("the accounts are closed"))?;
        let accounts = Accounts(inner);
        match self.claim(&ctx, &accounts, leaver).await {
            Ok(true) => {}
            // They stayed.
            Ok(false) => return Ok(()),
            Err(Stop::Retry(error)) if error.is(KEEP_SPENT) => return Ok(()),
            Err(other) => return Err(other),
        }
        accounts.invalidate(leaver.user);
        let bots = ctx.step("bots", async |_| Ok(users::bots_of(&accounts.0.db, leaver.user).await?)).await?;
        // Bots first: who they belonged to is found by their owner.
        let all: Vec<UserId> = bots.into_iter().chain([leaver.user]).collect();
        for user in all {
            for part in self.parts.iter() {
                let name = format!("{}-{user}", part.name());
                ctx.step(&name, async |effects| part.forget(&ctx, user, effects).await).await?;
            }
            accounts.forget_credentials(user);
        }
        Ok(())
    }
}

impl Leave {
    /// From here on there is no way back. False if something keeps the person from going: then they stay, and are told.
    async fn claim(&self, ctx: &Ctx, accounts: &Accounts, Leaver { user, due }: Leaver) -> Outcome<bool> {
        ctx.step("claim", async |effects| {
            let mut hindered = false;
            for part in self.parts.iter() {
                hindered |= !part.hindrances(user).await?.is_empty();
            }
            effects.event(standing_changed(user)?);
            effects.batch(|batch| match hindered {
                true => {
                    life::stay(batch, user, due, KEEP_SPENT);
                    accounts.tell(batch, &Letter::Stays { user })
                }
                false => {
                    life::claim(batch, user, due, ctx.now(), KEEP_SPENT);
                    Ok(())
                }
            })?;
            Ok(!hindered)
        })
        .await
    }
}
