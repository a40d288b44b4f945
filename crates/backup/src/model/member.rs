//! Who is in the guild, and who may not be.

use guildhall_base::{RoleId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// A member, as far as somebody who returns gets it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// What they were called, for people who read the backup.
    #[serde(default)]
    pub username: String,
    /// Whether it is a bot.
    #[serde(default)]
    pub bot: bool,
    /// What they are called in the guild.
    #[serde(default)]
    pub nick: Option<String>,
    /// Their roles besides `@everyone`.
    #[serde(default)]
    pub roles: Vec<RoleId>,
    /// Since when.
    #[serde(default)]
    pub joined_at: Option<Timestamp>,
    /// May only read until then.
    #[serde(default)]
    pub communication_disabled_until: Option<Timestamp>,
}

/// Somebody who may not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Who.
    pub user_id: UserId,
    /// What they were called, for people who read the backup.
    #[serde(default)]
    pub username: String,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}
