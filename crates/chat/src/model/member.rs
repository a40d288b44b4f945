//! A member (<https://discord.com/developers/docs/resources/guild#guild-member-object>).

use guildhall_accounts::User;
use guildhall_base::{RoleId, Timestamp};
use serde::{Deserialize, Serialize};

/// A user in a guild.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// Who; left out in messages, which have the author beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// The roles besides `@everyone`.
    pub roles: Vec<RoleId>,
    /// Since when.
    pub joined_at: Timestamp,
    /// May only read until then.
    #[serde(default)]
    pub communication_disabled_until: Option<Timestamp>,
    /// Everything else.
    #[serde(flatten)]
    pub settings: MemberSettings,
}

/// What a member is besides their roles and times; stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MemberSettings {
    /// 1 to 32 characters.
    #[serde(default)]
    pub nick: Option<String>,
    /// Hash of the picture in this guild.
    #[serde(default)]
    pub avatar: Option<String>,
    /// Hash of the banner in this guild.
    #[serde(default)]
    pub banner: Option<String>,
    /// What they say of themselves in this guild.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bio: String,
    /// Always null: there is nothing to pay for.
    #[serde(default)]
    pub premium_since: Option<Timestamp>,
    /// Deafened by a moderator.
    #[serde(default)]
    pub deaf: bool,
    /// Muted by a moderator.
    #[serde(default)]
    pub mute: bool,
    /// Has not yet passed the guild's screening.
    #[serde(default)]
    pub pending: bool,
    /// Bit set.
    #[serde(default)]
    pub flags: u32,
}

impl Member {
    /// A member who has just come.
    pub fn new(joined_at: Timestamp) -> Self {
        Self {
            user: None,
            roles: Vec::new(),
            joined_at,
            communication_disabled_until: None,
            settings: MemberSettings::default(),
        }
    }

    /// The same with the user, as lists and events show it.
    #[must_use]
    pub fn with_user(mut self, user: &User) -> Self {
        self.user = Some(user.clone());
        self
    }
}
