//! What clients send. Lenient where libraries are: unknown keys are ignored, null counts as absent, ids may be numbers.

use guildhall_base::{ChannelId, GuildId, UserId, lenient};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Close;

/// A parsed frame.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// Op 1, with the latest `s` that the client has seen.
    Heartbeat(Option<u32>),
    /// Op 2.
    Identify(Box<Identify>),
    /// Op 3.
    Presence(PresenceUpdate),
    /// Op 4.
    Voice(VoiceUpdate),
    /// Op 6.
    Resume(Resume),
    /// Op 8.
    Members(MembersQuery),
}

/// Op 2.
#[derive(Debug, Deserialize)]
pub(crate) struct Identify {
    /// A bot's token; null or empty for a browser that has a cookie.
    #[serde(default)]
    pub(crate) token: Option<String>,
    #[serde(default, deserialize_with = "optional_bits")]
    pub(crate) intents: Option<u64>,
    #[serde(default)]
    pub(crate) shard: Option<(u32, u32)>,
    #[serde(default)]
    pub(crate) presence: Option<Value>,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub(crate) properties: Properties,
}

/// What a client says of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Value")]
pub(crate) struct Properties {
    device: String,
}

impl From<Value> for Properties {
    fn from(value: Value) -> Self {
        let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default();
        // Before v10 the keys had a dollar sign. The device is what programs leave alone; the browser is what they
        // change to be shown as on a phone.
        let device = Some(text("device")).filter(|device| !device.is_empty()).unwrap_or(text("$device"));
        Self { device: device.to_owned() }
    }
}

impl Properties {
    /// Whether it is known of a library that it handles READY before what it reads together with it.
    pub(crate) fn reads_in_order(&self) -> bool {
        const THESE: [&str; 5] = ["discord.py", "hikari", "serenity", "twilight.rs", "guildhall"];
        THESE.iter().any(|name| self.device.starts_with(name))
    }
}

/// Op 3. Kept as JSON where only clients read it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PresenceUpdate {
    #[serde(default)]
    pub(crate) activities: Option<Vec<Value>>,
    /// Before v8 there was only one.
    #[serde(default)]
    pub(crate) game: Option<Value>,
    #[serde(default)]
    pub(crate) status: Option<String>,
}

/// Op 4.
#[derive(Debug, Deserialize)]
pub(crate) struct VoiceUpdate {
    pub(crate) guild_id: GuildId,
    #[serde(default)]
    pub(crate) channel_id: Option<ChannelId>,
    #[serde(default, deserialize_with = "lenient::boolean")]
    pub(crate) self_mute: bool,
    #[serde(default, deserialize_with = "lenient::boolean")]
    pub(crate) self_deaf: bool,
    #[serde(default, deserialize_with = "lenient::boolean")]
    pub(crate) self_video: bool,
}

/// Op 6.
#[derive(Debug, Deserialize)]
pub(crate) struct Resume {
    #[serde(default)]
    pub(crate) token: Option<String>,
    pub(crate) session_id: String,
    #[serde(default)]
    pub(crate) seq: Option<u32>,
}

/// Op 8.
#[derive(Debug, Deserialize)]
pub(crate) struct MembersQuery {
    #[serde(deserialize_with = "one_or_first")]
    pub(crate) guild_id: GuildId,
    #[serde(default)]
    pub(crate) query: Option<String>,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub(crate) limit: u64,
    #[serde(default, deserialize_with = "lenient::boolean")]
    pub(crate) presences: bool,
    #[serde(default, deserialize_with = "one_or_many")]
    pub(crate) user_ids: Option<Vec<UserId>>,
    #[serde(default)]
    pub(crate) nonce: Option<String>,
}

/// Reads a text frame.
pub(crate) fn read(text: &str) -> Result<Incoming, Close> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        op: u64,
        #[serde(default, borrow)]
        d: Option<&'a RawValue>,
    }
    fn body<'a, T: Deserialize<'a>>(d: Option<&'a RawValue>) -> Result<T, Close> {
        serde_json::from_str(d.map_or("null", RawValue::get)).map_err(|_| Close::Decode)
    }
    let envelope: Envelope = serde_json::from_str(text).map_err(|_| Close::Decode)?;
    let d = envelope.d;
    Ok(match envelope.op {
        1 => Incoming::Heartbeat(body::<Value>(d)?.as_u64().and_then(|s| u32::try_from(s).ok())),
        2 => Incoming::Identify(body(d)?),
        3 => Incoming::Presence(body(d)?),
        4 => Incoming::Voice(body(d)?),
        6 => Incoming::Resume(body(d)?),
        8 => Incoming::Members(body(d)?),
        _ => return Err(Close::Opcode),
    })
}

fn optional_bits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Bits {
        Number(u64),
        Text(String),
    }
    match Option::<Bits>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Bits::Number(bits)) => Ok(Some(bits)),
        Some(Bits::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<UserId>>, D::Error> {
    Ok(Option::<OneOrMany<UserId>>::deserialize(deserializer)?.map(|ids| match ids {
        OneOrMany::One(id) => vec![id],
        OneOrMany::Many(ids) => ids,
    }))
}

/// Old libraries send the guild in an array.
fn one_or_first<'de, D: Deserializer<'de>>(deserializer: D) -> Result<GuildId, D::Error> {
    match OneOrMany::<GuildId>::deserialize(deserializer)? {
        OneOrMany::One(id) => Ok(id),
        OneOrMany::Many(ids) => ids.first().copied().ok_or_else(|| serde::de::Error::custom("no guild")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libraries_send_is_understood() {
        let identify = r#"{"op":2,"d":{"token":"Bot x","v":10,"capabilities":1,"properties":{"os":"x"},"intents":"513",
            "shard":null,"compress":true,"game":null,"presence":{"since":{"secs_since_epoch":1},"activities":null}}}"#;
        let Ok(Incoming::Identify(identify)) = read(identify) else { panic!() };
        assert_eq!((identify.intents, identify.shard), (Some(513), None));
        let members =
            r#"{"op":8,"d":{"guild_id":["5"],"query":null,"limit":null,"user_ids":7,"presences":null}}"#;
        let Ok(Incoming::Members(members)) = read(members) else { panic!() };
        assert_eq!((members.guild_id, members.user_ids), (GuildId::new(5), Some(vec![UserId::new(7)])));
        assert!(matches!(read(r#"{"op":1,"d":null}"#), Ok(Incoming::Heartbeat(None))));
        assert!(matches!(read(r#"{"op":1}"#), Ok(Incoming::Heartbeat(None))));
        assert!(matches!(read(r#"{"op":1,"d":251,"s":null,"t":null}"#), Ok(Incoming::Heartbeat(Some(251)))));
    }

    #[test]
    fn what_is_wrong_closes_with_the_documented_code() {
        for text in [
            "",
            "nonsense",
            "[]",
            "{}",
            r#"{"op":"x"}"#,
            r#"{"op":2}"#,
            r#"{"op":2,"d":5}"#,
            r#"{"op":6,"d":{}}"#,
        ] {
            assert_eq!(read(text).err(), Some(Close::Decode), "{text}");
        }
        for op in [0, 5, 7, 9, 10, 11, 12, 99] {
            assert_eq!(read(&format!("{{\"op\":{op},\"d\":null}}")).err(), Some(Close::Opcode), "{op}");
        }
    }
}
