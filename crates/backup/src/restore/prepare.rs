//! What comes before the first change: what is wanted, the target as it is, the plan.

use std::collections::{BTreeMap, BTreeSet};

use guildhall_base::{ChannelId, GuildId, Result, UserId};
use serde::{Deserialize, Serialize};

use super::target::{self, Known, digest};
use crate::archive::Archive;
use crate::backup::tree::PICTURE;
use crate::model::FileRef;
use crate::plan::{self, Budget, Limits, Options, Plan, Wanted};
use crate::remote::{Fault, Remote};

/// How many people of overwrites are looked up.
const MOST_PEOPLE: usize = 500;

/// A plan, and what carrying it out needs besides.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Prepared {
    pub(super) plan: Plan,
    pub(super) known: Known,
    /// The part of the backup with this content.
    pub(super) parts: BTreeMap<String, FileRef>,
}

/// What somebody is shown before they decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Foretold {
    /// What will be done.
    pub plan: Plan,
    /// How long it takes.
    pub budget: Budget,
    /// What the target's limits are called.
    pub limits: &'static str,
}

/// What a backup has, as a plan wants it.
pub(super) async fn wanted(
    archive: &Archive,
    options: &Options,
    inside: bool,
) -> Result<(Wanted, BTreeMap<String, FileRef>)> {
    let mut wanted = Wanted { guild: archive.guild().clone(), ..Wanted::default() };
    if inside {
        wanted.features = archive.features().map(|(name, _)| name.to_owned()).collect();
    }
    let mut parts = BTreeMap::new();
    let guild = &mut wanted.guild;
    let settings = &mut guild.settings;
    let pictures =
        [&mut settings.icon, &mut settings.banner, &mut settings.splash, &mut settings.discovery_splash];
    let icons = guild.roles.iter_mut().map(|role| &mut role.icon);
    let emojis = guild.emojis.iter_mut().map(|emoji| &mut emoji.image);
    let stickers = guild.stickers.iter_mut().map(|sticker| &mut sticker.image);
    for picture in pictures.into_iter().chain(icons).chain(emojis).chain(stickers) {
        let Some(part) = picture.take() else { continue };
        if archive.file_size(&part).is_some_and(|size| size <= PICTURE as u64) {
            let name = digest(&archive.file(&part, PICTURE as u64).await?);
            parts.insert(name.0.clone(), part);
            *picture = Some(name);
        }
    }
    if options.messages {
        for channel in &archive.guild().channels {
            wanted.messages.insert(channel.id, count(archive, channel.id).await?);
        }
    }
    for page in 0..archive.member_pages() {
        wanted.members += archive.members(page).await?.len() as u64;
    }
    for page in 0..archive.ban_pages() {
        wanted.bans += archive.bans(page).await?.len() as u64;
    }
    Ok((wanted, parts))
}

async fn count(archive: &Archive, channel: ChannelId) -> Result<u64> {
    let mut count = 0;
    for page in 0..archive.message_pages(channel) {
        let messages = archive.messages(channel, page).await?;
        count += messages.iter().filter(|message| message.is_written()).count() as u64;
    }
    Ok(count)
}

/// Makes the plan for a target; `exact` is [`Wanted::exact`].
pub(super) async fn prepare(
    remote: &Remote,
    guild: GuildId,
    archive: &Archive,
    options: &Options,
    exact: bool,
) -> Result<Prepared, Fault> {
    let (mut wanted, parts) = wanted(archive, options, remote.is_inside()).await?;
    wanted.exact = exact;
    let overwrites = wanted.guild.channels.iter().flat_map(|channel| &channel.permission_overwrites);
    let people: BTreeSet<UserId> =
        overwrites.filter(|one| one.kind == 1).map(|one| one.id.cast()).take(MOST_PEOPLE).collect();
    let present = target::present(remote, guild, &wanted.guild, &people).await?;
    let plan = plan::make(&wanted, &present, options);
    Ok(Prepared { plan, known: Known::of(&present.guild), parts })
}

/// Which limits a target has, as far as anybody knows.
pub(crate) fn limits(remote: &Remote) -> Limits {
    match remote.is_discord() {
        _ if remote.is_inside() => Limits::INSIDE,
        true => Limits::DISCORD,
        false => Limits::GUILDHALL,
    }
}

/// What would be done, without doing it.
pub(crate) async fn foretell(
    remote: &Remote,
    guild: Option<GuildId>,
    archive: &Archive,
    options: &Options,
) -> Result<Foretold, Fault> {
    let plan = match guild {
        Some(guild) => prepare(remote, guild, archive, options, false).await?.plan,
        None => {
            let (wanted, _) = wanted(archive, options, remote.is_inside()).await?;
            plan::make(&wanted, &plan::Present::default(), options)
        }
    };
    let limits = limits(remote);
    Ok(Foretold { budget: plan::budget(&plan, &limits), limits: limits.name, plan })
}
