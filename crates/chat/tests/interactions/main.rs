//! Commands from registration to invocation, and what applications answer.

#[path = "../support/mod.rs"]
mod support;

mod commands;

use serde_json::{Value, json};
use support::{Hall, Somebody};

/// A guild of Ada's with a bot and another member in it.
pub(crate) struct Scene {
    pub(crate) ada: Somebody,
    pub(crate) bob: Somebody,
    pub(crate) bot: Somebody,
    pub(crate) guild: String,
    pub(crate) general: String,
}

/// Sets the scene.
pub(crate) async fn scene(hall: &Hall) -> Scene {
    let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
    let bot = hall.bot(&ada, "clerk").await;
    let (guild, general) = hall.guild(&ada, "Engine").await;
    for member in [&bob, &bot] {
        hall.chat.enroll(guild.parse().unwrap(), member.user.id).await.unwrap();
    }
    Scene { ada, bob, bot, guild, general }
}

impl Scene {
    /// Where the bot registers commands globally.
    pub(crate) fn global(&self) -> String {
        format!("/applications/{}/commands", self.bot.id)
    }

    /// Where the bot registers commands for the guild.
    pub(crate) fn in_guild(&self) -> String {
        format!("/applications/{}/guilds/{}/commands", self.bot.id, self.guild)
    }
}

/// A command without options.
pub(crate) fn plain(name: &str) -> Value {
    json!({ "name": name, "description": "does something" })
}
