//! Web pages: the layout that every page shares, assets under content-hashed names, error pages, security headers.
//!
//! A crate with pages lists `../infra/templates` in its `askama.toml`, begins its templates with
//! `{% extends "layout.html" %}`, gives its template structs a field `page: Page`, returns [`Reply`] from its
//! handlers and hands its router to [`Site::wrap`].
//!
//! ```ignore
//! #[derive(askama::Template)]
//! #[template(path = "login.html")]
//! struct Login { page: Page, problem: Option<String> }
//!
//! async fn login(State(site): State<Site>) -> Reply {
//!     html(&Login { page: site.page("Sign in"), problem: None })
//! }
//! ```

mod assets;
mod headers;
mod site;
#[cfg(test)]
mod tests;

pub use assets::{Assets, AssetsBuilder};
pub use site::{Failure, Page, Reply, Site, Viewer, html, html_with};
