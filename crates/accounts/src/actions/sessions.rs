//! Signing in and out, the list of sessions, the change of a password.

use std::sync::Arc;

use guildhall_base::{Error, Form, Result, UserId, codes};
use guildhall_infra::db::Batch;

use super::person;
use crate::codes::{ACCOUNT_BANNED, UNKNOWN_SESSION};
use crate::events::CredentialsEnded;
use crate::model::{Session, SignedIn, Visit};
use crate::sign_in::{Method, SignIn};
use crate::slow::{Attempt, PER_ADDRESS, PER_NAME, address_key};
use crate::store::tokens::{self, NewToken};
use crate::token::{TokenHash, new_token};
use crate::{Accounts, Actor, SessionId, User, password, rules, store};

/// Longer texts are no passwords of ours; they are not hashed.
const LONGEST_GUESS: usize = 1024;

impl Accounts {
    /// Signs in by name and password. An unknown name and a wrong password get the same answer after the
    /// same time.
    ///
    /// # Errors
    /// Wrong name or password; a wait after too many of them.
    pub async fn sign_in(&self, name: &str, password: &str, visit: &Visit) -> Result<SignIn> {
        let handle = rules::handle(&rules::shorten(name, 64));
        let key = format!("name:{handle}");
        let from_address = self.0.slow.attempt(address_key(visit.address), PER_ADDRESS)?;
        let _counted = self.0.slow.attempt(key.clone(), PER_NAME)?;
        let found = store::users::find_password(&self.0.db, &handle).await?;
        let (id, stored) = found.map_or((None, None), |(id, stored)| (Some(id), stored));
        let matches =
            password.len() <= LONGEST_GUESS && self.0.hasher.verify(password, stored.clone()).await?;
        let Some(id) = id.filter(|_| matches) else { return Err(wrong()) };
        from_address.succeeded();
        self.0.slow.forgive(&key);
        let mut batch = Batch::new();
        if let Some(imported) = stored.filter(|stored| password::is_imported(stored)) {
            let hash = self.0.hasher.hash(password).await?;
            store::users::upgrade_password(&mut batch, id, imported, hash);
        }
        self.finish_sign_in(batch, id, Method::Password, visit).await
    }

    /// Adds a new session to a batch.
    pub(crate) fn begin_session(
        &self,
        batch: &mut Batch,
        user: Arc<User>,
        method: Method,
        visit: &Visit,
    ) -> Result<SignedIn> {
        let now = self.0.clock.now();
        let token = new_token(user.id, now, &mut rand::rng());
        store::staff::must_not_be_banned(batch, user.id, ACCOUNT_BANNED);
        store::life::must_be_here(batch, user.id, codes::CONFLICT);
        let session = self.0.ids.next();
        let address = visit.address.map(|address| address.to_string()).unwrap_or_default();
        tokens::insert(
            batch,
            NewToken {
                hash: hash(&token)?,
                id: session,
                user: user.id,
                bot: false,
                now,
                expires: Some(now.after(self.life(visit.class))),
                device: rules::shorten(&visit.device, 200),
                address,
                class: visit.class,
                scopes: visit.scopes,
                name: String::new(),
                method: method.name(),
                proved: now,
            },
        );
        Ok(SignedIn { user, session, token, mail_ticket: None })
    }

    /// Ends the actor's session.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`.
    pub async fn sign_out(&self, actor: &Actor) -> Result<()> {
        match self.revoke_session(actor, person(actor)?).await {
            Err(error) if error.is(UNKNOWN_SESSION) => Ok(()),
            other => other,
        }
    }

    /// The actor's sessions, the latest used first.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<Session>> {
        person(actor)?;
        tokens::sessions(&self.0.db, actor.id(), self.0.clock.now()).await
    }

    /// Ends one of the actor's sessions.
    ///
    /// # Errors
    /// [`UNKNOWN_SESSION`], also when it is another's.
    pub async fn revoke_session(&self, actor: &Actor, session: SessionId) -> Result<()> {
        person(actor)?;
        let mut batch = Batch::new();
        let removal = tokens::remove(&mut batch, actor.id(), session, UNKNOWN_SESSION);
        let ended = CredentialsEnded { user_id: actor.id(), session_id: Some(session), except: None };
        self.end_tokens(batch, removal, &ended).await
    }

    /// Ends all of the actor's sessions but the one that asks.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`.
    pub async fn revoke_other_sessions(&self, actor: &Actor) -> Result<()> {
        let except = Some(person(actor)?);
        let mut batch = Batch::new();
        let removal = tokens::remove_all(&mut batch, actor.id(), except);
        let ended = CredentialsEnded { user_id: actor.id(), session_id: None, except };
        self.end_tokens(batch, removal, &ended).await
    }

    /// Changes the password; all other sessions end.
    ///
    /// # Errors
    /// A wrong old password, a bad new one, a wait after too many wrong ones.
    pub async fn change_password(&self, actor: &Actor, old: &str, new: &str) -> Result<()> {
        let except = Some(person(actor)?);
        let mut form = Form::new();
        rules::check_password(&mut form, "new_password", new);
        form.finish()?;
        let stored = store::users::password(&self.0.db, actor.id()).await?;
        self.check_password(actor.id(), old).await?.succeeded();
        let hash = self.0.hasher.hash(new).await?;
        let mut batch = Batch::new();
        store::users::replace_password(&mut batch, actor.id(), stored, hash, codes::CONFLICT);
        let removal = tokens::remove_all(&mut batch, actor.id(), except);
        let ended = CredentialsEnded { user_id: actor.id(), session_id: None, except };
        self.end_tokens(batch, removal, &ended).await
    }

    /// Whether the actor can sign in with a password.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn has_password(&self, actor: &Actor) -> Result<bool> {
        Ok(store::users::password(&self.0.db, actor.id()).await?.is_some())
    }

    /// Compares a password with the one of somebody who is signed in; the attempt is counted.
    pub(crate) async fn check_password(&self, user: UserId, password: &str) -> Result<Attempt> {
        let counted = self.0.slow.attempt(format!("password:{user}"), PER_NAME)?;
        let stored = store::users::password(&self.0.db, user).await?;
        if password.len() > LONGEST_GUESS || !self.0.hasher.verify(password, stored).await? {
            return Err(Error::field("password", "PASSWORD_DOES_NOT_MATCH", "Password does not match."));
        }
        Ok(counted)
    }

    /// Writes a batch that removes tokens, tells the gateway, and forgets them.
    pub(crate) async fn end_tokens(
        &self,
        batch: Batch,
        removal: usize,
        ended: &CredentialsEnded,
    ) -> Result<()> {
        self.end_all_tokens(batch, removal, ended, &[]).await
    }

    /// The same, where others' connections end too.
    pub(crate) async fn end_all_tokens(
        &self,
        mut batch: Batch,
        removal: usize,
        ended: &CredentialsEnded,
        also: &[CredentialsEnded],
    ) -> Result<()> {
        let told = std::iter::once(ended).chain(also).map(|ended| self.ending(&mut batch, ended));
        let told = told.collect::<Result<Vec<_>>>()?;
        let outcomes = self.0.events.commit_leaf(batch, &told).await?;
        for hash in tokens::removed(&outcomes, removal)? {
            self.0.tokens.forget(hash);
        }
        for ended in std::iter::once(ended).chain(also).filter(|ended| ended.session_id.is_none()) {
            self.forget_credentials(ended.user_id);
        }
        Ok(())
    }
}

pub(crate) fn hash(token: &str) -> Result<TokenHash> {
    TokenHash::of(token).ok_or_else(|| {
        Error::field("token", "TOKEN_INVALID", "A token is 1 to 256 visible ASCII characters without spaces.")
    })
}

fn wrong() -> Error {
    Error::field("password", "INVALID_LOGIN", "The name or the password is not right.")
}
