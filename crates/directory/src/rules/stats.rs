//! What bots may say of their size.

use guildhall_base::{Form, Result};
use serde::Deserialize;
use utoipa::ToSchema;

/// More guilds than any bot has.
const GUILDS: i64 = 50_000_000;
/// More people than there are.
const USERS: i64 = 10_000_000_000;
/// More shards than any bot has.
const SHARDS: i64 = 16_384;

/// What a bot says of its size. What is absent of users and shards becomes 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default)]
pub struct Posted {
    /// Guilds that it is in; may be left out where `shards` says it.
    #[schema(example = 120)]
    pub guild_count: Option<u64>,
    /// Users that it serves.
    pub user_count: Option<u64>,
    /// How many shards it has.
    pub shard_count: Option<u64>,
    /// The guilds of each of its shards.
    pub shards: Option<Vec<u64>>,
    /// With `guild_count`: it is that of this shard alone, the others stay as they were said.
    pub shard_id: Option<u64>,
}

impl Posted {
    /// Refuses what no bot can have.
    ///
    /// # Errors
    /// Wrong fields.
    pub fn check(&self) -> Result<()> {
        let mut form = Form::new();
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let mut within = |path: &str, value: Option<u64>, most: i64| {
            if let Some(value) = value {
                form.range(path, number(value), 0..=most);
            }
        };
        within("guild_count", self.guild_count, GUILDS);
        within("user_count", self.user_count, USERS);
        within("shard_count", self.shard_count, SHARDS);
        within("shard_id", self.shard_id, SHARDS - 1);
        let shards = self.shards.as_deref().unwrap_or_default();
        for (index, guilds) in shards.iter().enumerate().take(shards.len().min(SHARDS as usize)) {
            within(&format!("shards.{index}"), Some(*guilds), GUILDS);
        }
        form.at_most("shards", shards.len(), SHARDS as usize);
        form.required("guild_count", self.guild_count.is_some() || self.shards.is_some());
        form.finish()
    }

    /// Guilds in all, where it says all of them.
    pub(crate) fn guilds(&self) -> Option<u64> {
        match (&self.shards, self.shard_id) {
            (Some(shards), _) => Some(shards.iter().sum()),
            (None, Some(_)) => None,
            (None, None) => self.guild_count,
        }
    }

    /// Shards, as far as it says.
    pub(crate) fn shard_count(&self) -> u64 {
        let listed = self.shards.as_ref().map_or(0, Vec::len) as u64;
        self.shard_count.unwrap_or(listed).max(listed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use super::*;

    fn posted(json: &str) -> Posted {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_no_bot_can_have_is_refused() {
        for good in [r#"{"guild_count":0}"#, r#"{"shards":[1,2]}"#, r#"{"guild_count":7,"shard_id":3}"#] {
            posted(good).check().unwrap();
        }
        for (bad, field) in [
            ("{}", "guild_count"),
            (r#"{"guild_count":50000001}"#, "guild_count"),
            (r#"{"guild_count":1,"user_count":10000000001}"#, "user_count"),
            (r#"{"guild_count":18446744073709551615}"#, "guild_count"),
            (r#"{"guild_count":1,"shard_count":16385}"#, "shard_count"),
            (r#"{"shards":[1,50000001]}"#, "shards.1"),
        ] {
            assert_eq!(posted(bad).check().unwrap_err().fields[0].path, field, "{bad}");
        }
        assert!(posted(&format!(r#"{{"shards":{:?}}}"#, vec![0; 16_385])).check().is_err());
    }

    #[test]
    fn guilds_of_shards_are_added_up() {
        assert_eq!(posted(r#"{"shards":[3,4]}"#).guilds(), Some(7));
        assert_eq!(posted(r#"{"guild_count":9,"shards":[3,4]}"#).guilds(), Some(7));
        assert_eq!(posted(r#"{"guild_count":9}"#).guilds(), Some(9));
        assert_eq!(posted(r#"{"guild_count":9,"shard_id":0}"#).guilds(), None);
        assert_eq!(posted(r#"{"shards":[3,4]}"#).shard_count(), 2);
    }
}
