//! An application command
//! (<https://discord.com/developers/docs/interactions/application-commands#application-command-object>).

use std::collections::BTreeMap;

use guildhall_base::{ApplicationId, CommandId, GuildId, Permissions};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// What something is called, by locale.
pub type Localizations = BTreeMap<String, String>;

/// A registered command as it is sent to clients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Command {
    /// Its id; stays while its name and type stay.
    pub id: CommandId,
    /// Whose it is.
    pub application_id: ApplicationId,
    /// The guild it is for; none for a global one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guild_id: Option<GuildId>,
    /// Another one after each change.
    pub version: CommandId,
    /// What its application said of it.
    #[serde(flatten)]
    pub definition: Definition,
}

/// What an application says of a command; stored as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// 1 in the chat input, 2 on a user, 3 on a message.
    #[serde(rename = "type")]
    pub kind: u8,
    /// 1 to 32 characters.
    pub name: String,
    /// Left out of lists unless asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "guildhall_base::present")]
    pub name_localizations: Option<Option<Localizations>>,
    /// In the language of who asked; only in lists without the field above.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub name_localized: Option<String>,
    /// 1 to 100 characters; empty unless it is for the chat input.
    pub description: String,
    /// Left out of lists unless asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "guildhall_base::present")]
    pub description_localizations: Option<Option<Localizations>>,
    /// In the language of who asked; only in lists without the field above.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub description_localized: Option<String>,
    /// What it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<CommandOption>,
    /// What members need to use it; null for everybody, 0 for administrators only.
    pub default_member_permissions: Option<Permissions>,
    /// Whether it can be used in direct messages with its bot; only global ones say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dm_permission: Option<bool>,
    /// Where it can be used: 0 guilds, 1 direct messages with its bot, 2 other direct messages.
    #[serde(default)]
    pub contexts: Option<Vec<u8>>,
    /// How its application is installed: 0 in guilds, 1 by users.
    pub integration_types: Vec<u8>,
    /// Only in age-restricted channels.
    #[serde(default)]
    pub nsfw: bool,
}

/// What a command takes
/// (<https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-structure>).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CommandOption {
    /// 1 subcommand, 2 group, 3 string, 4 integer, 5 boolean, 6 user, 7 channel, 8 role, 9 mentionable, 10 number,
    /// 11 attachment.
    #[serde(rename = "type")]
    pub kind: u8,
    /// 1 to 32 characters in lower case.
    pub name: String,
    /// Left out of lists unless asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "guildhall_base::present")]
    pub name_localizations: Option<Option<Localizations>>,
    /// In the language of who asked; only in lists without the field above.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub name_localized: Option<String>,
    /// 1 to 100 characters.
    pub description: String,
    /// Left out of lists unless asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "guildhall_base::present")]
    pub description_localizations: Option<Option<Localizations>>,
    /// In the language of who asked; only in lists without the field above.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub description_localized: Option<String>,
    /// Whether it must be given.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub required: bool,
    /// The only values it may have, if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// What a subcommand takes, or the subcommands of a group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<CommandOption>,
    /// Which channels may be chosen; all, if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel_types: Vec<u8>,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_value: Option<Number>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_value: Option<Number>,
    /// The fewest characters, 0 to 6000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u16>,
    /// The most characters, 1 to 6000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u16>,
    /// Whether the application suggests values while somebody types.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub autocomplete: bool,
}

/// A value that an option may have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What is shown, 1 to 100 characters.
    pub name: String,
    /// Left out of lists unless asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "guildhall_base::present")]
    pub name_localizations: Option<Option<Localizations>>,
    /// In the language of who asked; only in lists without the field above.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub name_localized: Option<String>,
    /// A text of at most 100 characters or a number.
    pub value: Value,
}

impl Definition {
    /// Whether it can be used in a guild.
    pub fn in_guilds(&self) -> bool {
        self.contexts.as_ref().is_none_or(|contexts| contexts.contains(&0))
    }

    /// Whether it can be used in direct messages with its bot.
    pub fn in_direct_messages(&self) -> bool {
        match &self.contexts {
            Some(contexts) => contexts.contains(&1),
            None => self.dm_permission.unwrap_or(false),
        }
    }

    /// The same with what it is called in one locale, or its fallback, instead of in all.
    /// <https://discord.com/developers/docs/interactions/application-commands#localization>
    #[must_use]
    pub fn in_locale(mut self, locale: &str) -> Self {
        fn localize(options: &mut [CommandOption], locale: &str) {
            for option in options {
                option.name_localized = pick(option.name_localizations.take(), locale);
                option.description_localized = pick(option.description_localizations.take(), locale);
                for choice in &mut option.choices {
                    choice.name_localized = pick(choice.name_localizations.take(), locale);
                }
                localize(&mut option.options, locale);
            }
        }
        self.name_localized = pick(self.name_localizations.take(), locale);
        self.description_localized = pick(self.description_localizations.take(), locale);
        localize(&mut self.options, locale);
        self
    }
}

/// What something is called in a locale, or else in the one that Discord falls back to.
fn pick(localizations: Option<Option<Localizations>>, locale: &str) -> Option<String> {
    let fallback = match locale {
        "en-US" => "en-GB",
        "en-GB" => "en-US",
        "es-419" => "es-ES",
        _ => locale,
    };
    let mut texts = localizations??;
    texts.remove(locale).or_else(|| texts.remove(fallback))
}
