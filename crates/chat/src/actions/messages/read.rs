//! Reading, and saying that one is about to write.

use guildhall_accounts::Actor;
use guildhall_base::{ChannelId, Form, MessageId, Permissions, Result};
use guildhall_infra::events::NewEvent;
use serde::Deserialize;
use serde_json::json;

use crate::access::Place;
use crate::model::Message;
use crate::store::messages::Anchor;
use crate::{Chat, store};

/// Which messages of a channel are asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct PageOfMessages {
    around: Option<MessageId>,
    before: Option<MessageId>,
    after: Option<MessageId>,
    limit: Option<i64>,
}

impl PageOfMessages {
    /// The surroundings of a message, or else the latest.
    pub(crate) fn around(message: Option<MessageId>) -> Self {
        Self { around: message, ..Self::default() }
    }
}

impl Chat {
    /// A page of messages, newest first; nothing without the permission to read history.
    pub(crate) async fn messages(
        &self,
        actor: &Actor,
        channel: ChannelId,
        page: PageOfMessages,
    ) -> Result<Vec<Message>> {
        let limit = page.limit.unwrap_or(50);
        let mut form = Form::new();
        form.range("limit", limit, 1..=100);
        form.finish()?;
        let access = self.channel(actor, channel).await?;
        if !access.permissions.contains(Permissions::READ_MESSAGE_HISTORY) {
            return Ok(Vec::new());
        }
        let anchor = match (page.around, page.before, page.after) {
            (Some(message), ..) => Anchor::Around(message),
            (_, Some(message), _) => Anchor::Before(message),
            (.., Some(message)) => Anchor::After(message),
            _ => Anchor::Newest,
        };
        let stored = store::messages::page(self.db(), channel, anchor, limit).await?;
        self.render(stored, actor.user.id).await
    }

    /// One message.
    pub(crate) async fn message(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<Message> {
        let access = self.channel(actor, channel).await?;
        access.require(Permissions::READ_MESSAGE_HISTORY)?;
        let stored = store::messages::get(self.db(), channel, message).await?;
        self.render_one(stored, actor.user.id).await
    }

    /// Tells those who can view the channel that the actor is writing. Not stored.
    pub(crate) async fn type_in(&self, actor: &Actor, channel: ChannelId) -> Result<()> {
        let access = self.channel(actor, channel).await?;
        access.require(Permissions::SEND_MESSAGES)?;
        let mut body = json!({
            "channel_id": channel,
            "user_id": actor.user.id,
            "timestamp": access.at.millis() / 1000,
        });
        if let (Place::Guild(guild), Some(body)) = (&access.place, body.as_object_mut()) {
            body.insert("guild_id".into(), json!(guild.id()));
            let member = guild.room.read().members.get(&actor.user.id).cloned();
            body.insert("member".into(), json!(member.map(|member| member.with_user(&actor.user))));
        }
        self.parts.log.broadcast(NewEvent::new("TYPING_START", access.audience(), &body)?.by(actor.user.id));
        Ok(())
    }
}
