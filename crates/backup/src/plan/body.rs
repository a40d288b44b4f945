//! The fields of requests. Roles and channels that are yet to be made are named by placeholders in the few fields that
//! name any; [`resolve`] puts the ids in.

use std::collections::BTreeSet;

use guildhall_base::{AnyId, ChannelId, RoleId, UserId};
use serde_json::{Map, Value, json};

use super::matching::Matches;
use crate::model::{Channel, Role};

const ROLE: &str = "new-role:";
const CHANNEL: &str = "new-channel:";

/// Finds what was made.
pub trait Resolve {
    /// The role of the target that came of this one of the backup.
    fn role(&self, from: RoleId) -> Option<RoleId>;
    /// The channel.
    fn channel(&self, from: ChannelId) -> Option<ChannelId>;
}

/// Names a role of the backup: by its id in the target, or as one that is yet to be made.
pub(super) fn role(matches: &Matches, from: RoleId) -> String {
    matches.roles.get(&from).map_or_else(|| format!("{ROLE}{from}"), ToString::to_string)
}

/// Names a channel of the backup.
pub(super) fn channel(matches: &Matches, from: ChannelId) -> String {
    matches.channels.get(&from).map_or_else(|| format!("{CHANNEL}{from}"), ToString::to_string)
}

/// An id, or what became of a placeholder; `None` if nothing did.
pub(crate) fn find(name: &str, made: &dyn Resolve) -> Option<String> {
    if let Some(from) = name.strip_prefix(ROLE) {
        return made.role(from.parse().ok()?).map(|id| id.to_string());
    }
    if let Some(from) = name.strip_prefix(CHANNEL) {
        return made.channel(from.parse().ok()?).map(|id| id.to_string());
    }
    Some(name.to_owned())
}

/// The body with ids in place of placeholders. What names something that could not be made is left out.
pub fn resolve(body: &Map<String, Value>, made: &dyn Resolve) -> Map<String, Value> {
    let mut resolved = Map::new();
    for (key, value) in body {
        let value = match (key.as_str(), value) {
            ("parent_id", Value::String(name)) => find(name, made).map_or(Value::Null, Value::String),
            (key, Value::String(name)) if key.ends_with("_channel_id") => {
                find(name, made).map_or(Value::Null, Value::String)
            }
            ("permission_overwrites", Value::Array(overwrites)) => {
                overwrites.iter().filter_map(|overwrite| resolve_overwrite(overwrite, made)).collect()
            }
            ("roles", Value::Array(roles)) => {
                roles.iter().filter_map(|name| find(name.as_str()?, made)).map(Value::String).collect()
            }
            _ => value.clone(),
        };
        resolved.insert(key.clone(), value);
    }
    resolved
}

fn resolve_overwrite(overwrite: &Value, made: &dyn Resolve) -> Option<Value> {
    let id = find(overwrite.get("id")?.as_str()?, made)?;
    let mut overwrite = overwrite.clone();
    overwrite.as_object_mut()?.insert("id".into(), id.into());
    Some(overwrite)
}

/// What a role is, as it is written.
pub(super) fn of_role(role: &Role) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("name".into(), json!(role.name));
    body.insert("permissions".into(), json!(role.permissions));
    body.insert("color".into(), json!(role.color));
    body.insert("hoist".into(), json!(role.hoist));
    body.insert("mentionable".into(), json!(role.mentionable));
    if !role.denied_permissions.is_empty() {
        body.insert("denied_permissions".into(), json!(role.denied_permissions));
    }
    if let Some(colors) = role.colors.filter(|colors| colors.secondary_color.is_some()) {
        body.insert("colors".into(), json!(colors));
    }
    if let Some(emoji) = &role.unicode_emoji {
        body.insert("unicode_emoji".into(), json!(emoji));
    }
    body
}

/// What `@everyone` is: only what it grants can be changed.
pub(super) fn of_everyone(role: &Role) -> Map<String, Value> {
    Map::from_iter([("permissions".to_owned(), json!(role.permissions))])
}

/// What a channel is, as it is written; `name` says how roles and channels are called.
pub(super) fn of_channel(
    channel: &Channel,
    role: impl Fn(RoleId) -> Option<String>,
    parent: impl Fn(ChannelId) -> String,
    people: Option<&BTreeSet<UserId>>,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("name".into(), json!(channel.name));
    body.insert("type".into(), json!(channel.kind));
    if !channel.is_category() {
        body.insert("parent_id".into(), channel.parent_id.map_or(Value::Null, |id| parent(id).into()));
    }
    body.insert("permission_overwrites".into(), overwrites(channel, role, people));
    let textual = matches!(channel.kind, 0 | 5 | 15 | 16);
    if textual {
        body.insert("topic".into(), json!(channel.topic.as_deref().filter(|topic| !topic.is_empty())));
    }
    if !channel.is_category() {
        body.insert("nsfw".into(), json!(channel.nsfw));
        body.insert("rate_limit_per_user".into(), json!(channel.rate_limit_per_user));
    }
    // Only what the channel has: a server of another kind may not know the field.
    let mut also = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.into(), value);
        }
    };
    if matches!(channel.kind, 2 | 13) {
        also("bitrate", channel.bitrate.map(|bits| json!(bits)));
        also("user_limit", channel.user_limit.map(|most| json!(most)));
        also("rtc_region", channel.rtc_region.as_ref().map(|region| json!(region)));
        also("video_quality_mode", channel.video_quality_mode.map(|mode| json!(mode)));
    }
    if textual {
        also("default_auto_archive_duration", channel.default_auto_archive_duration.map(|n| json!(n)));
    }
    if matches!(channel.kind, 0 | 15 | 16) {
        let slow = channel.default_thread_rate_limit_per_user.filter(|seconds| *seconds > 0);
        also("default_thread_rate_limit_per_user", slow.map(|n| json!(n)));
    }
    if matches!(channel.kind, 15 | 16) {
        let tags = channel.available_tags.as_ref().map(|tags| {
            let tag = |tag: &crate::model::Tag| {
                json!({ "name": tag.name, "moderated": tag.moderated, "emoji_name": tag.emoji_name })
            };
            tags.iter().map(tag).collect()
        });
        also("available_tags", tags);
        also("default_sort_order", channel.default_sort_order.map(|n| json!(n)));
        also("default_forum_layout", channel.default_forum_layout.map(|n| json!(n)));
    }
    body
}

fn overwrites(
    channel: &Channel,
    role: impl Fn(RoleId) -> Option<String>,
    people: Option<&BTreeSet<UserId>>,
) -> Value {
    let mut list: Vec<(String, Value)> = Vec::new();
    for overwrite in &channel.permission_overwrites {
        let name = match overwrite.kind {
            0 => role(overwrite.id.cast()),
            _ if people.is_none_or(|people| people.contains(&overwrite.id.cast())) => {
                Some(overwrite.id.to_string())
            }
            _ => None,
        };
        if let Some(name) = name {
            let (allow, deny) = (overwrite.allow, overwrite.deny);
            let value = json!({ "id": name, "type": overwrite.kind, "allow": allow, "deny": deny });
            list.push((name, value));
        }
    }
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list.into_iter().map(|(_, value)| value).collect()
}

/// An id as any.
pub(super) fn any<T>(id: guildhall_base::Id<T>) -> Option<AnyId> {
    Some(id.cast())
}
