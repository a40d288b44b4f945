//! What top.gg's API says, as its libraries read it.

use guildhall_accounts::User;
use guildhall_base::{AnyId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{Keeper, Listing, State};
use crate::rules::stats::Posted;

/// A listing as v0 has it.
pub(super) fn bot(listing: &Listing, keepers: &[Keeper], shards: &[u64], public_url: &str) -> Value {
    let counts = &listing.counts;
    let link = |name: &str| {
        let found = listing.details.links.iter().find(|link| link.name.eq_ignore_ascii_case(name));
        found.map(|link| link.url.clone())
    };
    let owners: Vec<UserId> = keepers.iter().map(|keeper| keeper.user).collect();
    json!({
        "id": listing.id.id, "clientid": listing.application.map_or(listing.id.id, |id| id.cast()),
        "username": listing.name, "discriminator": "0", "avatar": listing.avatar, "defAvatar": null,
        "lib": listing.details.library.clone().unwrap_or_default(), "prefix": listing.details.prefix.clone().unwrap_or_default(),
        "shortdesc": listing.short, "longdesc": listing.long, "tags": listing.tags,
        "website": link("website"), "support": link("support"), "github": link("github"),
        "owners": owners, "guilds": [], "invite": listing.details.invite, "date": listing.approved_at.unwrap_or(listing.created_at),
        "certifiedBot": listing.state == State::Certified, "vanity": listing.vanity,
        "points": counts.total_votes, "monthlyPoints": counts.votes, "donatebotguildid": "",
        "server_count": counts.guilds, "shards": shards, "shard_count": counts.shards,
        "reviews": { "averageScore": counts.rating().map(|stars| stars * 10.0), "count": counts.reviews },
        "url": format!("{public_url}{}", listing.id.path()),
    })
}

/// Somebody as v0 has them.
pub(super) fn user(user: &User) -> Value {
    json!({
        "id": user.id, "username": user.username, "discriminator": user.discriminator, "avatar": user.avatar,
        "defAvatar": null, "bio": null, "banner": user.banner, "social": {}, "color": null, "supporter": false,
        "certifiedDev": false, "mod": false, "webMod": false, "admin": false,
    })
}

/// One who voted, as v0 has them.
pub(super) fn voter(user: &User) -> Value {
    json!({ "id": user.id, "username": user.username, "avatar": user.avatar.clone().unwrap_or_default() })
}

/// How many guilds a bot is in: all, or those of each shard.
#[derive(Deserialize)]
#[serde(untagged)]
enum Guilds {
    All(u64),
    Each(Vec<u64>),
}

/// What a bot of top.gg posts.
#[derive(Deserialize)]
pub(super) struct Stats {
    server_count: Option<Guilds>,
    shards: Option<Vec<u64>>,
    shard_id: Option<u64>,
    shard_count: Option<u64>,
}

impl From<Stats> for Posted {
    fn from(stats: Stats) -> Self {
        let (guild_count, each) = match stats.server_count {
            Some(Guilds::All(guilds)) => (Some(guilds), None),
            Some(Guilds::Each(each)) => (None, Some(each)),
            None => (None, None),
        };
        // Libraries send an empty list where they know nothing of shards.
        let shards = each.or(stats.shards).filter(|shards| !shards.is_empty());
        Self {
            guild_count,
            user_count: None,
            shard_count: stats.shard_count,
            shards,
            shard_id: stats.shard_id,
        }
    }
}

/// A project as v1 has it.
pub(super) fn project(listing: &Listing) -> Value {
    let counts = &listing.counts;
    json!({
        "id": listing.id.id, "name": listing.name, "platform": "discord", "type": "bot", "headline": listing.short,
        "tags": listing.tags, "votes": counts.votes, "votes_total": counts.total_votes,
        "review_score": counts.rating().map_or(0.0, |stars| stars / 2.0), "review_count": counts.reviews,
    })
}

/// A vote as v1 has it.
#[derive(Serialize)]
pub(super) struct Vote {
    pub(super) user_id: AnyId,
    pub(super) platform_id: AnyId,
    pub(super) weight: u8,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
}
