//! What happens to the guild's own settings: first what stands alone, and after the channels what names some.

use std::collections::BTreeMap;

use guildhall_base::ChannelId;
use serde_json::{Map, Value, json};

use super::matching::Matches;
use super::{Deed, Operation, Options, Plan, Present, Wanted, What, body, difference, is_new_channel};
use crate::model::{FileRef, Settings};

fn fields(settings: &Settings) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("name", json!(settings.name));
    set("description", json!(settings.description.as_deref().filter(|text| !text.is_empty())));
    set("verification_level", json!(settings.verification_level));
    set("default_message_notifications", json!(settings.default_message_notifications));
    set("explicit_content_filter", json!(settings.explicit_content_filter));
    set("afk_timeout", json!(settings.afk_timeout));
    set("system_channel_flags", json!(settings.system_channel_flags));
    set("premium_progress_bar_enabled", json!(settings.premium_progress_bar_enabled));
    if let Some(locale) = &settings.preferred_locale {
        set("preferred_locale", json!(locale));
    }
    fields
}

fn pictures(settings: &Settings) -> BTreeMap<String, FileRef> {
    let all = [
        ("icon", &settings.icon),
        ("banner", &settings.banner),
        ("splash", &settings.splash),
        ("discovery_splash", &settings.discovery_splash),
    ];
    let there = all.into_iter().filter_map(|(name, picture)| Some((name.to_owned(), picture.clone()?)));
    there.collect()
}

/// What stands alone.
pub(super) fn own(plan: &mut Plan, wanted: &Wanted, present: &Present) {
    let (new, old) = (&wanted.guild.settings, &present.guild.settings);
    let before = fields(old);
    let mut body = difference::changes(&fields(new), &before);
    // A format that knows of no language or name does not take it away.
    body.retain(|key, value| {
        !(value.is_null() && key == "preferred_locale" || key == "name" && *value == "")
    });
    let there = pictures(old);
    let here = pictures(new);
    if wanted.exact {
        let gone = there.keys().filter(|name| !here.contains_key(*name));
        body.extend(gone.map(|name| (name.clone(), Value::Null)));
    }
    let pictures: BTreeMap<String, FileRef> =
        here.into_iter().filter(|(name, picture)| there.get(name) != Some(picture)).collect();
    if body.is_empty() && pictures.is_empty() {
        return;
    }
    let mut differences = difference::tell(&body, &before);
    differences.extend(pictures.keys().map(|name| difference::Difference {
        field: name.clone(),
        from: String::new(),
        to: String::new(),
    }));
    plan.operations.push(Operation {
        name: new.name.clone(),
        body,
        pictures,
        differences,
        ..Operation::new(Deed::Alter, What::Settings)
    });
}

fn places(settings: &Settings) -> [(&'static str, Option<ChannelId>); 5] {
    [
        ("afk_channel_id", settings.afk_channel_id),
        ("system_channel_id", settings.system_channel_id),
        ("rules_channel_id", settings.rules_channel_id),
        ("public_updates_channel_id", settings.public_updates_channel_id),
        ("safety_alerts_channel_id", settings.safety_alerts_channel_id),
    ]
}

/// What names channels.
pub(super) fn channels(
    plan: &mut Plan,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
) {
    let will_be = |id: ChannelId| {
        let made = || wanted.guild.channels.iter().any(|one| one.id == id && is_new_channel(one, options));
        matches.channels.contains_key(&id) || (options.channels && made())
    };
    let gone = |id: &ChannelId| {
        let deleted =
            |operation: &&Operation| operation.deed == Deed::Delete && operation.what == What::Channel;
        plan.operations.iter().filter(deleted).any(|operation| operation.id == Some(id.cast()))
    };
    let new: Map<String, Value> = places(&wanted.guild.settings)
        .into_iter()
        .map(|(name, id)| {
            let value = id.filter(|id| will_be(*id)).map(|id| body::channel(matches, id));
            (name.to_owned(), json!(value))
        })
        .collect();
    let old: Map<String, Value> = places(&present.guild.settings)
        .into_iter()
        .map(|(name, id)| (name.to_owned(), json!(id.filter(|id| !gone(id)))))
        .collect();
    let body = difference::changes(&new, &old);
    if !body.is_empty() {
        plan.operations.push(Operation {
            name: wanted.guild.settings.name.clone(),
            differences: difference::tell(&body, &old),
            body,
            ..Operation::new(Deed::Alter, What::Settings)
        });
    }
}
