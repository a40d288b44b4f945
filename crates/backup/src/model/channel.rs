//! Channels and threads.

use guildhall_base::{AnyId, ChannelId, UserId};
use serde::{Deserialize, Serialize};

use super::Bits;

/// A channel of the guild. What does not fit its type is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Discord's number of its type: 0 text, 2 voice, 4 category, 5 announcement, 10 to 12 threads, 13 stage, 15 forum,
    /// 16 media.
    #[serde(rename = "type")]
    pub kind: u8,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// Its place among the channels of its sort.
    #[serde(default)]
    pub position: i64,
    /// The category it is in, or the channel a thread hangs under.
    #[serde(default)]
    pub parent_id: Option<ChannelId>,
    /// Who may do what here.
    #[serde(default)]
    pub permission_overwrites: Vec<Overwrite>,
    /// What it is about.
    #[serde(default)]
    pub topic: Option<String>,
    /// Age-restricted.
    #[serde(default)]
    pub nsfw: bool,
    /// Seconds between two messages of one member.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtc_region: Option<String>,
    /// Voice: 1 automatic, 2 720p.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_quality_mode: Option<u32>,
    /// Minutes after which new threads are archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_auto_archive_duration: Option<u32>,
    /// Slow mode that new threads start with, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_thread_rate_limit_per_user: Option<u32>,
    /// Forums: what threads may be tagged with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_tags: Option<Vec<Tag>>,
    /// Forums: the emoji that is offered for threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_reaction_emoji: Option<DefaultReaction>,
    /// Forums: 0 by latest activity, 1 by creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_sort_order: Option<u8>,
    /// Forums: 0 not set, 1 list, 2 gallery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_forum_layout: Option<u32>,
    /// Threads: who began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// Threads in forums: its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applied_tags: Vec<AnyId>,
    /// Threads: how it stands.
    #[serde(default, rename = "thread_metadata", skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
}

impl Channel {
    /// Whether it is a category.
    pub fn is_category(&self) -> bool {
        self.kind == 4
    }

    /// Whether it is a thread.
    pub fn is_thread(&self) -> bool {
        matches!(self.kind, 10..=12)
    }

    /// Whether there are messages right in it.
    pub fn has_messages(&self) -> bool {
        matches!(self.kind, 0 | 2 | 5 | 10..=13)
    }
}

/// What a channel allows and denies one role or member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overwrite {
    /// The role or member.
    pub id: AnyId,
    /// 0 a role, 1 a member.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Allowed here.
    #[serde(default)]
    pub allow: Bits,
    /// Denied here.
    #[serde(default)]
    pub deny: Bits,
}

/// What a thread in a forum may be tagged with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its id.
    pub id: AnyId,
    /// What it is called.
    pub name: String,
    /// Whether only those who manage threads may use it.
    #[serde(default)]
    pub moderated: bool,
    /// A custom emoji.
    #[serde(default)]
    pub emoji_id: Option<AnyId>,
    /// Or one of Unicode's.
    #[serde(default)]
    pub emoji_name: Option<String>,
}

/// The emoji that a forum offers for its threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultReaction {
    /// A custom emoji.
    #[serde(default)]
    pub emoji_id: Option<AnyId>,
    /// Or one of Unicode's.
    #[serde(default)]
    pub emoji_name: Option<String>,
}

/// How a thread stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Thread {
    /// Put away.
    pub archived: bool,
    /// Minutes without a message until it is put away.
    pub auto_archive_duration: u32,
    /// Only those who manage threads may bring it back.
    pub locked: bool,
    /// Private threads: whether members may bring others in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitable: Option<bool>,
}
