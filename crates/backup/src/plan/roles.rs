//! What happens to roles.

use guildhall_base::RoleId;
use serde_json::Value;

use super::matching::{Matches, everyone};
use super::order::merge;
use super::{Deed, Operation, Options, Plan, Present, Wanted, What, body, difference};
use crate::model::Role;

pub(super) fn plan(
    plan: &mut Plan,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
) {
    let known = matches.known_roles();
    let (ours, theirs) = (everyone(&wanted.guild), everyone(&present.guild));
    let untouchable = |role: &Role| {
        role.managed || options.protected_roles.contains(&role.id) || present.out_of_reach.contains(&role.id)
    };
    let mut gone = Vec::new();
    for role in &present.guild.roles {
        let extra = !known.contains(&role.id) && Some(role.id) != theirs;
        if extra && options.deletes_roles() && !untouchable(role) {
            gone.push(role.id);
            plan.operations.push(Operation {
                id: body::any(role.id),
                name: role.name.clone(),
                ..Operation::new(Deed::Delete, What::Role)
            });
        }
    }
    let chosen = |role: &&Role| options.only_roles.is_empty() || options.only_roles.contains(&role.id);
    let mut created = Vec::new();
    for role in wanted.guild.roles.iter().filter(chosen) {
        let there = matches.roles.get(&role.id);
        let there = there.and_then(|id| present.guild.roles.iter().find(|role| role.id == *id));
        match there {
            None if role.managed => plan.leave_out(What::Role, &role.name, "managed"),
            None if Some(role.id) == ours => {}
            None => {
                created.push(role.id);
                plan.operations.push(create(role));
            }
            Some(there) if present.out_of_reach.contains(&there.id) && Some(there.id) != theirs => {
                plan.leave_out(What::Role, &role.name, "out_of_reach");
            }
            Some(there) if !untouchable(there) && options.alters() => {
                plan.operations.extend(alter(role, there, Some(there.id) == theirs, wanted.exact));
            }
            Some(_) => {}
        }
    }
    order(plan, wanted, present, options, matches, &created, &gone);
}

fn create(role: &Role) -> Operation {
    let mut operation = Operation {
        from: body::any(role.id),
        name: role.name.clone(),
        body: body::of_role(role),
        ..Operation::new(Deed::Create, What::Role)
    };
    operation.pictures.extend(role.icon.clone().map(|icon| ("icon".to_owned(), icon)));
    operation
}

fn alter(role: &Role, there: &Role, everyone: bool, exact: bool) -> Option<Operation> {
    let fields = if everyone { body::of_everyone } else { body::of_role };
    let old = fields(there);
    let mut body = difference::changes(&fields(role), &old);
    if exact && !everyone && role.icon.is_none() && there.icon.is_some() {
        body.insert("icon".into(), Value::Null);
    }
    let mut operation = Operation {
        id: body::any(there.id),
        from: body::any(role.id),
        name: role.name.clone(),
        differences: difference::tell(&body, &old),
        body,
        ..Operation::new(Deed::Alter, What::Role)
    };
    if role.icon != there.icon && role.icon.is_some() && !everyone {
        operation.pictures.extend(role.icon.clone().map(|icon| ("icon".to_owned(), icon)));
    }
    (!operation.body.is_empty() || !operation.pictures.is_empty()).then_some(operation)
}

/// The order from the lowest role up, `@everyone` left out, if it is to be another one.
fn order(
    plan: &mut Plan,
    wanted: &Wanted,
    present: &Present,
    options: &Options,
    matches: &Matches,
    created: &[RoleId],
    gone: &[RoleId],
) {
    let (ours, theirs) = (everyone(&wanted.guild), everyone(&present.guild));
    // What is out of reach stands on top, and stays there: nothing can be put above it.
    let (above, there): (Vec<&Role>, Vec<&Role>) = sorted(&present.guild.roles)
        .filter(|role| Some(role.id) != theirs && !gone.contains(&role.id))
        .partition(|role| present.out_of_reach.contains(&role.id));
    let there: Vec<String> = there.into_iter().map(|role| role.id.to_string()).collect();
    let backup: Vec<String> = sorted(&wanted.guild.roles)
        .filter(|role| Some(role.id) != ours)
        .filter(|role| created.contains(&role.id) || matches.roles.contains_key(&role.id))
        .filter(|role| matches.roles.get(&role.id).is_none_or(|id| above.iter().all(|one| one.id != *id)))
        .map(|role| body::role(matches, role.id))
        .collect();
    let fixed = |name: &String| {
        let id = name.parse::<RoleId>().ok();
        let role = id.and_then(|id| present.guild.roles.iter().find(|role| role.id == id));
        role.is_some_and(|role| role.managed || options.protected_roles.contains(&role.id))
    };
    let result = if options.alters() && options.only_roles.is_empty() {
        let base: Vec<String> = backup.into_iter().filter(|name| !fixed(name)).collect();
        let held: std::collections::HashSet<String> = base.iter().cloned().collect();
        merge(base, &there, |name| !held.contains(name))
    } else {
        let held: std::collections::HashSet<String> = there.iter().cloned().collect();
        merge(there.clone(), &backup, |name| !held.contains(name))
    };
    if result != there {
        let order = result.into_iter().zip(1..).collect();
        plan.operations.push(Operation { order, ..Operation::new(Deed::Order, What::Role) });
    }
}

/// From the lowest up; of equal ones the older is above.
fn sorted(roles: &[Role]) -> impl Iterator<Item = &Role> {
    let mut roles: Vec<&Role> = roles.iter().collect();
    roles.sort_by_key(|role| (role.position, std::cmp::Reverse(role.id)));
    roles.into_iter()
}
