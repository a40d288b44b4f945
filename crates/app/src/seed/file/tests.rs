//! What a seed file may say, and how mistakes in it are named.

use super::*;

fn refusal(text: &str) -> String {
    format!("{:#}", World::parse(text).unwrap_err())
}

#[test]
fn the_demo_is_well_formed() {
    let world = World::parse(crate::seed::DEMO).unwrap();
    assert!(!world.guilds.is_empty() && !world.bots.is_empty());
}

#[test]
fn permissions_and_colours_are_read_by_name() {
    let world = World::parse(
        "users = [{name='ada'}]\n[[guilds]]\nname='g'\nowner='ada'\n\
         roles=[{name='r', permissions=['BAN_MEMBERS','KICK_MEMBERS'], color='#ff8000'}]",
    )
    .unwrap();
    let role = &world.guilds[0].roles[0];
    assert_eq!(role.permissions, Some(Permissions::BAN_MEMBERS | Permissions::KICK_MEMBERS));
    assert_eq!(role.color, Some(0xFF_80_00));
}

#[test]
fn mistakes_are_named() {
    let guild = "users=[{name='ada'}]\n[[guilds]]\nname='g'\nowner='ada'\n";
    for (text, message) in [
        ("users=[{name='a'},{name='a'}]".to_owned(), "there are two of user \"a\""),
        ("bots=[{name='b', owner='ada'}]".to_owned(), "owner of bot \"b\": there is no user \"ada\""),
        ("users=[{name='b'}]\nbots=[{name='b', owner='b'}]".to_owned(), "\"b\" is a user and a bot"),
        (format!("{guild}roles=[{{name='r', permissions=['BAN_MEMBER']}}]"), "did you mean BAN_MEMBERS?"),
        (format!("{guild}roles=[{{name='r', color='red'}}]"), "a colour is written"),
        (
            format!("{guild}channels=[{{name='c', parent='p'}}]"),
            "in guild \"g\": channel \"c\": there is no category before it \"p\"",
        ),
        (format!("{guild}members=[{{user='bob'}}]"), "there is no user or bot \"bob\""),
        (
            format!("{guild}channels=[{{name='c', overwrites=[{{allow=[]}}]}}]"),
            "an overwrite is for a role or for a user",
        ),
        (
            format!("{guild}messages=[{{channel='c', author='ada', content='x'}}]"),
            "there is no channel \"c\"",
        ),
        ("user=[]".to_owned(), "unknown field `user`"),
    ] {
        let refusal = refusal(&text);
        assert!(refusal.contains(message), "{text}: {refusal}");
    }
}
