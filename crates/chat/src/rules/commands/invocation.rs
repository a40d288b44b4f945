//! Reads how somebody invokes a command, and holds it against the command's definition.

use guildhall_base::{AnyId, Form};
use serde_json::{Map, Number, Value, json};

use super::MAX_TEXT;
use super::kind::{
    ATTACHMENT, BOOLEAN, CHANNEL, INTEGER, MENTIONABLE, NUMBER, ROLE, STRING, SUB_COMMAND, USER,
};
use super::options::{MAX_INTEGER, is_sub};
use crate::model::CommandOption;
use crate::rules::read::{Entry, Object, check_length};

/// An invocation that fits its definition.
#[derive(Debug, Default)]
pub struct Invocation {
    /// The options as the application receives them.
    pub options: Vec<Value>,
    /// What they name, which has yet to be found.
    pub wants: Vec<Want>,
    /// Which option is being typed, of an autocompletion: its kind.
    pub focused: Option<u8>,
}

/// Something that is named by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// What it should be.
    pub kind: WantKind,
    /// Its id.
    pub id: AnyId,
    /// Where in the body it is named.
    pub path: String,
}

/// What something named by its id should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantKind {
    /// A user.
    User,
    /// A role.
    Role,
    /// A user or role.
    Mentionable,
    /// A channel of one of these types; of any, if there are none.
    Channel(Vec<u8>),
    /// A file sent along, by its index.
    Attachment,
}

/// Reads the options in `data`. While somebody types (`typing`), nothing is required yet and one option is focused.
pub fn read_invocation(
    form: &mut Form,
    definitions: &[CommandOption],
    data: &Object<'_>,
    typing: bool,
) -> Invocation {
    let mut invocation = Invocation::default();
    let options = read_level(form, definitions, data, typing, &mut invocation);
    if typing && invocation.focused.is_none() {
        form.required(&data.path_of("options"), false);
    }
    Invocation { options, ..invocation }
}

fn read_level(
    form: &mut Form,
    definitions: &[CommandOption],
    data: &Object<'_>,
    typing: bool,
    out: &mut Invocation,
) -> Vec<Value> {
    let entries = data.list(form, "options", 0..=25);
    if definitions.first().is_some_and(|first| is_sub(first.kind)) && entries.len() != 1 {
        form.required(&data.path_of("options"), false);
        return Vec::new();
    }
    let mut read = Vec::with_capacity(entries.len());
    let mut named: Vec<&str> = Vec::with_capacity(entries.len());
    for Entry { value, path } in entries {
        let Some(object) = Object::at(form, value, path) else { continue };
        let name = object.text(form, "name", 1..=32).unwrap_or_default();
        let known = definitions.iter().find(|definition| definition.name == name);
        let Some(definition) = known.filter(|definition| !named.contains(&definition.name.as_str())) else {
            let message = format!("Unknown or repeated option \"{name}\"");
            object.refuse(form, "name", "APPLICATION_COMMAND_OPTION_UNKNOWN", message);
            continue;
        };
        named.push(&definition.name);
        read.extend(read_option(form, definition, &object, typing, out));
    }
    if !typing {
        for missing in definitions.iter().filter(|definition| definition.required) {
            if !named.contains(&missing.name.as_str()) {
                form.required(&data.path_of(&format!("options.{}", missing.name)), false);
            }
        }
    }
    read
}

fn read_option(
    form: &mut Form,
    definition: &CommandOption,
    object: &Object<'_>,
    typing: bool,
    out: &mut Invocation,
) -> Option<Value> {
    let kind = object.integer(form, "type", 1..=11).unwrap_or_else(|| definition.kind.into());
    if kind != i64::from(definition.kind) {
        let message = format!("The option \"{}\" is of type {}", definition.name, definition.kind);
        object.refuse(form, "type", "APPLICATION_COMMAND_OPTION_TYPE_INVALID", message);
        return None;
    }
    let mut read = Map::from_iter([
        ("name".to_owned(), json!(definition.name)),
        ("type".to_owned(), json!(definition.kind)),
    ]);
    if is_sub(definition.kind) {
        let inner = read_level(form, &definition.options, object, typing, out);
        if !inner.is_empty() || definition.kind == SUB_COMMAND {
            read.insert("options".to_owned(), inner.into());
        }
        return Some(read.into());
    }
    if typing && object.boolean(form, "focused").unwrap_or_default() {
        if !definition.autocomplete || out.focused.is_some() {
            object.refuse(
                form,
                "focused",
                "APPLICATION_COMMAND_OPTION_FOCUS_INVALID",
                "It has no suggestions",
            );
        }
        out.focused = Some(definition.kind);
        // What is typed so far need not be a value yet.
        let text = object.text(form, "value", 0..=MAX_TEXT.into()).unwrap_or_default();
        read.extend([("value".to_owned(), text.into()), ("focused".to_owned(), true.into())]);
        return Some(read.into());
    }
    object.require(form, "value");
    read.insert("value".to_owned(), read_value(form, definition, object, out)?);
    Some(read.into())
}

fn read_value(
    form: &mut Form,
    definition: &CommandOption,
    object: &Object<'_>,
    out: &mut Invocation,
) -> Option<Value> {
    let want = match definition.kind {
        STRING => return read_text(form, definition, object),
        INTEGER | NUMBER => return read_number(form, definition, object),
        BOOLEAN => return object.boolean(form, "value").map(Value::from),
        USER => WantKind::User,
        ROLE => WantKind::Role,
        CHANNEL => WantKind::Channel(definition.channel_types.clone()),
        MENTIONABLE => WantKind::Mentionable,
        ATTACHMENT => WantKind::Attachment,
        _ => return None,
    };
    let id = object.snowflake(form, "value")?;
    out.wants.push(Want { kind: want, id, path: object.path_of("value") });
    Some(json!(id))
}

fn read_text(form: &mut Form, definition: &CommandOption, object: &Object<'_>) -> Option<Value> {
    let text = object.text(form, "value", 0..=usize::MAX)?;
    let range = definition.min_length.unwrap_or(0).into()..=definition.max_length.unwrap_or(MAX_TEXT).into();
    check_length(form, &object.path_of("value"), text.chars().count(), range);
    refuse_other_than_choices(form, definition, object, |choice| choice.as_str() == Some(&text));
    Some(text.into())
}

fn read_number(form: &mut Form, definition: &CommandOption, object: &Object<'_>) -> Option<Value> {
    let path = object.path_of("value");
    let number = if definition.kind == INTEGER {
        Number::from(object.integer(form, "value", -MAX_INTEGER..=MAX_INTEGER)?)
    } else {
        let value = object.get("value")?;
        let read = match value {
            Value::Number(number) => Some(number.clone()),
            Value::String(text) => text.parse().ok().and_then(Number::from_f64),
            _ => None,
        };
        let Some(number) = read else {
            form.refuse(path, "NUMBER_TYPE_COERCE", format!("Value {value} is not a number."));
            return None;
        };
        number
    };
    let value = number.as_f64()?;
    if let Some(min) = definition.min_value.as_ref().filter(|min| min.as_f64().is_some_and(|min| value < min))
    {
        let message = format!("Value should be greater than or equal to {min}.");
        form.refuse(path.clone(), "NUMBER_TYPE_MIN", message);
    }
    if let Some(max) = definition.max_value.as_ref().filter(|max| max.as_f64().is_some_and(|max| value > max))
    {
        form.refuse(path, "NUMBER_TYPE_MAX", format!("Value should be less than or equal to {max}."));
    }
    refuse_other_than_choices(form, definition, object, |choice| choice.as_f64() == Some(value));
    Some(Value::Number(number))
}

fn refuse_other_than_choices(
    form: &mut Form,
    definition: &CommandOption,
    object: &Object<'_>,
    is: impl Fn(&Value) -> bool,
) {
    let choices = &definition.choices;
    if !choices.is_empty() && !choices.iter().any(|choice| is(&choice.value)) {
        form.choice(&object.path_of("value"), false);
    }
}
