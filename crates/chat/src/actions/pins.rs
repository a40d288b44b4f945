//! Pinning messages.

use std::collections::HashMap;

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, Code, Error, Form, Kind, MessageId, Permissions, Result, Timestamp};
use serde::Serialize;
use serde_json::{Map, json};

use super::Change;
use super::audit::{Action, Note};
use crate::access::{ChannelAccess, Place};
use crate::model::{Message, MessageBody, MessageReference};
use crate::store::messages::StoredMessage;
use crate::{Chat, codes, store};

/// Pinning what is pinned and unpinning what is not is no error, and nothing is told.
const ALREADY: Code = Code::new(Kind::Conflict, 0, "already_so", "It is so already.");

/// The type of the notice that a message was pinned.
const PIN_NOTICE: u8 = 6;

/// One pinned message.
#[derive(Serialize)]
pub(crate) struct Pin {
    pinned_at: Timestamp,
    message: Message,
}

/// A page of pinned messages.
#[derive(Serialize)]
pub(crate) struct Pins {
    items: Vec<Pin>,
    has_more: bool,
}

impl Chat {
    /// The channel, for those who may pin in it.
    async fn pinnable(&self, actor: &Actor, channel: ChannelId) -> Result<ChannelAccess> {
        let access = self.channel(actor, channel).await?;
        // Pinning was once part of managing messages; whoever holds that keeps it.
        if !access.permissions.intersects(Permissions::PIN_MESSAGES | Permissions::MANAGE_MESSAGES) {
            return Err(codes::MISSING_PERMISSIONS.into());
        }
        access.require(Permissions::READ_MESSAGE_HISTORY)?;
        Ok(access)
    }

    /// Pins a message and says so in the channel.
    pub(crate) async fn pin(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.pinnable(actor, channel).await?;
        let mut stored = store::messages::get(self.db(), channel, message).await?;
        let now = self.now();
        stored.pinned_at = Some(now);
        let mut change = Change::new();
        store::pins::pin(&mut change.batch, channel, message, now, ALREADY);
        let notice = self.pin_notice(&access, message);
        store::messages::insert(&mut change.batch, &notice)?;
        self.tell_of_pin(&mut change, actor, &access, stored, Some(now), reason, Action::MessagePin).await?;
        let notice = self.render_one(notice, actor.user.id).await?;
        change.push(self.message_event("MESSAGE_CREATE", &access, &notice)?);
        self.unless_already(change).await
    }

    /// Unpins a message.
    pub(crate) async fn unpin(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.pinnable(actor, channel).await?;
        let mut stored = store::messages::get(self.db(), channel, message).await?;
        stored.pinned_at = None;
        let last = store::pins::page(self.db(), channel, Timestamp::from_millis(i64::MAX), 2).await?;
        let last = last.iter().find(|(id, _)| *id != message).map(|(_, at)| *at);
        let mut change = Change::new();
        store::pins::unpin(&mut change.batch, channel, message, last, ALREADY);
        self.tell_of_pin(&mut change, actor, &access, stored, last, reason, Action::MessageUnpin).await?;
        self.unless_already(change).await
    }

    async fn unless_already(&self, change: Change) -> Result<()> {
        match self.commit(change).await {
            Err(error) if !error.is(ALREADY) => Err(error),
            _ => Ok(()),
        }
    }

    fn pin_notice(&self, access: &ChannelAccess, message: MessageId) -> StoredMessage {
        StoredMessage {
            id: self.parts.ids.next(),
            channel_id: access.id,
            author_id: access.user,
            kind: PIN_NOTICE,
            flags: 0,
            content: String::new(),
            edited_at: None,
            pinned_at: None,
            body: MessageBody {
                message_reference: Some(MessageReference {
                    kind: 0,
                    message_id: Some(message),
                    channel_id: Some(access.id),
                    guild_id: access.guild_id(),
                }),
                ..MessageBody::default()
            },
        }
    }

    /// The audit note and the events of a pin that came or went.
    #[expect(clippy::too_many_arguments, reason = "both callers have all of it at hand")]
    async fn tell_of_pin(
        &self,
        change: &mut Change,
        actor: &Actor,
        access: &ChannelAccess,
        stored: StoredMessage,
        last: Option<Timestamp>,
        reason: Option<String>,
        action: Action,
    ) -> Result<()> {
        if let Place::Guild(guild) = &access.place {
            let note = Note::new(action, Some(stored.author_id.cast()), reason)
                .option("channel_id", access.id.to_string())
                .option("message_id", stored.id.to_string());
            self.note(change, guild.id(), actor.user.id, note)?;
        }
        let mut body = Map::from_iter([
            ("channel_id".to_owned(), json!(access.id)),
            ("last_pin_timestamp".to_owned(), json!(last)),
        ]);
        body.extend(access.guild_id().map(|guild| ("guild_id".to_owned(), json!(guild))));
        change.emit("CHANNEL_PINS_UPDATE", access.audience(), &body)?;
        let message = self.render_one(stored, actor.user.id).await?;
        change.push(self.message_event("MESSAGE_UPDATE", access, &message)?);
        Ok(())
    }

    /// A page of pinned messages, last pinned first; nothing without the permission to read history.
    pub(crate) async fn pins(
        &self,
        actor: &Actor,
        channel: ChannelId,
        before: Option<Timestamp>,
        limit: Option<i64>,
    ) -> Result<Pins> {
        let limit = limit.unwrap_or(50);
        let mut form = Form::new();
        form.range("limit", limit, 1..=store::pins::MAX_PINS);
        form.finish()?;
        let access = self.channel(actor, channel).await?;
        if !access.permissions.contains(Permissions::READ_MESSAGE_HISTORY) {
            return Ok(Pins { items: Vec::new(), has_more: false });
        }
        let before = before.unwrap_or(Timestamp::from_millis(i64::MAX));
        let mut pinned = store::pins::page(self.db(), channel, before, limit + 1).await?;
        let wanted = usize::try_from(limit).map_err(Error::internal)?;
        let has_more = pinned.len() > wanted;
        pinned.truncate(wanted);
        let ids: Vec<_> = pinned.iter().map(|(id, _)| *id).collect();
        let stored = store::messages::by_ids(self.db(), &ids).await?;
        let messages = self.render(stored, actor.user.id).await?;
        let mut messages: HashMap<_, _> = messages.into_iter().map(|message| (message.id, message)).collect();
        let items = pinned
            .into_iter()
            .filter_map(|(id, pinned_at)| messages.remove(&id).map(|message| Pin { pinned_at, message }));
        Ok(Pins { items: items.collect(), has_more })
    }

    /// All pinned messages, as the older route lists them.
    pub(crate) async fn pinned_messages(&self, actor: &Actor, channel: ChannelId) -> Result<Vec<Message>> {
        let pins = self.pins(actor, channel, None, Some(store::pins::MAX_PINS)).await?;
        Ok(pins.items.into_iter().map(|pin| pin.message).collect())
    }
}
