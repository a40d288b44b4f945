//! What `guildhall seed` answers.

use std::fmt;

use guildhall_base::{ApplicationId, ChannelId, GuildId, RoleId, UserId};
use serde::{Deserialize, Serialize};

/// The ids and tokens of a described world.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the file's order.
    pub users: Vec<ReportedUser>,
    /// In the file's order.
    pub bots: Vec<ReportedBot>,
    /// In the file's order.
    pub guilds: Vec<ReportedGuild>,
}

/// A described person.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub struct ReportedUser {
    pub name: String,
    pub id: UserId,
    pub token: String,
}

/// A described bot.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub struct ReportedBot {
    pub name: String,
    pub id: UserId,
    pub application_id: ApplicationId,
    pub token: String,
}

/// A described guild with everything in it, described or not.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub struct ReportedGuild {
    pub name: String,
    pub id: GuildId,
    pub channels: Vec<ReportedChannel>,
    pub roles: Vec<ReportedRole>,
}

/// A channel of a described guild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub struct ReportedChannel {
    pub name: String,
    pub id: ChannelId,
    #[serde(rename = "type")]
    pub kind: u8,
}

/// A role of a described guild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub struct ReportedRole {
    pub name: String,
    pub id: RoleId,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for user in &self.users {
            writeln!(f, "user  {} ({})  token {}", user.name, user.id, user.token)?;
        }
        for bot in &self.bots {
            writeln!(f, "bot   {} ({})  token {}", bot.name, bot.id, bot.token)?;
        }
        for guild in &self.guilds {
            write!(f, "guild {} ({}):", guild.name, guild.id)?;
            for channel in guild.channels.iter().filter(|channel| channel.kind != 4) {
                write!(f, " #{}", channel.name)?;
            }
            writeln!(f)?;
        }
        write!(f, "The world is as described.")
    }
}
