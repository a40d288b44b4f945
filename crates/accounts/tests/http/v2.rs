//! `/v2`: programs that sign in by mail, and the list of sessions.

use std::time::Duration;

use crate::support::{Hall, PASSWORD, halls};
use axum::http::{Method, StatusCode};
use guildhall_infra::mail::Mail;
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";

fn code(mail: &Mail) -> &str {
    mail.text.lines().find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit())).unwrap()
}

fn token(mail: &Mail) -> &str {
    let link = mail.text.split_whitespace().find(|word| word.starts_with("http://hall.test/")).unwrap();
    link.rsplit('/').next().unwrap()
}

impl Hall {
    async fn post(&self, path: &str, body: Value) -> crate::support::Answer {
        self.call(Method::POST, path, "", body).await
    }
}

#[tokio::test]
async fn a_program_signs_in_by_mail_with_the_code_or_the_link() {
    for hall in halls().await {
        let asked = hall.post("/v2/auth/email", json!({ "email": ADA, "locale": "fi" })).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED);
        let asked = asked.json();
        assert_eq!(asked["expires_in"], 600);
        let letter = hall.letter(ADA).await.unwrap();
        assert!(letter.subject.starts_with("Tervetuloa"), "{}", letter.subject);
        let ticket = asked["ticket"].as_str().unwrap();
        for wrong in [
            json!({ "ticket": ticket, "code": "abcdef" }),
            json!({ "ticket": "nothing", "code": code(&letter) }),
            json!({ "token": ticket }),
            json!({}),
        ] {
            let answer = hall.post("/v2/auth/email/exchange", wrong.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        }
        let body = json!({ "ticket": ticket, "code": code(&letter) });
        let entered = hall.post("/v2/auth/email/exchange", body.clone()).await.ok();
        assert_eq!(entered["state"], "signed_in");
        let first = entered["token"].as_str().unwrap().to_owned();
        let me = hall.get("/v2/me", &first).await.ok();
        assert_eq!((&me["email"], &me["verified"], &me["locale"]), (&json!(ADA), &json!(true), &json!("fi")));
        assert_eq!(hall.post("/v2/auth/email/exchange", body).await.status, StatusCode::BAD_REQUEST);

        hall.hand.advance(Duration::from_secs(61));
        hall.post("/v2/auth/email", json!({ "email": ADA })).await.ok();
        let letter = hall.letter(ADA).await.unwrap();
        let entered = hall.post("/v2/auth/email/exchange", json!({ "token": token(&letter) })).await.ok();
        let second = entered["token"].as_str().unwrap().to_owned();
        assert_eq!(entered["user_id"], me["id"]);

        let sessions = hall.get("/v2/sessions", &second).await.ok();
        let sessions = sessions["items"].as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        assert!(sessions.iter().all(|session| session["class"] == "api"));
        let current: Vec<_> = sessions.iter().filter(|session| session["current"] == true).collect();
        assert!(current.len() == 1 && current[0]["id"] == entered["session_id"]);
        assert_eq!(
            hall.call(Method::DELETE, "/v2/sessions", &second, Value::Null).await.status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(hall.get("/v2/me", &first).await.status, StatusCode::UNAUTHORIZED);
        hall.call(Method::POST, "/v2/auth/logout", &second, Value::Null).await.ok();
        assert_eq!(hall.get("/v2/me", &second).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_program_signs_in_by_password_for_minutes() {
    for hall in halls().await {
        hall.person("ada").await;
        let body = json!({ "username": "ada", "password": PASSWORD });
        let entered = hall.post("/v2/auth/password", body).await.ok();
        let token = entered["token"].as_str().unwrap();
        hall.get("/v2/me", token).await.ok();
        hall.hand.advance(Duration::from_secs(961));
        assert_eq!(hall.get("/v2/me", token).await.status, StatusCode::UNAUTHORIZED);
        let (_, bob) = hall.person("bob").await;
        let id = hall.get("/v2/sessions", &bob).await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v2/sessions/{id}");
        let (_, eve) = hall.person("eve").await;
        assert_eq!(hall.call(Method::DELETE, &path, &eve, Value::Null).await.status, StatusCode::NOT_FOUND);
        assert_eq!(hall.call(Method::DELETE, &path, "", Value::Null).await.status, StatusCode::UNAUTHORIZED);
        hall.call(Method::DELETE, &path, &bob, Value::Null).await.ok();
        assert_eq!(hall.get("/v2/me", &bob).await.status, StatusCode::UNAUTHORIZED);
    }
}
