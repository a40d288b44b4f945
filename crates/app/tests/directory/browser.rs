//! A browser without scripts: one session or none, one language, no redirect followed by itself.

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::support::Client;

/// Whoever looks at pages.
pub(crate) struct Browser<'a> {
    pub(crate) client: &'a Client,
    pub(crate) language: &'static str,
}

/// What came back.
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Shown {
    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map_or("", |place| place.to_str().unwrap())
    }
}

impl Browser<'_> {
    /// Asks for a page, or sends a form.
    pub(crate) async fn ask(&self, path: &str, form: Option<&[(&str, &str)]>) -> Shown {
        let stream = TcpStream::connect(self.client.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(if form.is_some() { "POST" } else { "GET" })
            .uri(path)
            .header("host", "hall")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept-language", self.language);
        if !self.client.authorization.is_empty() {
            request = request.header("cookie", format!("guildhall_session={}", self.client.authorization));
        }
        let body = form.map_or_else(Body::empty, |fields| {
            let mut encoded = url::form_urlencoded::Serializer::new(String::new());
            Body::from(encoded.extend_pairs(fields).finish())
        });
        let answer = sender.send_request(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        Shown { status, headers, text: String::from_utf8_lossy(&text).into_owned() }
    }

    /// Chooses its language, also for the account.
    pub(crate) async fn reads(&self) {
        let chosen = self.ask("/language", Some(&[("language", self.language)])).await;
        assert_eq!(chosen.status, 303);
    }

    /// A page that is there, in this language.
    pub(crate) async fn page(&self, path: &str) -> String {
        let shown = self.ask(path, None).await;
        assert_eq!(shown.status, 200, "{path}: {}", shown.text);
        assert!(shown.text.contains(&format!("<html lang=\"{}\"", self.language)), "{path}: {}", shown.text);
        shown.text
    }

    /// Sends a form that is refused, and what is shown then.
    pub(crate) async fn refused(&self, path: &str, fields: &[(&str, &str)], status: u16) -> String {
        let shown = self.ask(path, Some(fields)).await;
        assert_eq!(shown.status, status, "{path}: {}", shown.text);
        assert!(shown.text.contains(&format!("<html lang=\"{}\"", self.language)), "{path}: {}", shown.text);
        shown.text
    }

    /// Sends a form that is accepted, and where that leads.
    pub(crate) async fn sent(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let shown = self.ask(path, Some(fields)).await;
        assert_eq!(shown.status, 303, "{path}: {}", shown.text);
        shown.location().to_owned()
    }
}
