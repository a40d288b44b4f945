//! Signing in by an account at another site, linking and unlinking such accounts.

use std::time::Duration;

use guildhall_base::{Error, Result, Timestamp, UserId, codes};
use guildhall_infra::db::{Batch, codes::DUPLICATE};
use rand::RngExt as _;
use url::Url;

use super::people::NewUser;
use super::person;
use crate::codes::{
    ADDRESS_KNOWN, IDENTITY_TAKEN, LAST_WAY_IN, PROVIDER_FAILED, REGISTRATION_CLOSED, UNKNOWN_IDENTITY,
    UNKNOWN_PROVIDER,
};
use crate::model::Visit;
use crate::provider::{Identity, Provider, Secrets};
use crate::sign_in::{Method, SignIn};
use crate::slow::{PER_ADDRESS, address_key};
use crate::store::{identities, ways_in};
use crate::token::{TokenHash, new_code};
use crate::{Accounts, Actor};

/// How long somebody may take at the other site.
const VISIT_LIFE: Duration = Duration::from_secs(10 * 60);
/// How many names are tried for a new account.
const NAMES: usize = 8;

/// Where to send a browser, and the secret that it must still have when it comes back.
#[derive(Debug, Clone)]
pub struct ProviderVisit {
    /// At the provider.
    pub address: Url,
    /// For a cookie.
    pub browser: String,
}

/// What a provider sent a browser back with.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct ProviderAnswer {
    /// The one-time code.
    #[serde(default)]
    pub code: String,
    /// As it was given.
    #[serde(default)]
    pub state: String,
    /// Who says so (RFC 9207).
    #[serde(default)]
    pub iss: Option<String>,
    /// Set where the person or the provider refused.
    #[serde(default)]
    pub error: Option<String>,
}

/// What became of a visit.
#[derive(Debug, Clone)]
pub enum ProviderOutcome {
    /// Somebody signs in, and goes on to this path.
    SignIn(SignIn, String),
    /// The account is linked to the actor's.
    Linked,
}

/// An account at another site that opens the actor's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedIdentity {
    /// The provider's name in the configuration.
    pub provider: String,
    /// What the provider is called.
    pub label: String,
    /// What the provider calls them, for ever.
    pub subject: String,
    /// What they are called there.
    pub name: String,
    /// When somebody last signed in by it.
    pub used: Timestamp,
}

impl Accounts {
    /// The names and labels of the providers, for buttons.
    pub fn providers(&self) -> Vec<(String, String)> {
        let label = |(name, settings): (&String, &crate::ProviderSettings)| {
            (name.clone(), settings.label.clone().unwrap_or_else(|| name.clone()))
        };
        self.0.config.providers.iter().map(label).collect()
    }

    /// Begins a visit to a provider: to sign in, or, with an actor, to link the account there.
    ///
    /// # Errors
    /// [`UNKNOWN_PROVIDER`], [`PROVIDER_FAILED`], a wait; `STEP_UP_REQUIRED` to link.
    pub async fn begin_provider(
        &self,
        name: &str,
        actor: Option<&Actor>,
        next: &str,
        visit: &Visit,
    ) -> Result<ProviderVisit> {
        if let Some(actor) = actor {
            self.require_proof(actor).await?;
        }
        let key = format!("provider:{}", address_key(visit.address));
        let _counted = self.0.slow.attempt(key, PER_ADDRESS)?;
        let (state, browser) = (new_code(&mut rand::rng()), new_code(&mut rand::rng()));
        let (address, secrets) = self.provider(name)?.begin(&state, next).await?;
        let (hash, browser_hash) = (code_hash(&state)?, code_hash(&browser)?);
        let secrets = serde_json::to_vec(&secrets).map_err(Error::internal)?;
        let row = identities::Visit {
            hash,
            provider: name.to_owned(),
            browser: browser_hash,
            user: actor.map(Actor::id),
            state: self.seal()?.seal(&place(hash), &secrets)?,
        };
        let now = self.0.clock.now();
        let mut batch = Batch::new();
        identities::begin(&mut batch, row, (now, now.after(VISIT_LIFE)));
        self.0.db.write(batch).await?;
        Ok(ProviderVisit { address, browser })
    }

    /// Finishes a visit. An account there that nobody here has linked makes a new account here, if the operator lets
    /// strangers in; it never takes over one that is there, whatever mail address it comes with.
    ///
    /// # Errors
    /// [`PROVIDER_FAILED`] if the answer is not to a visit of this browser to this provider, comes twice or too late,
    /// or does not hold; [`IDENTITY_TAKEN`] to link what another has linked; [`ADDRESS_KNOWN`] and
    /// [`REGISTRATION_CLOSED`] for strangers.
    pub async fn finish_provider(
        &self,
        name: &str,
        answer: &ProviderAnswer,
        browser: &str,
        actor: Option<&Actor>,
        visit: &Visit,
    ) -> Result<ProviderOutcome> {
        let provider = self.provider(name)?;
        let hash = TokenHash::of(&answer.state).ok_or(PROVIDER_FAILED)?;
        let browser = TokenHash::of(browser).ok_or(PROVIDER_FAILED)?;
        let taken = identities::take(&self.0.db, (hash, browser), name, self.0.clock.now()).await?;
        let (linking, state) = taken.ok_or(PROVIDER_FAILED)?;
        if answer.error.is_some() || answer.code.is_empty() || !provider.is_issuer(answer.iss.as_deref()) {
            return Err(PROVIDER_FAILED.into());
        }
        let secrets = self.seal()?.unseal(&place(hash), &state)?;
        let secrets: Secrets = serde_json::from_slice(&secrets).map_err(Error::internal)?;
        let next = secrets.next.clone();
        let identity = provider.finish(&answer.code, secrets).await?;
        match linking {
            Some(user) => {
                let actor = actor.filter(|actor| actor.id() == user).ok_or(PROVIDER_FAILED)?;
                self.link(actor, name, &identity).await?;
                Ok(ProviderOutcome::Linked)
            }
            None => Ok(ProviderOutcome::SignIn(self.enter_by(name, &identity, visit).await?, next)),
        }
    }

    /// The accounts at other sites that open the actor's, the oldest first.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`.
    pub async fn identities(&self, actor: &Actor) -> Result<Vec<LinkedIdentity>> {
        person(actor)?;
        let labels = self.providers();
        let list = identities::list(&self.0.db, actor.id()).await?;
        let entry = |(provider, subject, name, used): (String, String, String, Timestamp)| {
            let label = labels.iter().find(|(known, _)| *known == provider);
            let label = label.map_or_else(|| provider.clone(), |(_, label)| label.clone());
            LinkedIdentity { provider, label, subject, name, used }
        };
        Ok(list.into_iter().map(entry).collect())
    }

    /// Unlinks an account at another site.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`; [`UNKNOWN_IDENTITY`], also when it is another's; [`LAST_WAY_IN`].
    pub async fn unlink(&self, actor: &Actor, provider: &str, subject: &str) -> Result<()> {
        self.require_proof(actor).await?;
        let mut batch = Batch::new();
        ways_in::lock(&mut batch, actor.id(), codes::UNAUTHENTICATED);
        identities::remove(&mut batch, actor.id(), provider, subject, UNKNOWN_IDENTITY);
        ways_in::must_remain(&mut batch, actor.id(), &self.ways_in(), LAST_WAY_IN);
        self.0.db.write(batch).await?;
        Ok(())
    }

    fn provider(&self, name: &str) -> Result<Provider<'_>> {
        let config = &self.0.config;
        let settings = config.providers.get(name).ok_or(UNKNOWN_PROVIDER)?;
        let (Some(fetch), Some(here)) = (&config.fetch, &config.public_url) else {
            return Err(UNKNOWN_PROVIDER.into());
        };
        let here = here.as_str().trim_end_matches('/');
        Ok(Provider { settings, fetch, redirect: format!("{here}/login/with/{name}/callback") })
    }

    async fn link(&self, actor: &Actor, provider: &str, identity: &Identity) -> Result<()> {
        self.require_proof(actor).await?;
        let mut batch = Batch::new();
        identities::insert(&mut batch, actor.id(), provider, identity, self.0.clock.now());
        match self.0.db.write(batch).await {
            Err(error) if error.is(DUPLICATE) => {
                let owner = identities::find(&self.0.db, provider, &identity.subject).await?;
                if owner == Some(actor.id()) { Ok(()) } else { Err(IDENTITY_TAKEN.into()) }
            }
            other => other.map(|_| ()),
        }
    }

    async fn enter_by(&self, provider: &str, identity: &Identity, visit: &Visit) -> Result<SignIn> {
        if let Some(user) = identities::find(&self.0.db, provider, &identity.subject).await? {
            return self.sign_in_by(user, provider, identity, visit).await;
        }
        if !self.0.config.registration {
            return Err(REGISTRATION_CLOSED.into());
        }
        if let Some(email) = &identity.email
            && identities::address_is_known(&self.0.db, email).await?
        {
            return Err(ADDRESS_KNOWN.into());
        }
        let mut batch = Batch::new();
        let username = self.free_name(&identity.name).await?;
        let user = self.prepare_user(&mut batch, NewUser { username, ..NewUser::default() }).await?;
        if let Some(email) = &identity.email {
            identities::set_address(&mut batch, user.id, email);
        }
        identities::insert(&mut batch, user.id, provider, identity, self.0.clock.now());
        let signed_in = self.begin_session(&mut batch, user, Method::Provider, visit)?;
        match self.0.db.write(batch).await {
            Ok(_) => Ok(SignIn::Done(signed_in)),
            // Two visits of one person at the same time: the other one has made the account.
            Err(error) if error.is(DUPLICATE) => {
                let owner = identities::find(&self.0.db, provider, &identity.subject).await?;
                self.sign_in_by(owner.ok_or(codes::CONFLICT)?, provider, identity, visit).await
            }
            Err(error) => Err(error),
        }
    }

    async fn sign_in_by(
        &self,
        user: UserId,
        provider: &str,
        identity: &Identity,
        visit: &Visit,
    ) -> Result<SignIn> {
        let mut batch = Batch::new();
        identities::note_use(&mut batch, user, provider, identity, self.0.clock.now(), codes::CONFLICT);
        self.finish_sign_in(batch, user, Method::Provider, visit).await
    }

    /// A name that nobody has, as near as possible to the one that somebody has elsewhere.
    async fn free_name(&self, wanted: &str) -> Result<String> {
        let base = name_like(wanted);
        let mut name = base.clone();
        for _ in 0..NAMES {
            if !self.name_is_taken(&name).await? {
                return Ok(name);
            }
            name = format!("{base}_{}", rand::rng().random_range(1000..1_000_000));
        }
        Ok(name)
    }
}

/// What of a name can be a name here: at most 24 of its letters, so that a number fits behind.
fn name_like(wanted: &str) -> String {
    let fits = |sign: &char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || *sign == '_';
    let name: String = wanted.to_lowercase().chars().filter(fits).take(24).collect();
    if name.len() < 2 || name == "everyone" || name == "here" { "newcomer".to_owned() } else { name }
}

fn code_hash(code: &str) -> Result<TokenHash> {
    TokenHash::of(code).ok_or_else(|| Error::internal("a code that cannot be hashed"))
}

/// What a visit's secrets are sealed for.
fn place(hash: TokenHash) -> String {
    use base64::Engine as _;
    format!("provider_visits/{}", base64::engine::general_purpose::STANDARD.encode(hash.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::name_like;

    #[test]
    fn any_name_becomes_one_that_is_allowed_here() {
        for (wanted, name) in [
            ("Ada Lovelace", "adalovelace"),
            ("Äö", "newcomer"),
            ("", "newcomer"),
            ("here", "newcomer"),
            ("x_1", "x_1"),
        ] {
            assert_eq!(name_like(wanted), name);
        }
        assert_eq!(name_like(&"a".repeat(100)).len(), 24);
    }
}
