//! Applications, and the OAuth 2.1 and OpenID Connect server whose clients they are.
//!
//! Two doors: [`Applications`] (an application and its bot's user share one id, and are made together) and [`OAuth`]
//! (authorization requests, tokens, what people granted). Access tokens come in at the REST API by [`admit`], which
//! lets an application in where one of its scopes opens the route.

mod actions;
mod api;
mod bearer;
pub mod codes;
mod config;
mod door;
mod endpoints;
mod events;
mod guilds;
mod jobs;
mod keys;
mod model;
mod own_data;
mod pages;
mod refused;
mod rules;
mod store;

pub use actions::applications::{Applications, EditApplication};
pub use actions::check::Checked;
pub use actions::client_settings::EditClient;
pub use actions::interactions::Answered;
pub use api::api_routes;
pub use bearer::admit;
pub use config::Config;
pub use door::{OAuth, Parts};
pub use endpoints::protocol_routes;
pub use guilds::{GuildChoice, GuildHost, Guilds, Later};
pub use jobs::{ForgetOver, tell_of_ended};
pub use keys::{Keys, NewKey};
pub use model::{
    Application, ApplicationWire, Client, ClientSecret, Consent, InstallParams, SecretHash, SigningAlg, acr,
    flags,
};
pub use pages::page_routes;

use guildhall_infra::i18n::{Texts, texts};

/// What the pages of this crate say.
pub const TEXTS: Texts = texts!("../locales/en/oauth.ftl", "../locales/fi/oauth.ftl");
