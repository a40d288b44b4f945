//! What somebody allowed, on its way from the consent page to a family of tokens.

use guildhall_accounts::SessionId;
use guildhall_base::{ApplicationId, GuildId, Id, Scopes, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::SecretHash;

/// Only a name for the type parameter of [`GrantId`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum GrantMarker {}

/// Id of a grant; also tells when it was prepared. Not a secret.
pub(crate) type GrantId = Id<GrantMarker>;

/// How and when somebody signed in, as an application is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authentication {
    /// In which session.
    pub(crate) session: Option<SessionId>,
    /// When.
    pub(crate) at: Timestamp,
    /// With what assurance: one of [`crate::acr`].
    pub(crate) acr: String,
    /// By what, word by word (RFC 8176), parted by blanks.
    pub(crate) amr: String,
}

/// A family of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Which.
    pub(crate) id: GrantId,
    /// In whose name.
    pub(crate) user: UserId,
    /// Which application acts.
    pub(crate) application: ApplicationId,
    /// What it was allowed.
    pub(crate) scopes: Scopes,
    /// How they had signed in.
    pub(crate) authentication: Authentication,
    /// Claims asked for one by one.
    pub(crate) claims: Claims,
    /// When it ends by itself unless it is refreshed.
    pub(crate) expires: Timestamp,
}

/// Claims that a request asks for one by one (OpenID Connect Core 5.5). Only those that we have matter; that a claim
/// is essential changes nothing, because what we have is always given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// In the answer of the userinfo endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) userinfo: Vec<String>,
    /// In the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) id_token: Vec<String>,
    /// Values of `acr` that are essential in the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acr: Vec<String>,
}

/// An authorization code: what was allowed, to be exchanged once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    /// The grant that it becomes.
    pub(crate) grant: Grant,
    /// Where it was sent.
    pub(crate) redirect_uri: String,
    /// Whether the request named that address.
    pub(crate) redirect_named: bool,
    /// PKCE.
    pub(crate) challenge: Option<String>,
    /// The key that the tokens must be bound to.
    pub(crate) dpop_jkt: Option<String>,
    /// From the request, for the ID token.
    pub(crate) nonce: Option<String>,
    /// The guild that the application's bot was added to.
    pub(crate) guild: Option<GuildId>,
    /// Until when it may be exchanged.
    pub(crate) expires: Timestamp,
    /// When it was.
    pub(crate) used: Option<Timestamp>,
}

/// A refresh token as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refresh {
    /// What is stored of it.
    pub(crate) hash: SecretHash,
    /// Its family.
    pub(crate) grant: GrantId,
    /// The key that a public client must prove.
    pub(crate) dpop_jkt: Option<String>,
    /// Until when it may be used.
    pub(crate) expires: Timestamp,
    /// When it was.
    pub(crate) used: Option<Timestamp>,
}

impl Refresh {
    /// Whether its time is not over, and whoever brings it has proved the key that it is bound to.
    pub(crate) fn may_be_used(&self, now: Timestamp, jkt: Option<&str>) -> bool {
        self.expires > now && (self.dpop_jkt.is_none() || self.dpop_jkt.as_deref() == jkt)
    }
}

/// What somebody allowed an application, for the page of grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Which application.
    pub application: ApplicationId,
    /// What.
    pub scopes: Scopes,
    /// Since when.
    pub created: Timestamp,
    /// When it was last confirmed or widened.
    pub updated: Timestamp,
}
