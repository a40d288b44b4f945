use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use guildhall_accounts::{Accounts, Config, ProviderKind, ProviderSettings, Providers, codes};
use guildhall_base::{Id, Ids, UserId};
use guildhall_infra::db::Sql;
use guildhall_infra::fetch::{self, Fetch};
use guildhall_infra::{params, sql};
use serde_json::{Value, json};
use url::Url;

use crate::elsewhere::{Elsewhere, Said};
use crate::support::{Answer, Hall, halls_with, request};

/// Halls that know one site by two names, as OpenID Connect and as Discord, and another besides.
pub(crate) async fn open(registration: bool) -> (Vec<Hall>, Elsewhere, Elsewhere) {
    let (one, two) = (Elsewhere::open().await, Elsewhere::open().await);
    let provider = |kind, site: &Elsewhere| ProviderSettings {
        kind,
        label: Some("Elsewhere".into()),
        address: Some(site.address().parse().unwrap()),
        client_id: "hall".into(),
        client_secret: Some("hush".into()),
        scopes: None,
    };
    let providers: Providers = [
        ("one".to_owned(), provider(ProviderKind::Oidc, &one)),
        ("discord".to_owned(), provider(ProviderKind::Discord, &one)),
        ("two".to_owned(), provider(ProviderKind::Oidc, &two)),
    ]
    .into();
    let fetch = fetch::Config { allow: vec!["127.0.0.0/8".parse().unwrap()], ..fetch::Config::default() };
    let fetch = Some(Fetch::new(fetch).unwrap());
    (halls_with(Config { registration, providers, fetch, ..Config::default() }).await, one, two)
}

/// A visit that has begun: what the browser was sent with.
struct Begun {
    provider: &'static str,
    cookie: String,
    query: std::collections::HashMap<String, String>,
}

impl Hall {
    async fn leave(&self, provider: &'static str, path: &str, cookie: &str) -> Begun {
        let request =
            request(Method::GET, path).header("sec-fetch-site", "same-origin").header(header::COOKIE, cookie);
        let answer = self.send(request.body(Body::empty()).unwrap()).await;
        let address: Url = answer.location().parse().unwrap();
        assert_eq!(address.host_str(), Some("127.0.0.1"));
        let query: std::collections::HashMap<_, _> = address.query_pairs().into_owned().collect();
        assert_eq!(query["code_challenge_method"], "S256");
        let cookie = format!("{}; {cookie}", answer.cookie());
        Begun { provider, cookie, query }
    }

    async fn go(&self, provider: &'static str) -> Begun {
        self.leave(provider, &format!("/login/with/{provider}?next=/invite/x"), "").await
    }

    async fn come_back(&self, begun: &Begun, code: &str) -> Answer {
        let (provider, state) = (begun.provider, &begun.query["state"]);
        self.page(&format!("/login/with/{provider}/callback?code={code}&state={state}"), &begun.cookie).await
    }

    async fn people(&self) -> i64 {
        self.db.db.one(sql!("SELECT COUNT(*) FROM users"), params![]).await.unwrap().get(0).unwrap()
    }

    /// In and out and back as this subject.
    async fn visit(&self, site: &Elsewhere, provider: &'static str, subject: &str, more: Value) -> Answer {
        let begun = self.go(provider).await;
        let code = begun.code(site, subject, more);
        self.come_back(&begun, &code).await
    }
}

impl Begun {
    fn code(&self, site: &Elsewhere, subject: &str, more: Value) -> String {
        let nonce = self.query.get("nonce").cloned().unwrap_or_default();
        let mut claims = site.claims(&nonce, subject);
        for (key, value) in more.as_object().unwrap() {
            claims[key] = value.clone();
        }
        site.code(Said { claims, challenge: self.query["code_challenge"].clone() })
    }
}

fn session(answer: &Answer) -> String {
    let cookie = answer.cookie();
    assert!(cookie.starts_with("guildhall_session="), "{} {}", answer.status, answer.text);
    cookie
}

#[tokio::test]
async fn a_stranger_gets_an_account_and_the_same_one_next_time() {
    let (halls, one, _) = open(true).await;
    for hall in halls {
        for provider in ["one", "discord"] {
            let before = hall.people().await;
            let mail = json!({ "email": format!("Ada@{provider}.test"), "email_verified": true });
            let first = hall.visit(&one, provider, "sub-1", mail.clone()).await;
            assert_eq!(first.location(), "/invite/x");
            let page = hall.page("/settings/security", &session(&first)).await;
            assert!(page.text.contains("Elsewhere"), "{}", page.text);
            let again = hall.visit(&one, provider, "sub-1", mail).await;
            assert_ne!(session(&again), session(&first));
            assert_eq!(hall.people().await, before + 1);
        }
        let text = sql!("SELECT username, email FROM users ORDER BY id");
        let rows = hall.db.db.all(text, params![]).await.unwrap();
        let (name, mail) = rows[0].read::<(String, Option<String>)>().unwrap();
        assert_eq!((name.as_str(), mail.as_deref()), ("adalovelace", Some("ada@one.test")));
        let (name, _) = rows[1].read::<(String, Option<String>)>().unwrap();
        assert!(name.starts_with("adalovelace_"), "{name}");
    }
}

#[tokio::test]
async fn an_address_takes_nobodys_account_over_and_counts_only_if_verified() {
    let (halls, one, _) = open(true).await;
    for hall in halls {
        let mail = json!({ "email": "ada@mail.test", "email_verified": true });
        session(&hall.visit(&one, "one", "ada", mail.clone()).await);
        let refused = hall.visit(&one, "one", "mallory", mail).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let unverified = json!({ "email": "ada@mail.test", "email_verified": false });
        session(&hall.visit(&one, "one", "mallory", unverified).await);
        let text = sql!("SELECT COUNT(*) FROM users WHERE email IS NOT NULL");
        assert_eq!(hall.db.db.one(text, params![]).await.unwrap().get::<i64>(0).unwrap(), 1);
    }
}

#[tokio::test]
async fn what_does_not_hold_is_refused() {
    let (halls, one, two) = open(true).await;
    for hall in halls {
        let refused = |answer: Answer, what: &str| {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}: {}", answer.text);
        };
        for (what, claims) in [
            ("another's nonce", json!({ "nonce": "x" })),
            ("for another client", json!({ "aud": "other" })),
            ("by another issuer", json!({ "iss": two.address() })),
            ("too old", json!({ "exp": 1000 })),
        ] {
            refused(hall.visit(&one, "one", "ada", claims).await, what);
        }
        let begun = hall.go("one").await;
        let code = begun.code(&one, "ada", json!({}));
        refused(hall.come_back(&Begun { cookie: String::new(), ..begun }, &code).await, "another browser");
        let (mine, theirs) = (hall.go("one").await, hall.go("one").await);
        let code = theirs.code(&one, "mallory", json!({}));
        let mixed = Begun { cookie: mine.cookie, ..theirs };
        refused(hall.come_back(&mixed, &code).await, "a state that was planted in another browser");
        let begun = hall.go("two").await;
        let code = begun.code(&two, "ada", json!({}));
        refused(hall.come_back(&Begun { provider: "one", ..begun }, &code).await, "mixed up providers");
        let begun = hall.go("one").await;
        let state = &begun.query["state"];
        let path = format!("/login/with/one/callback?code=x&state={state}&iss={}", two.address());
        refused(hall.page(&path, &begun.cookie).await, "says that it is another");
        let begun = hall.go("one").await;
        let state = &begun.query["state"];
        let path = format!("/login/with/one/callback?error=access_denied&state={state}");
        refused(hall.page(&path, &begun.cookie).await, "declined");
        let begun = hall.go("one").await;
        let stolen = hall.go("one").await.code(&one, "ada", json!({}));
        refused(hall.come_back(&begun, &stolen).await, "a code of another visit");
        let begun = hall.go("one").await;
        let code = begun.code(&one, "ada", json!({}));
        session(&hall.come_back(&begun, &code).await);
        refused(hall.come_back(&begun, &code).await, "twice");
        hall.hand.advance(std::time::Duration::from_secs(3600));
        let begun = hall.go("one").await;
        hall.hand.advance(std::time::Duration::from_secs(601));
        let code = begun.code(&one, "ada", json!({}));
        refused(hall.come_back(&begun, &code).await, "too late");
        assert_eq!(hall.page("/login/with/nobody", "").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn where_strangers_may_not_register_only_linked_accounts_come_in() {
    let (halls, one, _) = open(false).await;
    for hall in halls {
        let refused = hall.visit(&one, "one", "ada", json!({})).await;
        assert_eq!((refused.status, hall.people().await), (StatusCode::FORBIDDEN, 0));
    }
}

#[tokio::test]
async fn accounts_are_linked_from_here_only_to_one_person_and_never_unlinked_to_a_lock_out() {
    let (halls, one, _) = open(true).await;
    for hall in halls {
        let (_, ada) = hall.person("ada").await;
        let (_, bela) = hall.person("bela").await;
        let link = async |token: &str, subject: &str| {
            let cookie = format!("guildhall_session={token}");
            let begun = hall.leave("one", "/settings/security/link/one", &cookie).await;
            let code = begun.code(&one, subject, json!({}));
            hall.come_back(&begun, &code).await
        };
        let foreign = request(Method::GET, "/settings/security/link/one")
            .header("sec-fetch-site", "cross-site")
            .header(header::COOKIE, format!("guildhall_session={ada}"));
        assert_eq!(hall.send(foreign.body(Body::empty()).unwrap()).await.status, StatusCode::FORBIDDEN);
        assert_eq!(link(&ada, "sub").await.location(), "/settings/security?done=linked");
        assert_eq!(link(&ada, "sub").await.location(), "/settings/security?done=linked", "again is no harm");
        assert_eq!(link(&bela, "sub").await.status, StatusCode::CONFLICT);
        // Begun by one, brought back in the session of another.
        let cookie = format!("guildhall_session={ada}");
        let begun = hall.leave("one", "/settings/security/link/one", &cookie).await;
        let code = begun.code(&one, "other", json!({}));
        let other = Begun { cookie: begun.cookie.replace(&ada, &bela), ..begun };
        assert_eq!(hall.come_back(&other, &code).await.status, StatusCode::BAD_REQUEST);
        let signed_in = hall.visit(&one, "one", "sub", json!({})).await;
        let actor = hall.actor(session(&signed_in).strip_prefix("guildhall_session=").unwrap()).await;
        assert_eq!(actor.user.username, "ada");
        let text = sql!("UPDATE users SET password = NULL WHERE handle = $1");
        hall.db.db.run(text, params!["ada"]).await.unwrap();
        let refused = hall.accounts.unlink(&actor, "one", "sub").await.unwrap_err();
        assert!(refused.is(codes::LAST_WAY_IN));
        let stranger = hall.actor(&bela).await;
        let refused = hall.accounts.unlink(&stranger, "one", "sub").await.unwrap_err();
        assert!(refused.is(codes::UNKNOWN_IDENTITY));
        assert_eq!(link(&ada, "sub-2").await.location(), "/settings/security?done=linked");
        let form = "provider=one&subject=sub";
        let gone = hall.form("/settings/security/unlink", &cookie, form).await;
        assert_eq!(gone.location(), "/settings/security?done=unlinked");
    }
}

/// What else may open the account `$1`.
fn ways() -> [Sql; 5] {
    [
        sql!("UPDATE users SET password = 'x' WHERE id = $1"),
        sql!("UPDATE users SET email = 'ada@example.org', verified = TRUE WHERE id = $1"),
        sql!(
            "INSERT INTO passkeys (id, user_id, credential, data, name, created)
             VALUES (7, $1, CAST('7' AS {bytes}), '{}', '', 0)"
        ),
        sql!(
            "INSERT INTO identities (provider, subject, user_id, name, created, used)
             VALUES ('two', 'x', $1, '', 0, 0)"
        ),
        // The configuration no longer has this one.
        sql!(
            "INSERT INTO identities (provider, subject, user_id, name, created, used)
             VALUES ('gone', 'x', $1, '', 0, 0)"
        ),
    ]
}

#[tokio::test]
async fn the_last_way_in_stays_whatever_the_others_are() {
    let (halls, ..) = open(true).await;
    for hall in halls {
        let (ada, token) = hall.person("ada").await;
        let ada: UserId = ada.parse().unwrap();
        let actor = hall.actor(&token).await;
        let id = params![ada];
        let clean = [
            sql!("UPDATE users SET password = NULL, email = NULL WHERE id = $1"),
            sql!("DELETE FROM passkeys WHERE user_id = $1"),
            sql!("DELETE FROM identities WHERE user_id = $1"),
            sql!(
                "INSERT INTO identities (provider, subject, user_id, name, created, used)
                 VALUES ('one', 'sub', $1, '', 0, 0)"
            ),
            sql!(
                "INSERT INTO passkeys (id, user_id, credential, data, name, created)
                 VALUES (8, $1, CAST('8' AS {bytes}), '{}', '', 0)"
            ),
        ];
        for others in 0..32_u32 {
            for passkey in [false, true] {
                for text in clean.iter().take(4 + usize::from(passkey)) {
                    hall.db.db.run(*text, id.clone()).await.unwrap();
                }
                let others: Vec<usize> = (0..5).filter(|way| others & 1 << way != 0).collect();
                for way in &others {
                    hall.db.db.run(ways()[*way], id.clone()).await.unwrap();
                }
                let open = passkey || others.iter().any(|way| *way < 4);
                let unlinked = hall.accounts.unlink(&actor, "one", "sub").await;
                match open {
                    true => unlinked.unwrap(),
                    false => assert!(unlinked.unwrap_err().is(codes::LAST_WAY_IN), "{others:?}"),
                }
                if passkey {
                    let open = others.iter().any(|way| *way < 4);
                    let removed = hall.accounts.remove_passkey(&actor, Id::new(8)).await;
                    match open {
                        true => removed.unwrap(),
                        false => assert!(removed.unwrap_err().is(codes::LAST_WAY_IN), "{others:?}"),
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn an_address_opens_nothing_where_no_mail_is_sent() {
    let (halls, ..) = open(true).await;
    for hall in halls {
        let (ada, token) = hall.person("ada").await;
        let ada: UserId = ada.parse().unwrap();
        for text in [sql!("UPDATE users SET password = NULL WHERE id = $1"), ways()[1], ways()[2], ways()[3]]
        {
            hall.db.db.run(text, params![ada]).await.unwrap();
        }
        // The same hall without mail, without a name for passkeys and without the other sites.
        let bare = Config { post: None, public_url: None, ..hall.accounts.config().clone() };
        let ids = Ids::new(hall.clock.clone(), 3);
        let bare = Accounts::new(hall.db.db.clone(), hall.clock.clone(), ids, hall.log.clone(), bare);
        let actor = hall.actor(&token).await;
        assert!(bare.remove_passkey(&actor, Id::new(7)).await.unwrap_err().is(codes::LAST_WAY_IN));
        assert!(bare.unlink(&actor, "two", "x").await.unwrap_err().is(codes::LAST_WAY_IN));
        hall.accounts.unlink(&actor, "two", "x").await.unwrap();
        hall.accounts.remove_passkey(&actor, Id::new(7)).await.unwrap();
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for_whoever_vouches() {
    let (halls, one, _) = open(true).await;
    for hall in halls {
        let ada = hall.guarded("ada").await;
        let cookie = format!("guildhall_session={}", ada.token);
        let begun = hall.leave("one", "/settings/security/link/one", &cookie).await;
        let code = begun.code(&one, "sub", json!({}));
        hall.come_back(&begun, &code).await;
        let back = hall.visit(&one, "one", "sub", json!({})).await;
        assert_eq!(back.location(), "/login/second?next=%2Finvite%2Fx");
    }
}
