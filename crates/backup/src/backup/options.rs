//! What is asked of a backup, how much is allowed, and how many messages each channel gets. No I/O.

use std::collections::BTreeMap;

use guildhall_base::{ChannelId, Error, Result};
use serde::{Deserialize, Serialize};

use crate::model::Channel;

/// How much this installation lets a backup take. What the old job server allowed by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Messages of a whole backup.
    pub messages: u32,
    /// Messages of a channel, where nothing else is asked for.
    pub per_channel: u32,
    /// The fewest messages of a channel that may be asked for.
    pub least_per_channel: u32,
    /// Bytes of an attachment; larger ones are left out.
    pub attachment_bytes: u64,
    /// Bytes of all attachments; when they are reached, no more are kept.
    pub attachments_bytes: u64,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            messages: 500,
            per_channel: 100,
            least_per_channel: 50,
            attachment_bytes: 8_000_000,
            attachments_bytes: 50_000_000,
        }
    }
}

/// A picture of the guild.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asset {
    /// Its icon.
    Icon,
    /// The picture above its channels.
    Banner,
    /// The picture behind its invites.
    Splash,
}

/// What is asked of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Keep messages of these channels only; all, if there are none.
    pub channels: Vec<ChannelId>,
    /// Messages of each channel; the installation's default, if nothing is said.
    pub per_channel: Option<u32>,
    /// Messages in all; what the installation allows, if nothing is said.
    pub max_messages: Option<u32>,
    /// Other numbers of messages for single channels; they come first.
    pub special_allocations: BTreeMap<ChannelId, u32>,
    /// Whether messages that some channels did not need are given to others.
    pub rollover: bool,
    /// Whether messages are kept at all.
    pub messages: bool,
    /// Whether their files are.
    pub attachments: bool,
    /// Which pictures of the guild are.
    pub assets: Vec<Asset>,
    /// Whether the pictures of emojis, stickers and roles are.
    pub expressions: bool,
    /// Whether members with their roles are.
    pub members: bool,
    /// Whether bans are.
    pub bans: bool,
    /// Whether a channel whose messages are refused is left out; otherwise the backup fails.
    pub ignore_errors: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            per_channel: None,
            max_messages: None,
            special_allocations: BTreeMap::new(),
            rollover: true,
            messages: true,
            attachments: false,
            assets: vec![Asset::Icon, Asset::Banner, Asset::Splash],
            expressions: true,
            members: true,
            bans: true,
            ignore_errors: false,
        }
    }
}

impl Options {
    /// Refuses what is not allowed.
    ///
    /// # Errors
    /// A wrong field.
    pub fn check(&self, allowance: &Allowance) -> Result<()> {
        let max = self.max_messages.unwrap_or(allowance.messages);
        if max > allowance.messages {
            return Err(wrong("max_messages", format!("At most {}", allowance.messages)));
        }
        if let Some(each) = self.per_channel {
            if each < allowance.least_per_channel {
                return Err(wrong("per_channel", format!("At least {}", allowance.least_per_channel)));
            }
            if each > max {
                return Err(wrong("per_channel", format!("At most {max}, as many as in all")));
            }
        }
        if self.special_allocations.values().any(|special| *special > max) {
            return Err(wrong("special_allocations", format!("At most {max}, as many as in all")));
        }
        Ok(())
    }

    /// Messages in all.
    pub fn most(&self, allowance: &Allowance) -> u32 {
        self.max_messages.unwrap_or(allowance.messages).min(allowance.messages)
    }

    /// Messages of one channel.
    pub fn each(&self, allowance: &Allowance) -> u32 {
        self.per_channel.unwrap_or(allowance.per_channel).min(self.most(allowance))
    }

    /// How many messages each channel gets, in the channels' order: what is special first, then as many as each gets,
    /// until all are given away.
    pub fn allocate(&self, channels: &[Channel], allowance: &Allowance) -> Vec<(ChannelId, u32)> {
        if !self.messages {
            return Vec::new();
        }
        let mut left = self.most(allowance);
        let wanted = |channel: &&Channel| {
            channel.has_messages() && (self.channels.is_empty() || self.channels.contains(&channel.id))
        };
        let channels: Vec<ChannelId> = channels.iter().filter(wanted).map(|channel| channel.id).collect();
        let mut given = BTreeMap::new();
        let special = |id: &&ChannelId| self.special_allocations.contains_key(id);
        for id in channels.iter().filter(special).chain(channels.iter().filter(|id| !special(id))) {
            let asked = self.special_allocations.get(id).copied().unwrap_or_else(|| self.each(allowance));
            let gets = asked.min(left);
            left -= gets;
            given.insert(*id, gets);
        }
        channels.into_iter().map(|id| (id, given.remove(&id).unwrap_or(0))).collect()
    }
}

fn wrong(field: &str, why: String) -> Error {
    Error::field(field, "NUMBER_TYPE_RANGE", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(kinds: &[u8]) -> Vec<Channel> {
        let channel = |(number, kind): (usize, &u8)| {
            serde_json::from_value(serde_json::json!({"id": (number + 1).to_string(), "type": kind})).unwrap()
        };
        kinds.iter().enumerate().map(channel).collect()
    }

    fn given(options: &Options, kinds: &[u8]) -> Vec<(i64, u32)> {
        let given = options.allocate(&channels(kinds), &Allowance::default());
        given.into_iter().map(|(id, number)| (id.get(), number)).collect()
    }

    #[test]
    fn every_channel_gets_its_share_until_all_are_given() {
        let options = Options { max_messages: Some(250), ..Options::default() };
        assert_eq!(given(&options, &[4, 0, 5, 0, 15, 2]), [(2, 100), (3, 100), (4, 50), (6, 0)]);
        let special = BTreeMap::from([(ChannelId::new(3), 240), (ChannelId::new(9), 100)]);
        let options = Options { special_allocations: special, ..options };
        assert_eq!(given(&options, &[0, 0, 0]), [(1, 10), (2, 0), (3, 240)]);
        let options = Options { channels: vec![ChannelId::new(2)], ..Options::default() };
        assert_eq!(given(&options, &[0, 0, 0]), [(2, 100)]);
        assert_eq!(given(&Options { messages: false, ..Options::default() }, &[0]), []);
    }

    #[test]
    fn what_is_not_allowed_is_refused() {
        let allowance = Allowance::default();
        let check = |options: Options| options.check(&allowance).is_ok();
        assert!(check(Options::default()));
        assert!(check(Options { per_channel: Some(50), max_messages: Some(500), ..Options::default() }));
        assert!(!check(Options { max_messages: Some(501), ..Options::default() }));
        assert!(!check(Options { per_channel: Some(49), ..Options::default() }));
        assert!(!check(Options { per_channel: Some(101), max_messages: Some(100), ..Options::default() }));
        let special = BTreeMap::from([(ChannelId::new(1), 501)]);
        assert!(!check(Options { special_allocations: special, ..Options::default() }));
    }
}
