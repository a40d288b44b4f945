//! Webhooks: where keepers are told of what happens to their listing, and what was told.

use guildhall_base::{Error, Id, Result, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

use super::{EventName, ListingId};

/// Only a name for the type parameter of [`HookId`].
#[derive(Debug, Clone, Copy)]
pub enum HookMarker {}

/// Id of a webhook.
pub type HookId = Id<HookMarker>;

/// Only a name for the type parameter of [`DeliveryId`].
#[derive(Debug, Clone, Copy)]
pub enum DeliveryMarker {}

/// Id of one message to a webhook.
pub type DeliveryId = Id<DeliveryMarker>;

/// How a webhook is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookStyle {
    /// JSON, signed as Standard Webhooks are.
    Signed = 0,
    /// A message with an embed, as Discord's webhooks take it.
    Embed = 1,
    /// Votes as top.gg tells them.
    Topgg = 2,
}

impl HookStyle {
    /// As stored.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// As read.
    ///
    /// # Errors
    /// Internal, for a number that is none.
    pub fn numbered(number: i64) -> Result<Self> {
        match number {
            0 => Ok(Self::Signed),
            1 => Ok(Self::Embed),
            2 => Ok(Self::Topgg),
            _ => Err(Error::internal(format!("{number} is no style of a webhook"))),
        }
    }
}

bitflags::bitflags! {
    /// Groups of events that a webhook may be told of.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct HookEvents: u32 {
        /// Votes, test votes, and that votes were reset.
        const VOTES = 1 << 0;
        /// Reviews and answers to them.
        const REVIEWS = 1 << 1;
        /// What staff decided.
        const STAFF = 1 << 2;
        /// What keepers changed.
        const EDITS = 1 << 3;
    }
}

const GROUPS: [(HookEvents, &str); 4] = [
    (HookEvents::VOTES, "votes"),
    (HookEvents::REVIEWS, "reviews"),
    (HookEvents::STAFF, "staff"),
    (HookEvents::EDITS, "edits"),
];

impl Default for HookEvents {
    fn default() -> Self {
        Self::VOTES
    }
}

impl HookEvents {
    /// The names of the set.
    pub fn names(self) -> Vec<&'static str> {
        GROUPS.iter().filter(|(group, _)| self.contains(*group)).map(|(_, name)| *name).collect()
    }

    /// Which group an event belongs to; none for what is not told: what comes too often, what names secrets, and the end of
    /// a listing, with which its webhooks end.
    pub fn of(event: EventName) -> Self {
        use EventName as E;
        match event {
            E::Vote | E::TestVote | E::VoteReset => Self::VOTES,
            E::ReviewAdd | E::ReviewEdit | E::ReviewDelete => Self::REVIEWS,
            E::Claim
            | E::Unclaim
            | E::Approve
            | E::Deny
            | E::Unverify
            | E::Requeue
            | E::Ban
            | E::Unban
            | E::Certify
            | E::Uncertify
            | E::AppealAnswer => Self::STAFF,
            E::Edit
            | E::Transfer
            | E::Owners
            | E::Lock
            | E::Unlock
            | E::ResourceAdd
            | E::ResourceDelete
            | E::CommandsSet
            | E::CommandsDelete
            | E::NewsAdd
            | E::NewsDelete => Self::EDITS,
            _ => Self::empty(),
        }
    }
}

impl Serialize for HookEvents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for HookEvents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names.iter().try_fold(Self::empty(), |all, name| {
            let group = GROUPS.iter().find(|(_, known)| known == name).map(|(group, _)| *group);
            let wrong = || de::Error::invalid_value(de::Unexpected::Str(name), &"a group of events");
            Ok(all | group.ok_or_else(wrong)?)
        })
    }
}

/// Where a listing's keepers want to be told of what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Which.
    pub id: HookId,
    /// Of which listing.
    pub listing: ListingId,
    /// How it is told.
    pub style: HookStyle,
    /// Where.
    pub url: String,
    /// Of what.
    pub events: HookEvents,
    /// Why nothing is sent there any more; empty while it is.
    pub stopped: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings changed last.
    pub changed_at: Timestamp,
}

/// Where a message to a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is to be sent, or sent again.
    Waiting = 0,
    /// The receiver took it.
    Taken = 1,
    /// It is not sent again by itself.
    GivenUp = 2,
}

impl DeliveryState {
    /// As stored.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// As read.
    ///
    /// # Errors
    /// Internal, for a number that is none.
    pub fn numbered(number: i64) -> Result<Self> {
        match number {
            0 => Ok(Self::Waiting),
            1 => Ok(Self::Taken),
            2 => Ok(Self::GivenUp),
            _ => Err(Error::internal(format!("{number} is no state of a delivery"))),
        }
    }
}

/// One message to a webhook, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which.
    pub id: DeliveryId,
    /// To which webhook.
    pub hook: HookId,
    /// What the receiver knows it by: the same when it is sent again.
    pub message: String,
    /// What it tells of: the name of an event, or `test`.
    pub event: String,
    /// The [`Told`] that it was made of, as JSON.
    pub entry: String,
    /// What is sent, word for word; empty until it is tried first.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// The status of the latest answer; 0 without one.
    pub status: i64,
    /// How many milliseconds the latest attempt took.
    pub took_ms: i64,
    /// How the latest answer begins.
    pub answer: String,
    /// Why there was no answer.
    pub problem: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
}

/// What happened, as a message to a webhook is made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// `test`, or the name of an event.
    pub event: String,
    /// Who did it; nobody where nobody may know.
    pub user: Option<guildhall_base::UserId>,
    /// When.
    pub at: Timestamp,
    /// What else there is to say.
    pub context: serde_json::Value,
}
