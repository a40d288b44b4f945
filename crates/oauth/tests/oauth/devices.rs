//! Devices (RFC 8628), and keys that tokens are bound to (RFC 9449).

use std::time::Duration;

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use guildhall_base::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{App, Hall, ISSUER, bearer, claims, halls, text};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn poll(hall: &Hall, app: &App, asked: &Value) -> crate::support::Answer {
    hall.token(app, &[("grant_type", GRANT), ("device_code", text(&asked["device_code"]))]).await
}

#[tokio::test]
async fn a_television_is_signed_in_from_a_telephone() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Television", |edit| edit.public = true).await;
        let asked = hall.post_as(&app, "/oauth2/device_authorization", &[("scope", "identify")]).await.ok();
        assert_eq!((&asked["interval"], &asked["expires_in"]), (&json!(5), &json!(600)));
        assert_eq!(asked["verification_uri"], format!("{ISSUER}/oauth2/device"));
        assert_eq!(poll(&hall, &app, &asked).await.error(), "authorization_pending");
        assert_eq!(poll(&hall, &app, &asked).await.error(), "slow_down");
        hall.hand.advance(Duration::from_secs(10));
        assert_eq!(poll(&hall, &app, &asked).await.error(), "authorization_pending");
        let code = text(&asked["user_code"]).to_owned();
        let path = text(&asked["verification_uri_complete"]).strip_prefix(ISSUER).unwrap().to_owned();
        assert!(hall.visit(&path, "").await.location().starts_with("/login?next="));
        let filled = hall.visit(&path, &session).await.text;
        assert!(filled.contains(&code) && !filled.contains("Television"), "nothing is decided by a link");
        let typed = code.to_lowercase().replace('-', " ");
        let page = hall.submit("/oauth2/device", &session, &[("user_code", &typed)]).await.text;
        assert!(page.contains("Television") && page.contains("see your name, your picture"), "{page}");
        let done =
            hall.submit("/oauth2/device", &session, &[("user_code", &code), ("decision", "allow")]).await;
        assert!(done.text.contains("The device is connected"));
        let again =
            hall.submit("/oauth2/device", &session, &[("user_code", &code), ("decision", "deny")]).await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST);
        let tokens = poll(&hall, &app, &asked).await.ok();
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&tokens)).await.ok()["username"], "ada");
        // Brought again, it ends what came of it.
        assert_eq!(poll(&hall, &app, &asked).await.error(), "invalid_grant");
        assert_eq!(hall.get("/api/v10/users/@me", &bearer(&tokens)).await.status, 401);
    }
}

#[tokio::test]
async fn a_device_that_is_refused_or_forgotten_gets_nothing() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let (app, other) =
            (hall.app("Television", |edit| edit.public = true).await, hall.app("Other", |_| {}).await);
        let ask =
            async || hall.post_as(&app, "/oauth2/device_authorization", &[("scope", "identify")]).await.ok();
        let asked = ask().await;
        let fields = [("user_code", text(&asked["user_code"])), ("decision", "deny")];
        assert!(
            hall.submit("/oauth2/device", &session, &fields).await.text.contains("The device was refused")
        );
        assert_eq!(poll(&hall, &app, &asked).await.error(), "access_denied");
        let asked = ask().await;
        assert_eq!(poll(&hall, &other, &asked).await.error(), "invalid_grant");
        hall.hand.advance(Duration::from_secs(600));
        assert_eq!(poll(&hall, &app, &asked).await.error(), "expired_token");
        for scope in ["", "nonsense", "bot"] {
            let refused = hall.post_as(&app, "/oauth2/device_authorization", &[("scope", scope)]).await;
            assert_eq!(refused.error(), "invalid_scope");
        }
    }
}

#[tokio::test]
async fn ten_thousand_guesses_at_a_device_code_are_not_heard() {
    for hall in halls().await {
        let (_, session) = hall.person("eve").await;
        let mut heard = 0;
        for guess in 0..10_000_u32 {
            let code = format!("BBBB{guess:04}");
            let answer = hall.submit("/oauth2/device", &session, &[("user_code", &code)]).await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
            heard += 1;
        }
        assert!(heard < 10, "{heard}");
        let refused = hall.submit("/oauth2/device", &session, &[("user_code", "BBBBBBBB")]).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

/// A client's key, and the proofs it makes.
struct Key(SigningKey);

impl Key {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    fn proof(&self, method: &str, path: &str, (nonce, token): (&str, Option<&str>), jti: &str) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes());
        let head = json!({
            "typ": "dpop+jwt", "alg": "EdDSA", "jwk": { "kty": "OKP", "crv": "Ed25519", "x": x },
        });
        let mut body = json!({
            "jti": jti, "htm": method, "htu": format!("{ISSUER}{path}"), "iat": 1_790_000_000, "nonce": nonce,
        });
        if let Some(token) = token {
            body["ath"] = json!(URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes())));
        }
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(head), encode(body));
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(text.as_bytes()).to_bytes());
        format!("{text}.{signature}")
    }
}

#[tokio::test]
async fn a_bound_token_is_worth_nothing_without_its_key() {
    for hall in halls().await {
        hall.hand.set(Timestamp::from_millis(1_790_000_000_000));
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |edit| edit.dpop_bound = true).await;
        let (key, thief) = (Key::new(1), Key::new(2));
        let basic = app.basic();
        let token = async |proof: &str, fields: &[(&str, &str)]| {
            hall.post("/oauth2/token", &[("authorization", &basic), ("dpop", proof)], fields).await
        };
        let code = hall.code(&app, &session, &[]).await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", crate::support::CALLBACK),
        ];
        assert_eq!(hall.exchange(&app, &code, &[]).await.error(), "invalid_dpop_proof");
        // Without our nonce it has to be sent again; the code is not consumed by that.
        let asked = token(&key.proof("POST", "/oauth2/token", ("", None), "1"), &fields).await;
        assert_eq!((asked.status, asked.error().as_str()), (StatusCode::BAD_REQUEST, "use_dpop_nonce"));
        let nonce = asked.header("dpop-nonce").to_owned();
        for wrong in [
            key.proof("GET", "/oauth2/token", (&nonce, None), "2"),
            key.proof("POST", "/oauth2/revoke", (&nonce, None), "3"),
            key.proof("POST", "/oauth2/token", (&nonce, Some("x")), "4"),
            "x.y.z".to_owned(),
        ] {
            assert_eq!(token(&wrong, &fields).await.error(), "invalid_dpop_proof");
        }
        let proof = key.proof("POST", "/oauth2/token", (&nonce, None), "5");
        let tokens = token(&proof, &fields).await.ok();
        assert_eq!(tokens["token_type"], "DPoP");
        let access = text(&tokens["access_token"]);
        assert!(claims(access)["cnf"]["jkt"].is_string());
        // A proof is good once. The refresh token is not consumed by one that has to be sent again.
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens["refresh_token"]))];
        assert_eq!(token(&proof, &refresh).await.error(), "invalid_dpop_proof");
        assert_eq!(
            token(&key.proof("POST", "/oauth2/token", ("old", None), "6"), &refresh).await.error(),
            "use_dpop_nonce"
        );
        token(&key.proof("POST", "/oauth2/token", (&nonce, None), "7"), &refresh).await.ok();
        let call = async |scheme: &str, proof: Option<String>| {
            let mut request = axum::http::Request::builder()
                .method(Method::GET)
                .uri("/api/v10/users/@me")
                .header("authorization", format!("{scheme} {access}"));
            if let Some(proof) = proof {
                request = request.header("dpop", proof);
            }
            hall.send(request.body(axum::body::Body::empty()).unwrap()).await
        };
        let path = "/api/v10/users/@me";
        assert_eq!(call("Bearer", None).await.status, 401, "a stolen token without its key");
        assert_eq!(call("DPoP", None).await.status, 401);
        let stolen = thief.proof("GET", path, (&nonce, Some(access)), "8");
        assert_eq!(call("DPoP", Some(stolen)).await.status, 401);
        let other = key.proof("GET", path, (&nonce, Some("another token")), "9");
        assert_eq!(call("DPoP", Some(other)).await.status, 401);
        let asked = call("DPoP", Some(key.proof("GET", path, ("", Some(access)), "10"))).await;
        assert!(
            asked.status == 401 && asked.header("www-authenticate").contains("use_dpop_nonce"),
            "{asked:?}"
        );
        assert_eq!(asked.header("dpop-nonce"), nonce);
        let good = key.proof("GET", path, (&nonce, Some(access)), "11");
        assert_eq!(call("DPoP", Some(good.clone())).await.ok()["username"], "ada");
        assert_eq!(call("DPoP", Some(good)).await.status, 401, "a proof that was overheard");
    }
}
