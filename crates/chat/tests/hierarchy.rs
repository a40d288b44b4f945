//! Who may do what to whom.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

use guildhall_base::{Error, GuildId, Permissions, RoleId, UserId};
use guildhall_chat::rules::hierarchy::{
    Denied, Person, Rank, RoleTarget, may_ban, may_create_role, may_delete_role, may_edit_role,
    may_give_role, may_kick, may_move_roles, may_overwrite, may_rename, may_take_role, may_time_out,
};
use guildhall_chat::rules::permissions::RoleGrant;
use guildhall_chat::rules::positions::RoleShift;

const GUILD: GuildId = GuildId::new(1);
const NONE: Permissions = Permissions::empty();
const SEND: Permissions = Permissions::SEND_MESSAGES;
const VIEW: Permissions = Permissions::VIEW_CHANNEL;
const ROLES: Permissions = Permissions::MANAGE_ROLES;
const ADMIN: Permissions = Permissions::ADMINISTRATOR;

fn role_id(position: i64) -> RoleId {
    RoleId::new(100 + position)
}

/// A member whose highest role is the one at `position`; 0 for none.
fn person(user: i64, position: i64, permissions: Permissions) -> Person {
    let held = (position > 0).then_some((role_id(position), position));
    Person { user: UserId::new(user), owner: false, rank: Rank::highest(GUILD, held), permissions }
}

fn owner() -> Person {
    Person { owner: true, ..person(9, 0, Permissions::all()) }
}

fn grant(position: i64, permissions: Permissions, denied: Permissions) -> RoleGrant {
    RoleGrant { id: role_id(position), position, permissions, denied }
}

fn role(position: i64, permissions: Permissions, denied: Permissions) -> RoleTarget {
    RoleTarget { grant: grant(position, permissions, denied), everyone: false, managed: false }
}

fn everyone() -> RoleTarget {
    let grant = RoleGrant { id: GUILD.cast(), position: 0, permissions: VIEW, denied: NONE };
    RoleTarget { grant, everyone: true, managed: false }
}

#[test]
fn ranks_go_by_position_then_the_older_role() {
    assert!(Rank::new(2, RoleId::new(9)) > Rank::new(1, RoleId::new(1)));
    assert!(Rank::new(2, RoleId::new(5)) > Rank::new(2, RoleId::new(6)));
    let highest = Rank::highest(GUILD, [(role_id(3), 3), (role_id(7), 7), (role_id(5), 5)]);
    assert_eq!(highest, Rank::new(7, role_id(7)));
    assert_eq!(Rank::highest(GUILD, []), Rank::new(0, GUILD.cast()));
}

#[test]
fn roles_are_created_with_what_the_creator_has() {
    let actor = person(1, 5, ROLES | SEND);
    assert_eq!(may_create_role(&actor, SEND, NONE), Ok(()));
    assert_eq!(may_create_role(&actor, SEND | ADMIN, NONE), Err(Denied::Beyond(ADMIN)));
    assert_eq!(may_create_role(&actor, NONE, VIEW), Err(Denied::Beyond(VIEW)));
    assert_eq!(may_create_role(&person(1, 5, SEND), NONE, NONE), Err(Denied::Missing(ROLES)));
    assert_eq!(may_create_role(&owner(), Permissions::all(), Permissions::all()), Ok(()));
}

#[test]
fn roles_are_edited_only_below_ones_highest() {
    let actor = person(1, 5, ROLES | SEND);
    for (position, allowed) in [(4, true), (5, false), (6, false)] {
        let decision = may_edit_role(&actor, &role(position, NONE, NONE), SEND, NONE);
        assert_eq!(decision.is_ok(), allowed, "{position}");
        assert!(may_edit_role(&owner(), &role(position, NONE, NONE), ADMIN, NONE).is_ok());
    }
    assert_eq!(may_edit_role(&actor, &role(6, NONE, NONE), SEND, NONE), Err(Denied::RoleTooHigh(role_id(6))));
}

#[test]
fn everyone_is_edited_by_those_who_have_a_role() {
    assert_eq!(may_edit_role(&person(1, 1, ROLES | SEND), &everyone(), VIEW | SEND, NONE), Ok(()));
    let without = may_edit_role(&person(1, 0, ROLES | SEND), &everyone(), VIEW | SEND, NONE);
    assert_eq!(without, Err(Denied::RoleTooHigh(GUILD.cast())));
}

#[test]
fn what_a_role_granted_before_may_stay_and_may_go() {
    let actor = person(1, 5, ROLES);
    assert_eq!(may_edit_role(&actor, &role(2, ADMIN, NONE), ADMIN, NONE), Ok(()));
    assert_eq!(may_edit_role(&actor, &role(2, ADMIN, NONE), NONE, NONE), Ok(()));
    assert_eq!(may_edit_role(&actor, &role(2, ADMIN, NONE), ADMIN | SEND, NONE), Err(Denied::Beyond(SEND)));
}

#[test]
fn a_denial_is_put_up_and_lifted_only_by_those_who_have_what_it_denies() {
    let (with, without) = (person(1, 5, ROLES | SEND), person(1, 5, ROLES));
    assert_eq!(may_edit_role(&with, &role(2, NONE, SEND), NONE, NONE), Ok(()));
    assert_eq!(may_edit_role(&without, &role(2, NONE, SEND), NONE, NONE), Err(Denied::Beyond(SEND)));
    assert_eq!(may_edit_role(&without, &role(2, NONE, NONE), NONE, SEND), Err(Denied::Beyond(SEND)));
    assert_eq!(may_delete_role(&without, &role(2, NONE, SEND)), Err(Denied::Beyond(SEND)));
    assert_eq!(may_take_role(&without, &role(2, NONE, SEND)), Err(Denied::Beyond(SEND)));
    assert_eq!(may_give_role(&without, &role(2, NONE, SEND)), Ok(()));
    assert_eq!(may_take_role(&with, &role(2, NONE, SEND)), Ok(()));
}

#[test]
fn roles_are_given_and_taken_below_ones_highest() {
    let actor = person(1, 5, ROLES);
    assert_eq!(may_give_role(&actor, &role(4, ADMIN, NONE)), Ok(()));
    for decide in [may_give_role, may_take_role, may_delete_role] {
        assert_eq!(decide(&actor, &role(5, NONE, NONE)), Err(Denied::RoleTooHigh(role_id(5))));
        assert_eq!(decide(&owner(), &role(99, NONE, NONE)), Ok(()));
        assert_eq!(decide(&person(1, 5, SEND), &role(1, NONE, NONE)), Err(Denied::Missing(ROLES)));
    }
}

#[test]
fn everyone_and_managed_roles_are_neither_given_nor_deleted() {
    let managed = RoleTarget { managed: true, ..role(2, NONE, NONE) };
    for decide in [may_give_role, may_take_role, may_delete_role] {
        assert_eq!(decide(&owner(), &everyone()), Err(Denied::InvalidRole(GUILD.cast())));
        assert_eq!(decide(&owner(), &managed), Err(Denied::InvalidRole(role_id(2))));
    }
    assert_eq!(may_edit_role(&owner(), &managed, SEND, NONE), Ok(()));
    assert_eq!(Error::from(Denied::InvalidRole(role_id(2))).code.number, 50028);
    assert_eq!(Error::from(Denied::MemberTooHigh).code.number, 50013);
}

fn shift(id: i64, from: i64, to: i64) -> RoleShift {
    RoleShift { id: role_id(id), from, to }
}

#[test]
fn roles_are_sorted_only_below_ones_highest() {
    let roles: Vec<_> = (1..=6).map(|position| grant(position, NONE, NONE)).collect();
    let actor = person(1, 5, ROLES);
    assert_eq!(may_move_roles(&actor, &roles, &[shift(1, 1, 4), shift(4, 4, 1)]), Ok(()));
    let onto = may_move_roles(&actor, &roles, &[shift(4, 4, 5), shift(5, 5, 4)]);
    assert_eq!(onto, Err(Denied::RoleTooHigh(role_id(4))));
    let above = may_move_roles(&actor, &roles, &[shift(6, 6, 1)]);
    assert_eq!(above, Err(Denied::RoleTooHigh(role_id(6))));
    assert_eq!(may_move_roles(&owner(), &roles, &[shift(6, 6, 1)]), Ok(()));
    assert_eq!(may_move_roles(&person(1, 5, SEND), &roles, &[]), Err(Denied::Missing(ROLES)));
}

#[test]
fn sorting_does_not_lift_a_grant_above_its_denial() {
    let roles = [grant(1, ADMIN, NONE), grant(2, NONE, ADMIN | SEND), grant(3, SEND, NONE)];
    let swap = [shift(1, 1, 2), shift(2, 2, 1)];
    assert_eq!(may_move_roles(&person(1, 5, ROLES), &roles, &swap), Err(Denied::Beyond(ADMIN)));
    assert_eq!(may_move_roles(&person(1, 5, Permissions::all()), &roles, &swap), Ok(()));
    assert_eq!(may_move_roles(&owner(), &roles, &swap), Ok(()));
    // The reverse takes away.
    assert_eq!(may_move_roles(&person(1, 5, ROLES), &roles, &[shift(2, 2, 3), shift(3, 3, 2)]), Ok(()));
}

#[test]
fn members_are_kicked_banned_renamed_and_timed_out_from_above_only() {
    let all = Permissions::all() - ADMIN;
    type Deed = fn(&Person, &Person) -> Result<(), Denied>;
    let deeds: [(&str, Permissions, Deed); 4] = [
        ("kick", Permissions::KICK_MEMBERS, may_kick),
        ("ban", Permissions::BAN_MEMBERS, |actor, target| may_ban(actor, Some(target))),
        ("rename", Permissions::MANAGE_NICKNAMES, may_rename),
        ("time out", Permissions::MODERATE_MEMBERS, |actor, target| may_time_out(actor, target, false)),
    ];
    for (name, needed, decide) in deeds {
        assert_eq!(decide(&person(1, 5, all), &person(2, 4, NONE)), Ok(()), "{name}");
        assert_eq!(
            decide(&person(1, 5, all - needed), &person(2, 4, NONE)),
            Err(Denied::Missing(needed)),
            "{name}"
        );
        assert_eq!(decide(&person(1, 5, all), &person(2, 5, NONE)), Err(Denied::MemberTooHigh), "{name}");
        assert_eq!(decide(&person(1, 5, Permissions::all()), &owner()), Err(Denied::Owner), "{name}");
        assert_eq!(decide(&owner(), &person(2, 99, NONE)), Ok(()), "{name}");
        let both_without_roles = decide(&person(1, 0, all), &person(2, 0, NONE));
        assert_eq!(both_without_roles, Err(Denied::MemberTooHigh), "{name}");
    }
}

#[test]
fn nobody_acts_on_oneself_but_renames() {
    let me = person(1, 5, Permissions::all() - ADMIN);
    assert_eq!(may_kick(&me, &me), Err(Denied::MemberTooHigh));
    assert_eq!(may_time_out(&me, &me, false), Err(Denied::MemberTooHigh));
    assert_eq!(may_rename(&me, &me), Ok(()));
    assert_eq!(may_rename(&owner(), &owner()), Ok(()));
    let without = person(1, 5, Permissions::MANAGE_NICKNAMES);
    assert_eq!(may_rename(&without, &without), Err(Denied::Missing(Permissions::CHANGE_NICKNAME)));
    assert_eq!(may_ban(&owner(), Some(&owner())), Err(Denied::Owner));
}

#[test]
fn strangers_can_be_banned() {
    assert_eq!(may_ban(&person(1, 0, Permissions::BAN_MEMBERS), None), Ok(()));
    assert_eq!(may_ban(&person(1, 0, SEND), None), Err(Denied::Missing(Permissions::BAN_MEMBERS)));
}

#[test]
fn administrators_are_not_timed_out_but_freed() {
    let target = person(2, 3, Permissions::all());
    assert_eq!(may_time_out(&owner(), &target, false), Err(Denied::Administrator));
    assert_eq!(may_time_out(&owner(), &target, true), Ok(()));
}

#[test]
fn overwrites_change_only_what_one_has() {
    let actor = person(1, 5, SEND);
    assert_eq!(may_overwrite(&actor, SEND, SEND, false), Err(Denied::Missing(ROLES)));
    assert_eq!(may_overwrite(&actor, ROLES | VIEW, SEND | VIEW, false), Ok(()));
    let beyond = Permissions::CONNECT;
    assert_eq!(may_overwrite(&actor, ROLES | VIEW, SEND | beyond, false), Err(Denied::Beyond(beyond)));
    assert_eq!(may_overwrite(&actor, ROLES | VIEW, SEND | beyond, true), Ok(()));
    assert_eq!(may_overwrite(&actor, ROLES, ROLES, true), Err(Denied::Beyond(ROLES)));
    assert_eq!(may_overwrite(&person(1, 5, Permissions::all()), ROLES, ROLES, false), Ok(()));
    assert_eq!(may_overwrite(&owner(), Permissions::all(), Permissions::all(), false), Ok(()));
}
