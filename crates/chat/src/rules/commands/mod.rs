//! Application commands: what a definition may contain, and whether an invocation fits its definition
//! (<https://discord.com/developers/docs/interactions/application-commands>).

mod invocation;
mod options;

use std::ops::RangeInclusive;

use guildhall_base::{AnyId, CommandId, Form, Permissions};
use serde_json::{Map, Value};

use super::read::Object;
use crate::model::{CommandOption, Definition, Localizations};

pub use invocation::{Invocation, Want, WantKind, read_invocation};
pub use options::read_choices;

/// A command of the chat input.
pub const CHAT_INPUT: u8 = 1;
/// A command on a user.
pub const USER: u8 = 2;
/// A command on a message.
pub const MESSAGE: u8 = 3;

/// How many commands of a type an application may have in one guild, and as many globally.
pub fn most(kind: u8) -> usize {
    if kind == CHAT_INPUT { 100 } else { 5 }
}

/// How many characters the names, descriptions and values of one command may have together.
pub const MAX_SIZE: usize = 8000;
/// How many characters a text given to an option may have.
pub const MAX_TEXT: u16 = 6000;

/// The locales that there may be names in.
const LOCALES: &[&str] = &[
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl",
    "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja",
    "zh-TW", "ko", "ar", "he",
];

/// Kinds of options, by Discord's numbers.
pub(super) mod kind {
    pub(super) const SUB_COMMAND: u8 = 1;
    pub(super) const SUB_COMMAND_GROUP: u8 = 2;
    pub(super) const STRING: u8 = 3;
    pub(super) const INTEGER: u8 = 4;
    pub(super) const BOOLEAN: u8 = 5;
    pub(super) const USER: u8 = 6;
    pub(super) const CHANNEL: u8 = 7;
    pub(super) const ROLE: u8 = 8;
    pub(super) const MENTIONABLE: u8 = 9;
    pub(super) const NUMBER: u8 = 10;
    pub(super) const ATTACHMENT: u8 = 11;
}

/// Reads the commands that are to be all of an application's, each at its index, with the id of the command that it
/// is to be, if it says so.
pub fn read_definitions(
    form: &mut Form,
    bodies: &[Value],
    global: bool,
) -> Vec<(Option<CommandId>, Definition)> {
    let mut read: Vec<(Option<CommandId>, Definition)> = Vec::with_capacity(bodies.len());
    for (index, body) in bodies.iter().enumerate() {
        let Some(object) = Object::at(form, body, index.to_string()) else { continue };
        let definition = read_definition(form, &object, global);
        let id = object.snowflake(form, "id").map(AnyId::cast);
        if id.is_some() && read.iter().any(|(other, _)| *other == id) {
            let message = "The set already contains it";
            object.refuse(form, "id", "SET_TYPE_ALREADY_CONTAINS_VALUE", message);
        }
        if read.iter().any(|(_, other)| (other.kind, &other.name) == (definition.kind, &definition.name)) {
            let message = "Application command names must be unique";
            object.refuse(form, "name", "APPLICATION_COMMANDS_DUPLICATE_NAME", message);
        }
        read.push((id, definition));
    }
    read
}

/// Reads a command. The result is what to store; it is worth nothing if the form has complaints.
pub fn read_definition(form: &mut Form, object: &Object<'_>, global: bool) -> Definition {
    let kind = object.integer(form, "type", 1..=3).and_then(|kind| kind.try_into().ok());
    let kind = kind.unwrap_or(CHAT_INPUT);
    let chat_input = kind == CHAT_INPUT;
    object.require(form, "name");
    let mut name = object.text(form, "name", 1..=32).unwrap_or_default();
    if chat_input {
        refuse_bad_name(form, &object.path_of("name"), &name);
    } else {
        name = name.trim().to_owned();
        if name.is_empty() || name.chars().any(char::is_control) {
            refuse_name(form, &object.path_of("name"));
        }
    }
    let contexts = read_set(form, object, "contexts", 2);
    let dm_permission = object.boolean(form, "dm_permission").unwrap_or(true);
    let in_direct = contexts.as_ref().map_or(dm_permission, |contexts| contexts.contains(&1));
    let definition = Definition {
        kind,
        name,
        name_localizations: Some(read_localizations(form, object, "name_localizations", 1..=32, chat_input)),
        name_localized: None,
        description: read_description(form, object, chat_input),
        description_localizations: Some(read_localizations(
            form,
            object,
            "description_localizations",
            1..=100,
            false,
        )),
        description_localized: None,
        options: if chat_input { options::read_options(form, object) } else { Vec::new() },
        default_member_permissions: read_permissions(form, object),
        dm_permission: global.then_some(in_direct),
        contexts,
        integration_types: read_set(form, object, "integration_types", 1).unwrap_or_else(|| vec![0]),
        nsfw: object.boolean(form, "nsfw").unwrap_or_default(),
    };
    if size(&definition) > MAX_SIZE {
        let message = format!("Command exceeds maximum size ({MAX_SIZE})");
        form.refuse(object.path(), "APPLICATION_COMMAND_TOO_LARGE", message);
    }
    definition
}

/// The body of a change, laid over what the command is: absent fields stay, and so does its type.
pub fn merged(definition: &Definition, changes: Map<String, Value>) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(definition) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    // Whether contexts or the older flag decides is up to what the change says.
    if changes.contains_key("dm_permission") && !changes.contains_key("contexts") {
        fields.remove("contexts");
    }
    fields.extend(changes.into_iter().filter(|(name, _)| name != "type"));
    fields
}

fn read_description(form: &mut Form, object: &Object<'_>, chat_input: bool) -> String {
    if chat_input {
        object.require(form, "description");
        return object.text(form, "description", 1..=100).unwrap_or_default();
    }
    let text = object.text(form, "description", 0..=100).unwrap_or_default();
    if !text.is_empty() {
        let message = "Context menu commands cannot have description";
        object.refuse(form, "description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", message);
    }
    String::new()
}

fn read_permissions(form: &mut Form, object: &Object<'_>) -> Option<Permissions> {
    let text = object.text(form, "default_member_permissions", 0..=32)?;
    let read = text.parse().ok().map(Permissions::from_bits_truncate);
    if read.is_none() {
        let message = format!("Value {text} is not int.");
        object.refuse(form, "default_member_permissions", "NUMBER_TYPE_COERCE", message);
    }
    read
}

/// A list of different numbers from 0 to `max`, not empty.
fn read_set(form: &mut Form, object: &Object<'_>, name: &str, max: u8) -> Option<Vec<u8>> {
    object.get(name)?;
    let entries = object.list(form, name, 1..=3);
    let mut read = Vec::with_capacity(entries.len());
    for entry in entries {
        let number = entry.value.as_u64().and_then(|number| u8::try_from(number).ok());
        match number.filter(|number| *number <= max) {
            Some(number) if !read.contains(&number) => read.push(number),
            Some(_) => {
                form.refuse(entry.path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains it")
            }
            None => form.choice(&entry.path, false),
        }
    }
    Some(read)
}

/// Reads what something is called in other languages. Names of what is typed obey the rule of such names.
fn read_localizations(
    form: &mut Form,
    object: &Object<'_>,
    field: &str,
    length: RangeInclusive<usize>,
    typed: bool,
) -> Option<Localizations> {
    let localized = object.object(form, field)?;
    let Some(Value::Object(fields)) = object.get(field) else { return None };
    let mut read = Localizations::new();
    for locale in fields.keys() {
        let path = localized.path_of(locale);
        if !LOCALES.contains(&locale.as_str()) {
            form.choice(&path, false);
        }
        let Some(text) = localized.text(form, locale, length.clone()) else { continue };
        if typed {
            refuse_bad_name(form, &path, &text);
        }
        read.insert(locale.clone(), text);
    }
    Some(read)
}

/// Discord's rule for names that are typed: `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$`, in lower case where there
/// is one.
fn refuse_bad_name(form: &mut Form, path: &str, name: &str) {
    let allowed = |c: char| {
        c.is_alphanumeric() || "-_'".contains(c) || matches!(c, '\u{900}'..='\u{97f}' | '\u{e00}'..='\u{e7f}')
    };
    let lower = name.chars().all(|c| c.to_lowercase().eq([c]));
    // That it is empty was said already.
    if !lower || !name.chars().all(allowed) {
        refuse_name(form, path);
    }
}

fn refuse_name(form: &mut Form, path: &str) {
    form.refuse(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
}

/// How much a command counts: names, descriptions and values, each by its longest form.
fn size(definition: &Definition) -> usize {
    fn longest(text: &str, localized: Option<&Option<Localizations>>) -> usize {
        let localized = localized.and_then(Option::as_ref).into_iter().flat_map(Localizations::values);
        localized.map(|text| text.chars().count()).fold(text.chars().count(), usize::max)
    }
    fn of_option(option: &CommandOption) -> usize {
        let choices = option.choices.iter().map(|choice| {
            let value = choice.value.as_str().map_or(0, |text| text.chars().count());
            longest(&choice.name, choice.name_localizations.as_ref()) + value
        });
        longest(&option.name, option.name_localizations.as_ref())
            + longest(&option.description, option.description_localizations.as_ref())
            + choices.sum::<usize>()
            + option.options.iter().map(of_option).sum::<usize>()
    }
    longest(&definition.name, definition.name_localizations.as_ref())
        + longest(&definition.description, definition.description_localizations.as_ref())
        + definition.options.iter().map(of_option).sum::<usize>()
}
