//! Whom a message mentions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

use guildhall_base::{RoleId, UserId};
use guildhall_chat::rules::message::{Allowed, AllowedMentions, Mentioned, Named};
use proptest::prelude::*;

fn users(named: &Named) -> Vec<i64> {
    named.users.iter().map(|id| id.get()).collect()
}

/// Roles below 10 are mentionable, those below 20 exist.
fn mentionable(role: RoleId) -> Option<bool> {
    (role.get() < 20).then(|| role.get() < 10)
}

fn mentioned(text: &str, allowed: &AllowedMentions, everyone: bool) -> Mentioned {
    Named::read(text).mentioned(allowed, everyone, mentionable, None)
}

#[test]
fn users_roles_and_channels_are_named_once_each_in_order() {
    let named = Named::read("<@2> <@!1> hi<@2>, <@&5><#7> <@&5>");
    assert_eq!(users(&named), [2, 1]);
    assert_eq!(named.roles, [RoleId::new(5)]);
    assert_eq!(named.channels.iter().map(|id| id.get()).collect::<Vec<_>>(), [7]);
    assert!(!named.everyone);
}

#[test]
fn what_only_looks_like_a_mention_is_none() {
    for text in [
        "<@>",
        "<@ 1>",
        "<@1",
        "@1>",
        "<@-1>",
        "<@1.5>",
        "<@99999999999999999999>",
        "<:a:1>",
        "<@!&1>",
        "@every one",
    ] {
        assert_eq!(Named::read(text), Named::default(), "{text}");
    }
    assert_eq!(users(&Named::read("<a <@1> <<@2>>")), [1, 2]);
}

#[test]
fn everyone_and_here_are_everybody() {
    assert!(Named::read("hey @everyone!").everyone);
    assert!(Named::read("(@here)").everyone);
}

#[test]
fn code_names_nobody() {
    for text in ["`<@1> @everyone`", "```\n<@1>\n@here```", "``a ` <@1>``", "`` <@1> ``"] {
        assert_eq!(Named::read(text), Named::default(), "{text}");
    }
    assert_eq!(users(&Named::read("`<@1>` <@2> ``<@3>`` <@4>")), [2, 4]);
    assert_eq!(users(&Named::read("` <@1> `` <@2>")), [1, 2], "backticks that nothing closes");
    assert!(Named::read("``` @everyone").everyone);
}

#[test]
fn everybody_is_mentioned_only_with_permission() {
    assert!(mentioned("@everyone", &AllowedMentions::EVERYTHING, true).everyone);
    assert!(!mentioned("@everyone", &AllowedMentions::EVERYTHING, false).everyone);
    assert!(!mentioned("@everyone", &AllowedMentions::USERS, true).everyone);
}

#[test]
fn roles_are_mentioned_if_mentionable_or_with_permission_and_if_they_exist() {
    let text = "<@&5> <@&15> <@&25>";
    let all = AllowedMentions::EVERYTHING;
    assert_eq!(mentioned(text, &all, false).roles, [RoleId::new(5)]);
    assert_eq!(mentioned(text, &all, true).roles, [RoleId::new(5), RoleId::new(15)]);
    let one = AllowedMentions { roles: Allowed::Only(vec![RoleId::new(15)]), ..all };
    assert_eq!(mentioned(text, &one, true).roles, [RoleId::new(15)]);
    assert_eq!(mentioned(text, &AllowedMentions::USERS, true).roles, []);
}

#[test]
fn users_are_mentioned_as_far_as_allowed() {
    let text = "<@1> <@2>";
    let one = AllowedMentions {
        users: Allowed::Only(vec![UserId::new(2), UserId::new(3)]),
        ..AllowedMentions::USERS
    };
    assert_eq!(mentioned(text, &one, false).users, [UserId::new(2)]);
    assert_eq!(mentioned(text, &AllowedMentions::USERS, false).users, [UserId::new(1), UserId::new(2)]);
}

#[test]
fn whoever_is_answered_is_mentioned_once_if_allowed() {
    let answer = |text: &str, allowed: &AllowedMentions| {
        Named::read(text).mentioned(allowed, false, mentionable, Some(UserId::new(9))).users
    };
    assert_eq!(answer("", &AllowedMentions::EVERYTHING), [UserId::new(9)]);
    assert_eq!(answer("<@9>", &AllowedMentions::EVERYTHING), [UserId::new(9)]);
    let quiet = AllowedMentions { replied_user: false, ..AllowedMentions::EVERYTHING };
    assert_eq!(answer("", &quiet), []);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_it(text in "[<>@&!#`ä0-9eveyonh ]{0,200}") {
        let named = Named::read(&text);
        prop_assert!(named.users.len() + named.roles.len() + named.channels.len() <= text.matches('<').count());
    }
}
