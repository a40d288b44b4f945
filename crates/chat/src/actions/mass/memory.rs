//! What a guild remembers of those who go, and gives back when they return.

use std::time::Duration;

use guildhall_accounts::Actor;
use guildhall_base::{Form, GuildId, MessageId, Permissions, Result, RoleId, UserId};
use guildhall_infra::jobs::{Effects, NewJob, Owner};

use super::super::Change;
use super::super::members::change::target;
use crate::access::GuildAccess;
use crate::jobs::GiveBackJob;
use crate::model::{Departed, GiveBack, RememberSettings};
use crate::rules::hierarchy::{self, Person};
use crate::rules::selection::DANGEROUS;
use crate::world::GuildState;
use crate::{Chat, codes, store};

/// How long something may be remembered, in days.
const DAYS: std::ops::RangeInclusive<i64> = 1..=365;
/// A send that was not answered may be repeated so long, and is known again.
const NONCES: Duration = Duration::from_secs(86_400);
/// Those who went that a page shows.
const SHOWN: i64 = 100;

/// What is given back of what is remembered.
#[derive(Debug, Default)]
struct Sorted {
    give: Vec<RoleId>,
    /// Roles that stay remembered: dangerous, or too high for whoever gives.
    keep: Vec<RoleId>,
}

/// Sorts remembered roles; those that are gone or belong to a bot are forgotten.
fn sort(state: &GuildState, doer: &Person, roles: &[RoleId], careful: bool) -> Sorted {
    let mut sorted = Sorted::default();
    for role in roles.iter().filter_map(|role| state.roles.get(role)).filter(|role| !role.settings.managed) {
        let harmless = !careful || !role.permissions.intersects(DANGEROUS);
        let may = hierarchy::may_give_role(doer, &target(state, role)).is_ok();
        if may && harmless { sorted.give.push(role.id) } else { sorted.keep.push(role.id) }
    }
    sorted
}

/// What came of giving back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct GivenBack {
    /// The roles that they have again.
    pub(crate) roles: Vec<RoleId>,
    /// Roles that they do not get by themselves, or not from whoever gives.
    pub(crate) kept: Vec<RoleId>,
}

impl Chat {
    async fn rememberer(&self, actor: &Actor, guild: GuildId) -> Result<GuildAccess> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::MANAGE_GUILD | Permissions::MANAGE_ROLES)?;
        Ok(access)
    }

    /// What a guild remembers, for those who manage it and its roles.
    pub(crate) async fn memory(&self, actor: &Actor, guild: GuildId) -> Result<RememberSettings> {
        self.rememberer(actor, guild).await?;
        let settings = store::departed::settings(self.db(), guild).await?;
        Ok(settings.map(|(_, settings)| settings).unwrap_or_default())
    }

    /// Sets that. From now on what is given back is given in the actor's name.
    pub(crate) async fn set_memory(
        &self,
        actor: &Actor,
        guild: GuildId,
        settings: &RememberSettings,
    ) -> Result<()> {
        self.rememberer(actor, guild).await?;
        let mut form = Form::new();
        form.range("days", settings.days.into(), DAYS);
        form.finish()?;
        let mut change = Change::new();
        store::departed::set(&mut change.batch, guild, actor.id(), settings);
        self.commit_leaf(change).await.map(drop)
    }

    /// Those of whom something is remembered, who went last first, and whether each is a member again.
    pub(crate) async fn remembered(&self, actor: &Actor, guild: GuildId) -> Result<Vec<(Departed, bool)>> {
        let access = self.rememberer(actor, guild).await?;
        let departed = store::departed::page(self.db(), guild, self.now(), SHOWN).await?;
        let state = access.room.read();
        let back = |departed: &Departed| state.members.contains_key(&departed.user);
        Ok(departed.into_iter().map(|departed| (departed.clone(), back(&departed))).collect())
    }

    /// Somebody comes: has a job give back to them what is remembered.
    pub(crate) async fn welcome_back(&self, change: &mut Change, guild: GuildId, user: UserId) -> Result<()> {
        let Some(departed) = store::departed::get(self.db(), guild, user, self.now()).await? else {
            return Ok(());
        };
        let settings = store::departed::settings(self.db(), guild).await?;
        if departed.by.is_some() || settings.is_some_and(|(_, settings)| settings.enabled) {
            let job = NewJob::of::<GiveBackJob>(&GiveBack { user }).guild(guild);
            self.parts.jobs.enqueue(&mut change.batch, job)?;
        }
        Ok(())
    }

    /// Whether somebody may be given back what is remembered of them, by hand.
    pub(crate) async fn admit_give_back(&self, owner: Owner, give: GiveBack) -> Result<GuildAccess> {
        let access = self.asked(owner, Permissions::MANAGE_ROLES).await?;
        if !access.room.read().members.contains_key(&give.user) {
            return Err(codes::UNKNOWN_MEMBER.into());
        }
        self.departed(access.id(), give.user).await?;
        Ok(access)
    }

    /// What is remembered of somebody.
    pub(crate) async fn departed(&self, guild: GuildId, user: UserId) -> Result<Departed> {
        let departed = store::departed::get(self.db(), guild, user, self.now()).await?;
        Ok(departed.ok_or(codes::NOT_REMEMBERED)?)
    }

    /// In whose name something is given back by itself, and whether roles that can do harm are left out. None if the
    /// guild does not remember any more.
    pub(crate) async fn giver(&self, guild: GuildId, departed: &Departed) -> Result<Option<(UserId, bool)>> {
        if let Some(by) = departed.by {
            return Ok(Some((by, false)));
        }
        let settings = store::departed::settings(self.db(), guild).await?;
        let enabled = settings.filter(|(_, settings)| settings.enabled);
        Ok(enabled.map(|(user, settings)| (user, !settings.dangerous)))
    }

    /// Gives a member back what is remembered of them as part of a step, in the name of whom the access belongs to.
    pub(crate) async fn give_back(
        &self,
        access: &GuildAccess,
        departed: &Departed,
        careful: bool,
        effects: &Effects,
    ) -> Result<GivenBack> {
        let (guild, user) = (access.id(), departed.user);
        let sorted = |state: &GuildState| -> Result<Sorted> {
            Ok(sort(state, &self.person(state, access.user)?, &departed.roles, careful))
        };
        let reason = "Came back";
        let drafted = self
            .draft_member(access, user, Some(reason), |state, member| {
                member.roles.extend(sorted(state)?.give);
                let (doer, who) = (self.person(state, access.user)?, self.person(state, user)?);
                if member.settings.nick.is_none() && hierarchy::may_rename(&doer, &who).is_ok() {
                    member.settings.nick.clone_from(&departed.nick);
                }
                Ok(())
            })
            .await?;
        let kept = sorted(&access.room.read())?.keep;
        let given = drafted.after.roles.iter().filter(|role| !drafted.before.roles.contains(role));
        let given = GivenBack { roles: given.copied().collect(), kept };
        let mut change = drafted.change.unwrap_or_default();
        store::departed::give(&mut change.batch, guild, departed, &given.kept, codes::NOT_REMEMBERED);
        change.into_effects(effects);
        Ok(given)
    }

    /// Forgets what was remembered long enough, invites that have ended, and nonces that no sender will repeat.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) async fn forget_ended(&self) -> Result<()> {
        let now = self.now();
        let mut change = Change::new();
        store::departed::prune(&mut change.batch, now);
        store::invites::prune(&mut change.batch, now);
        store::messages::forget_nonces(&mut change.batch, MessageId::first_at(now.before(NONCES)));
        self.commit_leaf(change).await.map(drop)
    }
}
