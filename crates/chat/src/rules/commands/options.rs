//! Reads what a command takes.

use guildhall_base::Form;
use serde_json::{Number, Value};

use super::kind::{ATTACHMENT, CHANNEL, INTEGER, NUMBER, STRING, SUB_COMMAND, SUB_COMMAND_GROUP};
use super::{MAX_TEXT, read_localizations, refuse_bad_name};
use crate::model::{ChannelType, Choice, CommandOption};
use crate::rules::read::{Entry, Object};

/// How many options a command or subcommand may take, and how many choices an option may have.
const MOST: usize = 25;
/// The greatest whole number that every client can hold: 2^53.
pub(super) const MAX_INTEGER: i64 = 1 << 53;

/// Where an option stands, and so which kinds it may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Command,
    Group,
    SubCommand,
}

impl Place {
    fn allows(self, kind: u8) -> bool {
        match self {
            Self::Command => (SUB_COMMAND..=ATTACHMENT).contains(&kind),
            Self::Group => kind == SUB_COMMAND,
            Self::SubCommand => (STRING..=ATTACHMENT).contains(&kind),
        }
    }
}

/// Reads the options of a command.
pub(super) fn read_options(form: &mut Form, command: &Object<'_>) -> Vec<CommandOption> {
    read_level(form, command, Place::Command)
}

fn read_level(form: &mut Form, parent: &Object<'_>, place: Place) -> Vec<CommandOption> {
    let entries = parent.list(form, "options", 0..=MOST);
    let mut read: Vec<CommandOption> = Vec::with_capacity(entries.len());
    let mut optional = false;
    for entry in entries {
        let Some(object) = Object::at(form, entry.value, entry.path) else { continue };
        let Some(option) = read_option(form, &object, place) else { continue };
        if read.iter().any(|other| other.name == option.name) {
            let message = "Option names must be unique";
            object.refuse(form, "name", "APPLICATION_COMMAND_OPTIONS_DUPLICATE_NAME", message);
        }
        if is_sub(option.kind) != read.first().map_or(is_sub(option.kind), |first| is_sub(first.kind)) {
            let message =
                "Sub-command and sub-command group option types are mutually exclusive to all other types";
            object.refuse(form, "type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
        }
        if option.required && optional {
            let message = "Required options must be placed before non-required options";
            form.refuse(object.path(), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message);
        }
        optional |= !option.required;
        read.push(option);
    }
    read
}

pub(super) fn is_sub(kind: u8) -> bool {
    matches!(kind, SUB_COMMAND | SUB_COMMAND_GROUP)
}

fn read_option(form: &mut Form, object: &Object<'_>, place: Place) -> Option<CommandOption> {
    for name in ["type", "name", "description"] {
        object.require(form, name);
    }
    let kind = object.integer(form, "type", 1..=11).and_then(|kind| u8::try_from(kind).ok())?;
    if !place.allows(kind) {
        let message = "Sub-commands cannot be nested here";
        object.refuse(form, "type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
        return None;
    }
    let name = object.text(form, "name", 1..=32).unwrap_or_default();
    refuse_bad_name(form, &object.path_of("name"), &name);
    let mut option = CommandOption {
        kind,
        name,
        name_localizations: Some(read_localizations(form, object, "name_localizations", 1..=32, true)),
        description: object.text(form, "description", 1..=100).unwrap_or_default(),
        description_localizations: Some(read_localizations(
            form,
            object,
            "description_localizations",
            1..=100,
            false,
        )),
        ..CommandOption::default()
    };
    match kind {
        SUB_COMMAND => option.options = read_level(form, object, Place::SubCommand),
        SUB_COMMAND_GROUP => option.options = read_level(form, object, Place::Group),
        _ => read_value_rules(form, object, &mut option),
    }
    Some(option)
}

/// Reads what values an option may have.
fn read_value_rules(form: &mut Form, object: &Object<'_>, option: &mut CommandOption) {
    option.required = object.boolean(form, "required").unwrap_or_default();
    match option.kind {
        STRING => {
            let longest = i64::from(MAX_TEXT);
            let length = |number: Option<i64>| number.and_then(|number| u16::try_from(number).ok());
            option.min_length = length(object.integer(form, "min_length", 0..=longest));
            option.max_length = length(object.integer(form, "max_length", 1..=longest));
            if option.min_length.zip(option.max_length).is_some_and(|(min, max)| min > max) {
                let message = "Min length must be less than or equal to max length";
                object.refuse(form, "min_length", "APPLICATION_COMMAND_OPTION_MIN_MAX_INVALID", message);
            }
        }
        INTEGER | NUMBER => {
            option.min_value = read_number(form, object, "min_value", option.kind);
            option.max_value = read_number(form, object, "max_value", option.kind);
            let bounds = option.min_value.as_ref().and_then(Number::as_f64);
            if bounds
                .zip(option.max_value.as_ref().and_then(Number::as_f64))
                .is_some_and(|(min, max)| min > max)
            {
                let message = "Min value must be less than or equal to max value";
                object.refuse(form, "min_value", "APPLICATION_COMMAND_OPTION_MIN_MAX_INVALID", message);
            }
        }
        CHANNEL => option.channel_types = read_channel_types(form, object),
        _ => {}
    }
    if matches!(option.kind, STRING | INTEGER | NUMBER) {
        option.autocomplete = object.boolean(form, "autocomplete").unwrap_or_default();
        option.choices = read_choices(form, object, option.kind);
        if option.autocomplete && !option.choices.is_empty() {
            let message = "Autocomplete may not be set to true if choices are present";
            object.refuse(form, "autocomplete", "APPLICATION_COMMAND_OPTION_CHOICES_AUTOCOMPLETE", message);
        }
    }
}

fn read_channel_types(form: &mut Form, object: &Object<'_>) -> Vec<u8> {
    let entries = object.list(form, "channel_types", 0..=MOST);
    let mut read = Vec::with_capacity(entries.len());
    for Entry { value, path } in entries {
        let known = value.as_i64().filter(|number| ChannelType::from_number(*number).is_some());
        match known.and_then(|number| u8::try_from(number).ok()) {
            Some(number) if !read.contains(&number) => read.push(number),
            Some(_) => {}
            None => form.choice(&path, false),
        }
    }
    read
}

/// A number as the kind of the option wants it: whole and at most 2^53 away from 0, or any.
fn read_number(form: &mut Form, object: &Object<'_>, name: &str, kind: u8) -> Option<Number> {
    if kind == INTEGER {
        return object.integer(form, name, -MAX_INTEGER..=MAX_INTEGER).map(Number::from);
    }
    match object.get(name)? {
        Value::Number(number) => Some(number.clone()),
        value => {
            object.refuse(form, name, "NUMBER_TYPE_COERCE", format!("Value {value} is not a number."));
            None
        }
    }
}

/// Reads the choices of an option or the suggestions for one.
pub fn read_choices(form: &mut Form, object: &Object<'_>, kind: u8) -> Vec<Choice> {
    let entries = object.list(form, "choices", 0..=MOST);
    let mut read: Vec<Choice> = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(choice) = Object::at(form, entry.value, entry.path) else { continue };
        for name in ["name", "value"] {
            choice.require(form, name);
        }
        let name = choice.text(form, "name", 1..=100).unwrap_or_default();
        if read.iter().any(|other| other.name == name) {
            let message = "Choice names must be unique";
            choice.refuse(form, "name", "APPLICATION_COMMAND_OPTION_CHOICES_DUPLICATE_NAME", message);
        }
        let value = match kind {
            STRING => choice.text(form, "value", 1..=100).map(Value::from),
            _ => read_number(form, &choice, "value", kind).map(Value::Number),
        };
        let name_localizations =
            Some(read_localizations(form, &choice, "name_localizations", 1..=100, false));
        read.push(Choice {
            name,
            name_localizations,
            name_localized: None,
            value: value.unwrap_or_default(),
        });
    }
    read
}
