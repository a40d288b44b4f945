//! What an owner decides about an application as an OAuth2 client, and its secrets.

use std::sync::Arc;
use std::time::Duration;

use guildhall_accounts::{Actor, Rights};
use guildhall_base::{ApplicationId, Form, Result, Scopes};
use guildhall_infra::db::Batch;

use crate::Applications;
use crate::codes::UNKNOWN_SECRET;
use crate::events::Ended;
use crate::model::{Application, Client, ClientSecret, SecretHash, SigningAlg, new_secret};
use crate::rules::redirect;
use crate::store;

/// How many addresses one application may register.
const MOST_ADDRESSES: usize = 20;

/// What an owner changes; all of it at once, as the form sends it.
#[derive(Debug, Clone, Default)]
pub struct EditClient {
    /// See [`crate::Client`].
    pub redirect_uris: Vec<String>,
    /// See [`crate::Client`].
    pub logout_uris: Vec<String>,
    /// See [`crate::Client`].
    pub backchannel_logout_uri: Option<String>,
    /// See [`crate::Client`].
    pub public: bool,
    /// See [`crate::Client`].
    pub scopes: Scopes,
    /// See [`crate::Client`].
    pub optional_scopes: Scopes,
    /// See [`crate::Client`].
    pub eddsa: bool,
    /// See [`crate::Client`].
    pub require_pkce: bool,
    /// See [`crate::Client`].
    pub require_par: bool,
    /// See [`crate::Client`].
    pub dpop_bound: bool,
}

impl Applications {
    /// Changes an application of the actor's own as an OAuth2 client. One that becomes public loses its secrets.
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION`, wrong fields.
    pub async fn edit_client(
        &self,
        actor: &Actor,
        id: ApplicationId,
        edit: EditClient,
    ) -> Result<Arc<Application>> {
        let mut application = Application::clone(&*self.owned(actor, id).await?);
        let mut form = Form::new();
        for (field, uris) in [("redirect_uris", &edit.redirect_uris), ("logout_uris", &edit.logout_uris)] {
            form.at_most(field, uris.len(), MOST_ADDRESSES);
            for uri in uris {
                if let Err(problem) = redirect::check(uri) {
                    form.refuse(field, "INVALID_ADDRESS", format!("{uri}: {problem}"));
                }
            }
        }
        if let Some(uri) = &edit.backchannel_logout_uri
            && let Err(problem) = redirect::check(uri)
        {
            form.refuse("backchannel_logout_uri", "INVALID_ADDRESS", problem);
        }
        form.finish()?;
        let client = &mut application.client;
        client.redirect_uris = edit.redirect_uris;
        client.logout_uris = edit.logout_uris;
        client.backchannel_logout_uri = edit.backchannel_logout_uri;
        client.public = edit.public;
        client.scopes = edit.scopes;
        client.optional_scopes = edit.optional_scopes & edit.scopes & !Scopes::OPENID;
        client.id_token_alg = if edit.eddsa { SigningAlg::EdDsa } else { SigningAlg::Rs256 };
        client.require_pkce = edit.require_pkce;
        client.require_par = edit.require_par;
        client.dpop_bound = edit.dpop_bound;
        self.store(application).await
    }

    /// Vouches for an application or stops to, and gives it limits of its own (0: the defaults). It leaves a row in the
    /// audit log.
    ///
    /// # Errors
    /// `MISSING_RIGHTS` without `applications.verify`; `UNKNOWN_APPLICATION`.
    pub async fn vouch(
        &self,
        actor: &Actor,
        id: ApplicationId,
        verified: bool,
        (per_second, per_day): (u32, u32),
    ) -> Result<Arc<Application>> {
        self.0.accounts.require_rights(actor, Rights::APPLICATIONS_VERIFY).await?;
        let mut application = Application::clone(&*self.get(id).await?);
        let told = |client: &Client| {
            format!(
                "verified={} per_second={} per_day={}",
                client.verified, client.per_second, client.per_day
            )
        };
        let before = told(&application.client);
        application.client.verified = verified;
        application.client.per_second = per_second;
        application.client.per_day = per_day;
        let change = (before, told(&application.client));
        let mut batch = Batch::new();
        store::applications::update(&mut batch, &application);
        let what = ("application.vouch", Some(application.bot()));
        self.0.accounts.note_staff_action(&mut batch, actor, what, String::new(), change);
        self.change(batch, id).await?;
        Ok(Arc::new(application))
    }

    /// The secrets of an application, from memory if asked for lately.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn secrets(&self, id: ApplicationId) -> Result<Arc<Vec<ClientSecret>>> {
        if let Some(secrets) = self.0.secrets.get(id) {
            return Ok(secrets);
        }
        let mark = self.0.secrets.mark();
        let secrets = Arc::new(store::secrets::all(&self.0.db, id).await?);
        self.0.secrets.keep(mark, id, secrets.clone());
        Ok(secrets)
    }

    /// Makes a new secret of an application of the actor's own; it is answered here and nowhere else. Those before it
    /// stay good for the overlap, so that running programs can be given the new one.
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION`.
    pub async fn rotate_secret(&self, actor: &Actor, id: ApplicationId, overlap: Duration) -> Result<String> {
        self.owned(actor, id).await?;
        let now = self.0.clock.now();
        let (secret, text) = self.new_secret();
        let mut batch = Batch::new();
        store::secrets::retire(&mut batch, id, now, now.after(overlap));
        store::secrets::insert(&mut batch, id, &secret);
        self.change(batch, id).await?;
        Ok(text)
    }

    /// Ends one secret of an application of the actor's own at once.
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION`, `UNKNOWN_SECRET`.
    pub async fn remove_secret(&self, actor: &Actor, id: ApplicationId, secret: i64) -> Result<()> {
        self.owned(actor, id).await?;
        let mut batch = Batch::new();
        store::secrets::remove(&mut batch, id, secret, UNKNOWN_SECRET);
        self.change(batch, id).await
    }

    /// A secret that is in no batch yet, and its text.
    pub(crate) fn new_secret(&self) -> (ClientSecret, String) {
        let text = new_secret();
        let hint = text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned();
        let secret = ClientSecret {
            id: self.0.ids.next::<()>().get(),
            hash: SecretHash::of(&text),
            hint,
            created: self.0.clock.now(),
            expires: None,
        };
        (secret, text)
    }

    /// Writes a change of an application; every process forgets what it knew of it.
    pub(crate) async fn change(&self, batch: Batch, id: ApplicationId) -> Result<()> {
        let event = Ended { application: Some(id), ..Ended::default() }.event()?;
        self.0.accounts.events().commit_leaf(batch, &[event]).await?;
        self.forget(id);
        Ok(())
    }

    /// Forgets what is known of an application in memory.
    pub(crate) fn forget(&self, id: ApplicationId) {
        self.0.cache.forget(id);
        self.0.secrets.forget(id);
    }
}
