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
use crate::i18n::{FluentValue, Language, Words};

/// Shared by all pages; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    name: String,
    assets: Assets,
    words: Words,
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
    /// What the reader reads.
    pub language: Language,
}

/// The signed-in person, as the layout shows them.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// What they are called.
    pub name: String,
}

impl Site {
    /// A site called `name`, whose pages are written in these words.
    pub fn new(name: impl Into<String>, assets: Assets, words: Words) -> Self {
        Self::build(name.into(), assets, words, None)
    }

    /// The same, found at a public address: its pages may open WebSockets there besides where they came from.
    pub fn found_at(public_url: &str, name: impl Into<String>, assets: Assets, words: Words) -> Self {
        Self::build(name.into(), assets, words, headers::sockets(public_url))
    }

    fn build(name: String, assets: Assets, words: Words, sockets: Option<String>) -> Self {
        let policy = headers::policy(assets.import_map_hash(), sockets.as_deref());
        Self(Arc::new(Inner { name, assets, words, policy }))
    }

    /// What the installation is called.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The texts in all languages.
    pub fn words(&self) -> &Words {
        &self.0.words
    }

    /// The address of an asset, for templates: `{{ page.site.asset("css/base.css") }}`.
    pub fn asset<'a>(&'a self, path: &'a str) -> &'a str {
        self.0.assets.url(path)
    }

    /// The addresses of a feature's assets of one kind, to be fetched ahead: `assets_under("chat/", ".js")`.
    pub fn assets_under<'a>(&'a self, prefix: &'a str, suffix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.assets.under(prefix, suffix)
    }

    /// The security policy of a page whose form is answered by a redirect to another site, which browsers count as where
    /// the form goes: `source` is that site's origin, or the scheme of an app's own address.
    pub fn policy_with_form_to(&self, source: &str) -> HeaderValue {
        let policy = self.0.policy.to_str().unwrap_or_default();
        let text = policy.replace("form-action 'self'", &format!("form-action 'self' {source}"));
        HeaderValue::from_str(&text).unwrap_or_else(|_| self.0.policy.clone())
    }

    /// The import map, for the layout.
    pub fn import_map(&self) -> &str {
        self.0.assets.import_map()
    }

    /// A page with this title, for nobody in particular.
    pub fn page(&self, title: impl Into<String>) -> Page {
        Page {
            site: self.clone(),
            title: title.into(),
            description: String::new(),
            viewer: None,
            language: Language::default(),
        }
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
    pub fn error_page(&self, language: Language, error: &Error) -> Response {
        let status = status(error.kind());
        let retry_after = error.retry_after.map(|wait| wait.as_secs_f64().ceil().max(1.0));
        let heading = self.0.words.text(language, heading(error.kind()));
        let template = ErrorPage {
            page: self.page(heading.clone()).read_in(language),
            status: status.as_u16(),
            detail: self.explain(language, error),
            sign_in: error.kind() == Kind::Unauthenticated,
            heading,
        };
        let body = template.render().unwrap_or_else(|_| template.heading.clone());
        let mut response = (status, Html(body)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds as u64));
        }
        headers::secure(response.headers_mut(), &self.0.policy);
        response
    }

    /// The error's own text where a person wrote one, otherwise a sentence instead of the protocol's.
    pub fn explain(&self, language: Language, error: &Error) -> String {
        if error.detail != error.code.text {
            return error.detail.to_string();
        }
        if let Some(text) = self.0.words.error(language, error) {
            return text;
        }
        let key = match error.kind() {
            Kind::NotFound | Kind::MethodNotAllowed
                if error.is(codes::NOT_FOUND) || error.is(codes::METHOD_NOT_ALLOWED) =>
            {
                "site-explain-nothing"
            }
            Kind::Unauthenticated => "site-explain-sign-in",
            Kind::Internal => "site-explain-broken",
            Kind::Unavailable => "site-explain-later",
            _ => {
                return error
                    .fields
                    .first()
                    .map_or_else(|| error.detail.to_string(), |field| self.0.words.field(language, field));
            }
        };
        self.0.words.text(language, key)
    }
}

impl Page {
    /// The same page, seen by this person.
    #[must_use]
    pub fn seen_by(mut self, viewer: Option<Viewer>) -> Self {
        self.viewer = viewer;
        self
    }

    /// The same page in this language.
    #[must_use]
    pub fn read_in(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// A text in the reader's language.
    pub fn t(&self, key: &str) -> String {
        self.site.0.words.text(self.language, key)
    }

    /// A text with a value for its variable.
    pub fn t_with<'a>(&self, key: &str, name: &str, value: impl Into<FluentValue<'a>>) -> String {
        self.site.0.words.text_with(self.language, key, &[(name, value.into())])
    }

    /// The languages that the reader may choose from, for the layout.
    pub fn languages(&self) -> [Language; Language::ALL.len()] {
        Language::ALL
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
    heading: String,
    detail: String,
    sign_in: bool,
}

async fn finish(State(site): State<Site>, request: Request, next: Next) -> Response {
    let language =
        request.extensions().get().copied().unwrap_or_else(|| Language::of_headers(request.headers()));
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<Error>() {
        if error.kind() == Kind::Internal {
            tracing::error!(error = %error, "page failed");
        }
        return site.error_page(language, &error);
    }
    headers::secure(response.headers_mut(), &site.0.policy);
    response
}

/// The key of a heading.
fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Unauthenticated => "site-error-sign-in",
        Kind::Forbidden => "site-error-forbidden",
        Kind::NotFound | Kind::MethodNotAllowed => "site-error-nothing",
        Kind::RateLimited => "site-error-fast",
        Kind::Unavailable => "site-error-later",
        Kind::Internal => "site-error-broken",
        _ => "site-error-refused",
    }
}
