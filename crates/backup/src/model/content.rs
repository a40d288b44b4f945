//! What the other shapes are made of, and the label on the box.

use std::fmt;

use guildhall_base::{GuildId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The version of the shapes in this folder. A program never reads a newer one than it knows.
pub const FORMAT: u32 = 1;

/// Permission bits as a decimal string, kept whole: also those that this server does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits(pub u64);

impl Bits {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bits {
    /// Accepts a decimal string or an integer.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bits;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("permission bits as a decimal number")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bits, E> {
                text.parse().map(Bits).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_u64<E: de::Error>(self, bits: u64) -> Result<Bits, E> {
                Ok(Bits(bits))
            }
            fn visit_i64<E: de::Error>(self, bits: i64) -> Result<Bits, E> {
                Ok(Bits(bits.cast_unsigned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The name of the part of the backup that holds a file: `assets/icon`, `emojis/1`, `attachments/2`. In what a server
/// answered, before its files were fetched, the hash by which the server names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileRef(pub String);

/// What a backup says of itself before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`] at the time of writing.
    pub format: u32,
    /// The guild it is of.
    pub guild_id: GuildId,
    /// What the guild was called.
    pub guild_name: String,
    /// When reading it began.
    pub created_at: Timestamp,
    /// Who made it.
    pub origin: Origin,
    /// The program and its version, for people.
    pub made_by: String,
}

/// In which format a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Guildhall's own.
    Guildhall,
    /// AntiRaid's `iblfile`.
    Iblfile,
    /// The npm package discord-backup.
    DiscordBackup,
}
