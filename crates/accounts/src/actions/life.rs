//! Copies of one's data, and the end of one's account.

use guildhall_base::{Error, JobId, Result, Timestamp, codes};
use guildhall_infra::db::Batch;
use guildhall_infra::jobs::{NewJob, Progress, Signed, State};

use super::person;
use crate::codes::{COPY_TOO_SOON, KEEP_SPENT, LEAVING_ALREADY, STILL_NEEDED};
use crate::events::{CredentialsEnded, standing_changed};
use crate::letters::Letter;
use crate::life::{Export, FILE, Hindrance, Leave, Leaver, PAUSE};
use crate::model::Visit;
use crate::sign_in::{Method, SignIn};
use crate::store::{life, second_steps, tokens, users};
use crate::token::TokenHash;
use crate::{Accounts, Actor};

/// The latest copy that somebody asked for.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The job that makes it.
    pub job: JobId,
    /// Where that stands; none once the record is gone, and with it the file.
    pub state: Option<State>,
    /// How far it is.
    pub progress: Progress,
    /// When it was asked for.
    pub asked: Timestamp,
    /// When the next one may be asked for.
    pub next: Timestamp,
    /// The file, by a link that is good for ten minutes and needs no credentials.
    pub file: Option<CopyFile>,
}

/// A copy that is made.
#[derive(Debug, Clone)]
pub struct CopyFile {
    /// In bytes.
    pub size: u64,
    /// Where it is on this server.
    pub path: String,
    /// Until when that address is good.
    pub expires: Timestamp,
}

/// What stands between somebody and the end of their account, and what goes with it.
#[derive(Debug, Clone)]
pub struct Farewell {
    /// What must have another owner first.
    pub hindrances: Vec<Hindrance>,
    /// The names of the bots that go too.
    pub bots: Vec<String>,
}

impl Accounts {
    /// Asks for a copy of all that is the actor's own.
    ///
    /// # Errors
    /// [`COPY_TOO_SOON`] within a day of the last one; `STEP_UP_REQUIRED`; `NOT_FOR_BOTS`.
    pub async fn ask_for_copy(&self, actor: &Actor) -> Result<JobId> {
        self.require_proof(actor).await?;
        let jobs = &self.offered()?.jobs;
        let (user, now) = (actor.id(), self.0.clock.now());
        let mut batch = Batch::new();
        let job = jobs.enqueue(&mut batch, NewJob::of::<Export>(&user).user(user))?;
        let asked = life::copy(&self.0.db, user).await?.map(|(_, asked)| asked);
        let wait = asked.map_or(PAUSE, |asked| asked.after(PAUSE).since(now));
        let too_soon = Error { retry_after: Some(wait), ..COPY_TOO_SOON.into() };
        life::ask_copy(&mut batch, user, job, (now, now.before(PAUSE)), too_soon);
        self.0.db.write(batch).await?;
        Ok(job)
    }

    /// The latest copy that the actor asked for.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`.
    pub async fn copy(&self, actor: &Actor) -> Result<Option<Copy>> {
        person(actor)?;
        let jobs = &self.offered()?.jobs;
        let Some((job, asked)) = life::copy(&self.0.db, actor.id()).await? else { return Ok(None) };
        let record = match jobs.get(job).await {
            Ok(record) => Some(record),
            Err(error) if error.is(codes::NOT_FOUND) => None,
            Err(error) => return Err(error),
        };
        let state = record.as_ref().map(|record| record.state);
        let file = jobs.files(job).await?.into_iter().find(|file| file.name == FILE);
        let file = file.filter(|_| state == Some(State::Done)).map(|file| {
            let Signed { expires, signature, .. } = jobs.sign(job, FILE);
            let millis = expires.millis();
            let path = format!("/v2/jobs/{job}/files/{FILE}?expires={millis}&signature={signature}");
            CopyFile { size: file.size, path, expires }
        });
        let progress = record.map(|record| record.progress).unwrap_or_default();
        Ok(Some(Copy { job, state, progress, asked, next: asked.after(PAUSE), file }))
    }

    /// What stands between the actor and the end of their account, and what goes with it.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`.
    pub async fn farewell(&self, actor: &Actor) -> Result<Farewell> {
        person(actor)?;
        let hindrances = self.offered()?.hindrances(actor.id()).await?;
        let bots = users::bots_of(&self.0.db, actor.id()).await?;
        let names = self.users(&bots).await?;
        let bots = bots.iter().filter_map(|bot| Some(names.get(bot)?.username.clone())).collect();
        Ok(Farewell { hindrances, bots })
    }

    /// Asks for the deletion of the actor's account. All of their sessions end now; the account is deleted after the
    /// configured time, unless they keep it. Gives when.
    ///
    /// # Errors
    /// [`STILL_NEEDED`], [`LEAVING_ALREADY`], `STEP_UP_REQUIRED`.
    pub async fn leave(&self, actor: &Actor) -> Result<Timestamp> {
        self.require_proof(actor).await?;
        let life = self.offered()?;
        let (user, now) = (actor.id(), self.0.clock.now());
        let hindrances = life.hindrances(user).await?;
        if !hindrances.is_empty() {
            let names: Vec<_> = hindrances.iter().map(|hindrance| hindrance.name.as_str()).collect();
            return Err(STILL_NEEDED.because(format!("{} {}", STILL_NEEDED.text, names.join(", "))));
        }
        let due = now.after(self.0.config.deletion_delay);
        let mut batch = Batch::new();
        // Without an owner, so that nobody can cancel the job without keeping the account.
        let job = life.jobs.enqueue(&mut batch, NewJob::of::<Leave>(&Leaver { user, due }).at(due))?;
        life::leave(&mut batch, user, (now, due), job, LEAVING_ALREADY);
        second_steps::clear(&mut batch, user);
        self.tell(&mut batch, &Letter::Leaving { user, due })?;
        let removal = tokens::remove_all(&mut batch, user, None);
        let ended = CredentialsEnded { user_id: user, session_id: None, except: None };
        self.end_tokens(batch, removal, &ended).await?;
        Ok(due)
    }

    /// When the account is deleted that a secret of a mail or a sign-in keeps.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn leaving(&self, secret: &str) -> Result<Option<Timestamp>> {
        let Some(hash) = TokenHash::of(secret) else { return Ok(None) };
        Ok(life::find(&self.0.db, hash, self.0.clock.now()).await?.map(|waiting| waiting.due))
    }

    /// Keeps an account that waits for its deletion. Who did so by signing in is signed in then; the mail's link only
    /// keeps it.
    ///
    /// # Errors
    /// [`KEEP_SPENT`].
    pub async fn keep(&self, secret: &str, visit: &Visit) -> Result<Option<SignIn>> {
        let hash = TokenHash::of(secret).ok_or(KEEP_SPENT)?;
        let waiting = life::find(&self.0.db, hash, self.0.clock.now()).await?.ok_or(KEEP_SPENT)?;
        let mut batch = Batch::new();
        life::stay(&mut batch, waiting.user, waiting.due, KEEP_SPENT);
        let method = waiting.method.as_deref().and_then(Method::named);
        let outcome = match method {
            Some(method) => {
                let user = users::find(&self.0.db, waiting.user).await?.ok_or(KEEP_SPENT)?.user;
                Some(SignIn::Done(self.begin_session(&mut batch, user, method, visit)?))
            }
            None => None,
        };
        self.0.events.commit_leaf(batch, &[standing_changed(waiting.user)?]).await?;
        self.0.users.forget(waiting.user);
        // The job would find that there is nothing to do.
        if let Err(error) = self.offered()?.jobs.cancel(waiting.job).await {
            tracing::debug!(%error, "a deletion that was called off stays in the queue");
        }
        Ok(outcome)
    }
}
