//! From rows to messages as clients see them.

use std::collections::HashMap;
use std::sync::Arc;

use guildhall_accounts::User;
use guildhall_base::{MessageId, Result, UserId};
use serde_json::{Value, json};

use crate::Chat;
use crate::model::{Mention, Message, Reaction};
use crate::store::{self, messages::StoredMessage, reactions::Count};

type Users = HashMap<UserId, Arc<User>>;

impl Chat {
    /// Messages with their authors, mentions, reactions and what they answer, in the given order. Three queries at
    /// most, however many they are.
    pub(crate) async fn render(&self, messages: Vec<StoredMessage>, reader: UserId) -> Result<Vec<Message>> {
        self.render_some(messages, reader, false).await
    }

    /// A message that is being written, so that nobody has reacted to it; no query unless it answers another.
    pub(crate) async fn render_new(&self, message: StoredMessage, reader: UserId) -> Result<Message> {
        let mut messages = self.render_some(vec![message], reader, true).await?;
        messages.pop().ok_or_else(|| crate::codes::UNKNOWN_MESSAGE.into())
    }

    async fn render_some(
        &self,
        messages: Vec<StoredMessage>,
        reader: UserId,
        new: bool,
    ) -> Result<Vec<Message>> {
        let answered: Vec<MessageId> = messages.iter().filter_map(answered).collect();
        let answered = store::messages::by_ids(self.db(), &answered).await?;
        let old = messages.iter().filter(|_| !new);
        let ids: Vec<_> = old.chain(&answered).map(|message| message.id).collect();
        let reactions = store::reactions::counts(self.db(), &ids, reader).await?;
        let mut everybody: Vec<UserId> = messages.iter().chain(&answered).flat_map(people).collect();
        // A page has many messages of few people.
        everybody.sort_unstable();
        everybody.dedup();
        let users = self.parts.accounts.users(&everybody).await?;
        let answered: HashMap<MessageId, Message> =
            answered.into_iter().map(|message| (message.id, wire(message, &users, &reactions))).collect();
        Ok(messages
            .into_iter()
            .map(|message| {
                let reference = self::answered(&message);
                let mut message = wire(message, &users, &reactions);
                message.referenced_message = reference.map(|id| answered.get(&id).cloned().map(Box::new));
                message
            })
            .collect())
    }

    /// One message, as [`Chat::render`].
    pub(crate) async fn render_one(&self, message: StoredMessage, reader: UserId) -> Result<Message> {
        let mut messages = self.render(vec![message], reader).await?;
        messages.pop().ok_or_else(|| crate::codes::UNKNOWN_MESSAGE.into())
    }
}

/// The message that a message answers.
fn answered(message: &StoredMessage) -> Option<MessageId> {
    message.body.message_reference.as_ref().filter(|reference| reference.kind == 0)?.message_id
}

/// Whose names a message shows.
fn people(message: &StoredMessage) -> impl Iterator<Item = UserId> + '_ {
    let author = message.body.mask.is_none().then_some(message.author_id);
    author.into_iter().chain(message.body.mentions.iter().copied())
}

fn wire(message: StoredMessage, users: &Users, reactions: &[Count]) -> Message {
    let user = |id: UserId| match users.get(&id) {
        Some(user) => User::clone(user),
        None => User::new(id, "deleted user"),
    };
    let StoredMessage { id, channel_id, author_id, kind, flags, content, edited_at, pinned_at, body } =
        message;
    Message {
        id,
        channel_id,
        guild_id: None,
        kind,
        content,
        author: match (&body.mask, body.webhook_id) {
            (Some(mask), Some(webhook)) => mask.author(webhook),
            _ => user(author_id),
        },
        member: None,
        mentions: body.mentions.iter().map(|id| Mention { user: user(*id), member: None }).collect(),
        mention_roles: body.mention_roles,
        mention_everyone: body.mention_everyone,
        attachments: body.attachments,
        embeds: body.embeds,
        components: body.components,
        timestamp: id.created_at(),
        edited_timestamp: edited_at,
        flags,
        pinned: pinned_at.is_some(),
        tts: body.tts,
        nonce: None,
        sticker_items: body.sticker_items,
        reactions: reactions.iter().filter(|count| count.message == id).map(reaction).collect(),
        message_reference: body.message_reference,
        referenced_message: None,
        webhook_id: body.webhook_id,
        application_id: body.application_id,
        interaction: body.interaction_metadata.as_ref().and_then(legacy_interaction),
        interaction_metadata: body.interaction_metadata,
    }
}

fn reaction(count: &Count) -> Reaction {
    let number = count.count.cast_unsigned();
    Reaction {
        emoji: emoji_body(&count.emoji),
        count: number,
        count_details: json!({ "burst": 0, "normal": number }),
        me: count.me,
        me_burst: false,
        burst_colors: Vec::new(),
    }
}

/// The older form of what a message says about the command that it answers; other interactions never had it.
fn legacy_interaction(metadata: &Value) -> Option<Value> {
    let name = metadata.get("name")?;
    Some(json!({
        "id": metadata.get("id")?, "type": metadata.get("type")?, "name": name, "user": metadata.get("user")?,
    }))
}

/// An emoji as clients see it: of Unicode, or `name:id` with `a:` before it if it moves.
pub(crate) fn emoji_body(text: &str) -> Value {
    match text.rsplit_once(':') {
        Some((name, id)) if !name.is_empty() => match name.strip_prefix("a:") {
            Some(name) => json!({ "id": id, "name": name, "animated": true }),
            None => json!({ "id": id, "name": name, "animated": false }),
        },
        _ => json!({ "id": null, "name": text }),
    }
}
