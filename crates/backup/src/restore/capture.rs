//! The target as it is, before it is changed.

use guildhall_base::{GuildId, Timestamp, UserId};
use guildhall_infra::jobs::Outcome;
use serde_json::{Value, json};

use super::target::{self, PICTURE};
use crate::archive::{Entry, PAGE, Work};
use crate::model::{FORMAT, FileRef, Manifest, Member, Origin};
use crate::remote::{Fault, Remote};

/// Keeps settings, pictures, roles, channels and the members' roles; what was said is not among it.
pub(crate) async fn capture(
    remote: &Remote,
    id: GuildId,
    work: &Work,
    now: Timestamp,
) -> Outcome<Vec<Entry>> {
    let (mut guild, _) = target::read(remote, id).await?;
    let mut entries = Vec::new();
    let settings = &mut guild.settings;
    for (picture, folder, name) in [
        (&mut settings.icon, "icons", "icon"),
        (&mut settings.banner, "banners", "banner"),
        (&mut settings.splash, "splashes", "splash"),
        (&mut settings.discovery_splash, "discovery-splashes", "discovery-splash"),
    ] {
        fetch(remote, work, &mut entries, picture, &format!("{folder}/{id}"), &format!("assets/{name}"))
            .await?;
    }
    for role in &mut guild.roles {
        let folder = format!("role-icons/{}", role.id);
        let part = format!("assets/role-{}", role.id);
        fetch(remote, work, &mut entries, &mut role.icon, &folder, &part).await?;
    }
    for emoji in &mut guild.emojis {
        let mut picture = Some(FileRef(emoji.id.to_string()));
        let hash = if emoji.animated { "gif" } else { "png" };
        let part = format!("emojis/{}", emoji.id);
        keep(remote, work, &mut entries, &format!("emojis/{}.{hash}", emoji.id), &part, &mut picture).await?;
        emoji.image = picture;
    }
    for sticker in &mut guild.stickers {
        let mut picture = Some(FileRef(sticker.id.to_string()));
        let part = format!("stickers/{}", sticker.id);
        let path = format!("stickers/{}.{}", sticker.id, sticker.extension());
        keep(remote, work, &mut entries, &path, &part, &mut picture).await?;
        sticker.image = picture;
    }
    entries.insert(0, work.put_guild(&guild).await?);
    let manifest = Manifest {
        format: FORMAT,
        guild_id: id,
        guild_name: guild.settings.name.clone(),
        created_at: now,
        origin: Origin::Guildhall,
        made_by: concat!("Guildhall ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    entries.insert(0, work.put_manifest(&manifest).await?);
    members(remote, id, work, &mut entries).await?;
    Ok(entries)
}

async fn fetch(
    remote: &Remote,
    work: &Work,
    entries: &mut Vec<Entry>,
    picture: &mut Option<FileRef>,
    folder: &str,
    part: &str,
) -> Outcome {
    let Some(FileRef(hash)) = picture.clone() else { return Ok(()) };
    let kind = if hash.starts_with("a_") { "gif" } else { "png" };
    keep(remote, work, entries, &format!("{folder}/{hash}.{kind}"), part, picture).await
}

/// Fetches a picture; one that cannot be had is none.
async fn keep(
    remote: &Remote,
    work: &Work,
    entries: &mut Vec<Entry>,
    path: &str,
    part: &str,
    picture: &mut Option<FileRef>,
) -> Outcome {
    match remote.download(&remote.asset(path), PICTURE).await {
        Ok(content) => {
            entries.push(work.put_bytes(part, content, false).await?);
            *picture = Some(FileRef(part.to_owned()));
        }
        Err(Fault::Refused(_)) => *picture = None,
        Err(fault) => return Err(fault.into()),
    }
    Ok(())
}

/// The members, as far as the target tells: bots need an intent for the list.
async fn members(remote: &Remote, id: GuildId, work: &Work, entries: &mut Vec<Entry>) -> Outcome {
    let mut after = UserId::new(0);
    for page in 0.. {
        let path = format!("/guilds/{id}/members?limit={PAGE}&after={after}");
        let found: Vec<Value> = match remote.get(&path).await {
            Ok(found) => found,
            Err(fault) if fault.refusal().is_some() => return Ok(()),
            Err(fault) => return Err(fault.into()),
        };
        let members: Vec<Member> = found.iter().filter_map(member).collect();
        if let Some(last) = members.iter().map(|member| member.user_id).max() {
            entries.push(work.put_members(page, &members).await?);
            after = last;
        }
        if found.len() < PAGE {
            break;
        }
    }
    Ok(())
}

fn member(value: &Value) -> Option<Member> {
    let user = value.get("user")?;
    let mut flat = value.clone();
    let fields = flat.as_object_mut()?;
    fields.insert("user_id".into(), user.get("id")?.clone());
    fields.insert("username".into(), user.get("username").cloned().unwrap_or_default());
    fields.insert("bot".into(), json!(user.get("bot").and_then(Value::as_bool).unwrap_or(false)));
    serde_json::from_value(flat).ok()
}
