//! The JSON of the npm package discord-backup, version 3. It knows roles and channels by their names only and has no
//! ids: they are numbered here. Of messages it has neither ids nor answers; their times give their order.

mod file;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use guildhall_base::{AnyId, ChannelId, GuildId, Id, MessageId, Result, RoleId, Timestamp};
use serde_json::{Map, Value, json};

use super::Found;
use crate::codes::{DAMAGED, NOT_A_BACKUP};
use crate::model::{
    Attachment, Author, Ban, Bits, Channel, Emoji, FORMAT, FileRef, Guild, Manifest, Member, Message, Origin,
    Overwrite, Role, Settings, Thread,
};
use file::{
    File, FileBan, FileChannel, FileEmoji, FileFile, FileMember, FileMessage, FileOverwrite, FileRole,
};

/// Reads a file.
///
/// # Errors
/// `NOT_A_BACKUP`, where it is other JSON; `DAMAGED`.
pub fn read(file: &[u8]) -> Result<Found> {
    let value: Value = serde_json::from_slice(file).map_err(|_| DAMAGED)?;
    if value.get("guildID").is_none() || value.get("channels").is_none() {
        return Err(NOT_A_BACKUP.into());
    }
    let file: File = serde_json::from_value(value)
        .map_err(|error| DAMAGED.because(format!("The backup does not say what it must: {error}.")))?;
    Reading::new(file.guild_id).whole(file)
}

/// What is read so far.
struct Reading {
    guild: Guild,
    messages: Vec<(ChannelId, Vec<Message>)>,
    files: Vec<(String, Bytes)>,
    next: i64,
}

impl Reading {
    fn new(guild: GuildId) -> Self {
        let settings = Settings { id: guild, ..Settings::default() };
        let guild = Guild { settings, ..Guild::default() };
        // Ids of Discord are larger by far.
        Self { guild, messages: Vec::new(), files: Vec::new(), next: 1 }
    }

    fn id<T>(&mut self) -> Id<T> {
        self.next += 1;
        Id::new(self.next)
    }

    fn whole(mut self, file: File) -> Result<Found> {
        self.roles(file.roles, file.guild_id);
        for (position, category) in (0..).zip(file.channels.categories) {
            self.channel(category, position, None, 4)?;
        }
        for (position, channel) in (0..).zip(file.channels.others) {
            let kind = channel.kind;
            self.channel(channel, position, None, kind)?;
        }
        self.guild.channels.sort_by_key(Channel::is_thread);
        let named = |guild: &Guild, name: &str, voice: bool| {
            let found =
                guild.channels.iter().find(|channel| channel.name == name && (channel.kind == 2) == voice);
            found.map(|channel| channel.id)
        };
        let afk = file.afk.as_ref().and_then(|afk| named(&self.guild, &afk.name, true));
        let widget = file.widget.channel.as_ref().and_then(|name| named(&self.guild, name, false));
        let icon = self.picture(file.icon_base64, "assets/icon")?;
        let banner = self.picture(file.banner_base64, "assets/banner")?;
        let splash = self.picture(file.splash_base64, "assets/splash")?;
        self.emojis(file.emojis)?;
        self.guild.settings = Settings {
            id: file.guild_id,
            name: file.name.clone(),
            icon,
            banner,
            splash,
            verification_level: file.verification_level,
            default_message_notifications: file.default_message_notifications,
            explicit_content_filter: file.explicit_content_filter,
            afk_channel_id: afk,
            afk_timeout: file.afk.map_or(300, |afk| afk.timeout),
            widget_enabled: file.widget.enabled,
            widget_channel_id: widget,
            ..Settings::default()
        };
        let manifest = Manifest {
            format: FORMAT,
            guild_id: file.guild_id,
            guild_name: file.name,
            created_at: Timestamp::from_millis(file.created_timestamp),
            origin: Origin::DiscordBackup,
            made_by: "discord-backup".to_owned(),
        };
        let ban = |FileBan { id, reason }| Ban { user_id: id, username: String::new(), reason };
        let bans = file.bans.into_iter().map(ban).collect();
        let members = file.members.into_iter().map(member).collect();
        Ok(Found { manifest, guild: self.guild, members, bans, messages: self.messages, files: self.files })
    }

    fn roles(&mut self, mut roles: Vec<FileRole>, guild: GuildId) {
        roles.sort_by_key(|role| (!role.is_everyone, role.position));
        for role in roles {
            let id: RoleId = if role.is_everyone { guild.cast() } else { self.id() };
            self.guild.roles.push(Role {
                id,
                name: role.name,
                position: role.position,
                permissions: role.permissions,
                denied_permissions: Bits::default(),
                color: u32::from_str_radix(role.color.trim_start_matches('#'), 16).unwrap_or(0),
                colors: None,
                hoist: role.hoist,
                mentionable: role.mentionable,
                managed: false,
                icon: None,
                unicode_emoji: None,
                tags: None,
            });
        }
    }

    fn channel(
        &mut self,
        file: FileChannel,
        position: i64,
        parent: Option<ChannelId>,
        kind: u8,
    ) -> Result<()> {
        let id: ChannelId = self.id();
        let kind = if file.is_news { 5 } else { kind };
        let thread = file.archived.map(|archived| Thread {
            archived,
            auto_archive_duration: file.auto_archive_duration.unwrap_or(1440),
            locked: file.locked,
            invitable: None,
        });
        let overwrite = |FileOverwrite { role_name, allow, deny }| {
            let role = self.guild.roles.iter().find(|role| role.name == role_name)?;
            Some(Overwrite { id: role.id.cast(), kind: 0, allow, deny })
        };
        let overwrites = file.permissions.into_iter().filter_map(overwrite).collect();
        let base = json!({ "id": id, "type": kind, "name": file.name });
        self.guild.channels.push(Channel {
            position,
            parent_id: parent,
            permission_overwrites: overwrites,
            topic: file.topic,
            nsfw: file.nsfw,
            rate_limit_per_user: file.rate_limit_per_user.unwrap_or(0),
            bitrate: file.bitrate,
            user_limit: file.user_limit,
            thread,
            ..serde_json::from_value(base).map_err(|_| DAMAGED)?
        });
        self.messages(id, file.messages)?;
        for (position, child) in (0..).zip(file.children) {
            let kind = child.kind;
            self.channel(child, position, Some(id), kind)?;
        }
        for thread in file.threads {
            let kind = thread.kind;
            self.channel(thread, 0, Some(id), kind)?;
        }
        Ok(())
    }

    /// They are written newest first.
    fn messages(&mut self, channel: ChannelId, files: Vec<FileMessage>) -> Result<()> {
        let mut messages = Vec::new();
        for file in files.into_iter().rev() {
            let mut attachments = Vec::new();
            for FileFile { name, attachment } in file.files {
                attachments.push(self.attachment(name, attachment)?);
            }
            let id: MessageId = self.id();
            messages.push(Message {
                id,
                kind: 0,
                content: file.content.unwrap_or_default(),
                author: Author { id: None, name: file.username, avatar_url: file.avatar, bot: false },
                timestamp: file.sent_at,
                edited_timestamp: None,
                reply_to: None,
                pinned: file.pinned,
                tts: false,
                flags: 0,
                embeds: file.embeds.into_iter().map(embed).collect(),
                components: Vec::new(),
                attachments,
                reactions: Vec::new(),
                stickers: Vec::new(),
            });
        }
        if !messages.is_empty() {
            self.messages.push((channel, messages));
        }
        Ok(())
    }

    /// An address, or the file itself in base64.
    fn attachment(&mut self, filename: String, attachment: String) -> Result<Attachment> {
        let id: AnyId = self.id();
        let (url, file) = if attachment.starts_with("https://") || attachment.starts_with("http://") {
            (Some(attachment), None)
        } else {
            (None, self.picture(Some(attachment), &format!("attachments/{id}"))?)
        };
        let size = match (&file, self.files.last()) {
            (Some(_), Some((_, content))) => content.len() as u64,
            _ => 0,
        };
        Ok(Attachment { id, filename, size, description: None, content_type: None, url, file })
    }

    fn emojis(&mut self, emojis: Vec<FileEmoji>) -> Result<()> {
        for FileEmoji { name, url, base64 } in emojis {
            let id: AnyId = self.id();
            let image = self.picture(base64, &format!("emojis/{id}"))?;
            let animated = url.is_some_and(|url| url.contains(".gif"));
            self.guild.emojis.push(Emoji { id, name, animated, roles: Vec::new(), managed: false, image });
        }
        Ok(())
    }

    fn picture(&mut self, base64: Option<String>, part: &str) -> Result<Option<FileRef>> {
        let Some(base64) = base64.filter(|text| !text.is_empty()) else { return Ok(None) };
        let content = STANDARD.decode(base64.trim()).map_err(|_| DAMAGED)?;
        self.files.push((part.to_owned(), content.into()));
        Ok(Some(FileRef(part.to_owned())))
    }
}

/// Members' roles are ids of the old guild, of which the file does not say which role they are.
fn member(file: FileMember) -> Member {
    Member {
        user_id: file.user_id,
        username: file.username,
        bot: file.bot,
        nick: None,
        roles: file.roles.into_iter().map(AnyId::cast).collect(),
        joined_at: file.joined_timestamp.map(Timestamp::from_millis),
        communication_disabled_until: None,
    }
}

/// discord.js writes nulls where there is nothing.
fn embed(mut embed: Map<String, Value>) -> Value {
    embed.retain(|_, value| !value.is_null());
    Value::Object(embed)
}
