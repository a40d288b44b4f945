//! What parts are called, and what is known of a part by its name.

use guildhall_base::ChannelId;

/// What the backup says of itself.
pub const MANIFEST: &str = "manifest.json";
/// The guild with its roles, channels, emojis and stickers.
pub const GUILD: &str = "guild.json";

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Manifest,
    Guild,
    Members(u32),
    Bans(u32),
    Messages(ChannelId, u32),
    /// A feature's own, with its version.
    Feature(&'a str, u32),
    /// A file, or something that only a later version knows.
    Other,
}

impl<'a> Kind<'a> {
    pub(super) fn of(name: &'a str) -> Self {
        let segments: Vec<&str> = name.split('/').collect();
        let page = |text: &str| number(text.strip_suffix(".jsonl")?);
        let known = match segments.as_slice() {
            [MANIFEST] => Some(Self::Manifest),
            [GUILD] => Some(Self::Guild),
            ["members", text] => page(text).map(Self::Members),
            ["bans", text] => page(text).map(Self::Bans),
            ["messages", channel, text] => {
                let channel = channel.parse().ok().filter(|id: &ChannelId| id.to_string() == *channel);
                channel.zip(page(text)).map(|(channel, page)| Self::Messages(channel, page))
            }
            ["features", feature, version] => number(version).map(|version| Self::Feature(feature, version)),
            _ => None,
        };
        known.unwrap_or(Self::Other)
    }
}

/// A number in the one way of writing it.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number: &u32| number.to_string() == text)
}

/// A page of members.
pub(crate) fn members(page: u32) -> String {
    format!("members/{page}.jsonl")
}

/// A page of bans.
pub(crate) fn bans(page: u32) -> String {
    format!("bans/{page}.jsonl")
}

/// A page of messages, counted from the newest on.
pub(crate) fn messages(channel: ChannelId, page: u32) -> String {
    format!("messages/{channel}/{page}.jsonl")
}

/// What a feature has added.
pub(crate) fn feature(name: &str, version: u32) -> String {
    format!("features/{name}/{version}")
}
