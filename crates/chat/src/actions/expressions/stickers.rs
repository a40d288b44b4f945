//! Stickers of guilds.

use guildhall_accounts::{Actor, User};
use guildhall_base::{Error, Form, GuildId, Result, StickerId, UserId};
use guildhall_infra::db::Db;
use guildhall_infra::http::Upload;
use serde_json::{Map, Value};

use super::{Listed, picture};
use crate::actions::audit::{Action, Note};
use crate::model::{Sticker, StickerSettings};
use crate::rules::limits;
use crate::rules::read::Object;
use crate::store::stickers::StoredSticker;
use crate::{Chat, codes, store};

/// What is asked of a sticker; absent fields stay.
struct Wishes {
    name: Option<String>,
    tags: Option<String>,
    description: Option<String>,
    describes: bool,
}

impl Wishes {
    fn read(body: &Map<String, Value>, new: bool) -> Result<Self> {
        let mut form = Form::new();
        let object = Object::body(body);
        if new {
            object.require(&mut form, "name");
            object.require(&mut form, "tags");
        }
        let description = object.text(&mut form, "description", 0..=100);
        let wishes = Self {
            name: object.text(&mut form, "name", 2..=30),
            tags: object.text(&mut form, "tags", 1..=200),
            description: description.filter(|text| !text.trim().is_empty()),
            describes: object.names("description"),
        };
        form.finish()?;
        Ok(wishes)
    }

    fn apply(&self, settings: &mut StickerSettings) {
        if let Some(name) = &self.name {
            settings.name.clone_from(name);
        }
        if let Some(tags) = &self.tags {
            settings.tags.clone_from(tags);
        }
        if self.describes {
            settings.description.clone_from(&self.description);
        }
    }
}

impl Listed for StoredSticker {
    const EVENT: (&'static str, &'static str) = ("GUILD_STICKERS_UPDATE", "stickers");
    type Told = Sticker;

    async fn all(db: &Db, guild: GuildId) -> Result<Vec<Self>> {
        store::stickers::of_guild(db, guild).await
    }

    fn told(self) -> Sticker {
        self.sticker
    }
}

fn find(stored: &mut [StoredSticker], id: StickerId) -> Result<&mut StoredSticker> {
    Ok(stored.iter_mut().find(|stored| stored.sticker.id == id).ok_or(codes::UNKNOWN_STICKER)?)
}

impl Chat {
    /// The stickers of a guild; those who may make some also see who made them.
    pub(crate) async fn guild_stickers(&self, actor: &Actor, guild: GuildId) -> Result<Vec<Sticker>> {
        let access = self.guild(actor, guild).await?;
        if !access.makes_expressions() {
            return Ok(access.room.read().stickers.values().map(|one| Sticker::clone(one)).collect());
        }
        let stored = store::stickers::of_guild(self.db(), guild).await?;
        let makers: Vec<UserId> = stored.iter().map(|stored| stored.creator).collect();
        let users = self.parts.accounts.users(&makers).await?;
        let sticker = |stored: StoredSticker| {
            let user = users.get(&stored.creator).map(|user| User::clone(user));
            Sticker { user, ..stored.sticker }
        };
        Ok(stored.into_iter().map(sticker).collect())
    }

    /// One sticker of a guild.
    pub(crate) async fn guild_sticker(
        &self,
        actor: &Actor,
        guild: GuildId,
        id: StickerId,
    ) -> Result<Sticker> {
        let stickers = self.guild_stickers(actor, guild).await?;
        stickers.into_iter().find(|sticker| sticker.id == id).ok_or(codes::UNKNOWN_STICKER.into())
    }

    /// Any sticker, for everybody who knows its id: they see it in messages.
    pub(crate) async fn sticker(&self, id: StickerId) -> Result<Sticker> {
        let found = store::stickers::by_ids(self.db(), &[id]).await?.pop();
        Ok(found.ok_or(codes::UNKNOWN_STICKER)?.sticker)
    }

    /// Makes a sticker of a file.
    pub(crate) async fn create_sticker(
        &self,
        actor: &Actor,
        guild: GuildId,
        body: &Map<String, Value>,
        file: Option<Upload>,
        reason: Option<String>,
    ) -> Result<Sticker> {
        let access = self.guild(actor, guild).await?;
        access.may_make()?;
        let wishes = Wishes::read(body, true)?;
        let required = || Error::field("file", "BASE_TYPE_REQUIRED", "This field is required");
        let (picture, format_type) = picture::of_sticker(&file.ok_or_else(required)?)?;
        let empty = String::new;
        let mut settings = StickerSettings { name: empty(), description: None, tags: empty(), format_type };
        wishes.apply(&mut settings);
        let (id, creator) = (self.parts.ids.next(), actor.user.id);
        let sticker = Sticker::new(id, guild, settings);
        self.parts.blobs.put(&picture::sticker_key(id), picture.bytes).await?;
        let made = self.change_expressions(&access, |mut all: Vec<StoredSticker>, change| {
            if all.len() >= limits::STICKERS {
                return Err(codes::MAX_STICKERS.into());
            }
            let stored = StoredSticker { sticker: sticker.clone(), creator };
            store::stickers::insert(&mut change.batch, &stored)?;
            let note = Note::new(Action::StickerCreate, Some(id.cast()), reason.clone());
            self.note(change, guild, creator, note.difference(None, Some(&sticker.settings))?)?;
            all.push(stored);
            Ok(((), Some(all)))
        });
        if let Err(error) = made.await {
            self.drop_picture(&picture::sticker_key(id)).await;
            return Err(error);
        }
        Ok(Sticker { user: Some(User::clone(&actor.user)), ..sticker })
    }

    /// Changes what a sticker is called and described as.
    pub(crate) async fn update_sticker(
        &self,
        actor: &Actor,
        guild: GuildId,
        id: StickerId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Sticker> {
        let access = self.guild(actor, guild).await?;
        access.may_make()?;
        let wishes = Wishes::read(body, false)?;
        self.change_expressions(&access, |mut all: Vec<StoredSticker>, change| {
            let stored = find(&mut all, id)?;
            access.may_change(stored.creator)?;
            let before = stored.sticker.settings.clone();
            wishes.apply(&mut stored.sticker.settings);
            let after = stored.sticker.clone();
            if after.settings == before {
                return Ok(((), None));
            }
            store::stickers::update(&mut change.batch, &after)?;
            let note = Note::new(Action::StickerUpdate, Some(id.cast()), reason.clone());
            let note = note.difference(Some(&before), Some(&after.settings))?;
            self.note(change, guild, actor.user.id, note)?;
            Ok(((), Some(all)))
        })
        .await?;
        self.guild_sticker(actor, guild, id).await
    }

    /// Deletes a sticker. Its picture stays a month for the messages that show it.
    pub(crate) async fn delete_sticker(
        &self,
        actor: &Actor,
        guild: GuildId,
        id: StickerId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.guild(actor, guild).await?;
        access.may_make()?;
        self.change_expressions(&access, |mut all: Vec<StoredSticker>, change| {
            let gone = find(&mut all, id)?.clone();
            access.may_change(gone.creator)?;
            store::stickers::delete(&mut change.batch, id);
            let note = Note::new(Action::StickerDelete, Some(id.cast()), reason.clone());
            let note = note.difference(Some(&gone.sticker.settings), None)?;
            self.note(change, guild, actor.user.id, note)?;
            all.retain(|stored| stored.sticker.id != id);
            Ok(((), Some(all)))
        })
        .await
    }
}
