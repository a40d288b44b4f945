//! Embeds: read, held to their limits, and brought into the shape in which they are stored and echoed
//! (<https://discord.com/developers/docs/resources/message#embed-object>).

use guildhall_base::Form;
use serde_json::{Map, Value, json};

use crate::rules::read::{Entry, Object};

/// How many embeds a message may have.
pub const MAX_EMBEDS: usize = 10;
/// How many characters all titles, descriptions, names, values and footers of a message may have together.
pub const MAX_EMBED_TEXT: usize = 6000;

const LINK: &[&str] = &["http", "https"];
const MEDIA: &[&str] = &["http", "https", "attachment"];

/// Reads the entries of `embeds`. The result is what to store; it is worth nothing if the form has complaints.
/// Embeds that would show nothing are left out.
pub fn read_embeds(form: &mut Form, entries: &[Entry<'_>], path: &str) -> Vec<Value> {
    let mut text = 0;
    let mut embeds = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(object) = Object::at(form, entry.value, entry.path.clone()) else { continue };
        let embed = read_embed(form, &object, &mut text);
        let shows_nothing = embed.keys().all(|key| key == "color" || key == "url");
        if !shows_nothing {
            let typed = [("type".to_owned(), json!("rich"))].into_iter().chain(embed);
            embeds.push(Value::Object(typed.collect()));
        }
    }
    if text > MAX_EMBED_TEXT {
        let message = format!("Embed size exceeds maximum size of {MAX_EMBED_TEXT}");
        form.refuse(path, "MAX_EMBED_SIZE_EXCEEDED", message);
    }
    embeds
}

/// Reads one embed and adds its characters to `text`.
fn read_embed(form: &mut Form, object: &Object<'_>, text: &mut usize) -> Map<String, Value> {
    let mut embed = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            embed.insert(name.to_owned(), value);
        }
    };
    put("title", counted(form, object, "title", 256, text).map(Value::from));
    put("description", counted(form, object, "description", 4096, text).map(Value::from));
    put("url", object.url(form, "url", 2048, LINK).map(Value::from));
    put("timestamp", object.timestamp(form, "timestamp").map(|at| Value::from(at.to_string())));
    put("color", object.integer(form, "color", 0..=0xff_ffff).map(Value::from));
    put("footer", read_named(form, object, "footer", ("text", 2048), text));
    put("image", read_media(form, object, "image"));
    put("thumbnail", read_media(form, object, "thumbnail"));
    put("author", read_named(form, object, "author", ("name", 256), text));
    let fields: Vec<Value> = object
        .list(form, "fields", 0..=25)
        .into_iter()
        .filter_map(|entry| {
            let field = Object::at(form, entry.value, entry.path)?;
            let mut part = |name, max| {
                let value = field.text(form, name, 1..=max);
                form.required(&field.path_of(name), value.is_some() || field.get(name).is_some());
                *text += value.as_ref().map_or(0, |value| value.chars().count());
                value.unwrap_or_default()
            };
            let (name, value) = (part("name", 256), part("value", 1024));
            let inline = field.boolean(form, "inline").unwrap_or_default();
            Some(json!({ "name": name, "value": value, "inline": inline }))
        })
        .collect();
    put("fields", (!fields.is_empty()).then_some(Value::Array(fields)));
    embed
}

/// A text that counts towards the whole; `None` if empty, as empty ones are left out.
fn counted(form: &mut Form, object: &Object<'_>, name: &str, max: usize, text: &mut usize) -> Option<String> {
    let value = object.text(form, name, 0..=max)?;
    *text += value.chars().count();
    (!value.trim().is_empty()).then_some(value)
}

/// A footer or an author, of which the text or name must be there to show anything.
fn read_named(
    form: &mut Form,
    object: &Object<'_>,
    name: &str,
    (label, max): (&str, usize),
    text: &mut usize,
) -> Option<Value> {
    let part = object.object(form, name)?;
    let mut read = Map::new();
    let named = counted(form, &part, label, max, text);
    for (field, schemes) in [("url", LINK), ("icon_url", MEDIA)] {
        if let Some(url) = part.url(form, field, 2048, schemes) {
            read.insert(field.to_owned(), url.into());
        }
    }
    read.insert(label.to_owned(), named?.into());
    Some(Value::Object(read))
}

/// An image or thumbnail.
fn read_media(form: &mut Form, object: &Object<'_>, name: &str) -> Option<Value> {
    let part = object.object(form, name)?;
    let url = part.url(form, "url", 2048, MEDIA)?;
    Some(json!({ "url": url }))
}

/// Replaces every `attachment://name` in embeds or components by what `resolve` says of that file: its address, and
/// whatever else belongs beside it (`proxy_url`, `width`, `height`). Returns the names that it does not know.
pub fn resolve_attachments(
    values: &mut [Value],
    resolve: &impl Fn(&str) -> Option<Map<String, Value>>,
) -> Vec<String> {
    let mut unknown = Vec::new();
    for value in values {
        match value {
            Value::Array(entries) => unknown.extend(resolve_attachments(entries, resolve)),
            Value::Object(fields) => {
                resolve_fields(fields, resolve, &mut unknown);
                for value in fields.values_mut() {
                    unknown.extend(resolve_attachments(std::slice::from_mut(value), resolve));
                }
            }
            _ => {}
        }
    }
    unknown
}

fn resolve_fields(
    fields: &mut Map<String, Value>,
    resolve: &impl Fn(&str) -> Option<Map<String, Value>>,
    unknown: &mut Vec<String>,
) {
    for name in ["url", "icon_url"] {
        let Some(file) =
            fields.get(name).and_then(Value::as_str).and_then(|url| url.strip_prefix("attachment://"))
        else {
            continue;
        };
        match resolve(file) {
            Some(known) if name == "url" => fields.extend(known),
            Some(mut known) => {
                if let Some(url) = known.remove("url") {
                    fields.insert(name.to_owned(), url);
                }
            }
            None => unknown.push(file.to_owned()),
        }
    }
}
