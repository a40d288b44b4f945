//! Other sites that say who somebody is: OpenID Connect providers (core 1.0, discovery 1.0, with PKCE and nonce) and
//! Discord (OAuth2 and its `/users/@me`). Every request goes through the guard for outgoing requests.

use std::collections::BTreeMap;
use std::pin::Pin;

use axum::http::{HeaderValue, Method, header};
use guildhall_base::{Error, Result};
use guildhall_infra::fetch::{Fetch, Outgoing};
use openidconnect::core::{CoreClient, CoreProviderMetadata, CoreResponseType, CoreUserInfoClaims};
use openidconnect::{
    AsyncHttpClient, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::codes::PROVIDER_FAILED;

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// OpenID Connect; `address` is the issuer.
    #[default]
    Oidc,
    /// Discord's OAuth2; `address` is `https://discord.com` unless it is a copy of it.
    Discord,
}

/// A provider as the configuration writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// What it speaks.
    #[serde(default)]
    pub kind: ProviderKind,
    /// What its button says; the name in the configuration if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where it is: the issuer of OpenID Connect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Url>,
    /// What this site is called there.
    pub client_id: String,
    /// The secret that goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// What is asked for besides `openid`; by default `profile` and `email`, at Discord `identify` and `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// The providers of this installation, by their names.
pub type Providers = BTreeMap<String, ProviderSettings>;

/// Refuses providers that cannot work.
///
/// # Errors
/// What is wrong, for the operator.
pub fn check_providers(providers: &Providers) -> Result<(), String> {
    for (name, provider) in providers {
        let fits = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        if name.is_empty() || name.len() > 32 || !name.chars().all(fits) {
            return Err(format!(
                "the provider {name:?} must be called by a-z, 0-9 and -, at most 32 of them"
            ));
        }
        if provider.kind == ProviderKind::Oidc && provider.address.is_none() {
            return Err(format!("the provider {name:?} needs its address, the issuer"));
        }
    }
    Ok(())
}

/// Who somebody is at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// For ever the same there.
    pub(crate) subject: String,
    /// What they are called there.
    pub(crate) name: String,
    /// Their mail address, only if the provider has verified it; in lower case.
    pub(crate) email: Option<String>,
}

/// What is remembered of a visit until it comes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Secrets {
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    pub(crate) next: String,
}

/// A provider that is asked something.
pub(crate) struct Provider<'a> {
    pub(crate) settings: &'a ProviderSettings,
    pub(crate) fetch: &'a Fetch,
    /// Where it sends people back to.
    pub(crate) redirect: String,
}

impl Provider<'_> {
    /// Where to send somebody, and what to remember of it.
    pub(crate) async fn begin(&self, state: &str, next: &str) -> Result<(Url, Secrets)> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = Nonce::new_random();
        let secrets = Secrets {
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            next: next.to_owned(),
        };
        let url = match self.settings.kind {
            ProviderKind::Oidc => self.oidc_address(state, nonce, challenge).await?,
            ProviderKind::Discord => self.discord_address(state, &challenge)?,
        };
        Ok((url, secrets))
    }

    /// Who came back with this code.
    pub(crate) async fn finish(&self, code: &str, secrets: Secrets) -> Result<Identity> {
        match self.settings.kind {
            ProviderKind::Oidc => self.oidc_identity(code, secrets).await,
            ProviderKind::Discord => self.discord_identity(code, secrets).await,
        }
    }

    /// Whether an `iss` in the answer is the provider's own (RFC 9207); without one, its own address to come back to
    /// keeps providers apart.
    pub(crate) fn is_issuer(&self, said: Option<&str>) -> bool {
        match (self.settings.kind, &self.settings.address, said) {
            (ProviderKind::Oidc, Some(issuer), Some(said)) => {
                issuer.as_str().trim_end_matches('/') == said.trim_end_matches('/')
            }
            _ => true,
        }
    }

    fn scopes(&self, usual: [&str; 2]) -> Vec<String> {
        self.settings.scopes.clone().unwrap_or_else(|| usual.map(str::to_owned).to_vec())
    }

    async fn oidc_metadata(&self) -> Result<CoreProviderMetadata> {
        let issuer = self.settings.address.as_ref().ok_or_else(|| failed("no issuer"))?;
        // The issuer is compared letter by letter; an address parser adds a slash to a bare host.
        let issuer = match issuer.path() {
            "/" => issuer.as_str().trim_end_matches('/'),
            _ => issuer.as_str(),
        };
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(failed)?;
        let client = Guarded(self.fetch.clone());
        // Boxed with an owned client: the library's future is only then seen to be `Send`.
        let asking: Later<_> =
            Box::pin(
                async move { CoreProviderMetadata::discover_async(issuer, &client).await.map_err(failed) },
            );
        asking.await
    }

    async fn oidc_address(&self, state: &str, nonce: Nonce, challenge: PkceCodeChallenge) -> Result<Url> {
        let metadata = self.oidc_metadata().await?;
        let client = CoreClient::from_provider_metadata(metadata, self.id(), self.secret())
            .set_redirect_uri(RedirectUrl::new(self.redirect.clone()).map_err(failed)?);
        let state = state.to_owned();
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || nonce,
            )
            .set_pkce_challenge(challenge);
        for scope in self.scopes(["profile", "email"]) {
            request = request.add_scope(Scope::new(scope));
        }
        Ok(request.url().0)
    }

    async fn oidc_identity(&self, code: &str, secrets: Secrets) -> Result<Identity> {
        let metadata = self.oidc_metadata().await?;
        let client = CoreClient::from_provider_metadata(metadata, self.id(), self.secret())
            .set_redirect_uri(RedirectUrl::new(self.redirect.clone()).map_err(failed)?);
        let (http, exchanging) = (Guarded(self.fetch.clone()), client.clone());
        let (code, verifier) =
            (AuthorizationCode::new(code.to_owned()), PkceCodeVerifier::new(secrets.verifier));
        let asking: Later<_> = Box::pin(async move {
            let request = exchanging.exchange_code(code).map_err(failed)?.set_pkce_verifier(verifier);
            request.request_async(&http).await.map_err(failed)
        });
        let tokens = asking.await?;
        let token = tokens.id_token().ok_or_else(|| failed("no ID token"))?;
        // Signature, issuer, audience, expiry and nonce.
        let claims = token.claims(&client.id_token_verifier(), &Nonce::new(secrets.nonce)).map_err(failed)?;
        let named = claims.preferred_username().map(|name| name.as_str().to_owned());
        let named = named.or_else(|| claims.name()?.get(None).map(|name| name.as_str().to_owned()));
        let email = claims.email().filter(|_| claims.email_verified() == Some(true));
        let mut identity = Identity {
            subject: claims.subject().as_str().to_owned(),
            name: named.unwrap_or_default(),
            email: email.map(|email| email.as_str().to_lowercase()),
        };
        if !identity.name.is_empty() && identity.email.is_some() {
            return Ok(identity);
        }
        // What scopes ask for is in the ID token at some, and only there for the asking at others (core 5.4).
        let (access, subject) = (tokens.access_token().clone(), claims.subject().clone());
        let Ok(_) = client.user_info(access.clone(), None) else { return Ok(identity) };
        let http = Guarded(self.fetch.clone());
        let asking: Later<CoreUserInfoClaims> = Box::pin(async move {
            let request = client.user_info(access, Some(subject)).map_err(failed)?;
            request.request_async(&http).await.map_err(failed)
        });
        let more = asking.await?;
        if identity.name.is_empty() {
            let named = more.preferred_username().map(|name| name.as_str().to_owned());
            let named = named.or_else(|| more.name()?.get(None).map(|name| name.as_str().to_owned()));
            identity.name = named.unwrap_or_default();
        }
        if identity.email.is_none() {
            let email = more.email().filter(|_| more.email_verified() == Some(true));
            identity.email = email.map(|email| email.as_str().to_lowercase());
        }
        Ok(identity)
    }

    fn id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    fn secret(&self) -> Option<ClientSecret> {
        self.settings.client_secret.clone().map(ClientSecret::new)
    }

    fn discord(&self, path: &str) -> Result<Url> {
        let base = self.settings.address.as_ref().map_or("https://discord.com", Url::as_str);
        format!("{}{path}", base.trim_end_matches('/')).parse().map_err(failed)
    }

    fn discord_address(&self, state: &str, challenge: &PkceCodeChallenge) -> Result<Url> {
        let mut url = self.discord("/oauth2/authorize")?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("scope", &self.scopes(["identify", "email"]).join(" "))
            .append_pair("state", state)
            .append_pair("code_challenge", challenge.as_str())
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    async fn discord_identity(&self, code: &str, secrets: Secrets) -> Result<Identity> {
        #[derive(Deserialize)]
        struct Token {
            access_token: String,
        }
        #[derive(Deserialize)]
        struct Me {
            id: String,
            username: String,
            email: Option<String>,
            verified: Option<bool>,
        }
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("client_secret", self.settings.client_secret.as_deref().unwrap_or_default())
            .append_pair("code_verifier", &secrets.verifier)
            .finish();
        let mut request = Outgoing::new(Method::POST, self.discord("/api/oauth2/token")?);
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(header::CONTENT_TYPE, form_type);
        request.body = form.into();
        let token: Token = self.read(request).await?;
        let mut request = Outgoing::new(Method::GET, self.discord("/api/v10/users/@me")?);
        let bearer = HeaderValue::from_str(&format!("Bearer {}", token.access_token)).map_err(failed)?;
        request.headers.insert(header::AUTHORIZATION, bearer);
        let me: Me = self.read(request).await?;
        let email = me.email.filter(|_| me.verified == Some(true));
        Ok(Identity { subject: me.id, name: me.username, email: email.map(|email| email.to_lowercase()) })
    }

    async fn read<T: for<'de> Deserialize<'de>>(&self, request: Outgoing) -> Result<T> {
        let answer = self.fetch.send(request).await?;
        if !answer.status.is_success() {
            return Err(failed(answer.status));
        }
        serde_json::from_slice(&answer.body).map_err(failed)
    }
}

/// What the guard refused.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(Error);

/// A future with nothing borrowed.
type Later<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// The library's way to the guard.
struct Guarded(Fetch);

impl AsyncHttpClient<'_> for Guarded {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Refused>> + Send>>;

    fn call(&self, request: HttpRequest) -> Self::Future {
        let fetch = self.0.clone();
        Box::pin(async move { send(&fetch, request).await })
    }
}

/// The library's requests through the guard.
async fn send(fetch: &Fetch, request: HttpRequest) -> Result<HttpResponse, Refused> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string().parse().map_err(|error: url::ParseError| Refused(failed(error)))?;
    let mut outgoing = Outgoing::new(parts.method, url);
    outgoing.headers = parts.headers;
    outgoing.body = body.into();
    let answer = fetch.send(outgoing).await.map_err(Refused)?;
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// The person learns only that it did not work; why goes to the log.
fn failed(error: impl std::fmt::Display) -> Error {
    tracing::warn!(%error, "a sign-in provider failed");
    PROVIDER_FAILED.into()
}
