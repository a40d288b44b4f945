//! What is different, for requests and for people.

use guildhall_base::Permissions;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A field that will be different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// Which, by its name in the protocol.
    pub field: String,
    /// How it is, as a person reads it.
    pub from: String,
    /// How it will be.
    pub to: String,
}

/// The fields of `wanted` that are not the same in `present`.
pub(super) fn changes(wanted: &Map<String, Value>, present: &Map<String, Value>) -> Map<String, Value> {
    let mut changed = Map::new();
    for (key, value) in wanted {
        if present.get(key).unwrap_or(&Value::Null) != value {
            changed.insert(key.clone(), value.clone());
        }
    }
    for key in present.keys().filter(|key| !wanted.contains_key(*key)) {
        changed.insert(key.clone(), Value::Null);
    }
    // Without its gradient a role has its one colour again.
    if changed.get("colors") == Some(&Value::Null) {
        changed.remove("colors");
        changed.insert("color".into(), wanted.get("color").cloned().unwrap_or_default());
    }
    if changed.get("denied_permissions") == Some(&Value::Null) {
        changed.insert("denied_permissions".into(), "0".into());
    }
    changed
}

/// The same, to be read.
pub(super) fn tell(changed: &Map<String, Value>, present: &Map<String, Value>) -> Vec<Difference> {
    let tell = |(key, value): (&String, &Value)| {
        let old = present.get(key).unwrap_or(&Value::Null);
        let (from, to) = match key.as_str() {
            "permissions" | "denied_permissions" => permissions(old, value),
            "permission_overwrites" => overwrites(old, value),
            "color" => (color(old), color(value)),
            _ => (text(old), text(value)),
        };
        Difference { field: key.clone(), from, to }
    };
    changed.iter().map(tell).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.chars().take(200).collect(),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string().chars().take(200).collect(),
    }
}

fn color(value: &Value) -> String {
    value.as_u64().filter(|color| *color > 0).map_or_else(String::new, |color| format!("#{color:06x}"))
}

/// What is lost, and what is gained.
fn permissions(old: &Value, new: &Value) -> (String, String) {
    let bits = |value: &Value| value.as_str().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let (old, new) = (bits(old), bits(new));
    (names(old & !new), names(new & !old))
}

fn names(bits: u64) -> String {
    let known = Permissions::from_bits_truncate(bits);
    let unknown = bits & !known.bits();
    let mut names: Vec<String> = known.iter_names().map(|(name, _)| name.to_owned()).collect();
    names.extend((0..64).filter(|bit| unknown >> bit & 1 == 1).map(|bit| format!("1<<{bit}")));
    names.join(", ")
}

/// How many are lost, and how many gained.
fn overwrites(old: &Value, new: &Value) -> (String, String) {
    let empty = Vec::new();
    let (old, new) = (old.as_array().unwrap_or(&empty), new.as_array().unwrap_or(&empty));
    let only = |here: &[Value], there: &[Value]| here.iter().filter(|one| !there.contains(one)).count();
    (format!("−{}", only(old, new)), format!("+{}", only(new, old)))
}
