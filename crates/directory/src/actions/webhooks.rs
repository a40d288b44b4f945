//! Webhooks of a listing: making, changing and trying them, and looking at what was sent.

use guildhall_accounts::Actor;
use guildhall_base::{Form, Result};
use guildhall_infra::db::Batch;
use serde_json::json;

use super::Change;
use crate::deliver::secret_place;
use crate::model::{
    Delivery, DeliveryId, EventName, HookEvents, HookId, HookStyle, ListingId, ListingRights, Told, Webhook,
};
use crate::rules::webhook as rules;
use crate::{Directory, codes, store};

impl Directory {
    /// The webhooks of a listing, for those who may see them.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`.
    pub(crate) async fn webhooks(&self, actor: &Actor, id: ListingId) -> Result<Vec<Webhook>> {
        self.listing(Some(actor), id).await?.require(ListingRights::WEBHOOKS)?;
        store::webhooks::of(&self.0.db, id).await
    }

    /// One of them.
    ///
    /// # Errors
    /// As for all of them; `UNKNOWN_WEBHOOK`.
    pub(crate) async fn webhook(&self, actor: &Actor, id: ListingId, hook: HookId) -> Result<Webhook> {
        self.listing(Some(actor), id).await?.require(ListingRights::WEBHOOKS)?;
        let found = store::webhooks::find(&self.0.db, hook).await?;
        found.filter(|found| found.listing == id).ok_or_else(|| codes::UNKNOWN_WEBHOOK.into())
    }

    /// One of them, to be changed.
    async fn webhook_to_change(&self, actor: &Actor, id: ListingId, hook: HookId) -> Result<Webhook> {
        self.listing_to_change(actor, id).await?.require_open(ListingRights::WEBHOOKS)?;
        self.webhook(actor, id, hook).await
    }

    /// Makes a webhook; gives it with its secret, which is shown this once.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, wrong fields, `TOO_MANY_WEBHOOKS`.
    pub(crate) async fn add_webhook(
        &self,
        actor: &Actor,
        id: ListingId,
        style: HookStyle,
        (url, events): (&str, HookEvents),
    ) -> Result<(Webhook, String)> {
        self.listing_to_change(actor, id).await?.require_open(ListingRights::WEBHOOKS)?;
        self.check_hook(style, url, events)?;
        let (hook, now) = (self.0.ids.next(), self.now());
        let hook = Webhook {
            id: hook,
            listing: id,
            style,
            url: url.to_owned(),
            events,
            stopped: String::new(),
            created_at: now,
            changed_at: now,
        };
        let (secret, sealed) = self.new_secret(hook.id)?;
        let mut change = Change::new();
        store::webhooks::insert(&mut change.batch, &hook, &sealed, codes::TOO_MANY_WEBHOOKS);
        self.commit_hook(change, actor, &hook, "made").await?;
        Ok((hook, secret))
    }

    /// Changes where and of what a webhook is told; one that was stopped begins again.
    ///
    /// # Errors
    /// As for making one; `UNKNOWN_WEBHOOK`.
    pub(crate) async fn set_webhook(
        &self,
        actor: &Actor,
        id: ListingId,
        hook: HookId,
        (url, events): (&str, HookEvents),
    ) -> Result<Webhook> {
        let mut hook = self.webhook_to_change(actor, id, hook).await?;
        self.check_hook(hook.style, url, events)?;
        url.clone_into(&mut hook.url);
        hook.stopped.clear();
        (hook.events, hook.changed_at) = (events, self.now());
        let mut change = Change::new();
        store::webhooks::update(&mut change.batch, &hook, codes::UNKNOWN_WEBHOOK);
        self.commit_hook(change, actor, &hook, "changed").await?;
        Ok(hook)
    }

    /// Gives a webhook another secret, which is shown this once.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, `UNKNOWN_WEBHOOK`.
    pub(crate) async fn rotate_webhook(
        &self,
        actor: &Actor,
        id: ListingId,
        hook: HookId,
    ) -> Result<(Webhook, String)> {
        let mut hook = self.webhook_to_change(actor, id, hook).await?;
        hook.changed_at = self.now();
        let (secret, sealed) = self.new_secret(hook.id)?;
        let mut change = Change::new();
        let batch = &mut change.batch;
        store::webhooks::set_secret(batch, hook.id, &sealed, hook.changed_at, codes::UNKNOWN_WEBHOOK);
        self.commit_hook(change, actor, &hook, "secret").await?;
        Ok((hook, secret))
    }

    /// Removes a webhook, with the log of what was sent there.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, `UNKNOWN_WEBHOOK`.
    pub(crate) async fn remove_webhook(&self, actor: &Actor, id: ListingId, hook: HookId) -> Result<()> {
        let hook = self.webhook_to_change(actor, id, hook).await?;
        let mut change = Change::new();
        store::webhooks::delete(&mut change.batch, hook.id, codes::UNKNOWN_WEBHOOK);
        self.commit_hook(change, actor, &hook, "removed").await
    }

    /// Has a test sent.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, `UNKNOWN_WEBHOOK`, `WEBHOOK_STOPPED`; too many of them.
    pub(crate) async fn test_webhook(&self, actor: &Actor, id: ListingId, hook: HookId) -> Result<Delivery> {
        let hook = self.webhook_by_hand(actor, id, hook).await?;
        let told = Told {
            event: rules::TEST.to_owned(),
            user: Some(actor.id()),
            at: self.now(),
            context: super::nothing(),
        };
        let message = format!("{}-{}", self.0.ids.next::<()>(), hook.id);
        let mut batch = Batch::new();
        let delivery = self.new_delivery(&mut batch, hook.id, message, &told)?;
        self.0.db.write(batch).await?;
        Ok(delivery)
    }

    /// What was sent to a webhook, the latest first.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, `UNKNOWN_WEBHOOK`, a wrong limit.
    pub(crate) async fn deliveries(
        &self,
        actor: &Actor,
        id: ListingId,
        hook: HookId,
        before: Option<DeliveryId>,
        limit: u16,
    ) -> Result<Vec<Delivery>> {
        let hook = self.webhook(actor, id, hook).await?;
        let mut form = Form::new();
        form.range("limit", limit.into(), 1..=100);
        form.finish()?;
        store::deliveries::page(&self.0.db, hook.id, before, limit).await
    }

    /// One message.
    ///
    /// # Errors
    /// As for all of them; `UNKNOWN_DELIVERY`.
    pub(crate) async fn delivery(
        &self,
        actor: &Actor,
        id: ListingId,
        hook: HookId,
        delivery: DeliveryId,
    ) -> Result<Delivery> {
        let hook = self.webhook(actor, id, hook).await?;
        let found = store::deliveries::find(&self.0.db, delivery).await?;
        found.filter(|found| found.hook == hook.id).ok_or_else(|| codes::UNKNOWN_DELIVERY.into())
    }

    /// Sends a message again, word for word and under the id that its receiver knows.
    ///
    /// # Errors
    /// As for a test; `UNKNOWN_DELIVERY`.
    pub(crate) async fn replay(
        &self,
        actor: &Actor,
        id: ListingId,
        hook: HookId,
        delivery: DeliveryId,
    ) -> Result<Delivery> {
        let known = self.delivery(actor, id, hook, delivery).await?;
        let hook = self.webhook_by_hand(actor, id, hook).await?;
        let told: Told = serde_json::from_str(&known.entry).map_err(guildhall_base::Error::internal)?;
        let mut batch = Batch::new();
        let again = self.new_delivery(&mut batch, hook.id, known.message, &told)?;
        store::deliveries::set_body(&mut batch, again.id, &known.body);
        self.0.db.write(batch).await?;
        Ok(Delivery { body: known.body, ..again })
    }

    /// A webhook that somebody has something sent to by hand.
    async fn webhook_by_hand(&self, actor: &Actor, id: ListingId, hook: HookId) -> Result<Webhook> {
        self.require_editor(actor).await?;
        let hook = self.webhook(actor, id, hook).await?;
        if !hook.stopped.is_empty() {
            return Err(codes::WEBHOOK_STOPPED.into());
        }
        self.count_by_hand(hook.id)?;
        Ok(hook)
    }

    fn check_hook(&self, style: HookStyle, url: &str, events: HookEvents) -> Result<()> {
        let mut form = Form::new();
        match rules::address(url) {
            None => form.refuse("url", "URL_TYPE_INVALID_URL", "Must be an https address."),
            Some(address) => {
                if let Err(error) = self.0.fetch.check(&address) {
                    form.refuse("url", error.code.name, error.detail);
                }
            }
        }
        form.choice("events", rules::can_want(style, events));
        form.finish()
    }

    /// A new secret, as it is shown and as it is stored.
    fn new_secret(&self, hook: HookId) -> Result<(String, Vec<u8>)> {
        let secret = rules::secret(rand::random());
        let sealed = self.0.seal.seal(&secret_place(hook), secret.as_bytes())?;
        Ok((secret, sealed))
    }

    /// Writes a change of a webhook. Neither its address nor its secret is told.
    async fn commit_hook(&self, mut change: Change, actor: &Actor, hook: &Webhook, what: &str) -> Result<()> {
        let context = json!({ "webhook_id": hook.id, "change": what });
        self.note(&mut change, hook.listing, EventName::Webhook, Some(actor.id()), context);
        self.commit_for_keepers(change, hook.listing).await
    }
}
