//! What somebody has read. The mark of a channel moves forward by itself in clients, and to where its owner puts it by
//! hand; what calls them beyond the mark is counted.

use std::collections::HashMap;

use guildhall_accounts::Actor;
use guildhall_base::{AnyId, ChannelId, Error, Form, MessageId, Result, UserId};
use guildhall_infra::events::Audience;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Change;
use crate::access::{ChannelAccess, Place};
use crate::store::messages::StoredMessage;
use crate::{Chat, codes, store};

/// How many calls are counted, over all channels together. Clients write "99+" long before.
const MOST_CALLS: i64 = 1000;
/// How many users and roles of one message are noted as called.
const MOST_CALLED: usize = 100;
/// How many channels may be marked at once.
const MOST_MARKS: usize = 100;

/// What somebody has read of one channel, as READY tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ReadState {
    id: ChannelId,
    read_state_type: u8,
    last_message_id: MessageId,
    mention_count: i64,
}

/// How somebody marks a channel.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Mark {
    /// By hand: also back, to read on from there later.
    manual: bool,
}

/// One of several marks.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct OneMark {
    channel_id: ChannelId,
    message_id: MessageId,
}

/// Notes whom a new message calls. In conversations it calls everybody else.
pub(crate) fn call(change: &mut Change, access: &ChannelAccess, stored: &StoredMessage) {
    let mut called: Vec<AnyId> = match &access.place {
        Place::Guild(guild) => {
            let everybody = stored.body.mention_everyone.then_some(guild.id().cast());
            let roles = stored.body.mention_roles.iter().map(|role| role.cast());
            everybody.into_iter().chain(roles).chain(users(&stored.body.mentions)).collect()
        }
        Place::Direct(room) => users(&room.users).collect(),
    };
    called.retain(|target| *target != stored.author_id.cast());
    called.truncate(MOST_CALLED);
    store::reads::call(&mut change.batch, stored.channel_id, stored.id, &called);
}

fn users(ids: &[UserId]) -> impl Iterator<Item = AnyId> + '_ {
    ids.iter().map(|id| id.cast())
}

impl Chat {
    /// What a person has read, and how often they are called beyond it, for READY: `read_state.entries`. Channels
    /// without a mark have an entry only if something in them calls.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn read_states(&self, actor: &Actor) -> Result<Value> {
        let user = actor.user.id;
        let mut calls: HashMap<ChannelId, Vec<MessageId>> = HashMap::new();
        for (channel, message) in store::reads::calls(self.db(), user, MOST_CALLS).await? {
            calls.entry(channel).or_default().push(message);
        }
        let mut states = Vec::new();
        for (channel, last) in store::reads::of(self.db(), user).await? {
            let count = match calls.remove(&channel) {
                Some(calls) => self.audible(user, channel, last, &calls).await?,
                None => 0,
            };
            states.push(state(channel, last, count));
        }
        for (channel, calls) in calls {
            let start = self.start_of(user, channel).await?;
            let count = self.audible(user, channel, start, &calls).await?;
            if count > 0 {
                states.push(state(channel, start, count));
            }
        }
        serde_json::to_value(states).map_err(Error::internal)
    }

    /// Where reading begins for somebody who has no mark: when they joined.
    async fn start_of(&self, user: UserId, channel: ChannelId) -> Result<MessageId> {
        let Some(room) = self.world.guild_of(channel).await? else { return Ok(MessageId::new(0)) };
        let joined = room.read().members.get(&user).map(|member| member.joined_at);
        Ok(joined.map_or(MessageId::new(0), MessageId::first_at))
    }

    /// How many of these calls somebody hears: those after the mark, where they may see the channel.
    async fn audible(
        &self,
        user: UserId,
        channel: ChannelId,
        mark: MessageId,
        calls: &[MessageId],
    ) -> Result<i64> {
        let sees = match self.world.guild_of(channel).await? {
            Some(room) => room.read().can_view(user, channel, self.now()),
            None => self.world.direct(channel).await?.is_some_and(|room| room.users.contains(&user)),
        };
        let count = calls.iter().filter(|call| sees && **call > mark).count();
        Ok(i64::try_from(count).unwrap_or(MOST_CALLS))
    }

    /// Marks a channel as read up to a message.
    pub(crate) async fn mark_read(
        &self,
        actor: &Actor,
        channel: ChannelId,
        message: MessageId,
        mark: Mark,
    ) -> Result<()> {
        refuse_bots(actor)?;
        let access = self.channel(actor, channel).await?;
        let mut change = Change::new();
        self.move_mark(&mut change, &access, message, mark.manual).await?;
        self.commit_marks(change).await
    }

    /// Marks several channels at once. Channels that one may not see are left out.
    pub(crate) async fn mark_all_read(&self, actor: &Actor, marks: Vec<OneMark>) -> Result<()> {
        refuse_bots(actor)?;
        let mut form = Form::new();
        form.at_most("read_states", marks.len(), MOST_MARKS);
        form.finish()?;
        let mut change = Change::new();
        for OneMark { channel_id, message_id } in marks {
            match self.channel(actor, channel_id).await {
                Ok(access) => self.move_mark(&mut change, &access, message_id, false).await?,
                Err(error) if error.is(codes::UNKNOWN_CHANNEL) => {}
                Err(error) => return Err(error),
            }
        }
        self.commit_marks(change).await
    }

    async fn commit_marks(&self, change: Change) -> Result<()> {
        if !change.is_silent() {
            self.commit_leaf(change).await?;
        }
        Ok(())
    }

    async fn move_mark(
        &self,
        change: &mut Change,
        access: &ChannelAccess,
        message: MessageId,
        manual: bool,
    ) -> Result<()> {
        let user = access.user;
        if manual {
            store::reads::set(&mut change.batch, user, access.id, message);
        } else {
            let now = store::reads::one(self.db(), user, access.id).await?;
            if now.is_some_and(|now| now >= message) {
                return Ok(());
            }
            store::reads::advance(&mut change.batch, user, access.id, message);
        }
        let count = store::reads::calls_after(self.db(), user, access.id, message, MOST_CALLS).await?;
        let body = json!({
            "channel_id": access.id,
            "message_id": message,
            "mention_count": count,
            "manual": manual,
            "ack_type": 0,
            "version": access.at.millis(),
        });
        change.emit("MESSAGE_ACK", Audience::Users(vec![user]), &body)
    }
}

fn state(id: ChannelId, last_message_id: MessageId, mention_count: i64) -> ReadState {
    ReadState { id, read_state_type: 0, last_message_id, mention_count }
}

fn refuse_bots(actor: &Actor) -> Result<()> {
    match actor.user.bot {
        true => Err(codes::BOTS_CANNOT.into()),
        false => Ok(()),
    }
}
