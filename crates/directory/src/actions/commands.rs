//! What listed bots can be told to do: posted by the bot itself or its keepers, or taken over from what its application
//! registered here.

use guildhall_accounts::{Actor, Credential};
use guildhall_base::{CommandId, Error, Form, Result};
use serde_json::json;

use super::Change;
use crate::model::{
    CommandKind, EventName, Flags, ListedCommand, Listing, ListingId, ListingKind, ListingRights,
};
use crate::rules::command::{self, CommandDraft};
use crate::{Directory, codes, store};

/// Which commands are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// All of them.
    All,
    /// Those of these names and ids.
    These(Vec<String>, Vec<CommandId>),
}

impl Directory {
    /// A bot's listing, for the bot itself and for keepers who may post for it.
    async fn listing_to_post(&self, actor: &Actor, id: ListingId) -> Result<Listing> {
        if id.kind != ListingKind::Bot {
            return Err(codes::UNKNOWN_LISTING.into());
        }
        let Credential::Bot { .. } = actor.credential else {
            let access = self.listing_to_change(actor, id).await?;
            access.require_open(ListingRights::POST)?;
            return Ok(access.listing);
        };
        let listing = self.own_listing(actor, id).await?;
        if listing.flags.contains(Flags::STAFF_LOCKED) {
            return Err(codes::STAFF_LOCKED.into());
        }
        Ok(listing)
    }

    /// The listing of the bot that asks.
    async fn own_listing(&self, actor: &Actor, id: ListingId) -> Result<Listing> {
        let found = store::listings::find(&self.0.db, id, None).await?;
        let own = |listing: &Listing| listing.platform.is_empty() && id == ListingId::bot(actor.id());
        let (listing, _) = found.filter(|(listing, _)| own(listing)).ok_or(codes::UNKNOWN_LISTING)?;
        Ok(listing)
    }

    /// The commands of a bot, by name.
    pub(crate) async fn listed_commands(
        &self,
        viewer: Option<&Actor>,
        id: ListingId,
    ) -> Result<Vec<ListedCommand>> {
        self.listing(viewer, id).await?;
        store::commands::of(&self.0.db, id).await
    }

    /// Adds commands, and changes those of the same kind and name.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, wrong fields, `TOO_MANY_COMMANDS`.
    pub(crate) async fn put_commands(
        &self,
        actor: &Actor,
        id: ListingId,
        drafts: Vec<CommandDraft>,
    ) -> Result<Vec<ListedCommand>> {
        let listing = self.listing_to_post(actor, id).await?;
        command::check(&drafts)?;
        let mut change = Change::new();
        let commands = self.new_commands(drafts);
        store::commands::put(&mut change.batch, id, &commands)?;
        self.commit_commands(change, actor, &listing, json!({ "commands": commands.len() })).await
    }

    /// Makes the global application commands of a listing those that its application registered here.
    ///
    /// # Errors
    /// As for posting; `NOT_HERE` for bots of other platforms.
    pub(crate) async fn import_commands(&self, actor: &Actor, id: ListingId) -> Result<Vec<ListedCommand>> {
        let listing = self.listing_to_post(actor, id).await?;
        let application = listing.application.filter(|_| listing.platform.is_empty());
        let application = application.ok_or(codes::NOT_HERE)?;
        let drafts = command::registered(&self.0.chat.global_commands(application).await?);
        let commands = self.new_commands(drafts);
        let names: Vec<String> = commands.iter().map(|command| command.name.clone()).collect();
        let mut change = Change::new();
        store::commands::keep_only(&mut change.batch, id, Some(CommandKind::SlashGlobal), &names);
        store::commands::put(&mut change.batch, id, &commands)?;
        let context = json!({ "commands": commands.len(), "imported": true });
        self.commit_commands(change, actor, &listing, context).await
    }

    /// Removes commands.
    ///
    /// # Errors
    /// As for posting; `UNKNOWN_COMMAND` if there is none of those.
    pub(crate) async fn remove_commands(&self, actor: &Actor, id: ListingId, which: Which) -> Result<()> {
        self.listing_to_post(actor, id).await?;
        let mut change = Change::new();
        let context = match &which {
            Which::All => {
                store::commands::keep_only(&mut change.batch, id, None, &[]);
                json!({ "all": true })
            }
            Which::These(names, ids) => {
                if names.is_empty() && ids.is_empty() {
                    let mut form = Form::new();
                    form.required("names", false);
                    return form.finish();
                }
                store::commands::delete(&mut change.batch, id, names, ids);
                json!({ "names": names, "ids": ids })
            }
        };
        self.note(&mut change, id, EventName::CommandsDelete, Some(actor.id()), context);
        self.commit_for_keepers(change, id).await
    }

    fn new_commands(&self, drafts: Vec<CommandDraft>) -> Vec<ListedCommand> {
        let new = |draft: CommandDraft| ListedCommand {
            id: self.0.ids.next(),
            kind: draft.kind,
            name: draft.name.trim().to_owned(),
            description: draft.description,
            details: draft.details,
        };
        drafts.into_iter().map(new).collect()
    }

    async fn commit_commands(
        &self,
        mut change: Change,
        actor: &Actor,
        listing: &Listing,
        context: serde_json::Value,
    ) -> Result<Vec<ListedCommand>, Error> {
        self.note(&mut change, listing.id, EventName::CommandsSet, Some(actor.id()), context);
        self.commit_for_keepers(change, listing.id).await?;
        store::commands::of(&self.0.db, listing.id).await
    }
}
