//! Buttons, menus and text inputs.

use serde_json::{Map, Value, json};

use super::components::Reader;
use super::components::kind::{CHANNEL_SELECT, MENTIONABLE_SELECT, ROLE_SELECT, TEXT_SELECT};
use crate::rules::read::Object;

const STYLE_LINK: i64 = 5;
const STYLE_PREMIUM: i64 = 6;

/// Reads a button: an ordinary one has a `custom_id`, a link a `url`, a premium one a `sku_id`, none has two of them.
pub(super) fn read_button(reader: &mut Reader<'_>, object: &Object<'_>, button: &mut Map<String, Value>) {
    object.require(reader.form, "style");
    let style = object.integer(reader.form, "style", 1..=STYLE_PREMIUM).unwrap_or(1);
    button.insert("style".to_owned(), json!(style));
    match style {
        STYLE_LINK => {
            object.require(reader.form, "url");
            let url = object.url(reader.form, "url", 512, &["http", "https", "discord"]);
            button.insert("url".to_owned(), url.unwrap_or_default().into());
            refuse_field(reader, object, "custom_id", "A link button cannot have a custom id");
        }
        STYLE_PREMIUM => {
            object.require(reader.form, "sku_id");
            let sku = object.snowflake(reader.form, "sku_id");
            button.insert("sku_id".to_owned(), json!(sku));
            refuse_field(reader, object, "custom_id", "A premium button cannot have a custom id");
        }
        _ => {
            reader.read_custom_id(object, button);
            refuse_field(reader, object, "url", "Only link buttons can have a URL");
        }
    }
    let label = object.text(reader.form, "label", 0..=80).filter(|label| !label.is_empty());
    let emoji = read_emoji(reader, object);
    if label.is_none() && emoji.is_none() && style != STYLE_PREMIUM {
        let message = "A button must have a label or an emoji";
        reader.form.refuse(object.path(), "BUTTON_COMPONENT_INVALID", message);
    }
    insert(button, "label", label.map(Value::from));
    insert(button, "emoji", emoji);
    insert(button, "disabled", object.boolean(reader.form, "disabled").map(Value::from));
}

/// Reads a menu of texts, users, roles, both, or channels.
pub(super) fn read_select(
    reader: &mut Reader<'_>,
    object: &Object<'_>,
    kind: i64,
    select: &mut Map<String, Value>,
) {
    reader.read_custom_id(object, select);
    let placeholder = object.text(reader.form, "placeholder", 0..=150);
    insert(select, "placeholder", placeholder.map(Value::from));
    let min = object.integer(reader.form, "min_values", 0..=25).unwrap_or(1);
    let max = object.integer(reader.form, "max_values", 1..=25).unwrap_or(1.max(min));
    if min > max {
        let message = format!("int value should be greater than or equal to {min}.");
        object.refuse(reader.form, "max_values", "NUMBER_TYPE_MIN", message);
    }
    select.extend([("min_values".to_owned(), json!(min)), ("max_values".to_owned(), json!(max))]);
    insert(select, "disabled", object.boolean(reader.form, "disabled").map(Value::from));
    insert(select, "required", object.boolean(reader.form, "required").map(Value::from));
    if kind == TEXT_SELECT {
        let options = read_options(reader, object);
        select.insert("options".to_owned(), options.into());
        return;
    }
    if kind == CHANNEL_SELECT {
        let types = object.list(reader.form, "channel_types", 0..=25);
        let types: Vec<Value> = types.into_iter().map(|entry| entry.value.clone()).collect();
        insert(select, "channel_types", (!types.is_empty()).then_some(types.into()));
    }
    let defaults = read_defaults(reader, object, kind);
    insert(select, "default_values", (!defaults.is_empty()).then_some(defaults.into()));
}

fn read_options(reader: &mut Reader<'_>, object: &Object<'_>) -> Vec<Value> {
    let entries = object.list(reader.form, "options", 1..=25);
    let mut options: Vec<Value> = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(object) = Object::at(reader.form, entry.value, entry.path) else { continue };
        object.require(reader.form, "label");
        object.require(reader.form, "value");
        let label = object.text(reader.form, "label", 1..=100).unwrap_or_default();
        let value = object.text(reader.form, "value", 1..=100).unwrap_or_default();
        if options.iter().any(|option| option.get("value").is_some_and(|other| *other == value)) {
            let message = "The specified option value is already used";
            object.refuse(reader.form, "value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
        let mut option = Map::from_iter([
            ("label".to_owned(), Value::from(label)),
            ("value".to_owned(), Value::from(value)),
        ]);
        let description = object.text(reader.form, "description", 0..=100);
        insert(&mut option, "description", description.map(Value::from));
        insert(&mut option, "emoji", read_emoji(reader, &object));
        insert(&mut option, "default", object.boolean(reader.form, "default").map(Value::from));
        options.push(Value::Object(option));
    }
    options
}

fn read_defaults(reader: &mut Reader<'_>, object: &Object<'_>, kind: i64) -> Vec<Value> {
    let known: &[&str] = match kind {
        ROLE_SELECT => &["role"],
        MENTIONABLE_SELECT => &["user", "role"],
        CHANNEL_SELECT => &["channel"],
        _ => &["user"],
    };
    let entries = object.list(reader.form, "default_values", 0..=25);
    let read = entries.into_iter().filter_map(|entry| {
        let object = Object::at(reader.form, entry.value, entry.path)?;
        object.require(reader.form, "id");
        let id = object.snowflake(reader.form, "id")?;
        let kind = object.text(reader.form, "type", 1..=16)?;
        reader.form.choice(&object.path_of("type"), known.contains(&kind.as_str()));
        Some(json!({ "id": id, "type": kind }))
    });
    read.collect()
}

/// Reads the emoji of a button or option: one's own by `name`, a guild's by `id`.
fn read_emoji(reader: &mut Reader<'_>, object: &Object<'_>) -> Option<Value> {
    let emoji = object.object(reader.form, "emoji")?;
    let id = emoji.snowflake(reader.form, "id");
    let name = emoji.text(reader.form, "name", 0..=32).filter(|name| !name.is_empty());
    if id.is_none() && name.is_none() {
        emoji.require(reader.form, "name");
        return None;
    }
    let mut read = Map::from_iter([("name".to_owned(), Value::from(name.unwrap_or_else(|| "_".to_owned())))]);
    insert(&mut read, "id", id.map(|id| json!(id)));
    insert(&mut read, "animated", emoji.boolean(reader.form, "animated").map(Value::from));
    Some(Value::Object(read))
}

/// Reads a field for typing into, of a modal.
pub(super) fn read_text_input(reader: &mut Reader<'_>, object: &Object<'_>, input: &mut Map<String, Value>) {
    reader.read_custom_id(object, input);
    object.require(reader.form, "style");
    let style = object.integer(reader.form, "style", 1..=2).unwrap_or(1);
    input.insert("style".to_owned(), json!(style));
    let min = object.integer(reader.form, "min_length", 0..=4000);
    let max = object.integer(reader.form, "max_length", 1..=4000);
    insert(input, "label", object.text(reader.form, "label", 1..=45).map(Value::from));
    insert(input, "value", object.text(reader.form, "value", 0..=4000).map(Value::from));
    insert(input, "placeholder", object.text(reader.form, "placeholder", 0..=100).map(Value::from));
    insert(input, "min_length", min.map(Value::from));
    insert(input, "max_length", max.map(Value::from));
    let required = object.boolean(reader.form, "required").unwrap_or(true);
    input.insert("required".to_owned(), json!(required));
}

/// Complains if a field is there that does not go with the button's style.
fn refuse_field(reader: &mut Reader<'_>, object: &Object<'_>, name: &str, message: &'static str) {
    if object.get(name).is_some() {
        object.refuse(reader.form, name, "BUTTON_COMPONENT_INVALID", message);
    }
}

pub(super) fn insert(fields: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value);
    }
}
