//! What somebody did with the components of a message or with a modal, held against what was sent to them
//! (<https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-data>).

use std::collections::HashMap;

use guildhall_base::Form;
use serde_json::{Map, Value, json};

use super::components::kind::{
    BUTTON, CHANNEL_SELECT, LABEL, MENTIONABLE_SELECT, ROLE_SELECT, ROW, TEXT_INPUT, TEXT_SELECT, USER_SELECT,
};
use super::components::nested;
use crate::rules::commands::{Want, WantKind};
use crate::rules::read::{Entry, Object, check_length, snowflake};

/// What was done, as the application receives it, and what was named, which has yet to be found.
#[derive(Debug, Default)]
pub struct Used {
    /// Fields of the interaction's `data`.
    pub data: Map<String, Value>,
    /// Users, roles and channels that were chosen.
    pub wants: Vec<Want>,
}

/// Reads the use of a button or menu among the components of a message.
pub fn read_use(form: &mut Form, components: &[Value], data: &Object<'_>) -> Used {
    let mut used = Used::default();
    data.require(form, "custom_id");
    let custom_id = data.text(form, "custom_id", 1..=100).unwrap_or_default();
    let is = |fields: &Map<String, Value>| fields.get("custom_id").is_some_and(|id| *id == custom_id);
    let Some(component) = components.iter().find_map(|component| find(component, &is)) else {
        let message = "The message has no such component";
        data.refuse(form, "custom_id", "COMPONENT_UNKNOWN", message);
        return used;
    };
    let kind = kind_of(component);
    if data.integer(form, "component_type", 1..=i64::MAX).is_some_and(|claimed| claimed != kind) {
        form.choice(&data.path_of("component_type"), false);
    }
    if component.get("disabled") == Some(&Value::Bool(true)) {
        data.refuse(form, "custom_id", "COMPONENT_DISABLED", "The component is disabled");
    }
    used.data = Map::from_iter([
        ("component_type".to_owned(), json!(kind)),
        ("custom_id".to_owned(), custom_id.into()),
        ("id".to_owned(), component.get("id").cloned().unwrap_or_default()),
    ]);
    if kind != BUTTON {
        let values = read_values(form, component, data, &mut used.wants);
        used.data.insert("values".to_owned(), values.into());
    }
    used
}

/// Reads what was entered into a modal. Fields of `modal` that are not in `data` count as left empty.
pub fn read_submission(form: &mut Form, modal: &Value, data: &Object<'_>) -> Used {
    let mut used = Used::default();
    let mut entered = HashMap::new();
    for Entry { value, path } in data.list(form, "components", 0..=5) {
        collect(value, &path, &mut entered);
    }
    let mut components = Vec::new();
    for component in modal.get("components").and_then(Value::as_array).into_iter().flatten() {
        let Value::Object(fields) = component else { continue };
        let mut read = Map::from_iter([("type".to_owned(), json!(kind_of(fields)))]);
        read.extend(fields.get("id").map(|id| ("id".to_owned(), id.clone())));
        let inputs = nested(fields).flat_map(|value| match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        });
        let inputs = inputs.filter_map(Value::as_object);
        let mut inputs = inputs.map(|input| read_input(form, input, &entered, &mut used.wants));
        match kind_of(fields) {
            ROW => drop(read.insert("components".to_owned(), inputs.collect())),
            LABEL => drop(read.insert("component".to_owned(), inputs.next().unwrap_or_default())),
            _ => {}
        }
        components.push(Value::Object(read));
    }
    let custom_id = modal.get("custom_id").cloned().unwrap_or_default();
    used.data =
        Map::from_iter([("custom_id".to_owned(), custom_id), ("components".to_owned(), components.into())]);
    used
}

fn kind_of(component: &Map<String, Value>) -> i64 {
    component.get("type").and_then(Value::as_i64).unwrap_or_default()
}

/// The first component, nested ones included, for which this holds.
fn find<'a>(value: &'a Value, is: &impl Fn(&Map<String, Value>) -> bool) -> Option<&'a Map<String, Value>> {
    match value {
        Value::Array(values) => values.iter().find_map(|value| find(value, is)),
        Value::Object(fields) if is(fields) => Some(fields),
        Value::Object(fields) => nested(fields).find_map(|value| find(value, is)),
        _ => None,
    }
}

/// Notes the entered fields, which may lie in rows or labels, by their custom id.
fn collect<'a>(value: &'a Value, path: &str, entered: &mut HashMap<&'a str, (&'a Value, String)>) {
    match value {
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                collect(value, &format!("{path}.{index}"), entered);
            }
        }
        Value::Object(fields) => {
            if let Some(id) = fields.get("custom_id").and_then(Value::as_str) {
                entered.insert(id, (value, path.to_owned()));
            }
            for name in ["components", "component"] {
                if let Some(value) = fields.get(name) {
                    collect(value, &format!("{path}.{name}"), entered);
                }
            }
        }
        _ => {}
    }
}

fn read_input(
    form: &mut Form,
    input: &Map<String, Value>,
    entered: &HashMap<&str, (&Value, String)>,
    wants: &mut Vec<Want>,
) -> Value {
    let kind = kind_of(input);
    let custom_id = input.get("custom_id").and_then(Value::as_str).unwrap_or_default();
    let mut read =
        Map::from_iter([("type".to_owned(), json!(kind)), ("custom_id".to_owned(), custom_id.into())]);
    read.extend(input.get("id").map(|id| ("id".to_owned(), id.clone())));
    let nothing = (&Value::Object(Map::new()), format!("data.components.{custom_id}"));
    let (value, path) = entered.get(custom_id).unwrap_or(&nothing);
    let Some(object) = Object::at(form, value, path.clone()) else { return Value::Null };
    if kind == TEXT_INPUT {
        let text = object.text(form, "value", 0..=4000).unwrap_or_default();
        let bound = |name| input.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let required = input.get("required") != Some(&Value::Bool(false));
        if required || !text.is_empty() {
            let (least, most) = (usize::from(required), bound("max_length").unwrap_or(4000));
            let range = bound("min_length").unwrap_or(0).max(least)..=most;
            check_length(form, &object.path_of("value"), text.chars().count(), range);
        }
        read.insert("value".to_owned(), text.into());
    } else {
        read.insert("values".to_owned(), read_values(form, input, &object, wants).into());
    }
    Value::Object(read)
}

/// The values chosen in a menu.
fn read_values(
    form: &mut Form,
    menu: &Map<String, Value>,
    data: &Object<'_>,
    wants: &mut Vec<Want>,
) -> Vec<Value> {
    let bound = |name| menu.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let optional = menu.get("required") == Some(&Value::Bool(false)) && data.get("values").is_none();
    let least = if optional { 0 } else { bound("min_values").unwrap_or(1) };
    let entries = data.list(form, "values", least..=bound("max_values").unwrap_or(1));
    let kind = kind_of(menu);
    let mut read = Vec::with_capacity(entries.len());
    for Entry { value, path } in entries {
        if read.contains(value) {
            form.refuse(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains it");
            continue;
        }
        if kind == TEXT_SELECT {
            let options = menu.get("options").and_then(Value::as_array).into_iter().flatten();
            form.choice(&path, options.into_iter().any(|option| option.get("value") == Some(value)));
        } else if let Some(id) = snowflake(form, value, path.clone()) {
            wants.push(Want { kind: wanted(kind, menu), id, path });
        }
        read.push(value.clone());
    }
    read
}

fn wanted(kind: i64, menu: &Map<String, Value>) -> WantKind {
    match kind {
        USER_SELECT => WantKind::User,
        ROLE_SELECT => WantKind::Role,
        MENTIONABLE_SELECT => WantKind::Mentionable,
        CHANNEL_SELECT => {
            let types = menu.get("channel_types").and_then(Value::as_array).into_iter().flatten();
            let numbers = types.filter_map(Value::as_u64);
            WantKind::Channel(numbers.filter_map(|number| u8::try_from(number).ok()).collect())
        }
        _ => WantKind::Attachment,
    }
}
