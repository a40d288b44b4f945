//! Roles given to many and taken from them, and back.

use guildhall_base::{Permissions, Result};
use guildhall_infra::jobs::{Ctx, Job, Outcome, Owner, Rules, Undo};
use serde_json::Value;

use super::MASS;
use super::one::{changed, one, progress, undo_refused};
use crate::Chat;
use crate::actions::mass::{Changed, right_lost};
use crate::model::{MassRoles, Tally};

/// Gives and takes roles.
pub struct ChangeRoles(
    /// The chat in which it happens.
    pub Chat,
);

impl Job for ChangeRoles {
    const NAME: &'static str = "chat.mass_roles";
    const RULES: Rules = MASS.offered().undone_by(ChangeRolesBack::NAME);
    type Payload = MassRoles;
    type Output = Tally;

    async fn admit(&self, owner: Owner, roles: MassRoles) -> Result<()> {
        self.0.admit_roles(owner, &roles).await.map(drop)
    }

    async fn preview(&self, owner: Owner, roles: MassRoles) -> Result<Value> {
        self.0.count_roles(owner, &roles).await
    }

    async fn run(&self, ctx: Ctx, roles: MassRoles) -> Outcome<Tally> {
        let chat = &self.0;
        let access = chat.still(&ctx, Permissions::MANAGE_ROLES).await?;
        let asked = ctx.created_at();
        let members =
            ctx.step("members", async |_| Ok(chat.members_of_roles(&access, &roles, asked).await?)).await?;
        let wanted = Changed { given: roles.give.clone(), taken: roles.take.clone() };
        let mut tally = Tally::default();
        for user in &members {
            let access = chat.still(&ctx, Permissions::MANAGE_ROLES).await?;
            chat.may_change_roles(&access, &roles).map_err(right_lost)?;
            let (access, wanted, reason) = (&access, &wanted, roles.reason.as_deref());
            one(&ctx, *user, &mut tally, async |effects| {
                let changed = chat.roles_in_step(access, *user, wanted, reason, &effects).await?;
                Ok(Some(changed).filter(|changed| !changed.is_empty()))
            })
            .await?;
            progress(&ctx, &tally, members.len());
        }
        Ok(tally)
    }
}

/// Takes back what [`ChangeRoles`] really changed, as far as it still stands.
pub struct ChangeRolesBack(
    /// The chat in which it happens.
    pub Chat,
);

impl Job for ChangeRolesBack {
    const NAME: &'static str = "chat.undo_mass_roles";
    const RULES: Rules = MASS;
    type Payload = Undo;
    type Output = Tally;

    async fn admit(&self, owner: Owner, undo: Undo) -> Result<()> {
        self.0.asked(owner, Permissions::MANAGE_ROLES).await?;
        self.0.check_undo(owner, undo.job, ChangeRoles::NAME).await
    }

    async fn run(&self, ctx: Ctx, undo: Undo) -> Outcome<Tally> {
        let chat = &self.0;
        chat.still(&ctx, Permissions::MANAGE_ROLES).await?;
        chat.check_undo(ctx.owner(), undo.job, ChangeRoles::NAME).await.map_err(undo_refused)?;
        let members = changed::<Changed>(ctx.jobs().steps(undo.job).await?)?;
        let (total, mut tally) = (members.len(), Tally::default());
        for (user, was) in members {
            let access = chat.still(&ctx, Permissions::MANAGE_ROLES).await?;
            let (access, wanted) = (&access, &was.undone());
            one(&ctx, user, &mut tally, async |effects| {
                let changed = chat.roles_in_step(access, user, wanted, Some("Undo"), &effects).await?;
                Ok(Some(changed).filter(|changed| !changed.is_empty()))
            })
            .await?;
            progress(&ctx, &tally, total);
        }
        Ok(tally)
    }
}
