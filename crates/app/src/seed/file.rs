//! The seed file as written: a described world. `docs/seed.md` explains it to its authors.

use std::collections::HashSet;

use anyhow::{Context, Result, bail, ensure};
use guildhall_base::Permissions;
use serde::{Deserialize, Deserializer, de};

/// A described world.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct World {
    pub(super) users: Vec<User>,
    pub(super) bots: Vec<Bot>,
    pub(super) guilds: Vec<Guild>,
}

/// A person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) display_name: Option<String>,
    pub(super) password: Option<String>,
    pub(super) password_hash: Option<String>,
    /// A mail address; taken for confirmed.
    pub(super) email: Option<String>,
    pub(super) token: Option<String>,
    #[serde(default)]
    pub(super) staff: bool,
}

/// An application with its bot.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bot {
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) token: Option<String>,
    /// Which privileged intents it may use; all unless said otherwise.
    #[serde(default = "PrivilegedIntent::all")]
    pub(super) intents: Vec<PrivilegedIntent>,
}

/// An intent that a bot must be allowed to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum PrivilegedIntent {
    #[serde(alias = "MEMBERS")]
    GuildMembers,
    #[serde(alias = "PRESENCES")]
    GuildPresences,
    MessageContent,
}

impl PrivilegedIntent {
    fn all() -> Vec<Self> {
        vec![Self::GuildMembers, Self::GuildPresences, Self::MessageContent]
    }
}

/// A community.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guild {
    pub(super) name: String,
    pub(super) owner: String,
    #[serde(default)]
    pub(super) roles: Vec<Role>,
    #[serde(default)]
    pub(super) channels: Vec<Channel>,
    #[serde(default)]
    pub(super) members: Vec<Member>,
    #[serde(default)]
    pub(super) messages: Vec<Message>,
}

/// A role; the one called `@everyone` is there already and is only changed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub(super) name: String,
    #[serde(default, deserialize_with = "permissions")]
    pub(super) permissions: Option<Permissions>,
    #[serde(default, deserialize_with = "permissions")]
    pub(super) deny: Option<Permissions>,
    #[serde(default, deserialize_with = "colour")]
    pub(super) color: Option<u32>,
    #[serde(default)]
    pub(super) hoist: bool,
    #[serde(default)]
    pub(super) mentionable: bool,
}

/// A channel. Its parent must stand before it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Channel {
    pub(super) name: String,
    #[serde(default, rename = "type")]
    pub(super) kind: ChannelKind,
    pub(super) parent: Option<String>,
    pub(super) topic: Option<String>,
    #[serde(default)]
    pub(super) nsfw: bool,
    /// Seconds between two messages of one member.
    pub(super) slowmode: Option<u32>,
    #[serde(default)]
    pub(super) overwrites: Vec<Overwrite>,
}

/// The types of channels that can be described, with Discord's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChannelKind {
    #[default]
    Text = 0,
    Voice = 2,
    Category = 4,
    Announcement = 5,
    Stage = 13,
    Forum = 15,
}

impl ChannelKind {
    /// Discord's number.
    pub(super) fn number(self) -> u8 {
        self as u8
    }
}

/// What a role or a member may do in a channel, apart from the rest of the guild.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Overwrite {
    pub(super) role: Option<String>,
    pub(super) user: Option<String>,
    #[serde(default, deserialize_with = "permissions")]
    pub(super) allow: Option<Permissions>,
    #[serde(default, deserialize_with = "permissions")]
    pub(super) deny: Option<Permissions>,
}

/// A person or bot in a guild. The owner is one without being named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) user: String,
    #[serde(default)]
    pub(super) roles: Vec<String>,
    pub(super) nick: Option<String>,
}

/// A message; they are sent in this order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    pub(super) channel: String,
    pub(super) author: String,
    pub(super) content: String,
}

impl World {
    /// Reads a seed file's text.
    ///
    /// # Errors
    /// If it is not TOML, has keys that are not known, or names something that it does not describe.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let world: Self = toml::from_str(text)?;
        world.check()?;
        Ok(world)
    }

    /// Every name is used once and every reference leads somewhere.
    fn check(&self) -> Result<()> {
        let people = names("user", self.users.iter().map(|user| &user.name))?;
        let bots = names("bot", self.bots.iter().map(|bot| &bot.name))?;
        if let Some(both) = people.intersection(&bots).next() {
            bail!("\"{both}\" is a user and a bot; members could not be told apart");
        }
        for bot in &self.bots {
            known("user", &bot.owner, &people).with_context(|| format!("owner of bot \"{}\"", bot.name))?;
        }
        names("guild", self.guilds.iter().map(|guild| &guild.name))?;
        let everybody = people.union(&bots).copied().collect();
        for guild in &self.guilds {
            known("user", &guild.owner, &people)
                .and_then(|()| guild.check(&everybody))
                .with_context(|| format!("in guild \"{}\"", guild.name))?;
        }
        Ok(())
    }
}

impl Guild {
    fn check(&self, everybody: &HashSet<&str>) -> Result<()> {
        let mut roles = names("role", self.roles.iter().map(|role| &role.name))?;
        roles.insert("@everyone");
        let channels = names("channel", self.channels.iter().map(|channel| &channel.name))?;
        let mut members: HashSet<&str> = names("member", self.members.iter().map(|member| &member.user))?;
        members.insert(&self.owner);
        for member in &self.members {
            known("user or bot", &member.user, everybody)?;
            member.roles.iter().try_for_each(|role| known("role", role, &roles))?;
        }
        let mut categories = HashSet::new();
        for channel in &self.channels {
            let place = || format!("channel \"{}\"", channel.name);
            if let Some(parent) = &channel.parent {
                known("category before it", parent, &categories).with_context(place)?;
            }
            for overwrite in &channel.overwrites {
                match (&overwrite.role, &overwrite.user) {
                    (Some(role), None) => known("role", role, &roles),
                    (None, Some(user)) => known("user or bot", user, everybody),
                    _ => bail!("an overwrite is for a role or for a user, one of them"),
                }
                .with_context(place)?;
            }
            if channel.kind == ChannelKind::Category {
                categories.insert(channel.name.as_str());
            }
        }
        for message in &self.messages {
            known("channel", &message.channel, &channels)?;
            known("member", &message.author, &members)?;
        }
        Ok(())
    }
}

fn names<'a>(what: &str, all: impl Iterator<Item = &'a String>) -> Result<HashSet<&'a str>> {
    let mut seen = HashSet::new();
    for name in all {
        ensure!(seen.insert(name.as_str()), "there are two of {what} \"{name}\"");
    }
    Ok(seen)
}

fn known(what: &str, name: &str, among: &HashSet<&str>) -> Result<()> {
    ensure!(among.contains(name), "there is no {what} \"{name}\"");
    Ok(())
}

/// A list of permission names, as Discord documents them.
fn permissions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Permissions>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let mut all = Permissions::empty();
    for name in names {
        let known = || Permissions::all().iter_names().map(|(name, _)| name);
        match Permissions::from_name(&name) {
            Some(permission) => all |= permission,
            None => {
                let near = known()
                    .max_by(|a, b| strsim::jaro_winkler(a, &name).total_cmp(&strsim::jaro_winkler(b, &name)));
                let near = near.unwrap_or_default();
                return Err(de::Error::custom(format!(
                    "no permission is called {name}; did you mean {near}?"
                )));
            }
        }
    }
    Ok(Some(all))
}

/// `"#rrggbb"` or a number.
fn colour<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Number(u32),
        Text(String),
    }
    let number = match Form::deserialize(deserializer)? {
        Form::Number(number) => Some(number),
        Form::Text(text) => text.strip_prefix('#').and_then(|hex| u32::from_str_radix(hex, 16).ok()),
    };
    match number {
        Some(number) if number <= 0xFF_FF_FF => Ok(Some(number)),
        _ => Err(de::Error::custom("a colour is written \"#rrggbb\"")),
    }
}

#[cfg(test)]
mod tests;
