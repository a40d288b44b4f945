//! The process dies before or after any write of a grant, on both databases: nothing half is left, and whoever asked
//! just asks again.
//!
//! Each test breaks the first write, then the second, until there is none more to break. A write that was broken *before*
//! did not happen; one broken *after* did, and nobody was told.

use axum::http::{Method, StatusCode};
use guildhall_infra::db::Fault;
use guildhall_infra::{params, sql};
use serde_json::{Value, json};

use crate::support::{Answer, App, CALLBACK, GUILD, Hall, bearer, halls, text};

const BOTH: [Fault; 2] = [Fault::Before, Fault::After];
/// More writes than any grant has.
const MOST: u32 = 12;

impl Hall {
    /// Does something of which the n-th write breaks; tells whether there was such a write.
    async fn breaking<T>(&self, (n, fault): (u32, Fault), act: impl Future<Output = T>) -> (T, bool) {
        self.db.db.fail_write(Some((n, fault)));
        let done = act.await;
        (done, !self.db.db.fail_write(None))
    }

    async fn count(&self, text: guildhall_infra::db::Sql) -> i64 {
        self.db.db.one(text, params![]).await.unwrap().get(0).unwrap()
    }

    /// What must be true of the tables at any time.
    async fn is_consistent(&self) {
        let live_twice = sql!(
            "SELECT COUNT(*) FROM (SELECT grant_id FROM refresh_tokens WHERE used IS NULL
             GROUP BY grant_id HAVING COUNT(*) > 1) AS twice"
        );
        assert_eq!(self.count(live_twice).await, 0, "a family has two live refresh tokens");
        let of_nothing = sql!(
            "SELECT COUNT(*) FROM grants
             WHERE NOT EXISTS (SELECT 1 FROM authorization_codes AS codes
                               WHERE codes.grant_id = grants.id AND codes.used IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM device_codes AS devices
                               WHERE devices.grant_id = grants.id AND devices.state = 3)"
        );
        assert_eq!(self.count(of_nothing).await, 0, "a family came of nothing that was spent");
        let unasked = sql!(
            "SELECT COUNT(*) FROM authorization_codes AS codes WHERE codes.used IS NULL AND NOT EXISTS
             (SELECT 1 FROM consents WHERE consents.user_id = codes.user_id
                AND consents.application_id = codes.application_id)"
        );
        assert_eq!(self.count(unasked).await, 0, "a code without its consent");
        let never_live = sql!(
            "SELECT COUNT(*) FROM refresh_tokens AS one WHERE one.used IS NOT NULL AND NOT EXISTS
             (SELECT 1 FROM refresh_tokens AS next WHERE next.grant_id = one.grant_id AND next.used IS NULL)"
        );
        assert_eq!(self.count(never_live).await, 0, "a refresh token was spent for nothing");
    }

    async fn tables(&self) -> [i64; 3] {
        [
            self.count(sql!("SELECT COUNT(*) FROM authorization_codes")).await,
            self.count(sql!("SELECT COUNT(*) FROM consents")).await,
            self.count(sql!("SELECT COUNT(*) FROM grants")).await,
        ]
    }
}

/// The answer of a server whose database is not there; what was sent can be sent again.
#[track_caller]
fn unavailable(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
}

/// Whether an access token opens what it should.
async fn opens(hall: &Hall, tokens: &Value) -> bool {
    hall.get("/api/v10/users/@me", &bearer(tokens)).await.status == StatusCode::OK
}

/// Waits until a token opens nothing any more.
async fn ends(hall: &Hall, tokens: &Value) {
    while opens(hall, tokens).await {
        tokio::task::yield_now().await;
    }
}

async fn works(hall: &Hall, app: &App, session: &str) {
    let tokens = hall.tokens(app, session, "identify").await;
    assert!(opens(hall, &tokens).await);
    hall.refresh(app, text(&tokens["refresh_token"])).await.ok();
    hall.is_consistent().await;
}

#[tokio::test]
async fn a_consent_is_given_wholly_or_not_at_all() {
    for hall in halls().await {
        for fault in BOTH {
            for n in 0..MOST {
                let (_, session) = hall.person(&format!("ada_{n}_{fault:?}").to_lowercase()).await;
                let app = hall.app(&format!("Notes{n}{fault:?}"), |_| {}).await;
                let before = hall.tables().await;
                let query = app.query(&[("scope", "bot identify")]);
                let guild = GUILD.to_string();
                let fields = [("query", query.as_str()), ("decision", "allow"), ("guild_id", &guild)];
                let consent = hall.submit("/oauth2/consent", &session, &fields);
                let (answer, broke) = hall.breaking((n, fault), consent).await;
                let after = hall.tables().await;
                let happened = [before[0] + 1, before[1] + 1, before[2]];
                hall.is_consistent().await;
                if !broke {
                    assert_eq!((after, answer.sent("code").is_some()), (happened, true));
                    assert!(n > 0, "nothing was broken");
                    break;
                }
                unavailable(&answer);
                assert_eq!(after, if fault == Fault::Before { before } else { happened });
                // The person presses the button again.
                let again = hall.submit("/oauth2/consent", &session, &fields).await;
                let code = again.sent("code").unwrap_or_else(|| panic!("{again:?}"));
                hall.exchange(&app, &code, &[]).await.ok();
                works(&hall, &app, &session).await;
            }
        }
    }
}

#[tokio::test]
async fn a_pushed_request_is_answered_once_or_pushed_again() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |edit| edit.require_par = true).await;
        let id = app.id.to_string();
        let request =
            [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "identify"), ("state", "s")];
        let push = async || hall.post_as(&app, "/oauth2/par", &request).await;
        for fault in BOTH {
            for n in 0..MOST {
                let (pushed, broke) = hall.breaking((n, fault), push()).await;
                if !broke {
                    break;
                }
                unavailable(&pushed);
                let pushed = push().await.ok();
                let form = crate::support::form(&[
                    ("client_id", &id),
                    ("request_uri", text(&pushed["request_uri"])),
                ]);
                let decide = async || hall.decide(&form, &session, "allow").await;
                let (answer, broke) = hall.breaking((n, fault), decide()).await;
                hall.is_consistent().await;
                assert!(broke);
                unavailable(&answer);
                let again = decide().await;
                match fault {
                    Fault::Before => assert!(again.sent("code").is_some(), "{again:?}"),
                    // It was answered; the person goes back to the application, which pushes a new one.
                    Fault::After => assert!(again.status.is_client_error(), "{again:?}"),
                }
                let pushed = push().await.ok();
                let form = crate::support::form(&[
                    ("client_id", &id),
                    ("request_uri", text(&pushed["request_uri"])),
                ]);
                let visited = hall.visit(&format!("/oauth2/authorize?{form}&onward=1"), &session).await;
                let code = visited.sent("code").unwrap_or_else(|| panic!("{visited:?}"));
                hall.exchange(&app, &code, &[]).await.ok();
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_waits_for_a_sign_in_comes_back_or_is_sent_again() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        hall.tokens(&app, &session, "identify").await;
        let asked = format!("/oauth2/authorize?{}", app.query(&[("prompt", "login")]));
        for fault in BOTH {
            for n in 0..MOST {
                let (sent, broke) = hall.breaking((n, fault), hall.visit(&asked, &session)).await;
                if !broke {
                    break;
                }
                unavailable(&sent);
                let back = hall.visit(&asked, &session).await.sent("next").unwrap();
                hall.hand.advance(std::time::Duration::from_secs(1));
                let fresh = hall.sign_in("ada").await;
                let onward = format!("{back}&onward=1");
                let (answer, broke) = hall.breaking((n, fault), hall.visit(&onward, &fresh)).await;
                hall.is_consistent().await;
                assert!(broke);
                unavailable(&answer);
                let again = hall.visit(&onward, &fresh).await;
                match fault {
                    Fault::Before => assert!(again.sent("code").is_some(), "{again:?}"),
                    Fault::After => assert!(again.status.is_client_error(), "{again:?}"),
                }
                works(&hall, &app, &fresh).await;
            }
        }
    }
}

#[tokio::test]
async fn a_code_becomes_one_family_or_none() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        for fault in BOTH {
            for n in 0..MOST {
                let code = hall.code(&app, &session, &[("scope", "openid identify offline_access")]).await;
                let (answer, broke) = hall.breaking((n, fault), hall.exchange(&app, &code, &[])).await;
                hall.is_consistent().await;
                if !broke {
                    assert!(opens(&hall, &answer.ok()).await && n > 0);
                    break;
                }
                unavailable(&answer);
                let again = hall.exchange(&app, &code, &[]).await;
                match fault {
                    Fault::Before => assert!(opens(&hall, &again.ok()).await),
                    // The first answer is lost, and who has it cannot be known: the family ends.
                    Fault::After => assert_eq!(again.error(), "invalid_grant"),
                }
                hall.is_consistent().await;
                assert_eq!(hall.exchange(&app, &code, &[]).await.error(), "invalid_grant");
                works(&hall, &app, &session).await;
            }
        }
    }
}

#[tokio::test]
async fn a_refresh_token_is_followed_by_one_or_kept() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        for fault in BOTH {
            for n in 0..MOST {
                let first = hall.tokens(&app, &session, "identify").await;
                let token = text(&first["refresh_token"]);
                let (answer, broke) = hall.breaking((n, fault), hall.refresh(&app, token)).await;
                hall.is_consistent().await;
                if !broke {
                    assert!(opens(&hall, &answer.ok()).await && n > 0);
                    break;
                }
                unavailable(&answer);
                let again = hall.refresh(&app, token).await;
                match fault {
                    Fault::Before => {
                        let next = again.ok();
                        hall.refresh(&app, text(&next["refresh_token"])).await.ok();
                    }
                    Fault::After => {
                        assert_eq!(again.error(), "invalid_grant");
                        assert!(!opens(&hall, &first).await, "the family has ended");
                    }
                }
                works(&hall, &app, &session).await;
            }
        }
    }
}

#[tokio::test]
async fn a_device_is_let_in_once_or_asks_again() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Television", |edit| edit.public = true).await;
        let ask = async || hall.post_as(&app, "/oauth2/device_authorization", &[("scope", "identify")]).await;
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        for fault in BOTH {
            for n in 0..MOST {
                let (asked, broke) = hall.breaking((n, fault), ask()).await;
                if !broke {
                    assert!(n > 0);
                    break;
                }
                unavailable(&asked);
                let asked = ask().await.ok();
                let fields = [("user_code", text(&asked["user_code"])), ("decision", "allow")];
                let allow = async || hall.submit("/oauth2/device", &session, &fields).await;
                let (answer, broke) = hall.breaking((n, fault), allow()).await;
                assert!(broke);
                unavailable(&answer);
                let again = allow().await;
                let expected = if fault == Fault::Before { StatusCode::OK } else { StatusCode::BAD_REQUEST };
                assert_eq!(again.status, expected, "answered once, whatever was told of it");
                let fields = [("grant_type", grant), ("device_code", text(&asked["device_code"]))];
                let poll = async || hall.token(&app, &fields).await;
                let (answer, broke) = hall.breaking((n, fault), poll()).await;
                hall.is_consistent().await;
                assert!(broke);
                unavailable(&answer);
                let again = poll().await;
                match fault {
                    Fault::Before => assert!(opens(&hall, &again.ok()).await),
                    Fault::After => assert_eq!(again.error(), "invalid_grant"),
                }
                hall.is_consistent().await;
            }
        }
    }
}

#[tokio::test]
async fn what_was_taken_back_or_revoked_is_so_or_is_revoked_again() {
    for hall in halls().await {
        let (_, session) = hall.person("ada").await;
        let app = hall.app("Notes", |_| {}).await;
        let path = format!("/settings/applications/{}/revoke", app.id);
        for fault in BOTH {
            for n in 0..MOST {
                let tokens = hall.tokens(&app, &session, "identify").await;
                let fields = [("token", text(&tokens["refresh_token"]))];
                let revoke = async || hall.post_as(&app, "/oauth2/revoke", &fields).await;
                let (answer, broke) = hall.breaking((n, fault), revoke()).await;
                hall.is_consistent().await;
                if !broke {
                    assert!(answer.status.is_success() && n > 0);
                    break;
                }
                unavailable(&answer);
                assert!(revoke().await.status.is_success());
                // What had happened unseen is heard of by the event that was written with it.
                assert_eq!(hall.refresh(&app, fields[0].1).await.error(), "invalid_grant");
                ends(&hall, &tokens).await;

                let tokens = hall.tokens(&app, &session, "identify").await;
                let (answer, broke) = hall.breaking((n, fault), hall.submit(&path, &session, &[])).await;
                hall.is_consistent().await;
                assert!(broke);
                unavailable(&answer);
                hall.submit(&path, &session, &[]).await;
                ends(&hall, &tokens).await;
                // What is granted in the same millisecond as it is taken back has ended too.
                hall.hand.advance(std::time::Duration::from_millis(1));
                works(&hall, &app, &session).await;
            }
        }
    }
}

#[tokio::test]
async fn a_client_is_registered_with_its_secret_or_its_invitation_stays_good() {
    for hall in halls().await {
        let (boss, _) = hall.person("boss").await;
        hall.accounts.set_staff(boss, true).await.unwrap();
        let boss = hall.actor(&hall.sign_in("boss").await).await;
        let body = json!({ "client_name": "Robot", "redirect_uris": [CALLBACK], "scope": "openid" });
        for fault in BOTH {
            for n in 0..MOST {
                let invitation =
                    format!("Bearer {}", hall.server.invite_registration(&boss, 1, 1).await.unwrap());
                let register =
                    async || hall.call(Method::POST, "/oauth2/register", &invitation, body.clone()).await;
                let count = sql!("SELECT COUNT(*) FROM applications");
                let before = hall.count(count).await;
                let (answer, broke) = hall.breaking((n, fault), register()).await;
                let half = sql!(
                    "SELECT COUNT(*) FROM applications WHERE NOT EXISTS
                     (SELECT 1 FROM client_secrets WHERE client_secrets.application_id = applications.id)
                        OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = applications.id)"
                );
                assert_eq!(hall.count(half).await, 0);
                if !broke {
                    assert!(answer.status == StatusCode::CREATED && n > 0);
                    break;
                }
                unavailable(&answer);
                let again = register().await;
                match fault {
                    Fault::Before => {
                        assert_eq!(hall.count(count).await, before + 1);
                        assert_eq!(again.status, StatusCode::CREATED);
                    }
                    Fault::After => assert_eq!(again.error(), "invalid_token", "it was good once"),
                }
            }
        }
    }
}
