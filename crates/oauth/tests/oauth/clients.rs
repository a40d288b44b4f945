//! The crates `openidconnect` and `oauth2` as clients.

use axum::body::Body;
use axum::http::Request;
use guildhall_base::Timestamp;
use oauth2::{DeviceAuthorizationUrl, StandardDeviceAuthorizationResponse};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
};

use crate::support::{CALLBACK, Hall, ISSUER, halls};

/// Carries a client's request to the hall.
async fn carry(hall: &Hall, request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let (mut parts, body) = request.into_parts();
    parts.uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
    let answer = hall.send(Request::from_parts(parts, Body::from(body))).await;
    let mut response = axum::http::Response::new(answer.text.into_bytes());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

#[tokio::test]
async fn openidconnect_discovers_signs_in_verifies_and_refreshes() {
    for hall in halls().await {
        // The crate looks at the real time.
        hall.hand.set(Timestamp::from_millis(guildhall_base::Clock::system().now().millis()));
        let (ada, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let http = |request| carry(&hall, request);
        let issuer = IssuerUrl::new(ISSUER.to_owned()).unwrap();
        let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
        let id = ClientId::new(app.id.to_string());
        let client =
            CoreClient::from_provider_metadata(metadata, id, Some(ClientSecret::new(app.secret.clone())))
                .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("profile".into()))
            .add_scope(Scope::new("offline_access".into()))
            .set_pkce_challenge(challenge)
            .url();
        let sent = hall.decide(url.query().unwrap(), &session, "allow").await;
        assert_eq!(sent.sent("state").unwrap(), *state.secret());
        let code = AuthorizationCode::new(sent.sent("code").unwrap());
        let asked = client.exchange_code(code).unwrap().set_pkce_verifier(verifier);
        let tokens = asked.request_async(&http).await.unwrap();
        let claims = tokens.id_token().unwrap().claims(&client.id_token_verifier(), &nonce).unwrap();
        assert_eq!(claims.subject().as_str(), ada.to_string());
        let user: CoreUserInfoClaims = client
            .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
            .unwrap()
            .request_async(&http)
            .await
            .unwrap();
        assert_eq!(user.preferred_username().unwrap().as_str(), "ada");
        let refresh = tokens.refresh_token().unwrap();
        let next = client.exchange_refresh_token(refresh).unwrap().request_async(&http).await.unwrap();
        assert_ne!(next.refresh_token().unwrap().secret(), refresh.secret());
    }
}

#[tokio::test]
async fn oauth2_asks_for_a_device_and_for_itself() {
    for hall in halls().await {
        let app = hall.app("Notes", |_| {}).await;
        let http = |request| carry(&hall, request);
        let at = |path: &str| format!("{ISSUER}{path}");
        let client = oauth2::basic::BasicClient::new(oauth2::ClientId::new(app.id.to_string()))
            .set_client_secret(oauth2::ClientSecret::new(app.secret.clone()))
            .set_token_uri(oauth2::TokenUrl::new(at("/oauth2/token")).unwrap())
            .set_device_authorization_url(
                DeviceAuthorizationUrl::new(at("/oauth2/device_authorization")).unwrap(),
            );
        let own = client.exchange_client_credentials().request_async(&http).await.unwrap();
        assert!(own.expires_in().is_some());
        let asked: StandardDeviceAuthorizationResponse = client
            .exchange_device_code()
            .add_scope(oauth2::Scope::new("identify".into()))
            .request_async(&http)
            .await
            .unwrap();
        assert_eq!(asked.user_code().secret().len(), 9);
    }
}
