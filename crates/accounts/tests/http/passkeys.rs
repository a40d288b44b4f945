use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::support::{Answer, Hall, PASSWORD, halls, request};

impl Hall {
    /// What the script beside the pages sends.
    async fn script(&self, path: &str, cookie: &str, body: &Value) -> Answer {
        let request = request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn begin(&self, path: &str, cookie: &str) -> Value {
        self.script(&format!("{path}/begin"), cookie, &json!({})).await.ok()
    }

    /// Adds a passkey to somebody's account.
    async fn add(&self, token: &str, key: &mut Authenticator) -> Answer {
        let cookie = format!("guildhall_session={token}");
        let begun = self.begin("/settings/security/passkeys", &cookie).await;
        let credential = key.create(&begun["options"]);
        let body = json!({ "ceremony": begun["ceremony"], "credential": credential, "name": "My key" });
        self.script("/settings/security/passkeys", &cookie, &body).await
    }

    async fn enter(&self, key: &mut Authenticator) -> Answer {
        let begun = self.begin("/login/passkey", "").await;
        let credential = key.get(&begun["options"]);
        let body = json!({ "ceremony": begun["ceremony"], "credential": credential, "next": "/invite/x" });
        self.script("/login/passkey", "", &body).await
    }

    /// Takes a person's password away, as of somebody who never had one.
    async fn forget_password(&self, name: &str) {
        let text = sql!("UPDATE users SET password = NULL WHERE handle = $1");
        self.db.db.run(text, params![name]).await.unwrap();
    }
}

#[tokio::test]
async fn a_passkey_signs_in_without_a_name_and_without_a_second_step() {
    for hall in halls().await {
        let ada = hall.guarded("ada").await;
        let mut key = Authenticator::new();
        assert_eq!(hall.add(&ada.token, &mut key).await.ok()["location"], "/settings/security?done=passkey");
        let entered = hall.enter(&mut key).await;
        assert_eq!(entered.json()["location"], "/invite/x");
        let session = entered.cookie();
        let page = hall.page("/settings/security", &session).await;
        assert!(page.text.contains("My key") && page.text.contains("Last used 2026"), "{}", page.text);
        let actor = hall.actor(&ada.token).await;
        let list = hall.accounts.passkeys(&actor).await.unwrap();
        assert_eq!(list.len(), 1);
        assert!(list[0].used.is_some());
    }
}

#[tokio::test]
async fn what_an_authenticator_must_not_do_is_refused() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let mut key = Authenticator::new();
        hall.add(&token, &mut key).await.ok();
        assert_eq!(hall.add(&token, &mut key).await.status, StatusCode::BAD_REQUEST, "twice the same");
        let refused = |answer: Answer, what: &str| {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}: {}", answer.text);
            assert!(answer.headers.get(header::SET_COOKIE).is_none(), "{what}");
        };
        key.origin = "https://hall.test.evil.example".to_owned();
        refused(hall.enter(&mut key).await, "another origin");
        key.origin = "https://hall.test".to_owned();
        key.unlocked = false;
        refused(hall.enter(&mut key).await, "not unlocked");
        key.unlocked = true;
        refused(hall.enter(&mut Authenticator::new()).await, "nobody's");
        hall.enter(&mut key).await.ok();
        key.counter -= 2;
        refused(hall.enter(&mut key).await, "a copy, whose counter is behind");
        key.counter += 5;
        let begun = hall.begin("/login/passkey", "").await;
        let body = json!({ "ceremony": begun["ceremony"], "credential": key.get(&begun["options"]) });
        hall.script("/login/passkey", "", &body).await.ok();
        refused(hall.script("/login/passkey", "", &body).await, "the same answer again");
        let begun = hall.begin("/login/passkey", "").await;
        hall.hand.advance(Duration::from_secs(301));
        let body = json!({ "ceremony": begun["ceremony"], "credential": key.get(&begun["options"]) });
        refused(hall.script("/login/passkey", "", &body).await, "too late");
        let begun = hall.begin("/login/passkey", "").await;
        let body = json!({ "ceremony": begun["ceremony"], "credential": {"id": "x"} });
        refused(hall.script("/login/passkey", "", &body).await, "no credential");
    }
}

#[tokio::test]
async fn an_answer_for_one_purpose_or_person_is_none_for_another() {
    for hall in halls().await {
        let (ada, bela) = (hall.guarded("ada").await, hall.guarded("bela").await);
        let (mut adas, mut belas) = (Authenticator::new(), Authenticator::new());
        hall.add(&ada.token, &mut adas).await.ok();
        hall.add(&bela.token, &mut belas).await.ok();
        let form = format!("username=ada&password={}", PASSWORD.replace(' ', "+"));
        let ticket = hall.form("/login", "", &form).await.cookie();
        let begun = hall.begin("/login/second/passkey", &ticket).await;
        let body = json!({ "ceremony": begun["ceremony"], "credential": belas.get(&begun["options"]) });
        let refused = hall.script("/login/second/passkey", &ticket, &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        let begun = hall.begin("/login/passkey", "").await;
        let body = json!({ "ceremony": begun["ceremony"], "credential": adas.get(&begun["options"]) });
        let refused = hall.script("/login/second/passkey", &ticket, &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "a sign-in is no second step");
        let begun = hall.begin("/login/second/passkey", &ticket).await;
        let body = json!({ "ceremony": begun["ceremony"], "credential": adas.get(&begun["options"]) });
        let entered = hall.script("/login/second/passkey", &ticket, &body).await;
        assert_eq!(hall.page("/settings", &entered.cookie()).await.status, StatusCode::OK);
        assert_eq!(
            hall.script("/login/second/passkey", &ticket, &body).await.status,
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn a_passkey_proves_that_it_is_still_the_same_person() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let mut key = Authenticator::new();
        hall.add(&token, &mut key).await.ok();
        hall.hand.advance(Duration::from_secs(601));
        let cookie = format!("guildhall_session={token}");
        let asked = hall.script("/settings/security/passkeys/begin", &cookie, &json!({})).await;
        assert_eq!(asked.status, StatusCode::FORBIDDEN);
        let confirm = "/settings/security/confirm?next=%2Fsettings%2Fsecurity";
        assert_eq!(asked.json()["location"], confirm);
        let page = hall.page(confirm, &cookie).await;
        assert!(
            page.text.contains("type=\"password\"")
                && page.text.contains("data-passkey=\"/settings/security/confirm/passkey\"")
        );
        let begun = hall.begin("/settings/security/confirm/passkey", &cookie).await;
        let body = json!({ "ceremony": begun["ceremony"], "credential": key.get(&begun["options"]), "next": "/settings/security" });
        let proved = hall.script("/settings/security/confirm/passkey", &cookie, &body).await.ok();
        assert_eq!(proved["location"], "/settings/security");
        hall.begin("/settings/security/passkeys", &cookie).await;
    }
}

#[tokio::test]
async fn the_last_way_in_is_never_removed_however_many_remove_at_once() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let (mut one, mut two) = (Authenticator::new(), Authenticator::new());
        hall.add(&token, &mut one).await.ok();
        hall.add(&token, &mut two).await.ok();
        hall.forget_password("ada").await;
        let actor = hall.actor(&token).await;
        let list = hall.accounts.passkeys(&actor).await.unwrap();
        let removals = list.iter().map(|entry| {
            let (accounts, actor, id) = (hall.accounts.clone(), actor.clone(), entry.id);
            tokio::spawn(async move { accounts.remove_passkey(&actor, id).await })
        });
        let mut removed = 0;
        for task in removals.collect::<Vec<_>>() {
            match task.await.unwrap() {
                Ok(()) => removed += 1,
                Err(error) => assert!(error.is(guildhall_accounts::codes::LAST_WAY_IN), "{error}"),
            }
        }
        assert_eq!(removed, 1, "{}", hall.db.name);
        assert_eq!(hall.accounts.passkeys(&actor).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn passkeys_are_named_and_removed_by_their_owner_only() {
    for hall in halls().await {
        let (_, ada) = hall.person("ada").await;
        let (_, bela) = hall.person("bela").await;
        hall.add(&ada, &mut Authenticator::new()).await.ok();
        let id = hall.accounts.passkeys(&hall.actor(&ada).await).await.unwrap()[0].id;
        let (mine, other) = (format!("guildhall_session={ada}"), format!("guildhall_session={bela}"));
        for path in ["rename", "remove"] {
            let path = format!("/settings/security/passkeys/{id}/{path}");
            assert_eq!(hall.form(&path, &other, "name=Stolen").await.status, StatusCode::NOT_FOUND);
            let anonymous = hall.form(&path, "", "name=Stolen").await;
            assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
        }
        let path = format!("/settings/security/passkeys/{id}/rename");
        assert_eq!(hall.form(&path, &mine, "name=+").await.status, StatusCode::BAD_REQUEST);
        hall.form(&path, &mine, "name=Yubikey").await;
        assert!(hall.page("/settings/security", &mine).await.text.contains("Yubikey"));
        let path = format!("/settings/security/passkeys/{id}/remove");
        assert_eq!(hall.form(&path, &mine, "").await.location(), "/settings/security?done=passkey-removed");
    }
}

#[tokio::test]
async fn an_app_is_set_up_on_the_pages() {
    for hall in halls().await {
        let (_, token) = hall.person("ada").await;
        let cookie = format!("guildhall_session={token}");
        let page = hall.form("/settings/security/authenticator", &cookie, "").await;
        assert!(page.text.contains("<svg") && page.text.contains("class=\"secret\""), "{}", page.text);
        let secret = page.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
        let wrong = hall.form("/settings/security/authenticator/confirm", &cookie, "code=000000").await;
        assert!(wrong.text.contains(secret) && wrong.text.contains("role=\"alert\""));
        let shown = crate::second_step::code(secret, hall.clock.now());
        let form = format!("code={shown}");
        let page = hall.form("/settings/security/authenticator/confirm", &cookie, &form).await;
        assert_eq!(page.text.matches("<li><code>").count(), 10, "{}", page.text);
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        hall.hand.advance(Duration::from_secs(601));
        let asked = hall.form("/settings/security/recovery", &cookie, "").await;
        assert_eq!(asked.location(), "/settings/security/confirm?next=%2Fsettings%2Fsecurity");
        let form = format!("code={}&next=//evil.test", crate::second_step::code(secret, hall.clock.now()));
        let proved = hall.form("/settings/security/confirm", &cookie, &form).await;
        assert_eq!(proved.location(), "/channels/@me");
        let removed = hall.form("/settings/security/authenticator/remove", &cookie, "").await;
        assert_eq!(removed.location(), "/settings/security?done=removed");
    }
}
