//! Permissions against twilight's calculator, against the documented rules one by one, and the laws of the
//! extension by which roles may deny.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

use guildhall_base::{AnyId, GuildId, Permissions, RoleId, UserId};
use guildhall_chat::rules::permissions::{
    NEEDS_CONNECTION, NEEDS_SENDING, Overwrite, OverwriteKind, Place, RoleGrant, Standing, WHEN_TIMED_OUT,
    channel_permissions, combine, guild_permissions, sees_thread,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use twilight_model::channel::ChannelType;
use twilight_model::channel::permission_overwrite::{PermissionOverwrite, PermissionOverwriteType};
use twilight_model::guild::Permissions as Theirs;
use twilight_util::permission_calculator::PermissionCalculator;

const GUILD: GuildId = GuildId::new(1);
const MEMBER: UserId = UserId::new(1000);

/// A guild as one member meets it.
#[derive(Debug, Clone)]
struct Case {
    member: Standing,
    everyone: Permissions,
    roles: Vec<RoleGrant>,
    overwrites: Vec<Overwrite>,
    place: Place,
}

impl Case {
    fn new(everyone: Permissions) -> Self {
        Self {
            member: Standing { user: MEMBER, owner: false, timed_out: false },
            everyone,
            roles: Vec::new(),
            overwrites: Vec::new(),
            place: Place::Text,
        }
    }

    fn role(mut self, position: i64, permissions: Permissions, denied: Permissions) -> Self {
        self.roles.push(RoleGrant { id: RoleId::new(1 + position), position, permissions, denied });
        self
    }

    fn overwrite(mut self, kind: OverwriteKind, id: i64, allow: Permissions, deny: Permissions) -> Self {
        self.overwrites.push(Overwrite { id: AnyId::new(id), kind, allow, deny });
        self
    }

    fn in_guild(&self) -> Permissions {
        guild_permissions(self.member, self.everyone, self.roles.iter().copied())
    }

    fn in_channel(&self) -> Permissions {
        let roles = self.roles.iter().copied();
        channel_permissions(self.member, GUILD, self.everyone, roles, &self.overwrites, self.place)
    }
}

/// Random bits of one of several densities, administrator seldom.
fn bits(random: &mut StdRng) -> Permissions {
    let mut bits: u64 = random.random();
    match random.random_range(0..5) {
        0 => bits = 0,
        1 => bits &= random.random::<u64>() & random.random::<u64>(),
        2 => bits |= random.random::<u64>(),
        _ => {}
    }
    let mut bits = Permissions::from_bits_truncate(bits & Theirs::all().bits());
    bits.set(Permissions::ADMINISTRATOR, random.random_ratio(1, 60));
    bits
}

fn random_case(random: &mut StdRng) -> Case {
    let mut case = Case::new(bits(random));
    case.member.owner = random.random_ratio(1, 50);
    case.place = if random.random() { Place::Text } else { Place::Voice };
    for position in 1..=random.random_range(0..8) {
        case = case.role(position, bits(random), Permissions::empty());
    }
    // Roles 2..=9 may be the member's, 10..=12 never are; 1 is everyone; 1000 the member, 1001 another.
    let targets = (1..=12).map(|id| (OverwriteKind::Role, id));
    for (kind, id) in targets.chain([(OverwriteKind::Member, 1000), (OverwriteKind::Member, 1001)]) {
        if random.random_ratio(1, 3) {
            case = case.overwrite(kind, id, bits(random), bits(random));
        }
    }
    let last = case.overwrites.len();
    for index in 1..last {
        case.overwrites.swap(index, random.random_range(0..=index));
    }
    case
}

fn theirs(bits: Permissions) -> Theirs {
    Theirs::from_bits_truncate(bits.bits())
}

/// What twilight says of the same guild and channel: roles alone, then the channel.
fn twilight(case: &Case, kind: ChannelType) -> (Theirs, Theirs) {
    let id = i64::cast_unsigned;
    let roles: Vec<_> = case
        .roles
        .iter()
        .map(|role| (twilight_model::id::Id::new(id(role.id.get())), theirs(role.permissions)))
        .collect();
    let overwrites: Vec<_> = case
        .overwrites
        .iter()
        .map(|overwrite| PermissionOverwrite {
            id: twilight_model::id::Id::new(id(overwrite.id.get())),
            kind: match overwrite.kind {
                OverwriteKind::Role => PermissionOverwriteType::Role,
                OverwriteKind::Member => PermissionOverwriteType::Member,
            },
            allow: theirs(overwrite.allow),
            deny: theirs(overwrite.deny),
        })
        .collect();
    let (guild, user) = (twilight_model::id::Id::new(1), twilight_model::id::Id::new(1000));
    let owner = if case.member.owner { 1000 } else { 999 };
    let calculator = PermissionCalculator::new(guild, user, theirs(case.everyone), &roles)
        .owner_id(twilight_model::id::Id::new(owner));
    (calculator.root(), calculator.in_channel(kind, &overwrites))
}

/// twilight leaves out, without Discord's documentation asking for it, what has no meaning in the kind of channel:
/// these are the bits it does keep. Everything else is compared.
fn kept_by_twilight(kind: ChannelType) -> Permissions {
    let everything = Case::new(Permissions::all() - Permissions::ADMINISTRATOR);
    let (_, kept) = twilight(&everything, kind);
    Permissions::from_bits_truncate(kept.bits())
}

#[test]
fn agrees_with_twilight_in_120_000_random_cases() {
    let mut random = StdRng::seed_from_u64(20150101);
    let mut different = 0;
    // An announcement channel keeps most bits, the others those of their kind.
    for kind in [ChannelType::GuildAnnouncement, ChannelType::GuildText, ChannelType::GuildVoice] {
        let kept = kept_by_twilight(kind);
        assert!(kept.contains(Permissions::VIEW_CHANNEL) && kept.bits().count_ones() >= 12);
        for number in 0..40_000 {
            let mut case = random_case(&mut random);
            case.place = if kind == ChannelType::GuildVoice { Place::Voice } else { Place::Text };
            let (root, channel) = twilight(&case, kind);
            assert_eq!(theirs(case.in_guild()), root, "case {number}: {case:?}");
            let ours = case.in_channel();
            if ours.contains(Permissions::ADMINISTRATOR) && channel == Theirs::all() {
                continue;
            }
            // twilight implies denials only from roles' and members' overwrites; the documentation from the result.
            let mut expected = Permissions::from_bits_truncate(channel.bits());
            if !expected.contains(Permissions::VIEW_CHANNEL) {
                expected = Permissions::empty();
            }
            if kept.contains(Permissions::SEND_MESSAGES) && !expected.contains(Permissions::SEND_MESSAGES) {
                expected -= NEEDS_SENDING;
            }
            if case.place == Place::Voice && !expected.contains(Permissions::CONNECT) {
                expected -= NEEDS_CONNECTION;
            }
            assert_eq!(ours & kept, expected, "{kind:?} case {number}: {case:?}");
            different += usize::from(ours != case.in_guild());
        }
    }
    assert!(different > 60_000, "the cases hardly exercise overwrites: {different}");
}

#[test]
fn denials_agree_with_the_highest_role_that_names_the_bit_in_random_cases() {
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..5_000 {
        let mut case = Case::new(bits(&mut random));
        for number in 0..random.random_range(0..30) {
            let (permissions, denied) = (bits(&mut random), bits(&mut random));
            let position = random.random_range(1..20);
            case.roles.push(RoleGrant { id: RoleId::new(100 - number), position, permissions, denied });
        }
        let base = combine(case.everyone, case.roles.iter().copied());
        for bit in Permissions::all().iter() {
            let highest = case
                .roles
                .iter()
                .filter(|role| (role.permissions | role.denied).contains(bit))
                .max_by_key(|role| (role.position, std::cmp::Reverse(role.id)));
            let expected = highest.map_or(case.everyone.contains(bit), |role| role.permissions.contains(bit));
            assert_eq!(base.contains(bit), expected, "{bit:?} of {case:?}");
        }
        let mut turned = case.roles.clone();
        turned.reverse();
        assert_eq!(combine(case.everyone, turned.into_iter()), base, "the order of the list matters");
    }
}

#[test]
fn zero_denials_change_nothing() {
    let mut random = StdRng::seed_from_u64(8);
    for _ in 0..5_000 {
        let case = random_case(&mut random);
        let united = case.roles.iter().fold(case.everyone, |all, role| all | role.permissions);
        assert_eq!(combine(case.everyone, case.roles.iter().copied()), united);
    }
}

#[test]
fn more_grants_never_take_and_more_denials_never_give() {
    let mut random = StdRng::seed_from_u64(9);
    for number in 0..5_000 {
        let mut case = random_case(&mut random);
        case.place = [Place::Text, Place::Voice, Place::Thread][number % 3];
        for role in &mut case.roles {
            role.denied = bits(&mut random);
        }
        let (guild, channel) = (case.in_guild(), case.in_channel());
        let more = bits(&mut random);
        let mut granted = case.clone();
        granted.everyone |= more;
        assert!(granted.in_guild().contains(guild) && granted.in_channel().contains(channel), "{case:?}");
        if !case.roles.is_empty() {
            let chosen = random.random_range(0..case.roles.len());
            let mut granted = case.clone();
            granted.roles[chosen].permissions |= more;
            assert!(granted.in_guild().contains(guild) && granted.in_channel().contains(channel), "{case:?}");
            let mut denied = case.clone();
            denied.roles[chosen].denied |= more;
            assert!(guild.contains(denied.in_guild()) && channel.contains(denied.in_channel()), "{case:?}");
        }
        let mut late = case.clone();
        late.member.timed_out = true;
        assert!(guild.contains(late.in_guild()) && channel.contains(late.in_channel()), "{case:?}");
    }
}

const NONE: Permissions = Permissions::empty();
const VIEW: Permissions = Permissions::VIEW_CHANNEL;
const SEND: Permissions = Permissions::SEND_MESSAGES;
const ADMIN: Permissions = Permissions::ADMINISTRATOR;

#[test]
fn a_denial_takes_away_what_lower_roles_and_everyone_grant() {
    let case = Case::new(VIEW | SEND).role(1, Permissions::ATTACH_FILES, NONE);
    assert_eq!(case.clone().role(2, NONE, SEND | Permissions::ATTACH_FILES).in_guild(), VIEW);
    assert_eq!(
        case.role(0, NONE, Permissions::ATTACH_FILES).in_guild(),
        VIEW | SEND | Permissions::ATTACH_FILES
    );
}

#[test]
fn a_grant_above_a_denial_stands() {
    assert_eq!(Case::new(VIEW).role(1, NONE, SEND).role(2, SEND, NONE).in_guild(), VIEW | SEND);
}

#[test]
fn a_denial_above_a_grant_stands() {
    assert_eq!(Case::new(VIEW).role(1, SEND, NONE).role(2, NONE, SEND).in_guild(), VIEW);
}

#[test]
fn a_role_that_denies_and_grants_the_same_grants_it() {
    assert_eq!(Case::new(VIEW | SEND).role(1, SEND, SEND).in_guild(), VIEW | SEND);
}

#[test]
fn of_equal_positions_the_older_role_is_above() {
    let grant = |id, permissions, denied| RoleGrant { id: RoleId::new(id), position: 5, permissions, denied };
    assert_eq!(combine(VIEW, [grant(3, NONE, SEND), grant(2, SEND, NONE)].into_iter()), VIEW | SEND);
    assert_eq!(combine(VIEW, [grant(2, NONE, SEND), grant(3, SEND, NONE)].into_iter()), VIEW);
}

#[test]
fn administrator_denied_above_is_no_administrator() {
    let case = Case::new(VIEW).role(1, ADMIN | SEND, NONE);
    assert_eq!(case.in_guild(), Permissions::all());
    assert_eq!(case.clone().role(2, NONE, ADMIN).in_guild(), VIEW | SEND);
    assert_eq!(case.role(2, NONE, ADMIN).role(3, ADMIN, NONE).in_guild(), Permissions::all());
}

#[test]
fn administrator_is_not_weakened_by_other_denials() {
    assert_eq!(
        Case::new(VIEW).role(1, ADMIN, NONE).role(2, NONE, VIEW | SEND).in_guild(),
        Permissions::all()
    );
}

#[test]
fn the_owner_is_beyond_denials() {
    let mut case = Case::new(VIEW).role(1, NONE, Permissions::all());
    case.member.owner = true;
    assert_eq!(case.in_guild(), Permissions::all());
}

#[test]
fn the_owner_may_everything_everywhere_even_timed_out() {
    let mut case = Case::new(NONE).overwrite(OverwriteKind::Member, 1000, NONE, Permissions::all());
    case.member = Standing { owner: true, timed_out: true, ..case.member };
    assert_eq!((case.in_guild(), case.in_channel()), (Permissions::all(), Permissions::all()));
}

#[test]
fn an_administrator_is_past_overwrites_and_timeouts() {
    let mut case = Case::new(NONE).role(1, ADMIN, NONE).overwrite(OverwriteKind::Role, 1, NONE, VIEW);
    case.member.timed_out = true;
    assert_eq!((case.in_guild(), case.in_channel()), (Permissions::all(), Permissions::all()));
}

#[test]
fn administrator_in_an_overwrite_makes_no_administrator() {
    let case = Case::new(VIEW).overwrite(OverwriteKind::Member, 1000, ADMIN, NONE);
    assert_eq!(case.in_channel(), VIEW);
}

#[test]
fn the_example_of_the_hierarchy_one_role_denies_another_allows() {
    let case = Case::new(NONE).role(1, VIEW, NONE).role(2, VIEW, NONE);
    let case =
        case.overwrite(OverwriteKind::Role, 3, NONE, VIEW).overwrite(OverwriteKind::Role, 2, VIEW, NONE);
    assert_eq!(case.in_channel(), VIEW);
}

#[test]
fn overwrites_apply_everyone_then_roles_then_member() {
    let all = Case::new(VIEW | SEND).role(1, NONE, NONE);
    let everyone = all.clone().overwrite(OverwriteKind::Role, 1, NONE, SEND);
    assert_eq!(everyone.in_channel(), VIEW);
    let role = everyone.overwrite(OverwriteKind::Role, 2, SEND, NONE);
    assert_eq!(role.in_channel(), VIEW | SEND);
    let member = role.overwrite(OverwriteKind::Member, 1000, NONE, SEND);
    assert_eq!(member.in_channel(), VIEW);
}

#[test]
fn an_overwrite_that_denies_and_allows_allows() {
    assert_eq!(Case::new(VIEW).overwrite(OverwriteKind::Role, 1, SEND, SEND).in_channel(), VIEW | SEND);
}

#[test]
fn overwrites_of_others_do_not_matter() {
    let case = Case::new(VIEW).role(1, NONE, NONE);
    let case =
        case.overwrite(OverwriteKind::Role, 7, SEND, VIEW).overwrite(OverwriteKind::Member, 1001, SEND, VIEW);
    // A member's overwrite with a role's number, and the reverse.
    let case =
        case.overwrite(OverwriteKind::Member, 2, SEND, VIEW).overwrite(OverwriteKind::Role, 1000, SEND, VIEW);
    assert_eq!(case.in_channel(), VIEW);
}

#[test]
fn without_view_channel_nothing_is_left() {
    assert_eq!(Case::new(Permissions::all() - ADMIN - VIEW).in_channel(), NONE);
    let case = Case::new(Permissions::all() - ADMIN).overwrite(OverwriteKind::Role, 1, NONE, VIEW);
    assert_eq!(case.in_channel(), NONE);
}

#[test]
fn without_send_messages_what_needs_sending_is_lost() {
    let most = Permissions::all() - ADMIN;
    let case = Case::new(most).overwrite(OverwriteKind::Role, 1, NEEDS_SENDING, SEND);
    assert_eq!(case.in_channel(), most - SEND - NEEDS_SENDING);
}

#[test]
fn without_connect_voice_is_lost_in_voice_channels_only() {
    let most = Permissions::all() - ADMIN;
    let mut case = Case::new(most).overwrite(OverwriteKind::Role, 1, NONE, Permissions::CONNECT);
    assert_eq!(case.in_channel(), most - Permissions::CONNECT);
    case.place = Place::Voice;
    assert_eq!(case.in_channel(), most - Permissions::CONNECT - NEEDS_CONNECTION);
    assert!(!case.in_channel().contains(Permissions::MANAGE_CHANNELS));
}

#[test]
fn a_timeout_leaves_viewing_and_reading() {
    let mut case = Case::new(Permissions::all() - ADMIN);
    case.member.timed_out = true;
    assert_eq!((case.in_guild(), case.in_channel()), (WHEN_TIMED_OUT, WHEN_TIMED_OUT));
    let case = case.overwrite(OverwriteKind::Role, 1, NONE, Permissions::READ_MESSAGE_HISTORY);
    assert_eq!(case.in_channel(), VIEW);
    let case = case.overwrite(OverwriteKind::Member, 1000, SEND, VIEW);
    assert_eq!(case.in_channel(), NONE);
}

#[test]
fn threads_inherit_all_but_sending() {
    let threads = Permissions::SEND_MESSAGES_IN_THREADS;
    let mut case = Case::new(VIEW | SEND | Permissions::ATTACH_FILES);
    case.place = Place::Thread;
    assert_eq!(case.in_channel(), VIEW, "sending in the parent is not sending in its threads");
    // An announcement channel: nobody writes, everybody may write in its threads.
    let case = case.overwrite(OverwriteKind::Role, 1, threads, SEND);
    assert_eq!(case.in_channel(), VIEW | SEND | threads | Permissions::ATTACH_FILES);
    let case = case.overwrite(OverwriteKind::Member, 1000, NONE, VIEW);
    assert_eq!(case.in_channel(), NONE);
}

#[test]
fn private_threads_show_to_those_added_and_to_those_who_manage_threads() {
    assert!(sees_thread(VIEW, false, false));
    assert!(sees_thread(VIEW, true, true));
    assert!(sees_thread(VIEW | Permissions::MANAGE_THREADS, true, false));
    assert!(!sees_thread(VIEW, true, false));
    assert!(!sees_thread(NONE, false, true));
}
