//! Loading is authorization: a listing comes together with what the caller may do with it, and what they may not see is
//! not there.

use guildhall_accounts::{Actor, Rights};
use guildhall_base::{GuildId, Kind, Permissions, Result, UserId};

use crate::model::{Flags, Listing, ListingId, ListingKind, ListingRights};
use crate::{Directory, codes, store};

/// A listing, and who looks at it.
#[derive(Debug, Clone)]
pub struct ListingAccess {
    /// The listing.
    pub listing: Listing,
    /// Who looks.
    pub viewer: Option<UserId>,
    /// What they may do with it as one of its keepers.
    pub rights: ListingRights,
    /// Whether they keep it or look after listings for the installation.
    pub inside: bool,
}

impl ListingAccess {
    /// Refuses keepers without a right, and everybody else.
    ///
    /// # Errors
    /// `MISSING_LISTING_RIGHT`.
    pub fn require(&self, rights: ListingRights) -> Result<()> {
        if self.rights.contains(rights) { Ok(()) } else { Err(codes::MISSING_LISTING_RIGHT.into()) }
    }

    /// The same, and refuses while it is locked, as the database says and not the request.
    ///
    /// # Errors
    /// `MISSING_LISTING_RIGHT`, `STAFF_LOCKED`, `EDIT_LOCKED`.
    pub fn require_open(&self, rights: ListingRights) -> Result<()> {
        self.require(rights)?;
        if self.listing.flags.contains(Flags::STAFF_LOCKED) {
            return Err(codes::STAFF_LOCKED.into());
        }
        if self.listing.flags.contains(Flags::EDIT_LOCKED) {
            return Err(codes::EDIT_LOCKED.into());
        }
        Ok(())
    }
}

/// Who asks: nobody in particular, a person or a bot, or a listing with its own token.
#[derive(Debug, Clone)]
pub enum Caller {
    /// A stranger.
    Nobody,
    /// A person or a bot.
    Actor(Box<Actor>),
    /// A listing.
    Listing(ListingId),
}

impl Caller {
    /// The person or the bot.
    pub fn actor(&self) -> Option<&Actor> {
        match self {
            Self::Actor(actor) => Some(actor),
            Self::Nobody | Self::Listing(_) => None,
        }
    }

    /// Whose listing it is that asks about itself.
    pub fn itself(&self) -> Option<ListingId> {
        match self {
            Self::Listing(id) => Some(*id),
            Self::Actor(actor) if actor.user.bot => Some(ListingId::bot(actor.id())),
            Self::Actor(_) | Self::Nobody => None,
        }
    }

    /// Refuses strangers.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub(crate) fn require(&self) -> Result<()> {
        if matches!(self, Self::Nobody) { Err(guildhall_base::codes::UNAUTHENTICATED.into()) } else { Ok(()) }
    }

    /// Who it is.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Actor(actor) => Some(actor.id()),
            Self::Listing(id) if id.kind == ListingKind::Bot => Some(id.id.cast()),
            Self::Listing(_) | Self::Nobody => None,
        }
    }
}

impl Directory {
    /// A listing, for those who may see it. It may do about itself what keepers with the right `post` may.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub async fn listing_for(&self, caller: &Caller, id: ListingId) -> Result<ListingAccess> {
        if caller.itself() != Some(id) {
            return self.listing(caller.actor(), id).await;
        }
        let user = caller.user();
        let (listing, mut rights) =
            store::listings::find(&self.0.db, id, user).await?.ok_or(codes::UNKNOWN_LISTING)?;
        // Bots of other platforms have the numbers of nobody here.
        if listing.platform.is_empty() || matches!(caller, Caller::Listing(_)) {
            rights |= ListingRights::POST;
        }
        Ok(ListingAccess { listing, viewer: user, rights, inside: !rights.is_empty() })
    }

    /// A listing, for those who may see it.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub async fn listing(&self, viewer: Option<&Actor>, id: ListingId) -> Result<ListingAccess> {
        let user = viewer.map(Actor::id);
        let (listing, mut rights) =
            store::listings::find(&self.0.db, id, user).await?.ok_or(codes::UNKNOWN_LISTING)?;
        if let Some(actor) = viewer
            && rights != ListingRights::all()
            && id.kind == ListingKind::Guild
            && listing.platform.is_empty()
            && self.manages(actor, id.id.cast()).await?
        {
            rights = ListingRights::all();
        }
        // A bot speaks for itself.
        if id.kind == ListingKind::Bot && listing.platform.is_empty() && user == Some(id.id.cast()) {
            rights |= ListingRights::POST;
        }
        let mut inside = !rights.is_empty();
        if let Some(actor) = viewer.filter(|_| !inside) {
            inside = self.0.accounts.standing(actor).await?.rights.contains(Rights::LISTINGS_REVIEW);
        }
        if !inside && !listing.state.is_public() {
            return Err(codes::UNKNOWN_LISTING.into());
        }
        Ok(ListingAccess { listing, viewer: user, rights, inside })
    }

    /// A listing that a person is about to change.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`; `ONLY_PEOPLE`; that they are banned from editing.
    pub(crate) async fn listing_to_change(&self, actor: &Actor, id: ListingId) -> Result<ListingAccess> {
        self.require_editor(actor).await?;
        self.listing(Some(actor), id).await
    }

    /// Refuses bots, and people who may not edit.
    pub(crate) async fn require_editor(&self, actor: &Actor) -> Result<()> {
        if actor.session().is_none() {
            return Err(codes::ONLY_PEOPLE.into());
        }
        self.0.accounts.require_may_edit(actor).await
    }

    /// Whether somebody manages a guild of this server.
    pub(crate) async fn manages(&self, actor: &Actor, guild: GuildId) -> Result<bool> {
        match self.0.chat.guild(actor, guild).await {
            Ok(access) => Ok(access.permissions.contains(Permissions::MANAGE_GUILD)),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
