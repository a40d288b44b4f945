//! Plans carried out on plain data: the target becomes what was wanted, a second plan finds nothing to do, and what is
//! protected is not touched.

use std::collections::HashMap;

use guildhall_base::Id;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{Bits, Overwrite, Role};

#[derive(Default)]
struct Made {
    roles: HashMap<RoleId, RoleId>,
    channels: HashMap<ChannelId, ChannelId>,
}

impl Resolve for Made {
    fn role(&self, from: RoleId) -> Option<RoleId> {
        self.roles.get(&from).copied()
    }
    fn channel(&self, from: ChannelId) -> Option<ChannelId> {
        self.channels.get(&from).copied()
    }
}

fn set<T: serde::Serialize + serde::de::DeserializeOwned>(thing: &mut T, body: Map<String, Value>) {
    let mut value = serde_json::to_value(&*thing).unwrap();
    for (key, field) in body {
        value[key] = field;
    }
    *thing = serde_json::from_value(value).unwrap();
}

/// What a server would do.
fn apply(plan: &Plan, present: &Present) -> Present {
    let mut after = present.clone();
    let guild = &mut after.guild;
    let mut made = Made::default();
    let mut next = 1_000_000;
    for operation in &plan.operations {
        let body = resolve(&operation.body, &made);
        let id = operation.id.unwrap_or(Id::new(0));
        match (operation.deed, operation.what) {
            (Deed::Alter, What::Settings) => {
                set(&mut guild.settings, body);
                let pictures = operation.pictures.clone();
                set(&mut guild.settings, pictures.into_iter().map(|(k, v)| (k, json!(v))).collect());
            }
            (Deed::Create, What::Role) => {
                next += 1;
                let mut role: Role =
                    serde_json::from_value(json!({ "id": next.to_string(), "name": "" })).unwrap();
                set(&mut role, body);
                // New roles come at the bottom.
                guild.roles.iter_mut().filter(|role| role.position > 0).for_each(|role| role.position += 1);
                role.position = 1;
                made.roles.insert(operation.from.unwrap().cast(), role.id);
                guild.roles.push(role);
            }
            (Deed::Alter, What::Role) => {
                set(guild.roles.iter_mut().find(|role| role.id == id.cast()).unwrap(), body);
            }
            (Deed::Delete, What::Role) => {
                guild.roles.retain(|role| role.id != id.cast());
                for channel in &mut guild.channels {
                    channel.permission_overwrites.retain(|overwrite| overwrite.id != id);
                }
            }
            (Deed::Order, What::Role) => {
                for (name, position) in &operation.order {
                    let id: RoleId = body::find(name, &made).unwrap().parse().unwrap();
                    let role = guild.roles.iter_mut().find(|role| role.id == id).unwrap();
                    role.position = i64::try_from(*position).unwrap();
                }
            }
            (Deed::Create, What::Channel) => {
                next += 1;
                let fresh = json!({ "id": next.to_string(), "type": 0, "position": 1000 });
                let mut channel: Channel = serde_json::from_value(fresh).unwrap();
                set(&mut channel, body);
                made.channels.insert(operation.from.unwrap().cast(), channel.id);
                after.silent.insert(channel.id);
                guild.channels.push(channel);
            }
            (Deed::Alter, What::Channel) => {
                set(guild.channels.iter_mut().find(|channel| channel.id == id.cast()).unwrap(), body);
            }
            (Deed::Delete, What::Channel) => {
                guild.channels.retain(|channel| channel.id != id.cast());
                for channel in &mut guild.channels {
                    channel.parent_id = channel.parent_id.filter(|parent| *parent != id.cast());
                }
                let settings = &mut guild.settings;
                settings.system_channel_id =
                    settings.system_channel_id.filter(|channel| *channel != id.cast());
            }
            (Deed::Order, What::Channel) => {
                for (name, position) in &operation.order {
                    let id: ChannelId = body::find(name, &made).unwrap().parse().unwrap();
                    let channel = guild.channels.iter_mut().find(|channel| channel.id == id).unwrap();
                    channel.position = i64::try_from(*position).unwrap();
                }
            }
            (Deed::Create, What::Emoji) => {
                let emoji = json!({ "id": "5", "name": operation.name });
                guild.emojis.push(serde_json::from_value(emoji).unwrap());
            }
            (Deed::Delete, What::Emoji) => guild.emojis.retain(|emoji| emoji.id != id),
            (Deed::Fill, What::Messages) => {
                let from = operation.from.unwrap().cast();
                let target = made.channel(from).or(operation.id.map(Id::cast)).unwrap();
                after.silent.remove(&target);
            }
            other => panic!("{other:?}"),
        }
    }
    after
}

/// A tree by names instead of ids, with what may differ between two guilds left out.
fn shape(guild: &Guild) -> Value {
    let mut roles: Vec<&Role> = guild.roles.iter().collect();
    roles.sort_by_key(|role| (role.position, std::cmp::Reverse(role.id)));
    let numbers: HashMap<AnyId, usize> =
        roles.iter().enumerate().map(|(index, role)| (role.id.cast(), index)).collect();
    let describe = |role: &&Role| {
        if role.position == 0 { Value::Object(body::of_everyone(role)) } else { json!(body::of_role(role)) }
    };
    let mut groups: BTreeMap<String, Vec<(i64, AnyId, Value)>> = BTreeMap::new();
    let place = |id: Option<ChannelId>| {
        let parent = id.and_then(|id| guild.channels.iter().find(|channel| channel.id == id));
        parent.map(|parent| {
            let mut all: Vec<_> = guild.channels.iter().filter(|one| one.is_category()).collect();
            all.sort_by_key(|one| (one.position, one.id));
            (parent.name.clone(), all.iter().position(|one| one.id == parent.id))
        })
    };
    for channel in &guild.channels {
        let name = |role: RoleId| numbers.get(&role.cast()).map(|number| format!("{number:03}"));
        let mut body = body::of_channel(channel, name, |_| String::new(), None);
        body.remove("parent_id");
        let group = format!("{:?} {}", place(channel.parent_id), channel.is_category());
        groups.entry(format!("{group} {}", channel.kind == 2)).or_default().push((
            channel.position,
            channel.id.cast(),
            json!(body),
        ));
    }
    let groups: BTreeMap<String, Vec<Value>> = groups
        .into_iter()
        .map(|(name, mut list)| {
            list.sort_by_key(|(position, id, _)| (*position, *id));
            (name, list.into_iter().map(|(_, _, body)| body).collect())
        })
        .collect();
    let emojis: BTreeSet<&str> = guild.emojis.iter().map(|emoji| emoji.name.as_str()).collect();
    json!({
        "name": guild.settings.name,
        "system": place(guild.settings.system_channel_id).map(|_| "").or(
            guild.settings.system_channel_id.and_then(|id| guild.channels.iter().find(|one| one.id == id)).map(|one| one.name.as_str())),
        "roles": roles.iter().map(describe).collect::<Vec<_>>(),
        "channels": groups,
        "emojis": emojis,
    })
}

fn guild(id: u64) -> impl Strategy<Value = Guild> {
    let role = (0..5_u64, 0..4_u64, any::<bool>());
    let channel = (0..5_u64, 0..4_usize, 0..6_usize, proptest::collection::vec((0..8_usize, 0..4_u64), 0..3));
    let roles = proptest::collection::vec(role, 0..7);
    let channels = proptest::collection::vec(channel, 0..9);
    (0..2_u64, 0..9_usize, roles, channels, 0..4_u64, 0..2_u64).prop_map(
        move |(name, system, roles, channels, emojis, same)| {
            // Guilds of the same backup share ids, others share names only.
            let base = if same == 0 { 100 } else { id * 1000 };
            let mut guild = Guild::default();
            guild.settings.id = Id::new(id.cast_signed());
            guild.settings.name = format!("guild {name}");
            let plain = |id: u64, name: &str, position: usize| -> Role {
                let role = json!({ "id": id.to_string(), "name": name, "position": position });
                serde_json::from_value(role).unwrap()
            };
            guild.roles.push(plain(id, "@everyone", 0));
            for (index, (name, bits, hoist)) in roles.into_iter().enumerate() {
                let mut role = plain(base + index as u64, &format!("r{name}"), index + 1);
                (role.permissions, role.hoist) = (Bits(bits), hoist);
                guild.roles.push(role);
            }
            let kinds = [0, 2, 4, 5];
            let categories: Vec<usize> =
                (0..channels.len()).filter(|index| kinds[channels[*index].1] == 4).collect();
            for (index, (name, kind, parent, overwrites)) in channels.iter().enumerate() {
                let id = base + 500 + index as u64;
                let made = json!({ "id": id.to_string(), "type": kinds[*kind], "position": index });
                let mut channel: Channel = serde_json::from_value(made).unwrap();
                channel.name = format!("c{name}");
                if kinds[*kind] != 4 {
                    let parent = categories.get(*parent).map(|index| base + 500 + *index as u64);
                    channel.parent_id = parent.map(|id| Id::new(id.cast_signed()));
                }
                for (role, bits) in overwrites {
                    let Some(role) = guild.roles.get(*role) else { continue };
                    if channel.permission_overwrites.iter().all(|one| one.id != role.id.cast()) {
                        let (id, allow) = (role.id.cast(), Bits(*bits));
                        channel.permission_overwrites.push(Overwrite { id, kind: 0, allow, deny: Bits(0) });
                    }
                }
                guild.channels.push(channel);
            }
            guild.settings.system_channel_id =
                guild.channels.get(system).filter(|one| one.kind == 0).map(|one| one.id);
            for emoji in 0..emojis {
                let value = json!({ "id": (900 + emoji).to_string(), "name": format!("e{}", emoji + id % 2), "image": "x" });
                guild.emojis.push(serde_json::from_value(value).unwrap());
            }
            guild
        },
    )
}

fn pair() -> impl Strategy<Value = (Wanted, Present)> {
    (guild(1), prop_oneof![guild(1), guild(2)]).prop_map(|(wanted, present)| {
        let messages = wanted.channels.iter().map(|channel| (channel.id, 3)).collect();
        let silent = present.channels.iter().map(|channel| channel.id).collect();
        let wanted = Wanted { guild: wanted, messages, ..Wanted::default() };
        (wanted, Present { guild: present, silent, ..Present::default() })
    })
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Full), Just(Mode::Difference), Just(Mode::IgnoreExisting)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_full_restore_ends_as_the_backup_is((wanted, present) in pair()) {
        let options = Options { mode: Mode::Full, ..Options::default() };
        let after = apply(&make(&wanted, &present, &options), &present);
        prop_assert_eq!(shape(&after.guild), shape(&wanted.guild));
    }

    #[test]
    fn the_plan_of_the_result_is_empty((wanted, present) in pair(), mode in mode()) {
        let options = Options { mode, ..Options::default() };
        let after = apply(&make(&wanted, &present, &options), &present);
        let again = make(&wanted, &after, &options);
        prop_assert!(again.is_empty(), "{:#?}", again.operations);
    }

    #[test]
    fn what_is_protected_is_not_touched((wanted, present) in pair(), mode in mode(), which in any::<u16>()) {
        let picked = |index: usize| which >> (index % 16) & 1 == 1;
        let roles = present.guild.roles.iter().enumerate().filter(|(index, _)| picked(*index));
        let channels = present.guild.channels.iter().enumerate().filter(|(index, _)| picked(*index));
        let options = Options {
            mode,
            protected_roles: roles.map(|(_, role)| role.id).collect(),
            protected_channels: channels.map(|(_, channel)| channel.id).collect(),
            ..Options::default()
        };
        let plan = make(&wanted, &present, &options);
        for operation in plan.operations.iter().filter(|operation| operation.deed != Deed::Order) {
            let Some(id) = operation.id else { continue };
            prop_assert!(operation.what != What::Role || !options.protected_roles.contains(&id.cast()));
            let channel = matches!(operation.what, What::Channel | What::Messages);
            prop_assert!(!channel || !options.protected_channels.contains(&id.cast()));
        }
        let after = apply(&plan, &present);
        for role in present.guild.roles.iter().filter(|role| options.protected_roles.contains(&role.id)) {
            let now = after.guild.roles.iter().find(|now| now.id == role.id).unwrap();
            prop_assert_eq!(Role { position: role.position, ..now.clone() }, role.clone());
        }
        for channel in &present.guild.channels {
            if options.protected_channels.contains(&channel.id) {
                let now = after.guild.channels.iter().find(|now| now.id == channel.id).unwrap();
                prop_assert_eq!((&now.name, now.parent_id), (&channel.name, channel.parent_id));
            }
        }
        prop_assert!(make(&wanted, &after, &options).is_empty());
    }

    #[test]
    fn the_milder_modes_destroy_nothing((wanted, present) in pair(), strict in any::<bool>()) {
        let mode = if strict { Mode::IgnoreExisting } else { Mode::Difference };
        let plan = make(&wanted, &present, &Options { mode, ..Options::default() });
        for operation in &plan.operations {
            prop_assert!(operation.deed != Deed::Delete);
            prop_assert!(!strict || operation.deed != Deed::Alter, "{:?}", operation);
        }
    }

    #[test]
    fn keys_are_unique((wanted, present) in pair(), mode in mode()) {
        let plan = make(&wanted, &present, &Options { mode, ..Options::default() });
        let keys: BTreeSet<String> = plan.operations.iter().map(Operation::key).collect();
        prop_assert_eq!(keys.len(), plan.operations.len());
    }
}

#[test]
fn differences_can_be_read() {
    let mut wanted = Wanted::default();
    wanted.guild.settings.id = Id::new(1);
    let role = json!({ "id": "5", "name": "Mods", "position": 1, "permissions": "6", "color": 255 });
    wanted.guild.roles.push(serde_json::from_value(role).unwrap());
    let mut present = Present { guild: wanted.guild.clone(), ..Present::default() };
    present.guild.roles[0].permissions = Bits(2 | 1 << 13);
    present.guild.roles[0].color = 0;
    let plan = make(&wanted, &present, &Options::default());
    let told: Vec<_> = plan.operations[0]
        .differences
        .iter()
        .map(|one| (one.field.as_str(), one.from.as_str(), one.to.as_str()))
        .collect();
    assert_eq!(told, [("color", "", "#0000ff"), ("permissions", "MANAGE_MESSAGES", "BAN_MEMBERS")]);
}

#[test]
fn a_budget_knows_the_limits_of_the_target() {
    let mut wanted = Wanted::default();
    wanted.guild.settings.id = Id::new(1);
    for id in 10..14 {
        let channel = json!({ "id": id.to_string(), "type": 0, "name": format!("c{id}") });
        wanted.guild.channels.push(serde_json::from_value(channel).unwrap());
        wanted.messages.insert(Id::new(id), 47);
    }
    let mut present = Present::default();
    present.guild.settings.id = Id::new(2);
    let plan = make(&wanted, &present, &Options::default());
    let messages = |limits: &Limits| {
        let line = budget(&plan, limits).lines.into_iter().find(|line| line.what == What::Messages).unwrap();
        (line.requests, line.seconds)
    };
    // Four channels at once, five messages in two seconds each.
    assert_eq!(messages(&Limits::DISCORD), (200, 18));
    assert_eq!(messages(&Limits::INSIDE), (200, 0));
    assert_eq!(budget(&Plan::default(), &Limits::DISCORD).seconds, 0);
}
