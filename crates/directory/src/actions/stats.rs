//! Tokens of listings, and what bots say of their size with them.

use guildhall_accounts::Actor;
use guildhall_base::{Form, Result};
use serde_json::json;

use super::{Change, nothing};
use crate::access::Caller;
use crate::model::{Day, EventName, Flags, ListingId, ListingKind, ListingRights};
use crate::rules::stats::Posted;
use crate::rules::token;
use crate::{Directory, codes, store};

impl Directory {
    /// Makes a listing's token, in place of the one it had. It is shown this once.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, `ONLY_PEOPLE`, locks.
    pub async fn new_token(&self, actor: &Actor, id: ListingId) -> Result<String> {
        self.listing_to_change(actor, id).await?.require_open(ListingRights::POST)?;
        let text = token::new(id, &mut rand::rng())?;
        let mut change = Change::new();
        store::tokens::put(&mut change.batch, id, &token::hash(&text), self.now());
        self.note(&mut change, id, EventName::Token, Some(actor.id()), nothing());
        self.commit_for_keepers(change, id).await?;
        Ok(text)
    }

    /// Takes a listing's token away.
    ///
    /// # Errors
    /// As [`Directory::new_token`]; `NO_TOKEN`.
    pub async fn revoke_token(&self, actor: &Actor, id: ListingId) -> Result<()> {
        self.listing_to_change(actor, id).await?.require(ListingRights::POST)?;
        let mut change = Change::new();
        store::tokens::remove(&mut change.batch, id, codes::NO_TOKEN);
        self.note(&mut change, id, EventName::Token, Some(actor.id()), json!({ "revoked": true }));
        self.commit_for_keepers(change, id).await
    }

    /// Whose token a text is.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn listing_of_token(&self, text: &str) -> Result<Option<ListingId>> {
        let Some(id) = token::names(text) else { return Ok(None) };
        let stored = store::tokens::hash(&self.0.db, id).await?;
        Ok(stored.is_some_and(|stored| token::fits(text, &stored)).then_some(id))
    }

    /// Writes down what a bot says of its size: with its listing's token, its own, or by a keeper with the right `post`.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, `STATS_LOCKED`, wrong fields, `RATE_LIMITED`; `COUNTED_HERE` for guilds.
    pub async fn post_stats(&self, caller: &Caller, id: ListingId, posted: &Posted) -> Result<()> {
        caller.require()?;
        let access = self.listing_for(caller, id).await?;
        access.require(ListingRights::POST)?;
        if id.kind == ListingKind::Guild {
            return Err(codes::COUNTED_HERE.into());
        }
        if access.listing.flags.contains(Flags::STATS_LOCKED) {
            return Err(codes::STATS_LOCKED.into());
        }
        posted.check()?;
        let now = self.now();
        self.0.pulse.may_post(id, now)?;
        let mut change = Change::new();
        store::days::set_size(&mut change.batch, id, posted, now);
        let context = json!({ "guild_count": posted.guild_count, "shard_id": posted.shard_id,
            "shard_count": posted.shard_count(), "user_count": posted.user_count });
        self.tell(&mut change, id, EventName::Stats, access.viewer, context);
        self.commit_for_keepers(change, id).await
    }

    /// The guilds of each shard, as far as a bot said them.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub async fn shards(&self, caller: &Caller, id: ListingId) -> Result<Vec<u64>> {
        self.listing_for(caller, id).await?;
        store::days::shards(&self.0.db, id).await
    }

    /// What the last days brought, the earliest first.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, a wrong field `days`.
    pub async fn statistics(&self, caller: &Caller, id: ListingId, days: u16) -> Result<Vec<Day>> {
        let mut form = Form::new();
        form.range("days", days.into(), 1..=730);
        form.finish()?;
        self.listing_for(caller, id).await?;
        let first = store::days::day(self.now()) - i64::from(days) + 1;
        store::days::since(&self.0.db, id, first).await
    }
}
