use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use guildhall_accounts::{Actor, Proof, SignIn, Visit};
use guildhall_base::Timestamp;
use guildhall_infra::i18n;
use serde_json::{Value, json};

use crate::support::{Hall, PASSWORD, halls};

/// What an app with this secret shows.
pub(crate) fn code(secret: &str, now: Timestamp) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
    app.generate(u64::try_from(now.millis() / 1000).unwrap()).to_string()
}

/// Somebody with a second factor: their session, the app's secret, the recovery codes.
pub(crate) struct Guarded {
    pub(crate) token: String,
    pub(crate) secret: String,
    pub(crate) recovery: Vec<String>,
}

impl Hall {
    pub(crate) async fn actor(&self, token: &str) -> Actor {
        self.accounts.authenticate(token).await.unwrap()
    }

    pub(crate) async fn guarded(&self, name: &str) -> Guarded {
        let (_, token) = self.person(name).await;
        let actor = self.actor(&token).await;
        let app = self.accounts.begin_authenticator(&actor, "Test Hall").await.unwrap();
        let shown = code(&app.secret, self.clock.now());
        let recovery = self.accounts.confirm_authenticator(&actor, &shown).await.unwrap();
        // The code that confirmed it is used up.
        self.hand.advance(Duration::from_secs(30));
        Guarded { token, secret: app.secret, recovery }
    }

    /// A ticket, got with the right password.
    async fn ticket(&self, name: &str) -> String {
        let answer = self.sign_in(name, PASSWORD).await.ok();
        assert_eq!((&answer["mfa"], &answer["token"]), (&json!(true), &Value::Null));
        answer["ticket"].as_str().unwrap().to_owned()
    }

    async fn second(&self, ticket: &str, code: &str) -> crate::support::Answer {
        let body = json!({ "ticket": ticket, "code": code });
        self.call(Method::POST, "/auth/mfa/totp", "", body).await
    }
}

#[tokio::test]
async fn a_password_alone_does_not_open_a_guarded_account() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let ticket = hall.ticket("ada").await;
        assert_eq!(hall.get("/users/@me", &ticket).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(hall.second(&ticket, "000000").await.json()["code"], 60008);
        let token = hall.second(&ticket, &code(&ada.secret, hall.clock.now())).await.ok()["token"].clone();
        let token = token.as_str().unwrap();
        hall.get("/users/@me", token).await.ok();
        assert_ne!(token, ada.token);
        assert_eq!(
            hall.second(&ticket, &ada.recovery[0]).await.json()["code"],
            60006,
            "a ticket is for once"
        );
    }
}

#[tokio::test]
async fn a_code_counts_once_even_within_its_time() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let shown = code(&ada.secret, hall.clock.now());
        let (first, second) = (hall.ticket("ada").await, hall.ticket("ada").await);
        hall.second(&first, &shown).await.ok();
        assert_eq!(hall.second(&second, &shown).await.json()["code"], 60008);
        hall.hand.advance(Duration::from_secs(30));
        hall.second(&second, &code(&ada.secret, hall.clock.now())).await.ok();
    }
}

#[tokio::test]
async fn a_ticket_ends_after_five_attempts_and_after_ten_minutes() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let ticket = hall.ticket("ada").await;
        for _ in 0..5 {
            assert_eq!(hall.second(&ticket, "000000").await.json()["code"], 60008);
        }
        let right = code(&ada.secret, hall.clock.now());
        assert_eq!(hall.second(&ticket, &right).await.json()["code"], 60006);
        hall.hand.advance(Duration::from_secs(3600));
        let ticket = hall.ticket("ada").await;
        hall.hand.advance(Duration::from_secs(601));
        let right = code(&ada.secret, hall.clock.now());
        assert_eq!(hall.second(&ticket, &right).await.json()["code"], 60006);
    }
}

#[tokio::test]
async fn ten_thousand_guesses_with_the_password_known_get_nowhere() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let user = hall.accounts.user_by_name("ada").await.unwrap().unwrap().id;
        let mut looked_at = 0;
        let visit = Visit::default();
        // What stands in the way is the wait, not the price of a password: tickets come from inside.
        for guess in 0..100 {
            let batch = guildhall_infra::db::Batch::new();
            let method = guildhall_accounts::Method::Password;
            let SignIn::SecondStep(step) =
                hall.accounts.finish_sign_in(batch, user, method, &visit).await.unwrap()
            else {
                panic!("no second step")
            };
            for digit in 0..100 {
                let guess = format!("{:06}", guess * 100 + digit);
                match hall.accounts.finish_second_step(&step.ticket, &guess, &visit).await {
                    Err(error) if error.is(guildhall_accounts::codes::WRONG_CODE) => looked_at += 1,
                    Err(_) => {}
                    Ok(_) => panic!("guessed"),
                }
            }
        }
        assert!(looked_at <= 6, "{looked_at} of 10000 guesses were compared");
        hall.hand.advance(Duration::from_secs(3600));
        let ticket = hall.ticket("ada").await;
        hall.second(&ticket, &code(&ada.secret, hall.clock.now())).await.ok();
    }
}

#[tokio::test]
async fn of_many_uses_of_one_recovery_code_one_wins() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let mut tickets = Vec::new();
        for _ in 0..4 {
            tickets.push(hall.ticket("ada").await);
        }
        let tries = tickets.iter().map(|ticket| {
            let (accounts, ticket, code) = (hall.accounts.clone(), ticket.clone(), ada.recovery[3].clone());
            tokio::spawn(async move {
                accounts.finish_second_step(&ticket, &code, &Visit::default()).await.is_ok()
            })
        });
        let mut won = 0;
        for task in tries.collect::<Vec<_>>() {
            won += usize::from(task.await.unwrap());
        }
        assert_eq!(won, 1, "{}", hall.db.name);
        let actor = hall.actor(&ada.token).await;
        assert_eq!(hall.accounts.guard(&actor).await.unwrap().recovery_codes, 9);
    }
}

#[tokio::test]
async fn of_many_uses_of_one_ticket_one_wins() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let ticket = hall.ticket("ada").await;
        let tries = ada.recovery.iter().take(4).map(|code| {
            let (accounts, ticket, code) = (hall.accounts.clone(), ticket.clone(), code.clone());
            tokio::spawn(async move {
                accounts.finish_second_step(&ticket, &code, &Visit::default()).await.is_ok()
            })
        });
        let mut won = 0;
        for task in tries.collect::<Vec<_>>() {
            won += usize::from(task.await.unwrap());
        }
        assert_eq!(won, 1, "{}", hall.db.name);
        let actor = hall.actor(&ada.token).await;
        assert_eq!(hall.accounts.guard(&actor).await.unwrap().recovery_codes, 9, "losers use nothing up");
    }
}

#[tokio::test]
async fn setting_up_ends_other_sessions_and_needs_a_fresh_proof() {
    for hall in halls().await {
        let (_, first) = hall.person("ada").await;
        let second = hall.sign_in("ada", PASSWORD).await.ok()["token"].as_str().unwrap().to_owned();
        let actor = hall.actor(&first).await;
        hall.hand.advance(Duration::from_secs(601));
        let refused = hall.accounts.begin_authenticator(&actor, "Hall").await.unwrap_err();
        assert_eq!(refused.code.number, 60003);
        let wrong = Proof::Password("no".into());
        assert!(hall.accounts.prove(&actor, &wrong).await.is_err());
        assert!(hall.accounts.begin_authenticator(&actor, "Hall").await.is_err());
        hall.accounts.prove(&actor, &Proof::Password(PASSWORD.into())).await.unwrap();
        let app = hall.accounts.begin_authenticator(&actor, "Hall").await.unwrap();
        let again = hall.accounts.begin_authenticator(&actor, "Hall").await.unwrap();
        assert_eq!(app.secret, again.secret);
        assert!(hall.accounts.confirm_authenticator(&actor, "000000").await.is_err());
        // Not confirmed, it guards nothing.
        assert!(hall.sign_in("ada", PASSWORD).await.ok()["token"].is_string());
        let shown = code(&app.secret, hall.clock.now());
        let codes = hall.accounts.confirm_authenticator(&actor, &shown).await.unwrap();
        assert_eq!(codes.len(), 10);
        assert_eq!(hall.get("/users/@me", &second).await.status, StatusCode::UNAUTHORIZED);
        hall.get("/users/@me", &first).await.ok();
        let again = hall.accounts.begin_authenticator(&actor, "Hall").await.unwrap_err();
        assert_eq!(again.code.number, 60001);
    }
}

#[tokio::test]
async fn a_guarded_account_proves_itself_by_code_only() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let actor = hall.actor(&ada.token).await;
        hall.hand.advance(Duration::from_secs(601));
        assert!(hall.accounts.remove_authenticator(&actor).await.is_err());
        assert!(hall.accounts.prove(&actor, &Proof::Password(PASSWORD.into())).await.is_err());
        hall.accounts.prove(&actor, &Proof::Code(code(&ada.secret, hall.clock.now()))).await.unwrap();
        let renewed = hall.accounts.renew_recovery_codes(&actor).await.unwrap();
        let old = Proof::Code(ada.recovery[0].clone());
        assert!(hall.accounts.prove(&actor, &old).await.is_err());
        hall.accounts.prove(&actor, &Proof::Code(renewed[0].to_uppercase())).await.unwrap();
        hall.accounts.remove_authenticator(&actor).await.unwrap();
        assert!(hall.sign_in("ada", PASSWORD).await.ok()["token"].is_string());
        let guard = hall.accounts.guard(&actor).await.unwrap();
        assert_eq!((guard.second_factor, guard.recovery_codes), (false, 0));
    }
}

#[tokio::test]
async fn the_page_of_the_second_step_finishes_what_the_first_began() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let body = format!("username=ada&password={}&next=/invite/x", PASSWORD.replace(' ', "+"));
        // A session that the browser has already, an attacker's perhaps, is never taken over.
        let planted = "guildhall_session=planted";
        let first = hall.form("/login", planted, &body).await;
        assert_eq!(first.location(), "/login/second?next=%2Finvite%2Fx");
        let set = first.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("Path=/login/second"), "{set}");
        let ticket = first.cookie();
        let page = hall.page("/login/second?next=/invite/x", &ticket).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("name=\"code\"") && page.text.contains("value=\"/invite/x\""));
        let wrong = hall.form("/login/second", &ticket, "code=000000&next=/invite/x").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert!(wrong.text.contains("role=\"alert\""));
        let form = format!("code={}&next=//evil.test", ada.recovery[1]);
        let done = hall.form("/login/second", &ticket, &form).await;
        assert_eq!(done.location(), "/channels/@me");
        let session = done.cookie();
        assert!(session.starts_with("guildhall_session=") && session != planted);
        assert_eq!(hall.page("/settings", &session).await.status, StatusCode::OK);
        assert_eq!(hall.page("/login/second", &ticket).await.location(), "/login?next=%2Fchannels%2F%40me");
    }
}

#[tokio::test]
async fn the_secret_is_not_readable_in_the_database() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let text = guildhall_infra::sql!("SELECT secret FROM authenticators");
        let stored: Vec<u8> = hall.db.db.one(text, guildhall_infra::params![]).await.unwrap().get(0).unwrap();
        let secret = totp_rs::Secret::try_from_base32(&ada.secret).unwrap();
        assert!(!stored.windows(20).any(|part| part == secret.as_ref()));
    }
}

#[test]
fn every_text_is_there_in_every_language() {
    let wrong = i18n::check(
        guildhall_accounts::SECURITY_TEXTS,
        env!("CARGO_MANIFEST_DIR"),
        "security-",
        &["security-code-"],
    );
    assert_eq!(wrong.unwrap(), Vec::<String>::new());
}
