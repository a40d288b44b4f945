//! What this feature keeps, beside the [`User`] that everybody sees.

use std::net::IpAddr;
use std::sync::Arc;

use guildhall_base::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::scopes::SessionScopes;
use crate::staff::UserState;
use crate::{SelfUser, SessionId, User};

/// All that is kept of one user but the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) user: Arc<User>,
    pub(crate) staff: bool,
    pub(crate) email: Option<String>,
    pub(crate) verified: bool,
    pub(crate) settings: Settings,
    pub(crate) bio: String,
    pub(crate) pronouns: String,
    pub(crate) state: UserState,
    /// Whose bot it is.
    pub(crate) owner: Option<UserId>,
    /// When it is to be deleted, if its owner does not keep it.
    pub(crate) leaving: Option<Timestamp>,
    /// Whether nobody is behind it any more.
    pub(crate) deleted: bool,
    /// Whether a second factor is set up.
    pub(crate) guarded: bool,
}

impl Account {
    /// Whether its owner has asked for its deletion, or it is deleted: nobody acts as it then.
    pub(crate) fn is_away(&self) -> bool {
        self.leaving.is_some() || self.deleted
    }

    /// The same with another address.
    pub(crate) fn with_email(&self, address: &str) -> Self {
        Self { email: Some(address.to_owned()), verified: true, ..self.clone() }
    }

    /// As its owner sees it.
    pub(crate) fn to_self(&self) -> SelfUser {
        SelfUser {
            user: User::clone(&self.user),
            mfa_enabled: self.guarded,
            locale: self.settings.locale.clone(),
            verified: self.verified,
            email: self.email.clone(),
            premium_type: 0,
            bio: self.bio.clone(),
        }
    }
}

/// What a person chose for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// `online`, `idle`, `dnd` or `invisible`: what others see while they are connected.
    pub status: String,
    /// What they say beside it.
    #[serde(default)]
    pub custom_status: Option<CustomStatus>,
    /// `dark`, `light` or `system`.
    pub theme: String,
    /// A language tag, such as `en-US`.
    pub locale: String,
}

/// What somebody says beside their status, as in Discord's user settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CustomStatus {
    /// At most 128 characters.
    #[serde(default)]
    pub text: Option<String>,
    /// An emoji before the text.
    #[serde(default)]
    pub emoji_name: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { status: "online".into(), custom_status: None, theme: "system".into(), locale: "en-US".into() }
    }
}

/// A profile, as others see it (Discord's `/users/{id}/profile` without what other features know).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// Who.
    pub user: Arc<User>,
    /// What they say of themselves.
    pub user_profile: ProfileText,
}

/// What somebody says of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileText {
    /// At most 190 characters.
    pub bio: String,
    /// At most 40 characters.
    pub pronouns: String,
    /// The profile's colour.
    pub accent_color: Option<u32>,
    /// The hash of the banner.
    pub banner: Option<String>,
}

/// Where somebody signs in from.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The address, where it is known.
    pub address: Option<IpAddr>,
    /// The browser's `User-Agent`.
    pub device: String,
    /// What kind of session they want.
    pub class: SessionClass,
    /// What they want to use it for, at most.
    pub scopes: SessionScopes,
}

impl Default for Visit {
    fn default() -> Self {
        let (class, scopes) = (SessionClass::default(), SessionScopes::all());
        Self { address: None, device: String::new(), class, scopes }
    }
}

/// How long a session lives after its last use: see [`Config`](crate::Config).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionClass {
    /// In a browser: weeks.
    #[default]
    Web,
    /// In a program that signs in when it needs to: minutes.
    Api,
    /// Of a program that its owner gave one to: until the end that they chose, however much it is used.
    Script,
}

impl SessionClass {
    /// As stored.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Script => "script",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        match name {
            "api" => Self::Api,
            "script" => Self::Script,
            _ => Self::Web,
        }
    }
}

/// A session that was just begun.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub user: Arc<User>,
    /// Which.
    pub session: SessionId,
    /// Its secret; it is nowhere else.
    pub token: String,
    /// What belongs to the code of the mail that confirms the address they registered with, if they gave one.
    pub mail_ticket: Option<String>,
}

/// A session, as its owner sees it in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Session {
    /// Which.
    #[schema(value_type = String)]
    pub id: SessionId,
    /// When they signed in.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it was last used, to within an hour.
    #[schema(value_type = String, format = DateTime)]
    pub seen: Timestamp,
    /// When it ends by itself, unless it is used.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Timestamp>,
    /// The browser's `User-Agent`.
    pub device: String,
    /// Where they signed in from.
    pub address: String,
    /// How long it lives after its last use.
    pub class: SessionClass,
    /// What it may be used for, at most: within its class, and while its owner may.
    #[schema(value_type = Vec<String>)]
    pub scopes: SessionScopes,
    /// What its owner calls it; empty where it began with a sign-in.
    pub name: String,
}

impl Session {
    /// Which browser on which system, as far as its `User-Agent` says; what a program calls itself otherwise;
    /// empty where nothing is known.
    pub(crate) fn device_text(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        // Each names those after it, so the order matters.
        let browsers = [
            ("Edg", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ];
        let systems = [
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        ];
        let named = |names: &[(&str, &'static str)]| {
            names.iter().find(|(mark, _)| self.device.contains(mark)).map(|(_, name)| *name)
        };
        match (named(&browsers), named(&systems)) {
            (Some(browser), Some(system)) => format!("{browser} · {system}"),
            (Some(browser), None) => browser.to_owned(),
            _ => self.device.clone(),
        }
    }

    /// When it ends by itself, for people: `2026-11-20`.
    pub(crate) fn ends_text(&self) -> Option<String> {
        self.expires.map(|ends| ends.to_string().get(..10).unwrap_or_default().to_owned())
    }

    /// When it was last used, for people: `2026-11-20 21:19 UTC`.
    pub(crate) fn seen_text(&self) -> String {
        let text = self.seen.to_string();
        let minutes = text.get(..16).unwrap_or_default().replace('T', " ");
        format!("{minutes} UTC")
    }
}

/// What somebody sees in somebody else, numbered as Discord numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// Both agreed.
    Friend = 1,
    /// Does not want to hear of them.
    Blocked = 2,
    /// Was asked by them.
    Incoming = 3,
    /// Asked them.
    Outgoing = 4,
}

impl Bond {
    /// The number on the wire and in the table.
    pub fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        [Self::Friend, Self::Blocked, Self::Incoming, Self::Outgoing]
            .into_iter()
            .find(|bond| bond.number() == number)
    }
}

/// One entry of somebody's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relationship {
    /// The other's id.
    pub id: UserId,
    /// A [`Bond`]'s number.
    pub r#type: u8,
    /// Not kept here.
    pub nickname: crate::Always,
    /// The other.
    pub user: Arc<User>,
    /// Since when.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_as_its_owner_would() {
        let named = |device: &str| {
            let at = Timestamp::from_millis(0);
            let (id, address) = (SessionId::new(1), String::new());
            let class = SessionClass::Web;
            let (scopes, name, device) = (SessionScopes::all(), String::new(), device.to_owned());
            Session { id, created: at, seen: at, expires: None, device, address, class, scopes, name }
                .device_text()
        };
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
        assert_eq!(named(chrome), "Chrome · Linux");
        assert_eq!(named(&format!("{chrome} Edg/148.0")), "Edge · Linux");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1";
        assert_eq!(named(iphone), "Safari · iPhone");
        assert_eq!(named("curl/8.9"), "curl/8.9");
        assert_eq!(named(""), "");
    }
}
