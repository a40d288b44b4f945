//! Reading the guild itself: settings, roles, channels, threads, emojis, stickers, and their pictures.

use std::collections::BTreeSet;

use guildhall_base::{ChannelId, GuildId};
use guildhall_infra::jobs::{Outcome, Phrase};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Asset, Run};
use crate::archive::Entry;
use crate::model::{Channel, Emoji, FORMAT, FileRef, Guild, Manifest, Origin, Sticker};
use crate::remote::{Fault, Remote, fault::UNREADABLE};

/// The largest picture, in bytes.
pub(crate) const PICTURE: usize = 12 << 20;

/// The guild with its roles, channels, threads, emojis and stickers, pictures as the server names them, and its channels
/// in which nothing was ever said.
pub(crate) async fn read(remote: &Remote, id: GuildId) -> Result<(Guild, BTreeSet<ChannelId>), Fault> {
    let value: Value = remote.get(&format!("/guilds/{id}")).await?;
    let mut guild = Guild { settings: understand(value.clone())?, ..Guild::default() };
    let roles = value.get("roles").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
    guild.roles = understand(roles)?;
    guild.roles.sort_by_key(|role| (role.position, role.id));
    guild.emojis = optional::<Vec<Emoji>>(remote, &format!("/guilds/{id}/emojis")).await?.unwrap_or_default();
    guild.stickers =
        optional::<Vec<Sticker>>(remote, &format!("/guilds/{id}/stickers")).await?.unwrap_or_default();
    let mut silent = BTreeSet::new();
    for value in remote.get::<Vec<Value>>(&format!("/guilds/{id}/channels")).await? {
        let quiet = value.get("last_message_id").is_none_or(Value::is_null);
        let channel: Channel = understand(value)?;
        if quiet {
            silent.insert(channel.id);
        }
        guild.channels.push(channel);
    }
    let threads: Option<Value> = optional(remote, &format!("/guilds/{id}/threads/active")).await?;
    let threads = threads.and_then(|mut answer| answer.get_mut("threads").map(Value::take));
    let threads: Vec<Channel> = threads.map_or(Ok(Vec::new()), understand)?;
    guild.channels.extend(threads.into_iter().filter(Channel::is_thread));
    // Categories, what is in them, threads.
    guild
        .channels
        .sort_by_key(|channel| (channel.is_thread(), !channel.is_category(), channel.position, channel.id));
    Ok((guild, silent))
}

/// What not every server has, and not everybody may read.
pub(super) async fn optional<T: DeserializeOwned>(remote: &Remote, path: &str) -> Result<Option<T>, Fault> {
    match remote.get(path).await {
        Ok(found) => Ok(Some(found)),
        Err(fault) if fault.refusal().is_some() => Ok(None),
        Err(fault) => Err(fault),
    }
}

impl Run<'_> {
    /// Keeps the guild and its pictures.
    pub(super) async fn tree(&self) -> Outcome<Vec<Entry>> {
        let (mut guild, _) = read(&self.remote, self.guild).await?;
        let mut entries = Vec::new();
        self.pictures(&mut guild, &mut entries).await?;
        let manifest = Manifest {
            format: FORMAT,
            guild_id: self.guild,
            guild_name: guild.settings.name.clone(),
            created_at: self.ctx.now(),
            origin: Origin::Guildhall,
            made_by: concat!("Guildhall ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        // The box is labelled first.
        entries.insert(0, self.work.put_manifest(&manifest).await?);
        entries.insert(1, self.work.put_guild(&guild).await?);
        Ok(entries)
    }

    async fn pictures(&self, guild: &mut Guild, entries: &mut Vec<Entry>) -> Outcome {
        let id = self.guild;
        let settings = &mut guild.settings;
        let assets = &self.options.assets;
        for (asset, picture, folder, part) in [
            (Some(Asset::Icon), &mut settings.icon, "icons", "icon"),
            (Some(Asset::Banner), &mut settings.banner, "banners", "banner"),
            (Some(Asset::Splash), &mut settings.splash, "splashes", "splash"),
            (Some(Asset::Splash), &mut settings.discovery_splash, "discovery-splashes", "discovery-splash"),
        ] {
            let wanted = asset.is_some_and(|asset| assets.contains(&asset));
            let hash = picture.take().filter(|_| wanted);
            *picture =
                self.hashed(hash, &format!("{folder}/{id}"), format!("assets/{part}"), entries).await?;
        }
        let expressions = self.options.expressions;
        for role in &mut guild.roles {
            let hash = role.icon.take().filter(|_| expressions);
            let (folder, part) = (format!("role-icons/{}", role.id), format!("roles/{}", role.id));
            role.icon = self.hashed(hash, &folder, part, entries).await?;
        }
        for emoji in guild.emojis.iter_mut().filter(|_| expressions) {
            let kind = if emoji.animated { "gif" } else { "png" };
            let path = format!("emojis/{}.{kind}", emoji.id);
            emoji.image = self.picture(&path, format!("emojis/{}", emoji.id), entries).await?;
        }
        for sticker in guild.stickers.iter_mut().filter(|_| expressions) {
            let path = format!("stickers/{}.{}", sticker.id, sticker.extension());
            sticker.image = self.picture(&path, format!("stickers/{}", sticker.id), entries).await?;
        }
        Ok(())
    }

    async fn hashed(
        &self,
        hash: Option<FileRef>,
        folder: &str,
        part: String,
        entries: &mut Vec<Entry>,
    ) -> Outcome<Option<FileRef>> {
        let Some(FileRef(hash)) = hash else { return Ok(None) };
        let kind = if hash.starts_with("a_") { "gif" } else { "png" };
        self.picture(&format!("{folder}/{hash}.{kind}"), part, entries).await
    }

    /// Keeps a picture; one that cannot be had is none.
    async fn picture(&self, path: &str, part: String, entries: &mut Vec<Entry>) -> Outcome<Option<FileRef>> {
        match self.remote.download(&self.remote.asset(path), PICTURE).await {
            Ok(content) => {
                entries.push(self.work.put_bytes(&part, content, false).await?);
                Ok(Some(FileRef(part)))
            }
            Err(Fault::Refused(refusal)) => {
                let english = format!("The picture {part} cannot be had: {refusal}");
                let words = Phrase::new("backup-job-no-file", english).with("name", part);
                self.ctx.say(words.with("why", refusal.to_string()));
                Ok(None)
            }
            Err(fault) => Err(fault.into()),
        }
    }
}

/// What a server answered, as what it must be.
pub(crate) fn understand<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| Fault::Failed(UNREADABLE.because(error.to_string())))
}
