//! What the gateway keeps of people: sessions that can be resumed, and how often they began one.

use guildhall_accounts::life::{Archive, Later, OwnData, UserColumn};
use guildhall_base::{Result, UserId};
use guildhall_infra::jobs::{Ctx, Effects, Outcome};

use crate::Gateway;

const COLUMNS: &[UserColumn] = &[
    UserColumn::gone("gateway_sessions", "user_id"),
    UserColumn::gone("gateway_starts", "user_id"),
    UserColumn::nameless("events", "actor_id", "the log is trimmed by age (`events.keep_hours`)"),
];

impl OwnData for Gateway {
    fn name(&self) -> &'static str {
        "gateway"
    }

    fn columns(&self) -> &'static [UserColumn] {
        COLUMNS
    }

    fn export<'a>(&'a self, user: UserId, archive: &'a mut Archive) -> Later<'a, Result<()>> {
        Box::pin(async move { archive.json("connections.json", &self.0.store.own(user).await?).await })
    }

    fn forget<'a>(&'a self, _ctx: &'a Ctx, user: UserId, effects: Effects) -> Later<'a, Outcome> {
        Box::pin(async move {
            effects.batch(|batch| crate::store::forget(batch, user));
            Ok(())
        })
    }
}
