//! Typed snowflakes, as Discord documents them: 42 bits of milliseconds since 2015-01-01T00:00:00Z,
//! 10 bits of node, 12 bits of sequence. Strings in JSON, BIGINT in the database.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{self, AtomicI64};

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use crate::{Clock, Timestamp};

/// What an [`Id`] identifies. The markers have no values; they only keep ids of different things apart.
pub mod marker {
    macro_rules! markers {
        ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $($(#[$doc])* #[derive(Debug, Clone, Copy)] pub enum $name {})* };
    }
    markers! {
        /// A user, human or bot.
        User,
        /// A guild.
        Guild,
        /// A channel.
        Channel,
        /// A role.
        Role,
        /// A message.
        Message,
        /// An application.
        Application,
        /// An uploaded file.
        Attachment,
        /// A registered command.
        Command,
        /// One interaction.
        Interaction,
        /// An audit-log entry.
        AuditEntry,
        /// A webhook that somebody made for a channel.
        Webhook,
        /// An emoji of a guild or an application.
        Emoji,
        /// A sticker of a guild.
        Sticker,
        /// A durable job.
        Job,
        /// A review of a listing, or an answer to one.
        Review,
        /// A pack of listed bots.
        Pack,
        /// A team that keeps listings.
        Team,
        /// An entry of a listing's history.
        HistoryEntry,
        /// Anything: used where Discord's protocol mixes kinds of ids.
        Any,
    }
}

/// Milliseconds between 1970-01-01 and 2015-01-01, where Discord's snowflakes begin.
const EPOCH_MS: i64 = 1_420_070_400_000;

/// A snowflake that knows what it identifies. Always positive.
pub struct Id<T>(i64, PhantomData<fn() -> T>);

/// An id of something whose kind is decided elsewhere, such as an overwrite's target.
pub type AnyId = Id<marker::Any>;

impl<T> Id<T> {
    /// Wraps a number that is known to be an id, such as one read from the database.
    pub const fn new(number: i64) -> Self {
        Self(number, PhantomData)
    }

    /// The number, as stored.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The same number as the id of something else: a guild's `@everyone` role, a bot's application.
    pub const fn cast<U>(self) -> Id<U> {
        Id::new(self.0)
    }

    /// When it was made, to the millisecond.
    pub const fn created_at(self) -> Timestamp {
        Timestamp::from_millis((self.0 >> 22) + EPOCH_MS)
    }

    /// The smallest id that could be made at `at`; orders ids against times.
    pub const fn first_at(at: Timestamp) -> Self {
        let since = at.millis() - EPOCH_MS;
        Self::new(if since < 0 { 0 } else { since << 22 })
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Says that a text is not a snowflake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a snowflake is a decimal number between 0 and 2^63 - 1")
    }
}
impl std::error::Error for NotAnId {}

impl<T> FromStr for Id<T> {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnId);
        }
        text.parse().map(Self::new).map_err(|_| NotAnId)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    /// Accepts a decimal string or an integer: some libraries send snowflakes as numbers.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Snowflake<T>(PhantomData<T>);
        impl<T> Visitor<'_> for Snowflake<T> {
            type Value = Id<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a snowflake")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id<T>, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id<T>, E> {
                i64::try_from(number)
                    .map(Id::new)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Id<T>, E> {
                u64::try_from(number)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
                    .and_then(|n| self.visit_u64(n))
            }
        }
        deserializer.deserialize_any(Snowflake(PhantomData))
    }
}

/// Makes ids: unique within a node, ascending, at most 4,096 a millisecond (it runs ahead of the clock rather
/// than wait when asked for more).
#[derive(Debug, Clone)]
pub struct Ids {
    clock: Clock,
    node: i64,
    /// The last id's time and sequence, as `milliseconds << 12 | sequence`.
    last: Arc<AtomicI64>,
}

impl Ids {
    /// `node` is this process's number among those that share a database, 0 to 1023.
    pub fn new(clock: Clock, node: u16) -> Self {
        Self { clock, node: i64::from(node & 0x3ff), last: Arc::default() }
    }

    /// The next id.
    pub fn next<T>(&self) -> Id<T> {
        let now = (self.clock.now().millis() - EPOCH_MS).max(0) << 12;
        let step = |last: i64| if now > last { now } else { last + 1 };
        let last = self
            .last
            .fetch_update(atomic::Ordering::Relaxed, atomic::Ordering::Relaxed, |last| Some(step(last)))
            .unwrap_or_default();
        let ticket = step(last);
        Id::new((ticket >> 12) << 22 | self.node << 12 | (ticket & 0xfff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_example_is_read_as_discord_reads_it() {
        let id: Id<marker::Any> = "175928847299117063".parse().unwrap();
        assert_eq!(id.created_at().to_string(), "2016-04-30T11:18:25.796000+00:00");
    }

    #[test]
    fn json_takes_strings_and_numbers_and_gives_strings() {
        let id: AnyId = serde_json::from_str("\"42\"").unwrap();
        assert_eq!(id, serde_json::from_str("42").unwrap());
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"42\"");
        for bad in ["\"\"", "\"-1\"", "-1", "\"1e3\"", "\"99999999999999999999\"", "1.5", "true"] {
            assert!(serde_json::from_str::<AnyId>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_ascend_even_when_the_clock_stands_still_or_goes_back() {
        let (clock, hand) = Clock::manual(Timestamp::from_millis(EPOCH_MS + 1000));
        let ids = Ids::new(clock, 3);
        let mut last: AnyId = ids.next();
        for i in 0..10_000 {
            if i == 5_000 {
                hand.set(Timestamp::from_millis(EPOCH_MS));
            }
            let next = ids.next();
            assert!(next > last);
            last = next;
        }
    }
}
