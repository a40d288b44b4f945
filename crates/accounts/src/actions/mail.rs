//! Mails that show whose address it is: asking for one, and using its link or its code.
//!
//! Whether somebody has the address is looked up by the job that writes the mail, never while the request is answered,
//! so that neither the answer nor its timing tells.

use std::time::Duration;

use guildhall_base::{Error, Form, Result, UserId, codes};
use guildhall_infra::db::{Batch, codes::DUPLICATE};
use guildhall_infra::i18n::Language;
use guildhall_infra::mail::normalized;

use super::people::NewUser;
use crate::codes::{MAIL_ADDRESS_TAKEN, MAIL_SPENT, NO_MAIL, REGISTRATION_CLOSED, WRONG_MAIL_CODE};
use crate::events::CredentialsEnded;
use crate::letters::Letter;
use crate::mail::{LinkInfo, MailProof, Post, Purpose, masked};
use crate::model::Visit;
use crate::sign_in::{Method, SignIn};
use crate::slow::{PER_ADDRESS, PER_NAME, Patience, address_key};
use crate::store::mail_proofs::{self, NewProof};
use crate::store::tokens;
use crate::store::users::{self, Change};
use crate::token::{TokenHash, new_code};
use crate::{Accounts, Actor, names, rules};

/// How long a link and its code are good.
pub(crate) const PROOF_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long an address gets no other mail of the same purpose.
const RESEND_PAUSE: Duration = Duration::from_secs(60);
/// How often one mail's code may be tried.
const CODE_ATTEMPTS: i64 = 5;
/// For the codes of one address, over all mails: a six-digit code is not to be had by asking for many.
const PER_CODE: Patience = Patience { longest: Duration::from_secs(900), ..PER_NAME };
/// How many names are tried for a new account.
const NAMES: usize = 8;

/// What a link or a code from a mail did.
#[derive(Debug, Clone)]
pub enum MailUsed {
    /// A sign-in, perhaps with a new account, perhaps with a second step to come.
    SignIn(SignIn),
    /// The address belongs to the account now.
    Confirmed,
}

impl Accounts {
    /// Whether mails can be sent, so that forms may offer it.
    pub fn has_mail(&self) -> bool {
        self.0.config.post.is_some()
    }

    /// Asks for a mail to sign in with, or ([`Purpose::Reset`]) to choose a new password with. Gives the ticket that
    /// belongs to its code. The same happens whether the address is known or not.
    ///
    /// # Errors
    /// [`NO_MAIL`]; an address that is none; a wait.
    pub async fn ask_for_mail(
        &self,
        purpose: Purpose,
        address: &str,
        language: Language,
        visit: &Visit,
    ) -> Result<String> {
        let address = checked(address)?;
        let _counted = self.0.slow.attempt(format!("mail:{}", address_key(visit.address)), PER_ADDRESS)?;
        let mut batch = Batch::new();
        let ticket = self.prepare_mail(&mut batch, purpose, &address, None, language)?;
        self.0.db.write(batch).await?;
        Ok(ticket)
    }

    /// Asks for a mail that makes an address the actor's. It stays the old one until the new one is confirmed.
    ///
    /// # Errors
    /// As [`Accounts::ask_for_mail`]; `STEP_UP_REQUIRED` if the actor has not shown lately who they are.
    pub async fn ask_to_confirm(&self, actor: &Actor, address: &str, language: Language) -> Result<String> {
        self.require_proof(actor).await?;
        let address = checked(address)?;
        let _counted = self.0.slow.attempt(format!("mail:{}", actor.id()), PER_NAME)?;
        let mut batch = Batch::new();
        mail_proofs::clear_of(&mut batch, actor.id());
        let ticket = self.prepare_mail(&mut batch, Purpose::Confirm, &address, Some(actor.id()), language)?;
        self.0.db.write(batch).await?;
        Ok(ticket)
    }

    /// Adds a proof and the job of its mail to a batch; gives the ticket.
    pub(crate) fn prepare_mail(
        &self,
        batch: &mut Batch,
        purpose: Purpose,
        address: &str,
        user: Option<UserId>,
        language: Language,
    ) -> Result<String> {
        let post = self.post()?;
        let now = self.0.clock.now();
        let wait = Error { retry_after: Some(RESEND_PAUSE), ..codes::RATE_LIMITED.into() };
        mail_proofs::pause(batch, address, purpose, (now, now.after(RESEND_PAUSE)), wait);
        let ticket = new_code(&mut rand::rng());
        let id = self.0.ids.next();
        let proof = NewProof {
            id,
            ticket: TokenHash::of(&ticket)
                .ok_or_else(|| Error::internal("a ticket that cannot be hashed"))?,
            purpose,
            address,
            user,
            locale: language.tag(),
            expires: now.after(PROOF_LIFE),
        };
        mail_proofs::insert(batch, proof, now);
        self.enqueue_letter(batch, post, &Letter::Proof(id))?;
        Ok(ticket)
    }

    fn post(&self) -> Result<&Post> {
        self.0.config.post.as_ref().ok_or_else(|| NO_MAIL.into())
    }

    /// What a ticket's mail is for and where it went, while it is good: for the page that asks for the code.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn mail_ticket(&self, ticket: &str) -> Result<Option<LinkInfo>> {
        let Some(hash) = TokenHash::of(ticket) else { return Ok(None) };
        let proof = mail_proofs::find_by_ticket(&self.0.db, hash, self.0.clock.now()).await?;
        // Not whose account it is: whoever asked only knows the address.
        Ok(proof.map(|proof| LinkInfo { purpose: proof.purpose, address: proof.address, username: None }))
    }

    /// What a link is for, without using it up: programs that look through mails open links too.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn mail_link(&self, token: &str) -> Result<Option<LinkInfo>> {
        let Some(hash) = TokenHash::of(token) else { return Ok(None) };
        let found = mail_proofs::find_by_link(&self.0.db, hash, self.0.clock.now()).await?;
        let Some(proof) = found else { return Ok(None) };
        let owner = match proof.user {
            Some(user) => users::find(&self.0.db, user).await?,
            None => users::find_by_email(&self.0.db, &proof.address).await?,
        };
        Ok(Some(LinkInfo {
            purpose: proof.purpose,
            address: masked(&proof.address),
            username: owner.map(|account| account.user.username.clone()),
        }))
    }

    /// Uses a link. Of several who try, one succeeds. A link to choose a new password needs one.
    ///
    /// # Errors
    /// [`MAIL_SPENT`]; a bad new password; [`MAIL_ADDRESS_TAKEN`].
    pub async fn use_mail_link(
        &self,
        token: &str,
        new_password: &str,
        actor: Option<&Actor>,
        visit: &Visit,
    ) -> Result<MailUsed> {
        let hash = TokenHash::of(token).ok_or(MAIL_SPENT)?;
        let found = mail_proofs::find_by_link(&self.0.db, hash, self.0.clock.now()).await?;
        self.use_mail(found.ok_or(MAIL_SPENT)?, new_password, actor, visit).await
    }

    /// Uses a code, which belongs to the ticket that its asker got. Each attempt is counted before it is looked at.
    ///
    /// # Errors
    /// [`WRONG_MAIL_CODE`]; as [`Accounts::use_mail_link`]; a wait after too many wrong ones.
    pub async fn use_mail_code(
        &self,
        ticket: &str,
        code: &str,
        new_password: &str,
        actor: Option<&Actor>,
        visit: &Visit,
    ) -> Result<MailUsed> {
        let now = self.0.clock.now();
        let hash = TokenHash::of(ticket).ok_or(MAIL_SPENT)?;
        let asked = mail_proofs::find_by_ticket(&self.0.db, hash, now).await?.ok_or(MAIL_SPENT)?;
        if asked.purpose == Purpose::Reset {
            checked_password(new_password)?;
        }
        let key = format!("code:{}", asked.address);
        let counted = self.0.slow.attempt(key.clone(), PER_CODE)?;
        let proof = mail_proofs::attempt(&self.0.db, hash, now, CODE_ATTEMPTS).await?.ok_or(MAIL_SPENT)?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).take(16).collect();
        if !self.0.hasher.verify(&code, proof.code.clone()).await? {
            return Err(WRONG_MAIL_CODE.into());
        }
        counted.succeeded();
        self.0.slow.forgive(&key);
        self.use_mail(proof, new_password, actor, visit).await
    }

    async fn use_mail(
        &self,
        proof: MailProof,
        new_password: &str,
        actor: Option<&Actor>,
        visit: &Visit,
    ) -> Result<MailUsed> {
        match proof.purpose {
            Purpose::SignIn => self.enter_by_mail(&proof, visit).await.map(MailUsed::SignIn),
            Purpose::Reset => self.reset_password(&proof, new_password, visit).await.map(MailUsed::SignIn),
            Purpose::Confirm => self.confirm_address(&proof, actor).await.map(|()| MailUsed::Confirmed),
        }
    }

    /// Uses a proof up, and with it every other mail to the address.
    fn consume(&self, proof: &MailProof) -> Batch {
        let mut batch = Batch::new();
        mail_proofs::consume(&mut batch, proof.id, self.0.clock.now(), MAIL_SPENT);
        mail_proofs::clear(&mut batch, &proof.address);
        batch
    }

    async fn enter_by_mail(&self, proof: &MailProof, visit: &Visit) -> Result<SignIn> {
        for _ in 0..NAMES {
            if let Some(account) = users::find_by_email(&self.0.db, &proof.address).await? {
                return self.finish_sign_in(self.consume(proof), account.user.id, Method::Mail, visit).await;
            }
            if !self.0.config.registration {
                return Err(REGISTRATION_CLOSED.into());
            }
            let language = Language::of_tag(&proof.locale).unwrap_or_default();
            let (username, shown) = names::generate(language, &mut rand::rng());
            let new = NewUser {
                username,
                global_name: Some(shown),
                email: Some(proof.address.clone()),
                locale: Some(crate::pages::locale(language).to_owned()),
                ..NewUser::default()
            };
            let mut batch = self.consume(proof);
            let entered = match self.prepare_user(&mut batch, new).await {
                Ok(user) => {
                    let signed_in = self.begin_session(&mut batch, user, Method::Mail, visit)?;
                    self.0.db.write(batch).await.map(|_| signed_in)
                }
                Err(error) => Err(error),
            };
            match entered {
                Ok(signed_in) => return Ok(SignIn::Done(signed_in)),
                // The name is taken, or the address is since a moment ago: once more.
                Err(error) if error.is(DUPLICATE) || error.is(codes::INVALID_FORM) => {}
                Err(error) => return Err(error),
            }
        }
        Err(codes::UNAVAILABLE.into())
    }

    /// An address that replaces another ends all sessions but the one it is confirmed in.
    async fn confirm_address(&self, proof: &MailProof, actor: Option<&Actor>) -> Result<()> {
        let user = proof.user.ok_or(MAIL_SPENT)?;
        let before = users::find(&self.0.db, user).await?.ok_or(MAIL_SPENT)?;
        let mut batch = self.consume(proof);
        users::set(&mut batch, user, Change::Email(&proof.address));
        let mut told = vec![crate::events::user_update(&before.with_email(&proof.address))?];
        let mut removal = None;
        if let Some(old) = before.email.filter(|old| *old != proof.address) {
            let except = actor.filter(|actor| actor.id() == user).and_then(Actor::session);
            removal = Some(tokens::remove_all(&mut batch, user, except));
            let ended = CredentialsEnded { user_id: user, session_id: None, except };
            told.push(self.ending(&mut batch, &ended)?);
            let locale = before.settings.locale.clone();
            self.enqueue_letter(&mut batch, self.post()?, &Letter::Moved { user, old, locale })?;
        }
        let written = self.0.events.commit_leaf(batch, &told).await;
        let outcomes =
            written.map_err(|error| if error.is(DUPLICATE) { MAIL_ADDRESS_TAKEN.into() } else { error })?;
        self.0.users.forget(user);
        for hash in removal.map_or(Ok(Vec::new()), |removal| tokens::removed(&outcomes, removal))? {
            self.0.tokens.forget(hash);
        }
        Ok(())
    }

    /// A new password ends every session; the second step, where there is one, is still owed.
    async fn reset_password(&self, proof: &MailProof, new_password: &str, visit: &Visit) -> Result<SignIn> {
        checked_password(new_password)?;
        let account = users::find_by_email(&self.0.db, &proof.address).await?.ok_or(MAIL_SPENT)?;
        let user = account.user.id;
        let old = users::password(&self.0.db, user).await?;
        let hash = self.0.hasher.hash(new_password).await?;
        let mut batch = self.consume(proof);
        users::replace_password(&mut batch, user, old, hash, codes::CONFLICT);
        tokens::remove_all(&mut batch, user, None);
        // One batch: a new password without the session that goes with it would be a half-finished sign-in.
        let ended = CredentialsEnded { user_id: user, session_id: None, except: None };
        let ended = self.ending(&mut batch, &ended)?;
        let entered = self.finish_sign_in_telling(batch, user, Method::Mail, visit, &[ended]).await?;
        self.forget_credentials(user);
        Ok(entered)
    }
}

pub(super) fn checked(address: &str) -> Result<String> {
    normalized(address)
        .ok_or_else(|| Error::field("email", "EMAIL_TYPE_INVALID_EMAIL", "Not a well formed email address."))
}

fn checked_password(password: &str) -> Result<()> {
    let mut form = Form::new();
    rules::check_password(&mut form, "new_password", password);
    form.finish()
}
