//! Deleting, one or many.

use std::time::Duration;

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, MessageId, Permissions, Result};
use serde_json::json;

use super::super::Change;
use super::super::audit::{Action, Note};
use crate::access::Place;
use crate::{Chat, codes, store};

/// Messages older than this are deleted one by one or not at all, as in Discord.
const BULK_AGE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

impl Chat {
    /// Deletes a message: one's own, or with the permission to manage messages anybody's.
    pub(crate) async fn delete_message(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.channel(actor, channel).await?;
        let stored = store::messages::get(self.db(), channel, message).await?;
        let own = stored.author_id == actor.user.id;
        if !own {
            access.guild()?;
            access.require(Permissions::MANAGE_MESSAGES)?;
        }
        let mut change = Change::new();
        store::messages::delete(&mut change.batch, channel, message);
        let body = match access.guild_id() {
            Some(guild) => json!({ "id": message, "channel_id": channel, "guild_id": guild }),
            None => json!({ "id": message, "channel_id": channel }),
        };
        if let (false, Place::Guild(guild)) = (own, &access.place) {
            let note = Note::new(Action::MessageDelete, Some(stored.author_id.cast()), reason)
                .option("channel_id", channel.to_string())
                .option("count", "1");
            self.note(&mut change, guild.id(), actor.user.id, note)?;
        }
        change.emit("MESSAGE_DELETE", access.audience(), &body)?;
        self.commit_leaf(change).await?;
        self.drop_files(channel, &stored.body.attachments).await;
        Ok(())
    }

    /// Deletes 2 to 100 messages that are younger than two weeks; those that are not there are passed over.
    pub(crate) async fn delete_messages(
        &self,
        actor: &Actor,
        channel: ChannelId,
        mut messages: Vec<MessageId>,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.channel(actor, channel).await?;
        let guild = access.guild()?.id();
        access.require(Permissions::MANAGE_MESSAGES)?;
        messages.sort_unstable();
        messages.dedup();
        if !(2..=100).contains(&messages.len()) {
            return Err(codes::INVALID_BULK_COUNT.into());
        }
        let oldest = MessageId::first_at(self.now().before(BULK_AGE));
        if messages.iter().any(|message| *message < oldest) {
            return Err(codes::TOO_OLD.into());
        }
        let mut stored = store::messages::by_ids(self.db(), &messages).await?;
        stored.retain(|stored| stored.channel_id == channel);
        let there: Vec<MessageId> = stored.iter().map(|stored| stored.id).collect();
        if there.is_empty() {
            return Ok(());
        }
        let mut change = Change::new();
        store::messages::delete_many(&mut change.batch, channel, &there);
        let note = Note::new(Action::MessageBulkDelete, Some(channel.cast()), reason)
            .option("count", there.len().to_string());
        self.note(&mut change, guild, actor.user.id, note)?;
        let body = json!({ "ids": there, "channel_id": channel, "guild_id": guild });
        change.emit("MESSAGE_DELETE_BULK", access.audience(), &body)?;
        self.commit_leaf(change).await?;
        for stored in &stored {
            self.drop_files(channel, &stored.body.attachments).await;
        }
        Ok(())
    }
}
