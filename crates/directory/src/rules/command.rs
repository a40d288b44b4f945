//! What may be said of a listing's commands, and what registered commands say of themselves.

use std::collections::BTreeSet;

use guildhall_base::{Form, Result};
use guildhall_chat::model::{Command, CommandOption};
use serde::Deserialize;
use utoipa::ToSchema;

use super::draft::is_https;
use crate::model::{CommandDetails, CommandKind};

/// Commands in one request.
const AT_ONCE: usize = 200;

/// What somebody says of a command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(example = json!({ "type": "slash_global", "name": "mute", "description": "Lets somebody listen for a while.",
    "args": ["<user>", "[minutes]"], "groups": ["moderation"] }))]
pub(crate) struct CommandDraft {
    /// How it is given.
    #[serde(rename = "type")]
    pub kind: CommandKind,
    /// 1 to 100 characters, without prefix.
    pub name: String,
    /// At most 500 characters.
    #[serde(default)]
    pub description: String,
    /// What else is said of it.
    #[serde(flatten)]
    pub details: CommandDetails,
}

/// Refuses what may not be said.
///
/// # Errors
/// Every wrong field.
pub(crate) fn check(commands: &[CommandDraft]) -> Result<()> {
    let mut form = Form::new();
    form.at_most("commands", commands.len(), AT_ONCE);
    let mut seen = BTreeSet::new();
    for (index, command) in commands.iter().enumerate().take(AT_ONCE) {
        let at = |field: &str| format!("{index}.{field}");
        form.length(&at("name"), command.name.trim(), 1..=100);
        form.length(&at("description"), &command.description, 0..=500);
        if !seen.insert((command.kind, command.name.trim())) {
            form.refuse(at("name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", "This name is there twice.");
        }
        let details = &command.details;
        for (field, lines, most) in [
            ("groups", &details.groups, 10),
            ("args", &details.args, 25),
            ("examples", &details.examples, 10),
            ("notes", &details.notes, 10),
        ] {
            form.at_most(&at(field), lines.len(), most);
            for (line, text) in lines.iter().enumerate().take(most) {
                form.length(&format!("{index}.{field}.{line}"), text, 1..=200);
            }
        }
        if details.doc_link.as_ref().is_some_and(|url| !is_https(url, 400)) {
            form.refuse(at("doc_link"), "URL_TYPE_INVALID_URL", "Must be an https address.");
        }
        if [&command.name, &command.description].iter().any(|text| text.contains('\0')) {
            form.refuse(at("name"), "BASE_TYPE_BAD", "Must not contain the character U+0000.");
        }
    }
    form.finish()
}

/// Registered commands of the chat input as a page lists them: each subcommand is one.
pub(crate) fn registered(commands: &[Command]) -> Vec<CommandDraft> {
    const CHAT_INPUT: u8 = 1;
    let mut listed = Vec::new();
    for command in commands {
        let definition = &command.definition;
        if definition.kind == CHAT_INPUT {
            add(&mut listed, &definition.name, &definition.description, &definition.options, None);
        }
    }
    listed
}

fn add(
    listed: &mut Vec<CommandDraft>,
    name: &str,
    description: &str,
    options: &[CommandOption],
    group: Option<&str>,
) {
    const SUBCOMMAND: u8 = 1;
    const GROUP: u8 = 2;
    let below: Vec<_> = options.iter().filter(|option| matches!(option.kind, SUBCOMMAND | GROUP)).collect();
    for option in &below {
        let name = format!("{name} {}", option.name);
        let first = name.split(' ').next().unwrap_or_default().to_owned();
        add(listed, &name, &option.description, &option.options, Some(&first));
    }
    if below.is_empty() {
        let arg = |option: &CommandOption| match option.required {
            true => format!("<{}>", option.name),
            false => format!("[{}]", option.name),
        };
        listed.push(CommandDraft {
            kind: CommandKind::SlashGlobal,
            name: name.to_owned(),
            description: description.to_owned(),
            details: CommandDetails {
                groups: group.map(str::to_owned).into_iter().collect(),
                args: options.iter().map(arg).collect(),
                ..CommandDetails::default()
            },
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use super::*;

    fn draft(name: &str) -> CommandDraft {
        CommandDraft {
            kind: CommandKind::Prefix,
            name: name.to_owned(),
            description: String::new(),
            details: CommandDetails::default(),
        }
    }

    fn wrong(commands: &[CommandDraft]) -> Vec<String> {
        let error = check(commands).err();
        error.map(|error| error.fields.into_iter().map(|field| field.path).collect()).unwrap_or_default()
    }

    #[test]
    fn names_are_there_once_for_each_kind() {
        let slash = CommandDraft { kind: CommandKind::SlashGlobal, ..draft("mute") };
        assert!(wrong(&[draft("mute"), slash]).is_empty());
        assert_eq!(wrong(&[draft("mute"), draft(" mute ")]), ["1.name"]);
        assert_eq!(wrong(&[draft("")]), ["0.name"]);
        let many: Vec<_> = (0..201).map(|number| draft(&number.to_string())).collect();
        assert_eq!(wrong(&many), ["commands"]);
        let mut linked = draft("help");
        linked.details.doc_link = Some("http://example.com".into());
        linked.details.args = vec![String::new()];
        assert_eq!(wrong(&[linked]), ["0.args.0", "0.doc_link"]);
    }
}
