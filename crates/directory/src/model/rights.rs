//! Who keeps a listing, and what each of them may do.

use guildhall_base::UserId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

bitflags::bitflags! {
    /// What somebody may do with a listing that is not theirs alone. Its main owner may do everything.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct ListingRights: u32 {
        /// Changing what it says.
        const EDIT = 1 << 0;
        /// Posting statistics, commands and news for it, and making its token.
        const POST = 1 << 1;
        /// Seeing and changing where news of it are sent.
        const WEBHOOKS = 1 << 2;
        /// Answering reviews in its name.
        const REPLY = 1 << 3;
        /// Asking staff for something in its name.
        const APPEAL = 1 << 4;
        /// Saying who keeps it.
        const OWNERS = 1 << 5;
        /// Removing it.
        const DELETE = 1 << 6;
    }
}

const NAMES: [(ListingRights, &str); 7] = [
    (ListingRights::EDIT, "edit"),
    (ListingRights::POST, "post"),
    (ListingRights::WEBHOOKS, "webhooks"),
    (ListingRights::REPLY, "reply"),
    (ListingRights::APPEAL, "appeal"),
    (ListingRights::OWNERS, "owners"),
    (ListingRights::DELETE, "delete"),
];

impl ListingRights {
    /// The names of the set.
    pub fn names(self) -> Vec<&'static str> {
        NAMES.iter().filter(|(right, _)| self.contains(*right)).map(|(_, name)| *name).collect()
    }

    /// The right of this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(right, _)| *right)
    }
}

impl Serialize for ListingRights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ListingRights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names.iter().try_fold(Self::empty(), |all, name| match Self::named(name) {
            Some(right) => Ok(all | right),
            None => Err(de::Error::invalid_value(de::Unexpected::Str(name), &"a right of a listing")),
        })
    }
}

/// Somebody who keeps a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeper {
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub rights: ListingRights,
    /// Whether it is theirs.
    pub main: bool,
}
