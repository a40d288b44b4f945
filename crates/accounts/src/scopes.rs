//! What a session may be used for: a part of what its owner may do.
//!
//! A session holds the scopes that were chosen for it, within the ceiling of its [`SessionClass`], as far as its owner is
//! entitled to them when it is read from the database: who has no rank has no staff scopes, who has an edit ban cannot
//! change their profile. The door refuses by what is remembered of the session, without asking the database; an action
//! asks again what is true now, and where a right has gone meanwhile, all processes forget what they remember, so that
//! the door knows too.

use guildhall_base::Error;
use serde::{Serialize, Serializer};

use crate::model::SessionClass;
use crate::staff::{Rights, Standing, UserState};

bitflags::bitflags! {
    /// What a session may be used for. The low half are the platform rights of staff, each a scope by its own name.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct SessionScopes: u64 {
        /// Every right of staff that there is.
        const STAFF = 0xFFFF_FFFF;
        /// Seeing what its owner sees.
        const READ = 1 << 32;
        /// Writing and answering, joining and leaving, friends, one's own preferences.
        const WRITE = 1 << 33;
        /// Changing guilds: channels, roles, members, webhooks.
        const GUILDS = 1 << 34;
        /// Changing how others see its owner.
        const PROFILE = 1 << 35;
        /// What guards the account: sessions, passwords, addresses, factors, what applications may do.
        const ACCOUNT = 1 << 36;
        /// Its owner's own applications and bots.
        const APPLICATIONS = 1 << 37;
    }
}

/// Those that are no rights of staff, each with its name.
const NAMES: [(SessionScopes, &str); 6] = [
    (SessionScopes::READ, "read"),
    (SessionScopes::WRITE, "write"),
    (SessionScopes::GUILDS, "guilds"),
    (SessionScopes::PROFILE, "profile"),
    (SessionScopes::ACCOUNT, "account"),
    (SessionScopes::APPLICATIONS, "applications"),
];

impl SessionScopes {
    /// What everybody may choose from for a program of theirs.
    pub const FOR_PROGRAMS: Self =
        Self::READ.union(Self::WRITE).union(Self::GUILDS).union(Self::PROFILE).union(Self::APPLICATIONS);

    /// A right of staff as a scope.
    pub const fn of(rights: Rights) -> Self {
        Self::from_bits_truncate(rights.bits() as u64)
    }

    /// The rights of staff among them.
    pub fn rights(self) -> Rights {
        Rights::from_bits_truncate((self & Self::STAFF).bits() as u32)
    }

    /// The names of the set.
    pub fn names(self) -> Vec<&'static str> {
        let plain = NAMES.iter().filter(|(scope, _)| self.contains(*scope)).map(|(_, name)| *name);
        plain.chain(self.rights().names()).collect()
    }

    /// The set of these names; `*` is everything.
    ///
    /// # Errors
    /// The name that is none.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        names.into_iter().try_fold(Self::empty(), |all, name| {
            let found = match name {
                "*" => Some(Self::all()),
                name => NAMES.iter().find(|(_, known)| *known == name).map(|(scope, _)| *scope),
            };
            let found = match found {
                Some(scope) => scope,
                None => Self::of(
                    Rights::named(&[name.to_owned()]).map_err(|_| format!("there is no scope {name:?}"))?,
                ),
            };
            Ok(all | found)
        })
    }

    /// From a body of the API.
    ///
    /// # Errors
    /// A wrong field `scopes`.
    pub(crate) fn asked(names: &[String]) -> Result<Self, Error> {
        Self::named(names.iter().map(String::as_str))
            .map_err(|text| Error::field("scopes", "SCOPE_UNKNOWN", format!("{text}.")))
    }

    /// The most that a session of this class may have; `api` is what the operator lets programs have that sign in.
    pub(crate) fn ceiling(class: SessionClass, api: Self) -> Self {
        match class {
            SessionClass::Web => Self::all(),
            SessionClass::Api => api,
            SessionClass::Script => Self::FOR_PROGRAMS & api,
        }
    }

    /// What somebody is entitled to.
    pub(crate) fn entitled(state: UserState, standing: Standing) -> Self {
        let staff = Self::of(standing.rights);
        let plain = Self::all() - Self::STAFF;
        match state {
            UserState::Banned => Self::empty(),
            UserState::EditBan => (plain - Self::PROFILE) | staff,
            UserState::Normal | UserState::ApiBan => plain | staff,
        }
    }

    /// As stored.
    pub(crate) fn to_text(self) -> String {
        if self.is_all() { "*".to_owned() } else { self.names().join(" ") }
    }

    /// From the database. A name that is no longer known gives nothing.
    pub(crate) fn from_text(text: &str) -> Self {
        text.split_whitespace().filter_map(|name| Self::named([name]).ok()).collect()
    }
}

impl Serialize for SessionScopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_a_name_and_survives_being_stored() {
        let every = SessionScopes::named(SessionScopes::all().names()).unwrap();
        assert_eq!(every, (SessionScopes::all() - SessionScopes::STAFF) | SessionScopes::of(Rights::all()));
        for scopes in [SessionScopes::all(), SessionScopes::empty(), every, SessionScopes::READ] {
            assert_eq!(SessionScopes::from_text(&scopes.to_text()), scopes);
        }
        assert_eq!(SessionScopes::from_text("read gone"), SessionScopes::READ);
        assert!(SessionScopes::named(["everything"]).is_err());
    }

    #[test]
    fn nobody_is_entitled_to_what_their_state_or_rank_does_not_give() {
        let moderator = Standing { level: 3, rights: Rights::STAFF_VIEW | Rights::AUDIT_READ };
        let plain = SessionScopes::all() - SessionScopes::STAFF;
        let normal = SessionScopes::entitled(UserState::Normal, moderator);
        assert_eq!(normal.rights(), moderator.rights);
        assert_eq!(SessionScopes::entitled(UserState::Normal, Standing::default()), plain);
        assert!(!SessionScopes::entitled(UserState::EditBan, moderator).contains(SessionScopes::PROFILE));
        assert!(SessionScopes::entitled(UserState::Banned, moderator).is_empty());
        let script = SessionScopes::ceiling(SessionClass::Script, SessionScopes::all());
        assert!(!script.intersects(SessionScopes::STAFF | SessionScopes::ACCOUNT));
    }
}
