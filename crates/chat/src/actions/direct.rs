//! Talking without a guild: two people, or a group of up to ten.

use guildhall_accounts::{Actor, Bond, User};
use guildhall_base::{ChannelId, Error, Form, Patch, Result, UserId, present};
use guildhall_infra::db;
use guildhall_infra::events::{Audience, NewEvent};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Change;
use crate::access::{ChannelAccess, Place};
use crate::model::{Channel, ChannelType};
use crate::{Chat, codes, store};

/// How many people a group has at most.
const MAX_GROUP: usize = 10;

/// With whom to open a conversation: one person, or several for a group.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewDirect {
    recipient_id: Option<UserId>,
    recipients: Option<Vec<UserId>>,
    name: Option<String>,
}

/// What is to change in a group.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GroupChanges {
    #[serde(deserialize_with = "present")]
    name: Patch<String>,
    owner: Option<UserId>,
}

/// A conversation as one who takes part sees it: without themselves among the recipients.
#[derive(Debug, Serialize)]
pub(crate) struct DirectBody {
    id: ChannelId,
    #[serde(rename = "type")]
    kind: ChannelType,
    last_message_id: Option<guildhall_base::MessageId>,
    last_pin_timestamp: Option<guildhall_base::Timestamp>,
    flags: u32,
    recipients: Vec<User>,
    #[serde(flatten)]
    group: Option<GroupBody>,
}

#[derive(Debug, Serialize)]
struct GroupBody {
    name: Option<String>,
    icon: Option<String>,
    owner_id: Option<UserId>,
}

impl DirectBody {
    /// Which.
    pub(crate) fn id(&self) -> ChannelId {
        self.id
    }

    /// What it is called: the group's name, or who takes part.
    pub(crate) fn title(&self) -> String {
        let named = self.group.as_ref().and_then(|group| group.name.clone());
        let people = || self.recipients.iter().map(User::display_name).collect::<Vec<_>>().join(", ");
        named.unwrap_or_else(people)
    }

    /// Its latest message, or itself if there is none.
    pub(crate) fn newest(&self) -> i64 {
        self.last_message_id.map_or(self.id.get(), guildhall_base::MessageId::get)
    }
}

impl Chat {
    async fn direct_body(&self, channel: Channel, users: &[UserId], reader: UserId) -> Result<DirectBody> {
        let others: Vec<_> = users.iter().copied().filter(|user| *user != reader).collect();
        let known = self.parts.accounts.users(&others).await?;
        let group = (channel.kind == ChannelType::GroupDirect).then(|| GroupBody {
            name: channel.settings.name.clone(),
            icon: channel.settings.icon.clone(),
            owner_id: channel.settings.owner_id,
        });
        Ok(DirectBody {
            id: channel.id,
            kind: channel.kind,
            last_message_id: channel.last_message_id,
            last_pin_timestamp: channel.last_pin_timestamp,
            flags: channel.settings.flags,
            recipients: others.iter().filter_map(|id| known.get(id)).map(|user| User::clone(user)).collect(),
            group,
        })
    }

    /// Adds the event that shows a conversation to one person, as they see it.
    async fn show(
        &self,
        change: &mut Change,
        name: &'static str,
        channel: &Channel,
        users: &[UserId],
        reader: UserId,
    ) -> Result<()> {
        let body = self.direct_body(channel.clone(), users, reader).await?;
        change.emit(name, Audience::Users(vec![reader]), &body)
    }

    /// The conversations in the actor's list.
    pub(crate) async fn own_directs(&self, actor: &Actor) -> Result<Vec<DirectBody>> {
        let mut bodies = Vec::new();
        for (channel, users) in store::direct::open_for(self.db(), actor.user.id).await? {
            bodies.push(self.direct_body(channel, &users, actor.user.id).await?);
        }
        Ok(bodies)
    }

    /// The same as JSON, for the gateway's READY.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn conversations(&self, actor: &Actor) -> Result<serde_json::Value> {
        serde_json::to_value(self.own_directs(actor).await?).map_err(Error::internal)
    }

    /// A conversation as the actor sees it.
    pub(crate) async fn read_direct(&self, access: &ChannelAccess) -> Result<DirectBody> {
        let (channel, users) = store::direct::get(self.db(), access.id).await?;
        self.direct_body(channel, &users, access.user).await
    }

    /// Opens a conversation: the one that two people have, or a new group.
    pub(crate) async fn open_direct(&self, actor: &Actor, new: NewDirect) -> Result<DirectBody> {
        match (new.recipient_id, new.recipients) {
            (Some(user), _) => self.open_pair(actor, user).await,
            (None, Some(users)) => match users.as_slice() {
                [user] if new.name.is_none() => self.open_pair(actor, *user).await,
                _ => self.open_group(actor, users, new.name).await,
            },
            (None, None) => Err(Error::field("recipient_id", "BASE_TYPE_REQUIRED", "This field is required")),
        }
    }

    async fn open_pair(&self, actor: &Actor, other: UserId) -> Result<DirectBody> {
        let me = actor.user.id;
        if other == me {
            return Err(codes::INVALID_RECIPIENTS.into());
        }
        let other = self.parts.accounts.user(other).await.map_err(|_| codes::INVALID_RECIPIENTS)?;
        if let Some(known) = store::direct::of_pair(self.db(), me, other.id).await? {
            return self.open_again(me, known).await;
        }
        let channel = Channel::direct(self.parts.ids.next(), ChannelType::Direct);
        let mut change = Change::new();
        store::channels::insert(&mut change.batch, &channel)?;
        store::direct::insert_pair(&mut change.batch, channel.id, me, other.id);
        store::direct::add(&mut change.batch, channel.id, me, false);
        // The other one sees it with the first message.
        store::direct::add(&mut change.batch, channel.id, other.id, true);
        let users = [me, other.id];
        self.show(&mut change, "CHANNEL_CREATE", &channel, &users, me).await?;
        match self.commit(change).await {
            Ok(_) => self.direct_body(channel, &users, me).await,
            Err(error) if error.is(db::codes::DUPLICATE) => {
                let known = store::direct::of_pair(self.db(), me, other.id).await?.ok_or(error)?;
                self.open_again(me, known).await
            }
            Err(error) => Err(error),
        }
    }

    async fn open_again(&self, me: UserId, known: ChannelId) -> Result<DirectBody> {
        let (channel, users) = store::direct::get(self.db(), known).await?;
        let mut change = Change::new();
        store::direct::set_closed(&mut change.batch, known, me, false);
        self.show(&mut change, "CHANNEL_CREATE", &channel, &users, me).await?;
        self.commit(change).await?;
        self.direct_body(channel, &users, me).await
    }

    async fn open_group(
        &self,
        actor: &Actor,
        mut users: Vec<UserId>,
        name: Option<String>,
    ) -> Result<DirectBody> {
        let me = actor.user.id;
        if actor.user.bot {
            return Err(codes::BOTS_CANNOT.into());
        }
        users.sort_unstable();
        users.dedup();
        users.retain(|user| *user != me);
        let mut form = Form::new();
        form.at_most("recipients", users.len(), MAX_GROUP - 1);
        form.finish()?;
        for user in &users {
            self.require_friend(me, *user).await?;
        }
        let mut channel = Channel::direct(self.parts.ids.next(), ChannelType::GroupDirect);
        channel.settings.name = checked_name(name)?;
        channel.settings.owner_id = Some(me);
        users.push(me);
        let mut change = Change::new();
        store::channels::insert(&mut change.batch, &channel)?;
        for user in &users {
            store::direct::add(&mut change.batch, channel.id, *user, false);
        }
        for user in &users {
            self.show(&mut change, "CHANNEL_CREATE", &channel, &users, *user).await?;
        }
        self.commit(change).await?;
        self.direct_body(channel, &users, me).await
    }

    async fn require_friend(&self, me: UserId, other: UserId) -> Result<()> {
        let (mine, _) = self.parts.accounts.bonds(me, other).await?;
        if mine == Some(Bond::Friend) { Ok(()) } else { Err(codes::INVALID_RECIPIENTS.into()) }
    }

    /// Refuses to write to somebody who has blocked the sender, or whom the sender has blocked.
    pub(crate) async fn refuse_blocked(&self, access: &ChannelAccess, sender: &User) -> Result<()> {
        let Place::Direct(room) = &access.place else { return Ok(()) };
        if room.kind != ChannelType::Direct {
            return Ok(());
        }
        for other in room.users.iter().filter(|user| **user != sender.id) {
            if self.parts.accounts.is_blocked(sender.id, *other).await? {
                return Err(codes::CANNOT_SEND_TO_USER.into());
            }
        }
        Ok(())
    }

    /// Shows a conversation again to those who had closed it, because something is being written in it.
    pub(crate) async fn reopen(&self, change: &mut Change, access: &ChannelAccess) -> Result<()> {
        let Place::Direct(room) = &access.place else { return Ok(()) };
        let closed = store::direct::closed_by(self.db(), room.id).await?;
        if closed.is_empty() {
            return Ok(());
        }
        let (channel, users) = store::direct::get(self.db(), room.id).await?;
        for user in closed {
            store::direct::set_closed(&mut change.batch, room.id, user, false);
            self.show(change, "CHANNEL_CREATE", &channel, &users, user).await?;
        }
        Ok(())
    }

    /// Changes a group's name, or hands it to somebody else.
    pub(crate) async fn update_group(
        &self,
        access: &ChannelAccess,
        changes: GroupChanges,
    ) -> Result<DirectBody> {
        let (mut channel, users) = store::direct::get(self.db(), access.id).await?;
        if channel.kind != ChannelType::GroupDirect {
            return Err(codes::NOT_IN_DIRECT.into());
        }
        if let Some(name) = changes.name {
            channel.settings.name = checked_name(name)?;
        }
        if let Some(owner) = changes.owner {
            if channel.settings.owner_id != Some(access.user) || !users.contains(&owner) {
                return Err(codes::MISSING_PERMISSIONS.into());
            }
            channel.settings.owner_id = Some(owner);
        }
        let mut change = Change::new();
        store::channels::update(&mut change.batch, &channel)?;
        for user in &users {
            self.show(&mut change, "CHANNEL_UPDATE", &channel, &users, *user).await?;
        }
        self.commit(change).await?;
        self.direct_body(channel, &users, access.user).await
    }

    /// Closes a conversation for the actor: two people's is hidden, a group's is left.
    pub(crate) async fn close_direct(&self, access: &ChannelAccess, actor: &Actor) -> Result<DirectBody> {
        let (channel, users) = store::direct::get(self.db(), access.id).await?;
        let body = self.direct_body(channel.clone(), &users, actor.user.id).await?;
        if channel.kind == ChannelType::GroupDirect {
            self.leave_group(channel, users, &actor.user).await?;
        } else {
            let mut change = Change::new();
            store::direct::set_closed(&mut change.batch, channel.id, actor.user.id, true);
            self.show(&mut change, "CHANNEL_DELETE", &channel, &users, actor.user.id).await?;
            self.commit(change).await?;
        }
        Ok(body)
    }

    /// Adds a friend to a group.
    pub(crate) async fn add_recipient(&self, actor: &Actor, channel: ChannelId, user: UserId) -> Result<()> {
        let access = self.channel(actor, channel).await?;
        let (channel, mut users) = store::direct::get(self.db(), access.id).await?;
        if channel.kind != ChannelType::GroupDirect {
            return Err(codes::INVALID_CHANNEL_TYPE.into());
        }
        if users.contains(&user) {
            return Ok(());
        }
        if users.len() >= MAX_GROUP {
            return Err(codes::INVALID_RECIPIENTS.because("A group has at most ten people."));
        }
        self.require_friend(actor.user.id, user).await?;
        let added = self.parts.accounts.user(user).await?;
        let mut change = Change::new();
        store::direct::add(&mut change.batch, channel.id, user, false);
        let body = json!({ "channel_id": channel.id, "user": *added });
        change.push(NewEvent::new("CHANNEL_RECIPIENT_ADD", Audience::Users(users.clone()), &body)?.by(user));
        users.push(user);
        self.show(&mut change, "CHANNEL_CREATE", &channel, &users, user).await?;
        self.commit(change).await?;
        Ok(())
    }

    /// Removes somebody from a group: its owner anybody, everybody themselves.
    pub(crate) async fn remove_recipient(
        &self,
        actor: &Actor,
        channel: ChannelId,
        user: UserId,
    ) -> Result<()> {
        let access = self.channel(actor, channel).await?;
        let (channel, users) = store::direct::get(self.db(), access.id).await?;
        if channel.kind != ChannelType::GroupDirect {
            return Err(codes::INVALID_CHANNEL_TYPE.into());
        }
        if user != actor.user.id && channel.settings.owner_id != Some(actor.user.id) {
            return Err(codes::MISSING_PERMISSIONS.into());
        }
        if !users.contains(&user) {
            return Err(codes::UNKNOWN_USER.into());
        }
        let removed = self.parts.accounts.user(user).await?;
        self.leave_group(channel, users, &removed).await
    }

    /// The last one to leave takes the group along.
    pub(crate) async fn leave_group(
        &self,
        mut channel: Channel,
        users: Vec<UserId>,
        user: &User,
    ) -> Result<()> {
        let rest: Vec<_> = users.iter().copied().filter(|other| *other != user.id).collect();
        let mut change = Change::new();
        self.show(&mut change, "CHANNEL_DELETE", &channel, &users, user.id).await?;
        match rest.first() {
            None => store::channels::delete(&mut change.batch, &[channel.id]),
            Some(next) => {
                store::direct::remove(&mut change.batch, channel.id, user.id);
                let body = json!({ "channel_id": channel.id, "user": user });
                let audience = Audience::Users(rest.clone());
                change.push(NewEvent::new("CHANNEL_RECIPIENT_REMOVE", audience, &body)?.by(user.id));
                if channel.settings.owner_id == Some(user.id) {
                    channel.settings.owner_id = Some(*next);
                    store::channels::update(&mut change.batch, &channel)?;
                    for other in &rest {
                        self.show(&mut change, "CHANNEL_UPDATE", &channel, &rest, *other).await?;
                    }
                }
            }
        }
        self.commit(change).await?;
        Ok(())
    }
}

fn checked_name(name: Option<String>) -> Result<Option<String>> {
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let mut form = Form::new();
    form.length("name", name.as_deref().unwrap_or_default(), 0..=100);
    form.finish()?;
    Ok(name)
}
