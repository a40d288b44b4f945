//! Whom a message mentions: what its text names, as far as the sender allows and may.
//! (<https://discord.com/developers/docs/resources/message#allowed-mentions-object>)

use guildhall_base::{ChannelId, Form, RoleId, UserId};

use crate::rules::read::{Object, snowflake};

/// How many users or roles may be listed in `allowed_mentions`.
const MAX_LISTED: usize = 100;

/// What a sender lets the message mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedMentions {
    /// `@everyone` and `@here`.
    pub everyone: bool,
    /// Which users.
    pub users: Allowed<UserId>,
    /// Which roles.
    pub roles: Allowed<RoleId>,
    /// The author of the message that is answered.
    pub replied_user: bool,
}

/// All, or only those listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed<T> {
    /// All that the text names.
    All,
    /// Of those that the text names, these.
    Only(Vec<T>),
}

impl<T: PartialEq> Allowed<T> {
    fn allows(&self, id: &T) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(id),
        }
    }
}

impl AllowedMentions {
    /// What holds for a message that says nothing about it.
    pub const EVERYTHING: Self =
        Self { everyone: true, users: Allowed::All, roles: Allowed::All, replied_user: true };

    /// What holds for an answer to an interaction that says nothing about it: users only.
    pub const USERS: Self =
        Self { everyone: false, users: Allowed::All, roles: Allowed::Only(Vec::new()), replied_user: true };

    /// Reads the field `allowed_mentions`.
    pub fn read(form: &mut Form, object: &Object<'_>) -> Self {
        let mut kinds = [("users", false), ("roles", false), ("everyone", false)];
        for entry in object.list(form, "parse", 0..=usize::MAX) {
            match kinds.iter_mut().find(|(name, _)| entry.value == name) {
                Some((_, parsed)) => *parsed = true,
                None if entry.value.is_null() => {}
                None => form.choice(&entry.path, false),
            }
        }
        let [(_, users), (_, roles), (_, everyone)] = kinds;
        Self {
            everyone,
            users: Self::listed(form, object, "users", users),
            roles: Self::listed(form, object, "roles", roles),
            replied_user: object.boolean(form, "replied_user").unwrap_or_default(),
        }
    }

    fn listed<T>(
        form: &mut Form,
        object: &Object<'_>,
        name: &str,
        parsed: bool,
    ) -> Allowed<guildhall_base::Id<T>> {
        let entries = object.list(form, name, 0..=MAX_LISTED);
        if parsed && !entries.is_empty() {
            let message = format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive.");
            form.refuse(object.path(), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message);
        }
        let ids = entries.into_iter().filter(|entry| !entry.value.is_null());
        let ids = ids.filter_map(|entry| Some(snowflake(form, entry.value, entry.path)?.cast())).collect();
        if parsed { Allowed::All } else { Allowed::Only(ids) }
    }
}

/// What a text names, before anybody is asked whether it may. Each once, in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// `<@id>` and `<@!id>`.
    pub users: Vec<UserId>,
    /// `<@&id>`.
    pub roles: Vec<RoleId>,
    /// `<#id>`.
    pub channels: Vec<ChannelId>,
    /// `@everyone` or `@here`.
    pub everyone: bool,
}

/// Whom a message mentions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentioned {
    /// Users, who may turn out not to exist; whoever is answered comes last.
    pub users: Vec<UserId>,
    /// Roles of the guild.
    pub roles: Vec<RoleId>,
    /// Everybody who sees the channel.
    pub everyone: bool,
}

impl Named {
    /// Reads a text. What stands in code, between backticks, names nobody.
    pub fn read(text: &str) -> Self {
        let mut named = Self::default();
        for prose in outside_code(text) {
            named.everyone |= prose.contains("@everyone") || prose.contains("@here");
            let mut rest = prose;
            while let Some((_, after)) = rest.split_once('<') {
                rest = after;
                if let Some((inner, _)) = after.split_once('>') {
                    named.mark(inner);
                }
            }
        }
        named
    }

    /// Notes what stands between angle brackets.
    fn mark(&mut self, inner: &str) {
        fn note<T>(list: &mut Vec<guildhall_base::Id<T>>, digits: &str) {
            if let Ok(id) = digits.parse()
                && !list.contains(&id)
            {
                list.push(id);
            }
        }
        if let Some(digits) = inner.strip_prefix("@&") {
            note(&mut self.roles, digits);
        } else if let Some(digits) = inner.strip_prefix("@!").or_else(|| inner.strip_prefix('@')) {
            note(&mut self.users, digits);
        } else if let Some(digits) = inner.strip_prefix('#') {
            note(&mut self.channels, digits);
        }
    }

    /// Whom the message then mentions. `everyone` says whether the sender may mention everybody, and with it every
    /// role; `mentionable` says of a role whether anybody may mention it, `None` where the guild has no such role;
    /// `replied` is the author of the message that is answered.
    pub fn mentioned(
        self,
        allowed: &AllowedMentions,
        everyone: bool,
        mentionable: impl Fn(RoleId) -> Option<bool>,
        replied: Option<UserId>,
    ) -> Mentioned {
        let mut users: Vec<_> = self.users.into_iter().filter(|id| allowed.users.allows(id)).collect();
        let replied = replied.filter(|id| allowed.replied_user && !users.contains(id));
        users.extend(replied);
        let may = |id: RoleId| mentionable(id).is_some_and(|anybody| anybody || everyone);
        Mentioned {
            users,
            roles: self.roles.into_iter().filter(|id| allowed.roles.allows(id) && may(*id)).collect(),
            everyone: self.everyone && allowed.everyone && everyone,
        }
    }
}

/// The parts of a text that are not code: a run of backticks opens code that the next run of the same length closes;
/// one that nothing closes is prose.
pub(in crate::rules) fn outside_code(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let mut searched = 0;
        loop {
            let Some((start, length)) = backticks(text, searched) else { return Some(text) };
            let mut from = start + length;
            while let Some((end, run)) = backticks(text, from) {
                from = end + run;
                if run == length {
                    rest = text.get(from..);
                    return text.get(..start);
                }
            }
            searched = start + length;
        }
    })
}

/// Where, from an index on, the next run of backticks starts and how long it is.
fn backticks(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + text.get(from..)?.find('`')?;
    let length = text.get(start..)?.bytes().take_while(|byte| *byte == b'`').count();
    Some((start, length))
}
