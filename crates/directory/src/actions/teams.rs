//! Teams: people who keep several listings together.

use guildhall_accounts::Actor;
use guildhall_base::{Form, Result, TeamId, UserId};
use guildhall_infra::db::Batch;

use crate::model::{Keeper, ListingRights};
use crate::store::teams::StoredTeam;
use crate::{Directory, codes, store};

/// Teams that somebody may own.
const MOST: usize = 20;

/// A team as its members see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Team {
    pub(crate) id: TeamId,
    pub(crate) name: String,
    pub(crate) owner: UserId,
    /// Its owner first.
    pub(crate) members: Vec<Keeper>,
}

impl Directory {
    /// A team, for those who are in it.
    pub(crate) async fn team(&self, actor: &Actor, id: TeamId) -> Result<Team> {
        let stored = store::teams::find(&self.0.db, id).await?.ok_or(codes::UNKNOWN_TEAM)?;
        let team = self.with_members(stored).await?;
        if team.members.iter().any(|member| member.user == actor.id()) {
            Ok(team)
        } else {
            Err(codes::UNKNOWN_TEAM.into())
        }
    }

    /// The teams that somebody is in.
    pub(crate) async fn teams(&self, actor: &Actor) -> Result<Vec<Team>> {
        let mut teams = Vec::new();
        for stored in store::teams::of(&self.0.db, actor.id()).await? {
            teams.push(self.with_members(stored).await?);
        }
        Ok(teams)
    }

    async fn with_members(&self, stored: StoredTeam) -> Result<Team> {
        let mut members = vec![Keeper { user: stored.owner, rights: ListingRights::all(), main: true }];
        members.extend(store::teams::members(&self.0.db, stored.id).await?);
        Ok(Team { id: stored.id, name: stored.name, owner: stored.owner, members })
    }

    /// Founds a team.
    pub(crate) async fn found_team(&self, actor: &Actor, name: &str) -> Result<Team> {
        self.require_editor(actor).await?;
        check_name(name)?;
        let own = store::teams::of(&self.0.db, actor.id()).await?;
        if own.iter().filter(|team| team.owner == actor.id()).count() >= MOST {
            return Err(codes::TEAM_FULL.because(format!("You may own at most {MOST} teams.")));
        }
        let team = StoredTeam {
            id: self.0.ids.next(),
            owner: actor.id(),
            name: name.trim().to_owned(),
            created_at: self.now(),
        };
        let mut batch = Batch::new();
        store::teams::insert(&mut batch, &team);
        self.0.db.write(batch).await?;
        self.with_members(team).await
    }

    /// A team of one's own.
    async fn own_team(&self, actor: &Actor, id: TeamId) -> Result<Team> {
        self.require_editor(actor).await?;
        let team = self.team(actor, id).await?;
        if team.owner == actor.id() { Ok(team) } else { Err(codes::MISSING_LISTING_RIGHT.into()) }
    }

    /// Calls a team by another name.
    pub(crate) async fn rename_team(&self, actor: &Actor, id: TeamId, name: &str) -> Result<Team> {
        let team = self.own_team(actor, id).await?;
        check_name(name)?;
        let mut batch = Batch::new();
        store::teams::rename(&mut batch, id, name.trim(), codes::UNKNOWN_TEAM);
        self.0.db.write(batch).await?;
        Ok(Team { name: name.trim().to_owned(), ..team })
    }

    /// Ends a team. Its listings stay with their main owners.
    pub(crate) async fn end_team(&self, actor: &Actor, id: TeamId) -> Result<()> {
        self.own_team(actor, id).await?;
        let mut batch = Batch::new();
        store::teams::delete(&mut batch, id, codes::UNKNOWN_TEAM);
        self.0.db.write(batch).await?;
        Ok(())
    }

    /// Takes somebody into a team, or changes what they may do there.
    pub(crate) async fn put_team_member(
        &self,
        actor: &Actor,
        id: TeamId,
        user: UserId,
        rights: ListingRights,
    ) -> Result<()> {
        let team = self.own_team(actor, id).await?;
        if user == team.owner {
            return Err(codes::MAIN_OWNER.into());
        }
        self.require_person(user).await?;
        let mut batch = Batch::new();
        let member = Keeper { user, rights, main: false };
        store::teams::put_member(&mut batch, id, &member, codes::TEAM_FULL);
        self.0.db.write(batch).await?;
        Ok(())
    }

    /// Takes somebody out of a team; everybody may leave.
    pub(crate) async fn remove_team_member(&self, actor: &Actor, id: TeamId, user: UserId) -> Result<()> {
        let team = self.team(actor, id).await?;
        if user == team.owner {
            return Err(codes::MAIN_OWNER.into());
        }
        if user != actor.id() {
            self.own_team(actor, id).await?;
        }
        let mut batch = Batch::new();
        store::teams::remove_member(&mut batch, id, user, codes::NOT_AN_OWNER);
        self.0.db.write(batch).await?;
        Ok(())
    }
}

fn check_name(name: &str) -> Result<()> {
    let mut form = Form::new();
    form.length("name", name.trim(), 1..=50);
    form.finish()
}
