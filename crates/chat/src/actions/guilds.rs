//! Creating, changing, leaving and deleting guilds.

use guildhall_accounts::{Actor, User};
use guildhall_base::{
    ChannelId, Error, Form, GuildId, Patch, Permissions, Result, RoleId, UserId, marker, present,
};
use guildhall_infra::events::{Audience, NewEvent};
use guildhall_infra::pictures::Upload;
use serde::Deserialize;
use serde_json::json;

use super::Change;
use super::audit::{Action, Note};
use super::bodies::{Counts, GuildBody, MemberEvent, PartialGuild, guild_event};
use super::pictures::Gallery;
use crate::access::GuildAccess;
use crate::model::{
    Channel, ChannelSettings, ChannelType, Constants, Guild, GuildSettings, Member, Role, RoleSettings,
};
use crate::rules::names;
use crate::world::{GuildState, Was};
use crate::{Chat, codes, store};

/// What `@everyone` may do in a new guild, as in Discord.
const FIRST_PERMISSIONS: Permissions = Permissions::CREATE_INSTANT_INVITE
    .union(Permissions::ADD_REACTIONS)
    .union(Permissions::STREAM)
    .union(Permissions::VIEW_CHANNEL)
    .union(Permissions::SEND_MESSAGES)
    .union(Permissions::EMBED_LINKS)
    .union(Permissions::ATTACH_FILES)
    .union(Permissions::READ_MESSAGE_HISTORY)
    .union(Permissions::MENTION_EVERYONE)
    .union(Permissions::USE_EXTERNAL_EMOJIS)
    .union(Permissions::CONNECT)
    .union(Permissions::SPEAK)
    .union(Permissions::USE_VAD)
    .union(Permissions::CHANGE_NICKNAME)
    .union(Permissions::USE_APPLICATION_COMMANDS)
    .union(Permissions::CREATE_PUBLIC_THREADS)
    .union(Permissions::CREATE_PRIVATE_THREADS)
    .union(Permissions::SEND_MESSAGES_IN_THREADS)
    .union(Permissions::USE_EXTERNAL_STICKERS)
    .union(Permissions::SEND_VOICE_MESSAGES)
    .union(Permissions::SEND_POLLS);

/// A guild to create.
#[derive(Debug, Clone, Deserialize)]
pub struct NewGuild {
    /// 2 to 100 characters.
    pub name: String,
    /// A data URI.
    #[serde(default)]
    pub icon: Option<Upload>,
}

/// What is to change in a guild; absent fields stay.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of the guild's settings")]
pub struct GuildChanges {
    pub name: Option<String>,
    #[serde(deserialize_with = "present")]
    pub description: Patch<String>,
    pub owner_id: Option<UserId>,
    #[serde(deserialize_with = "present")]
    pub icon: Patch<Upload>,
    #[serde(deserialize_with = "present")]
    pub splash: Patch<Upload>,
    #[serde(deserialize_with = "present")]
    pub discovery_splash: Patch<Upload>,
    #[serde(deserialize_with = "present")]
    pub banner: Patch<Upload>,
    #[serde(deserialize_with = "present")]
    pub afk_channel_id: Patch<ChannelId>,
    pub afk_timeout: Option<u32>,
    #[serde(deserialize_with = "present")]
    pub system_channel_id: Patch<ChannelId>,
    pub system_channel_flags: Option<u32>,
    #[serde(deserialize_with = "present")]
    pub rules_channel_id: Patch<ChannelId>,
    #[serde(deserialize_with = "present")]
    pub public_updates_channel_id: Patch<ChannelId>,
    #[serde(deserialize_with = "present")]
    pub safety_alerts_channel_id: Patch<ChannelId>,
    #[serde(deserialize_with = "present")]
    pub verification_level: Patch<u8>,
    #[serde(deserialize_with = "present")]
    pub default_message_notifications: Patch<u8>,
    #[serde(deserialize_with = "present")]
    pub explicit_content_filter: Patch<u8>,
    #[serde(deserialize_with = "present")]
    pub preferred_locale: Patch<String>,
    pub features: Option<Vec<String>>,
    pub premium_progress_bar_enabled: Option<bool>,
}

impl Chat {
    /// Creates a guild with a text channel `general` and a voice channel, owned by the actor.
    pub(crate) async fn create_guild(&self, actor: &Actor, new: NewGuild) -> Result<GuildBody> {
        let mut form = Form::new();
        let name = names::guild_name(&mut form, "name", &new.name);
        form.finish()?;
        let owner = actor.user.id;
        if store::members::guild_count(self.db(), owner).await? >= self.parts.config.guilds_per_user {
            return Err(codes::MAX_GUILDS.into());
        }
        let id: GuildId = self.parts.ids.next();
        let mut change = Change::new();
        let icon = self.keep_picture(Gallery::Icon(id), &new.icon.map(Some)).await?.flatten();
        let settings = GuildSettings { icon, ..GuildSettings::named(name) };
        let guild = Guild { id, owner_id: owner, settings, constants: Constants::default() };
        self.first_rows(&mut change, guild)?;
        self.add_member(change, id, &actor.user, Vec::new()).await?;
        let room = self.world.guild(id).await?.ok_or_else(|| Error::internal("a new guild is missing"))?;
        Ok(GuildBody::of(&room, None))
    }

    /// The guild's own row, its `@everyone` role and its first channels.
    fn first_rows(&self, change: &mut Change, mut guild: Guild) -> Result<()> {
        let id = guild.id;
        let channel = |kind, name: &str, position, parent_id| Channel {
            position,
            parent_id,
            guild_id: Some(id),
            settings: ChannelSettings { name: Some(name.into()), ..ChannelSettings::for_kind(kind) },
            ..Channel::direct(self.parts.ids.next(), kind)
        };
        let text_category = channel(ChannelType::Category, "Text channels", 0, None);
        let voice_category = channel(ChannelType::Category, "Voice channels", 1, None);
        let general = channel(ChannelType::Text, "general", 0, Some(text_category.id));
        let voice = channel(ChannelType::Voice, "General", 0, Some(voice_category.id));
        guild.settings.system_channel_id = Some(general.id);
        store::guilds::insert(&mut change.batch, &guild)?;
        let everyone = Role {
            id: id.cast::<marker::Role>(),
            position: 0,
            permissions: FIRST_PERMISSIONS,
            denied_permissions: Permissions::empty(),
            settings: RoleSettings { name: "@everyone".into(), ..RoleSettings::default() },
        };
        store::roles::insert(&mut change.batch, id, &everyone)?;
        for channel in [text_category, voice_category, general, voice] {
            store::channels::insert(&mut change.batch, &channel)?;
        }
        Ok(())
    }

    /// A guild as its members see it.
    pub(crate) async fn read_guild(
        &self,
        actor: &Actor,
        id: GuildId,
        with_counts: bool,
    ) -> Result<GuildBody> {
        let access = self.guild(actor, id).await?;
        let counts = with_counts.then(|| self.counts(&access));
        Ok(GuildBody::of(&access.room, counts))
    }

    /// How many members the guild has.
    pub(crate) fn counts(&self, access: &GuildAccess) -> Counts {
        self.counts_of(&access.room.read())
    }

    /// How many members a guild has and how many of them are online.
    pub(crate) fn counts_of(&self, state: &GuildState) -> Counts {
        Counts {
            approximate_member_count: state.members.len(),
            approximate_presence_count: self.world.online_members(state),
        }
    }

    /// The guilds that the actor is in, by ascending id.
    pub(crate) async fn own_guilds(
        &self,
        actor: &Actor,
        before: Option<GuildId>,
        after: Option<GuildId>,
        limit: usize,
        with_counts: bool,
    ) -> Result<Vec<PartialGuild>> {
        let user = actor.user.id;
        let rooms = self.world.guilds_of(user).await?;
        let wanted = rooms.iter().filter(|room| {
            before.is_none_or(|before| room.id < before) && after.is_none_or(|after| room.id > after)
        });
        let skip = match (before, after) {
            (Some(_), None) => wanted.clone().count().saturating_sub(limit),
            _ => 0,
        };
        let now = self.now();
        let partial = wanted.skip(skip).take(limit).map(|room| {
            let state = room.read();
            PartialGuild {
                id: room.id,
                name: state.guild.settings.name.clone(),
                icon: state.guild.settings.icon.clone(),
                banner: state.guild.settings.banner.clone(),
                owner: state.guild.owner_id == user,
                permissions: state.permissions(user, now),
                features: state.guild.settings.features.clone(),
                counts: with_counts.then(|| self.counts_of(&state)),
            }
        });
        Ok(partial.collect())
    }

    /// Changes a guild; its owner may also give it away.
    pub(crate) async fn update_guild(
        &self,
        actor: &Actor,
        id: GuildId,
        changes: GuildChanges,
        reason: Option<String>,
    ) -> Result<GuildBody> {
        let access = self.guild(actor, id).await?;
        access.require(Permissions::MANAGE_GUILD)?;
        let before = access.room.read().guild.clone();
        let mut after = Guild::clone(&before);
        if let Some(owner) = changes.owner_id.filter(|owner| *owner != before.owner_id) {
            if before.owner_id != actor.user.id {
                return Err(codes::ONLY_OWNER.into());
            }
            if !access.room.read().members.contains_key(&owner) {
                return Err(codes::UNKNOWN_MEMBER.into());
            }
            after.owner_id = owner;
        }
        let pictures = [
            (Gallery::Icon(id), changes.icon.clone()),
            (Gallery::Splash(id), changes.splash.clone()),
            (Gallery::DiscoverySplash(id), changes.discovery_splash.clone()),
            (Gallery::Banner(id), changes.banner.clone()),
        ];
        apply_changes(&access, changes, &mut after.settings)?;
        for (gallery, wanted) in pictures {
            let Some(hash) = self.keep_picture(gallery, &wanted).await? else { continue };
            match gallery {
                Gallery::Icon(_) => after.settings.icon = hash,
                Gallery::Splash(_) => after.settings.splash = hash,
                Gallery::DiscoverySplash(_) => after.settings.discovery_splash = hash,
                _ => after.settings.banner = hash,
            }
        }
        if after == *before {
            return Ok(GuildBody::of(&access.room, None));
        }
        let mut change = Change::new();
        store::guilds::update(&mut change.batch, &before, &after)?;
        let (body, was) = (guild_event(&after, &access.room.read())?, Was::guild(&before, &after));
        change.emit_over("GUILD_UPDATE", Audience::Guild(id), &body, &was)?;
        let note = Note::new(Action::GuildUpdate, Some(id.cast()), reason)
            .difference(Some(&*before), Some(&after))?;
        self.note(&mut change, id, actor.user.id, note)?;
        self.commit(change).await?;
        Ok(GuildBody::of(&access.room, None))
    }

    /// Deletes a guild with everything in it. Only its owner may.
    pub(crate) async fn delete_guild(&self, actor: &Actor, id: GuildId) -> Result<()> {
        let access = self.guild(actor, id).await?;
        if !access.is_owner() {
            return Err(codes::ONLY_OWNER.into());
        }
        let mut change = Change::new();
        store::guilds::delete(&mut change.batch, id);
        let was = Was::gone_guild(&access.room.read());
        change.emit_over("GUILD_DELETE", Audience::Guild(id), &json!({ "id": id }), &was)?;
        self.commit(change).await?;
        Ok(())
    }

    /// Leaves a guild. Its owner cannot.
    pub(crate) async fn leave_guild(&self, actor: &Actor, id: GuildId) -> Result<()> {
        let access = self.guild(actor, id).await?;
        if access.is_owner() {
            let detail = "The owner cannot leave; give the guild away or delete it.";
            return Err(codes::MISSING_PERMISSIONS.because(detail));
        }
        self.dismiss(id, &actor.user, store::departed::Departure::Left, None).await
    }

    /// Adds a member as the last part of a change, and commits it. Whether they may come is the caller's business.
    pub(crate) async fn add_member(
        &self,
        mut change: Change,
        guild: GuildId,
        user: &User,
        roles: Vec<RoleId>,
    ) -> Result<Member> {
        let member = self.admit(&mut change, guild, user, roles)?;
        self.commit(change).await?;
        Ok(member)
    }

    /// The rows and the event of a member's coming.
    pub(crate) fn admit(
        &self,
        change: &mut Change,
        guild: GuildId,
        user: &User,
        roles: Vec<RoleId>,
    ) -> Result<Member> {
        let member = Member { roles, ..Member::new(self.now()) };
        store::members::insert(&mut change.batch, guild, user.id, &member)?;
        let member = member.with_user(user);
        let body = MemberEvent { guild_id: guild, member: &member };
        change.push(NewEvent::new("GUILD_MEMBER_ADD", Audience::Guild(guild), &body)?.by(user.id));
        Ok(member)
    }
}

/// Takes over the changed settings, or refuses them all.
fn apply_changes(access: &GuildAccess, changes: GuildChanges, settings: &mut GuildSettings) -> Result<()> {
    let mut form = Form::new();
    if let Some(name) = changes.name {
        settings.name = names::guild_name(&mut form, "name", &name);
    }
    if let Some(description) = changes.description {
        settings.description =
            names::guild_description(&mut form, "description", description.as_deref().unwrap_or_default());
    }
    if let Some(timeout) = changes.afk_timeout {
        form.choice("afk_timeout", [60, 300, 900, 1800, 3600].contains(&timeout));
        settings.afk_timeout = timeout;
    }
    let state = access.room.read();
    let is_voice = |id| state.channels.get(&id).map(|channel| channel.channel.kind.is_voice());
    for (path, patch, voice, place) in [
        ("afk_channel_id", changes.afk_channel_id, true, &mut settings.afk_channel_id),
        ("system_channel_id", changes.system_channel_id, false, &mut settings.system_channel_id),
        ("rules_channel_id", changes.rules_channel_id, false, &mut settings.rules_channel_id),
        (
            "public_updates_channel_id",
            changes.public_updates_channel_id,
            false,
            &mut settings.public_updates_channel_id,
        ),
        (
            "safety_alerts_channel_id",
            changes.safety_alerts_channel_id,
            false,
            &mut settings.safety_alerts_channel_id,
        ),
    ] {
        if let Some(id) = patch {
            form.choice(path, id.is_none_or(|id| is_voice(id) == Some(voice)));
            *place = id;
        }
    }
    for (path, patch, max, place) in [
        ("verification_level", changes.verification_level, 4, &mut settings.verification_level),
        (
            "default_message_notifications",
            changes.default_message_notifications,
            1,
            &mut settings.default_message_notifications,
        ),
        (
            "explicit_content_filter",
            changes.explicit_content_filter,
            2,
            &mut settings.explicit_content_filter,
        ),
    ] {
        if let Some(level) = patch {
            let level = level.unwrap_or(0);
            form.choice(path, level <= max);
            *place = level;
        }
    }
    if let Some(locale) = changes.preferred_locale {
        let locale = locale.unwrap_or_else(|| "en-US".into());
        form.length("preferred_locale", &locale, 2..=10);
        settings.preferred_locale = locale;
    }
    settings.system_channel_flags = changes.system_channel_flags.unwrap_or(settings.system_channel_flags);
    settings.premium_progress_bar_enabled =
        changes.premium_progress_bar_enabled.unwrap_or(settings.premium_progress_bar_enabled);
    if let Some(features) = changes.features {
        // Only what managers may switch; the rest is decided by the installation.
        let switchable = |feature: &String| ["COMMUNITY", "INVITES_DISABLED"].contains(&feature.as_str());
        settings.features.retain(|feature| !switchable(feature));
        settings.features.extend(features.into_iter().filter(switchable));
    }
    form.finish()
}
