//! An authorization request: as sent, and as understood.

use std::collections::BTreeMap;

use guildhall_base::{GuildId, Permissions, Scopes, Timestamp};
use serde::{Deserialize, Serialize};

use super::Claims;

/// The parameters as sent, each at most once. Empty ones count as absent (RFC 6749 3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// From a query or a form body; also gives the name of a parameter that came twice.
    pub(crate) fn read(encoded: &[u8]) -> (Self, Option<String>) {
        let (mut read, mut twice) = (BTreeMap::new(), None);
        for (name, value) in url::form_urlencoded::parse(encoded).into_owned() {
            if !value.is_empty() && read.insert(name.clone(), value).is_some() && twice.is_none() {
                twice = Some(name);
            }
        }
        (Self(read), twice)
    }

    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Takes a parameter out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Puts a parameter in.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// As a query, without the question mark.
    pub(crate) fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

/// What an application wants to happen before it is answered (OpenID Connect Core 3.1.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Prompt {
    /// Nothing may be shown.
    pub(crate) none: bool,
    /// Sign in again.
    pub(crate) login: bool,
    /// Ask again what is allowed already.
    pub(crate) consent: bool,
    /// Let them choose the account.
    pub(crate) select_account: bool,
}

/// A request that is sound: known client, registered address, allowed scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuthRequest {
    /// Where the answer goes; none when only a bot is to be added.
    pub(crate) redirect_uri: Option<String>,
    /// Whether the request named it.
    pub(crate) redirect_named: bool,
    /// Given back as it came.
    pub(crate) state: Option<String>,
    /// What is asked for.
    pub(crate) scopes: Scopes,
    /// PKCE, S256.
    pub(crate) challenge: Option<String>,
    /// The key that the tokens must be bound to.
    pub(crate) dpop_jkt: Option<String>,
    /// For the ID token.
    pub(crate) nonce: Option<String>,
    /// What is to happen before the answer.
    pub(crate) prompt: Prompt,
    /// How many seconds ago they may have signed in.
    pub(crate) max_age: Option<u64>,
    /// Levels of assurance that would do, the best first; and whether one of them is a must.
    pub(crate) acr: (Vec<String>, bool),
    /// Whom the application expects.
    pub(crate) login_hint: Option<String>,
    /// The user of an ID token that the application had before.
    pub(crate) expected_user: Option<String>,
    /// Claims asked for one by one.
    pub(crate) claims: Claims,
    /// What the bot would like to be allowed in the guild.
    pub(crate) permissions: Permissions,
    /// The guild that the bot is for.
    pub(crate) guild: Option<GuildId>,
    /// Whether no other guild may be chosen.
    pub(crate) guild_fixed: bool,
    /// When it was first seen: a sign-in after that is a fresh one.
    pub(crate) began: Timestamp,
}
