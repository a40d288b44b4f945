//! The site as pages see it: its name, its assets, who looks at it; and the way from a template to an answer.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use guildhall_base::{Error, Kind, codes};

use super::assets::Assets;
use super::headers;
use crate::http::status;

/// Shared by all pages; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    name: String,
    assets: Assets,
    policy: HeaderValue,
}

/// What the layout needs to know of one page.
#[derive(Clone)]
pub struct Page {
    /// The site it belongs to.
    pub site: Site,
    /// Title without the site's name; empty for the front page.
    pub title: String,
    /// One sentence for search engines and link previews; may be empty.
    pub description: String,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
}

/// The signed-in person, as the layout shows them.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// What they are called.
    pub name: String,
}

impl Site {
    /// A site called `name`.
    pub fn new(name: impl Into<String>, assets: Assets) -> Self {
        let policy = headers::policy(assets.import_map_hash());
        Self(Arc::new(Inner { name: name.into(), assets, policy }))
    }

    /// What the installation is called.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The address of an asset, for templates: `{{ page.site.asset("css/base.css") }}`.
    pub fn asset<'a>(&'a self, path: &'a str) -> &'a str {
        self.0.assets.url(path)
    }

    /// The addresses of a feature's assets of one kind, to be fetched ahead: `assets_under("chat/", ".js")`.
    pub fn assets_under<'a>(&'a self, prefix: &'a str, suffix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.assets.under(prefix, suffix)
    }

    /// The import map, for the layout.
    pub fn import_map(&self) -> &str {
        self.0.assets.import_map()
    }

    /// A page with this title, for nobody in particular.
    pub fn page(&self, title: impl Into<String>) -> Page {
        Page { site: self.clone(), title: title.into(), description: String::new(), viewer: None }
    }

    /// `/assets/...` and the two addresses that browsers ask for unasked.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new()
            .route(
                "/assets/{*name}",
                get(|State(site): State<Site>, Path(name): Path<String>, headers: HeaderMap| async move {
                    site.0.assets.serve(&name, &headers)
                }),
            )
            .route(
                "/favicon.ico",
                get(|State(site): State<Site>| async move { Redirect::temporary(site.asset("favicon.svg")) }),
            )
            .with_state(self.clone())
    }

    /// Gives the pages of a router their security headers, and turns a [`Failure`] into the error page.
    pub fn wrap<S: Clone + Send + Sync + 'static>(&self, pages: Router<S>) -> Router<S> {
        pages.layer(middleware::from_fn_with_state(self.clone(), finish))
    }

    /// The page that says what went wrong.
    pub fn error_page(&self, error: &Error) -> Response {
        let status = status(error.kind());
        let retry_after = error.retry_after.map(|wait| wait.as_secs_f64().ceil().max(1.0));
        let template = ErrorPage {
            page: self.page(heading(error.kind())),
            status: status.as_u16(),
            heading: heading(error.kind()),
            detail: explain(error),
            sign_in: error.kind() == Kind::Unauthenticated,
        };
        let body = template.render().unwrap_or_else(|_| template.heading.to_owned());
        let mut response = (status, Html(body)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds as u64));
        }
        headers::secure(response.headers_mut(), &self.0.policy);
        response
    }
}

impl Page {
    /// The same page, seen by this person.
    #[must_use]
    pub fn seen_by(mut self, viewer: Option<Viewer>) -> Self {
        self.viewer = viewer;
        self
    }

    /// The same page with a description.
    #[must_use]
    pub fn about(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }
}

/// What a page's handler returns.
pub type Reply = Result<Response, Failure>;

/// An error on its way to becoming an error page; see [`Site::wrap`].
#[derive(Debug)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = status(self.0.kind()).into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

/// Renders a template as a page with status 200.
pub fn html(template: &impl Template) -> Reply {
    html_with(StatusCode::OK, template)
}

/// Renders a template as a page: a form that was refused is shown again with 400 or 422.
pub fn html_with(status: StatusCode, template: &impl Template) -> Reply {
    let body = template.render().map_err(Error::internal)?;
    Ok((status, Html(body)).into_response())
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Page,
    status: u16,
    heading: &'static str,
    detail: String,
    sign_in: bool,
}

async fn finish(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<Error>() {
        if error.kind() == Kind::Internal {
            tracing::error!(error = %error, "page failed");
        }
        return site.error_page(&error);
    }
    headers::secure(response.headers_mut(), &site.0.policy);
    response
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Unauthenticated => "Sign in first",
        Kind::Forbidden => "Not for you",
        Kind::NotFound | Kind::MethodNotAllowed => "Nothing here",
        Kind::RateLimited => "Too fast",
        Kind::Unavailable => "Not right now",
        Kind::Internal => "Something broke",
        _ => "That did not work",
    }
}

/// The error's own text where a person wrote one, otherwise a sentence instead of the protocol's.
fn explain(error: &Error) -> String {
    if error.detail != error.code.text {
        return error.detail.to_string();
    }
    match error.kind() {
        Kind::NotFound | Kind::MethodNotAllowed
            if error.is(codes::NOT_FOUND) || error.is(codes::METHOD_NOT_ALLOWED) =>
        {
            "This page does not exist, or it is not visible to you.".into()
        }
        Kind::Unauthenticated => "This page is for people who are signed in.".into(),
        Kind::Internal => "It is our fault, and it has been noted. Try again in a moment.".into(),
        Kind::Unavailable => "The server is busy or restarting. Try again in a moment.".into(),
        _ => error.fields.first().map_or_else(|| error.detail.to_string(), |field| field.message.clone()),
    }
}
