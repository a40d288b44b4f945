//! Many messages deleted.

use guildhall_base::{ChannelId, Kind, Permissions, Result};
use guildhall_infra::jobs::{Ctx, Job, Outcome, Owner, Phrase, Rules, Stop};
use serde_json::Value;

use super::MASS;
use crate::Chat;
use crate::actions::mass::{Found, right_lost};
use crate::model::{MessagePrune, Tally};

/// Deletes messages channel by channel, the newest first.
pub struct PruneMessages(
    /// The chat in which it happens.
    pub Chat,
);

impl Job for PruneMessages {
    const NAME: &'static str = "chat.prune_messages";
    const RULES: Rules = MASS.offered();
    type Payload = MessagePrune;
    type Output = Tally;

    async fn admit(&self, owner: Owner, prune: MessagePrune) -> Result<()> {
        self.0.admit_prune(owner, &prune).await.map(drop)
    }

    async fn preview(&self, owner: Owner, prune: MessagePrune) -> Result<Value> {
        self.0.count_prune(owner, &prune).await
    }

    async fn run(&self, ctx: Ctx, prune: MessagePrune) -> Outcome<Tally> {
        let chat = &self.0;
        let asked = ctx.created_at();
        let channels = ctx
            .step("channels", async |_| {
                let admitted = chat.admit_prune(ctx.owner(), &prune).await;
                Ok(admitted.map_err(right_lost)?.1)
            })
            .await?;
        let count = async |_| Ok(chat.count_messages(&channels, &prune, asked).await?);
        let total: u64 = ctx.step("count", count).await?;
        let mut tally = Tally::default();
        for channel in &channels {
            if tally.done >= chat.most(&prune) {
                break;
            }
            self.prune_channel(&ctx, *channel, &prune, &mut tally, total).await?;
        }
        Ok(tally)
    }
}

impl PruneMessages {
    async fn prune_channel(
        &self,
        ctx: &Ctx,
        channel: ChannelId,
        prune: &MessagePrune,
        tally: &mut Tally,
        total: u64,
    ) -> Outcome {
        let (chat, asked) = (&self.0, ctx.created_at());
        let (mut cursor, mut here, mut piece) = (prune.bounds(asked).1, 0_u64, 0_u32);
        loop {
            let left = chat.most(prune).saturating_sub(tally.done);
            let left = left.min(prune.per_channel.map_or(left, |each| u64::from(each).saturating_sub(here)));
            if left == 0 {
                return Ok(());
            }
            let access = chat.still(ctx, Permissions::empty()).await?;
            if !access.room.read().channels.contains_key(&channel) {
                ctx.say(channel_gone(channel));
                return Ok(());
            }
            chat.may_prune(&access, channel).map_err(right_lost)?;
            let from = (asked, cursor, left);
            let access = &access;
            let found: Found = ctx
                .step(&format!("{channel}-{piece}"), async |effects| {
                    Ok(chat.prune_in_step(access, channel, prune, from, &effects).await?)
                })
                .await
                .map_err(gone)?;
            if !found.files.is_empty() {
                ctx.step(&format!("files-{channel}-{piece}"), async |_| {
                    chat.drop_many_files(&found.files).await;
                    Ok(())
                })
                .await?;
            }
            (cursor, here, piece) = (found.cursor, here + found.deleted, piece + 1);
            tally.done += found.deleted;
            let words = Phrase::new("mass-job-deleted", format!("{} messages deleted", tally.done));
            ctx.progress(tally.done, total.max(tally.done), words.with("count", tally.done));
            if found.end {
                return Ok(());
            }
        }
    }
}

fn channel_gone(channel: ChannelId) -> Phrase {
    let english = format!("Channel {channel} is gone.");
    Phrase::new("mass-job-channel-gone", english).with("channel", channel.to_string())
}

/// A refusal in a step is for good.
fn gone(stop: Stop) -> Stop {
    match stop {
        Stop::Retry(error) if matches!(error.kind(), Kind::NotFound | Kind::Forbidden) => Stop::Fail(error),
        other => other,
    }
}
