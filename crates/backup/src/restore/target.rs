//! The target as it is now.

use std::collections::BTreeSet;

use guildhall_base::{GuildId, RoleId, UserId};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::backup::tree::{PICTURE, read, understand};
use crate::model::{Emoji, FileRef, Guild, Role};
use crate::plan::Present;
use crate::remote::{Fault, Remote};

/// How a picture is called by its content.
pub(super) fn digest(content: &[u8]) -> FileRef {
    let hash = Sha256::digest(content);
    FileRef(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a plan needs to know of the target. Pictures are compared only where the backup has one in the same place.
pub(super) async fn present(
    remote: &Remote,
    id: GuildId,
    wanted: &Guild,
    people: &BTreeSet<UserId>,
) -> Result<Present, Fault> {
    let (mut guild, silent) = read(remote, id).await?;
    // They are not restored: see the format.
    guild.channels.retain(|channel| !channel.is_thread());
    let (ours, theirs) = (&wanted.settings, &mut guild.settings);
    for (wanted, picture, folder) in [
        (&ours.icon, &mut theirs.icon, "icons"),
        (&ours.banner, &mut theirs.banner, "banners"),
        (&ours.splash, &mut theirs.splash, "splashes"),
        (&ours.discovery_splash, &mut theirs.discovery_splash, "discovery-splashes"),
    ] {
        rename(remote, wanted.is_some(), picture, &format!("{folder}/{id}")).await;
    }
    let pictured: BTreeSet<&str> =
        wanted.roles.iter().filter(|role| role.icon.is_some()).map(|role| role.name.as_str()).collect();
    for role in &mut guild.roles {
        let folder = format!("role-icons/{}", role.id);
        rename(remote, pictured.contains(role.name.as_str()), &mut role.icon, &folder).await;
    }
    let mut present = Present { guild, silent, ..Present::default() };
    present.out_of_reach = out_of_reach(remote, id, &present.guild).await?;
    for person in people {
        match remote.get::<Value>(&format!("/guilds/{id}/members/{person}")).await {
            Ok(_) => drop(present.people.insert(*person)),
            Err(fault) if fault.refusal().is_some() => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(present)
}

/// Calls a picture by its content; one that cannot be had is taken for another one.
async fn rename(remote: &Remote, needed: bool, picture: &mut Option<FileRef>, folder: &str) {
    let Some(FileRef(hash)) = picture.as_ref().filter(|_| needed) else { return };
    let kind = if hash.starts_with("a_") { "gif" } else { "png" };
    let url = remote.asset(&format!("{folder}/{hash}.{kind}"));
    if let Ok(content) = remote.download(&url, PICTURE).await {
        *picture = Some(digest(&content));
    }
}

/// The roles that do not stand below the highest one of whoever restores. Owners reach all.
async fn out_of_reach(remote: &Remote, id: GuildId, guild: &Guild) -> Result<BTreeSet<RoleId>, Fault> {
    let me: Value = remote.get("/users/@me").await?;
    let me: UserId = understand(me.get("id").cloned().unwrap_or_default())?;
    if guild.settings.owner_id == Some(me) {
        return Ok(BTreeSet::new());
    }
    let member: Value = remote.get(&format!("/guilds/{id}/members/{me}")).await?;
    let held: Vec<RoleId> = understand(member.get("roles").cloned().unwrap_or(json!([])))?;
    let rank = |role: &Role| (role.position, std::cmp::Reverse(role.id));
    let highest = guild.roles.iter().filter(|role| held.contains(&role.id)).map(rank).max();
    let beyond = guild.roles.iter().filter(|role| highest.is_none_or(|highest| rank(role) >= highest));
    Ok(beyond.filter(|role| role.id != id.cast()).map(|role| role.id).collect())
}

/// The ids of what was there, so that what a dead run made can be told from it.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Known {
    pub(super) roles: BTreeSet<String>,
    pub(super) channels: BTreeSet<String>,
    pub(super) emojis: BTreeSet<String>,
    pub(super) stickers: BTreeSet<String>,
}

impl Known {
    pub(super) fn of(guild: &Guild) -> Self {
        Self {
            roles: guild.roles.iter().map(|role| role.id.to_string()).collect(),
            channels: guild.channels.iter().map(|channel| channel.id.to_string()).collect(),
            emojis: guild.emojis.iter().map(|emoji: &Emoji| emoji.id.to_string()).collect(),
            stickers: guild.stickers.iter().map(|sticker| sticker.id.to_string()).collect(),
        }
    }
}
