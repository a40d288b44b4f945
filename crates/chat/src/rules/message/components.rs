//! Components of messages: read, held to their limits, numbered, and brought into the shape in which they are stored
//! and echoed (<https://discord.com/developers/docs/components/reference>).

use std::collections::HashSet;

use guildhall_base::Form;
use serde_json::{Map, Value, json};

use super::controls::{read_button, read_select};
use crate::rules::read::{Entry, Object};

/// How many rows a message may have whose components are only rows.
pub const MAX_ROWS: usize = 5;
/// How many components, nested ones included, a message with [`super::IS_COMPONENTS_V2`] may have.
pub const MAX_COMPONENTS: usize = 40;
/// How many characters the texts of such a message may have together.
pub const MAX_COMPONENT_TEXT: usize = 4000;

/// Components as Discord numbers them.
pub(super) mod kind {
    pub(in super::super) const ROW: i64 = 1;
    pub(in super::super) const BUTTON: i64 = 2;
    pub(in super::super) const TEXT_SELECT: i64 = 3;
    pub(in super::super) const TEXT_INPUT: i64 = 4;
    pub(in super::super) const USER_SELECT: i64 = 5;
    pub(in super::super) const ROLE_SELECT: i64 = 6;
    pub(in super::super) const MENTIONABLE_SELECT: i64 = 7;
    pub(in super::super) const CHANNEL_SELECT: i64 = 8;
    pub(super) const SECTION: i64 = 9;
    pub(in super::super) const TEXT: i64 = 10;
    pub(super) const THUMBNAIL: i64 = 11;
    pub(super) const GALLERY: i64 = 12;
    pub(super) const FILE: i64 = 13;
    pub(super) const SEPARATOR: i64 = 14;
    pub(super) const CONTAINER: i64 = 17;
    pub(in super::super) const LABEL: i64 = 18;
}
use kind::{
    BUTTON, CHANNEL_SELECT, CONTAINER, FILE, GALLERY, MENTIONABLE_SELECT, ROLE_SELECT, ROW, SECTION,
    SEPARATOR, TEXT, TEXT_SELECT, THUMBNAIL, USER_SELECT,
};

const IN_ROW: &[i64] = &[BUTTON, TEXT_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT];
const IN_CONTAINER: &[i64] = &[ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR];
const TOP: &[i64] = &[ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER];
const MEDIA: &[&str] = &["http", "https", "attachment"];

/// Reads the entries of `components`; `layout` says whether the message has [`super::IS_COMPONENTS_V2`]. The result is
/// what to store; it is worth nothing if the form has complaints.
pub fn read_components(form: &mut Form, entries: &[Entry<'_>], path: &str, layout: bool) -> Vec<Value> {
    let mut reader = Reader::new(form);
    if !layout && entries.len() > MAX_ROWS {
        let message = format!("Must be between 1 and {MAX_ROWS} in length.");
        reader.form.refuse(path, "BASE_TYPE_BAD_LENGTH", message);
        return Vec::new();
    }
    let known = if layout { TOP } else { &[ROW] };
    let mut components = reader.read_all(entries, known);
    if reader.count > MAX_COMPONENTS {
        let message = format!("The number of components exceeds the maximum of {MAX_COMPONENTS}");
        reader.form.refuse(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message);
    }
    if reader.text > MAX_COMPONENT_TEXT {
        let message = format!("The total displayable text exceeds the maximum of {MAX_COMPONENT_TEXT}");
        reader.form.refuse(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message);
    }
    number(&mut components);
    components
}

/// What is counted over all components of one message or modal.
pub(super) struct Reader<'f> {
    pub(super) form: &'f mut Form,
    custom_ids: HashSet<String>,
    ids: HashSet<i64>,
    count: usize,
    text: usize,
}

impl<'f> Reader<'f> {
    pub(super) fn new(form: &'f mut Form) -> Self {
        Self { form, custom_ids: HashSet::new(), ids: HashSet::new(), count: 0, text: 0 }
    }

    fn read_all(&mut self, entries: &[Entry<'_>], known: &[i64]) -> Vec<Value> {
        entries.iter().filter_map(|entry| self.read(entry.value, entry.path.clone(), known)).collect()
    }

    /// Reads one component of one of the known kinds and what is in it.
    fn read(&mut self, value: &Value, path: String, known: &[i64]) -> Option<Value> {
        let (object, kind, mut component) = self.open(value, path, known)?;
        match kind {
            ROW => self.read_row(&object, &mut component),
            BUTTON => read_button(self, &object, &mut component),
            SECTION => self.read_section(&object, &mut component),
            TEXT => self.read_text(&object, &mut component),
            THUMBNAIL => self.read_media(&object, "media", &mut component),
            GALLERY => self.read_gallery(&object, &mut component),
            FILE => {
                self.read_media(&object, "file", &mut component);
                component.remove("description");
                component.extend([("name".to_owned(), Value::Null), ("size".to_owned(), Value::Null)]);
            }
            SEPARATOR => {
                let spacing = object.integer(self.form, "spacing", 1..=2).unwrap_or(1);
                let divider = object.boolean(self.form, "divider").unwrap_or(true);
                component
                    .extend([("spacing".to_owned(), json!(spacing)), ("divider".to_owned(), json!(divider))]);
            }
            CONTAINER => self.read_container(&object, &mut component),
            _ => read_select(self, &object, kind, &mut component),
        }
        Some(Value::Object(component))
    }

    /// Reads what every component has: its type, which must be known, and perhaps its number.
    pub(super) fn open<'a>(
        &mut self,
        value: &'a Value,
        path: String,
        known: &[i64],
    ) -> Option<(Object<'a>, i64, Map<String, Value>)> {
        self.count += 1;
        let object = Object::at(self.form, value, path)?;
        object.require(self.form, "type");
        let kind = object.integer(self.form, "type", 0..=i64::MAX)?;
        if !known.contains(&kind) {
            let known = known.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            let message = format!("Value of field \"type\" must be one of ({known},).");
            object.refuse(self.form, "type", "UNION_TYPE_CHOICES", message);
            return None;
        }
        let mut component = Map::from_iter([("type".to_owned(), json!(kind))]);
        let id = object.integer(self.form, "id", 0..=i64::from(i32::MAX)).filter(|id| *id != 0);
        if let Some(id) = id {
            if !self.ids.insert(id) {
                object.refuse(
                    self.form,
                    "id",
                    "COMPONENT_ID_DUPLICATED",
                    "Component id cannot be duplicated",
                );
            }
            component.insert("id".to_owned(), json!(id));
        }
        Some((object, kind, component))
    }

    /// Reads the field `custom_id`, which is needed and may be used only once.
    pub(super) fn read_custom_id(&mut self, object: &Object<'_>, component: &mut Map<String, Value>) {
        object.require(self.form, "custom_id");
        let Some(id) = object.text(self.form, "custom_id", 1..=100) else { return };
        if !self.custom_ids.insert(id.clone()) {
            let message = "Component custom id cannot be duplicated";
            object.refuse(self.form, "custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message);
        }
        component.insert("custom_id".to_owned(), id.into());
    }

    fn read_row(&mut self, object: &Object<'_>, component: &mut Map<String, Value>) {
        let entries = object.list(self.form, "components", 1..=5);
        let components = self.read_all(&entries, IN_ROW);
        let buttons = components.iter().filter(|component| component.get("type") == Some(&json!(BUTTON)));
        if components.len() > 1 && buttons.count() < components.len() {
            let message = "The specified component exceeds the maximum width";
            self.form.refuse(object.path(), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message);
        }
        component.insert("components".to_owned(), components.into());
    }

    fn read_section(&mut self, object: &Object<'_>, component: &mut Map<String, Value>) {
        let entries = object.list(self.form, "components", 1..=3);
        let components = self.read_all(&entries, &[TEXT]);
        component.insert("components".to_owned(), components.into());
        object.require(self.form, "accessory");
        let accessory = object.get("accessory");
        let accessory =
            accessory.and_then(|value| self.read(value, object.path_of("accessory"), &[BUTTON, THUMBNAIL]));
        component.insert("accessory".to_owned(), accessory.unwrap_or_default());
    }

    pub(super) fn read_text(&mut self, object: &Object<'_>, component: &mut Map<String, Value>) {
        object.require(self.form, "content");
        let text = object.text(self.form, "content", 1..=MAX_COMPONENT_TEXT).unwrap_or_default();
        self.text += text.chars().count();
        component.insert("content".to_owned(), text.into());
    }

    fn read_gallery(&mut self, object: &Object<'_>, component: &mut Map<String, Value>) {
        let entries = object.list(self.form, "items", 1..=10);
        let items = entries.into_iter().filter_map(|entry| {
            let item = Object::at(self.form, entry.value, entry.path)?;
            let mut read = Map::new();
            self.read_media(&item, "media", &mut read);
            Some(Value::Object(read))
        });
        component.insert("items".to_owned(), items.collect());
    }

    /// Reads a picture or file with its description and whether it is hidden.
    fn read_media(&mut self, object: &Object<'_>, name: &str, component: &mut Map<String, Value>) {
        object.require(self.form, name);
        if let Some(media) = object.object(self.form, name) {
            media.require(self.form, "url");
            let schemes = if name == "file" { &["attachment"] } else { MEDIA };
            let url = media.url(self.form, "url", 2048, schemes).unwrap_or_default();
            component.insert(name.to_owned(), json!({ "id": "0", "url": url, "proxy_url": url }));
        }
        let description = object.text(self.form, "description", 1..=1024);
        component.insert("description".to_owned(), json!(description));
        let spoiler = object.boolean(self.form, "spoiler").unwrap_or_default();
        component.insert("spoiler".to_owned(), json!(spoiler));
    }

    fn read_container(&mut self, object: &Object<'_>, component: &mut Map<String, Value>) {
        let entries = object.list(self.form, "components", 1..=MAX_COMPONENTS);
        let components = self.read_all(&entries, IN_CONTAINER);
        let color = object.integer(self.form, "accent_color", 0..=0xff_ffff);
        let spoiler = object.boolean(self.form, "spoiler").unwrap_or_default();
        component.insert("components".to_owned(), components.into());
        component.insert("accent_color".to_owned(), json!(color));
        component.insert("spoiler".to_owned(), json!(spoiler));
    }
}

/// Gives every component without a number one that nothing else has, in the order in which they are read.
pub(super) fn number(components: &mut [Value]) {
    fn collect(value: &Value, taken: &mut HashSet<i64>) {
        match value {
            Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, taken)),
            Value::Object(fields) if fields.contains_key("type") => {
                taken.extend(fields.get("id").and_then(Value::as_i64));
                nested(fields).for_each(|value| collect(value, taken));
            }
            _ => {}
        }
    }
    fn assign(value: &mut Value, taken: &HashSet<i64>, last: &mut i64) {
        match value {
            Value::Array(entries) => entries.iter_mut().for_each(|entry| assign(entry, taken, last)),
            Value::Object(fields) if fields.contains_key("type") => {
                if !fields.contains_key("id") {
                    let next = (*last + 1..).find(|id| !taken.contains(id)).unwrap_or_default();
                    *last = next;
                    fields.insert("id".to_owned(), json!(next));
                }
                for name in NESTED {
                    if let Some(value) = fields.get_mut(*name) {
                        assign(value, taken, last);
                    }
                }
            }
            _ => {}
        }
    }
    let mut taken = HashSet::new();
    components.iter().for_each(|component| collect(component, &mut taken));
    let mut last = 0;
    components.iter_mut().for_each(|component| assign(component, &taken, &mut last));
}

/// The fields in which components have components.
const NESTED: &[&str] = &["components", "component", "accessory"];

pub(super) fn nested(fields: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    NESTED.iter().filter_map(|name| fields.get(*name))
}
