//! Numbers that Discord documents: how many and how much. Ranges are for [`guildhall_base::Form::range`].

use std::ops::RangeInclusive;
use std::time::Duration;

use guildhall_base::{Form, Timestamp};

/// Seconds between two messages of one member in a channel.
pub const SLOW_MODE_S: RangeInclusive<i64> = 0..=21_600;
/// Minutes of silence after which a thread is archived.
pub const ARCHIVE_MINUTES: [i64; 4] = [60, 1_440, 4_320, 10_080];
/// Bits per second of a voice channel.
pub const BITRATE: RangeInclusive<i64> = 8_000..=384_000;
/// How many may join a voice channel; 0 is no limit.
pub const USER_LIMIT: RangeInclusive<i64> = 0..=99;
/// The same for a stage.
pub const STAGE_USER_LIMIT: RangeInclusive<i64> = 0..=10_000;
/// Seconds that an invite holds; 0 is for ever.
pub const INVITE_AGE_S: RangeInclusive<i64> = 0..=604_800;
/// How often an invite may be used; 0 is no limit.
pub const INVITE_USES: RangeInclusive<i64> = 0..=100;
/// Seconds of messages that a ban deletes.
pub const BAN_DELETE_S: RangeInclusive<i64> = 0..=604_800;
/// Days of messages that a ban deletes, as older libraries say it.
pub const BAN_DELETE_DAYS: RangeInclusive<i64> = 0..=7;
/// A colour, 0xRRGGBB.
pub const COLOR: RangeInclusive<i64> = 0..=0xff_ffff;
/// Messages of history at once.
pub const HISTORY: RangeInclusive<i64> = 1..=100;
/// Members at once.
pub const MEMBERS: RangeInclusive<i64> = 1..=1_000;
/// Messages deleted at once.
pub const BULK_DELETE: RangeInclusive<usize> = 2..=100;
/// How old a message may be to be deleted with others at once.
pub const BULK_DELETE_AGE: Duration = Duration::from_secs(14 * 86_400);
/// How far ahead a timeout may end.
pub const TIMEOUT: Duration = Duration::from_secs(28 * 86_400);
/// Pinned messages of a channel.
pub const PINS: usize = 250;
/// Different reactions to a message.
pub const REACTIONS: usize = 20;
/// Webhooks of a channel.
pub const WEBHOOKS: usize = 15;
/// Emojis of a guild that stand still; as many again may move.
pub const EMOJIS: usize = 50;
/// Emojis of an application.
pub const APPLICATION_EMOJIS: usize = 2_000;
/// Bytes of an emoji's picture.
pub const EMOJI_BYTES: usize = 256 * 1024;
/// Stickers of a guild.
pub const STICKERS: usize = 5;
/// Bytes of a sticker's picture.
pub const STICKER_BYTES: usize = 512 * 1024;
/// Pixels of a sticker's longer side.
pub const STICKER_SIDE: u32 = 320;
/// Stickers of a message.
pub const MESSAGE_STICKERS: usize = 3;
/// Invites of a guild.
pub const INVITES: usize = 1_000;
/// Overwrites of a channel.
pub const OVERWRITES: usize = 500;

/// Whether a timeout may end then: at most [`TIMEOUT`] ahead. One in the past ends the timeout.
pub fn timeout(form: &mut Form, path: &str, until: Timestamp, now: Timestamp) {
    if until > now.after(TIMEOUT) {
        let message = "Timeout must be no longer than 28 days";
        form.refuse(path, "GUILD_MEMBER_COMMUNICATION_DISABLED_UNTIL_TOO_LONG", message);
    }
}

/// Whether a thread may be archived after so many minutes.
pub fn archive_minutes(form: &mut Form, path: &str, minutes: i64) {
    form.choice(path, ARCHIVE_MINUTES.contains(&minutes));
}
