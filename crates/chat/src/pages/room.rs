//! The chat as the server draws it before any script runs: guilds, channels, and the latest messages. The client
//! takes it over as soon as it has loaded the same; without scripts it is read, and written in by a form.

use std::borrow::Cow;

use guildhall_accounts::{Actor, User};
use guildhall_base::{ChannelId, GuildId, MessageId, Permissions, Result, Timestamp, UserId};

use crate::access::{ChannelAccess, Place};
use crate::actions::messages::PageOfMessages;
use crate::model::{Attachment, Channel, ChannelType, Message};
use crate::world::GuildState;
use crate::{Chat, codes};

/// Messages by one author with less time between them stand under one name, in milliseconds.
const ONE_BREATH: i64 = 7 * 60_000;
/// Like the longest part of a date that matters here: `2026-11-21T00:47`.
const TO_THE_MINUTE: usize = 16;

/// Everything that is drawn.
#[derive(Default)]
pub(super) struct Room {
    pub(super) guilds: Vec<Link>,
    pub(super) groups: Vec<Group>,
    /// The guild's name, if one is open.
    pub(super) guild: Option<String>,
    pub(super) channel: Option<Open>,
}

/// A way to somewhere.
pub(super) struct Link {
    pub(super) href: String,
    pub(super) name: String,
    /// Where its picture is.
    pub(super) picture: Option<String>,
    pub(super) current: bool,
}

/// A category with its channels; the first has no name.
pub(super) struct Group {
    pub(super) name: Option<String>,
    pub(super) channels: Vec<Link>,
}

/// The open channel.
pub(super) struct Open {
    pub(super) id: ChannelId,
    pub(super) name: String,
    pub(super) topic: Option<String>,
    pub(super) may_write: bool,
    pub(super) lines: Vec<Line>,
}

/// One message.
pub(super) struct Line {
    pub(super) id: MessageId,
    pub(super) author: String,
    pub(super) bot: bool,
    pub(super) picture: Option<String>,
    /// For machines.
    pub(super) at: String,
    /// For people, in UTC.
    pub(super) when: String,
    pub(super) text: String,
    pub(super) files: Vec<Attachment>,
    pub(super) edited: bool,
    /// Whether it continues the one above.
    pub(super) grouped: bool,
}

impl Link {
    /// What stands where there is no picture.
    pub(super) fn initials(&self) -> String {
        initials(&self.name)
    }
}

impl Line {
    pub(super) fn initials(&self) -> String {
        initials(&self.author)
    }
}

fn initials(name: &str) -> String {
    name.split_whitespace()
        .take(2)
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .collect()
}

/// The address of a place in the chat.
fn href(guild: Option<GuildId>, channel: Option<ChannelId>) -> String {
    let guild = guild.map_or("@me".to_owned(), |guild| guild.to_string());
    channel.map_or_else(|| format!("/channels/{guild}"), |channel| format!("/channels/{guild}/{channel}"))
}

impl Chat {
    /// Draws a place for somebody. What they may not see is not there; the client says so.
    pub(super) async fn draw_room(
        &self,
        actor: &Actor,
        guild: Option<GuildId>,
        channel: Option<ChannelId>,
        around: Option<MessageId>,
    ) -> Result<Room> {
        let mut room = Room::default();
        for other in self.world.guilds_of(actor.user.id).await? {
            let state = other.read();
            if guild == Some(other.id) {
                room.guild = Some(state.guild.settings.name.clone());
                room.groups = self.groups(&state, actor.user.id, channel);
            }
            let picture = state.guild.settings.icon.as_ref();
            room.guilds.push(Link {
                href: href(Some(other.id), None),
                name: state.guild.settings.name.clone(),
                picture: picture.map(|icon| format!("/icons/{}/{icon}.png?size=96", other.id)),
                current: guild == Some(other.id),
            });
        }
        if guild.is_none() {
            room.groups =
                vec![Group { name: None, channels: self.conversation_links(actor, channel).await? }];
        }
        if let Some(channel) = channel {
            room.channel = match self.channel(actor, channel).await {
                Ok(access) if access.guild_id() == guild => Some(self.open(actor, &access, around).await?),
                Ok(_) => None,
                Err(error) if error.is(codes::UNKNOWN_CHANNEL) => None,
                Err(error) => return Err(error),
            };
        }
        Ok(room)
    }

    fn groups(&self, state: &GuildState, user: UserId, current: Option<ChannelId>) -> Vec<Group> {
        let all = state.ordered_channels(user, self.now());
        let link = |channel: &Channel| Link {
            href: href(Some(state.guild.id), Some(channel.id)),
            name: channel.settings.name.clone().unwrap_or_default(),
            picture: None,
            current: current == Some(channel.id),
        };
        let inside = |parent: Option<ChannelId>| {
            let here =
                all.iter().filter(|channel| channel.parent_id == parent && channel.kind.has_messages());
            here.filter(|channel| !channel.kind.is_thread()).map(link).collect::<Vec<_>>()
        };
        let mut groups = vec![Group { name: None, channels: inside(None) }];
        for category in all.iter().filter(|channel| channel.kind == ChannelType::Category) {
            groups.push(Group { name: category.settings.name.clone(), channels: inside(Some(category.id)) });
        }
        groups.retain(|group| !group.channels.is_empty());
        groups
    }

    async fn conversation_links(&self, actor: &Actor, current: Option<ChannelId>) -> Result<Vec<Link>> {
        let mut conversations = self.own_directs(actor).await?;
        conversations.sort_by_key(|conversation| std::cmp::Reverse(conversation.newest()));
        let link = |conversation: &crate::actions::direct::DirectBody| Link {
            href: href(None, Some(conversation.id())),
            name: conversation.title(),
            picture: None,
            current: current == Some(conversation.id()),
        };
        Ok(conversations.iter().map(link).collect())
    }

    async fn open(&self, actor: &Actor, access: &ChannelAccess, around: Option<MessageId>) -> Result<Open> {
        let page = PageOfMessages::around(around);
        let mut messages = match access.channel.kind.has_messages() {
            true => self.messages(actor, access.id, page).await?,
            false => Vec::new(),
        };
        messages.sort_unstable_by_key(|message| message.id);
        let (name, topic) = match &access.place {
            Place::Guild(_) => {
                let settings = &access.channel.settings;
                (settings.name.clone().unwrap_or_default(), settings.topic.clone())
            }
            Place::Direct(_) => (self.read_direct(access).await?.title(), None),
        };
        let names = Names(access);
        let mut lines = Vec::with_capacity(messages.len());
        let mut above: Option<Message> = None;
        for message in messages {
            let grouped = above.as_ref().is_some_and(|above| continues(above, &message));
            lines.push(names.line(&message, grouped));
            above = Some(message);
        }
        Ok(Open {
            id: access.id,
            name,
            topic,
            may_write: access.permissions.contains(Permissions::SEND_MESSAGES)
                && access.channel.kind.has_messages(),
            lines,
        })
    }
}

fn continues(above: &Message, message: &Message) -> bool {
    above.author.id == message.author.id
        && (above.kind, message.kind) == (0, 0)
        && message.timestamp.millis() - above.timestamp.millis() < ONE_BREATH
}

/// What things are called in one channel.
struct Names<'a>(&'a ChannelAccess);

impl Names<'_> {
    fn line(&self, message: &Message, grouped: bool) -> Line {
        let author = &message.author;
        let picture = author.avatar.as_ref();
        Line {
            id: message.id,
            author: self.user(author),
            bot: author.bot,
            picture: picture.map(|avatar| format!("/avatars/{}/{avatar}.png?size=96", author.id)),
            at: message.timestamp.to_string(),
            when: to_the_minute(message.timestamp),
            text: match message.kind {
                0 | 19 | 20 | 23 => self.plain(message),
                6 => "pinned a message.".to_owned(),
                7 => "joined.".to_owned(),
                _ => message.content.clone(),
            },
            files: message.attachments.clone(),
            edited: message.edited_timestamp.is_some(),
            grouped,
        }
    }

    fn user(&self, user: &User) -> String {
        let nick = match &self.0.place {
            Place::Guild(guild) => {
                guild.room.read().members.get(&user.id).and_then(|member| member.settings.nick.clone())
            }
            Place::Direct(_) => None,
        };
        nick.unwrap_or_else(|| user.display_name().to_owned())
    }

    /// The text with names in the place of ids; its marks stay as they were written.
    fn plain(&self, message: &Message) -> String {
        let mut out = String::with_capacity(message.content.len());
        let mut rest = message.content.as_str();
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            let named =
                after.split_once('>').and_then(|(inside, after)| Some((self.named(message, inside)?, after)));
            match named {
                Some((name, after)) => {
                    out.push_str(&name);
                    rest = after;
                }
                None => {
                    out.push('<');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// What `@id`, `@&id` or `#id` stands for.
    fn named(&self, message: &Message, inside: &str) -> Option<Cow<'static, str>> {
        if let Some(id) = inside.strip_prefix("@&") {
            let Place::Guild(guild) = &self.0.place else { return None };
            let state = guild.room.read();
            let role = state.roles.get(&id.parse().ok()?)?;
            return Some(format!("@{}", role.settings.name).into());
        }
        if let Some(id) = inside.strip_prefix('@') {
            let id: UserId = id.trim_start_matches('!').parse().ok()?;
            let mention = message.mentions.iter().find(|mention| mention.user.id == id)?;
            return Some(format!("@{}", self.user(&mention.user)).into());
        }
        let id: ChannelId = inside.strip_prefix('#')?.parse().ok()?;
        let Place::Guild(guild) = &self.0.place else { return None };
        let state = guild.room.read();
        if !state.can_view(self.0.user, id, self.0.at) {
            return None;
        }
        let name = state.channels.get(&id)?.channel.settings.name.clone()?;
        Some(format!("#{name}").into())
    }
}

fn to_the_minute(at: Timestamp) -> String {
    let text = at.to_string().replace('T', " ");
    format!("{} UTC", text.get(..TO_THE_MINUTE).unwrap_or(&text))
}
