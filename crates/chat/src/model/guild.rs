//! A guild (<https://discord.com/developers/docs/resources/guild#guild-object>).

use guildhall_base::{ChannelId, GuildId, UserId};
use serde::{Deserialize, Serialize};

/// A guild without what has tables of its own (roles, channels, members).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guild {
    /// Its id; also that of its `@everyone` role.
    pub id: GuildId,
    /// The one member who may do everything.
    pub owner_id: UserId,
    /// What its managers may change.
    #[serde(flatten)]
    pub settings: GuildSettings,
    /// What every guild has alike.
    #[serde(flatten, skip_deserializing)]
    pub constants: Constants,
}

/// What a guild's managers may change; stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuildSettings {
    /// 2 to 100 characters.
    pub name: String,
    /// Hash of the icon in the blob store.
    pub icon: Option<String>,
    /// Hash of the invite splash.
    pub splash: Option<String>,
    /// Hash of the directory splash.
    pub discovery_splash: Option<String>,
    /// Hash of the banner.
    pub banner: Option<String>,
    /// 0 to 300 characters.
    pub description: Option<String>,
    /// Such as `COMMUNITY`.
    pub features: Vec<String>,
    /// Where idle voice members go.
    pub afk_channel_id: Option<ChannelId>,
    /// Seconds: 60, 300, 900, 1800 or 3600.
    pub afk_timeout: u32,
    /// Where joins are announced.
    pub system_channel_id: Option<ChannelId>,
    /// Which announcements are suppressed.
    pub system_channel_flags: u32,
    /// 0 to 4.
    pub verification_level: u8,
    /// 0 all messages, 1 only mentions.
    pub default_message_notifications: u8,
    /// 0 to 2.
    pub explicit_content_filter: u8,
    /// 0 or 1.
    pub mfa_level: u8,
    /// Such as `en-US`.
    pub preferred_locale: String,
    /// Channel of the rules.
    pub rules_channel_id: Option<ChannelId>,
    /// Channel of notices to moderators.
    pub public_updates_channel_id: Option<ChannelId>,
    /// Channel of safety notices.
    pub safety_alerts_channel_id: Option<ChannelId>,
    /// Whether the widget is shown.
    pub widget_enabled: bool,
    /// Where the widget's invite leads.
    pub widget_channel_id: Option<ChannelId>,
    /// 0 default, 1 explicit, 2 safe, 3 age-restricted.
    pub nsfw_level: u8,
    /// Whether the boost progress bar is shown.
    pub premium_progress_bar_enabled: bool,
}

impl GuildSettings {
    /// A new guild's settings.
    pub fn named(name: String) -> Self {
        Self {
            name,
            icon: None,
            splash: None,
            discovery_splash: None,
            banner: None,
            description: None,
            features: Vec::new(),
            afk_channel_id: None,
            afk_timeout: 300,
            system_channel_id: None,
            system_channel_flags: 0,
            verification_level: 0,
            default_message_notifications: 0,
            explicit_content_filter: 0,
            mfa_level: 0,
            preferred_locale: "en-US".into(),
            rules_channel_id: None,
            public_updates_channel_id: None,
            safety_alerts_channel_id: None,
            widget_enabled: false,
            widget_channel_id: None,
            nsfw_level: 0,
            premium_progress_bar_enabled: false,
        }
    }
}

/// Fields that client libraries require and that are the same in every guild of Guildhall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Constants {
    application_id: Option<u8>,
    home_header: Option<u8>,
    hub_type: Option<u8>,
    incidents_data: Option<u8>,
    inventory_settings: Option<u8>,
    latest_onboarding_question_id: Option<u8>,
    max_members: u32,
    max_presences: Option<u32>,
    max_stage_video_channel_users: u32,
    max_video_channel_users: u32,
    nsfw: bool,
    premium_subscription_count: u32,
    premium_tier: u8,
    region: &'static str,
    vanity_url_code: Option<u8>,
}

impl Default for Constants {
    fn default() -> Self {
        Self {
            application_id: None,
            home_header: None,
            hub_type: None,
            incidents_data: None,
            inventory_settings: None,
            latest_onboarding_question_id: None,
            max_members: 500_000,
            max_presences: None,
            max_stage_video_channel_users: 50,
            max_video_channel_users: 25,
            nsfw: false,
            premium_subscription_count: 0,
            premium_tier: 0,
            region: "deprecated",
            vanity_url_code: None,
        }
    }
}
