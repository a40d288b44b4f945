//! What staff do with listings: one table says from where to where, and which right it needs.

use guildhall_accounts::Rights;
use guildhall_base::Result;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes;
use crate::model::{EventName, Flags, Listing, State};

/// One thing that staff do with a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaffAction {
    /// Begins to look at it: nobody else decides on it meanwhile.
    Claim,
    /// Gives it back to the queue.
    Unclaim,
    /// Lets it into the lists.
    Approve,
    /// Refuses it.
    Deny,
    /// Takes an approval back.
    Unverify,
    /// Lets what was refused or banned wait for staff again.
    Requeue,
    /// Takes it out of the directory.
    Ban,
    /// Lets it back into the lists.
    Unban,
    /// Says that it is of known quality.
    Certify,
    /// Says so no longer.
    Uncertify,
    /// Sets one flag.
    SetFlag,
    /// Clears one flag.
    UnsetFlag,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    /// What is done.
    pub(crate) action: StaffAction,
    /// Where the listing must stand.
    pub(crate) from: &'static [State],
    /// Where it stands then; none: where it stood.
    pub(crate) to: Option<State>,
    /// What whoever does it must have.
    pub(crate) needs: Rights,
    /// What it is called in the history and by the gateway.
    pub(crate) event: EventName,
    /// As the audit log has it.
    pub(crate) name: &'static str,
}

const fn row(
    action: StaffAction,
    from: &'static [State],
    to: Option<State>,
    needs: Rights,
    event: EventName,
    name: &'static str,
) -> Rule {
    Rule { action, from, to, needs, event, name }
}

/// Strangers see its page.
const SEEN: &[State] = &[State::Approved, State::Certified, State::Archived, State::PrivateViewable];

/// All that staff do, and when.
pub(crate) const RULES: &[Rule] = &[
    row(
        StaffAction::Claim,
        &[State::Pending],
        Some(State::UnderReview),
        Rights::LISTINGS_REVIEW,
        EventName::Claim,
        "listing.claim",
    ),
    row(
        StaffAction::Unclaim,
        &[State::UnderReview],
        Some(State::Pending),
        Rights::LISTINGS_REVIEW,
        EventName::Unclaim,
        "listing.unclaim",
    ),
    row(
        StaffAction::Approve,
        &[State::UnderReview],
        Some(State::Approved),
        Rights::LISTINGS_REVIEW,
        EventName::Approve,
        "listing.approve",
    ),
    row(
        StaffAction::Deny,
        &[State::UnderReview],
        Some(State::Denied),
        Rights::LISTINGS_REVIEW,
        EventName::Deny,
        "listing.deny",
    ),
    row(
        StaffAction::Unverify,
        &[State::Approved],
        Some(State::Pending),
        Rights::LISTINGS_MODERATE,
        EventName::Unverify,
        "listing.unverify",
    ),
    row(
        StaffAction::Requeue,
        &[State::Denied, State::Banned],
        Some(State::Pending),
        Rights::LISTINGS_MODERATE,
        EventName::Requeue,
        "listing.requeue",
    ),
    row(StaffAction::Ban, SEEN, Some(State::Banned), Rights::LISTINGS_BAN, EventName::Ban, "listing.ban"),
    row(
        StaffAction::Unban,
        &[State::Banned],
        Some(State::Approved),
        Rights::LISTINGS_BAN,
        EventName::Unban,
        "listing.unban",
    ),
    row(
        StaffAction::Certify,
        &[State::Approved],
        Some(State::Certified),
        Rights::LISTINGS_CERTIFY,
        EventName::Certify,
        "listing.certify",
    ),
    row(
        StaffAction::Uncertify,
        &[State::Certified],
        Some(State::Approved),
        Rights::LISTINGS_CERTIFY,
        EventName::Uncertify,
        "listing.uncertify",
    ),
    row(
        StaffAction::SetFlag,
        State::ALL,
        None,
        Rights::LISTINGS_MODERATE,
        EventName::Flags,
        "listing.set_flag",
    ),
    row(
        StaffAction::UnsetFlag,
        State::ALL,
        None,
        Rights::LISTINGS_MODERATE,
        EventName::Flags,
        "listing.unset_flag",
    ),
];

/// The flags that staff turn. The lock of its keepers staff may only take off.
pub(crate) const TURNED: Flags = Flags::STAFF_LOCKED
    .union(Flags::STATS_LOCKED)
    .union(Flags::VOTE_LOCKED)
    .union(Flags::SYSTEM)
    .union(Flags::OWN);

impl StaffAction {
    /// Its row.
    ///
    /// # Errors
    /// None: every action has one, as a test sees to.
    pub(crate) fn rule(self) -> Result<&'static Rule> {
        RULES
            .iter()
            .find(|rule| rule.action == self)
            .ok_or_else(|| guildhall_base::Error::internal(format!("{self:?} has no rule")))
    }

    /// Whether this flag may be turned so.
    pub(crate) fn turns(self, flag: Flags) -> bool {
        match self {
            Self::SetFlag => TURNED.contains(flag),
            Self::UnsetFlag => (TURNED | Flags::EDIT_LOCKED).contains(flag),
            _ => false,
        }
    }
}

impl Rule {
    /// Refuses a listing that stands elsewhere, or that somebody else decides on. Moderators decide on everything.
    ///
    /// # Errors
    /// `WRONG_STATE`, `CLAIMED_BY_ANOTHER`.
    pub(crate) fn check(&self, listing: &Listing, actor: guildhall_base::UserId, has: Rights) -> Result<()> {
        if !self.from.contains(&listing.state) {
            let state = listing.state.name();
            return Err(
                codes::WRONG_STATE.because(format!("It cannot be done with a listing that is {state}."))
            );
        }
        let others = listing.state == State::UnderReview
            && self.to.is_some()
            && listing.reviewer.is_some_and(|reviewer| reviewer != actor);
        if others && !has.contains(Rights::LISTINGS_MODERATE) {
            return Err(codes::CLAIMED_BY_ANOTHER.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_action_has_one_row_and_a_name_of_its_own() {
        let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        for rule in RULES {
            assert_eq!(rule.action.rule().unwrap(), rule);
            let wire = serde_json::to_value(rule.action).unwrap();
            assert_eq!(rule.name, format!("listing.{}", wire.as_str().unwrap()));
            assert!(rule.to.is_none_or(|to| !rule.from.contains(&to)), "{rule:?} goes nowhere");
        }
    }

    #[test]
    fn what_one_action_does_another_undoes() {
        for (done, undone) in [
            (StaffAction::Claim, StaffAction::Unclaim),
            (StaffAction::Ban, StaffAction::Unban),
            (StaffAction::Certify, StaffAction::Uncertify),
        ] {
            let (done, undone) = (done.rule().unwrap(), undone.rule().unwrap());
            assert_eq!(undone.from, [done.to.unwrap()]);
            assert!(done.from.contains(&undone.to.unwrap()));
        }
    }

    #[test]
    fn staff_take_the_lock_of_keepers_off_and_never_put_it_on() {
        assert!(!StaffAction::SetFlag.turns(Flags::EDIT_LOCKED));
        assert!(StaffAction::UnsetFlag.turns(Flags::EDIT_LOCKED));
        assert!(StaffAction::SetFlag.turns(Flags::STAFF_LOCKED));
        assert!(!StaffAction::Approve.turns(Flags::NSFW) && !StaffAction::SetFlag.turns(Flags::UNLOCKED));
    }
}
