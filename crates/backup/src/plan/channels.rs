//! What happens to channels.

use std::collections::{BTreeMap, HashSet};

use guildhall_base::{ChannelId, RoleId};

use super::matching::Matches;
use super::order::merge;
use super::{Deed, Operation, Options, Plan, Present, Wanted, What, body, difference, is_new_channel};
use crate::model::Channel;

pub(super) fn plan(
    plan: &mut Plan,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
) {
    let known = matches.known_channels();
    let mut gone = HashSet::new();
    for channel in present.guild.channels.iter().filter(|channel| !channel.is_thread()) {
        let extra = !known.contains(&channel.id) && !options.protected_channels.contains(&channel.id);
        if extra && options.deletes_channels() && !holds_protected(present, options, channel) {
            gone.insert(channel.id);
            plan.operations.push(Operation {
                id: body::any(channel.id),
                name: channel.name.clone(),
                ..Operation::new(Deed::Delete, What::Channel)
            });
        }
    }
    let mut created = Vec::new();
    // Categories first, for the others are made in them.
    let all = || wanted.guild.channels.iter().filter(|channel| is_chosen(channel, options));
    for channel in all().filter(|one| one.is_category()).chain(all().filter(|one| !one.is_category())) {
        if channel.is_thread() {
            plan.leave_out(What::Channel, &channel.name, "thread");
            continue;
        }
        let there = matches.channels.get(&channel.id);
        let there = there.and_then(|id| present.guild.channels.iter().find(|there| there.id == *id));
        match there {
            None => {
                created.push(channel);
                note_people(plan, channel, present);
                plan.operations.push(create(channel, wanted, present, options, matches));
            }
            Some(there) if options.alters() && !options.protected_channels.contains(&there.id) => {
                let operation = alter(channel, there, wanted, present, options, matches);
                plan.operations.extend(operation);
            }
            Some(_) => {}
        }
    }
    order(plan, wanted, present, options, matches, &created, &gone);
}

/// Deleting a category would move what is in it.
fn holds_protected(present: &Present, options: &Options, category: &Channel) -> bool {
    let inside = |channel: &&Channel| channel.parent_id == Some(category.id);
    present
        .guild
        .channels
        .iter()
        .filter(inside)
        .any(|channel| options.protected_channels.contains(&channel.id))
}

fn is_chosen(channel: &Channel, options: &Options) -> bool {
    options.only_channels.is_empty() || options.only_channels.contains(&channel.id)
}

fn note_people(plan: &mut Plan, channel: &Channel, present: &Present) {
    let gone = |id: &guildhall_base::AnyId| !present.people.contains(&id.cast());
    if channel.permission_overwrites.iter().any(|overwrite| overwrite.kind == 1 && gone(&overwrite.id)) {
        plan.leave_out(What::Channel, &channel.name, "person_gone");
    }
}

/// What the channel of the backup is to be in the target.
fn target_body(
    channel: &Channel,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
) -> serde_json::Map<String, serde_json::Value> {
    let role = |from: RoleId| {
        let there = matches.roles.contains_key(&from);
        let role = wanted.guild.roles.iter().find(|role| role.id == from);
        let made = options.roles
            && role.is_some_and(|role| !role.managed)
            && (options.only_roles.is_empty() || options.only_roles.contains(&from));
        (there || made).then(|| body::role(matches, from))
    };
    body::of_channel(channel, role, |from| body::channel(matches, from), Some(&present.people))
}

/// A category that will not be there is none.
fn parent_of(channel: &Channel, wanted: &Wanted, options: &Options, matches: &Matches) -> Option<ChannelId> {
    let parent = channel.parent_id?;
    let known = matches.channels.contains_key(&parent);
    let made = wanted.guild.channels.iter().any(|one| one.id == parent && is_new_channel(one, options));
    (known || made).then_some(parent)
}

fn create(
    channel: &Channel,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
) -> Operation {
    let parent_id = parent_of(channel, wanted, options, matches);
    let channel = Channel { parent_id, ..channel.clone() };
    Operation {
        from: body::any(channel.id),
        name: channel.name.clone(),
        body: target_body(&channel, wanted, present, options, matches),
        ..Operation::new(Deed::Create, What::Channel)
    }
}

fn alter(
    channel: &Channel,
    there: &Channel,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
) -> Option<Operation> {
    let parent_id = parent_of(channel, wanted, options, matches);
    let channel = Channel { parent_id, ..channel.clone() };
    let new = target_body(&channel, wanted, present, options, matches);
    let name = |id: RoleId| Some(id.to_string());
    let old = body::of_channel(there, name, |id| id.to_string(), None);
    let mut body = difference::changes(&new, &old);
    // What the backup does not say of a channel stays.
    body.retain(|key, value| !value.is_null() || new.contains_key(key));
    if body.is_empty() {
        return None;
    }
    Some(Operation {
        id: body::any(there.id),
        from: body::any(channel.id),
        name: channel.name.clone(),
        differences: difference::tell(&body, &old),
        body,
        ..Operation::new(Deed::Alter, What::Channel)
    })
}

/// Channels that clients show in one run, by the name of their category.
type Groups = BTreeMap<(Option<String>, u8), Vec<String>>;

/// Which run of its category a channel is in: text, voice, categories.
fn bucket(channel: &Channel) -> u8 {
    match channel.kind {
        4 => 2,
        2 | 13 => 1,
        _ => 0,
    }
}

/// The order of each group, if any is to be another one.
fn order(
    plan: &mut Plan,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
    created: &[&Channel],
    gone: &HashSet<ChannelId>,
) {
    let moved: BTreeMap<String, Option<String>> = plan
        .operations
        .iter()
        .filter(|operation| operation.what == What::Channel && operation.deed == Deed::Alter)
        .filter_map(|operation| {
            let parent = operation.body.get("parent_id")?;
            Some((operation.id?.to_string(), parent.as_str().map(str::to_owned)))
        })
        .collect();
    let mut there = Groups::new();
    for channel in sorted(&present.guild.channels).filter(|channel| !gone.contains(&channel.id)) {
        let parent = channel.parent_id.filter(|parent| !gone.contains(parent)).map(|id| id.to_string());
        let name = channel.id.to_string();
        let parent = moved.get(&name).cloned().unwrap_or(parent);
        there.entry((parent, bucket(channel))).or_default().push(name);
    }
    let is_created = |channel: &Channel| created.iter().any(|one| one.id == channel.id);
    let mut backup = Groups::new();
    for channel in sorted(&wanted.guild.channels) {
        if !is_created(channel) && !matches.channels.contains_key(&channel.id) {
            continue;
        }
        let parent = parent_of(channel, wanted, options, matches).map(|id| body::channel(matches, id));
        let name = body::channel(matches, channel.id);
        backup.entry((parent, bucket(channel))).or_default().push(name);
    }
    let fixed = |name: &String| {
        let id = name.parse::<ChannelId>().ok();
        id.is_some_and(|id| options.protected_channels.contains(&id))
    };
    let groups: HashSet<_> = there.keys().chain(backup.keys()).cloned().collect();
    let mut order = Vec::new();
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort();
    for group in groups {
        let present = there.remove(&group).unwrap_or_default();
        let known: HashSet<String> = present.iter().cloned().collect();
        let wanted = backup.remove(&group).unwrap_or_default();
        // What is elsewhere in the target although the backup has it here was not to be moved.
        let wanted: Vec<String> = wanted
            .into_iter()
            .filter(|name| known.contains(name) || name.parse::<ChannelId>().is_err())
            .collect();
        let result = if options.alters() && options.only_channels.is_empty() {
            let base: Vec<String> = wanted.into_iter().filter(|name| !fixed(name)).collect();
            let held: HashSet<String> = base.iter().cloned().collect();
            merge(base, &present, |name| !held.contains(name))
        } else {
            merge(present.clone(), &wanted, |name| !known.contains(name))
        };
        if result != present {
            order.extend(result.into_iter().zip(0..));
        }
    }
    if !order.is_empty() {
        plan.operations.push(Operation { order, ..Operation::new(Deed::Order, What::Channel) });
    }
}

/// As clients show them: by position, of equal ones the older first.
fn sorted(channels: &[Channel]) -> impl Iterator<Item = &Channel> {
    let mut channels: Vec<&Channel> = channels.iter().filter(|channel| !channel.is_thread()).collect();
    channels.sort_by_key(|channel| (channel.position, channel.id));
    channels.into_iter()
}
