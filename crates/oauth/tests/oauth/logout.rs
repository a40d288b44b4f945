//! Applications are told that sessions are over, by a real receiver on this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Form;
use axum::http::StatusCode;
use axum::routing::post;
use guildhall_accounts::UserState;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use parking_lot::Mutex;
use serde_json::Value;

use crate::support::{App, Hall, ISSUER, claims, form, halls, text};

/// An application's server: it keeps what is posted to it, and answers what it is told to.
struct Receiver {
    url: String,
    told: Arc<Mutex<Vec<String>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    async fn start() -> Self {
        let (told, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(200)));
        let (keep, answer) = (told.clone(), status.clone());
        let receive = post(move |Form(fields): Form<Vec<(String, String)>>| async move {
            assert_eq!(fields.len(), 1);
            assert_eq!(fields[0].0, "logout_token");
            keep.lock().push(fields[0].1.clone());
            StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/signed-out", listener.local_addr().unwrap());
        tokio::spawn(async move {
            axum::serve(listener, Router::new().route("/signed-out", receive)).await.unwrap();
        });
        Self { url, told, status }
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock())
    }

    /// An application that is told here.
    async fn app(&self, hall: &Hall, name: &str, eddsa: bool) -> App {
        hall.app(name, |edit| {
            edit.backchannel_logout_uri = Some(self.url.clone());
            edit.eddsa = eddsa;
        })
        .await
    }
}

/// Signs in to an application and gives the ID token.
async fn enter(hall: &Hall, app: &App, session: &str) -> Value {
    let tokens = hall.tokens(app, session, "openid offline_access").await;
    claims(text(&tokens["id_token"]))
}

/// Checks a logout token as OpenID Connect Back-Channel Logout 2.6 wants it, and gives its claims.
async fn verified(hall: &Hall, app: &App, token: &str, id_token: &Value) -> Value {
    let keys: JwkSet = serde_json::from_value(hall.get("/oauth2/jwks", "").await.ok()).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("logout+jwt"));
    assert!(matches!(header.alg, Algorithm::RS256 | Algorithm::EdDSA));
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false; // the hall has a clock of its own
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[app.id.to_string()]);
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
    for same in ["iss", "aud", "sub", "sid"] {
        assert_eq!(claims[same], id_token[same], "{same}");
    }
    assert!(claims.get("nonce").is_none());
    let event = &claims["events"]["http://schemas.openid.net/event/backchannel-logout"];
    assert!(event.as_object().unwrap().is_empty());
    let (issued, ends) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert!(ends > issued && ends - issued <= 120);
    assert!(!claims["jti"].as_str().unwrap().is_empty());
    claims
}

#[tokio::test]
async fn whatever_ends_a_session_tells_the_applications_in_it_once() {
    for hall in halls().await {
        let receiver = Receiver::start().await;
        let (notes, maps) =
            (receiver.app(&hall, "Notes", false).await, receiver.app(&hall, "Maps", true).await);
        let silent = hall.app("Silent", |_| {}).await;
        let (ada, first) = hall.person("ada").await;

        // Twice at one application, once at another, once at one that does not listen; signed out by hand.
        let noted = enter(&hall, &notes, &first).await;
        enter(&hall, &notes, &first).await;
        let mapped = enter(&hall, &maps, &first).await;
        enter(&hall, &silent, &first).await;
        let second = hall.sign_in("ada").await;
        let kept = enter(&hall, &notes, &second).await;
        assert_ne!(kept["sid"], noted["sid"]);
        let actor = hall.actor(&first).await;
        hall.accounts.sign_out(&actor).await.unwrap();
        assert_eq!(receiver.take(), Vec::<String>::new());
        hall.jobs.run_due().await.unwrap();
        let told = receiver.take();
        assert_eq!(told.len(), 2);
        let of = |app: &App| told.iter().find(|token| claims(token)["aud"] == app.id.to_string()).unwrap();
        let one = verified(&hall, &notes, of(&notes), &noted).await;
        let other = verified(&hall, &maps, of(&maps), &mapped).await;
        assert_ne!(one["jti"], other["jti"]);
        hall.jobs.run_due().await.unwrap();
        assert_eq!(receiver.take(), Vec::<String>::new());

        // Revoked from another session.
        let actor = hall.actor(&second).await;
        let third = hall.sign_in("ada").await;
        let entered = enter(&hall, &notes, &third).await;
        let session = hall.actor(&third).await.session().unwrap();
        hall.accounts.revoke_session(&actor, session).await.unwrap();
        hall.jobs.run_due().await.unwrap();
        verified(&hall, &notes, &receiver.take().pop().unwrap(), &entered).await;

        // All the others, as when the password changes: the one that asks goes on.
        let fourth = hall.sign_in("ada").await;
        let entered = enter(&hall, &maps, &fourth).await;
        hall.accounts
            .change_password(&actor, crate::support::PASSWORD, "another horse battery")
            .await
            .unwrap();
        hall.jobs.run_due().await.unwrap();
        let told = receiver.take();
        assert_eq!(told.len(), 1);
        verified(&hall, &maps, &told[0], &entered).await;

        // A ban ends what is left.
        let (boss, _) = hall.person("boss").await;
        hall.accounts.set_staff(boss, true).await.unwrap();
        let boss = hall.sign_in("boss").await;
        let boss = hall.actor(&boss).await;
        hall.accounts.set_state(&boss, ada, UserState::Banned, "Spam, again and again").await.unwrap();
        hall.jobs.run_due().await.unwrap();
        let told = receiver.take();
        assert_eq!(told.len(), 1);
        verified(&hall, &notes, &told[0], &kept).await;
    }
}

#[tokio::test]
async fn a_sign_out_that_an_application_asks_for_is_told_to_the_others() {
    for hall in halls().await {
        let receiver = Receiver::start().await;
        let notes = receiver.app(&hall, "Notes", false).await;
        let (_, session) = hall.person("ada").await;
        let entered = enter(&hall, &notes, &session).await;
        let query = form(&[("client_id", &notes.id.to_string())]);
        let done = hall.submit("/oauth2/logout/confirm", &session, &[("query", &query)]).await;
        assert_eq!(done.location(), "/login");
        hall.jobs.run_due().await.unwrap();
        verified(&hall, &notes, &receiver.take().pop().unwrap(), &entered).await;

        // So is what somebody takes back from it.
        let session = hall.sign_in("ada").await;
        let entered = enter(&hall, &notes, &session).await;
        let path = format!("/settings/applications/{}/revoke", notes.id);
        assert_eq!(hall.submit(&path, &session, &[]).await.location(), "/settings/applications");
        hall.jobs.run_due().await.unwrap();
        verified(&hall, &notes, &receiver.take().pop().unwrap(), &entered).await;
    }
}

#[tokio::test]
async fn a_code_of_a_session_that_is_over_is_good_for_nothing() {
    for hall in halls().await {
        let receiver = Receiver::start().await;
        let notes = receiver.app(&hall, "Notes", false).await;
        let (_, session) = hall.person("ada").await;
        let code = hall.code(&notes, &session, &[("scope", "openid")]).await;
        let actor = hall.actor(&session).await;
        hall.accounts.sign_out(&actor).await.unwrap();
        hall.jobs.run_due().await.unwrap();
        assert_eq!(hall.exchange(&notes, &code, &[]).await.error(), "invalid_grant");
        assert_eq!(receiver.take(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_sign_out_that_is_not_heard_is_told_again_and_its_owner_sees_each_attempt() {
    for hall in halls().await {
        let receiver = Receiver::start().await;
        let notes = receiver.app(&hall, "Notes", false).await;
        let (_, session) = hall.person("ada").await;
        let entered = enter(&hall, &notes, &session).await;
        receiver.answers(503);
        let actor = hall.actor(&session).await;
        hall.accounts.sign_out(&actor).await.unwrap();
        hall.jobs.run_due().await.unwrap();
        receiver.answers(204);
        hall.hand.advance(Duration::from_secs(10));
        hall.jobs.run_due().await.unwrap();
        let told = receiver.take();
        assert_eq!(told.len(), 2);
        // A receiver that had heard the first all the same knows the second by its identifier.
        let first = verified(&hall, &notes, &told[0], &entered).await;
        let second = verified(&hall, &notes, &told[1], &entered).await;
        assert_eq!(first["jti"], second["jti"]);
        assert!(second["iat"].as_i64() > first["iat"].as_i64());
        let path = format!("/developers/{}", notes.id);
        let page = hall.visit(&path, &notes.owner).await.text;
        assert!(page.contains("503") && page.contains("204") && page.contains("Attempt 2"), "{page}");

        // One that is refused is not sent again by itself, but by its owner.
        let session = hall.sign_in("ada").await;
        let entered = enter(&hall, &notes, &session).await;
        receiver.answers(400);
        let actor = hall.actor(&session).await;
        hall.accounts.sign_out(&actor).await.unwrap();
        for _ in 0..3 {
            hall.jobs.run_due().await.unwrap();
            hall.hand.advance(Duration::from_secs(60));
        }
        assert_eq!(receiver.take().len(), 1);
        receiver.answers(200);
        let page = hall.visit(&path, &notes.owner).await.text;
        let action = page.split('"').find(|part| part.ends_with("/repeat")).unwrap().to_owned();
        let (_, stranger) = hall.person("eve").await;
        assert_eq!(hall.submit(&action, &stranger, &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(hall.submit(&action, &notes.owner, &[]).await.status, StatusCode::SEE_OTHER);
        hall.jobs.run_due().await.unwrap();
        verified(&hall, &notes, &receiver.take().pop().unwrap(), &entered).await;
    }
}

#[tokio::test]
async fn who_cannot_be_reached_is_tried_eight_times_and_then_left_to_the_owner() {
    for hall in halls().await {
        // Nobody listens there.
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let notes =
            hall.app("Notes", |edit| edit.backchannel_logout_uri = Some(format!("http://{free}/"))).await;
        let (_, session) = hall.person("ada").await;
        enter(&hall, &notes, &session).await;
        let actor = hall.actor(&session).await;
        hall.accounts.sign_out(&actor).await.unwrap();
        for _ in 0..12 {
            hall.jobs.run_due().await.unwrap();
            hall.hand.advance(Duration::from_secs(3600));
        }
        let page = hall.visit(&format!("/developers/{}", notes.id), &notes.owner).await.text;
        assert_eq!(page.matches("backchannel_logout</span>").count(), 8, "{page}");
        assert!(page.contains("The other server did not answer."));
    }
}
