//! A channel (<https://discord.com/developers/docs/resources/channel#channel-object>).

use guildhall_base::{AnyId, ChannelId, GuildId, MessageId, Permissions, Timestamp, present};
use serde::{Deserialize, Serialize};

/// The types of channels that Guildhall has, by Discord's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelType {
    /// Text in a guild.
    Text = 0,
    /// Two people.
    Direct = 1,
    /// Voice in a guild; its text chat works, its media does not.
    Voice = 2,
    /// Up to ten people.
    GroupDirect = 3,
    /// Holds channels.
    Category = 4,
    /// Text whose messages other guilds may follow.
    Announcement = 5,
    /// A thread under an announcement channel.
    AnnouncementThread = 10,
    /// A thread everybody sees who sees its parent.
    PublicThread = 11,
    /// A thread for those invited.
    PrivateThread = 12,
    /// A stage.
    Stage = 13,
    /// Only threads.
    Forum = 15,
    /// Only threads with media.
    Media = 16,
}

impl ChannelType {
    /// By Discord's number.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::Text,
            1 => Self::Direct,
            2 => Self::Voice,
            3 => Self::GroupDirect,
            4 => Self::Category,
            5 => Self::Announcement,
            10 => Self::AnnouncementThread,
            11 => Self::PublicThread,
            12 => Self::PrivateThread,
            13 => Self::Stage,
            15 => Self::Forum,
            16 => Self::Media,
            _ => return None,
        })
    }

    /// Discord's number.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// Whether messages can be sent in it.
    pub fn has_messages(self) -> bool {
        !matches!(self, Self::Category | Self::Forum | Self::Media)
    }

    /// Whether it is a voice or stage channel.
    pub fn is_voice(self) -> bool {
        matches!(self, Self::Voice | Self::Stage)
    }

    /// Whether it is a thread.
    pub fn is_thread(self) -> bool {
        matches!(self, Self::AnnouncementThread | Self::PublicThread | Self::PrivateThread)
    }

    /// Whether it belongs to people rather than to a guild.
    pub fn is_direct(self) -> bool {
        matches!(self, Self::Direct | Self::GroupDirect)
    }
}

impl Serialize for ChannelType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.number())
    }
}

impl<'de> Deserialize<'de> for ChannelType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        Self::from_number(number).ok_or_else(|| {
            serde::de::Error::invalid_value(serde::de::Unexpected::Signed(number), &"a channel type")
        })
    }
}

/// Whom an overwrite is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OverwriteType {
    /// A role.
    Role = 0,
    /// A member.
    Member = 1,
}

impl OverwriteType {
    /// By Discord's number.
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Role),
            1 => Some(Self::Member),
            _ => None,
        }
    }
}

impl Serialize for OverwriteType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self as u8)
    }
}

impl<'de> Deserialize<'de> for OverwriteType {
    /// Also takes `"role"`, `"member"` and numbers in strings, as older libraries send.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(i64),
            Text(String),
        }
        let number = match Form::deserialize(deserializer)? {
            Form::Number(number) => Some(number),
            Form::Text(text) if text == "role" => Some(0),
            Form::Text(text) if text == "member" => Some(1),
            Form::Text(text) => text.parse().ok(),
        };
        number
            .and_then(Self::from_number)
            .ok_or_else(|| serde::de::Error::custom("an overwrite's type is 0 (role) or 1 (member)"))
    }
}

/// What a channel allows and denies one role or member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overwrite {
    /// The role or member.
    pub id: AnyId,
    /// Which of the two.
    #[serde(rename = "type")]
    pub kind: OverwriteType,
    /// Allowed here.
    #[serde(default)]
    pub allow: Permissions,
    /// Denied here.
    #[serde(default)]
    pub deny: Permissions,
}

/// A channel of a guild, or (without `guild_id`) of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ChannelType,
    /// The guild it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guild_id: Option<GuildId>,
    /// Its place among the channels of its sort.
    pub position: i64,
    /// The category it is in, or the channel a thread hangs under.
    pub parent_id: Option<ChannelId>,
    /// Who may do what here.
    pub permission_overwrites: Vec<Overwrite>,
    /// The newest message, which may be deleted by now.
    pub last_message_id: Option<MessageId>,
    /// When a message was last pinned.
    #[serde(default)]
    pub last_pin_timestamp: Option<Timestamp>,
    /// What its managers may change.
    #[serde(flatten)]
    pub settings: ChannelSettings,
}

/// What a channel's managers may change; stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChannelSettings {
    /// 1 to 100 characters; null only for direct messages without a name.
    pub name: Option<String>,
    /// 0 to 1024 characters (4096 in forums).
    pub topic: Option<String>,
    /// Age-restricted.
    #[serde(default)]
    pub nsfw: bool,
    /// Seconds between two messages of one member, 0 to 21600.
    #[serde(default)]
    pub rate_limit_per_user: u32,
    /// Bit set.
    #[serde(default)]
    pub flags: u32,
    /// Voice: bits per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<u32>,
    /// Voice: how many may join; 0 means no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_limit: Option<u32>,
    /// Voice: region.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub rtc_region: Option<Option<String>>,
    /// Minutes after which new threads are archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_auto_archive_duration: Option<u32>,
    /// Voice: 1 automatic, 2 720p; absent for 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_quality_mode: Option<u32>,
    /// Slow mode that new threads start with, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_thread_rate_limit_per_user: Option<u32>,
    /// Forums: what threads may be tagged with; at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_tags: Option<Vec<ForumTag>>,
    /// Forums: the emoji that is offered for threads.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub default_reaction_emoji: Option<Option<DefaultReaction>>,
    /// Forums: 0 by latest activity, 1 by creation.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub default_sort_order: Option<Option<u8>>,
    /// Forums: 0 not set, 1 list, 2 gallery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_forum_layout: Option<u32>,
    /// Group direct messages: the icon's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Group direct messages: who may remove others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<guildhall_base::UserId>,
}

/// What a thread in a forum may be tagged with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForumTag {
    /// Its id.
    pub id: AnyId,
    /// 1 to 20 characters.
    pub name: String,
    /// Whether only those who manage threads may use it.
    pub moderated: bool,
    /// A custom emoji.
    pub emoji_id: Option<AnyId>,
    /// Or one of Unicode's.
    pub emoji_name: Option<String>,
}

/// The emoji that a forum offers for its threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultReaction {
    /// A custom emoji.
    pub emoji_id: Option<AnyId>,
    /// Or one of Unicode's.
    pub emoji_name: Option<String>,
}

impl Channel {
    /// A channel between people, with nothing but what it is.
    pub fn direct(id: ChannelId, kind: ChannelType) -> Self {
        Self {
            id,
            kind,
            guild_id: None,
            position: 0,
            parent_id: None,
            permission_overwrites: Vec::new(),
            last_message_id: None,
            last_pin_timestamp: None,
            settings: ChannelSettings::default(),
        }
    }
}

impl ChannelSettings {
    /// What a new channel of this type starts with.
    pub fn for_kind(kind: ChannelType) -> Self {
        let voice = kind.is_voice();
        let forum = matches!(kind, ChannelType::Forum | ChannelType::Media);
        Self {
            available_tags: forum.then(Vec::new),
            default_reaction_emoji: forum.then_some(None),
            default_sort_order: forum.then_some(None),
            default_forum_layout: forum.then_some(0),
            default_thread_rate_limit_per_user: forum.then_some(0),
            bitrate: voice.then_some(64_000),
            user_limit: voice.then_some(0),
            rtc_region: voice.then_some(None),
            ..Self::default()
        }
    }
}
