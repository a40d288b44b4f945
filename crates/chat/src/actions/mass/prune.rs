//! Deleting many messages.

use guildhall_base::{ChannelId, MessageId, Permissions, Result, Timestamp};
use guildhall_infra::events::Audience;
use guildhall_infra::jobs::{Effects, Owner};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::Change;
use super::super::audit::{Action, Note};
use super::super::bans::Files;
use crate::access::GuildAccess;
use crate::model::MessagePrune;
use crate::rules::selection::{self, Looked};
use crate::store::messages::{Anchor, StoredMessage};
use crate::{Chat, codes, store};

/// What deleting in a channel needs.
const NEEDED: Permissions = Permissions::READ_MESSAGE_HISTORY.union(Permissions::MANAGE_MESSAGES);
/// Messages that are deleted at once, as by Discord's bulk deletion.
const TOGETHER: usize = 100;
/// Messages that are read at once.
const PAGE: i64 = 500;
/// Messages that are looked at in one step: however few of them are meant, a step ends soon.
const LOOKED: usize = 5000;

/// What became of one piece of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    /// Messages that were deleted.
    pub(crate) deleted: u64,
    /// Where to go on.
    pub(crate) cursor: MessageId,
    /// Whether the channel is at its end.
    pub(crate) end: bool,
    /// Their files.
    pub(crate) files: Files,
}

impl Chat {
    /// Whether this may be asked for; gives the channels that are meant, too.
    pub(crate) async fn admit_prune(
        &self,
        owner: Owner,
        prune: &MessagePrune,
    ) -> Result<(GuildAccess, Vec<ChannelId>)> {
        selection::check_prune(prune, self.parts.config.prune)?;
        // What counts is what they may do in the channels.
        let access = self.asked(owner, Permissions::empty()).await?;
        let mut channels = prune.channels.clone();
        for channel in &channels {
            self.may_prune(&access, *channel)?;
        }
        if channels.is_empty() {
            let state = access.room.read();
            let may = |channel: &ChannelId| {
                let permissions = state.channel_permissions(access.user, *channel, self.now());
                permissions.contains(Permissions::VIEW_CHANNEL | NEEDED)
            };
            let all = state.channels.iter().filter(|(_, state)| state.channel.kind.has_messages());
            channels = all.map(|(id, _)| *id).filter(may).collect();
            if channels.is_empty() {
                return Err(codes::MISSING_PERMISSIONS.into());
            }
        }
        channels.sort_unstable();
        channels.dedup();
        Ok((access, channels))
    }

    /// Whether they may delete the messages of a channel of the guild.
    ///
    /// # Errors
    /// 10003 for a channel that is not there for them; 50013.
    pub(crate) fn may_prune(&self, access: &GuildAccess, channel: ChannelId) -> Result<()> {
        self.guild_channel(access.user, access.room.clone(), channel)?.require(NEEDED)
    }

    /// How many messages would go, from how many channels.
    pub(crate) async fn count_prune(&self, owner: Owner, prune: &MessagePrune) -> Result<Value> {
        let (_, channels) = self.admit_prune(owner, prune).await?;
        let messages = self.count_messages(&channels, prune, self.now()).await?;
        Ok(json!({ "messages": messages, "channels": channels.len() }))
    }

    /// How many messages are meant.
    pub(crate) async fn count_messages(
        &self,
        channels: &[ChannelId],
        prune: &MessagePrune,
        asked: Timestamp,
    ) -> Result<u64> {
        let mut left = self.most(prune);
        let all = left;
        for channel in channels {
            let mut here = left.min(prune.per_channel.map_or(left, u64::from));
            let (mut cursor, mut end) = (prune.bounds(asked).1, false);
            while !end && here > 0 {
                let (found, at, over) = self.look(*channel, prune, asked, cursor, here).await?;
                let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
                (here, left) = (here.saturating_sub(count), left.saturating_sub(count));
                (cursor, end) = (at, over);
            }
        }
        Ok(all - left)
    }

    /// At most so many messages.
    pub(crate) fn most(&self, prune: &MessagePrune) -> u64 {
        prune.max.unwrap_or(self.parts.config.prune.total).into()
    }

    /// The next messages of a channel that are meant, newest first: up to a hundred, up to `most`. Gives where to go
    /// on, and whether there is anything left to look at.
    async fn look(
        &self,
        channel: ChannelId,
        prune: &MessagePrune,
        asked: Timestamp,
        mut cursor: MessageId,
        most: u64,
    ) -> Result<(Vec<StoredMessage>, MessageId, bool)> {
        let (oldest, _) = prune.bounds(asked);
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(TOGETHER);
        let (mut found, mut looked) = (Vec::new(), 0);
        loop {
            let page = store::messages::page(self.db(), channel, Anchor::Before(cursor), PAGE).await?;
            let bots = self.bots_among(prune, &page).await?;
            let full = i64::try_from(page.len()).unwrap_or(0) == PAGE;
            for message in page {
                if message.id <= oldest {
                    return Ok((found, message.id, true));
                }
                (cursor, looked) = (message.id, looked + 1);
                let bot = message.body.webhook_id.is_some() || bots.contains(&message.author_id);
                let looked_at = Looked {
                    author: message.author_id,
                    bot,
                    content: &message.content,
                    pinned: message.pinned_at.is_some(),
                    body: &message.body,
                };
                if prune.fits(looked_at) {
                    found.push(message);
                }
                if found.len() == most || looked == LOOKED {
                    return Ok((found, cursor, false));
                }
            }
            if !full {
                return Ok((found, cursor, true));
            }
        }
    }

    /// Which of these messages' authors are bots, if that matters.
    async fn bots_among(
        &self,
        prune: &MessagePrune,
        page: &[StoredMessage],
    ) -> Result<std::collections::HashSet<guildhall_base::UserId>> {
        if !prune.bots {
            return Ok(Default::default());
        }
        let authors: Vec<_> = page.iter().map(|message| message.author_id).collect();
        let users = self.parts.accounts.users(&authors).await?;
        Ok(users.into_values().filter(|user| user.bot).map(|user| user.id).collect())
    }

    /// Deletes the next piece of a channel as part of a step.
    pub(crate) async fn prune_in_step(
        &self,
        access: &GuildAccess,
        channel: ChannelId,
        prune: &MessagePrune,
        (asked, cursor, most): (Timestamp, MessageId, u64),
        effects: &Effects,
    ) -> Result<Found> {
        let (messages, cursor, end) = self.look(channel, prune, asked, cursor, most).await?;
        if messages.is_empty() {
            return Ok(Found { deleted: 0, cursor, end, files: Vec::new() });
        }
        let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
        let mut change = Change::new();
        store::messages::delete_many(&mut change.batch, channel, &ids);
        let note = Note::new(Action::MessageBulkDelete, Some(channel.cast()), prune.reason.clone())
            .option("count", ids.len().to_string());
        self.note(&mut change, access.id(), access.user, note)?;
        let body = json!({ "ids": ids, "channel_id": channel, "guild_id": access.id() });
        change.emit("MESSAGE_DELETE_BULK", Audience::Channel(access.id(), channel), &body)?;
        change.into_effects(effects);
        let files = messages.into_iter().map(|message| message.body.attachments);
        let files = files.filter(|files| !files.is_empty()).map(|files| (channel, files)).collect();
        Ok(Found { deleted: u64::try_from(ids.len()).unwrap_or(u64::MAX), cursor, end, files })
    }
}
