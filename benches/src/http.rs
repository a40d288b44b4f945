//! A client of the REST API that keeps its connection.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// One connection of somebody's, or of a stranger's, whose token is empty.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    token: String,
}

/// What is asked of a server.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    /// Something of Discord's API, by whoever the client is.
    Api { method: String, address: String, body: Bytes },
    /// An address, by a stranger.
    Page(String),
}

impl Ask {
    /// A path below `/api/v10`.
    pub(crate) fn api(method: &str, path: &str, body: &str) -> Self {
        let (method, address) = (method.to_owned(), format!("/api/v10{path}"));
        Self::Api { method, address, body: body.to_owned().into() }
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, token: token.to_owned() })
    }

    /// Sends a request and returns the bytes of a success.
    pub(crate) async fn ask(&mut self, ask: &Ask) -> Result<Bytes> {
        let mut request = Request::builder().header("host", "bench");
        let (address, body) = match ask {
            Ask::Api { method, address, body } => {
                request = request.method(method.as_str()).header("content-type", "application/json");
                if !self.token.is_empty() {
                    request = request.header("authorization", &self.token);
                }
                (address, body.clone())
            }
            Ask::Page(address) => (address, Bytes::new()),
        };
        let request = request.uri(address).body(Full::new(body))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{address}: {status} {}", String::from_utf8_lossy(&bytes));
        Ok(bytes)
    }

    /// What a stranger gets at an address.
    pub(crate) async fn page(&mut self, address: &str) -> Result<Bytes> {
        self.ask(&Ask::Page(address.to_owned())).await
    }

    pub(crate) async fn call(&mut self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let bytes = self.ask(&Ask::api(method, path, &body)).await?;
        if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes).context("no JSON") }
    }
}
