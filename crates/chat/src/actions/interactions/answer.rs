//! What an application writes in answer to an interaction, and where it is kept: among the channel's messages, or where
//! only the one who interacted sees it.

use guildhall_base::{Error, MessageId, Permissions, Result, UserId};
use guildhall_infra::events::{Audience, NewEvent};
use guildhall_infra::http::Upload;
use serde_json::{Map, Value, json};

use crate::access::{ChannelAccess, GuildAccess, Place};
use crate::actions::Change;
use crate::actions::messages::{Outgoing, read_draft};
use crate::actions::reads::call;
use crate::model::{Attachment, Channel, Message, MessageBody};
use crate::rules::message::{AllowedMentions, Draft, EPHEMERAL, LOADING};
use crate::rules::permissions::IN_DIRECT_MESSAGES;
use crate::store::interactions::StoredInteraction;
use crate::store::{self, messages::StoredMessage};
use crate::{Chat, codes};

/// What an application may do in answer to an interaction, whatever its bot may do in the channel.
const ANSWERING: Permissions = Permissions::VIEW_CHANNEL
    .union(Permissions::SEND_MESSAGES)
    .union(Permissions::EMBED_LINKS)
    .union(Permissions::ATTACH_FILES)
    .union(Permissions::USE_EXTERNAL_EMOJIS)
    .union(Permissions::READ_MESSAGE_HISTORY);

/// An application that answers an interaction, in the interaction's channel.
pub(super) struct Answering {
    pub(super) interaction: StoredInteraction,
    pub(super) access: ChannelAccess,
}

/// The files that a change took away and added, to be dropped when it is certain which of both are.
#[derive(Default)]
pub(super) struct Files {
    pub(super) before: Vec<Attachment>,
    pub(super) added: Vec<Attachment>,
}

impl Answering {
    pub(super) fn bot(&self) -> UserId {
        self.access.user
    }

    /// Who hears of a message.
    fn audience(&self, message_flags: u32) -> Audience {
        match message_flags & EPHEMERAL {
            0 => self.access.audience(),
            _ => Audience::Users(vec![self.interaction.user]),
        }
    }

    fn outgoing(&self, flags: u32) -> Outgoing {
        Outgoing {
            kind: self.interaction.body.message_kind,
            application: Some(self.interaction.application),
            interaction_metadata: Some(self.interaction.body.metadata.clone()),
            flags,
            webhook: None,
        }
    }
}

impl StoredInteraction {
    /// An event for the one who interacted about the interaction itself, with what their client knows it by.
    pub(super) fn tell(&self, change: &mut Change, name: &'static str, more: Value) -> Result<()> {
        let mut body = Map::from_iter([("id".to_owned(), json!(self.id))]);
        body.extend(self.body.nonce.clone().map(|nonce| ("nonce".to_owned(), nonce)));
        if let Value::Object(more) = more {
            body.extend(more);
        }
        change.emit(name, Audience::Users(vec![self.user]), &body)
    }
}

/// Reads a body of an answer; without a word about it, it mentions users only.
pub(super) fn read_answer(body: &Map<String, Value>, present_flags: u32) -> Result<Draft> {
    let mut draft = read_draft(body, present_flags)?;
    draft.allowed_mentions.get_or_insert(AllowedMentions::USERS);
    Ok(draft)
}

impl Chat {
    /// The application of an interaction in its channel.
    pub(super) async fn answering(&self, interaction: StoredInteraction) -> Result<Answering> {
        let (id, bot, at) = (interaction.channel, interaction.application.cast(), self.now());
        let access = match self.world.guild_of(id).await? {
            Some(room) => {
                let (permissions, in_guild, channel) = {
                    let state = room.read();
                    let channel = state.channels.get(&id).ok_or(codes::UNKNOWN_CHANNEL)?.channel.clone();
                    (state.channel_permissions(bot, id, at), state.permissions(bot, at), channel)
                };
                let place = Place::Guild(GuildAccess { room, user: bot, permissions: in_guild });
                let permissions = permissions | ANSWERING;
                ChannelAccess { id, user: bot, permissions, is_webhook: false, place, at, channel }
            }
            None => {
                let room = self.world.direct(id).await?.ok_or(codes::UNKNOWN_CHANNEL)?;
                let channel = Channel::direct(id, room.kind).into();
                let place = Place::Direct(room);
                let permissions = IN_DIRECT_MESSAGES;
                ChannelAccess { id, user: bot, permissions, is_webhook: false, place, at, channel }
            }
        };
        Ok(Answering { interaction, access })
    }

    /// The row of a new answer, as a body describes it.
    pub(super) async fn compose_answer(
        &self,
        answering: &Answering,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<StoredMessage> {
        let draft = read_answer(body, 0)?;
        let flags = draft.flags.unwrap_or_default() & EPHEMERAL;
        let outgoing = answering.outgoing(flags);
        self.compose(&answering.access, answering.bot(), &draft, uploads, outgoing).await
    }

    /// The message that stands where an answer was promised.
    pub(super) fn promise(&self, answering: &Answering, flags: u32) -> StoredMessage {
        let outgoing = answering.outgoing(flags & EPHEMERAL | LOADING);
        StoredMessage {
            id: self.parts.ids.next(),
            channel_id: answering.access.id,
            author_id: answering.bot(),
            kind: outgoing.kind,
            flags: outgoing.flags,
            content: String::new(),
            edited_at: None,
            pinned_at: None,
            body: MessageBody {
                application_id: outgoing.application,
                webhook_id: outgoing.application.map(|application| application.cast()),
                interaction_metadata: outgoing.interaction_metadata,
                ..MessageBody::default()
            },
        }
    }

    /// Adds a new answer to a change.
    pub(super) async fn put_answer(
        &self,
        change: &mut Change,
        answering: &Answering,
        stored: StoredMessage,
    ) -> Result<Message> {
        if stored.flags & EPHEMERAL == 0 {
            store::messages::insert(&mut change.batch, &stored)?;
            call(change, &answering.access, &stored);
        } else {
            store::interactions::insert_private(&mut change.batch, &answering.interaction, &stored)?;
        }
        self.announce(change, answering, "MESSAGE_CREATE", stored).await
    }

    /// Adds a changed message to a change: an answer, or the message whose component was used.
    pub(super) async fn change_answer(
        &self,
        change: &mut Change,
        answering: &Answering,
        mut stored: StoredMessage,
        body: &Map<String, Value>,
        uploads: Vec<Upload>,
    ) -> Result<(Message, Files)> {
        let draft = read_answer(body, stored.flags)?;
        let (before, added) = self.revise(&answering.access, &mut stored, draft, uploads).await?;
        if stored.flags & LOADING != 0 {
            // What was promised has come; nothing that somebody had read was changed.
            stored.flags &= !LOADING;
            stored.edited_at = None;
        }
        if stored.flags & EPHEMERAL == 0 {
            store::messages::update(&mut change.batch, &stored)?;
        } else {
            store::interactions::update_private(&mut change.batch, &stored)?;
        }
        let message = self.announce(change, answering, "MESSAGE_UPDATE", stored).await?;
        Ok((message, Files { before, added }))
    }

    async fn announce(
        &self,
        change: &mut Change,
        answering: &Answering,
        name: &'static str,
        stored: StoredMessage,
    ) -> Result<Message> {
        let message = self.render_one(stored, answering.bot()).await?;
        let event = self.message_event(name, &answering.access, &message)?;
        change.push(NewEvent { audience: answering.audience(message.flags), ..event });
        Ok(message)
    }

    /// Adds the end of an answer to a change.
    pub(super) fn remove_answer(
        &self,
        change: &mut Change,
        answering: &Answering,
        stored: &StoredMessage,
    ) -> Result<()> {
        if stored.flags & EPHEMERAL == 0 {
            store::messages::delete(&mut change.batch, stored.channel_id, stored.id);
        } else {
            store::interactions::delete_private(&mut change.batch, stored.id);
        }
        let mut body = Map::from_iter([
            ("id".to_owned(), json!(stored.id)),
            ("channel_id".to_owned(), json!(stored.channel_id)),
        ]);
        body.extend(answering.access.guild_id().map(|guild| ("guild_id".to_owned(), json!(guild))));
        change.emit("MESSAGE_DELETE", answering.audience(stored.flags), &body)
    }

    /// A message that the token of an interaction is good for.
    pub(super) async fn answer(&self, answering: &Answering, id: MessageId) -> Result<StoredMessage> {
        let interaction = &answering.interaction;
        let stored = match store::interactions::private(self.db(), interaction.user, id).await? {
            Some(private) => private,
            None => store::messages::get(self.db(), interaction.channel, id).await?,
        };
        let answers = stored.body.interaction_metadata.as_ref().and_then(|metadata| metadata.get("id"));
        let own = answers == Some(&json!(interaction.id)) || interaction.original == Some(id);
        let author = stored.author_id == answering.bot()
            || stored.body.application_id == Some(interaction.application);
        if own && author && stored.channel_id == interaction.channel {
            Ok(stored)
        } else {
            Err(Error::from(codes::UNKNOWN_MESSAGE))
        }
    }
}
