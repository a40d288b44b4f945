//! What is done to many members or messages at once: the payloads of the jobs that do it, and what they answer.

use guildhall_base::{ChannelId, MessageId, RoleId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Which members are meant: those for whom everything holds that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MemberFilter {
    /// One of these; of bans also people who are no members. Empty: anybody.
    pub users: Vec<UserId>,
    /// Holds all of these roles.
    pub has_roles: Vec<RoleId>,
    /// Holds none of these roles.
    pub lacks_roles: Vec<RoleId>,
    /// Holds no role at all.
    pub without_roles: bool,
    /// Came before.
    pub joined_before: Option<Timestamp>,
    /// Came at this time or later.
    pub joined_after: Option<Timestamp>,
    /// Came within so many seconds before the job was asked for.
    pub joined_within_seconds: Option<u64>,
    /// Whose account was then younger than so many seconds.
    pub account_younger_seconds: Option<u64>,
    /// Bots only, or people only.
    pub bots: Option<bool>,
    /// One of whose names (user name, shown name, nickname) is like this, whatever the case: `*` stands for anything,
    /// `?` for one character.
    pub name: Option<String>,
}

/// Gives roles to members and takes roles from them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MassRoles {
    /// Roles that they get.
    pub give: Vec<RoleId>,
    /// Roles that they lose.
    pub take: Vec<RoleId>,
    /// Whom it is about; everybody, if nothing is said.
    pub members: MemberFilter,
    /// For the audit log; at most 512 characters.
    pub reason: Option<String>,
}

/// Bans many.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MassBan {
    /// Whom; must say something.
    pub members: MemberFilter,
    /// What they wrote within so many seconds goes too, at most a week.
    pub delete_message_seconds: i64,
    /// For the audit log and the list of bans; at most 512 characters.
    pub reason: Option<String>,
}

/// Deletes messages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessagePrune {
    /// In these channels. Empty: in all in which whoever asks may delete messages.
    pub channels: Vec<ChannelId>,
    /// By one of these. Empty: by anybody.
    pub authors: Vec<UserId>,
    /// By bots and webhooks only.
    pub bots: bool,
    /// With this text, whatever the case.
    pub contains: Option<String>,
    /// With a link.
    pub links: bool,
    /// With a file.
    pub attachments: bool,
    /// With an embed.
    pub embeds: bool,
    /// Older than this message.
    pub before: Option<MessageId>,
    /// Younger than this message.
    pub after: Option<MessageId>,
    /// Sent before.
    pub sent_before: Option<Timestamp>,
    /// Sent at this time or later.
    pub sent_after: Option<Timestamp>,
    /// Pinned ones too.
    pub pinned: bool,
    /// At most so many, the newest of each channel first; the installation's limit, if nothing is said.
    pub max: Option<u32>,
    /// At most so many in each channel.
    pub per_channel: Option<u32>,
    /// For the audit log; at most 512 characters.
    pub reason: Option<String>,
}

/// Gives a member who has come back what they had when they went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveBack {
    /// Who.
    pub user: UserId,
}

/// What a mass job did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Members who were changed or banned, messages that were deleted.
    pub done: u64,
    /// Those with whom there was nothing to do.
    pub unchanged: u64,
    /// Those with whom it failed; the job's log says why.
    pub failed: u64,
}

/// How much a guild remembers of those who go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RememberSettings {
    /// Whether it does at all.
    pub enabled: bool,
    /// For so many days, 1 to 365.
    pub days: u32,
    /// Also of those who were kicked or pruned.
    pub kicked: bool,
    /// Also of those who were banned.
    pub banned: bool,
    /// Also roles with permissions that can harm the guild are given back by themselves.
    pub dangerous: bool,
}

impl Default for RememberSettings {
    fn default() -> Self {
        Self { enabled: false, days: 30, kicked: false, banned: false, dangerous: false }
    }
}

/// What was kept of somebody who went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departed {
    /// Who.
    pub user: UserId,
    /// The roles that they had, as far as they were not given back.
    pub roles: Vec<RoleId>,
    /// What they were called.
    pub nick: Option<String>,
    /// When they went.
    pub left_at: Timestamp,
    /// Until when it is kept.
    pub keep_until: Timestamp,
    /// In whose name it is given back; None: of whoever set up that the guild remembers.
    pub by: Option<UserId>,
}
