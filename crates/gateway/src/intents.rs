//! Gateway intents: which events a session asked for
//! (<https://discord.com/developers/docs/events/gateway#gateway-intents>).

use guildhall_oauth::Application;

use crate::protocol::Close;

/// A set of intents, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Intents(pub(crate) u64);

impl Intents {
    pub(crate) const GUILDS: Self = Self(1);
    const MEMBERS: Self = Self(1 << 1);
    pub(crate) const PRESENCES: Self = Self(1 << 8);
    pub(crate) const CONTENT: Self = Self(1 << 15);
    /// Bits that Discord documents; 17 to 19, 22 and 23 are unused.
    const DOCUMENTED: Self = Self(0x01_ffff | 0b11 << 20 | 0b11 << 24);
    /// Everything: what a person's browser gets.
    pub(crate) const ALL: Self = Self(u64::MAX >> 1);

    /// Whether all of these are in it.
    pub(crate) const fn contain(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Checks what a bot asks for: 4013 for bits that are no intents, 4014 for privileged ones that its application
    /// did not declare. Bits above Discord's are Guildhall's own.
    pub(crate) fn check(self, application: &Application) -> Result<(), Close> {
        const OWN: u64 = u64::MAX << 32;
        if self.0 & !(Self::DOCUMENTED.0 | OWN) != 0 {
            return Err(Close::InvalidIntents);
        }
        let privileged = [
            (Self::MEMBERS, application.may_members()),
            (Self::PRESENCES, application.may_presence()),
            (Self::CONTENT, application.may_content()),
        ];
        if privileged.iter().any(|&(intent, allowed)| self.contain(intent) && !allowed) {
            return Err(Close::DisallowedIntents);
        }
        Ok(())
    }

    /// Whether GUILD_MEMBERS is among them.
    pub(crate) const fn has_members(self) -> bool {
        self.contain(Self::MEMBERS)
    }
}

/// What a session needs to receive an event, in guilds and in direct messages; no bits: everybody receives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) guild: Intents,
    pub(crate) direct: Intents,
}

/// What an event needs.
pub(crate) fn needs(name: &str) -> Needs {
    let bits = |guild: u8, direct: Option<u8>| Needs {
        guild: Intents(1 << guild),
        direct: Intents(direct.map_or(0, |bit| 1 << bit)),
    };
    let starts = |prefix: &str| name.starts_with(prefix);
    match name {
        "CHANNEL_PINS_UPDATE" => bits(0, Some(12)),
        "THREAD_MEMBERS_UPDATE" => bits(0, None),
        "GUILD_BAN_ADD" | "GUILD_BAN_REMOVE" | "GUILD_AUDIT_LOG_ENTRY_CREATE" => bits(2, None),
        "GUILD_EMOJIS_UPDATE" | "GUILD_STICKERS_UPDATE" => bits(3, None),
        "GUILD_INTEGRATIONS_UPDATE" => bits(4, None),
        "WEBHOOKS_UPDATE" => bits(5, None),
        "VOICE_STATE_UPDATE" | "VOICE_CHANNEL_EFFECT_SEND" | "VOICE_CHANNEL_STATUS_UPDATE" => bits(7, None),
        "PRESENCE_UPDATE" => bits(8, None),
        "TYPING_START" => bits(11, Some(14)),
        // Guildhall's own bits begin at 32.
        _ if starts("JOB_") => bits(32, Some(32)),
        _ if starts("LISTING_") || starts("REVIEW_") => bits(33, Some(33)),
        "AUTO_MODERATION_ACTION_EXECUTION" => bits(21, None),
        _ if starts("GUILD_MEMBER_") => bits(1, None),
        _ if starts("GUILD_SOUNDBOARD_") => bits(3, None),
        _ if starts("INTEGRATION_") => bits(4, None),
        _ if starts("INVITE_") => bits(6, None),
        _ if starts("MESSAGE_POLL_") => bits(24, Some(25)),
        _ if starts("MESSAGE_REACTION_") => bits(10, Some(13)),
        _ if starts("MESSAGE_") => bits(9, Some(12)),
        _ if starts("GUILD_SCHEDULED_EVENT_") => bits(16, None),
        _ if starts("AUTO_MODERATION_RULE_") => bits(20, None),
        _ if ["GUILD_", "CHANNEL_", "THREAD_", "STAGE_INSTANCE_"].into_iter().any(starts) => bits(0, None),
        _ => Needs { guild: Intents(0), direct: Intents(0) },
    }
}

/// Whether an event carries what only MESSAGE_CONTENT shows.
pub(crate) fn has_content(name: &str) -> bool {
    matches!(name, "MESSAGE_CREATE" | "MESSAGE_UPDATE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_need_the_documented_intents() {
        for (name, guild, direct) in [
            ("GUILD_CREATE", 1 << 0, 0),
            ("GUILD_ROLE_UPDATE", 1 << 0, 0),
            ("CHANNEL_CREATE", 1 << 0, 0),
            ("CHANNEL_PINS_UPDATE", 1 << 0, 1 << 12),
            ("GUILD_MEMBER_ADD", 1 << 1, 0),
            ("GUILD_AUDIT_LOG_ENTRY_CREATE", 1 << 2, 0),
            ("MESSAGE_DELETE_BULK", 1 << 9, 1 << 12),
            ("MESSAGE_REACTION_ADD", 1 << 10, 1 << 13),
            ("MESSAGE_POLL_VOTE_ADD", 1 << 24, 1 << 25),
            ("INTERACTION_CREATE", 0, 0),
            ("USER_UPDATE", 0, 0),
            ("ORDER_CREATE", 0, 0),
            ("JOB_UPDATE", 1 << 32, 1 << 32),
            ("LISTING_VOTE", 1 << 33, 1 << 33),
            ("REVIEW_CREATE", 1 << 33, 1 << 33),
        ] {
            assert_eq!(needs(name), Needs { guild: Intents(guild), direct: Intents(direct) }, "{name}");
        }
    }
}
