//! Which members and messages are meant when many are: filters as pure questions, and what they may not say.

use guildhall_accounts::User;
use guildhall_base::{Error, Form, MessageId, Permissions, Timestamp, UserId};

use crate::model::{MassBan, MassRoles, Member, MemberFilter, MessageBody, MessagePrune};

/// Permissions that can harm a guild: roles with one of them are not given back by themselves.
pub const DANGEROUS: Permissions = Permissions::ADMINISTRATOR
    .union(Permissions::KICK_MEMBERS)
    .union(Permissions::BAN_MEMBERS)
    .union(Permissions::MANAGE_CHANNELS)
    .union(Permissions::MANAGE_GUILD)
    .union(Permissions::MANAGE_MESSAGES)
    .union(Permissions::MANAGE_ROLES)
    .union(Permissions::MANAGE_WEBHOOKS)
    .union(Permissions::MANAGE_NICKNAMES)
    .union(Permissions::MODERATE_MEMBERS)
    .union(Permissions::MENTION_EVERYONE)
    .union(Permissions::VIEW_AUDIT_LOG);
/// Users, channels and roles that a filter names.
const LISTED: usize = 100_000;
/// Roles that are given or taken at once.
const ROLES: usize = 250;
/// Seconds of messages that go with a ban.
const BAN_MESSAGES_S: std::ops::RangeInclusive<i64> = super::limits::BAN_DELETE_S;

/// How many messages a prune may delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PruneLimits {
    /// In all; also what is meant where nothing is said.
    pub total: u32,
    /// The least that may be asked for per channel.
    pub min_per_channel: u32,
}

impl Default for PruneLimits {
    fn default() -> Self {
        Self { total: 1000, min_per_channel: 10 }
    }
}

fn check_filter(form: &mut Form, filter: &MemberFilter) {
    form.at_most("members.users", filter.users.len(), LISTED);
    form.at_most("members.has_roles", filter.has_roles.len(), ROLES);
    form.at_most("members.lacks_roles", filter.lacks_roles.len(), ROLES);
    if let Some(name) = &filter.name {
        form.length("members.name", name, 1..=100);
    }
}

fn check_reason(form: &mut Form, reason: Option<&str>) {
    form.length("reason", reason.unwrap_or_default(), 0..=512);
}

/// Refuses a role change that says nothing or too much.
///
/// # Errors
/// Every wrong field.
pub fn check_roles(roles: &MassRoles) -> Result<(), Error> {
    let mut form = Form::new();
    form.at_most("give", roles.give.len(), ROLES);
    form.at_most("take", roles.take.len(), ROLES);
    if roles.give.is_empty() && roles.take.is_empty() {
        form.required("give", false);
    }
    if roles.give.iter().any(|role| roles.take.contains(role)) {
        form.refuse("take", "MASS_ROLE_TWICE", "A role cannot be given and taken at once.");
    }
    check_filter(&mut form, &roles.members);
    check_reason(&mut form, roles.reason.as_deref());
    form.finish()
}

/// Refuses a ban of everybody and of what else nobody can mean.
///
/// # Errors
/// Every wrong field.
pub fn check_ban(ban: &MassBan) -> Result<(), Error> {
    let mut form = Form::new();
    let filter = &ban.members;
    let narrow = MemberFilter { bots: None, lacks_roles: Vec::new(), ..filter.clone() };
    if narrow == MemberFilter::default() {
        form.refuse("members", "MASS_EVERYBODY", "Say who is meant: everybody cannot be banned.");
    }
    check_filter(&mut form, filter);
    form.range("delete_message_seconds", ban.delete_message_seconds, BAN_MESSAGES_S);
    check_reason(&mut form, ban.reason.as_deref());
    form.finish()
}

/// Refuses a prune beyond the limits.
///
/// # Errors
/// Every wrong field.
pub fn check_prune(prune: &MessagePrune, limits: PruneLimits) -> Result<(), Error> {
    let mut form = Form::new();
    form.at_most("channels", prune.channels.len(), 1000);
    form.at_most("authors", prune.authors.len(), 1000);
    if let Some(text) = &prune.contains {
        form.length("contains", text, 1..=200);
    }
    let max = prune.max.unwrap_or(limits.total);
    form.range("max", max.into(), 1..=limits.total.into());
    if let Some(each) = prune.per_channel {
        form.range("per_channel", each.into(), limits.min_per_channel.into()..=limits.total.into());
    }
    check_reason(&mut form, prune.reason.as_deref());
    form.finish()
}

impl MemberFilter {
    /// Whether a member is meant, as far as that can be said without their user. `asked` is when the job was asked for.
    pub fn fits_member(&self, user: UserId, member: &Member, asked: Timestamp) -> bool {
        let seconds = std::time::Duration::from_secs;
        let joined = member.joined_at;
        (self.users.is_empty() || self.users.contains(&user))
            && self.has_roles.iter().all(|role| member.roles.contains(role))
            && !self.lacks_roles.iter().any(|role| member.roles.contains(role))
            && (!self.without_roles || member.roles.is_empty())
            && self.joined_before.is_none_or(|before| joined < before)
            && self.joined_after.is_none_or(|after| joined >= after)
            && self.joined_within_seconds.is_none_or(|within| joined > asked.before(seconds(within)))
            && self
                .account_younger_seconds
                .is_none_or(|young| user.created_at() > asked.before(seconds(young)))
    }

    /// Whether [`MemberFilter::fits_user`] needs to be asked.
    pub fn needs_user(&self) -> bool {
        self.bots.is_some() || self.name.is_some()
    }

    /// The rest of the question.
    pub fn fits_user(&self, user: &User, nick: Option<&str>) -> bool {
        let names = [Some(user.username.as_str()), user.global_name.as_deref(), nick];
        self.bots.is_none_or(|bots| user.bot == bots)
            && self
                .name
                .as_deref()
                .is_none_or(|pattern| names.into_iter().flatten().any(|name| is_like(pattern, name)))
    }

    /// Whether nothing but a list of users is given, so that people are meant who are no members.
    pub fn is_list(&self) -> bool {
        !self.users.is_empty() && *self == Self { users: self.users.clone(), ..Self::default() }
    }
}

/// Whether a name is like a pattern, whatever the case: `*` stands for anything, `?` for one character.
pub fn is_like(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    // Where to go on when it does not fit: after the last star, one character of the name further.
    let (mut at, mut here, mut again) = (0, 0, None);
    while let Some(letter) = name.get(here) {
        match pattern.get(at) {
            Some('*') => {
                again = Some((at + 1, here));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == letter => (at, here) = (at + 1, here + 1),
            _ => {
                let Some((after_star, begun)) = again else { return false };
                again = Some((after_star, begun + 1));
                (at, here) = (after_star, begun + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

/// A message as a prune looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    /// Who wrote it.
    pub author: UserId,
    /// Whether that is a bot or a webhook.
    pub bot: bool,
    /// Its text.
    pub content: &'a str,
    /// Whether it is pinned.
    pub pinned: bool,
    /// The rest.
    pub body: &'a MessageBody,
}

impl MessagePrune {
    /// Whether a message is meant; where it lies in time is asked by [`MessagePrune::bounds`].
    pub fn fits(&self, message: Looked<'_>) -> bool {
        (self.pinned || !message.pinned)
            && (self.authors.is_empty() || self.authors.contains(&message.author))
            && (!self.bots || message.bot)
            && (!self.links || has_link(message.content))
            && (!self.attachments || !message.body.attachments.is_empty())
            && (!self.embeds || !message.body.embeds.is_empty())
            && self
                .contains
                .as_ref()
                .is_none_or(|text| message.content.to_lowercase().contains(&text.to_lowercase()))
    }

    /// Between which ids, both exclusive, messages are meant; what came after the prune was asked for is not.
    pub fn bounds(&self, asked: Timestamp) -> (MessageId, MessageId) {
        let first = |at| MessageId::first_at(at);
        let after = self.after.unwrap_or(MessageId::new(0));
        let sent_after = self.sent_after.map_or(0, |at| first(at).get().saturating_sub(1));
        let now = first(Timestamp::from_millis(asked.millis().saturating_add(1)));
        let before = self.before.unwrap_or(now).min(now);
        let before = self.sent_before.map_or(before, |at| first(at).min(before));
        (MessageId::new(after.get().max(sent_after)), before)
    }
}

fn has_link(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        let mut places = text.match_indices(scheme);
        places.any(|(at, _)| {
            let rest = text.get(at + scheme.len()..).unwrap_or_default();
            rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '[')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_like_patterns() {
        for (pattern, name, like) in [
            ("free*nitro", "FREE-nitro", true),
            ("free*nitro", "free nitro!", false),
            ("*spam*", "xSPAMx", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("", "x", false),
            ("a*b*c", "a-b-b-c", true),
            ("*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(is_like(pattern, name), like, "{pattern} {name}");
        }
    }

    #[test]
    fn links_are_seen() {
        assert!(has_link("look: https://example.org/x") && has_link("(http://a.b)"));
        assert!(!has_link("https:// is a scheme") && !has_link("example.org"));
    }

    #[test]
    fn a_filter_says_who_is_meant() {
        let asked = Timestamp::from_millis(1_790_000_000_000);
        let hour_ago = asked.before(std::time::Duration::from_secs(3600));
        let user = UserId::first_at(hour_ago);
        let member = Member { roles: vec![7.into_id()], ..Member::new(hour_ago) };
        let fits = |filter: MemberFilter| filter.fits_member(user, &member, asked);
        assert!(fits(MemberFilter::default()));
        assert!(fits(MemberFilter { has_roles: vec![7.into_id()], ..Default::default() }));
        assert!(!fits(MemberFilter { lacks_roles: vec![7.into_id()], ..Default::default() }));
        assert!(!fits(MemberFilter { without_roles: true, ..Default::default() }));
        assert!(fits(MemberFilter { joined_within_seconds: Some(3601), ..Default::default() }));
        assert!(!fits(MemberFilter { joined_within_seconds: Some(3600), ..Default::default() }));
        assert!(fits(MemberFilter { account_younger_seconds: Some(7200), ..Default::default() }));
        assert!(!fits(MemberFilter { account_younger_seconds: Some(60), ..Default::default() }));
        assert!(!fits(MemberFilter { users: vec![UserId::new(1)], ..Default::default() }));
    }

    trait IntoId {
        fn into_id<T>(self) -> guildhall_base::Id<T>;
    }

    impl IntoId for i64 {
        fn into_id<T>(self) -> guildhall_base::Id<T> {
            guildhall_base::Id::new(self)
        }
    }

    #[test]
    fn everybody_cannot_be_banned() {
        assert!(check_ban(&MassBan::default()).is_err());
        let people = MemberFilter { bots: Some(false), ..Default::default() };
        assert!(check_ban(&MassBan { members: people, ..Default::default() }).is_err());
        let young = MemberFilter { account_younger_seconds: Some(60), ..Default::default() };
        assert!(check_ban(&MassBan { members: young, ..Default::default() }).is_ok());
    }

    #[test]
    fn a_prune_keeps_to_the_limits() {
        let limits = PruneLimits::default();
        let prune = |max, per_channel| MessagePrune { max, per_channel, ..Default::default() };
        assert!(check_prune(&prune(None, None), limits).is_ok());
        assert!(check_prune(&prune(Some(1000), Some(10)), limits).is_ok());
        assert!(check_prune(&prune(Some(1001), None), limits).is_err());
        assert!(check_prune(&prune(Some(0), None), limits).is_err());
        assert!(check_prune(&prune(None, Some(9)), limits).is_err());
    }
}
