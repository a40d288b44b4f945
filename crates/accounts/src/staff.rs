//! Staff, without a database: platform rights, the ranks that hold them, the states that a user may be in, and who
//! may act on whom.

use std::collections::BTreeMap;

use guildhall_base::{Error, Id, Result, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::{ABOVE_YOU, MISSING_RIGHTS, UNKNOWN_RANK};

bitflags::bitflags! {
    /// What staff may do on this installation, wherever it is; what a guild's moderators may do is another matter.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Rights: u32 {
        /// Opening the staff pages.
        const STAFF_VIEW = 1 << 0;
        /// Claiming listings and deciding on them.
        const LISTINGS_REVIEW = 1 << 1;
        /// Reopening decisions, resetting votes, locking listings.
        const LISTINGS_MODERATE = 1 << 2;
        /// Reading what staff did.
        const AUDIT_READ = 1 << 3;
        /// Banning listings.
        const LISTINGS_BAN = 1 << 4;
        /// Changing the state of users: bans.
        const USERS_STATE = 1 << 5;
        /// Letting applications register, verifying them.
        const APPLICATIONS_VERIFY = 1 << 6;
        /// Certifying listings.
        const LISTINGS_CERTIFY = 1 << 7;
        /// Giving and taking ranks.
        const USERS_RANKS = 1 << 8;
        /// Looking after jobs, everybody's.
        const JOBS_MANAGE = 1 << 9;
        /// Trying new things out on a part of the users.
        const EXPERIMENTS = 1 << 10;
    }
}

/// Each right with its name in the configuration and on the wire.
const NAMES: [(Rights, &str); 11] = [
    (Rights::STAFF_VIEW, "staff.view"),
    (Rights::LISTINGS_REVIEW, "listings.review"),
    (Rights::LISTINGS_MODERATE, "listings.moderate"),
    (Rights::AUDIT_READ, "audit.read"),
    (Rights::LISTINGS_BAN, "listings.ban"),
    (Rights::USERS_STATE, "users.state"),
    (Rights::APPLICATIONS_VERIFY, "applications.verify"),
    (Rights::LISTINGS_CERTIFY, "listings.certify"),
    (Rights::USERS_RANKS, "users.ranks"),
    (Rights::JOBS_MANAGE, "jobs.manage"),
    (Rights::EXPERIMENTS, "experiments"),
];

impl Rights {
    /// The names of the set.
    pub fn names(self) -> Vec<&'static str> {
        NAMES.iter().filter(|(right, _)| self.contains(*right)).map(|(_, name)| *name).collect()
    }

    /// The set of these names; `*` is everything.
    ///
    /// # Errors
    /// The name that is none.
    pub fn named(names: &[String]) -> Result<Self, String> {
        let one = |name: &String| match name.as_str() {
            "*" => Ok(Self::all()),
            name => NAMES
                .iter()
                .find(|(_, known)| *known == name)
                .map(|(right, _)| *right)
                .ok_or_else(|| format!("there is no right {name:?}")),
        };
        names.iter().try_fold(Self::empty(), |all, name| Ok(all | one(name)?))
    }
}

/// A rank as the configuration writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankSettings {
    /// How high it is, from 1; nobody acts on who is as high or higher.
    pub level: u8,
    /// Names of rights; "*" for all.
    pub rights: Vec<String>,
}

/// A rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// Its name in the configuration.
    pub name: String,
    /// How high it is.
    pub level: u8,
    /// What its holders may do.
    pub rights: Rights,
}

/// All ranks of this installation, the lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranks(Vec<Rank>);

impl Default for Ranks {
    /// The seven ranks above a plain user.
    fn default() -> Self {
        let rank = |name: &str, level, rights| Rank { name: name.to_owned(), level, rights };
        let community = Rights::STAFF_VIEW;
        let reviewer = community | Rights::LISTINGS_REVIEW;
        let moderator = reviewer | Rights::LISTINGS_MODERATE | Rights::AUDIT_READ;
        let admin = moderator | Rights::LISTINGS_BAN | Rights::USERS_STATE | Rights::APPLICATIONS_VERIFY;
        let developer = admin | Rights::LISTINGS_CERTIFY | Rights::USERS_RANKS | Rights::JOBS_MANAGE;
        Self(vec![
            rank("community-staff", 1, community),
            rank("bot-reviewer", 2, reviewer),
            rank("moderator", 3, moderator),
            rank("admin", 4, admin),
            rank("developer", 5, developer),
            rank("head-admin", 6, developer | Rights::EXPERIMENTS),
            rank("overseer", 7, Rights::all()),
        ])
    }
}

impl Ranks {
    /// From the configuration; the default ones if it names none.
    ///
    /// # Errors
    /// What is wrong with it, for the operator.
    pub fn new(settings: &BTreeMap<String, RankSettings>) -> Result<Self, String> {
        if settings.is_empty() {
            return Ok(Self::default());
        }
        let mut ranks = Vec::new();
        for (name, rank) in settings {
            let fits = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
            if name.is_empty() || name.len() > 32 || !name.chars().all(fits) {
                return Err(format!(
                    "the rank {name:?} must be called by a-z, 0-9 and -, at most 32 of them"
                ));
            }
            if rank.level == 0 {
                return Err(format!("the rank {name:?} must have a level from 1"));
            }
            let rights = Rights::named(&rank.rights).map_err(|text| format!("rank {name:?}: {text}"))?;
            ranks.push(Rank { name: name.clone(), level: rank.level, rights });
        }
        ranks.sort_by_key(|rank| rank.level);
        let above = |rank: &Rank| rank.level;
        match ranks.as_slice() {
            [.., second, top] if above(second) == above(top) => {
                Err("one rank must be the highest".to_owned())
            }
            [.., top] if top.rights != Rights::all() => {
                Err(format!("the highest rank, {:?}, must have the rights [\"*\"]", top.name))
            }
            _ => Ok(Self(ranks)),
        }
    }

    /// All of them, the lowest first.
    pub fn all(&self) -> &[Rank] {
        &self.0
    }

    /// The rank of this name.
    ///
    /// # Errors
    /// [`UNKNOWN_RANK`].
    pub fn named(&self, name: &str) -> Result<&Rank> {
        self.0.iter().find(|rank| rank.name == name).ok_or_else(|| UNKNOWN_RANK.into())
    }

    /// Whether it is the highest.
    pub(crate) fn is_top(&self, rank: &Rank) -> bool {
        self.0.last() == Some(rank)
    }

    /// What the holder of these ranks is, `top` being the highest of all.
    pub(crate) fn standing(&self, top: bool, names: &[String]) -> Standing {
        let held = self.0.iter().filter(|rank| names.contains(&rank.name) || (top && self.is_top(rank)));
        held.fold(Standing::default(), |all, rank| Standing {
            level: all.level.max(rank.level),
            rights: all.rights | rank.rights,
        })
    }
}

/// How high somebody is, and what they may do: all of their ranks together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// 0 for who is no staff.
    pub level: u8,
    /// What they may do.
    pub rights: Rights,
}

impl Standing {
    /// Refuses unless all of these rights are held.
    ///
    /// # Errors
    /// [`MISSING_RIGHTS`].
    pub fn require(self, rights: Rights) -> Result<()> {
        if self.rights.contains(rights) { Ok(()) } else { Err(MISSING_RIGHTS.into()) }
    }

    /// Refuses to act on somebody who is as high or higher.
    pub(crate) fn must_outrank(self, other: Self) -> Result<()> {
        if self.level > other.level { Ok(()) } else { Err(ABOVE_YOU.into()) }
    }

    /// Refuses to give or take a rank that is as high or higher, or has a right that is not held.
    pub(crate) fn may_give(self, rank: &Rank) -> Result<()> {
        self.require(Rights::USERS_RANKS)?;
        self.must_outrank(Self { level: rank.level, rights: rank.rights })?;
        self.require(rank.rights)
    }
}

/// What a user may do at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Everything.
    #[default]
    Normal,
    /// Nothing: they cannot sign in.
    Banned,
    /// Everything but changing their profile and what they have published.
    EditBan,
    /// Everything by hand, nothing by program: no bot, no access token, no token in `Authorization`.
    ApiBan,
}

impl UserState {
    const NUMBERS: [(Self, i64); 4] =
        [(Self::Normal, 0), (Self::Banned, 1), (Self::EditBan, 2), (Self::ApiBan, 4)];

    /// As stored.
    pub(crate) fn number(self) -> i64 {
        Self::NUMBERS.iter().find(|(state, _)| *state == self).map_or(0, |(_, number)| *number)
    }

    /// From the database. What is not known is the strictest.
    pub(crate) fn from_number(number: i64) -> Self {
        Self::NUMBERS.iter().find(|(_, known)| *known == number).map_or(Self::Banned, |(state, _)| *state)
    }

    /// As on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Banned => "banned",
            Self::EditBan => "edit_ban",
            Self::ApiBan => "api_ban",
        }
    }
}

/// Only a name for the type parameter of [`StaffActionId`].
#[derive(Debug, Clone, Copy)]
pub enum StaffActionMarker {}

/// Id of an audit row.
pub type StaffActionId = Id<StaffActionMarker>;

/// One thing that staff did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaffAction {
    /// Which; later ones have larger ids.
    #[schema(value_type = String)]
    pub id: StaffActionId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who; none at the server's own command line.
    #[schema(value_type = Option<String>)]
    pub actor_id: Option<UserId>,
    /// `user.state`, `user.sessions`, `rank.grant`, `rank.revoke`; other features add their own.
    pub action: String,
    /// Whom it was done to.
    #[schema(value_type = Option<String>)]
    pub target_id: Option<UserId>,
    /// Why.
    pub reason: String,
    /// What was before.
    pub before: String,
    /// What is now.
    pub after: String,
}

/// Characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 5..=512;

/// A reason without the space around it.
pub(crate) fn check_reason(reason: &str) -> Result<String, Error> {
    let reason = reason.trim();
    let mut form = guildhall_base::Form::new();
    form.length("reason", reason, REASON);
    form.finish()?;
    Ok(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(ranks: &[(&str, u8, &[&str])]) -> BTreeMap<String, RankSettings> {
        let entry = |(name, level, rights): &(&str, u8, &[&str])| {
            let rights = rights.iter().map(|right| (*right).to_owned()).collect();
            ((*name).to_owned(), RankSettings { level: *level, rights })
        };
        ranks.iter().map(entry).collect()
    }

    #[test]
    fn ranks_are_read_from_the_configuration_and_faults_are_named() {
        assert_eq!(Ranks::new(&BTreeMap::new()).unwrap(), Ranks::default());
        let good = Ranks::new(&settings(&[("boss", 9, &["*"]), ("helper", 1, &["staff.view"])])).unwrap();
        assert_eq!(good.all().iter().map(|rank| rank.level).collect::<Vec<_>>(), [1, 9]);
        for bad in [
            settings(&[("Boss", 9, &["*"])]),
            settings(&[("boss", 0, &["*"])]),
            settings(&[("boss", 9, &["all"])]),
            settings(&[("boss", 9, &["staff.view"])]),
            settings(&[("a", 9, &["*"]), ("b", 9, &["*"])]),
        ] {
            assert!(Ranks::new(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn nobody_acts_on_an_equal_and_nobody_gives_what_they_lack() {
        let ranks = Ranks::default();
        let of = |name: &str| ranks.standing(false, &[name.to_owned()]);
        assert!(of("admin").must_outrank(of("moderator")).is_ok());
        assert!(of("admin").must_outrank(of("admin")).is_err());
        assert!(of("admin").must_outrank(of("overseer")).is_err());
        assert!(of("admin").may_give(ranks.named("moderator").unwrap()).is_err(), "lacks users.ranks");
        assert!(of("developer").may_give(ranks.named("admin").unwrap()).is_ok());
        assert!(of("developer").may_give(ranks.named("developer").unwrap()).is_err());
        let odd = Rank { name: "odd".into(), level: 1, rights: Rights::EXPERIMENTS };
        assert!(of("developer").may_give(&odd).is_err(), "low, but with a right that the giver lacks");
        assert_eq!(ranks.standing(true, &[]), of("overseer"));
        assert_eq!(ranks.standing(false, &["gone".into()]), Standing::default());
        let both = ranks.standing(false, &["admin".into(), "bot-reviewer".into()]);
        assert_eq!(both.level, 4);
    }

    #[test]
    fn a_state_survives_being_stored() {
        for (state, number) in UserState::NUMBERS {
            assert_eq!((state.number(), UserState::from_number(number)), (number, state));
        }
        assert_eq!(UserState::from_number(3), UserState::Banned);
    }
}
