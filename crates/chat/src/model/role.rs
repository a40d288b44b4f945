//! A role (<https://discord.com/developers/docs/topics/permissions#role-object>).

use guildhall_base::{Permissions, RoleId, UserId};
use serde::{Deserialize, Serialize};

/// A role of a guild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its id; the `@everyone` role has the guild's.
    pub id: RoleId,
    /// Its place in the order, `@everyone` at 0; dense and unique in the guild.
    pub position: i64,
    /// What it grants.
    pub permissions: Permissions,
    /// What it takes away from what roles below it granted. An extension; left out when empty.
    #[serde(default, skip_serializing_if = "Permissions::is_empty")]
    pub denied_permissions: Permissions,
    /// Everything else.
    #[serde(flatten)]
    pub settings: RoleSettings,
}

/// The colours of a role; Discord sends them beside the older single colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoleColors {
    /// 0xRRGGBB; 0 means none.
    pub primary_color: u32,
    /// Second colour of a gradient.
    pub secondary_color: Option<u32>,
    /// Third colour of a gradient.
    pub tertiary_color: Option<u32>,
}

/// What a role is besides its place and its permissions; stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoleSettings {
    /// 1 to 100 characters.
    pub name: String,
    /// 0xRRGGBB; equal to `colors.primary_color`.
    pub color: u32,
    /// The same and more.
    pub colors: RoleColors,
    /// Shown apart in the member list.
    pub hoist: bool,
    /// Hash of an icon.
    pub icon: Option<String>,
    /// An emoji as icon.
    pub unicode_emoji: Option<String>,
    /// Belongs to a bot or integration and cannot be given by hand.
    pub managed: bool,
    /// Anyone may mention it.
    pub mentionable: bool,
    /// Bit set.
    pub flags: u32,
    /// Whose managed role it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<RoleTags>,
}

/// Whose managed role it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleTags {
    /// The bot.
    pub bot_id: UserId,
}
