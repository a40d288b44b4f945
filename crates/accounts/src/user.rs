//! A user as libraries read one: every key that one of them requires, none that one of them chokes on.

use guildhall_base::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Reads and writes a key that is always null here, so that readers which insist on the key find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Option<serde::de::IgnoredAny>", into = "Option<()>")]
pub struct Always;

impl From<Option<serde::de::IgnoredAny>> for Always {
    fn from(_: Option<serde::de::IgnoredAny>) -> Self {
        Self
    }
}

impl From<Always> for Option<()> {
    fn from(_: Always) -> Self {
        None
    }
}

/// Somebody, human or bot, as everybody may see them (Discord's `UserResponse`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Who.
    #[schema(value_type = String, example = "1573306918502576128")]
    pub id: UserId,
    /// The unique name of a human, `[a-z0-9_.]`; a bot's name is free and not unique.
    pub username: String,
    /// Always `0`: names are unique without it.
    #[serde(default = "no_discriminator")]
    pub discriminator: String,
    /// The name that is shown, where one was chosen.
    #[serde(default)]
    pub global_name: Option<String>,
    /// The hash of the picture, under `/avatars/{id}/{hash}.png`.
    #[serde(default)]
    pub avatar: Option<String>,
    /// The hash of the profile's banner.
    #[serde(default)]
    pub banner: Option<String>,
    /// The profile's colour, 0 to 0xFFFFFF.
    #[serde(default)]
    pub accent_color: Option<u32>,
    /// Badges that everybody sees.
    #[serde(default)]
    pub public_flags: u64,
    /// The same bits: nothing here is hidden.
    #[serde(default)]
    pub flags: u64,
    /// Not kept here: always null.
    #[serde(default)]
    #[schema(value_type = Option<Object>, required)]
    pub avatar_decoration_data: Always,
    /// Not kept here: always null.
    #[serde(default)]
    #[schema(value_type = Option<Object>, required)]
    pub collectibles: Always,
    /// Not kept here: always null.
    #[serde(default)]
    #[schema(value_type = Option<Object>, required)]
    pub clan: Always,
    /// Not kept here: always null.
    #[serde(default)]
    #[schema(value_type = Option<Object>, required)]
    pub primary_guild: Always,
    /// Whether it is a bot. The key is absent otherwise: `"bot":null` kills serenity and twilight.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

fn no_discriminator() -> String {
    "0".to_owned()
}

impl User {
    /// A user with nothing but a name.
    pub fn new(id: UserId, username: impl Into<String>) -> Self {
        Self {
            id,
            username: username.into(),
            discriminator: no_discriminator(),
            global_name: None,
            avatar: None,
            banner: None,
            accent_color: None,
            public_flags: 0,
            flags: 0,
            avatar_decoration_data: Always,
            collectibles: Always,
            clan: Always,
            primary_guild: Always,
            bot: false,
        }
    }

    /// The name to show: the chosen one, otherwise the unique one.
    pub fn display_name(&self) -> &str {
        self.global_name.as_deref().unwrap_or(&self.username)
    }
}

/// Somebody as they see themselves (Discord's `UserPIIResponse`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "1573306918502576128", "username": "ada", "discriminator": "0", "global_name": "Ada", "avatar": null,
    "banner": null, "accent_color": null, "public_flags": 0, "flags": 0, "avatar_decoration_data": null,
    "collectibles": null, "clan": null, "primary_guild": null, "mfa_enabled": false, "locale": "en-US",
    "verified": true, "email": "ada@example.org", "premium_type": 0, "bio": ""
}))]
pub struct SelfUser {
    /// What everybody sees.
    #[serde(flatten)]
    pub user: User,
    /// Whether a second factor is set up.
    pub mfa_enabled: bool,
    /// The chosen language, as in `en-US`.
    pub locale: String,
    /// Whether the mail address was confirmed.
    pub verified: bool,
    /// The mail address, where there is one.
    pub email: Option<String>,
    /// Always 0: nothing is sold.
    pub premium_type: u8,
    /// The profile's text.
    pub bio: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bot_is_written_only_when_true_and_the_null_keys_always() {
        let mut user = User::new(UserId::new(7), "ada");
        let json = serde_json::to_value(&user).unwrap();
        assert!(json.get("bot").is_none());
        for key in
            ["avatar_decoration_data", "collectibles", "clan", "primary_guild", "avatar", "global_name"]
        {
            assert!(json.get(key).is_some_and(serde_json::Value::is_null), "{key}");
        }
        assert_eq!(json["discriminator"], "0");
        user.bot = true;
        let json = serde_json::to_value(&user).unwrap();
        assert_eq!(json["bot"], true);
        assert_eq!(serde_json::from_value::<User>(json).unwrap(), user);
    }
}
