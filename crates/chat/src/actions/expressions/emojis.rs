//! Emojis of guilds.

use std::sync::Arc;

use guildhall_accounts::{Actor, User};
use guildhall_base::{EmojiId, Form, GuildId, Result, RoleId, UserId};
use guildhall_infra::db::Db;
use guildhall_infra::pictures::Upload;
use serde_json::{Map, Value};

use super::{Listed, picture};
use crate::access::GuildAccess;
use crate::actions::audit::{Action, Note};
use crate::model::Emoji;
use crate::rules::read::{Object, snowflake};
use crate::rules::{limits, names};
use crate::store::emojis::{Owner, StoredEmoji};
use crate::{Chat, codes, store};

/// What is asked of an emoji; absent fields stay.
pub(super) struct Wishes {
    pub(super) name: Option<String>,
    pub(super) image: Option<Upload>,
    roles: Option<Vec<RoleId>>,
}

impl Wishes {
    pub(super) fn read(body: &Map<String, Value>, new: bool) -> Result<Self> {
        let mut form = Form::new();
        let object = Object::body(body);
        if new {
            object.require(&mut form, "name");
            object.require(&mut form, "image");
        }
        let name = object.text(&mut form, "name", 0..=usize::MAX);
        let mut roles: Vec<RoleId> = Vec::new();
        for entry in object.list(&mut form, "roles", 0..=limits_of_roles()) {
            if !entry.value.is_null() {
                roles.extend(snowflake(&mut form, entry.value, entry.path).map(|id| id.cast::<_>()));
            }
        }
        roles.sort_unstable();
        roles.dedup();
        let wishes = Self {
            name: name.map(|name| names::emoji_name(&mut form, "name", &name)),
            image: object.picture(&mut form, "image").flatten().filter(|_| new),
            roles: object.names("roles").then_some(roles),
        };
        form.finish()?;
        Ok(wishes)
    }

    fn apply(&self, emoji: &mut Emoji) {
        if let Some(name) = &self.name {
            emoji.name.clone_from(name);
        }
        if let Some(roles) = &self.roles {
            emoji.roles.clone_from(roles);
        }
    }
}

/// A guild has no more roles than that.
fn limits_of_roles() -> usize {
    crate::rules::positions::MAX_ROLES
}

impl Listed for StoredEmoji {
    const EVENT: (&'static str, &'static str) = ("GUILD_EMOJIS_UPDATE", "emojis");
    type Told = Emoji;

    async fn all(db: &Db, guild: GuildId) -> Result<Vec<Self>> {
        store::emojis::of_guild(db, guild).await
    }

    fn told(self) -> Emoji {
        self.emoji
    }
}

fn find(stored: &mut [StoredEmoji], id: EmojiId) -> Result<&mut StoredEmoji> {
    Ok(stored.iter_mut().find(|stored| stored.emoji.id == id).ok_or(codes::UNKNOWN_EMOJI)?)
}

impl Chat {
    /// The emojis of a guild; those who may make some also see who made them.
    pub(crate) async fn guild_emojis(&self, actor: &Actor, guild: GuildId) -> Result<Vec<Emoji>> {
        let access = self.guild(actor, guild).await?;
        if !access.makes_expressions() {
            return Ok(access.room.read().emojis.values().map(|emoji| Emoji::clone(emoji)).collect());
        }
        self.with_makers(store::emojis::of_guild(self.db(), guild).await?).await
    }

    /// One emoji of a guild.
    pub(crate) async fn guild_emoji(&self, actor: &Actor, guild: GuildId, id: EmojiId) -> Result<Emoji> {
        let emojis = self.guild_emojis(actor, guild).await?;
        emojis.into_iter().find(|emoji| emoji.id == id).ok_or(codes::UNKNOWN_EMOJI.into())
    }

    /// Emojis with who made them.
    pub(super) async fn with_makers(&self, stored: Vec<StoredEmoji>) -> Result<Vec<Emoji>> {
        let makers: Vec<UserId> = stored.iter().map(|stored| stored.creator).collect();
        let users = self.parts.accounts.users(&makers).await?;
        let emoji = |stored: StoredEmoji| {
            let user: Option<&Arc<User>> = users.get(&stored.creator);
            Emoji { user: user.map(|user| User::clone(user)), ..stored.emoji }
        };
        Ok(stored.into_iter().map(emoji).collect())
    }

    /// Refuses roles that the guild does not have.
    fn hold_roles(&self, access: &GuildAccess, wishes: &Wishes) -> Result<()> {
        let state = access.room.read();
        let known = |role: &RoleId| state.roles.contains_key(role);
        if wishes.roles.iter().flatten().all(known) { Ok(()) } else { Err(codes::UNKNOWN_ROLE.into()) }
    }

    /// Makes an emoji.
    pub(crate) async fn create_emoji(
        &self,
        actor: &Actor,
        guild: GuildId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Emoji> {
        let access = self.guild(actor, guild).await?;
        access.may_make()?;
        let wishes = Wishes::read(body, true)?;
        self.hold_roles(&access, &wishes)?;
        let picture = picture::of_emoji(wishes.image.as_ref().ok_or(codes::UNKNOWN_EMOJI)?)?;
        let id = self.parts.ids.next();
        let mut emoji = Emoji::new(id, String::new(), picture.animated);
        wishes.apply(&mut emoji);
        self.parts.blobs.put(&picture::emoji_key(id), picture.bytes).await?;
        let (owner, creator) = (Owner::Guild(guild), actor.user.id);
        let made = self.change_expressions(&access, |mut all: Vec<StoredEmoji>, change| {
            let alike = all.iter().filter(|other| other.emoji.animated == emoji.animated).count();
            if alike >= limits::EMOJIS {
                return Err(
                    if emoji.animated { codes::MAX_ANIMATED_EMOJIS } else { codes::MAX_EMOJIS }.into()
                );
            }
            let stored = StoredEmoji { emoji: emoji.clone(), owner, creator };
            store::emojis::insert(&mut change.batch, &stored);
            let note = Note::new(Action::EmojiCreate, Some(id.cast()), reason.clone());
            self.note(change, guild, creator, note.change("name", None, Some(emoji.name.clone().into())))?;
            all.push(stored);
            Ok(((), Some(all)))
        });
        if let Err(error) = made.await {
            self.drop_picture(&picture::emoji_key(id)).await;
            return Err(error);
        }
        Ok(Emoji { user: Some(User::clone(&actor.user)), ..emoji })
    }

    /// Changes an emoji's name and who may use it.
    pub(crate) async fn update_emoji(
        &self,
        actor: &Actor,
        guild: GuildId,
        id: EmojiId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Emoji> {
        let access = self.guild(actor, guild).await?;
        access.may_make()?;
        let wishes = Wishes::read(body, false)?;
        self.hold_roles(&access, &wishes)?;
        let changed = self.change_expressions(&access, |mut all: Vec<StoredEmoji>, change| {
            let stored = find(&mut all, id)?;
            access.may_change(stored.creator)?;
            let before = stored.emoji.clone();
            wishes.apply(&mut stored.emoji);
            let after = stored.clone();
            if after.emoji == before {
                return Ok((after, None));
            }
            store::emojis::update(&mut change.batch, &after.emoji);
            let note = Note::new(Action::EmojiUpdate, Some(id.cast()), reason.clone());
            let note = note.difference(Some(&before), Some(&after.emoji))?;
            self.note(change, guild, actor.user.id, note)?;
            Ok((after, Some(all)))
        });
        let mut changed = self.with_makers(vec![changed.await?]).await?;
        changed.pop().ok_or(codes::UNKNOWN_EMOJI.into())
    }

    /// Deletes an emoji. Its picture stays a month for what was written with it.
    pub(crate) async fn delete_emoji(
        &self,
        actor: &Actor,
        guild: GuildId,
        id: EmojiId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.guild(actor, guild).await?;
        access.may_make()?;
        self.change_expressions(&access, |mut all: Vec<StoredEmoji>, change| {
            let gone = find(&mut all, id)?.clone();
            access.may_change(gone.creator)?;
            store::emojis::delete(&mut change.batch, id);
            let note = Note::new(Action::EmojiDelete, Some(id.cast()), reason.clone());
            let note = note.change("name", Some(gone.emoji.name.into()), None);
            self.note(change, guild, actor.user.id, note)?;
            all.retain(|stored| stored.emoji.id != id);
            Ok(((), Some(all)))
        })
        .await
    }

    /// Forgets the picture of what did not come to be.
    pub(super) async fn drop_picture(&self, key: &str) {
        if let Err(error) = self.parts.blobs.delete(key).await {
            tracing::warn!(%error, key, "a picture that belongs to nothing stays behind");
        }
    }
}
