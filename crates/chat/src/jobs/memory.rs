//! Roles and nickname given back to who returns.

use guildhall_base::{Error, Permissions, Result, codes::CONFLICT};
use guildhall_infra::jobs::{Ctx, Job, Outcome, Owner, Rules, Stop};
use serde_json::Value;

use crate::actions::LAYOUT_ATTEMPTS;
use crate::actions::mass::memory::GivenBack;
use crate::actions::mass::right_lost;
use crate::model::GiveBack;
use crate::{Chat, codes};

/// Gives a member back what the guild remembers of them. Comes by itself when they return; then it is done in the name
/// of whoever set that up, otherwise in the name of whoever asks.
pub struct GiveBackJob(
    /// The chat in which it happens.
    pub Chat,
);

impl Job for GiveBackJob {
    const NAME: &'static str = "chat.give_back";
    const RULES: Rules = Rules::new().offered();
    type Payload = GiveBack;
    /// The roles given back, and those that are still kept; null if there was nothing to do.
    type Output = Value;

    async fn admit(&self, owner: Owner, give: GiveBack) -> Result<()> {
        self.0.admit_give_back(owner, give).await.map(drop)
    }

    async fn run(&self, ctx: Ctx, give: GiveBack) -> Outcome<Value> {
        let given = match self.give(&ctx, give).await {
            Err(Stop::Retry(error)) if error.is(codes::NOT_REMEMBERED) || error.is(codes::UNKNOWN_MEMBER) => {
                None
            }
            other => other?,
        };
        Ok(serde_json::to_value(given).map_err(Error::internal)?)
    }
}

impl GiveBackJob {
    async fn give(&self, ctx: &Ctx, give: GiveBack) -> Outcome<Option<GivenBack>> {
        let chat = &self.0;
        for _ in 0..LAYOUT_ATTEMPTS {
            let done = ctx
                .step("give", async |effects| {
                    let owner = ctx.owner();
                    let Some(guild) = owner.guild else { return Err(Stop::fail(codes::NEEDS_OWNER)) };
                    let departed = chat.departed(guild, give.user).await?;
                    let (owner, careful) = match owner.user {
                        Some(_) => (owner, false),
                        None => match chat.giver(guild, &departed).await? {
                            Some((user, careful)) => (Owner { user: Some(user), ..owner }, careful),
                            None => return Ok(None),
                        },
                    };
                    let access = chat.asked(owner, Permissions::MANAGE_ROLES).await.map_err(right_lost)?;
                    Ok(Some(chat.give_back(&access, &departed, careful, &effects).await?))
                })
                .await;
            match done {
                Err(Stop::Retry(error)) if error.is(CONFLICT) => {}
                other => return other,
            }
        }
        Err(Error::from(CONFLICT).into())
    }
}
