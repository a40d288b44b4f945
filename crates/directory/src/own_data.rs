//! What the directory keeps of people. A listing needs another owner before its owner can go.

use guildhall_accounts::life::{Archive, Hindrance, Later, OwnData, UserColumn};
use guildhall_base::{Result, UserId};
use guildhall_infra::jobs::{Ctx, Effects, Outcome};
use serde_json::{Value, json};

use crate::model::{ListingId, ListingRights, VoteId, Webhook};
use crate::{Directory, store};

/// Votes that are read at once.
const PAGE: u32 = 500;

const HISTORY: &str = "a listing's history says a number behind which nobody is";

const COLUMNS: &[UserColumn] = &[
    UserColumn::gone("listings", "owner_id"),
    UserColumn::nameless("listings", "reviewer_id", HISTORY),
    UserColumn::gone("listing_owners", "user_id"),
    UserColumn::gone("listing_teams", "owner_id"),
    UserColumn::gone("listing_team_members", "user_id"),
    UserColumn::nameless("listing_history", "user_id", HISTORY),
    UserColumn::gone("listing_reviews", "author_id"),
    UserColumn::gone("listing_review_votes", "user_id"),
    UserColumn::gone("listing_packs", "owner_id"),
    UserColumn::gone("listing_appeals", "user_id"),
    UserColumn::nameless("listing_appeals", "answered_by", HISTORY),
    UserColumn::nameless(
        "votes",
        "user_id",
        "the votes of listings are counted by it; it says a number behind which nobody is",
    ),
    UserColumn::gone("vote_windows", "user_id"),
    UserColumn::gone("vote_reminders", "user_id"),
    UserColumn::gone("directory_people", "user_id"),
];

impl OwnData for Directory {
    fn name(&self) -> &'static str {
        "directory"
    }

    fn columns(&self) -> &'static [UserColumn] {
        COLUMNS
    }

    fn export<'a>(&'a self, user: UserId, archive: &'a mut Archive) -> Later<'a, Result<()>> {
        Box::pin(async move {
            archive.list("listings.json").await?;
            for id in store::listings::kept_by(&self.0.db, user).await? {
                let Some((listing, rights)) = store::listings::find(&self.0.db, id, Some(user)).await? else {
                    continue;
                };
                let webhooks = self.exported_hooks(id, rights).await?;
                let entry = json!({
                    "kind": id.kind, "id": id.id, "name": listing.name, "state": listing.state,
                    "short": listing.short, "long": listing.long, "tags": listing.tags, "rights": rights,
                    "created_at": listing.created_at, "webhooks": webhooks,
                });
                archive.item(&entry).await?;
            }
            archive.end_list().await?;
            archive.list("reviews.json").await?;
            for (id, stars, text, written_at) in store::own_data::reviews(&self.0.db, user).await? {
                let entry = json!({ "kind": id.kind, "listing_id": id.id, "stars": stars, "text": text,
                    "written_at": written_at });
                archive.item(&entry).await?;
            }
            archive.end_list().await?;
            archive.list("packs.json").await?;
            for pack in store::packs::page(&self.0.db, Some(user), "", None, store::packs::MOST).await? {
                let entry = json!({ "id": pack.id, "name": pack.name, "description": pack.description,
                    "bots": pack.bots, "made_at": pack.id.created_at() });
                archive.item(&entry).await?;
            }
            archive.end_list().await?;
            archive.list("appeals.json").await?;
            for appeal in store::appeals::by(&self.0.db, user).await? {
                let entry = json!({ "kind": appeal.listing.kind, "listing_id": appeal.listing.id,
                    "type": appeal.kind, "text": appeal.text, "asked_at": appeal.id.created_at(),
                    "answer": appeal.answer.map(|answer| answer.text) });
                archive.item(&entry).await?;
            }
            archive.end_list().await?;
            self.export_votes(user, archive).await
        })
    }

    fn hindrances(&self, user: UserId) -> Later<'_, Result<Vec<Hindrance>>> {
        Box::pin(async move {
            let owned = store::own_data::owned(&self.0.db, user).await?;
            let hindrance =
                |(id, name): (ListingId, String)| Hindrance { kind: "listing", id: id.to_string(), name };
            Ok(owned.into_iter().map(hindrance).collect())
        })
    }

    fn forget<'a>(&'a self, _ctx: &'a Ctx, user: UserId, effects: Effects) -> Later<'a, Outcome> {
        Box::pin(async move {
            effects.batch(|batch| store::own_data::forget(batch, user));
            Ok(())
        })
    }
}

impl Directory {
    /// For whom they voted, what they are reminded of, and whether they keep it to themselves.
    async fn export_votes(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        let private = self.votes_are_private(user).await?;
        let reminders = store::reminders::of_user(&self.0.db, user).await?;
        archive
            .json("directory.json", &json!({ "votes_private": private, "vote_reminders": reminders }))
            .await?;
        archive.list("votes.json").await?;
        let mut before = VoteId::new(i64::MAX);
        loop {
            let page = store::votes::by_user(&self.0.db, user, before, PAGE).await?;
            for vote in &page {
                let entry = json!({ "id": vote.id, "kind": vote.listing.kind, "listing_id": vote.listing.id,
                    "at": vote.id.created_at() });
                archive.item(&entry).await?;
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => before = last.id,
                _ => return archive.end_list().await,
            }
        }
    }

    /// The webhooks of a listing for those who may see them; without their secrets.
    async fn exported_hooks(&self, id: ListingId, rights: ListingRights) -> Result<Vec<Value>> {
        if !rights.contains(ListingRights::WEBHOOKS) {
            return Ok(Vec::new());
        }
        let hooks = store::webhooks::of(&self.0.db, id).await?;
        let entry = |hook: &Webhook| json!({ "id": hook.id, "style": hook.style, "url": hook.url, "events": hook.events, "created_at": hook.created_at });
        Ok(hooks.iter().map(entry).collect())
    }
}
