//! The second factor: setting an app up, taking it away, recovery codes.

use guildhall_base::codes::UNAVAILABLE;
use guildhall_base::{Error, Result, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::seal::Seal;

use super::sign_in::{PER_FACTOR, factor_key, wrong_code};
use crate::codes::{GUARDED_ALREADY, NOT_GUARDED, WRONG_CODE};
use crate::events::CredentialsEnded;
use crate::factor::{self, App, Typed};
use crate::store::{factors, second_steps, tokens};
use crate::{Accounts, Actor};

/// An app that is being set up.
#[derive(Debug, Clone)]
pub struct NewAuthenticator {
    /// The secret, for typing in: base 32.
    pub secret: String,
    /// `otpauth://totp/...`, which apps read from a QR code.
    pub address: String,
}

/// What guards a person's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Whether a second step is asked at sign-in.
    pub second_factor: bool,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

impl Accounts {
    /// What guards the actor's account.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn guard(&self, actor: &Actor) -> Result<Guard> {
        let second_factor = factors::is_guarded(&self.0.db, actor.id()).await?;
        Ok(Guard { second_factor, recovery_codes: factors::recovery_left(&self.0.db, actor.id()).await? })
    }

    /// Begins to set an app up; it guards nothing until [`Accounts::confirm_authenticator`]. Asked again, the same
    /// secret comes again, so that a page may be loaded twice.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`; [`GUARDED_ALREADY`].
    pub async fn begin_authenticator(&self, actor: &Actor, site: &str) -> Result<NewAuthenticator> {
        self.require_proof(actor).await?;
        let user = actor.id();
        let secret = match factors::authenticator(&self.0.db, user).await? {
            Some(stored) if stored.confirmed => return Err(GUARDED_ALREADY.into()),
            Some(stored) => self.seal()?.unseal(&place(user), &stored.secret)?,
            None => {
                let secret = factor::new_secret(&mut rand::rng());
                let sealed = self.seal()?.seal(&place(user), &secret)?;
                let mut batch = Batch::new();
                factors::begin(&mut batch, user, sealed, self.0.clock.now(), GUARDED_ALREADY);
                self.0.db.write(batch).await?;
                secret
            }
        };
        let app = App::new(&secret, site, &actor.user.username)?;
        Ok(NewAuthenticator { secret: app.secret_text(), address: app.address()? })
    }

    /// Turns the second factor on with the app's first code; gives the recovery codes, which are shown this once.
    /// All other sessions end, and sign-ins that wait.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`, [`WRONG_CODE`], [`NOT_GUARDED`] if no app was begun with, [`GUARDED_ALREADY`], a wait.
    pub async fn confirm_authenticator(&self, actor: &Actor, code: &str) -> Result<Vec<String>> {
        let session = self.require_proof(actor).await?;
        let user = actor.id();
        let counted = self.0.slow.attempt(factor_key(user), PER_FACTOR)?;
        let stored = factors::authenticator(&self.0.db, user).await?.ok_or(NOT_GUARDED)?;
        if stored.confirmed {
            return Err(GUARDED_ALREADY.into());
        }
        let Some(Typed::Digits(digits)) = Typed::of(code) else { return Err(wrong_code()) };
        let secret = self.seal()?.unseal(&place(user), &stored.secret)?;
        let step = App::of(&secret)?.step_of(&digits, self.0.clock.now());
        let step = step.ok_or(WRONG_CODE)?;
        let mut batch = Batch::new();
        factors::confirm(&mut batch, user, stored.secret, step, GUARDED_ALREADY);
        let shown = prepare_recovery(&mut batch, user);
        second_steps::clear(&mut batch, user);
        let removal = tokens::remove_all(&mut batch, user, Some(session));
        let ended = CredentialsEnded { user_id: user, session_id: None, except: Some(session) };
        self.end_tokens(batch, removal, &ended).await?;
        self.0.users.forget(user);
        counted.succeeded();
        Ok(shown)
    }

    /// Turns the second factor off; the recovery codes go with it.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`; [`NOT_GUARDED`].
    pub async fn remove_authenticator(&self, actor: &Actor) -> Result<()> {
        self.require_proof(actor).await?;
        let mut batch = Batch::new();
        factors::remove(&mut batch, actor.id(), NOT_GUARDED);
        self.0.db.write(batch).await?;
        self.0.users.forget(actor.id());
        Ok(())
    }

    /// Replaces all recovery codes by new ones, which are shown this once.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`; [`NOT_GUARDED`].
    pub async fn renew_recovery_codes(&self, actor: &Actor) -> Result<Vec<String>> {
        self.require_proof(actor).await?;
        if !factors::is_guarded(&self.0.db, actor.id()).await? {
            return Err(NOT_GUARDED.into());
        }
        let mut batch = Batch::new();
        let shown = prepare_recovery(&mut batch, actor.id());
        self.0.db.write(batch).await?;
        Ok(shown)
    }

    pub(crate) fn seal(&self) -> Result<&Seal> {
        let seal = self.0.config.seal.as_ref();
        seal.ok_or_else(|| UNAVAILABLE.because("This server has no key to keep second factors with."))
    }

    /// Adds the use of a code to a batch: of two uses of one code one batch fails with [`WRONG_CODE`].
    pub(crate) async fn claim_code(&self, batch: &mut Batch, user: UserId, code: &str) -> Result<()> {
        match Typed::of(code).ok_or(WRONG_CODE)? {
            Typed::Digits(digits) => {
                let stored = factors::authenticator(&self.0.db, user).await?.ok_or(WRONG_CODE)?;
                let secret = self.seal()?.unseal(&place(user), &stored.secret)?;
                let step = App::of(&secret)?.step_of(&digits, self.0.clock.now());
                let step = step.filter(|step| *step > stored.step).ok_or(WRONG_CODE)?;
                factors::use_step(batch, user, step, WRONG_CODE);
            }
            Typed::Recovery(signs) => {
                factors::use_recovery(batch, user, factor::recovery_hash(user, &signs), WRONG_CODE);
            }
        }
        Ok(())
    }
}

/// What an app's secret is sealed for.
fn place(user: UserId) -> String {
    format!("authenticators/{user}")
}

fn prepare_recovery(batch: &mut Batch, user: UserId) -> Vec<String> {
    let shown = factor::new_recovery_codes(&mut rand::rng());
    let hashes = shown.iter().filter_map(|code| match Typed::of(code) {
        Some(Typed::Recovery(signs)) => Some(factor::recovery_hash(user, &signs)),
        _ => None,
    });
    factors::replace_recovery(batch, user, hashes.collect());
    shown
}

/// The code of a QR image for [`NewAuthenticator::address`]: an SVG element.
///
/// # Errors
/// If the address is too long for one.
pub fn qr_code(address: &str) -> Result<String, Error> {
    factor::qr(address)
}
