//! What happens to listings.

use guildhall_base::{HistoryId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ListingId;

macro_rules! names {
    ($($name:ident $wire:literal $gateway:literal;)*) => {
        /// One kind of thing that happens to a listing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum EventName { $($name),* }

        impl EventName {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As stored and told.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $wire),* }
            }

            /// As the gateway calls it.
            pub const fn gateway(self) -> &'static str {
                match self { $(Self::$name => $gateway),* }
            }

            /// By its stored name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($wire => Some(Self::$name),)* _ => None }
            }
        }
    };
}

names! {
    Add "add" "LISTING_CREATE";
    Edit "edit" "LISTING_UPDATE";
    Delete "delete" "LISTING_DELETE";
    Transfer "transfer" "LISTING_TRANSFER";
    Owners "owners" "LISTING_OWNERS_UPDATE";
    Claim "claim" "LISTING_CLAIM";
    Unclaim "unclaim" "LISTING_UNCLAIM";
    Approve "approve" "LISTING_APPROVE";
    Deny "deny" "LISTING_DENY";
    Unverify "unverify" "LISTING_UNVERIFY";
    Requeue "requeue" "LISTING_REQUEUE";
    Ban "ban" "LISTING_BAN";
    Unban "unban" "LISTING_UNBAN";
    Certify "certify" "LISTING_CERTIFY";
    Uncertify "uncertify" "LISTING_UNCERTIFY";
    Lock "lock" "LISTING_LOCK";
    Unlock "unlock" "LISTING_UNLOCK";
    Flags "flags" "LISTING_FLAGS_UPDATE";
    Vote "vote" "LISTING_VOTE";
    TestVote "test_vote" "LISTING_TEST_VOTE";
    VoteReset "vote_reset" "LISTING_VOTE_RESET";
    View "view" "LISTING_VIEW";
    Invite "invite" "LISTING_INVITE";
    Stats "stats" "LISTING_STATS";
    Token "token" "LISTING_TOKEN";
    ReviewAdd "review_add" "REVIEW_CREATE";
    ReviewEdit "review_edit" "REVIEW_UPDATE";
    ReviewDelete "review_delete" "REVIEW_DELETE";
    ReviewVote "review_vote" "REVIEW_VOTE";
    ResourceAdd "resource_add" "LISTING_RESOURCE_CREATE";
    ResourceDelete "resource_delete" "LISTING_RESOURCE_DELETE";
    CommandsSet "commands_set" "LISTING_COMMANDS_UPDATE";
    CommandsDelete "commands_delete" "LISTING_COMMANDS_DELETE";
    NewsAdd "news_add" "LISTING_NEWS_CREATE";
    NewsDelete "news_delete" "LISTING_NEWS_DELETE";
    Appeal "appeal" "LISTING_APPEAL";
    AppealAnswer "appeal_answer" "LISTING_APPEAL_ANSWER";
    Webhook "webhook" "LISTING_WEBHOOK_UPDATE";
}

impl EventName {
    /// Whether lists, search or pages may be others after it. What is only counted is not among them.
    pub const fn changes_lists(self) -> bool {
        !matches!(
            self,
            Self::Vote
                | Self::TestVote
                | Self::View
                | Self::Invite
                | Self::Stats
                | Self::Token
                | Self::ReviewVote
                | Self::Webhook
                | Self::Claim
                | Self::Unclaim
                | Self::Appeal
                | Self::AppealAnswer
                | Self::Owners
        )
    }
}

/// One entry of a listing's history.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id, from which follows when it was.
    pub id: HistoryId,
    /// Of which listing.
    pub listing: ListingId,
    /// What happened.
    pub event: EventName,
    /// Who did it; nobody where nobody may know.
    pub user: Option<UserId>,
    /// What else there is to say.
    pub context: Value,
}

impl Entry {
    /// When it was.
    pub fn at(&self) -> Timestamp {
        self.id.created_at()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        let names: BTreeSet<_> = EventName::ALL.iter().map(|event| event.name()).collect();
        let gateway: BTreeSet<_> = EventName::ALL.iter().map(|event| event.gateway()).collect();
        assert_eq!((names.len(), gateway.len()), (EventName::ALL.len(), EventName::ALL.len()));
        for event in EventName::ALL {
            assert_eq!(EventName::named(event.name()), Some(*event));
            assert_eq!(serde_json::to_value(event).ok(), Some(Value::from(event.name())));
        }
    }
}
