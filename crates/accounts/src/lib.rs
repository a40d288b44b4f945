//! Users, credentials, sessions and tokens: who somebody is.
//!
//! The door is [`Accounts`]: it authenticates ([`Actor`] is the extractor), knows users by id from memory, and holds
//! the use cases that the REST routes ([`api_routes`]) and the pages ([`page_routes`]) call.

mod actions;
mod actor;
mod api;
mod authenticate;
pub mod codes;
mod config;
mod door;
mod ended;
pub mod events;
mod factor;
mod follow;
mod known;
mod letters;
pub mod life;
mod mail;
mod model;
mod names;
mod pages;
mod passkey;
mod password;
mod picture;
mod provider;
mod rules;
mod scopes;
mod sign_in;
pub mod slow;
mod staff;
mod store;
mod sweep;
mod token;
mod user;
mod v2;

use guildhall_infra::i18n::{Texts, texts};

pub use actions::{
    Assurance, Copy, CopyFile, EditMe, EditSettings, Farewell, Guard, LinkedIdentity, MailUsed,
    NewAuthenticator, NewScript, NewUser, ProviderAnswer, ProviderOutcome, ProviderVisit, Registration,
    SecondFactor, StaffLogQuery, StaffView, StandingOf, qr_code,
};
pub use actor::{
    Actor, COOKIE_NAME, Credential, MaybeActor, Person, SessionId, SessionMarker, same_origin, session_cookie,
};
pub use api::api_routes;
pub use config::{Config, OnEnded};
pub use door::Accounts;
pub use letters::Notice;
pub use mail::{LinkInfo, Post, Purpose};
pub use model::{
    Bond, CustomStatus, Profile, ProfileText, Relationship, Session, SessionClass, Settings, SignedIn, Visit,
};
pub use pages::{Problems, page_routes, picture_routes, prefer_language, refuse_cross_site, viewer};
pub use passkey::{Ceremony, CeremonyAnswer, PasskeyEntry, PasskeyId, PasskeyMarker};
pub use picture::PictureUpload;
pub use provider::{ProviderKind, ProviderSettings, Providers, check_providers};
pub use scopes::SessionScopes;
pub use sign_in::{Leaving, Method, Proof, SecondStep, SignIn};
pub use staff::{
    Rank, RankSettings, Ranks, Rights, StaffAction, StaffActionId, StaffActionMarker, Standing, UserState,
};
pub use sweep::ForgetExpired;
pub use user::{Always, SelfUser, User};
pub use v2::v2_routes;

/// What the pages and mails of accounts say.
pub const TEXTS: Texts = texts!("../locales/en/accounts.ftl", "../locales/fi/accounts.ftl");

/// What is said of copies of one's data and of the end of an account.
pub const LIFE_TEXTS: Texts = texts!("../locales/en/life.ftl", "../locales/fi/life.ftl");

/// What mails and the pages about them say.
pub const MAIL_TEXTS: Texts = texts!("../locales/en/mail.ftl", "../locales/fi/mail.ftl");

/// Scripts of the pages, for `Assets`.
#[derive(rust_embed::RustEmbed)]
#[folder = "assets/"]
pub struct Files;

/// What the pages about security say.
pub const SECURITY_TEXTS: Texts = texts!("../locales/en/security.ftl", "../locales/fi/security.ftl");
