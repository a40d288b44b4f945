//! Adding, changing, locking and removing listings.

use guildhall_accounts::Actor;
use guildhall_base::{Error, Form, HistoryId, Result, UserId};
use guildhall_infra::db::codes::DUPLICATE;
use serde_json::json;

use super::{Change, nothing};
use crate::access::ListingAccess;
use crate::model::{
    Counts, Details, Entry, EventName, Flags, Listing, ListingId, ListingKind, ListingRights, State,
};
use crate::platform::{Found, Platform};
use crate::rules::draft::Draft;
use crate::store::counts::Size;
use crate::store::labels::Label;
use crate::store::vanities::Named;
use crate::{Directory, codes, store};

impl Directory {
    /// Lists a bot or a guild. Bots wait for staff; guilds do if the operator wants it.
    ///
    /// # Errors
    /// Wrong fields; `UNKNOWN_PLATFORM`, `NOT_ON_PLATFORM`, `NOT_PUBLIC`, `NOT_YOURS`, `LISTED_ALREADY`, `VANITY_TAKEN`.
    pub async fn add(&self, actor: &Actor, id: ListingId, platform: &str, draft: &Draft) -> Result<Listing> {
        self.require_editor(actor).await?;
        draft.check(id.kind, true)?;
        let found = self.listable(actor, id, platform).await?;
        if store::listings::find(&self.0.db, id, None).await?.is_some() {
            return Err(codes::LISTED_ALREADY.into());
        }
        let now = self.now();
        let reviewed = id.kind == ListingKind::Bot || self.0.config.review_guilds;
        let mut listing = Listing {
            id,
            platform: platform.to_owned(),
            application: found.application,
            name: found.name,
            avatar: found.avatar,
            owner: actor.id(),
            team: None,
            state: if reviewed { State::Pending } else { State::Approved },
            flags: Flags::empty(),
            version: 1,
            language: "en".to_owned(),
            short: String::new(),
            long: String::new(),
            style: String::new(),
            details: Details::default(),
            tags: Vec::new(),
            features: Vec::new(),
            vanity: None,
            reviewer: None,
            created_at: now,
            changed_at: now,
            approved_at: (!reviewed).then_some(now),
            counts: Counts::default(),
        };
        draft.apply(&mut listing);
        self.take_banners(draft, &mut listing).await?;
        let mut change = Change::new();
        store::listings::insert(&mut change.batch, &listing)?;
        store::counts::insert(&mut change.batch, id);
        if let Some(size) = found.size {
            let size = match id.kind {
                ListingKind::Bot => Size { guilds: size, ..Size::default() },
                ListingKind::Guild => Size { users: size, ..Size::default() },
            };
            store::counts::set_size(&mut change.batch, id, size, now);
        }
        self.write_labels(&mut change, &listing, draft).await?;
        self.write_vanity(&mut change, &mut listing, draft).await?;
        store::browse::put_words(&mut change.batch, &listing);
        self.note(&mut change, id, EventName::Add, Some(actor.id()), json!({ "state": listing.state }));
        let mut told = vec![actor.id()];
        told.extend((id.kind == ListingKind::Bot && platform.is_empty()).then(|| id.id.cast()));
        self.commit(change, told).await.map_err(taken(&listing, draft))?;
        Ok(self.listing(Some(actor), id).await?.listing)
    }

    /// Lists a bot with what another list says of it, or with what somebody brings of it. Banners and short names are
    /// not taken along; tags that are unknown here are left out.
    ///
    /// # Errors
    /// [`UNKNOWN_SOURCE`](crate::import::UNKNOWN_SOURCE), [`NOT_THERE`](crate::import::NOT_THERE), that the other list does
    /// not answer, and as [`Directory::add`].
    pub async fn import(&self, actor: &Actor, id: ListingId, source: &str) -> Result<Listing> {
        self.require_editor(actor).await?;
        let source = self.0.config.sources.get(source).filter(|_| id.kind == ListingKind::Bot);
        let source = source.ok_or(crate::import::UNKNOWN_SOURCE)?;
        // Whose it is not learns nothing of it by this way either, and makes this server fetch nothing.
        let found = self.look_up("", id).await?;
        self.may_list(actor, id, "", &found).await?;
        let mut draft = source.fetch(&self.0.fetch, id.id).await?;
        let (tags, features) = self.labels(id.kind).await?;
        crate::import::keep_known(&mut draft, &tags, &features);
        self.add(actor, id, "", &draft).await
    }

    /// Changes what a listing says. What its platform calls it is taken over at the same time.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, `EDIT_LOCKED`, `STAFF_LOCKED`, wrong fields, `VANITY_TAKEN`, `CONFLICT`.
    pub async fn edit(&self, actor: &Actor, id: ListingId, draft: &Draft) -> Result<Listing> {
        let access = self.listing_to_change(actor, id).await?;
        access.require_open(ListingRights::EDIT)?;
        draft.check(id.kind, false)?;
        let mut listing = access.listing;
        draft.apply(&mut listing);
        self.take_banners(draft, &mut listing).await?;
        // The platform may be away or may have lost it: what was known of it stays.
        if let Ok(found) = self.look_up(&listing.platform.clone(), id).await {
            (listing.name, listing.avatar) = (found.name, found.avatar);
        }
        let mut change = Change::new();
        store::listings::update(&mut change.batch, &listing, self.now())?;
        self.write_labels(&mut change, &listing, draft).await?;
        self.write_vanity(&mut change, &mut listing, draft).await?;
        store::browse::put_words(&mut change.batch, &listing);
        self.note(&mut change, id, EventName::Edit, Some(actor.id()), nothing());
        self.commit_for_keepers(change, id).await.map_err(taken(&listing, draft))?;
        Ok(self.listing(Some(actor), id).await?.listing)
    }

    /// Locks a listing against changes, or unlocks it.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, `STAFF_LOCKED`, `CONFLICT`.
    pub async fn lock(&self, actor: &Actor, id: ListingId, lock: bool) -> Result<()> {
        let ListingAccess { mut listing, rights, .. } = self.listing_to_change(actor, id).await?;
        if !rights.contains(ListingRights::EDIT) {
            return Err(codes::MISSING_LISTING_RIGHT.into());
        }
        if listing.flags.contains(Flags::STAFF_LOCKED) {
            return Err(codes::STAFF_LOCKED.into());
        }
        listing.flags.set(Flags::EDIT_LOCKED, lock);
        let mut change = Change::new();
        store::listings::update(&mut change.batch, &listing, self.now())?;
        let event = if lock { EventName::Lock } else { EventName::Unlock };
        self.note(&mut change, id, event, Some(actor.id()), nothing());
        self.commit_for_keepers(change, id).await
    }

    /// Removes a listing with everything that belongs to it.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, `STAFF_LOCKED`, `EDIT_LOCKED`, `CONFLICT`.
    pub async fn remove(&self, actor: &Actor, id: ListingId) -> Result<()> {
        let access = self.listing_to_change(actor, id).await?;
        access.require_open(ListingRights::DELETE)?;
        let told = store::listings::keepers(&self.0.db, id).await?;
        let mut change = Change::new();
        store::vanities::set(&mut change.batch, Named::Listing(id), None);
        store::browse::remove_words(&mut change.batch, id);
        store::listings::delete(&mut change.batch, &access.listing);
        self.note(
            &mut change,
            id,
            EventName::Delete,
            Some(actor.id()),
            json!({ "name": access.listing.name }),
        );
        self.commit(change, told).await
    }

    /// What happened to a listing, the latest first, for its keepers and staff.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`.
    pub async fn history(
        &self,
        actor: &Actor,
        id: ListingId,
        before: Option<HistoryId>,
        limit: u16,
    ) -> Result<Vec<Entry>> {
        if !self.listing(Some(actor), id).await?.inside {
            return Err(codes::MISSING_LISTING_RIGHT.into());
        }
        let mut form = Form::new();
        form.range("limit", limit.into(), 1..=100);
        form.finish()?;
        store::history::page(&self.0.db, id, before, limit).await
    }

    /// What a short name leads to, if the caller may see it.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub async fn named(&self, viewer: Option<&Actor>, code: &str) -> Result<Named> {
        let named = store::vanities::find(&self.0.db, code).await?.ok_or(codes::UNKNOWN_LISTING)?;
        if let Named::Listing(id) = named {
            self.listing(viewer, id).await?;
        }
        Ok(named)
    }

    /// The listings that somebody keeps; of others only what everybody may see.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn kept_by(&self, viewer: Option<&Actor>, user: UserId) -> Result<Vec<crate::model::Card>> {
        let own = viewer.is_some_and(|actor| actor.id() == user);
        let kept = store::listings::kept_by(&self.0.db, user).await?;
        let mut cards = Vec::new();
        for kind in ListingKind::ALL {
            let ids: Vec<_> = kept.iter().filter(|id| id.kind == kind).map(|id| id.id).collect();
            cards.extend(store::listings::cards(&self.0.db, kind, &ids).await?);
        }
        cards.retain(|card| own || card.state.is_listed());
        Ok(cards)
    }

    /// Where a listing is invited or joined, if it says so or its platform has a way of its own.
    pub(crate) fn invite_address(&self, listing: &Listing) -> Option<String> {
        let invite = listing.details.invite.as_deref();
        let asked = invite.and_then(|invite| invite.strip_prefix("P:"));
        match (listing.id.kind, asked, invite) {
            (_, None, Some(address)) => Some(address.to_owned()),
            (ListingKind::Bot, asked, _) if listing.platform.is_empty() => {
                let id = listing.application?;
                let permissions = asked.unwrap_or("0");
                Some(format!(
                    "/oauth2/authorize?client_id={id}&scope=bot+applications.commands&permissions={permissions}"
                ))
            }
            _ => None,
        }
    }

    pub(crate) async fn look_up(&self, platform: &str, id: ListingId) -> Result<Found> {
        let platform = self.platform(platform)?;
        let found = match id.kind {
            ListingKind::Bot => platform.bot(id.id.cast()).await?,
            ListingKind::Guild => platform.guild(id.id.cast()).await?,
        };
        found.ok_or_else(|| codes::NOT_ON_PLATFORM.into())
    }

    /// What is known of something that this person may list.
    ///
    /// # Errors
    /// `UNKNOWN_PLATFORM`, `NOT_ON_PLATFORM`, `NOT_PUBLIC`, `NOT_YOURS`.
    pub(crate) async fn listable(&self, actor: &Actor, id: ListingId, platform: &str) -> Result<Found> {
        let found = self.look_up(platform, id).await?;
        self.may_list(actor, id, platform, &found).await?;
        Ok(found)
    }

    fn platform(&self, name: &str) -> Result<&dyn Platform> {
        let known = self.0.platforms.iter().find(|platform| platform.name() == name);
        known.map(AsRef::as_ref).ok_or_else(|| codes::UNKNOWN_PLATFORM.into())
    }

    /// Here it is known whose a bot or a guild is; elsewhere staff find out.
    async fn may_list(&self, actor: &Actor, id: ListingId, platform: &str, found: &Found) -> Result<()> {
        if !found.public {
            return Err(codes::NOT_PUBLIC.into());
        }
        if !platform.is_empty() || found.owner == Some(actor.id()) {
            return Ok(());
        }
        match id.kind {
            ListingKind::Guild if self.manages(actor, id.id.cast()).await? => Ok(()),
            // Whoever is no member does not learn that there is such a guild.
            ListingKind::Guild if self.0.chat.guild(actor, id.id.cast()).await.is_err() => {
                Err(codes::NOT_ON_PLATFORM.into())
            }
            ListingKind::Guild | ListingKind::Bot => Err(codes::NOT_YOURS.into()),
        }
    }

    /// Writes tags and features where the draft names them. Guilds make tags, bots take those that there are.
    async fn write_labels(&self, change: &mut Change, listing: &Listing, draft: &Draft) -> Result<()> {
        let kind = listing.id.kind;
        let wanted = [
            (Label::Tag, &listing.tags, draft.tags.is_some(), "tags"),
            (Label::Feature, &listing.features, draft.features.is_some(), "features"),
        ];
        let mut form = Form::new();
        for (label, names, named, path) in wanted {
            if !named {
                continue;
            }
            if kind == ListingKind::Guild && label == Label::Tag {
                store::labels::add(&mut change.batch, kind, label, names);
            } else {
                let known = store::labels::all(&self.0.db, kind, label).await?;
                form.choice(path, names.iter().all(|name| known.iter().any(|(known, _)| known == name)));
            }
            store::labels::set(&mut change.batch, listing.id, label, names);
        }
        form.finish()
    }

    async fn write_vanity(&self, change: &mut Change, listing: &mut Listing, draft: &Draft) -> Result<()> {
        let Some(wanted) = &draft.vanity else { return Ok(()) };
        let wanted = wanted.as_deref().filter(|code| !code.is_empty());
        if let Some(code) = wanted {
            let holder = store::vanities::find(&self.0.db, code).await?;
            if holder.is_some_and(|holder| holder != Named::Listing(listing.id)) {
                return Err(codes::VANITY_TAKEN.into());
            }
        }
        store::vanities::set(&mut change.batch, Named::Listing(listing.id), wanted);
        listing.vanity = wanted.map(str::to_lowercase);
        Ok(())
    }
}

/// Of two at once the database refuses one: what they both wanted.
fn taken(listing: &Listing, draft: &Draft) -> impl FnOnce(Error) -> Error {
    let (added, named) = (listing.version == 1, draft.vanity.as_ref().is_some_and(Option::is_some));
    move |error| match error {
        error if error.is(DUPLICATE) && named && !added => codes::VANITY_TAKEN.into(),
        error if error.is(DUPLICATE) => codes::LISTED_ALREADY.into(),
        error => error,
    }
}
