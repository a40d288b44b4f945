//! What a third-party application may be allowed to do in somebody's name: OAuth2 scopes, as a set.

use std::fmt;

bitflags::bitflags! {
    /// A set of OAuth2 scopes. On the wire they are names with spaces between them; the bits are only how they are
    /// stored. Names are Discord's and OpenID Connect's where those have them.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Scopes: u64 {
        /// Who somebody is, as `GET /users/@me` tells it, without the mail address.
        const IDENTIFY = 1 << 0;
        /// The mail address and whether it was confirmed.
        const EMAIL = 1 << 1;
        /// Which guilds somebody is in.
        const GUILDS = 1 << 2;
        /// Making somebody a member of a guild that the application's bot is in.
        const GUILDS_JOIN = 1 << 3;
        /// What somebody is in each of their guilds: roles, nickname.
        const GUILDS_MEMBERS_READ = 1 << 4;
        /// Adding the application's bot to a guild.
        const BOT = 1 << 5;
        /// Adding the application's commands to a guild.
        const COMMANDS = 1 << 6;
        /// Changing the application's own commands; for client credentials.
        const COMMANDS_UPDATE = 1 << 7;
        /// OpenID Connect: an ID token.
        const OPENID = 1 << 8;
        /// OpenID Connect: names, picture, language.
        const PROFILE = 1 << 9;
        /// A refresh token in OpenID Connect.
        const OFFLINE = 1 << 10;
    }
}

/// Each scope with its name on the wire, in the order in which sets are written.
const NAMES: [(Scopes, &str); 11] = [
    (Scopes::OPENID, "openid"),
    (Scopes::PROFILE, "profile"),
    (Scopes::IDENTIFY, "identify"),
    (Scopes::EMAIL, "email"),
    (Scopes::GUILDS, "guilds"),
    (Scopes::GUILDS_JOIN, "guilds.join"),
    (Scopes::GUILDS_MEMBERS_READ, "guilds.members.read"),
    (Scopes::BOT, "bot"),
    (Scopes::COMMANDS, "applications.commands"),
    (Scopes::COMMANDS_UPDATE, "applications.commands.update"),
    (Scopes::OFFLINE, "offline_access"),
];

impl Scopes {
    /// Those that Discord does not know, and that its lists of scopes must not name.
    pub const BEYOND_DISCORD: Self = Self::PROFILE.union(Self::OFFLINE);

    /// The scope of this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(scope, _)| *scope)
    }

    /// The names of the set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter(move |(scope, _)| self.contains(*scope)).map(|(_, name)| *name)
    }

    /// Reads names with spaces between them; also gives the first that is not known.
    pub fn parse(text: &str) -> (Self, Option<&str>) {
        let mut unknown = None;
        let known = text.split_ascii_whitespace().filter_map(|name| {
            let scope = Self::named(name);
            if scope.is_none() && unknown.is_none() {
                unknown = Some(name);
            }
            scope
        });
        (known.collect(), unknown)
    }

    /// As stored: the bits as a BIGINT.
    pub const fn to_db(self) -> i64 {
        self.bits().cast_signed()
    }

    /// From a stored BIGINT; unknown bits are dropped.
    pub const fn from_db(bits: i64) -> Self {
        Self::from_bits_truncate(bits.cast_unsigned())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_a_name_of_its_own_and_is_read_back() {
        assert_eq!(NAMES.iter().map(|(scope, _)| *scope).collect::<Scopes>(), Scopes::all());
        assert_eq!(Scopes::parse(&Scopes::all().to_string()), (Scopes::all(), None));
        assert_eq!(Scopes::parse("guilds  nonsense identify x").1, Some("nonsense"));
        assert_eq!((Scopes::IDENTIFY | Scopes::EMAIL).to_string(), "identify email");
        assert_eq!(Scopes::from_db(Scopes::all().to_db()), Scopes::all());
    }
}
