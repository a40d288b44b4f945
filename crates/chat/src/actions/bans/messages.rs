//! Deleting what somebody wrote lately, together with their ban.

use std::collections::BTreeMap;
use std::time::Duration;

use guildhall_base::{ChannelId, GuildId, MessageId, Result, UserId};
use guildhall_infra::events::Audience;
use serde_json::json;

use super::super::Change;
use crate::model::Attachment;
use crate::{Chat, store};

/// Files of messages, by the channel that they are in.
pub(crate) type Files = Vec<(ChannelId, Vec<Attachment>)>;

impl Chat {
    /// Adds the deletion of what a user wrote in a guild in the last seconds. Gives the files that are of no use once
    /// it has happened.
    pub(super) async fn delete_recent(
        &self,
        change: &mut Change,
        guild: GuildId,
        user: UserId,
        seconds: i64,
    ) -> Result<Files> {
        if seconds <= 0 {
            return Ok(Vec::new());
        }
        let since = self.now().before(Duration::from_secs(seconds.unsigned_abs()));
        let since = MessageId::first_at(since);
        let messages = store::messages::since(self.db(), guild, user, since).await?;
        let files = messages.iter().map(|message| (message.channel_id, message.body.attachments.clone()));
        let files = files.filter(|(_, attachments)| !attachments.is_empty()).collect();
        let mut by_channel: BTreeMap<ChannelId, Vec<MessageId>> = BTreeMap::new();
        for message in &messages {
            by_channel.entry(message.channel_id).or_default().push(message.id);
        }
        for (channel, ids) in by_channel {
            store::messages::delete_many(&mut change.batch, channel, &ids);
            let body = json!({ "ids": ids, "channel_id": channel, "guild_id": guild });
            change.emit("MESSAGE_DELETE_BULK", Audience::Channel(guild, channel), &body)?;
        }
        Ok(files)
    }
}
