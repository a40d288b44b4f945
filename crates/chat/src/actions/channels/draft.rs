//! What a body says about a channel.

use guildhall_base::{ChannelId, Form, Ids, Patch, Result};
use serde_json::{Map, Value};

use super::super::overwrites::Wanted;
use crate::model::{ChannelSettings, ChannelType, DefaultReaction, ForumTag};
use crate::rules::read::{Entry, Object};
use crate::rules::{limits, names};

/// Flags that a forum's or media channel's managers may set: posts need a tag, media cannot be downloaded.
const FORUM_FLAGS: i64 = 1 << 4 | 1 << 15;

/// What is asked for besides settings.
#[derive(Debug, Clone)]
pub(super) struct Wishes {
    pub(super) kind: ChannelType,
    pub(super) position: Option<i64>,
    pub(super) parent: Patch<ChannelId>,
    pub(super) overwrites: Option<Vec<Wanted>>,
    pub(super) lock_permissions: bool,
}

impl Wishes {
    /// Reads a body, for a new channel or for one of the `present` type.
    ///
    /// # Errors
    /// 50035 with every wrong field.
    pub(super) fn read(body: &Map<String, Value>, present: Option<ChannelType>) -> Result<Self> {
        let mut form = Form::new();
        let object = Object::body(body);
        let parent = object.names("parent_id").then(|| object.snowflake(&mut form, "parent_id"));
        let wishes = Self {
            kind: kind(&mut form, &object, present),
            position: object.integer(&mut form, "position", 0..=i64::MAX),
            parent: parent.map(|parent| parent.map(guildhall_base::Id::cast)),
            overwrites: Wanted::read_list(&mut form, &object),
            lock_permissions: object.boolean(&mut form, "lock_permissions").unwrap_or(false),
        };
        form.finish()?;
        Ok(wishes)
    }

    /// Sets what the same body says about the settings; null is what a new channel has.
    ///
    /// # Errors
    /// 50035 with every wrong field.
    pub(super) fn settings(
        &self,
        body: &Map<String, Value>,
        ids: &Ids,
        settings: &mut ChannelSettings,
    ) -> Result<()> {
        let mut form = Form::new();
        let object = Object::body(body);
        if let Some(name) = object.text(&mut form, "name", 0..=usize::MAX) {
            let clean = if is_textual(self.kind) { names::text_channel_name } else { names::channel_name };
            settings.name = Some(clean(&mut form, "name", &name));
        }
        form.required("name", settings.name.is_some());
        if is_textual(self.kind) {
            textual(&mut form, &object, self.kind, settings);
        }
        if self.kind.is_voice() {
            voice(&mut form, &object, self.kind, settings);
        }
        if self.kind != ChannelType::Category {
            if object.names("nsfw") {
                settings.nsfw = object.boolean(&mut form, "nsfw").unwrap_or(false);
            }
            number(&mut form, &object, "rate_limit_per_user", limits::SLOW_MODE_S, |seconds| {
                settings.rate_limit_per_user = seconds.unwrap_or(0);
            });
        }
        if is_forum(self.kind) {
            forum(&mut form, &object, ids, settings);
        }
        form.finish()
    }
}

fn is_forum(kind: ChannelType) -> bool {
    matches!(kind, ChannelType::Forum | ChannelType::Media)
}

fn is_textual(kind: ChannelType) -> bool {
    matches!(kind, ChannelType::Text | ChannelType::Announcement) || is_forum(kind)
}

/// The type; once a channel is there, only text and announcement channels turn into each other.
fn kind(form: &mut Form, object: &Object<'_>, present: Option<ChannelType>) -> ChannelType {
    let number = object.integer(form, "type", 0..=i64::MAX);
    let unchanged = present.unwrap_or(ChannelType::Text);
    let Some(wanted) = number.map(ChannelType::from_number) else { return unchanged };
    let allowed = |wanted: &ChannelType| match present {
        None => !wanted.is_direct() && !wanted.is_thread(),
        Some(present) => {
            let converts = |kind: ChannelType| matches!(kind, ChannelType::Text | ChannelType::Announcement);
            present == *wanted || (converts(present) && converts(*wanted))
        }
    };
    let wanted = wanted.filter(allowed);
    form.choice("type", wanted.is_some());
    wanted.unwrap_or(unchanged)
}

/// Hands a whole number to `set` if the field is there, `None` for null.
fn number(
    form: &mut Form,
    object: &Object<'_>,
    name: &str,
    range: std::ops::RangeInclusive<i64>,
    set: impl FnOnce(Option<u32>),
) {
    if object.names(name) {
        set(object.integer(form, name, range).and_then(|number| u32::try_from(number).ok()));
    }
}

fn textual(form: &mut Form, object: &Object<'_>, kind: ChannelType, settings: &mut ChannelSettings) {
    if object.names("topic") {
        let topic = object.text(form, "topic", 0..=usize::MAX).unwrap_or_default();
        settings.topic = names::topic(form, "topic", &topic, is_forum(kind));
    }
    if object.names("default_auto_archive_duration") {
        let minutes = object.integer(form, "default_auto_archive_duration", 0..=i64::MAX);
        if let Some(minutes) = minutes {
            limits::archive_minutes(form, "default_auto_archive_duration", minutes);
        }
        settings.default_auto_archive_duration = minutes.and_then(|minutes| u32::try_from(minutes).ok());
    }
    let name = "default_thread_rate_limit_per_user";
    number(form, object, name, limits::SLOW_MODE_S, |seconds| {
        settings.default_thread_rate_limit_per_user = seconds;
    });
}

fn voice(form: &mut Form, object: &Object<'_>, kind: ChannelType, settings: &mut ChannelSettings) {
    let stage = kind == ChannelType::Stage;
    number(form, object, "bitrate", limits::BITRATE, |bitrate| {
        settings.bitrate = bitrate.or(ChannelSettings::for_kind(kind).bitrate);
    });
    let users = if stage { limits::STAGE_USER_LIMIT } else { limits::USER_LIMIT };
    number(form, object, "user_limit", users, |limit| settings.user_limit = limit.or(Some(0)));
    if object.names("rtc_region") {
        settings.rtc_region =
            Some(object.text(form, "rtc_region", 0..=64).filter(|region| !region.is_empty()));
    }
    number(form, object, "video_quality_mode", 1..=2, |mode| settings.video_quality_mode = mode);
}

fn forum(form: &mut Form, object: &Object<'_>, ids: &Ids, settings: &mut ChannelSettings) {
    number(form, object, "flags", 0..=i64::from(u32::MAX), |flags| {
        settings.flags = flags.unwrap_or(0) & u32::try_from(FORUM_FLAGS).unwrap_or(0);
    });
    if object.names("available_tags") {
        let entries = object.list(form, "available_tags", 0..=20);
        let tags = entries.into_iter().filter_map(|entry| tag(form, entry, ids)).collect();
        settings.available_tags = Some(tags);
    }
    if object.names("default_reaction_emoji") {
        let reaction = object.object(form, "default_reaction_emoji");
        settings.default_reaction_emoji = Some(reaction.map(|reaction| DefaultReaction {
            emoji_id: reaction.snowflake(form, "emoji_id"),
            emoji_name: reaction.text(form, "emoji_name", 0..=64),
        }));
    }
    if object.names("default_sort_order") {
        let order = object.integer(form, "default_sort_order", 0..=1);
        settings.default_sort_order = Some(order.and_then(|order| u8::try_from(order).ok()));
    }
    number(form, object, "default_forum_layout", 0..=2, |layout| {
        settings.default_forum_layout = Some(layout.unwrap_or(0));
    });
}

fn tag(form: &mut Form, entry: Entry<'_>, ids: &Ids) -> Option<ForumTag> {
    let object = Object::at(form, entry.value, entry.path)?;
    object.require(form, "name");
    let id = object.snowflake(form, "id");
    Some(ForumTag {
        id: id.filter(|id| id.get() > 0).unwrap_or_else(|| ids.next()),
        name: object.text(form, "name", 1..=20)?,
        moderated: object.boolean(form, "moderated").unwrap_or(false),
        emoji_id: object.snowflake(form, "emoji_id"),
        emoji_name: object.text(form, "emoji_name", 0..=64),
    })
}
