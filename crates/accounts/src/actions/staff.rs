//! What staff do to users: states and ranks. Each needs the right, a higher rank than the one it is done to, a fresh
//! proof of who does it, and a reason; each leaves a row in the audit log, in the same transaction.

use guildhall_base::{Error, Result, UserId, codes};
use guildhall_infra::db::Batch;

use super::person;
use crate::codes::{MISSING_RIGHTS, RANK_HELD, RANK_NOT_HELD, UNKNOWN_USER};
use crate::events::{CredentialsEnded, standing_changed};
use crate::staff::{Rank, Rights, StaffAction, StaffActionId, Standing, UserState, check_reason};
use crate::store::staff::Stored;
use crate::store::users::Change;
use crate::store::{second_steps, staff, tokens, users};
use crate::{Accounts, Actor, SessionScopes};

/// The most rows of the audit log that are read at once.
const PAGE: i64 = 100;

/// Which part of the audit log is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct StaffLogQuery {
    /// Only what is older than this row.
    pub before: Option<StaffActionId>,
    /// Only what was done to this user.
    pub target: Option<UserId>,
    /// Only what this user did.
    pub actor: Option<UserId>,
    /// How many rows, at most 100.
    pub limit: Option<u32>,
}

/// What a user is on this installation, as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingOf {
    /// What they may do at all.
    pub state: UserState,
    /// The names of their ranks.
    pub ranks: Vec<String>,
    /// All of the ranks together.
    pub standing: Standing,
}

/// An actor and the one they act on, both read afresh.
pub(super) struct Pair {
    actor: Standing,
    actor_version: i64,
    target: Stored,
}

impl Accounts {
    /// The actor's standing, read afresh, as far as their session may be used for it. Anybody's who is no person is
    /// nothing.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn standing(&self, actor: &Actor) -> Result<Standing> {
        let Some(scopes) = actor.scopes() else { return Ok(Standing::default()) };
        let stored = staff::find(&self.0.db, actor.id()).await?.ok_or(codes::UNAUTHENTICATED)?;
        let standing = self.standing_of(&stored);
        Ok(Standing { rights: standing.rights & scopes.rights(), ..standing })
    }

    /// The actor's standing, if it has these rights now and their session may be used for them. Where the session
    /// was thought to have more than its owner has, it is narrowed before this returns, in every process.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`.
    pub async fn require_rights(&self, actor: &Actor, rights: Rights) -> Result<Standing> {
        let standing = self.standing(actor).await?;
        let refused = standing.require(rights);
        if refused.is_err() && actor.scopes().is_some_and(|scopes| scopes.rights().contains(rights)) {
            self.narrow(actor.id()).await?;
        }
        refused.map(|()| standing)
    }

    /// Whether the actor has these rights now, for what only shows or opens more to those who have them. Who was not
    /// thought to have them is not asked about; who was is, and their session is narrowed as by
    /// [`Accounts::require_rights`].
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn holds_rights(&self, actor: &Actor, rights: Rights) -> Result<bool> {
        if !actor.scopes().is_some_and(|scopes| scopes.rights().contains(rights)) {
            return Ok(false);
        }
        match self.require_rights(actor, rights).await {
            Ok(_) => Ok(true),
            Err(error) if error.is(MISSING_RIGHTS) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Says in every process that what is remembered of a user's sessions is more than is true. What they may be
    /// used for is read afresh by the next request, which the door then refuses.
    async fn narrow(&self, user: UserId) -> Result<()> {
        self.0.events.commit_leaf(Batch::new(), &[standing_changed(user)?]).await?;
        self.forget_credentials(user);
        Ok(())
    }

    /// A user's state and ranks, for staff.
    ///
    /// # Errors
    /// `MISSING_RIGHTS` without `staff.view`; `UNKNOWN_USER`.
    pub async fn standing_of_user(&self, actor: &Actor, user: UserId) -> Result<StandingOf> {
        self.require_rights(actor, Rights::STAFF_VIEW).await?;
        let stored = staff::find(&self.0.db, user).await?.ok_or(UNKNOWN_USER)?;
        let standing = self.standing_of(&stored);
        Ok(StandingOf { state: stored.state, ranks: self.names(&stored), standing })
    }

    /// Puts a user into a state. It takes effect at once everywhere: a ban ends all of their sessions, tokens and
    /// connections; an API ban those of programs. Their bots can do nothing either while it lasts, and their connections
    /// are closed; their tokens stay, for when it is lifted.
    ///
    /// # Errors
    /// `MISSING_RIGHTS`, `ABOVE_YOU`, `STEP_UP_REQUIRED`, a wrong field `reason`, `UNKNOWN_USER`, `CONFLICT` if either's
    /// standing changed at the same time.
    pub async fn set_state(&self, actor: &Actor, user: UserId, state: UserState, reason: &str) -> Result<()> {
        let pair = self.pair(actor, user, Rights::USERS_STATE).await?;
        let reason = check_reason(reason)?;
        if pair.target.state == state {
            return Ok(());
        }
        let mut batch = pair.batch(actor, user);
        staff::set_state(&mut batch, user, state);
        let (before, after) = (pair.target.state.name().to_owned(), state.name().to_owned());
        self.note(&mut batch, actor, "user.state", user, reason, (before, after));
        let ended = CredentialsEnded { user_id: user, session_id: None, except: None };
        match state {
            UserState::Banned => {
                second_steps::clear(&mut batch, user);
                let removal = tokens::remove_all(&mut batch, user, None);
                self.end_with_bots(batch, removal, ended).await?;
            }
            UserState::ApiBan => {
                // Connections of programs and of pages look alike; those of pages come back by themselves.
                let removal = tokens::remove_lasting(&mut batch, user);
                self.end_with_bots(batch, removal, ended).await?;
            }
            UserState::Normal | UserState::EditBan => {
                self.0.events.commit_leaf(batch, &[standing_changed(user)?]).await?;
            }
        }
        self.forget_credentials(user);
        Ok(())
    }

    /// Ends somebody's credentials, and closes the connections of their bots.
    async fn end_with_bots(&self, batch: Batch, removal: usize, ended: CredentialsEnded) -> Result<()> {
        let bots = users::bots_of(&self.0.db, ended.user_id).await?;
        let of_bot = |bot: &UserId| CredentialsEnded { user_id: *bot, session_id: None, except: None };
        let also: Vec<_> = bots.iter().map(of_bot).collect();
        self.end_all_tokens(batch, removal, &ended, &also).await
    }

    /// Gives a user a rank.
    ///
    /// # Errors
    /// As [`Accounts::set_state`]; `UNKNOWN_RANK`; [`RANK_HELD`].
    pub async fn grant_rank(&self, actor: &Actor, user: UserId, rank: &str, reason: &str) -> Result<()> {
        self.turn_rank(actor, user, rank, reason, true).await
    }

    /// Takes a rank from a user.
    ///
    /// # Errors
    /// As [`Accounts::set_state`]; `UNKNOWN_RANK`; [`RANK_NOT_HELD`].
    pub async fn revoke_rank(&self, actor: &Actor, user: UserId, rank: &str, reason: &str) -> Result<()> {
        self.turn_rank(actor, user, rank, reason, false).await
    }

    async fn turn_rank(
        &self,
        actor: &Actor,
        user: UserId,
        rank: &str,
        reason: &str,
        give: bool,
    ) -> Result<()> {
        let pair = self.pair(actor, user, Rights::USERS_RANKS).await?;
        let rank = self.0.config.ranks.named(rank)?;
        pair.actor.may_give(rank)?;
        let reason = check_reason(reason)?;
        let before = self.names(&pair.target);
        match (before.contains(&rank.name), give) {
            (true, true) => return Err(RANK_HELD.into()),
            (false, false) => return Err(RANK_NOT_HELD.into()),
            _ => {}
        }
        let mut batch = pair.batch(actor, user);
        self.write_rank(&mut batch, actor.id(), user, rank, give);
        let after = match give {
            true => before.iter().cloned().chain([rank.name.clone()]).collect::<Vec<_>>(),
            false => before.iter().filter(|name| **name != rank.name).cloned().collect(),
        };
        let action = if give { "rank.grant" } else { "rank.revoke" };
        self.note(&mut batch, actor, action, user, reason, (before.join(" "), after.join(" ")));
        self.0.events.commit_leaf(batch, &[standing_changed(user)?]).await?;
        self.forget_credentials(user);
        Ok(())
    }

    fn write_rank(&self, batch: &mut Batch, actor: UserId, user: UserId, rank: &Rank, give: bool) {
        match (self.0.config.ranks.is_top(rank), give) {
            (true, _) => users::set(batch, user, Change::Staff(give)),
            (false, true) => staff::grant(batch, user, &rank.name, actor, self.0.clock.now()),
            (false, false) => staff::revoke(batch, user, &rank.name),
        }
    }

    /// What staff did, the latest first.
    ///
    /// # Errors
    /// `MISSING_RIGHTS` without `audit.read`.
    pub async fn staff_log(&self, actor: &Actor, query: StaffLogQuery) -> Result<Vec<StaffAction>> {
        self.require_rights(actor, Rights::AUDIT_READ).await?;
        let limit = query.limit.map_or(PAGE, i64::from).clamp(1, PAGE);
        staff::list(&self.0.db, query.before, query.target, query.actor, limit).await
    }

    /// Adds a row of the audit log to a batch, for what other features let staff do.
    pub fn note_staff_action(
        &self,
        batch: &mut Batch,
        actor: &Actor,
        (action, target): (&str, Option<UserId>),
        reason: String,
        (before, after): (String, String),
    ) {
        let row = StaffAction {
            id: self.0.ids.next(),
            at: self.0.clock.now(),
            actor_id: Some(actor.id()),
            action: action.to_owned(),
            target_id: target,
            reason,
            before,
            after,
        };
        staff::note(batch, &row);
    }

    fn note(
        &self,
        batch: &mut Batch,
        actor: &Actor,
        action: &str,
        target: UserId,
        reason: String,
        change: (String, String),
    ) {
        self.note_staff_action(batch, actor, (action, Some(target)), reason, change);
    }

    /// Loads both with authorization.
    pub(super) async fn pair(&self, actor: &Actor, user: UserId, rights: Rights) -> Result<Pair> {
        person(actor)?;
        let mine = staff::find(&self.0.db, actor.id()).await?.ok_or(codes::UNAUTHENTICATED)?;
        let standing = self.require_rights(actor, rights).await?;
        self.require_proof(actor).await?;
        let target = staff::find(&self.0.db, user).await?.ok_or(UNKNOWN_USER)?;
        standing.must_outrank(self.standing_of(&target))?;
        Ok(Pair { actor: standing, actor_version: mine.version, target })
    }

    fn standing_of(&self, stored: &Stored) -> Standing {
        if stored.state == UserState::Banned {
            return Standing::default();
        }
        self.0.config.ranks.standing(stored.top, &stored.ranks)
    }

    /// The names of the ranks that somebody holds.
    fn names(&self, stored: &Stored) -> Vec<String> {
        let ranks = &self.0.config.ranks;
        let held = |rank: &&Rank| stored.ranks.contains(&rank.name) || (stored.top && ranks.is_top(rank));
        ranks.all().iter().filter(held).map(|rank| rank.name.clone()).collect()
    }

    /// A user's state, from fresh data.
    pub(crate) async fn state(&self, user: UserId) -> Result<UserState> {
        Ok(staff::find(&self.0.db, user).await?.ok_or(UNKNOWN_USER)?.state)
    }

    /// Refuses who may not edit what they publish, from fresh data; narrows their session if it was thought that
    /// they may.
    ///
    /// # Errors
    /// `EDIT_BANNED`.
    pub async fn require_may_edit(&self, actor: &Actor) -> Result<(), Error> {
        if self.state(actor.id()).await? != UserState::EditBan {
            return Ok(());
        }
        if actor.scopes().is_some_and(|scopes| scopes.contains(SessionScopes::PROFILE)) {
            self.narrow(actor.id()).await?;
        }
        Err(crate::codes::EDIT_BANNED.into())
    }
}

impl Pair {
    /// A batch that fails if either's standing has changed meanwhile.
    pub(super) fn batch(&self, actor: &Actor, user: UserId) -> Batch {
        let mut batch = Batch::new();
        staff::change(&mut batch, user, self.target.version, codes::CONFLICT);
        staff::must_be(&mut batch, actor.id(), self.actor_version, codes::CONFLICT);
        batch
    }
}
