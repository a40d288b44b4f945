//! What mails of accounts are about, and what they are sent with.

use std::fmt;

use guildhall_base::{Id, UserId};
use guildhall_infra::i18n::Words;
use guildhall_infra::jobs::Jobs;
use guildhall_infra::mail::Mailer;

/// Only a name for the type parameter of [`ProofId`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum ProofMarker {}

/// Id of a mail that shows whose address it is; not a secret.
pub(crate) type ProofId = Id<ProofMarker>;

/// What mails are written and sent with.
#[derive(Clone)]
pub struct Post {
    /// Where mails wait until they are sent.
    pub jobs: Jobs,
    /// How they are sent.
    pub mailer: Mailer,
    /// What they say.
    pub words: Words,
    /// What the installation is called.
    pub site: String,
    /// Where it is, without a slash at the end.
    pub public_url: String,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("mailer", &self.mailer).finish_non_exhaustive()
    }
}

/// What a mail's link and code are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in, or to register where nobody has the address.
    SignIn,
    /// To make the address that of a user.
    Confirm,
    /// To choose a new password.
    Reset,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::SignIn, Self::Confirm, Self::Reset];

    /// As stored.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Confirm => "confirm",
            Self::Reset => "reset",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// A mail that was asked for, as stored.
#[derive(Debug, Clone)]
pub(crate) struct MailProof {
    pub(crate) id: ProofId,
    pub(crate) purpose: Purpose,
    pub(crate) address: String,
    pub(crate) user: Option<UserId>,
    pub(crate) code: Option<String>,
    pub(crate) locale: String,
}

/// What is shown of a mail's link before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkInfo {
    /// What it is for.
    pub purpose: Purpose,
    /// The address, most of its first part hidden: whoever opens the link sees whose account it is.
    pub address: String,
    /// The unique name of the account, where there is one.
    pub username: Option<String>,
}

/// `ada@example.org` becomes `a••@example.org`.
pub(crate) fn masked(address: &str) -> String {
    let (name, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first = name.chars().next().map(String::from).unwrap_or_default();
    format!("{first}••@{domain}")
}
