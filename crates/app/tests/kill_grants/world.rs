//! The program, one person who is signed in, and one application that they allowed.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guildhall_app::config::{Overrides, load};
use guildhall_app::hall::Hall;
use guildhall_base::{Clock, Scopes};
use guildhall_infra::testing::TestDb;
use guildhall_oauth::EditClient;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::support::process::{Process, free_address};

const CALLBACK: &str = "https%3A%2F%2Fapp.test%2Fcallback";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A program with one person who is signed in and one application that they allowed.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) cookie: String,
    pub(crate) basic: String,
    pub(crate) client: String,
    pub(crate) told: Arc<Told>,
}

/// What the program has answered in all its lives.
#[derive(Default)]
pub(crate) struct Told {
    /// Steps of any kind.
    pub(crate) steps: AtomicI64,
    /// Families of tokens that somebody asked to end, and those of which they were told that it is done.
    pub(crate) ends_asked: AtomicI64,
    pub(crate) ends_told: AtomicI64,
    /// How often somebody was told a lost answer's consequence, by kind: a code, a refresh token, a device.
    pub(crate) lost: [AtomicI64; 3],
}

pub(crate) type Answer = (StatusCode, String, Value);

pub(crate) fn text((status, _, body): &Answer, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {status} {body}")).to_owned()
}

/// Talking to the program.
impl World {
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        let status = response.status();
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        let body = response.into_body().collect().await?.to_bytes();
        connection.abort();
        Ok((status, location, serde_json::from_slice(&body).unwrap_or_default()))
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header("host", self.address.to_string())
    }

    /// As the person's browser.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.request("GET", path).header("cookie", &self.cookie).body(Full::default())?).await
    }

    pub(crate) async fn submit(&self, path: &str, form: String) -> anyhow::Result<Answer> {
        let request = self
            .request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Full::new(form.into()))?).await
    }

    /// As the application.
    pub(crate) async fn post(&self, path: &str, form: String) -> anyhow::Result<Answer> {
        let request = self
            .request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", &self.basic);
        self.send(request.body(Full::new(form.into()))?).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> anyhow::Result<Answer> {
        let form = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}");
        self.post("/oauth2/token", form).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> anyhow::Result<Answer> {
        self.post("/oauth2/token", format!("grant_type=refresh_token&refresh_token={token}")).await
    }

    pub(crate) async fn poll(&self, device: &str) -> anyhow::Result<Answer> {
        self.post("/oauth2/token", format!("grant_type={DEVICE_GRANT}&device_code={device}")).await
    }

    pub(crate) async fn allow(&self, user: &str) -> anyhow::Result<Answer> {
        self.submit("/oauth2/device", format!("user_code={user}&decision=allow")).await
    }

    pub(crate) async fn revoke(&self, token: &str) -> anyhow::Result<Answer> {
        self.post("/oauth2/revoke", format!("token={token}")).await
    }

    pub(crate) async fn end(&self, refresh: &str) -> anyhow::Result<Answer> {
        self.told.ends_asked.fetch_add(1, Ordering::Relaxed);
        let answer = self.revoke(refresh).await?;
        self.told.ends_told.fetch_add(1, Ordering::Relaxed);
        Ok(answer)
    }

    pub(crate) async fn opens(&self, access: &str) -> bool {
        let request = self.request("GET", "/api/v10/users/@me");
        let request = request.header("authorization", format!("Bearer {access}"));
        let status = self.send(request.body(Full::default()).unwrap()).await.unwrap().0;
        assert!(status == StatusCode::OK || status == StatusCode::UNAUTHORIZED, "{status}");
        status == StatusCode::OK
    }

    pub(crate) fn query(&self) -> String {
        format!("response_type=code&client_id={}&redirect_uri={CALLBACK}&scope=identify", self.client)
    }
}

/// Has somebody register, who then makes an application and allows it.
pub(crate) async fn found(folder: &Path, db: &TestDb) -> World {
    let address = free_address();
    let (cookie, basic, client, told) = Default::default();
    let mut world = World { address, cookie, basic, client, told };
    let process = Process::start(folder, db, address).await;
    let request = world.request("POST", "/api/v10/auth/register").header("content-type", "application/json");
    let person = json!({ "username": "ada", "password": "correct horse battery staple" }).to_string();
    let answer = world.send(request.body(Full::new(person.into())).unwrap()).await.unwrap();
    let token = text(&answer, "token");
    world.cookie = format!("guildhall_session={token}");
    process.kill();

    let overrides = Overrides {
        database_url: Some(db.url.clone()),
        data: Some(folder.to_owned()),
        listen: Some(address),
        ..Overrides::default()
    };
    let stop = CancellationToken::new();
    let hall = Hall::open(load(overrides).unwrap(), Clock::system(), stop.clone()).await.unwrap();
    let actor = hall.accounts.authenticate(&token).await.unwrap();
    let (application, ..) = hall.applications.create(actor.id(), "Notes").await.unwrap();
    let edit = EditClient {
        redirect_uris: vec!["https://app.test/callback".into()],
        scopes: Scopes::all(),
        ..EditClient::default()
    };
    hall.applications.edit_client(&actor, application.id, edit).await.unwrap();
    let secret = hall.applications.rotate_secret(&actor, application.id, Duration::ZERO).await.unwrap();
    hall.jobs.close();
    stop.cancel();
    world.client = application.id.to_string();
    world.basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", world.client)));

    // Once; afterwards nobody is asked.
    let process = Process::start(folder, db, address).await;
    let query = world.query().replace('%', "%25").replace('&', "%26").replace('=', "%3D");
    let (status, location, _) =
        world.submit("/oauth2/consent", format!("query={query}&decision=allow")).await.unwrap();
    assert!(status.is_redirection() && location.contains("code="), "{status} {location}");
    process.kill();
    world
}
