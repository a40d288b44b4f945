//! What a member may do in a guild and in a channel, as Discord documents it
//! (<https://discord.com/developers/docs/topics/permissions>), without touching the heap.
//!
//! One extension: a role may also take away ([`RoleGrant::denied`]). Roles are applied from the lowest position to
//! the highest (of equal ones the older is above), each removing what it denies and then adding what it grants: of all roles that name a
//! permission the highest decides, and a role that both denies and grants it grants it. While no role denies
//! anything the order does not matter and the result is Discord's.

use std::cmp::Reverse;

use guildhall_base::{AnyId, GuildId, Permissions, RoleId, UserId};
use smallvec::SmallVec;

/// What one role contributes to those who hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleGrant {
    /// The role.
    pub id: RoleId,
    /// Its place among the guild's roles; higher ones have the last word.
    pub position: i64,
    /// What it grants.
    pub permissions: Permissions,
    /// What it takes away from that which lower roles grant; nothing, unless the guild uses the extension.
    pub denied: Permissions,
}

/// Whom an overwrite is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OverwriteKind {
    /// Everybody who holds a role; with the guild's id, everybody.
    Role,
    /// One member.
    Member,
}

/// A channel's exception from the guild's permissions. A channel has at most one per kind and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overwrite {
    /// The role or the member.
    pub id: AnyId,
    /// Which of both.
    pub kind: OverwriteKind,
    /// Granted here.
    pub allow: Permissions,
    /// Taken away here, unless granted by the same step of the order or a later one.
    pub deny: Permissions,
}

/// What matters about a member besides roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The member.
    pub user: UserId,
    /// Whether the guild is the member's own.
    pub owner: bool,
    /// Whether the member is timed out at this moment.
    pub timed_out: bool,
}

/// What kind of channel it is, as far as permissions care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Text, announcement, forum or media channel, or a category.
    Text,
    /// Voice or stage channel: without [`Permissions::CONNECT`] one can do nothing that needs a connection.
    Voice,
    /// A thread. Judged by its parent's overwrites, except that [`Permissions::SEND_MESSAGES_IN_THREADS`] takes the
    /// place of [`Permissions::SEND_MESSAGES`]: the result has both or neither.
    Thread,
}

/// What is lost without [`Permissions::SEND_MESSAGES`].
pub const NEEDS_SENDING: Permissions = Permissions::MENTION_EVERYONE
    .union(Permissions::SEND_TTS_MESSAGES)
    .union(Permissions::ATTACH_FILES)
    .union(Permissions::EMBED_LINKS);

/// What is lost in a voice channel without [`Permissions::CONNECT`]: what one does when connected, and the
/// management of the channel.
pub const NEEDS_CONNECTION: Permissions = Permissions::PRIORITY_SPEAKER
    .union(Permissions::STREAM)
    .union(Permissions::SPEAK)
    .union(Permissions::MUTE_MEMBERS)
    .union(Permissions::DEAFEN_MEMBERS)
    .union(Permissions::MOVE_MEMBERS)
    .union(Permissions::USE_VAD)
    .union(Permissions::REQUEST_TO_SPEAK)
    .union(Permissions::USE_EMBEDDED_ACTIVITIES)
    .union(Permissions::USE_SOUNDBOARD)
    .union(Permissions::USE_EXTERNAL_SOUNDS)
    .union(Permissions::SET_VOICE_CHANNEL_STATUS)
    .union(Permissions::MANAGE_CHANNELS)
    .union(Permissions::MANAGE_ROLES);

/// What is left to a member who is timed out.
pub const WHEN_TIMED_OUT: Permissions = Permissions::VIEW_CHANNEL.union(Permissions::READ_MESSAGE_HISTORY);

/// What everybody in a direct or group conversation may do there.
pub const IN_DIRECT_MESSAGES: Permissions = Permissions::VIEW_CHANNEL
    .union(Permissions::READ_MESSAGE_HISTORY)
    .union(Permissions::SEND_MESSAGES)
    .union(Permissions::SEND_TTS_MESSAGES)
    .union(Permissions::EMBED_LINKS)
    .union(Permissions::ATTACH_FILES)
    .union(Permissions::ADD_REACTIONS)
    .union(Permissions::MENTION_EVERYONE)
    .union(Permissions::USE_EXTERNAL_EMOJIS)
    .union(Permissions::USE_EXTERNAL_STICKERS)
    .union(Permissions::USE_APPLICATION_COMMANDS)
    .union(Permissions::SEND_VOICE_MESSAGES)
    .union(Permissions::SEND_POLLS)
    .union(Permissions::USE_EXTERNAL_APPS)
    .union(Permissions::PIN_MESSAGES);

/// The roles alone: what `@everyone` and the member's `roles` (in any order) add up to. Neither ownership nor
/// [`Permissions::ADMINISTRATOR`] nor a timeout is looked at yet, so this may be kept until a role changes.
pub fn combine(everyone: Permissions, roles: impl Iterator<Item = RoleGrant> + Clone) -> Permissions {
    let (granted, denied) =
        roles.clone().fold((everyone, Permissions::empty()), |(granted, denied), role| {
            (granted | role.permissions, denied | role.denied)
        });
    if !granted.intersects(denied) {
        return granted;
    }
    let mut ordered: SmallVec<[RoleGrant; 16]> = roles.collect();
    ordered.sort_unstable_by_key(|role| (role.position, Reverse(role.id)));
    ordered.iter().fold(everyone, |held, role| (held - role.denied) | role.permissions)
}

/// What a member may do in the guild. `base` is what [`combine`] said.
pub fn in_guild(member: Standing, base: Permissions) -> Permissions {
    if member.owner || base.contains(Permissions::ADMINISTRATOR) {
        Permissions::all()
    } else if member.timed_out {
        base & WHEN_TIMED_OUT
    } else {
        base
    }
}

/// What a member may do in a channel. `base` is what [`combine`] said, `holds` whether the member has a role, and
/// `overwrites` those of the channel, or of a thread's parent, in any order.
///
/// The result is what one *may do*: permissions that are implicitly denied, such as attaching files where one may
/// not send, are gone from it, and it is empty where the channel is not to be seen.
pub fn in_channel(
    member: Standing,
    base: Permissions,
    guild: GuildId,
    holds: impl Fn(RoleId) -> bool,
    overwrites: &[Overwrite],
    place: Place,
) -> Permissions {
    if member.owner || base.contains(Permissions::ADMINISTRATOR) {
        return Permissions::all();
    }
    // Nobody becomes an administrator by an overwrite.
    let mut held = overwritten(member.user, base, guild, holds, overwrites) - Permissions::ADMINISTRATOR;
    if !held.contains(Permissions::VIEW_CHANNEL) {
        return Permissions::empty();
    }
    if place == Place::Thread {
        held.set(Permissions::SEND_MESSAGES, held.contains(Permissions::SEND_MESSAGES_IN_THREADS));
    }
    if !held.contains(Permissions::SEND_MESSAGES) {
        held -= NEEDS_SENDING;
    }
    if place == Place::Voice && !held.contains(Permissions::CONNECT) {
        held -= NEEDS_CONNECTION;
    }
    if member.timed_out { held & WHEN_TIMED_OUT } else { held }
}

/// `base` after a channel's overwrites, in the documented order: `@everyone`'s denials and grants, all roles'
/// denials, all roles' grants, the member's denials and grants. Nothing is implied yet.
fn overwritten(
    user: UserId,
    base: Permissions,
    guild: GuildId,
    holds: impl Fn(RoleId) -> bool,
    overwrites: &[Overwrite],
) -> Permissions {
    #[derive(Default)]
    struct Step {
        allow: Permissions,
        deny: Permissions,
    }
    let (mut everyone, mut roles, mut member) = (Step::default(), Step::default(), Step::default());
    for overwrite in overwrites {
        let step = match overwrite.kind {
            OverwriteKind::Role if overwrite.id == guild.cast() => &mut everyone,
            OverwriteKind::Role if holds(overwrite.id.cast()) => &mut roles,
            OverwriteKind::Member if overwrite.id == user.cast() => &mut member,
            OverwriteKind::Role | OverwriteKind::Member => continue,
        };
        step.allow |= overwrite.allow;
        step.deny |= overwrite.deny;
    }
    [everyone, roles, member].iter().fold(base, |held, step| (held - step.deny) | step.allow)
}

/// [`combine`] and [`in_guild`] in one, for callers that keep nothing.
pub fn guild_permissions(
    member: Standing,
    everyone: Permissions,
    roles: impl Iterator<Item = RoleGrant> + Clone,
) -> Permissions {
    in_guild(member, combine(everyone, roles))
}

/// [`combine`] and [`in_channel`] in one, for callers that keep nothing.
pub fn channel_permissions(
    member: Standing,
    guild: GuildId,
    everyone: Permissions,
    roles: impl Iterator<Item = RoleGrant> + Clone,
    overwrites: &[Overwrite],
    place: Place,
) -> Permissions {
    let base = combine(everyone, roles.clone());
    in_channel(member, base, guild, |id| roles.clone().any(|role| role.id == id), overwrites, place)
}

/// Whether somebody who has these permissions in a thread may see it: a private one only if added to it or managing
/// threads.
pub fn sees_thread(held: Permissions, private: bool, added: bool) -> bool {
    held.contains(Permissions::VIEW_CHANNEL)
        && (!private || added || held.contains(Permissions::MANAGE_THREADS))
}
