//! AntiRaid's `iblfile` (protocol frostpaw-rev7, type `backup.server`, version a1): a tar of MessagePack sections in one
//! checked and optionally encrypted block. Members, bans and the pictures of emojis are not in it.

mod messages;
mod msgpack;
mod tar;

use std::collections::BTreeMap;

use argon2::{Algorithm, Argon2, Params, Version};
use bytes::Bytes;
use guildhall_base::{Error, Result, Timestamp};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::Found;
use crate::codes::{DAMAGED, NEEDS_PASSPHRASE, NOT_A_BACKUP, UNKNOWN_VERSION, WRONG_PASSPHRASE};
use crate::model::{Emoji, FORMAT, FileRef, Guild, Manifest, Origin, Sticker};

/// What the file begins with.
pub const MAGIC: &[u8] = b"iblaef";
/// Bytes of the salt before what is encrypted.
const SALT: usize = 8;

type Sections<'a> = BTreeMap<&'a str, &'a [u8]>;

/// Reads a file.
///
/// # Errors
/// `DAMAGED`, `NOT_A_BACKUP`, `UNKNOWN_VERSION`, `NEEDS_PASSPHRASE`, `WRONG_PASSPHRASE`, `TOO_BIG`.
pub fn read(file: &[u8], passphrase: Option<&str>) -> Result<Found> {
    let (checksum, rest) =
        file.get(MAGIC.len()..).and_then(|rest| rest.split_at_checked(32)).ok_or(DAMAGED)?;
    let (kind, block) = rest.split_at_checked(16).ok_or(DAMAGED)?;
    if Sha256::digest(block).as_slice() != checksum {
        return Err(DAMAGED.into());
    }
    let opened;
    let archive = match kind {
        b"noencryption$$$$" => block,
        b"aes256$$$$$$$$$$" => {
            opened = decrypt(block, passphrase.ok_or(NEEDS_PASSPHRASE)?)?;
            &opened
        }
        _ => return Err(NOT_A_BACKUP.because("The backup is encrypted in a way that cannot be read here.")),
    };
    found(&tar::sections(archive)?)
}

/// Argon2id over the passphrase with 64 MiB, AES-256-GCM.
fn decrypt(block: &[u8], passphrase: &str) -> Result<Vec<u8>> {
    let (salt, rest) = block.split_at_checked(SALT).ok_or(DAMAGED)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(DAMAGED)?;
    let params = Params::new(64 * 1024, 1, 4, Some(32)).map_err(broken)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(broken)?;
    let key = UnboundKey::new(&AES_256_GCM, &key).map(LessSafeKey::new).map_err(|_| DAMAGED)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| DAMAGED)?;
    let mut text = sealed.to_vec();
    let length = key.open_in_place(nonce, Aad::empty(), &mut text).map_err(|_| WRONG_PASSPHRASE)?.len();
    text.truncate(length);
    Ok(text)
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}

#[derive(serde::Deserialize)]
struct Meta {
    #[serde(rename = "c")]
    created: String,
    #[serde(rename = "p")]
    protocol: String,
    #[serde(default, rename = "v")]
    version: String,
    #[serde(rename = "t")]
    kind: String,
}

fn found(sections: &Sections<'_>) -> Result<Found> {
    let meta: Meta = serde_json::from_slice(sections.get("meta").ok_or(DAMAGED)?).map_err(|_| DAMAGED)?;
    if meta.kind != "backup.server" {
        return Err(NOT_A_BACKUP.into());
    }
    if meta.protocol != "frostpaw-rev7" || meta.version != "a1" {
        return Err(
            UNKNOWN_VERSION.because("The backup was made by a version of AntiRaid that is not known.")
        );
    }
    let mut files = Vec::new();
    let guild = guild(sections, &mut files)?;
    let manifest = Manifest {
        format: FORMAT,
        guild_id: guild.settings.id,
        guild_name: guild.settings.name.clone(),
        created_at: meta.created.parse().unwrap_or(Timestamp::from_millis(0)),
        origin: Origin::Iblfile,
        made_by: "AntiRaid".to_owned(),
    };
    let messages = messages::all(sections, &mut files)?;
    Ok(Found { manifest, guild, members: Vec::new(), bans: Vec::new(), messages, files })
}

fn guild(sections: &Sections<'_>, files: &mut Vec<(String, Bytes)>) -> Result<Guild> {
    let core = section(sections.get("core/guild").ok_or(DAMAGED)?)?;
    let list = |name: &str| core.get(name).cloned().unwrap_or_else(|| Value::Array(Vec::new()));
    let mut guild = Guild {
        settings: understand(core.clone())?,
        roles: understand(list("roles"))?,
        channels: understand(list("channels"))?,
        emojis: understand(list("emojis"))?,
        stickers: understand(list("stickers"))?,
    };
    guild.roles.sort_by_key(|role| (role.position, role.id));
    guild
        .channels
        .sort_by_key(|channel| (channel.is_thread(), !channel.is_category(), channel.position, channel.id));
    // A hash is of no use without the server.
    let settings = &mut guild.settings;
    for (picture, name, part) in [
        (&mut settings.icon, "assets/guildIcon", "assets/icon"),
        (&mut settings.banner, "assets/guildBanner", "assets/banner"),
        (&mut settings.splash, "assets/guildSplash", "assets/splash"),
    ] {
        *picture = sections.get(name).map(|content| {
            files.push((part.to_owned(), Bytes::copy_from_slice(content)));
            FileRef(part.to_owned())
        });
    }
    settings.discovery_splash = None;
    guild.roles.iter_mut().for_each(|role| role.icon = None);
    guild.emojis.iter_mut().for_each(|Emoji { image, .. }| *image = None);
    guild.stickers.iter_mut().for_each(|Sticker { image, .. }| *image = None);
    Ok(guild)
}

/// A section of MessagePack, without what Go writes for "nothing".
fn section(bytes: &[u8]) -> Result<Value> {
    Ok(tidy(msgpack::read(bytes)?))
}

/// Go writes empty texts and nulls where there is nothing: both go, so that what is missing is missing.
fn tidy(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(tidy).collect()),
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null() && value != "");
            Value::Object(kept.map(|(name, value)| (name, tidy(value))).collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn understand<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|error| DAMAGED.because(format!("The backup does not say what it must: {error}.")))
}

#[cfg(test)]
mod tests;
