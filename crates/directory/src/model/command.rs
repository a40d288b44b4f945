//! What a listed bot can be told to do.

use guildhall_base::{CommandId, Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a command is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// In a message that begins with the bot's prefix.
    Prefix = 0,
    /// As an application command, everywhere.
    SlashGlobal = 1,
    /// As an application command, in some guilds.
    SlashGuild = 2,
}

impl CommandKind {
    /// As stored.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// As read.
    ///
    /// # Errors
    /// Internal, for a number that is none.
    pub fn numbered(number: i64) -> Result<Self> {
        match number {
            0 => Ok(Self::Prefix),
            1 => Ok(Self::SlashGlobal),
            2 => Ok(Self::SlashGuild),
            _ => Err(Error::internal(format!("{number} is no kind of command"))),
        }
    }
}

/// What is only shown of a command.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CommandDetails {
    /// Under what it is found, at most 10.
    pub groups: Vec<String>,
    /// What it takes, at most 25: `<user>`, `[reason]`.
    pub args: Vec<String>,
    /// How it is used, at most 10.
    pub examples: Vec<String>,
    /// What else there is to know, at most 10.
    pub notes: Vec<String>,
    /// Only for those who pay.
    pub premium_only: bool,
    /// Only for those who voted.
    pub vote_locked: bool,
    /// Where there is more to read, https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_link: Option<String>,
}

/// A command of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCommand {
    /// Its id; stays while its name and kind stay.
    pub id: CommandId,
    /// How it is given.
    pub kind: CommandKind,
    /// 1 to 100 characters, without prefix.
    pub name: String,
    /// At most 500 characters.
    pub description: String,
    /// What else is said of it.
    pub details: CommandDetails,
}
