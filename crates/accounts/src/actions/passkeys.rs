//! Passkeys: adding, naming and removing them, signing in with one, as a second step, as a fresh proof.

use std::time::Duration;

use guildhall_base::{Error, Form, Result, UserId, codes};
use guildhall_infra::db::{Batch, codes::DUPLICATE};
use serde_json::Value;
use webauthn_rs::prelude::Passkey;

use super::sign_in::TICKET_ATTEMPTS;
use super::{SecondFactor, person};
use crate::codes::{LAST_WAY_IN, NO_PASSKEYS_HERE, PASSKEY_REFUSED, TICKET_SPENT, UNKNOWN_PASSKEY};
use crate::model::Visit;
use crate::passkey::{Ceremony, CeremonyAnswer, PasskeyEntry, PasskeyId, Shown, Site, State};
use crate::sign_in::{Method, SignIn};
use crate::store::{passkeys, second_steps, tokens, ways_in};
use crate::token::{TokenHash, new_code};
use crate::{Accounts, Actor, rules};

/// How long the person may take to unlock their authenticator.
const CEREMONY_LIFE: Duration = Duration::from_secs(5 * 60);
/// How many passkeys one person may have.
const MOST: usize = 20;

impl Accounts {
    /// Whether this site can have passkeys: its address must have a name, not a number.
    pub fn has_passkeys(&self) -> bool {
        self.0.passkeys.is_some()
    }

    /// The actor's passkeys, the oldest first.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`.
    pub async fn passkeys(&self, actor: &Actor) -> Result<Vec<PasskeyEntry>> {
        person(actor)?;
        let list = passkeys::list(&self.0.db, actor.id()).await?;
        let entry = |stored: passkeys::Stored| PasskeyEntry {
            id: stored.id,
            name: stored.name,
            created: stored.created,
            used: stored.used,
        };
        Ok(list.into_iter().map(entry).collect())
    }

    /// Whether somebody has a passkey.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn has_passkey(&self, user: UserId) -> Result<bool> {
        Ok(self.has_passkeys() && !passkeys::list(&self.0.db, user).await?.is_empty())
    }

    /// Begins to add a passkey.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`; [`NO_PASSKEYS_HERE`]; a wrong field `name` if there are twenty.
    pub async fn begin_passkey(&self, actor: &Actor) -> Result<Ceremony> {
        self.require_proof(actor).await?;
        let known = self.known_passkeys(actor.id()).await?;
        let mut form = Form::new();
        form.at_most("name", known.len() + 1, MOST);
        form.finish()?;
        let names = (actor.user.username.as_str(), actor.user.display_name());
        let asked = self.site()?.register(actor.id(), names, &known)?;
        self.begin(asked, Some(actor.id()), "register").await
    }

    /// Adds the passkey that the browser has made.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`; [`PASSKEY_REFUSED`] if the answer is not good, comes twice or too late.
    pub async fn add_passkey(
        &self,
        actor: &Actor,
        name: &str,
        answer: CeremonyAnswer,
    ) -> Result<PasskeyEntry> {
        self.require_proof(actor).await?;
        let name = checked_name(name)?;
        let (owner, state) = self.take(&answer.ceremony, "register").await?;
        if owner != Some(actor.id()) {
            return Err(PASSKEY_REFUSED.into());
        }
        let passkey = self.site()?.registered(state, answer.credential)?;
        let new = passkeys::Stored {
            id: self.0.ids.next(),
            user: actor.id(),
            data: write(&passkey)?,
            name,
            created: self.0.clock.now(),
            used: None,
        };
        let mut batch = Batch::new();
        passkeys::insert(&mut batch, &new, passkey.cred_id().to_vec());
        self.0.db.write(batch).await.map_err(|error| match error.is(DUPLICATE) {
            true => PASSKEY_REFUSED.into(),
            false => error,
        })?;
        Ok(PasskeyEntry { id: new.id, name: new.name, created: new.created, used: None })
    }

    /// Gives one of the actor's passkeys another name.
    ///
    /// # Errors
    /// [`UNKNOWN_PASSKEY`], also when it is another's; a wrong field `name`.
    pub async fn rename_passkey(&self, actor: &Actor, id: PasskeyId, name: &str) -> Result<()> {
        person(actor)?;
        let name = checked_name(name)?;
        let mut batch = Batch::new();
        passkeys::rename(&mut batch, actor.id(), id, &name, UNKNOWN_PASSKEY);
        self.0.db.write(batch).await?;
        Ok(())
    }

    /// Removes one of the actor's passkeys.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`; [`UNKNOWN_PASSKEY`], also when it is another's; [`LAST_WAY_IN`].
    pub async fn remove_passkey(&self, actor: &Actor, id: PasskeyId) -> Result<()> {
        self.require_proof(actor).await?;
        let mut batch = Batch::new();
        ways_in::lock(&mut batch, actor.id(), codes::UNAUTHENTICATED);
        passkeys::remove(&mut batch, actor.id(), id, UNKNOWN_PASSKEY);
        ways_in::must_remain(&mut batch, actor.id(), &self.ways_in(), LAST_WAY_IN);
        self.0.db.write(batch).await?;
        Ok(())
    }

    /// Begins a sign-in by passkey, for nobody in particular.
    ///
    /// # Errors
    /// [`NO_PASSKEYS_HERE`].
    pub async fn begin_passkey_sign_in(&self) -> Result<Ceremony> {
        let asked = self.site()?.discover()?;
        self.begin(asked, None, "sign-in").await
    }

    /// Signs in whoever the passkey is of.
    ///
    /// # Errors
    /// [`PASSKEY_REFUSED`] if the answer is not good, comes twice or too late, or nobody has that passkey.
    pub async fn sign_in_by_passkey(&self, answer: CeremonyAnswer, visit: &Visit) -> Result<SignIn> {
        let (_, state) = self.take(&answer.ceremony, "sign-in").await?;
        let mut batch = Batch::new();
        let user = self.claim_passkey(&mut batch, state, answer.credential, None).await?;
        self.finish_sign_in(batch, user, Method::Passkey, visit).await
    }

    /// Begins the second step of a sign-in by passkey instead of a code.
    ///
    /// # Errors
    /// [`TICKET_SPENT`]; [`NO_PASSKEYS_HERE`], also if the person has none.
    pub async fn begin_passkey_step(&self, ticket: &str) -> Result<Ceremony> {
        let user = self.second_step_of(ticket).await?.ok_or(TICKET_SPENT)?;
        self.ask(user, "second-step").await
    }

    /// Finishes a sign-in whose second step is a passkey.
    ///
    /// # Errors
    /// [`TICKET_SPENT`]; [`PASSKEY_REFUSED`].
    pub async fn finish_passkey_step(
        &self,
        ticket: &str,
        answer: CeremonyAnswer,
        visit: &Visit,
    ) -> Result<SignIn> {
        let now = self.0.clock.now();
        let hash = TokenHash::of(ticket).ok_or(TICKET_SPENT)?;
        let claimed = second_steps::attempt(&self.0.db, hash, now, TICKET_ATTEMPTS).await?;
        let (user, method) = claimed.ok_or(TICKET_SPENT)?;
        let method = Method::named(&method).ok_or_else(|| Error::internal("an unknown method"))?;
        let (asked, state) = self.take(&answer.ceremony, "second-step").await?;
        if asked != Some(user) {
            return Err(PASSKEY_REFUSED.into());
        }
        let mut batch = Batch::new();
        second_steps::consume(&mut batch, hash, now, TICKET_SPENT);
        self.claim_passkey(&mut batch, state, answer.credential, Some(user)).await?;
        self.enter_or_keep(batch, user, (method, Some(SecondFactor::Passkey)), visit, &[]).await
    }

    /// Begins a fresh proof by passkey.
    ///
    /// # Errors
    /// [`NO_PASSKEYS_HERE`], also if the actor has none.
    pub async fn begin_passkey_proof(&self, actor: &Actor) -> Result<Ceremony> {
        person(actor)?;
        self.ask(actor.id(), "prove").await
    }

    /// Proves again that it is the actor, by passkey; see [`Accounts::prove`].
    ///
    /// # Errors
    /// [`PASSKEY_REFUSED`].
    pub async fn prove_by_passkey(&self, actor: &Actor, answer: CeremonyAnswer) -> Result<()> {
        let session = person(actor)?;
        let (asked, state) = self.take(&answer.ceremony, "prove").await?;
        if asked != Some(actor.id()) {
            return Err(PASSKEY_REFUSED.into());
        }
        let mut batch = Batch::new();
        self.claim_passkey(&mut batch, state, answer.credential, Some(actor.id())).await?;
        tokens::prove(&mut batch, session, self.0.clock.now(), codes::UNAUTHENTICATED);
        self.note_second(&mut batch, session, SecondFactor::Passkey);
        self.0.db.write(batch).await?;
        Ok(())
    }

    fn site(&self) -> Result<&Site> {
        self.0.passkeys.as_ref().ok_or_else(|| NO_PASSKEYS_HERE.into())
    }

    async fn known_passkeys(&self, user: UserId) -> Result<Vec<Passkey>> {
        passkeys::list(&self.0.db, user).await?.iter().map(|stored| read(&stored.data)).collect()
    }

    async fn ask(&self, user: UserId, purpose: &str) -> Result<Ceremony> {
        let known = self.known_passkeys(user).await?;
        if known.is_empty() {
            return Err(NO_PASSKEYS_HERE.into());
        }
        let asked = self.site()?.ask(&known)?;
        self.begin(asked, Some(user), purpose).await
    }

    async fn begin(
        &self,
        (options, state): (Value, State),
        user: Option<UserId>,
        purpose: &str,
    ) -> Result<Ceremony> {
        let ceremony = new_code(&mut rand::rng());
        let hash = TokenHash::of(&ceremony).ok_or(PASSKEY_REFUSED)?;
        let now = self.0.clock.now();
        let mut batch = Batch::new();
        let kept = (purpose, serde_json::to_string(&state).map_err(Error::internal)?);
        passkeys::begin(&mut batch, hash, user, kept, (now, now.after(CEREMONY_LIFE)));
        self.0.db.write(batch).await?;
        Ok(Ceremony { ceremony, options })
    }

    async fn take(&self, ceremony: &str, purpose: &str) -> Result<(Option<UserId>, State)> {
        let hash = TokenHash::of(ceremony).ok_or(PASSKEY_REFUSED)?;
        let taken = passkeys::take(&self.0.db, hash, purpose, self.0.clock.now()).await?;
        let (user, state) = taken.ok_or(PASSKEY_REFUSED)?;
        Ok((user, serde_json::from_str(&state).map_err(Error::internal)?))
    }

    /// Checks an answer, and adds the use of its passkey to a batch. Gives whose it is.
    async fn claim_passkey(
        &self,
        batch: &mut Batch,
        state: State,
        answer: Value,
        wanted: Option<UserId>,
    ) -> Result<UserId> {
        let shown = Shown::new(answer)?;
        let stored = passkeys::find(&self.0.db, shown.credential()).await?.ok_or(PASSKEY_REFUSED)?;
        if wanted.is_some_and(|wanted| wanted != stored.user) || !shown.may_be(stored.user) {
            return Err(PASSKEY_REFUSED.into());
        }
        let mut passkey = read(&stored.data)?;
        self.site()?.check(state, &shown, &mut passkey)?;
        let after = write(&passkey)?;
        passkeys::note_use(batch, stored.id, (&stored.data, &after), self.0.clock.now(), codes::CONFLICT);
        Ok(stored.user)
    }
}

fn read(data: &str) -> Result<Passkey> {
    serde_json::from_str(data).map_err(Error::internal)
}

fn write(passkey: &Passkey) -> Result<String> {
    serde_json::to_string(passkey).map_err(Error::internal)
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim().to_owned();
    let mut form = Form::new();
    rules::check_global_name(&mut form, "name", &name);
    form.finish()?;
    Ok(name)
}
