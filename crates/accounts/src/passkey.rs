//! Passkeys (WebAuthn), without a database: what is asked of a browser, and what its answer is worth.
//!
//! A passkey is always unlocked by the person (user verification is required), so it counts as two factors, and it
//! is discoverable: it says itself whose it is.

use guildhall_base::{Error, Id, Result, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::codes::PASSKEY_REFUSED;

/// Only a name for the type parameter of [`PasskeyId`].
#[derive(Debug, Clone, Copy)]
pub enum PasskeyMarker {}

/// Id of a passkey; not a secret.
pub type PasskeyId = Id<PasskeyMarker>;

/// A passkey, as its owner sees it in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PasskeyEntry {
    /// Which.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created: Timestamp,
    /// When somebody last signed in with it.
    pub used: Option<Timestamp>,
}

impl PasskeyEntry {
    /// When it was last used, for people: `2026-11-20 21:19 UTC`.
    pub(crate) fn used_text(&self) -> String {
        let text = self.used.map(|used| used.to_string()).unwrap_or_default();
        format!("{} UTC", text.get(..16).unwrap_or_default().replace('T', " "))
    }
}

/// What a browser is asked, and the secret that its answer comes back with.
#[derive(Debug, Clone, Serialize)]
pub struct Ceremony {
    /// Once, within minutes.
    pub ceremony: String,
    /// For `navigator.credentials`, binary values in base64url.
    pub options: Value,
}

/// A browser's answer.
#[derive(Debug, Clone, Deserialize)]
pub struct CeremonyAnswer {
    /// As it was given.
    pub ceremony: String,
    /// What `navigator.credentials` gave.
    pub credential: Value,
}

/// The state of a ceremony that waits for its answer; stored on this side only.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum State {
    Register(PasskeyRegistration),
    Discover(DiscoverableAuthentication),
    Ask(PasskeyAuthentication),
}

/// This site as authenticators know it.
pub(crate) struct Site(Webauthn);

impl Site {
    /// Of the site's address. None where browsers allow no passkeys: the host must have a name.
    pub(crate) fn new(name: &str, public_url: &Url) -> Option<Self> {
        let builder = WebauthnBuilder::new(public_url.domain()?, public_url).ok()?;
        builder.rp_name(name).build().ok().map(Self)
    }

    /// Asks for a new passkey, on a device that has none of these yet.
    pub(crate) fn register(
        &self,
        user: UserId,
        (name, display): (&str, &str),
        known: &[Passkey],
    ) -> Result<(Value, State)> {
        let known = known.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let (options, state) =
            self.0.start_passkey_registration(handle(user), name, display, Some(known)).map_err(broken)?;
        let mut options = serde_json::to_value(options).map_err(Error::internal)?;
        // The library leaves this to the device; without it nobody signs in without a name.
        if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
            selection["residentKey"] = json!("required");
            selection["requireResidentKey"] = json!(true);
        }
        Ok((options, State::Register(state)))
    }

    /// The new passkey, if the answer is good.
    pub(crate) fn registered(&self, state: State, answer: Value) -> Result<Passkey> {
        let State::Register(state) = state else { return Err(refused("another ceremony")) };
        let answer: RegisterPublicKeyCredential = serde_json::from_value(answer).map_err(refused)?;
        self.0.finish_passkey_registration(&answer, &state).map_err(refused)
    }

    /// Asks for any passkey of this site.
    pub(crate) fn discover(&self) -> Result<(Value, State)> {
        let (options, state) = self.0.start_discoverable_authentication().map_err(broken)?;
        let mut options = serde_json::to_value(options).map_err(Error::internal)?;
        if let Some(options) = options.as_object_mut() {
            // Asked for by a button, not beside a field.
            options.remove("mediation");
        }
        Ok((options, State::Discover(state)))
    }

    /// Asks for one of these passkeys.
    pub(crate) fn ask(&self, passkeys: &[Passkey]) -> Result<(Value, State)> {
        let (options, state) = self.0.start_passkey_authentication(passkeys).map_err(broken)?;
        Ok((serde_json::to_value(options).map_err(Error::internal)?, State::Ask(state)))
    }

    /// Checks an answer against a passkey; gives the passkey as it is now if its counter or flags have changed. A
    /// counter that went backwards, as that of a copied authenticator would, is refused.
    pub(crate) fn check(&self, state: State, shown: &Shown, passkey: &mut Passkey) -> Result<()> {
        let result: AuthenticationResult = match state {
            State::Discover(state) => self
                .0
                .finish_discoverable_authentication_v2(&shown.0, state, DiscoverableKey::from(&*passkey))
                .map_err(refused)?,
            State::Ask(state) => self.0.finish_passkey_authentication(&shown.0, &state).map_err(refused)?,
            State::Register(_) => return Err(refused("another ceremony")),
        };
        if !result.user_verified() || result.cred_id() != passkey.cred_id() {
            return Err(refused("not verified, or another passkey"));
        }
        passkey.update_credential(&result);
        Ok(())
    }
}

/// An answer before it is checked.
pub(crate) struct Shown(PublicKeyCredential);

impl Shown {
    pub(crate) fn new(answer: Value) -> Result<Self> {
        serde_json::from_value(answer).map(Self).map_err(refused)
    }

    /// Which passkey it says it is.
    pub(crate) fn credential(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    /// Whether it says that it is this user's, where it says so at all.
    pub(crate) fn may_be(&self, user: UserId) -> bool {
        self.0.get_user_unique_id().is_none_or(|said| said == handle(user).as_bytes())
    }
}

/// What authenticators store of a user: the id, and nothing that changes.
fn handle(user: UserId) -> Uuid {
    Uuid::from_u128(u128::from(user.get().cast_unsigned()))
}

/// The caller learns only that it did not work; why goes to the log.
fn refused(error: impl std::fmt::Display) -> Error {
    tracing::info!(%error, "a passkey was refused");
    PASSKEY_REFUSED.into()
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}
