//! The requests: the same to both servers, over connections that are kept.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::servers::{About, Running};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    ClientCredentials,
    Authorize,
    Code,
    Refresh,
    Introspect,
    Userinfo,
}

impl What {
    pub(crate) const ALL: [Self; 6] = [
        Self::ClientCredentials,
        Self::Authorize,
        Self::Code,
        Self::Refresh,
        Self::Introspect,
        Self::Userinfo,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::Authorize => "session to code (authorize)",
            Self::Code => "authorization_code",
            Self::Refresh => "refresh_token, rotated",
            Self::Introspect => "introspection",
            Self::Userinfo => "userinfo (bearer check)",
        }
    }
}

const CALLBACK: &str = "https%3A%2F%2Fapp.test%2Fcallback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The other server keeps a thousand things in memory: what waits to be exchanged stays far below.
const CODES_AHEAD: usize = 160;

/// One connection and what it has got so far.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    about: About,
    codes: VecDeque<String>,
    refresh: String,
    access: String,
    own: String,
}

/// All connections to one server.
#[derive(Default)]
pub(crate) struct Load(Vec<Connection>);

impl Load {
    pub(crate) async fn connect(&mut self, running: &Running, count: usize) -> Result<()> {
        for _ in 0..count {
            let mut connection = Connection::open(&running.about).await?;
            connection.prepare().await?;
            self.0.push(connection);
        }
        Ok(())
    }

    /// Sends so many requests, and answers with what they cost the server.
    pub(crate) async fn measure(
        &mut self,
        running: &Running,
        what: What,
        requests: usize,
    ) -> Result<Duration> {
        let mut spent = Duration::ZERO;
        let at_once = if what == What::Code { CODES_AHEAD } else { requests };
        let mut left = requests;
        while left > 0 {
            let share = at_once.min(left).div_ceil(self.0.len());
            if what == What::Code {
                self.all(What::Authorize, share).await?;
            }
            let before = running.cpu()?;
            self.all(what, share).await?;
            spent += running.cpu()? - before;
            if what == What::Authorize {
                self.0.iter_mut().for_each(|connection| connection.codes.clear());
            }
            left = left.saturating_sub(share * self.0.len());
        }
        Ok(spent)
    }

    async fn all(&mut self, what: What, each: usize) -> Result<()> {
        let mut tasks = JoinSet::new();
        for mut connection in self.0.drain(..) {
            tasks.spawn(async move {
                for _ in 0..each {
                    connection.ask(what).await?;
                }
                anyhow::Ok(connection)
            });
        }
        while let Some(connection) = tasks.join_next().await {
            self.0.push(connection??);
        }
        Ok(())
    }
}

impl Connection {
    async fn open(about: &About) -> Result<Self> {
        let stream = TcpStream::connect(&about.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (codes, [refresh, access, own]) = (VecDeque::new(), <[String; 3]>::default());
        Ok(Self { sender, about: about.clone(), codes, refresh, access, own })
    }

    /// Gets what the measurements begin with: a refresh token, an access token for userinfo, one of the client itself.
    async fn prepare(&mut self) -> Result<()> {
        let [_, read] = self.about.clients.clone();
        let address = self.authorize_address(&read, "openid+profile");
        if self.get_code(&address).await.is_err() {
            let query = address.split_once('?').context("no query")?.1.to_owned();
            for query in [query, self.query(&read, "openid+profile+offline_access+identify")] {
                self.consent(&query).await?;
            }
        }
        let code = self.get_code(&address).await?;
        let form = exchange(&code);
        self.access = text(&self.post_as(&read, &self.about.token.clone(), form).await?, "access_token")?;
        let form = "grant_type=client_credentials&scope=identify".to_owned();
        self.own = text(&self.post_as(&read, &self.about.token.clone(), form).await?, "access_token")?;
        self.ask(What::Authorize).await?;
        self.ask(What::Code).await
    }

    async fn ask(&mut self, what: What) -> Result<()> {
        let [jwt, read] = self.about.clients.clone();
        let token = self.about.token.clone();
        match what {
            What::ClientCredentials => {
                let form = "grant_type=client_credentials&scope=identify".to_owned();
                jwt_of(&self.post_as(&jwt, &token, form).await?)?;
            }
            What::Authorize => {
                let address = self.authorize_address(&jwt, "openid+profile+offline_access+identify");
                let code = self.get_code(&address).await?;
                self.codes.push_back(code);
            }
            What::Code => {
                let code = self.codes.pop_front().context("no code")?;
                let answer = self.post_as(&jwt, &token, exchange(&code)).await?;
                jwt_of(&answer)?;
                text(&answer, "id_token")?;
                self.refresh = text(&answer, "refresh_token")?;
            }
            What::Refresh => {
                let form = format!("grant_type=refresh_token&refresh_token={}", self.refresh);
                let answer = self.post_as(&jwt, &token, form).await?;
                jwt_of(&answer)?;
                text(&answer, "id_token")?;
                self.refresh = text(&answer, "refresh_token")?;
            }
            What::Introspect => {
                let (path, form) = (self.about.introspect.clone(), format!("token={}", self.own));
                let answer = self.post_as(&read, &path, form).await?;
                ensure!(answer["active"] == true, "not active: {answer}");
            }
            What::Userinfo => {
                let (path, bearer) = (self.about.userinfo.clone(), format!("Bearer {}", self.access));
                let (status, _, body) =
                    self.send("GET", &path, &[("authorization", &bearer)], String::new()).await?;
                ensure!(status == StatusCode::OK, "userinfo: {status} {}", String::from_utf8_lossy(&body));
            }
        }
        Ok(())
    }

    fn query(&self, client: &str, scope: &str) -> String {
        format!(
            "client_id={client}&response_type=code&redirect_uri={CALLBACK}&scope={scope}&state=s&nonce=n\
             &code_challenge={CHALLENGE}&code_challenge_method=S256"
        )
    }

    fn authorize_address(&self, client: &str, scope: &str) -> String {
        format!("{}?{}", self.about.authorize, self.query(client, scope))
    }

    async fn get_code(&mut self, address: &str) -> Result<String> {
        let cookie = self.about.cookie.clone();
        let (_, location, body) = self.send("GET", address, &[("cookie", &cookie)], String::new()).await?;
        let code = location.split_once("code=").and_then(|(_, rest)| rest.split('&').next());
        let code = code.map(str::to_owned);
        code.with_context(|| format!("no code: {location} {}", String::from_utf8_lossy(&body)))
    }

    /// Sends the form of our own consent page.
    async fn consent(&mut self, query: &str) -> Result<()> {
        let cookie = self.about.cookie.clone();
        let encoded = query.replace('%', "%25").replace('&', "%26").replace('+', "%2B").replace('=', "%3D");
        let form = format!("query={encoded}&decision=allow");
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
        let (status, ..) = self.send("POST", "/oauth2/consent", &headers, form).await?;
        ensure!(status.is_redirection(), "no consent: {status}");
        Ok(())
    }

    async fn post_as(&mut self, client: &str, path: &str, form: String) -> Result<Value> {
        use base64::Engine as _;
        let pair = format!("{client}:{}", self.about.secret);
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let (status, _, body) = self.send("POST", path, &[("authorization", &basic)], form).await?;
        ensure!(status == StatusCode::OK, "{path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(serde_json::from_slice(&body)?)
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        form: String,
    ) -> Result<(StatusCode, String, Bytes)> {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.about.address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !form.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Full::new(form.into()))?).await?;
        let status = response.status();
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        Ok((status, location, response.into_body().collect().await?.to_bytes()))
    }
}

fn exchange(code: &str) -> String {
    format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}")
}

fn text(answer: &Value, name: &str) -> Result<String> {
    answer[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {answer}"))
}

/// The access token, which must be a JWT on both sides.
fn jwt_of(answer: &Value) -> Result<()> {
    ensure!(text(answer, "access_token")?.starts_with("eyJ"), "no JWT: {answer}");
    Ok(())
}
