//! Who keeps a listing.

use guildhall_accounts::Actor;
use guildhall_base::{Error, Result, TeamId, UserId};
use serde_json::json;

use super::Change;
use crate::model::{EventName, Keeper, ListingId, ListingRights};
use crate::{Directory, codes, store};

impl Directory {
    /// Who keeps a listing, the main owner first.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub async fn keepers(&self, viewer: Option<&Actor>, id: ListingId) -> Result<Vec<Keeper>> {
        let listing = self.listing(viewer, id).await?.listing;
        let main = Keeper { user: listing.owner, rights: ListingRights::all(), main: true };
        let mut keepers = vec![main];
        keepers.extend(store::keepers::of(&self.0.db, id).await?);
        Ok(keepers)
    }

    /// Makes somebody one of a listing's keepers, or changes what they may do. Nobody gives what they do not have.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, `MAIN_OWNER`, an unknown user, `TOO_MANY_OWNERS`.
    pub async fn put_keeper(
        &self,
        actor: &Actor,
        id: ListingId,
        user: UserId,
        rights: ListingRights,
    ) -> Result<()> {
        let access = self.listing_to_change(actor, id).await?;
        access.require_open(ListingRights::OWNERS | rights)?;
        if user == access.listing.owner {
            return Err(codes::MAIN_OWNER.into());
        }
        self.require_person(user).await?;
        let before = store::keepers::of(&self.0.db, id).await?;
        if let Some(known) = before.iter().find(|keeper| keeper.user == user) {
            access.require(known.rights)?;
        }
        let mut change = Change::new();
        let keeper = Keeper { user, rights, main: false };
        store::keepers::put(&mut change.batch, id, &keeper, self.now(), codes::TOO_MANY_OWNERS);
        self.note_keepers(&mut change, actor, id, json!({ "user_id": user, "rights": rights }));
        self.commit_for_keepers(change, id).await
    }

    /// Takes somebody off; everybody may take themselves off.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, `MAIN_OWNER`, `NOT_AN_OWNER`.
    pub async fn remove_keeper(&self, actor: &Actor, id: ListingId, user: UserId) -> Result<()> {
        let access = self.listing_to_change(actor, id).await?;
        if user == access.listing.owner {
            return Err(codes::MAIN_OWNER.into());
        }
        if user != actor.id() {
            let before = store::keepers::of(&self.0.db, id).await?;
            let known = before.iter().find(|keeper| keeper.user == user).ok_or(codes::NOT_AN_OWNER)?;
            access.require_open(ListingRights::OWNERS | known.rights)?;
        }
        let told = store::listings::keepers(&self.0.db, id).await?;
        let mut change = Change::new();
        store::keepers::remove(&mut change.batch, id, user, codes::NOT_AN_OWNER);
        self.note_keepers(&mut change, actor, id, json!({ "user_id": user, "rights": null }));
        self.commit(change, told).await
    }

    /// Gives a listing to one of its keepers; who had it keeps all rights but is the main owner no longer.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MAIN_OWNER` for everybody but the main owner, locks, `NOT_AN_OWNER`, `CONFLICT`.
    pub async fn transfer(&self, actor: &Actor, id: ListingId, to: UserId) -> Result<()> {
        let access = self.listing_to_change(actor, id).await?;
        access.require_open(ListingRights::OWNERS)?;
        let mut listing = access.listing;
        if listing.owner != actor.id() || to == actor.id() {
            return Err(codes::MAIN_OWNER.into());
        }
        self.require_person(to).await?;
        listing.owner = to;
        let mut change = Change::new();
        store::keepers::remove(&mut change.batch, id, to, codes::NOT_AN_OWNER);
        let before = Keeper { user: actor.id(), rights: ListingRights::all(), main: false };
        store::keepers::put(&mut change.batch, id, &before, self.now(), codes::TOO_MANY_OWNERS);
        store::listings::update(&mut change.batch, &listing, self.now())?;
        self.note(&mut change, id, EventName::Transfer, Some(actor.id()), json!({ "user_id": to }));
        self.commit_for_keepers(change, id).await
    }

    /// Lets a team keep a listing, or no team. For the main owner, with a team that they are in.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MAIN_OWNER`, locks, `UNKNOWN_TEAM`, `CONFLICT`.
    pub async fn set_team(&self, actor: &Actor, id: ListingId, team: Option<TeamId>) -> Result<()> {
        let access = self.listing_to_change(actor, id).await?;
        access.require_open(ListingRights::OWNERS)?;
        let mut listing = access.listing;
        if listing.owner != actor.id() {
            return Err(codes::MAIN_OWNER.into());
        }
        if let Some(team) = team {
            self.team(actor, team).await?;
        }
        listing.team = team;
        let mut change = Change::new();
        store::listings::update(&mut change.batch, &listing, self.now())?;
        self.note_keepers(&mut change, actor, id, json!({ "team_id": team }));
        self.commit_for_keepers(change, id).await
    }

    fn note_keepers(&self, change: &mut Change, actor: &Actor, id: ListingId, context: serde_json::Value) {
        self.note(change, id, EventName::Owners, Some(actor.id()), context);
    }

    /// Refuses ids of nobody and of bots.
    pub(super) async fn require_person(&self, user: UserId) -> Result<()> {
        match self.0.accounts.user(user).await {
            Ok(person) if !person.bot => Ok(()),
            Ok(_) => Err(Error::field("user_id", codes::ONLY_PEOPLE.name, codes::ONLY_PEOPLE.text)),
            Err(error) => Err(error),
        }
    }
}
