//! Taking a restore back: what was kept of the target before it was changed is restored in full, and a guild that was
//! made for the restore is deleted.

use std::collections::{BTreeSet, HashMap};

use guildhall_base::{GuildId, Result, UserId, codes::NOT_FOUND};
use guildhall_infra::jobs::{Ctx, Job, Outcome, Owner, Rules, Stop, Undo};

use crate::Backups;
use crate::backup::KEPT;
use crate::plan::{Mode, Options};
use crate::remote::Remote;
use crate::restore::{BANS, BEFORE, People, Report, Restore, Source, Target, carry_back, lasting};

/// The job's name.
pub(crate) const NAME: &str = "guild_restore_undo";

/// The job.
pub struct GuildRestoreUndo(pub Backups);

impl Job for GuildRestoreUndo {
    const NAME: &'static str = NAME;
    const RULES: Rules = Rules::new()
        .queue(crate::restore::QUEUE)
        .attempts(12, std::time::Duration::from_secs(5), std::time::Duration::from_secs(900))
        .keep(std::time::Duration::from_secs(30 * 24 * 3600));
    type Payload = Undo;
    type Output = Report;

    async fn admit(&self, owner: Owner, undo: Undo) -> Result<()> {
        let user = owner.user.ok_or(NOT_FOUND)?;
        let restore = self.restore(undo).await?;
        self.0.may_restore(user, &restore.target).await
    }

    async fn run(&self, ctx: Ctx, undo: Undo) -> Outcome<Report> {
        let user = ctx.owner().user.ok_or_else(|| Stop::fail(NOT_FOUND))?;
        let restore = self.restore(undo).await.map_err(lasting)?;
        self.0.may_restore(user, &restore.target).await.map_err(lasting)?;
        let steps = ctx.jobs().steps(undo.job).await?;
        if let Target::New { .. } = restore.target {
            let Some(guild) = steps.get("guild").and_then(|id| serde_json::from_str(id).ok()) else {
                return Ok(Report::default());
            };
            return self.delete(&ctx, self.0.inside(user), guild).await;
        }
        // Before it was kept nothing was changed.
        if !steps.contains_key(KEPT) {
            return Ok(Report::default());
        }
        let options = Options {
            mode: Mode::Full,
            only_roles: Default::default(),
            only_channels: Default::default(),
            per_channel: None,
            ..restore.options
        };
        let source = Source { job: undo.job, file: BEFORE.into() };
        let back = Restore { source, passphrase: None, target: restore.target, options };
        carry_back(&self.0, &ctx, user, &back, banned(&steps)).await
    }
}

/// Whom the restore has banned or found banned.
fn banned(steps: &HashMap<String, String>) -> BTreeSet<UserId> {
    let bans = steps.iter().filter(|(name, _)| name.starts_with(BANS));
    bans.filter_map(|(_, people)| serde_json::from_str::<People>(people).ok())
        .flat_map(|people| people.banned)
        .collect()
}

impl GuildRestoreUndo {
    /// What the job that is undone was told.
    async fn restore(&self, undo: Undo) -> Result<Restore> {
        let steps = self.0.0.jobs.steps(undo.job).await?;
        let told = steps.get(TOLD).ok_or(NOT_FOUND)?;
        serde_json::from_str(told).map_err(guildhall_base::Error::internal)
    }

    async fn delete(&self, ctx: &Ctx, remote: Remote, guild: GuildId) -> Outcome<Report> {
        ctx.step("delete", async |_| Ok(remote.delete(&format!("/guilds/{guild}"), None).await?)).await?;
        Ok(Report { guild: Some(guild), ..Report::default() })
    }
}

/// The step whose result is what the job was told, for whoever undoes it.
pub(crate) const TOLD: &str = "told";
