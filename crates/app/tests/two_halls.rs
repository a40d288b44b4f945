//! Two whole servers: people of one sign in at the other, which is an application there like any other.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use guildhall_accounts::{ProviderKind, ProviderSettings};
use guildhall_base::Scopes;
use guildhall_infra::{params, sql};
use guildhall_oauth::EditClient;
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use support::process::free_address;
use support::{Hall, halls};
use tokio::net::TcpStream;

/// What a page answered.
struct Page {
    status: StatusCode,
    location: String,
    text: String,
}

/// A browser: it keeps cookies and follows no redirect by itself.
#[derive(Default, Clone)]
struct Browser(BTreeMap<SocketAddr, BTreeMap<String, String>>);

impl Browser {
    /// One that is signed in at a hall.
    async fn of(hall: &Hall, name: &str) -> Self {
        let mut browser = Self::default();
        browser.keep(hall, hall.register(name).await.authorization);
        browser
    }

    fn keep(&mut self, hall: &Hall, session: String) {
        self.0.entry(hall.address()).or_default().insert("guildhall_session".into(), session);
    }

    async fn send(&mut self, method: &str, url: &str, form: Option<String>) -> Page {
        let url: url::Url = url.parse().unwrap();
        let address: SocketAddr = url.authority().parse().unwrap();
        let jar = self.0.entry(address).or_default();
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", url.authority())
            .header("cookie", cookies.join("; "))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.map_or_else(Body::empty, Body::from))
            .unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            jar.insert(name.to_owned(), value.to_owned());
        }
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = response.status();
        let text = response.into_body().collect().await.unwrap().to_bytes();
        Page { status, location, text: String::from_utf8_lossy(&text).into_owned() }
    }

    async fn get(&mut self, url: &str) -> Page {
        self.send("GET", url, None).await
    }

    /// From a page of `here` to the other hall, through its consent page if it asks, and back.
    async fn visit(&mut self, here: &Hall, path: &str, decision: &str) -> Page {
        let there = self.get(&format!("http://{}{path}", here.address())).await.location;
        assert!(there.contains("/oauth2/authorize?"), "{there}");
        let mut answer = self.get(&there).await;
        if answer.status == StatusCode::OK {
            assert!(answer.text.contains("The other hall"), "{}", answer.text);
            let (start, query) = there.split_once("/oauth2/authorize?").unwrap();
            let fields = [("query", query), ("decision", decision)];
            let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            answer = self.send("POST", &format!("{start}/oauth2/consent"), Some(form)).await;
        }
        let back = format!("http://{}/login/with/guildhall/callback?", here.address());
        assert!(answer.location.starts_with(&back), "{} {}", answer.status, answer.location);
        self.get(&answer.location).await
    }

    /// Who they are at a hall.
    async fn me(&self, hall: &Hall) -> Value {
        let session = &self.0[&hall.address()]["guildhall_session"];
        hall.client(session).get("/users/@me").await
    }
}

/// A hall that others sign in at, and one that lets its people in.
async fn two(mut provider: Hall, mut here: Hall) -> (Hall, Hall) {
    for hall in [&mut provider, &mut here] {
        let address = free_address();
        hall.configure(|settings| {
            settings.listen = address;
            settings.public_url = Some(format!("http://{address}"));
            settings.outgoing.allow = vec!["127.0.0.0/8".parse().unwrap()];
        });
    }
    provider.start().await;
    let boss = provider.register("boss").await;
    let features = provider.server().hall();
    let actor = features.accounts.authenticate(&boss.authorization).await.unwrap();
    let (application, ..) = features.applications.create(actor.id(), "The other hall").await.unwrap();
    let start = here.settings().public_url().to_owned();
    let edit = EditClient {
        redirect_uris: vec![format!("{start}/login/with/guildhall/callback")],
        scopes: Scopes::all(),
        require_pkce: true,
        ..EditClient::default()
    };
    features.applications.edit_client(&actor, application.id, edit).await.unwrap();
    let secret =
        features.applications.rotate_secret(&actor, application.id, std::time::Duration::ZERO).await.unwrap();
    let known = ProviderSettings {
        kind: ProviderKind::Oidc,
        label: Some("The first hall".into()),
        address: Some(provider.settings().public_url().parse().unwrap()),
        client_id: application.id.to_string(),
        client_secret: Some(secret),
        scopes: None,
    };
    here.configure(|settings| {
        settings.accounts.providers.insert("guildhall".into(), known);
    });
    here.start().await;
    (provider, here)
}

const SIGN_IN: &str = "/login/with/guildhall?next=/settings";
const LINK: &str = "/settings/security/link/guildhall";

async fn linked(hall: &Hall) -> i64 {
    hall.database.db.one(sql!("SELECT COUNT(*) FROM identities"), params![]).await.unwrap().get(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_one_hall_sign_in_at_another() {
    for (provider, here) in halls().await.into_iter().zip(halls().await) {
        let (mut provider, mut here) = two(provider, here).await;
        let mut ada = Browser::of(&provider, "ada").await;
        let verified = sql!("UPDATE users SET email = 'ada@example.org', verified = TRUE WHERE handle = $1");
        provider.database.db.run(verified, params!["ada"]).await.unwrap();

        // Whoever does not allow it is nobody here.
        let page = ada.visit(&here, SIGN_IN, "deny").await;
        assert!(page.status.is_client_error(), "{} {}", page.status, page.location);
        assert!(!ada.0[&here.address()].contains_key("guildhall_session"));
        assert_eq!(linked(&here).await, 0);

        // Whoever does is somebody new, by their name and the address that was verified there.
        let page = ada.visit(&here, SIGN_IN, "allow").await;
        assert_eq!(page.location, "/settings");
        let me = ada.me(&here).await;
        assert_eq!((&me["username"], &me["email"]), (&"ada".into(), &"ada@example.org".into()));
        let subject: String = here
            .database
            .db
            .one(sql!("SELECT subject FROM identities WHERE provider = $1"), params!["guildhall"])
            .await
            .unwrap()
            .get(0)
            .unwrap();
        assert_eq!(subject, ada.me(&provider).await["id"]);

        // And the same the next time, without being asked again.
        let mut again = Browser::default();
        again.keep(&provider, ada.0[&provider.address()]["guildhall_session"].clone());
        assert_eq!(again.visit(&here, SIGN_IN, "deny").await.location, "/settings");
        assert_eq!(again.me(&here).await["id"], me["id"]);
        provider.stop().await;
        here.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_two_halls_are_linked_and_unlinked_and_nobody_is_locked_out() {
    for (provider, here) in halls().await.into_iter().zip(halls().await) {
        let (mut provider, mut here) = two(provider, here).await;
        let mut bela = Browser::of(&provider, "bela").await;
        let subject = bela.me(&provider).await["id"].as_str().unwrap().to_owned();
        let unlink = format!("provider=guildhall&subject={subject}");
        let path = format!("http://{}/settings/security/unlink", here.address());

        // Who came in by the other hall alone keeps that way in.
        assert_eq!(bela.visit(&here, SIGN_IN, "allow").await.location, "/settings");
        let alone = bela.me(&here).await["id"].clone();
        let page = bela.send("POST", &path, Some(unlink.clone())).await;
        assert!(page.status.is_client_error(), "{} {}", page.status, page.location);
        assert_eq!(linked(&here).await, 1);

        // Carl, who has a password here, is the second one over there.
        let mut carl = Browser::of(&here, "carl").await;
        let me = carl.me(&here).await["id"].clone();
        carl.keep(&provider, provider.register("carla").await.authorization);
        let page = carl.visit(&here, LINK, "allow").await;
        assert_eq!(page.location, "/settings/security?done=linked");
        assert_eq!(linked(&here).await, 2);
        let mut fresh = Browser::default();
        fresh.keep(&provider, carl.0[&provider.address()]["guildhall_session"].clone());
        assert_eq!(fresh.visit(&here, SIGN_IN, "deny").await.location, "/settings");
        assert_eq!(fresh.me(&here).await["id"], me);
        assert_ne!(alone, me);

        // Bela's account over there is not his to link, nor to unlink.
        let his = carl.0[&provider.address()]["guildhall_session"].clone();
        carl.keep(&provider, bela.0[&provider.address()]["guildhall_session"].clone());
        let page = carl.visit(&here, LINK, "allow").await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert!(carl.send("POST", &path, Some(unlink)).await.status.is_client_error());
        carl.keep(&provider, his);

        let own = carl.me(&provider).await["id"].as_str().unwrap().to_owned();
        let page = carl.send("POST", &path, Some(format!("provider=guildhall&subject={own}"))).await;
        assert_eq!(page.location, "/settings/security?done=unlinked");
        assert_eq!(linked(&here).await, 1);
        // His password still opens his account.
        let login = serde_json::json!({ "login": "carl", "password": "correct horse battery staple" });
        let token = here.client("").post("/auth/login", login).await;
        assert_eq!(here.client(token["token"].as_str().unwrap()).get("/users/@me").await["id"], me);
        provider.stop().await;
        here.stop().await;
    }
}
