//! Dynamic client registration (RFC 7591) and its management (RFC 7592). Open registration is an invitation to phish,
//! so a token that staff gave out is needed; the application belongs to whoever it was given by.

use std::sync::Arc;
use std::time::Duration;

use guildhall_accounts::{Actor, Rights};
use guildhall_base::{ApplicationId, Code as ErrorCode, Kind, Result, Scopes};
use guildhall_infra::db::Batch;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::OAuth;
use crate::codes::UNKNOWN_APPLICATION;
use crate::events::Ended;
use crate::model::{Application, Client, SecretHash, SigningAlg, new_secret};
use crate::refused::Refused;
use crate::rules::redirect;
use crate::store;

const NO_REGISTRATION: ErrorCode =
    ErrorCode::new(Kind::Unauthenticated, 0, "no_registration", "The initial access token is not good.");

/// What a client says of itself. Unknown members are ignored.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Metadata {
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    client_name: Option<String>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    grant_types: Option<Vec<String>>,
    #[serde(default)]
    response_types: Option<Vec<String>>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    id_token_signed_response_alg: Option<String>,
    #[serde(default)]
    userinfo_signed_response_alg: Option<Value>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    #[serde(default)]
    backchannel_logout_uri: Option<String>,
    #[serde(default)]
    dpop_bound_access_tokens: bool,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
}

/// What is answered to it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Registered {
    client_id: ApplicationId,
    client_id_issued_at: i64,
    client_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backchannel_logout_uri: Option<String>,
    token_endpoint_auth_method: &'static str,
    grant_types: Vec<&'static str>,
    response_types: [&'static str; 1],
    scope: String,
    id_token_signed_response_alg: &'static str,
    dpop_bound_access_tokens: bool,
    require_pushed_authorization_requests: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<String>,
    registration_client_uri: String,
}

impl OAuth {
    /// Gives out a token with which a client can register itself, some times within some days. It leaves a row in the
    /// audit log.
    ///
    /// # Errors
    /// `MISSING_RIGHTS` without `applications.verify`.
    pub async fn invite_registration(&self, actor: &Actor, uses: u32, days: u32) -> Result<String> {
        self.0.accounts.require_rights(actor, Rights::APPLICATIONS_VERIFY).await?;
        let token = new_secret();
        let expires = self.0.clock.now().after(Duration::from_secs(u64::from(days.clamp(1, 30)) * 24 * 3600));
        let mut batch = Batch::new();
        store::registrations::insert(
            &mut batch,
            SecretHash::of(&token),
            actor.id(),
            expires,
            uses.clamp(1, 100),
        );
        let change = (String::new(), format!("uses={} until={expires}", uses.clamp(1, 100)));
        let what = ("application.invite", None);
        self.0.accounts.note_staff_action(&mut batch, actor, what, String::new(), change);
        self.0.db.write(batch).await?;
        Ok(token)
    }

    /// Registers a client. The use of the token, the application, its bot and its secret are one batch.
    pub(crate) async fn register(&self, token: &str, metadata: Metadata) -> Result<Registered, Refused> {
        let hash = SecretHash::of(token);
        let giver = store::registrations::giver(&self.0.db, hash).await?.ok_or_else(no_registration)?;
        let mut client = client(&metadata, &Client::default())?;
        let management = new_secret();
        client.registration_hash = Some(SecretHash::of(&management));
        let name = metadata.client_name.unwrap_or_else(|| "Application".to_owned());
        let now = self.0.clock.now();
        let mut batch = Batch::new();
        store::registrations::spend(&mut batch, hash, now, NO_REGISTRATION);
        let prepared = self.0.applications.prepare(&mut batch, self.0.ids.next(), giver, &name, client).await;
        let (application, ..) = prepared.map_err(metadata_error)?;
        let secret = (!application.client.public).then(|| {
            let (secret, text) = self.0.applications.new_secret();
            store::secrets::insert(&mut batch, application.id, &secret);
            text
        });
        match self.0.db.write(batch).await {
            Ok(_) => Ok(self.registered(&application, secret, Some(management))),
            Err(error) if error.is(NO_REGISTRATION) => Err(no_registration()),
            Err(error) => Err(error.into()),
        }
    }

    /// The registered application that this token manages.
    async fn managed(&self, id: &str, token: &str) -> Result<Arc<Application>, Refused> {
        let refused = || Refused::new("invalid_token", "The registration access token is not good.");
        let id: ApplicationId = id.parse().map_err(|_| refused())?;
        let application = match self.0.applications.get(id).await {
            Ok(application) => application,
            Err(error) if error.is(UNKNOWN_APPLICATION) => return Err(refused()),
            Err(error) => return Err(error.into()),
        };
        match application.client.registration_hash {
            Some(hash) if hash == SecretHash::of(token) => Ok(application),
            _ => Err(refused()),
        }
    }

    pub(crate) async fn read_registration(&self, id: &str, token: &str) -> Result<Registered, Refused> {
        let application = self.managed(id, token).await?;
        Ok(self.registered(&application, None, None))
    }

    pub(crate) async fn change_registration(
        &self,
        id: &str,
        token: &str,
        metadata: Metadata,
    ) -> Result<Registered, Refused> {
        let mut application = Application::clone(&*self.managed(id, token).await?);
        application.client = client(&metadata, &application.client)?;
        if let Some(name) = metadata.client_name {
            application.name = name;
        }
        let application = self.0.applications.store(application).await.map_err(metadata_error)?;
        Ok(self.registered(&application, None, None))
    }

    pub(crate) async fn remove_registration(&self, id: &str, token: &str) -> Result<(), Refused> {
        let application = self.managed(id, token).await?;
        let mut batch = Batch::new();
        store::applications::remove(&mut batch, application.id);
        self.end(batch, &Ended { application: Some(application.id), ..Ended::default() }).await?;
        Ok(())
    }

    fn registered(
        &self,
        application: &Application,
        client_secret: Option<String>,
        registration_access_token: Option<String>,
    ) -> Registered {
        let client = &application.client;
        Registered {
            client_id: application.id,
            client_id_issued_at: super::issue::seconds(application.created),
            client_name: application.name.clone(),
            client_secret_expires_at: client_secret.is_some().then_some(0),
            client_secret,
            redirect_uris: client.redirect_uris.clone(),
            post_logout_redirect_uris: client.logout_uris.clone(),
            backchannel_logout_uri: client.backchannel_logout_uri.clone(),
            token_endpoint_auth_method: if client.public { "none" } else { "client_secret_basic" },
            grant_types: vec!["authorization_code", "refresh_token"],
            response_types: ["code"],
            scope: client.scopes.to_string(),
            id_token_signed_response_alg: client.id_token_alg.name(),
            dpop_bound_access_tokens: client.dpop_bound,
            require_pushed_authorization_requests: client.require_par,
            registration_access_token,
            registration_client_uri: format!("{}/oauth2/register/{}", self.0.config.issuer, application.id),
        }
    }
}

fn no_registration() -> Refused {
    Refused::new("invalid_token", "The initial access token is not good.")
}

fn metadata_error(error: guildhall_base::Error) -> Refused {
    match error.fields.first() {
        Some(field) => Refused::new("invalid_client_metadata", format!("{}: {}", field.path, field.message)),
        None => error.into(),
    }
}

/// What a client says of itself, checked.
fn client(metadata: &Metadata, before: &Client) -> Result<Client, Refused> {
    let wrong = |text: &'static str| Refused::new("invalid_client_metadata", text);
    let uris = metadata.redirect_uris.iter();
    for uri in uris.chain(&metadata.post_logout_redirect_uris).chain(&metadata.backchannel_logout_uri) {
        redirect::check(uri).map_err(|text| Refused::new("invalid_redirect_uri", text))?;
    }
    if metadata.redirect_uris.is_empty() || metadata.redirect_uris.len() > 10 {
        return Err(Refused::new("invalid_redirect_uri", "One to ten redirect_uris are required."));
    }
    let public = match metadata.token_endpoint_auth_method.as_deref() {
        None | Some("client_secret_basic" | "client_secret_post") => false,
        Some("none") => true,
        Some(_) => return Err(wrong("This token_endpoint_auth_method is not supported.")),
    };
    let known = ["authorization_code", "refresh_token", "client_credentials", super::token::DEVICE_GRANT];
    if metadata.grant_types.iter().flatten().any(|one| !known.contains(&one.as_str())) {
        return Err(wrong("A grant type is not supported."));
    }
    if metadata.response_types.iter().flatten().any(|one| one != "code") {
        return Err(wrong("Only response_type code is supported."));
    }
    if metadata.userinfo_signed_response_alg.is_some() {
        return Err(wrong("The userinfo answer is not signed."));
    }
    let id_token_alg = metadata.id_token_signed_response_alg.as_deref().unwrap_or("RS256");
    let id_token_alg =
        SigningAlg::named(id_token_alg).ok_or_else(|| wrong("ID tokens are signed RS256 or EdDSA."))?;
    let scopes = match Scopes::parse(metadata.scope.as_deref().unwrap_or_default()).0 {
        none if none.is_empty() => Scopes::OPENID | Scopes::PROFILE | Scopes::EMAIL | Scopes::OFFLINE,
        scopes => scopes,
    };
    Ok(Client {
        redirect_uris: metadata.redirect_uris.clone(),
        logout_uris: metadata.post_logout_redirect_uris.clone(),
        backchannel_logout_uri: metadata.backchannel_logout_uri.clone(),
        public,
        scopes,
        id_token_alg,
        dpop_bound: metadata.dpop_bound_access_tokens,
        require_par: metadata.require_pushed_authorization_requests,
        ..before.clone()
    })
}
