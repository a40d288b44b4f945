//! Modals, the forms that an application opens in answer to an interaction
//! (<https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal>).

use guildhall_base::Form;
use serde_json::{Value, json};

use super::components::kind::{
    CHANNEL_SELECT, LABEL, MENTIONABLE_SELECT, ROLE_SELECT, ROW, TEXT, TEXT_INPUT, TEXT_SELECT, USER_SELECT,
};
use super::components::{Reader, number};
use super::controls::{insert, read_select, read_text_input};
use crate::rules::read::Object;

const IN_LABEL: &[i64] =
    &[TEXT_INPUT, TEXT_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT];

/// Reads a modal: `custom_id`, a `title` of at most 45 characters, and one to five rows with a text input, labels with
/// a text input or menu, or texts. The result is what to show.
pub fn read_modal(form: &mut Form, modal: &Object<'_>) -> Value {
    for name in ["custom_id", "title"] {
        modal.require(form, name);
    }
    let custom_id = modal.text(form, "custom_id", 1..=100);
    let title = modal.text(form, "title", 1..=45);
    let entries = modal.list(form, "components", 1..=5);
    let mut reader = Reader::new(form);
    let mut components: Vec<Value> = entries
        .into_iter()
        .filter_map(|entry| {
            let (object, kind, mut component) = reader.open(entry.value, entry.path, &[ROW, TEXT, LABEL])?;
            match kind {
                ROW => {
                    let inner = object.list(reader.form, "components", 1..=1);
                    let inner: Vec<Value> = inner
                        .into_iter()
                        .filter_map(|entry| read_input(&mut reader, entry.value, entry.path, &[TEXT_INPUT]))
                        .collect();
                    component.insert("components".to_owned(), inner.into());
                }
                LABEL => {
                    object.require(reader.form, "label");
                    object.require(reader.form, "component");
                    insert(
                        &mut component,
                        "label",
                        object.text(reader.form, "label", 1..=45).map(Value::from),
                    );
                    let description = object.text(reader.form, "description", 0..=100);
                    insert(&mut component, "description", description.map(Value::from));
                    let path = object.path_of("component");
                    let inner = read_input(&mut reader, object.get("component")?, path, IN_LABEL);
                    component.insert("component".to_owned(), inner.unwrap_or_default());
                }
                _ => reader.read_text(&object, &mut component),
            }
            Some(Value::Object(component))
        })
        .collect();
    number(&mut components);
    json!({ "custom_id": custom_id, "title": title, "components": components })
}

fn read_input(reader: &mut Reader<'_>, value: &Value, path: String, known: &[i64]) -> Option<Value> {
    let (object, kind, mut component) = reader.open(value, path, known)?;
    match kind {
        TEXT_INPUT => read_text_input(reader, &object, &mut component),
        _ => read_select(reader, &object, kind, &mut component),
    }
    Some(Value::Object(component))
}
