//! Telling webhooks what happened: the message is written down with the change itself, and sent by a job, so that
//! neither a slow receiver nor the end of a process loses it or holds up whoever changed something.

mod known;

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use guildhall_base::{Error, Result, Timestamp};
use guildhall_infra::db::Batch;
use guildhall_infra::fetch::{Outgoing, PRIVATE_ADDRESS, UNUSABLE_ADDRESS};
use guildhall_infra::jobs::{Ctx, Job, NewJob, Outcome, Queue, Rules};
use serde_json::json;

use crate::actions::Change;
use crate::model::{Delivery, DeliveryId, DeliveryState, EventName, HookEvents, HookId, Told, Webhook};
use crate::rules::webhook::{self as rules, Verdict};
use crate::{Directory, codes, store};

pub(crate) use known::Hooks;

/// Messages are kept this long, whatever came of them.
const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);
/// Messages that are forgotten at once.
const TOGETHER: i64 = 1000;
/// Bytes of an answer that are read.
const ANSWER: usize = 1024;
const QUEUE: &str = "webhooks";
/// Ten attempts within about four hours.
const RULES: Rules = Rules::new()
    .queue(QUEUE)
    .attempts(10, Duration::from_secs(30), Duration::from_secs(2 * 3600))
    .limit(Duration::from_secs(30))
    .keep(Duration::from_secs(24 * 3600));

impl Directory {
    /// Makes the jobs known that tell webhooks. One webhook is told one thing at a time, in the order in which things
    /// happened; what is tried again comes later.
    pub fn register_deliveries(&self) {
        self.0.jobs.limit(Queue::new(QUEUE).running_per_key(1));
        self.0.jobs.register(Deliver(self.clone()));
        self.0.jobs.register(ForgetDeliveries(self.clone()));
    }

    /// Adds to a change what webhooks are told of it.
    pub(crate) async fn tell_hooks(&self, change: &mut Change) -> Result<()> {
        for entry in &change.entries {
            let group = HookEvents::of(entry.event);
            if group.is_empty() {
                continue;
            }
            let named = entry.user.is_some();
            for head in self.hooks(entry.listing).await?.iter() {
                if head.events.contains(group) && rules::can_tell(head.style, entry.event, named) {
                    let told = Told {
                        event: entry.event.name().to_owned(),
                        user: entry.user,
                        at: entry.at(),
                        context: entry.context.clone(),
                    };
                    let message = format!("{}-{}", entry.id, head.id);
                    self.new_delivery(&mut change.batch, head.id, message, &told)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a message, and the job that sends it.
    pub(crate) fn new_delivery(
        &self,
        batch: &mut Batch,
        hook: HookId,
        message: String,
        told: &Told,
    ) -> Result<Delivery> {
        let delivery = Delivery {
            id: self.0.ids.next(),
            hook,
            message,
            event: told.event.clone(),
            entry: serde_json::to_string(told).map_err(Error::internal)?,
            body: String::new(),
            state: DeliveryState::Waiting,
            attempts: 0,
            status: 0,
            took_ms: 0,
            answer: String::new(),
            problem: String::new(),
            created_at: self.now(),
            tried_at: None,
        };
        store::deliveries::insert(batch, &delivery);
        let job = NewJob::of::<Deliver>(&delivery.id).limited_by(hook.to_string());
        self.0.jobs.enqueue(batch, job)?;
        Ok(delivery)
    }

    /// Writes down what will be sent, so that it is the same however often it is.
    async fn compose(&self, hook: &Webhook, delivery: &mut Delivery) -> Result<()> {
        if !delivery.body.is_empty() {
            return Ok(());
        }
        let told: Told = serde_json::from_str(&delivery.entry).map_err(Error::internal)?;
        let found = store::listings::find(&self.0.db, hook.listing, None).await?;
        let (listing, _) = found.ok_or(codes::UNKNOWN_LISTING)?;
        let site = &self.0.config.public_url;
        delivery.body = rules::body(hook.style, &delivery.message, &listing, &told, site);
        let mut batch = Batch::new();
        store::deliveries::set_body(&mut batch, delivery.id, &delivery.body);
        self.0.db.write(batch).await?;
        Ok(())
    }

    /// Posts a message, and says in it what came of that.
    async fn post(&self, hook: &Webhook, delivery: &mut Delivery) -> Result<Verdict> {
        let began = self.now();
        delivery.attempts += 1;
        delivery.tried_at = Some(began);
        (delivery.status, delivery.answer, delivery.problem) = (0, String::new(), String::new());
        let verdict = match self.request(hook, delivery, began).await {
            Ok(request) => match self.0.fetch.send(request).await {
                Ok(answer) => {
                    delivery.status = answer.status.as_u16().into();
                    delivery.answer = rules::excerpt(&answer.body);
                    rules::verdict(answer.status.as_u16())
                }
                Err(error) => {
                    let refused = error.is(PRIVATE_ADDRESS) || error.is(UNUSABLE_ADDRESS);
                    delivery.problem = error.detail.into_owned();
                    if refused { Verdict::Refused } else { Verdict::Again }
                }
            },
            Err(error) => return Err(error),
        };
        delivery.took_ms = i64::try_from(self.now().since(began).as_millis()).unwrap_or(i64::MAX);
        Ok(verdict)
    }

    async fn request(&self, hook: &Webhook, delivery: &Delivery, at: Timestamp) -> Result<Outgoing> {
        let sealed = store::webhooks::secret(&self.0.db, hook.id).await?.ok_or(codes::UNKNOWN_WEBHOOK)?;
        let secret = self.0.seal.unseal(&secret_place(hook.id), &sealed)?;
        let secret = String::from_utf8(secret).map_err(Error::internal)?;
        let url = rules::address(&hook.url).ok_or(UNUSABLE_ADDRESS)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in rules::headers(hook.style, &secret, &delivery.message, at, &delivery.body) {
            let mut value = HeaderValue::try_from(value).map_err(Error::internal)?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
        let body = delivery.body.clone().into();
        Ok(Outgoing { headers, body, max_bytes: Some(ANSWER), cut: true, ..Outgoing::new(Method::POST, url) })
    }

    async fn note_tried(&self, delivery: &Delivery) -> Result<()> {
        let mut batch = Batch::new();
        store::deliveries::tried(&mut batch, delivery);
        self.0.db.write(batch).await?;
        Ok(())
    }

    /// Sends nothing there any more: the receiver says that it is gone.
    async fn stop_hook(&self, mut hook: Webhook, delivery: &Delivery) -> Result<()> {
        "The receiver answered 410 Gone.".clone_into(&mut hook.stopped);
        hook.changed_at = self.now();
        let mut change = Change::new();
        store::webhooks::update(&mut change.batch, &hook, codes::UNKNOWN_WEBHOOK);
        store::deliveries::tried(&mut change.batch, delivery);
        let context = json!({ "webhook_id": hook.id, "change": "stopped", "reason": hook.stopped });
        self.note(&mut change, hook.listing, EventName::Webhook, None, context);
        self.commit_for_keepers(change, hook.listing).await
    }
}

/// For what a webhook's secret is sealed.
pub(crate) fn secret_place(hook: HookId) -> String {
    format!("listing_webhooks/{hook}")
}

/// Sends one message to one webhook.
pub(crate) struct Deliver(Directory);

impl Job for Deliver {
    const NAME: &'static str = "directory.deliver";
    const RULES: Rules = RULES;
    type Payload = DeliveryId;
    type Output = DeliveryState;

    async fn run(&self, ctx: Ctx, id: DeliveryId) -> Outcome<DeliveryState> {
        let directory = &self.0;
        let found = store::deliveries::find(&directory.0.db, id).await?;
        let Some(mut delivery) = found.filter(|delivery| delivery.state == DeliveryState::Waiting) else {
            return Ok(DeliveryState::GivenUp);
        };
        let Some(hook) = store::webhooks::find(&directory.0.db, delivery.hook).await? else {
            return Ok(DeliveryState::GivenUp);
        };
        if !hook.stopped.is_empty() {
            delivery.state = DeliveryState::GivenUp;
            delivery.problem = hook.stopped;
            directory.note_tried(&delivery).await?;
            return Ok(delivery.state);
        }
        directory.compose(&hook, &mut delivery).await?;
        let last = ctx.failures() + 1 >= RULES.attempts;
        match directory.post(&hook, &mut delivery).await? {
            Verdict::Again if !last => {
                directory.note_tried(&delivery).await?;
                return Err(Error::from(codes::NOT_TAKEN).into());
            }
            Verdict::Taken => delivery.state = DeliveryState::Taken,
            Verdict::Again | Verdict::Refused => delivery.state = DeliveryState::GivenUp,
            Verdict::Gone => {
                delivery.state = DeliveryState::GivenUp;
                directory.stop_hook(hook, &delivery).await?;
                return Ok(delivery.state);
            }
        }
        ctx.step("sent", async |effects| {
            effects.batch(|batch| store::deliveries::tried(batch, &delivery));
            Ok(delivery.state)
        })
        .await
    }
}

/// Forgets old messages; comes by the calendar.
pub struct ForgetDeliveries(Directory);

impl Job for ForgetDeliveries {
    const NAME: &'static str = "directory.forget_deliveries";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(7 * 24 * 3600));
    type Payload = ();
    /// How many.
    type Output = u64;

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome<u64> {
        let before = ctx.now().before(KEPT);
        let mut forgotten = 0;
        loop {
            let some = store::deliveries::forget(&self.0.0.db, before, TOGETHER).await?;
            forgotten += some;
            if some == 0 {
                return Ok(forgotten);
            }
        }
    }
}
