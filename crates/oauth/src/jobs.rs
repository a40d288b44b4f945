//! Durable work of this crate: telling applications that somebody signed out (OpenID Connect back-channel logout).
//!
//! Whatever ends sessions enqueues [`SignOuts`] in its own batch, without knowing which applications there are. That
//! job finds out, and enqueues one [`TellSignOut`] for each application and session, which is tried until it is heard.

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::http::{HeaderValue, Method, header};
use guildhall_accounts::OnEnded;
use guildhall_base::{ApplicationId, Code, Error, Kind, Result, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::fetch::Outgoing;
use guildhall_infra::jobs::{Ctx, Job, Jobs, NewJob, Outcome, Rules, Stop};

use crate::OAuth;
use crate::actions::logout::Over;
use crate::codes::UNKNOWN_APPLICATION;
use crate::door::Inner;
use crate::model::Application;
use crate::store;
use crate::store::usage::Delivery;

/// As the delivery log calls it.
pub(crate) const BACKCHANNEL: &str = "backchannel_logout";
/// The application answered that it did not take it.
const REFUSED: Code =
    Code::new(Kind::Unavailable, 0, "logout_refused", "The application did not take the logout token.");
/// The server is being stopped.
const GONE: Code = Code::new(Kind::Unavailable, 0, "stopping", "The server is being stopped.");

/// What accounts do when sessions end: the job that tells applications is enqueued in the same batch.
pub fn tell_of_ended(jobs: Jobs) -> OnEnded {
    Arc::new(move |batch, user| jobs.enqueue(batch, NewJob::of::<SignOuts>(&user)).map(drop))
}

impl OAuth {
    /// Makes the kinds of jobs of this crate known. Without it, nobody is told of sign-outs.
    pub fn register_jobs(&self) {
        let jobs = &self.0.jobs;
        // Weak, because the engine is reached from the server.
        jobs.register(SignOuts(Arc::downgrade(&self.0)));
        jobs.register(TellSignOut(Arc::downgrade(&self.0)));
        jobs.register(ForgetOver(Arc::downgrade(&self.0)));
    }

    /// Has an application told that a session is over, if it wants to be.
    pub(crate) fn tell(&self, batch: &mut Batch, application: &Application, over: Over) -> Result<()> {
        if application.client.backchannel_logout_uri.is_some() {
            self.0.jobs.enqueue(batch, NewJob::of::<TellSignOut>(&over))?;
        }
        Ok(())
    }
}

fn server(weak: &Weak<Inner>) -> Result<OAuth> {
    Ok(OAuth(weak.upgrade().ok_or(GONE)?))
}

/// The application, unless it is gone.
async fn application(server: &OAuth, id: ApplicationId) -> Result<Option<Arc<Application>>> {
    match server.0.applications.get(id).await {
        Ok(application) => Ok(Some(application)),
        Err(error) if error.is(UNKNOWN_APPLICATION) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sessions of a user have ended: finds the applications that are signed in with them.
struct SignOuts(Weak<Inner>);

impl Job for SignOuts {
    const NAME: &'static str = "oauth.sign_outs";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = UserId;
    type Output = ();

    async fn run(&self, ctx: Ctx, user: UserId) -> Outcome {
        let server = server(&self.0)?;
        let db = &server.0.db;
        let live = server.0.accounts.live_sessions(user).await?;
        // Codes of these sessions first: afterwards, nothing can be granted in them any more.
        let ended = store::codes::sessions(db, user).await?.into_iter().filter(|id| !live.contains(id));
        let mut batch = Batch::new();
        ended.for_each(|session| store::codes::end_of_session(&mut batch, session));
        db.write(batch).await?;
        let over = store::grants::sessions(db, user).await?;
        for (session, id) in over.into_iter().filter(|(session, _)| !live.contains(session)) {
            let found = application(&server, id).await?;
            ctx.step(&format!("{session} {id}"), async |effects| {
                let now = server.0.clock.now();
                effects.batch(|batch| store::grants::tell(batch, user, (session, id), now));
                if let Some(found) = &found {
                    effects
                        .batch(|batch| server.tell(batch, found, Over { application: id, user, session }))?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}

/// Sends one logout token.
struct TellSignOut(Weak<Inner>);

impl Job for TellSignOut {
    const NAME: &'static str = "oauth.backchannel_logout";
    const RULES: Rules = Rules::new()
        .attempts(8, Duration::from_secs(5), Duration::from_secs(1800))
        .limit(Duration::from_secs(30));
    type Payload = Over;
    type Output = ();

    async fn run(&self, ctx: Ctx, over: Over) -> Outcome {
        let server = server(&self.0)?;
        let Some(application) = application(&server, over.application).await? else { return Ok(()) };
        let Some(url) = application.client.backchannel_logout_uri.clone() else { return Ok(()) };
        let token = server.logout_token(&application, over, ctx.id().to_string())?;
        let attempt = ctx.failures() + 1;
        let status = server.post_logout(&application, over, url, &token, attempt).await?;
        match status {
            200..=299 => Ok(()),
            // It was understood and refused; the same again would be refused again. The owner sees it and may ask for more.
            400..=499 if !matches!(status, 408 | 429) => Err(Stop::fail(REFUSED)),
            _ => Err(Error::from(REFUSED).into()),
        }
    }
}

impl OAuth {
    /// Posts a logout token, and notes in the application's log what came of it; 0 if there was no answer.
    async fn post_logout(
        &self,
        application: &Application,
        over: Over,
        url: String,
        token: &str,
        attempt: u32,
    ) -> Result<u16> {
        let began = self.0.clock.now();
        let mut delivery = Delivery {
            id: self.0.ids.next::<()>().get(),
            kind: BACKCHANNEL.to_owned(),
            url: url.clone(),
            at: began,
            status: 0,
            took_ms: 0,
            problem: String::new(),
            attempt,
            subject: serde_json::to_string(&over).map_err(Error::internal)?,
        };
        match url.parse() {
            Ok(address) => {
                let mut outgoing = Outgoing::new(Method::POST, address);
                let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
                outgoing.headers.insert(header::CONTENT_TYPE, form_type);
                outgoing.body = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("logout_token", token)
                    .finish()
                    .into();
                match self.0.fetch.send(outgoing).await {
                    Ok(answer) => delivery.status = answer.status.as_u16(),
                    Err(error) => delivery.problem = error.detail.into_owned(),
                }
            }
            Err(_) => delivery.problem = "This is no address.".to_owned(),
        }
        delivery.took_ms = u64::try_from(self.0.clock.now().since(began).as_millis()).unwrap_or(0);
        let mut batch = Batch::new();
        store::usage::insert_delivery(&mut batch, application.id, &delivery);
        self.0.db.write(batch).await?;
        Ok(delivery.status)
    }
}

/// Removes grants, codes and requests that are over, counts that are too old to be shown, and looks after the signing
/// keys; comes by the calendar.
pub struct ForgetOver(Weak<Inner>);

impl Job for ForgetOver {
    const NAME: &'static str = "oauth.forget_over";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        Ok(server(&self.0)?.tidy().await?)
    }
}
