//! Many banned, and those bans lifted.

use guildhall_base::{Permissions, Result};
use guildhall_infra::jobs::{Ctx, Job, Outcome, Owner, Rules, Undo};
use serde_json::Value;

use super::MASS;
use super::one::{changed, one, progress, undo_refused};
use crate::actions::mass::Banned;
use crate::model::{MassBan, Tally};
use crate::{Chat, codes};

/// Bans many.
pub struct BanMany(
    /// The chat in which it happens.
    pub Chat,
);

impl Job for BanMany {
    const NAME: &'static str = "chat.mass_ban";
    const RULES: Rules = MASS.offered().undone_by(UnbanMany::NAME);
    type Payload = MassBan;
    type Output = Tally;

    async fn admit(&self, owner: Owner, ban: MassBan) -> Result<()> {
        self.0.admit_ban(owner, &ban).await.map(drop)
    }

    async fn preview(&self, owner: Owner, ban: MassBan) -> Result<Value> {
        self.0.count_ban(owner, &ban).await
    }

    async fn run(&self, ctx: Ctx, ban: MassBan) -> Outcome<Tally> {
        let chat = &self.0;
        let access = chat.still(&ctx, Permissions::BAN_MEMBERS).await?;
        let asked = ctx.created_at();
        let people =
            ctx.step("people", async |_| Ok(chat.people_of_ban(&access, &ban, asked).await?)).await?;
        let mut tally = Tally::default();
        for user in &people {
            let access = chat.still(&ctx, Permissions::BAN_MEMBERS).await?;
            let (access, ban) = (&access, &ban);
            let banned = one(&ctx, *user, &mut tally, async |effects| {
                chat.ban_in_step(access, *user, ban, &effects).await
            })
            .await?;
            if let Some(Banned { files, .. }) = banned.filter(|banned| !banned.files.is_empty()) {
                ctx.step(&format!("files-{user}"), async |_| {
                    chat.drop_many_files(&files).await;
                    Ok(())
                })
                .await?;
            }
            progress(&ctx, &tally, people.len());
        }
        Ok(tally)
    }
}

/// Lifts the bans that [`BanMany`] really made, as far as they still stand.
pub struct UnbanMany(
    /// The chat in which it happens.
    pub Chat,
);

impl Job for UnbanMany {
    const NAME: &'static str = "chat.undo_mass_ban";
    const RULES: Rules = MASS;
    type Payload = Undo;
    type Output = Tally;

    async fn admit(&self, owner: Owner, undo: Undo) -> Result<()> {
        self.0.asked(owner, Permissions::BAN_MEMBERS).await?;
        self.0.check_undo(owner, undo.job, BanMany::NAME).await
    }

    async fn run(&self, ctx: Ctx, undo: Undo) -> Outcome<Tally> {
        let chat = &self.0;
        chat.still(&ctx, Permissions::BAN_MEMBERS).await?;
        chat.check_undo(ctx.owner(), undo.job, BanMany::NAME).await.map_err(undo_refused)?;
        let people = changed::<Banned>(ctx.jobs().steps(undo.job).await?)?;
        let (total, mut tally) = (people.len(), Tally::default());
        for (user, banned) in people {
            let access = chat.still(&ctx, Permissions::BAN_MEMBERS).await?;
            let (access, reason) = (&access, Some("Undo".to_owned()));
            one(&ctx, user, &mut tally, async |effects| {
                match chat.unban_in_step(access, user, banned.clone(), reason.clone(), &effects).await {
                    // Somebody has lifted it.
                    Err(error) if error.is(codes::UNKNOWN_BAN) => Ok(None),
                    lifted => lifted.map(Some),
                }
            })
            .await?;
            progress(&ctx, &tally, total);
        }
        Ok(tally)
    }
}
