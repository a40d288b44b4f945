//! What a sign-in is made of: the way somebody came, and the second step that some of them owe.

use guildhall_base::{Timestamp, UserId};

use crate::model::SignedIn;

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A name and a password.
    Password,
    /// A link or a code that came by mail.
    Mail,
    /// A passkey. It is unlocked by the person, so it is two factors in one.
    Passkey,
    /// Another site that said who they are.
    Provider,
    /// They have just registered.
    Registration,
}

impl Method {
    const ALL: [Self; 5] = [Self::Password, Self::Mail, Self::Passkey, Self::Provider, Self::Registration];

    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Mail => "mail",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
            Self::Registration => "registration",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether nothing more is asked for, whatever the person has set up.
    pub(crate) fn is_complete(self) -> bool {
        matches!(self, Self::Passkey | Self::Registration)
    }
}

/// What becomes of a sign-in.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// They are in.
    Done(SignedIn),
    /// They owe a second step.
    SecondStep(SecondStep),
    /// They have proved who they are, and their account waits for its deletion: they may keep it.
    Leaving(Leaving),
}

/// A sign-in to an account that waits for its deletion.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// Who.
    pub user: UserId,
    /// When it will be deleted.
    pub due: Timestamp,
    /// The secret that keeps it and then signs in, once, within minutes.
    pub ticket: String,
}

/// A sign-in that waits for its second step.
#[derive(Debug, Clone)]
pub struct SecondStep {
    /// Who it would be.
    pub user: UserId,
    /// The secret that finishes it, once, within minutes; it is nowhere else. It opens nothing by itself.
    pub ticket: String,
}

/// What somebody shows as a second step, or to prove that it is still them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Six digits of their app, or one of their recovery codes.
    Code(String),
    /// Their password. It is no second step.
    Password(String),
}
