//! Emojis of applications, which their bots may use everywhere.

use guildhall_accounts::{Actor, Credential, User};
use guildhall_base::{ApplicationId, EmojiId, Result};
use serde_json::{Map, Value};

use super::emojis::Wishes;
use super::picture;
use crate::actions::Change;
use crate::model::Emoji;
use crate::rules::limits;
use crate::store::emojis::{Owner, StoredEmoji};
use crate::{Chat, codes, store};

/// Refuses everybody but the application's bot.
fn own(actor: &Actor, application: ApplicationId) -> Result<()> {
    match actor.credential {
        Credential::Bot { application: own } if own == application => Ok(()),
        _ => Err(codes::NOT_AUTHORIZED_ON_APPLICATION.into()),
    }
}

impl Chat {
    /// The emojis of the actor's application.
    pub(crate) async fn application_emojis(
        &self,
        actor: &Actor,
        application: ApplicationId,
    ) -> Result<Vec<Emoji>> {
        own(actor, application)?;
        self.with_makers(store::emojis::of_application(self.db(), application).await?).await
    }

    /// One of them.
    pub(crate) async fn application_emoji(
        &self,
        actor: &Actor,
        application: ApplicationId,
        id: EmojiId,
    ) -> Result<Emoji> {
        let emojis = self.application_emojis(actor, application).await?;
        emojis.into_iter().find(|emoji| emoji.id == id).ok_or(codes::UNKNOWN_EMOJI.into())
    }

    /// Makes one.
    pub(crate) async fn create_application_emoji(
        &self,
        actor: &Actor,
        application: ApplicationId,
        body: &Map<String, Value>,
    ) -> Result<Emoji> {
        own(actor, application)?;
        let wishes = Wishes::read(body, true)?;
        let picture = picture::of_emoji(wishes.image.as_ref().ok_or(codes::UNKNOWN_EMOJI)?)?;
        let known = store::emojis::of_application(self.db(), application).await?;
        if known.len() >= limits::APPLICATION_EMOJIS {
            return Err(codes::MAX_APPLICATION_EMOJIS.into());
        }
        let id = self.parts.ids.next();
        let emoji = Emoji::new(id, wishes.name.unwrap_or_default(), picture.animated);
        self.parts.blobs.put(&picture::emoji_key(id), picture.bytes).await?;
        let (owner, creator) = (Owner::Application(application), actor.user.id);
        let mut change = Change::new();
        store::emojis::insert(&mut change.batch, &StoredEmoji { emoji: emoji.clone(), owner, creator });
        self.commit_leaf(change).await?;
        Ok(Emoji { user: Some(User::clone(&actor.user)), ..emoji })
    }

    /// Renames one.
    pub(crate) async fn update_application_emoji(
        &self,
        actor: &Actor,
        application: ApplicationId,
        id: EmojiId,
        body: &Map<String, Value>,
    ) -> Result<Emoji> {
        let mut emoji = self.application_emoji(actor, application, id).await?;
        emoji.name = Wishes::read(body, false)?.name.unwrap_or(emoji.name);
        let mut change = Change::new();
        store::emojis::update(&mut change.batch, &emoji);
        self.commit_leaf(change).await?;
        Ok(emoji)
    }

    /// Deletes one.
    pub(crate) async fn delete_application_emoji(
        &self,
        actor: &Actor,
        application: ApplicationId,
        id: EmojiId,
    ) -> Result<()> {
        self.application_emoji(actor, application, id).await?;
        let mut change = Change::new();
        store::emojis::delete(&mut change.batch, id);
        self.commit_leaf(change).await?;
        Ok(())
    }
}
