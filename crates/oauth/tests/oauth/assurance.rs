//! What applications are told about how somebody signed in is what happened, and they get the level that they need.

use std::time::Duration;

use axum::http::StatusCode;
use guildhall_accounts::{CeremonyAnswer, Proof, SignIn, Visit};
use guildhall_base::Timestamp;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::support::{App, Hall, PASSWORD, claims, halls, text};

const ONE: &str = "urn:guildhall:acr:1";
const TWO: &str = "urn:guildhall:acr:2";

/// What an app with this secret shows.
fn code(secret: &str, now: Timestamp) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
    app.generate(u64::try_from(now.millis() / 1000).unwrap()).to_string()
}

impl Hall {
    /// Sets up an app that shows codes; gives its secret.
    async fn guard(&self, session: &str) -> String {
        let actor = self.actor(session).await;
        let app = self.accounts.begin_authenticator(&actor, "Test Hall").await.unwrap();
        let shown = code(&app.secret, self.clock.now());
        self.accounts.confirm_authenticator(&actor, &shown).await.unwrap();
        self.hand.advance(Duration::from_secs(30));
        app.secret
    }

    /// Signs in with a password and a code.
    async fn sign_in_with(&self, name: &str, secret: &str) -> String {
        let SignIn::SecondStep(step) =
            self.accounts.sign_in(name, PASSWORD, &Visit::default()).await.unwrap()
        else {
            panic!("no second step is owed");
        };
        let shown = code(secret, self.clock.now());
        let SignIn::Done(entered) =
            self.accounts.finish_second_step(&step.ticket, &shown, &Visit::default()).await.unwrap()
        else {
            panic!("the code finishes it");
        };
        self.hand.advance(Duration::from_secs(30));
        entered.token
    }

    async fn add_passkey(&self, session: &str) -> Authenticator {
        let actor = self.actor(session).await;
        let mut key = Authenticator::new();
        let begun = serde_json::to_value(self.accounts.begin_passkey(&actor).await.unwrap()).unwrap();
        let credential = key.create(&begun["options"]);
        self.accounts.add_passkey(&actor, "Key", answer(&begun, credential)).await.unwrap();
        key
    }

    async fn enter_with(&self, key: &mut Authenticator) -> String {
        let begun = serde_json::to_value(self.accounts.begin_passkey_sign_in().await.unwrap()).unwrap();
        let credential = key.get(&begun["options"]);
        match self.accounts.sign_in_by_passkey(answer(&begun, credential), &Visit::default()).await.unwrap() {
            SignIn::Done(entered) => entered.token,
            SignIn::SecondStep(_) | SignIn::Leaving(_) => panic!("a passkey is enough"),
        }
    }

    /// What the ID token says of `acr` and `amr`; the access token and introspection must say the same.
    async fn told(&self, app: &App, session: &str, more: &[(&str, &str)]) -> (String, String) {
        let mut fields = vec![("scope", "openid")];
        fields.extend(more);
        let code = self.code(app, session, &fields).await;
        let tokens = self.exchange(app, &code, &[]).await.ok();
        let (id, access) = (claims(text(&tokens["id_token"])), claims(text(&tokens["access_token"])));
        assert_eq!(
            (&id["acr"], &id["amr"], &id["auth_time"]),
            (&access["acr"], &access["amr"], &access["auth_time"])
        );
        let token = text(&tokens["access_token"]);
        let seen = self.post_as(app, "/oauth2/introspect", &[("token", token)]).await.ok();
        assert_eq!(seen["acr"], id["acr"]);
        let words: Vec<_> = id["amr"].as_array().unwrap().iter().map(text).collect();
        (text(&id["acr"]).to_owned(), words.join(" "))
    }
}

fn answer(begun: &Value, credential: Value) -> CeremonyAnswer {
    serde_json::from_value(json!({ "ceremony": begun["ceremony"], "credential": credential })).unwrap()
}

#[tokio::test]
async fn applications_are_told_how_somebody_signed_in() {
    for hall in halls().await {
        let app = hall.app("Bank", |_| {}).await;
        let (_, session) = hall.person("ada").await;
        let expect = |acr: &str, amr: &str| (acr.to_owned(), amr.to_owned());
        assert_eq!(hall.told(&app, &session, &[]).await, expect(ONE, "pwd"));

        let mut key = hall.add_passkey(&session).await;
        let entered = hall.enter_with(&mut key).await;
        assert_eq!(hall.told(&app, &entered, &[]).await, expect(TWO, "pop user mfa"));

        let secret = hall.guard(&session).await;
        let entered = hall.sign_in_with("ada", &secret).await;
        assert_eq!(hall.told(&app, &entered, &[]).await, expect(TWO, "pwd otp mfa"));
        // Who asks for less is told that it is reached.
        assert_eq!(hall.told(&app, &entered, &[("acr_values", ONE)]).await.0, ONE);

        // A session that was one factor becomes two where the second is shown later.
        assert_eq!(hall.told(&app, &session, &[]).await, expect(ONE, "pwd"));
        let actor = hall.actor(&session).await;
        let shown = code(&secret, hall.clock.now());
        hall.accounts.prove(&actor, &Proof::Code(shown)).await.unwrap();
        assert_eq!(hall.told(&app, &session, &[]).await, expect(TWO, "pwd otp mfa"));
    }
}

#[tokio::test]
async fn an_application_that_needs_two_factors_gets_them_or_is_refused() {
    for hall in halls().await {
        let app = hall.app("Bank", |_| {}).await;
        let essential = json!({ "id_token": { "acr": { "essential": true, "values": [TWO] } } }).to_string();
        let must = app.query(&[("scope", "openid"), ("claims", &essential)]);
        let wish = app.query(&[("scope", "openid"), ("acr_values", TWO)]);
        let (_, session) = hall.person("ada").await;
        hall.tokens(&app, &session, "openid").await;

        // Somebody without a second factor: the one that must have it hears so, the other how little it is.
        let refused = hall.visit(&format!("/oauth2/authorize?{must}"), &session).await;
        assert_eq!(refused.sent("error").as_deref(), Some("unmet_authentication_requirements"));
        assert_eq!(hall.told(&app, &session, &[("acr_values", TWO)]).await.0, ONE);

        // Somebody with one, who has not shown it in this session, signs in again and comes back.
        let secret = hall.guard(&session).await;
        for query in [&must, &wish] {
            let sent = hall.visit(&format!("/oauth2/authorize?{query}"), &session).await;
            assert!(sent.location().starts_with("/login?next=") && sent.location().ends_with("&again=1"));
            let back = sent.sent("next").unwrap();
            hall.hand.advance(Duration::from_secs(1));
            let entered = hall.sign_in_with("ada", &secret).await;
            let onward = hall.visit(&format!("{back}&onward=1"), &entered).await;
            let code = onward.sent("code").unwrap_or_else(|| panic!("{onward:?}"));
            let tokens = hall.exchange(&app, &code, &[]).await.ok();
            assert_eq!(claims(text(&tokens["id_token"]))["acr"], TWO);
        }
        // Nothing may be shown: the one refuses, the other is told what is.
        let silent = app.query(&[("scope", "openid"), ("claims", &essential), ("prompt", "none")]);
        let refused = hall.visit(&format!("/oauth2/authorize?{silent}"), &session).await;
        assert_eq!(refused.sent("error").as_deref(), Some("unmet_authentication_requirements"));
        let silent = app.query(&[("scope", "openid"), ("acr_values", TWO), ("prompt", "none")]);
        assert!(hall.visit(&format!("/oauth2/authorize?{silent}"), &session).await.sent("code").is_some());
    }
}

#[tokio::test]
async fn an_old_sign_in_is_not_young_enough_and_a_fresh_proof_makes_it_so() {
    for hall in halls().await {
        let app = hall.app("Bank", |_| {}).await;
        let (_, session) = hall.person("ada").await;
        hall.tokens(&app, &session, "openid").await;
        hall.hand.advance(Duration::from_secs(600));
        let aged = app.query(&[("scope", "openid"), ("max_age", "300")]);
        let sent = hall.visit(&format!("/oauth2/authorize?{aged}"), &session).await;
        assert!(sent.location().starts_with("/login?"), "{sent:?}");
        let actor = hall.actor(&session).await;
        hall.accounts.prove(&actor, &Proof::Password(PASSWORD.into())).await.unwrap();
        let proved = hall.clock.now().millis() / 1000;
        hall.hand.advance(Duration::from_secs(5));
        let answered = hall.visit(&format!("/oauth2/authorize?{aged}"), &session).await;
        let tokens = hall.exchange(&app, &answered.sent("code").unwrap(), &[]).await.ok();
        assert_eq!(claims(text(&tokens["id_token"]))["auth_time"], proved);
        // prompt=login wants a sign-in after the request, whatever came before.
        let again = app.query(&[("scope", "openid"), ("prompt", "login")]);
        let sent = hall.visit(&format!("/oauth2/authorize?{again}"), &session).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        assert!(sent.location().starts_with("/login?"), "{sent:?}");
    }
}
