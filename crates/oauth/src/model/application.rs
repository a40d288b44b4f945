//! An application, as stored and as libraries read it.

use guildhall_accounts::{Always, User};
use guildhall_base::{ApplicationId, Timestamp, UserId};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Client;

/// Bits of [`Application::flags`], as Discord numbers them.
pub mod flags {
    /// May ask for the presence intent in a hundred guilds and more.
    pub const GATEWAY_PRESENCE: u64 = 1 << 12;
    /// May ask for the presence intent.
    pub const GATEWAY_PRESENCE_LIMITED: u64 = 1 << 13;
    /// May ask for the member intent in a hundred guilds and more.
    pub const GATEWAY_GUILD_MEMBERS: u64 = 1 << 14;
    /// May ask for the member intent.
    pub const GATEWAY_GUILD_MEMBERS_LIMITED: u64 = 1 << 15;
    /// May ask for the message content intent in a hundred guilds and more.
    pub const GATEWAY_MESSAGE_CONTENT: u64 = 1 << 18;
    /// May ask for the message content intent.
    pub const GATEWAY_MESSAGE_CONTENT_LIMITED: u64 = 1 << 19;
    /// Has commands registered.
    pub const APPLICATION_COMMAND_BADGE: u64 = 1 << 23;

    /// Presence, allowed.
    pub const PRESENCE: u64 = GATEWAY_PRESENCE | GATEWAY_PRESENCE_LIMITED;
    /// Members, allowed.
    pub const MEMBERS: u64 = GATEWAY_GUILD_MEMBERS | GATEWAY_GUILD_MEMBERS_LIMITED;
    /// Message content, allowed.
    pub const CONTENT: u64 = GATEWAY_MESSAGE_CONTENT | GATEWAY_MESSAGE_CONTENT_LIMITED;
    /// All three, in either form.
    pub const PRIVILEGED: u64 = PRESENCE | MEMBERS | CONTENT;
    /// All three, as an application below a hundred guilds has them.
    pub const PRIVILEGED_LIMITED: u64 =
        GATEWAY_PRESENCE_LIMITED | GATEWAY_GUILD_MEMBERS_LIMITED | GATEWAY_MESSAGE_CONTENT_LIMITED;
}

/// An application: an OAuth2 client and the bot that acts for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Which; the bot's user has the same number.
    pub id: ApplicationId,
    /// Who made it.
    pub owner: UserId,
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// The hash of its picture.
    pub icon: Option<String>,
    /// See [`flags`].
    pub flags: u64,
    /// Whether others than the owner may add the bot to their guilds.
    pub public: bool,
    /// The ed25519 public key, in hexadecimal, that signs outgoing interactions.
    pub verify_key: String,
    /// Where interactions are posted instead of sent over the gateway.
    pub interactions_endpoint_url: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// How it is an OAuth2 client.
    pub client: Client,
}

impl Application {
    /// The bot's user id.
    pub fn bot(&self) -> UserId {
        self.id.cast()
    }

    /// Whether the presence intent (bit 8) may be asked for.
    pub fn may_presence(&self) -> bool {
        self.flags & flags::PRESENCE != 0
    }

    /// Whether the member intent (bit 1) may be asked for.
    pub fn may_members(&self) -> bool {
        self.flags & flags::MEMBERS != 0
    }

    /// Whether the message content intent (bit 15) may be asked for.
    pub fn may_content(&self) -> bool {
        self.flags & flags::CONTENT != 0
    }

    /// The whole of it, as its owner and its bot read it (Discord's `PrivateApplicationResponse`).
    pub fn wire(&self, owner: &User, bot: &User, guilds: u64, user_installs: u64) -> ApplicationWire {
        ApplicationWire {
            id: self.id,
            name: self.name.clone(),
            icon: self.icon.clone(),
            description: self.description.clone(),
            summary: "",
            r#type: Always,
            bot: bot.clone(),
            bot_public: self.public,
            bot_require_code_grant: false,
            rpc_origins: [],
            verify_key: self.verify_key.clone(),
            flags: self.flags,
            flags_new: self.flags.to_string(),
            owner: owner.clone(),
            team: Always,
            hook: true,
            storefront_available: false,
            tags: [],
            redirect_uris: self.client.redirect_uris.clone(),
            install_params: Scopes { scopes: ["bot", "applications.commands"], permissions: "0" },
            integration_types_config: Map::from_iter([("0".to_owned(), Value::Object(Map::new()))]),
            interactions_endpoint_url: self.interactions_endpoint_url.clone(),
            role_connections_verification_url: Always,
            event_webhooks_url: Always,
            event_webhooks_status: 1,
            explicit_content_filter: 0,
            approximate_guild_count: guilds,
            approximate_user_install_count: user_installs,
            approximate_user_authorization_count: user_installs,
            eligible_oauth2_scopes: self
                .client
                .scopes
                .difference(guildhall_base::Scopes::BEYOND_DISCORD)
                .names()
                .collect(),
        }
    }
}

/// An application as libraries read it, with every key that one of them requires.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the keys are Discord's own, documented there")]
pub struct ApplicationWire {
    pub id: ApplicationId,
    pub name: String,
    pub icon: Option<String>,
    pub description: String,
    pub summary: &'static str,
    pub r#type: Always,
    pub bot: User,
    pub bot_public: bool,
    pub bot_require_code_grant: bool,
    pub rpc_origins: [&'static str; 0],
    pub verify_key: String,
    pub flags: u64,
    pub flags_new: String,
    pub owner: User,
    pub team: Always,
    pub hook: bool,
    pub storefront_available: bool,
    pub tags: [&'static str; 0],
    pub redirect_uris: Vec<String>,
    pub install_params: Scopes,
    pub integration_types_config: Map<String, Value>,
    pub interactions_endpoint_url: Option<String>,
    pub role_connections_verification_url: Always,
    pub event_webhooks_url: Always,
    pub event_webhooks_status: u8,
    pub explicit_content_filter: u8,
    pub approximate_guild_count: u64,
    pub approximate_user_install_count: u64,
    pub approximate_user_authorization_count: u64,
    pub eligible_oauth2_scopes: Vec<&'static str>,
}

/// What an install link asks for.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the keys are Discord's own, documented there")]
pub struct Scopes {
    pub scopes: [&'static str; 2],
    pub permissions: &'static str,
}
