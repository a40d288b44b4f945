//! The way to Guildhall itself, without leaving the process: the same router that serves the API, asked by a person who
//! is put into the request instead of being read from a header. Only code of this process can do that. The person is
//! loaded for every request, so that somebody who was banned meanwhile gets nothing more done; what they may do is
//! decided by the routes, as always. Limits of requests, which are there against strangers, are not in the way.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Uri};
use guildhall_accounts::{Accounts, Credential, SessionId, SessionScopes};
use guildhall_base::{Error, Result, UserId};
use guildhall_infra::fetch::{ANSWER_TOO_LARGE, Fetch, Outgoing};
use tower::ServiceExt as _;

use super::http::headers;
use super::{Call, LARGEST_ANSWER, PREFIX, Reply};

/// Guildhall's own API and files, for use from within.
#[derive(Clone)]
pub struct Inside {
    /// The routes: the API under `/api/v10`, files and pictures at the root.
    pub routes: Router,
    /// Who is who.
    pub accounts: Accounts,
    /// For what lies elsewhere.
    pub fetch: Fetch,
    /// What addresses of this server begin with; no slash at the end.
    pub public_url: String,
}

#[derive(Clone)]
pub(super) struct InProcess {
    inside: Inside,
    user: UserId,
}

impl InProcess {
    pub(super) fn new(inside: Inside, user: UserId) -> Self {
        Self { inside, user }
    }

    pub(super) async fn send(&self, call: &Call) -> Result<Reply> {
        // As if by a session, though by none that exists: what needs a proof of it is refused.
        let scopes = SessionScopes::FOR_PROGRAMS;
        let session = Credential::Session { id: SessionId::new(0), scopes };
        let actor = self.inside.accounts.vouch(self.user, session).await?;
        let (kind, body) = call.content.encode()?;
        let uri: Uri = format!("{PREFIX}{}", call.path).parse().map_err(Error::internal)?;
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers(call, kind)?;
        request.extensions_mut().insert(actor);
        self.ask(request, LARGEST_ANSWER).await
    }

    pub(super) async fn download(&self, url: &str, cap: usize) -> Result<Reply> {
        let own = url.strip_prefix(self.inside.public_url.as_str()).filter(|path| path.starts_with('/'));
        let path = own.or_else(|| Some(url).filter(|url| url.starts_with('/')));
        let Some(path) = path else {
            let url = url.parse().map_err(|_| guildhall_infra::fetch::UNUSABLE_ADDRESS)?;
            let outgoing = Outgoing { max_bytes: Some(cap), ..Outgoing::new(Method::GET, url) };
            let answer = self.inside.fetch.send(outgoing).await?;
            return Ok(Reply { status: answer.status, headers: answer.headers, body: answer.body });
        };
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().map_err(|_| guildhall_infra::fetch::UNUSABLE_ADDRESS)?;
        self.ask(request, cap).await
    }

    pub(super) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.inside.public_url)
    }

    pub(super) fn asset(&self, path: &str) -> String {
        format!("/{path}")
    }

    async fn ask(&self, request: Request<Body>, cap: usize) -> Result<Reply> {
        let Ok(response) = self.inside.routes.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, cap).await.map_err(|_| ANSWER_TOO_LARGE)?;
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }
}
