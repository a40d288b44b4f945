//! Messages as they are written again: what they mention is mentioned where it is now.

use crate::plan::Resolve;

/// The most characters that a message may have.
const LONGEST: usize = 2000;

/// A text in which roles and channels of the backup are called by their ids in the target.
pub(super) fn translate(text: &str, made: &dyn Resolve) -> String {
    let mut translated = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        translated.push_str(before);
        let (mention, after) = match from.find('>') {
            Some(end) if end < 30 => from.split_at(end + 1),
            _ => from.split_at(1),
        };
        match new_name(mention, made) {
            Some(name) => translated.push_str(&name),
            None => translated.push_str(mention),
        }
        rest = after;
    }
    translated.push_str(rest);
    match translated.char_indices().nth(LONGEST) {
        Some(_) => translated.chars().take(LONGEST - 1).chain(['…']).collect(),
        None => translated,
    }
}

fn new_name(mention: &str, made: &dyn Resolve) -> Option<String> {
    let inner = mention.strip_prefix('<')?.strip_suffix('>')?;
    if let Some(id) = inner.strip_prefix("@&") {
        return made.role(id.parse().ok()?).map(|id| format!("<@&{id}>"));
    }
    let id = inner.strip_prefix('#')?;
    made.channel(id.parse().ok()?).map(|id| format!("<#{id}>"))
}

/// A name under which a webhook may write: 1 to 80 characters, without what Discord keeps for itself.
pub(super) fn username(name: &str) -> String {
    let mut name: String = name.trim().chars().take(80).collect();
    for reserved in ["discord", "clyde"] {
        while let Some(at) = name.to_lowercase().find(reserved) {
            // Only where lower case has the same bytes is the place the same.
            let Some(middle) = name.get(at..at + 1).filter(|_| name.is_ascii()) else { return "User".into() };
            let replaced = format!("{middle}\u{200b}");
            name.replace_range(at..=at, &replaced);
        }
    }
    if name.is_empty() { "User".into() } else { name }
}

#[cfg(test)]
mod tests {
    use guildhall_base::{ChannelId, RoleId};

    use super::*;

    struct Plus;
    impl Resolve for Plus {
        fn role(&self, from: RoleId) -> Option<RoleId> {
            (from.get() < 100).then(|| RoleId::new(from.get() + 100))
        }
        fn channel(&self, from: ChannelId) -> Option<ChannelId> {
            Some(ChannelId::new(from.get() + 200))
        }
    }

    #[test]
    fn mentions_are_those_of_the_target() {
        let text = "a <@&7> <#8> <@9> < <@&999> <:e:1> <@&x> <";
        assert_eq!(translate(text, &Plus), "a <@&107> <#208> <@9> < <@&999> <:e:1> <@&x> <");
        assert_eq!(translate(&"ä".repeat(2001), &Plus).chars().count(), 2000);
        assert_eq!(translate(&"ä".repeat(2000), &Plus), "ä".repeat(2000));
    }

    #[test]
    fn names_are_such_as_webhooks_may_have() {
        assert_eq!(username("Ada"), "Ada");
        assert_eq!(username("  "), "User");
        assert!(!username("My Discord Bot").to_lowercase().contains("discord"));
        assert_eq!(username("ÄDISCORD"), "User");
    }
}
