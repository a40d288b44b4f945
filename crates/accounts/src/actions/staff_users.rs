//! What staff see of people, and the end of somebody's sessions. Who is no staff finds nothing here.

use guildhall_base::{Error, Result, UserId, codes};
use guildhall_infra::db::Batch;

use crate::codes::{MISSING_RIGHTS, UNKNOWN_USER};
use crate::events::CredentialsEnded;
use crate::model::Account;
use crate::staff::{Rights, StaffAction, Standing, UserState, check_reason};
use crate::store::{second_steps, tokens, users};
use crate::{Accounts, Actor, StaffLogQuery, StandingOf, rules};

/// People of a page.
pub(crate) const FOUND: usize = 25;
/// Rows of the audit log beside a person.
const ROWS: u32 = 10;

/// A person as staff see them.
#[derive(Debug, Clone)]
pub struct StaffView {
    /// Their account. The mail address is taken out where the reader may not change states.
    pub(crate) account: Account,
    /// State and ranks.
    pub standing: StandingOf,
    /// How many sessions they have.
    pub sessions: usize,
    /// The latest that staff did to them; none where the reader may not read the audit log.
    pub log: Option<Vec<StaffAction>>,
    /// Whether the reader may change their state and end their sessions.
    pub may_state: bool,
    /// The names of the ranks that the reader may give them or take from them.
    pub may_give: Vec<String>,
}

impl Accounts {
    /// The actor's standing, if they are staff.
    async fn staff_reader(&self, actor: &Actor) -> Result<Standing> {
        let hidden = |error: Error| if error.is(MISSING_RIGHTS) { codes::NOT_FOUND.into() } else { error };
        self.require_rights(actor, Rights::STAFF_VIEW).await.map_err(hidden)
    }

    /// People whose name or display name has this text in it, or whose id or confirmed mail address it is (the
    /// address only for those who may change states); all of them for no text. The newest first, [`FOUND`] and one
    /// more at most, from before an id.
    ///
    /// # Errors
    /// `NOT_FOUND` without `staff.view`.
    pub(crate) async fn find_people(
        &self,
        actor: &Actor,
        text: &str,
        before: Option<UserId>,
    ) -> Result<Vec<Account>> {
        let reader = self.staff_reader(actor).await?;
        let text = rules::shorten(text.trim(), 254).to_lowercase();
        let email = reader.rights.contains(Rights::USERS_STATE).then_some(text.as_str());
        users::search(&self.0.db, &text, email, text.parse().ok(), before, FOUND + 1).await
    }

    /// A person as staff see them.
    ///
    /// # Errors
    /// `NOT_FOUND` without `staff.view`; `UNKNOWN_USER`.
    pub async fn staff_view(&self, actor: &Actor, user: UserId) -> Result<StaffView> {
        let reader = self.staff_reader(actor).await?;
        let standing = self.standing_of_user(actor, user).await?;
        let mut account = users::find(&self.0.db, user).await?.ok_or(UNKNOWN_USER)?;
        if !reader.rights.contains(Rights::USERS_STATE) {
            account.email = None;
        }
        let sessions = tokens::sessions(&self.0.db, user, self.0.clock.now()).await?.len();
        let log = match reader.rights.contains(Rights::AUDIT_READ) {
            true => {
                let query =
                    StaffLogQuery { target: Some(user), limit: Some(ROWS), ..StaffLogQuery::default() };
                Some(self.staff_log(actor, query).await?)
            }
            false => None,
        };
        let above = reader.must_outrank(standing.standing).is_ok();
        let may_state = above && reader.rights.contains(Rights::USERS_STATE);
        let ranks = self.0.config.ranks.all().iter().filter(|rank| above && reader.may_give(rank).is_ok());
        let may_give = ranks.map(|rank| rank.name.clone()).collect();
        Ok(StaffView { account, standing, sessions, log, may_state, may_give })
    }

    /// Ends all sessions of a person, and the sign-ins that they have begun. The tokens of their bots stay.
    ///
    /// # Errors
    /// As [`Accounts::set_state`]; `UNKNOWN_USER` for a bot.
    pub async fn end_sessions_of(&self, actor: &Actor, user: UserId, reason: &str) -> Result<()> {
        let pair = self.pair(actor, user, Rights::USERS_STATE).await?;
        let reason = check_reason(reason)?;
        let account = users::find(&self.0.db, user).await?.ok_or(UNKNOWN_USER)?;
        if account.user.bot {
            return Err(UNKNOWN_USER.into());
        }
        let sessions = tokens::sessions(&self.0.db, user, self.0.clock.now()).await?.len();
        let mut batch: Batch = pair.batch(actor, user);
        let change = (sessions.to_string(), "0".to_owned());
        self.note_staff_action(&mut batch, actor, ("user.sessions", Some(user)), reason, change);
        second_steps::clear(&mut batch, user);
        let removal = tokens::remove_all(&mut batch, user, None);
        let ended = CredentialsEnded { user_id: user, session_id: None, except: None };
        self.end_tokens(batch, removal, &ended).await
    }

    /// Whether somebody is staff, for links to what only staff see.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn views_staff_pages(&self, actor: &Actor) -> Result<bool> {
        Ok(self.standing(actor).await?.rights.contains(Rights::STAFF_VIEW))
    }
}

impl StaffView {
    /// Their state.
    pub fn state(&self) -> UserState {
        self.standing.state
    }
}
