//! Reacting to messages.

use guildhall_accounts::{Actor, User};
use guildhall_base::{ChannelId, Code, Form, Kind, MessageId, Permissions, Result, UserId};
use guildhall_infra::events::NewEvent;
use serde_json::{Map, Value, json};

use super::Change;
use super::messages::emoji_body;
use crate::access::{ChannelAccess, Place};
use crate::rules::emoji::{self, Wanted};
use crate::store::messages::StoredMessage;
use crate::{Chat, codes, store};

/// Reacting twice is no error, and nothing is told the second time.
const ALREADY: Code = Code::new(Kind::Conflict, 0, "already_reacted", "You have reacted so already.");

/// What a reaction's path names, loaded.
struct Target {
    access: ChannelAccess,
    message: StoredMessage,
    /// The key under which its reactions are counted.
    emoji: String,
}

impl Chat {
    async fn reaction_target(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        emoji: &str,
    ) -> Result<Target> {
        let access = self.channel(actor, channel).await?;
        access.require(Permissions::READ_MESSAGE_HISTORY)?;
        let message = store::messages::get(self.db(), channel, message).await?;
        let emoji = self.reaction_key(&access, message.id, emoji).await?;
        Ok(Target { access, message, emoji })
    }

    /// The key of an emoji: of a made one that the message has already whatever it was called then; otherwise only of
    /// one that may be used here.
    async fn reaction_key(&self, access: &ChannelAccess, message: MessageId, text: &str) -> Result<String> {
        let id = match emoji::wanted(text).ok_or(codes::UNKNOWN_EMOJI)? {
            Wanted::Unicode(emoji) => return Ok(emoji.key().to_owned()),
            Wanted::Custom(id) => id,
        };
        let used = store::reactions::counts(self.db(), &[message], access.user).await?;
        if let Some(key) = emoji::key_of(id, used.iter().map(|count| count.emoji.as_str())) {
            return Ok(key.to_owned());
        }
        let usable = self.usable_emojis(access, &[id]).await?;
        let emoji = usable.get(&id).ok_or(codes::UNKNOWN_EMOJI)?;
        Ok(emoji::custom_key(id, &emoji.name, emoji.animated))
    }

    /// Reacts. An emoji that nobody used on the message yet needs the permission to add reactions.
    pub(crate) async fn react(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        emoji: &str,
    ) -> Result<()> {
        let Target { access, message, emoji } = self.reaction_target(actor, channel, message, emoji).await?;
        let used = store::reactions::counts(self.db(), &[message.id], actor.user.id).await?;
        if !used.iter().any(|count| count.emoji == emoji) {
            access.require(Permissions::ADD_REACTIONS)?;
        }
        if let Place::Direct(_) = access.place {
            self.refuse_blocked(&access, &actor.user).await?;
        }
        let mut change = Change::new();
        store::reactions::add(&mut change.batch, message.id, &emoji, actor.user.id, self.now(), ALREADY);
        let mut body = reaction_body(&access, &message, Some(&emoji));
        body.insert("user_id".into(), json!(actor.user.id));
        body.insert("message_author_id".into(), json!(message.author_id));
        body.insert("burst_colors".into(), json!([]));
        if let Place::Guild(guild) = &access.place {
            let member = guild.room.read().members.get(&actor.user.id).cloned();
            body.insert("member".into(), json!(member.map(|member| member.with_user(&actor.user))));
        }
        change.push(NewEvent::new("MESSAGE_REACTION_ADD", access.audience(), &body)?.by(actor.user.id));
        match self.commit_leaf(change).await {
            Err(error) if !error.is(ALREADY) => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes a reaction back: one's own, or somebody's with the permission to manage messages.
    pub(crate) async fn unreact(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        emoji: &str,
        user: UserId,
    ) -> Result<()> {
        let Target { access, message, emoji } = self.reaction_target(actor, channel, message, emoji).await?;
        if user != actor.user.id {
            access.guild()?;
            access.require(Permissions::MANAGE_MESSAGES)?;
        }
        let mut change = Change::new();
        store::reactions::remove(&mut change.batch, message.id, &emoji, user);
        let mut body = reaction_body(&access, &message, Some(&emoji));
        body.insert("user_id".into(), json!(user));
        change.push(NewEvent::new("MESSAGE_REACTION_REMOVE", access.audience(), &body)?.by(user));
        self.commit_leaf(change).await?;
        Ok(())
    }

    /// Takes all reactions from a message, or all with one emoji.
    pub(crate) async fn clear_reactions(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        emoji: Option<&str>,
    ) -> Result<()> {
        let access = self.channel(actor, channel).await?;
        access.guild()?;
        access.require(Permissions::MANAGE_MESSAGES)?;
        let message = store::messages::get(self.db(), channel, message).await?;
        let emoji = match emoji {
            Some(text) => Some(self.reaction_key(&access, message.id, text).await?),
            None => None,
        };
        let mut change = Change::new();
        store::reactions::clear(&mut change.batch, message.id, emoji.as_deref());
        let name =
            if emoji.is_some() { "MESSAGE_REACTION_REMOVE_EMOJI" } else { "MESSAGE_REACTION_REMOVE_ALL" };
        let mut body = reaction_body(&access, &message, emoji.as_deref());
        body.remove("burst");
        body.remove("type");
        change.push(NewEvent::new(name, access.audience(), &body)?);
        self.commit_leaf(change).await?;
        Ok(())
    }

    /// Who reacted with an emoji, by ascending id.
    pub(crate) async fn reacted(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        emoji: &str,
        after: Option<UserId>,
        limit: Option<i64>,
    ) -> Result<Vec<User>> {
        let limit = limit.unwrap_or(25);
        let mut form = Form::new();
        form.range("limit", limit, 1..=100);
        form.finish()?;
        let Target { message, emoji, .. } = self.reaction_target(actor, channel, message, emoji).await?;
        let after = after.unwrap_or(UserId::new(0));
        let ids = store::reactions::users(self.db(), message.id, &emoji, after, limit).await?;
        let users = self.parts.accounts.users(&ids).await?;
        Ok(ids.iter().filter_map(|id| users.get(id)).map(|user| User::clone(user)).collect())
    }
}

/// What all reaction events have.
fn reaction_body(access: &ChannelAccess, message: &StoredMessage, emoji: Option<&str>) -> Map<String, Value> {
    let mut body = Map::from_iter([
        ("channel_id".to_owned(), json!(access.id)),
        ("message_id".to_owned(), json!(message.id)),
        ("burst".to_owned(), json!(false)),
        ("type".to_owned(), json!(0)),
    ]);
    body.extend(access.guild_id().map(|guild| ("guild_id".to_owned(), json!(guild))));
    body.extend(emoji.map(|emoji| ("emoji".to_owned(), emoji_body(emoji))));
    body
}
