//! What somebody changes about themselves.

use std::sync::Arc;

use guildhall_base::{Error, Form, Patch, Result, present};
use guildhall_infra::db::Batch;
use serde::Deserialize;

use super::people::name_taken;
use super::{gone, person};
use crate::codes::EDIT_BANNED;
use crate::model::{Account, CustomStatus, Settings};
use crate::picture::{self, PictureUpload, Role};
use crate::store::users::{self, Change};
use crate::{Accounts, Actor, SelfUser, User, events, rules, store};

/// Body of `PATCH /users/@me`: what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EditMe {
    /// A new unique name.
    #[serde(default)]
    pub username: Option<String>,
    /// The name to show; null for none.
    #[serde(default, deserialize_with = "present")]
    pub global_name: Patch<String>,
    /// The picture; null for none.
    #[serde(default, deserialize_with = "present")]
    pub avatar: Patch<PictureUpload>,
    /// The profile's banner; null for none.
    #[serde(default, deserialize_with = "present")]
    pub banner: Patch<PictureUpload>,
    /// The profile's colour.
    #[serde(default, deserialize_with = "present")]
    pub accent_color: Patch<u32>,
    /// The profile's text.
    #[serde(default)]
    pub bio: Option<String>,
    /// The pronouns.
    #[serde(default)]
    pub pronouns: Option<String>,
}

/// Body of `PATCH /users/@me/settings`: what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EditSettings {
    /// `online`, `idle`, `dnd` or `invisible`.
    #[serde(default)]
    pub status: Option<String>,
    /// What to say beside it; null for nothing.
    #[serde(default, deserialize_with = "present")]
    pub custom_status: Patch<CustomStatus>,
    /// `dark`, `light` or `system`.
    #[serde(default)]
    pub theme: Option<String>,
    /// A language tag.
    #[serde(default)]
    pub locale: Option<String>,
}

impl Accounts {
    /// The actor as they see themselves.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if they were removed meanwhile.
    pub async fn me(&self, actor: &Actor) -> Result<SelfUser> {
        Ok(self.account(actor.id()).await.map_err(gone)?.to_self())
    }

    /// Changes the actor's name and profile.
    ///
    /// # Errors
    /// Wrong fields; a name that is taken is one.
    pub async fn edit_me(&self, actor: &Actor, mut edit: EditMe) -> Result<SelfUser> {
        let bot = actor.user.bot;
        edit.username =
            edit.username.map(|name| if bot { name.trim().to_owned() } else { rules::handle(&name) });
        // An empty name to show is what a form sends for none.
        edit.global_name = edit.global_name.map(|name| name.filter(|name| !name.trim().is_empty()));
        self.require_may_edit(actor).await.map_err(gone)?;
        check(bot, &edit)?;
        let now = users::find(&self.0.db, actor.id()).await?.ok_or(guildhall_base::codes::UNAUTHENTICATED)?;
        if let Some(name) = edit.username.as_deref().filter(|name| !bot && *name != now.user.username)
            && store::life::is_retired(&self.0.db, name).await?
        {
            return Err(name_taken(guildhall_infra::db::codes::DUPLICATE.into()));
        }
        let avatar = self.picture(Role::Avatar, actor, &edit.avatar).await?;
        let banner = self.picture(Role::Banner, actor, &edit.banner).await?;
        let changed = apply(&now, &edit, avatar.as_ref(), banner.as_ref());
        if changed == now {
            return Ok(now.to_self());
        }
        let mut batch = Batch::new();
        let id = actor.id();
        // Asked again where it counts.
        store::staff::must_be_allowed_to_edit(&mut batch, id, EDIT_BANNED);
        if let Some(name) = &edit.username {
            users::set(&mut batch, id, if bot { Change::BotName(name) } else { Change::Handle(name) });
        }
        if let Some(name) = &edit.global_name {
            users::set(&mut batch, id, Change::GlobalName(name.as_deref()));
        }
        if let Some(hash) = &avatar {
            users::set(&mut batch, id, Change::Avatar(hash.as_deref()));
        }
        if let Some(hash) = &banner {
            users::set(&mut batch, id, Change::Banner(hash.as_deref()));
        }
        if let Some(color) = edit.accent_color {
            users::set(&mut batch, id, Change::AccentColor(color));
        }
        if let Some(bio) = &edit.bio {
            users::set(&mut batch, id, Change::Bio(bio));
        }
        if let Some(pronouns) = &edit.pronouns {
            users::set(&mut batch, id, Change::Pronouns(pronouns));
        }
        self.commit_me(batch, &changed).await.map_err(name_taken)?;
        Ok(changed.to_self())
    }

    /// Keeps a picture that was sent; gives what becomes of the column.
    async fn picture(
        &self,
        role: Role,
        actor: &Actor,
        wanted: &Patch<PictureUpload>,
    ) -> Result<Patch<String>> {
        Ok(match wanted {
            None => None,
            Some(None) => Some(None),
            Some(Some(upload)) => {
                let blobs = self.0.config.pictures.as_ref();
                Some(Some(picture::keep(blobs, actor.id(), role, upload).await?))
            }
        })
    }

    /// Changes the actor's settings.
    ///
    /// # Errors
    /// Wrong fields; `NOT_FOR_BOTS`.
    pub async fn edit_settings(&self, actor: &Actor, edit: EditSettings) -> Result<Settings> {
        person(actor)?;
        let mut form = Form::new();
        if let Some(status) = &edit.status {
            form.choice("status", ["online", "idle", "dnd", "invisible"].contains(&status.as_str()));
        }
        if let Some(Some(custom)) = &edit.custom_status {
            rules::check_custom_status(&mut form, custom);
        }
        if let Some(theme) = &edit.theme {
            form.choice("theme", ["dark", "light", "system"].contains(&theme.as_str()));
        }
        if let Some(locale) = &edit.locale {
            rules::check_locale(&mut form, "locale", locale);
        }
        form.finish()?;
        let id = actor.id();
        let now = users::find(&self.0.db, id).await?.ok_or(guildhall_base::codes::UNAUTHENTICATED)?;
        let mut batch = Batch::new();
        let mut settings = now.settings.clone();
        if let Some(status) = edit.status {
            users::set(&mut batch, id, Change::Status(&status));
            settings.status = status;
        }
        if let Some(custom) = edit.custom_status {
            let custom = custom.filter(|custom| *custom != CustomStatus::default());
            let json = custom.as_ref().map(serde_json::to_string).transpose().map_err(Error::internal)?;
            users::set(&mut batch, id, Change::CustomStatus(json.as_deref()));
            settings.custom_status = custom;
        }
        if let Some(theme) = edit.theme {
            users::set(&mut batch, id, Change::Theme(&theme));
            settings.theme = theme;
        }
        if let Some(locale) = edit.locale {
            users::set(&mut batch, id, Change::Locale(&locale));
            settings.locale = locale;
        }
        if settings != now.settings {
            let changed = Account { settings: settings.clone(), ..now };
            let news = [events::user_settings_update(&changed)?, events::user_update(&changed)?];
            // Whoever looks after the answer sees the new status: the gateway takes it in first.
            self.0.events.commit(batch, &news).await?;
            self.0.users.forget(id);
        }
        Ok(settings)
    }

    async fn commit_me(&self, batch: Batch, changed: &Account) -> Result<()> {
        self.0.events.commit_leaf(batch, &[events::user_update(changed)?]).await?;
        self.0.users.forget(changed.user.id);
        Ok(())
    }
}

fn check(bot: bool, edit: &EditMe) -> Result<()> {
    let mut form = Form::new();
    match &edit.username {
        Some(name) if bot => rules::check_bot_name(&mut form, "username", name),
        Some(name) => rules::check_username(&mut form, "username", name),
        None => {}
    }
    if let Some(Some(name)) = &edit.global_name {
        rules::check_global_name(&mut form, "global_name", name);
    }
    if let Some(Some(color)) = edit.accent_color {
        form.range("accent_color", color.into(), 0..=0xff_ffff);
    }
    if let Some(bio) = &edit.bio {
        form.length("bio", bio, rules::BIO);
    }
    if let Some(pronouns) = &edit.pronouns {
        form.length("pronouns", pronouns, rules::PRONOUNS);
    }
    form.finish()
}

fn apply(
    now: &Account,
    edit: &EditMe,
    avatar: Option<&Option<String>>,
    banner: Option<&Option<String>>,
) -> Account {
    let mut user = User::clone(&now.user);
    let mut changed = now.clone();
    if let Some(name) = &edit.username {
        user.username.clone_from(name);
    }
    if let Some(name) = &edit.global_name {
        user.global_name.clone_from(name);
    }
    if let Some(hash) = avatar {
        user.avatar.clone_from(hash);
    }
    if let Some(hash) = banner {
        user.banner.clone_from(hash);
    }
    if let Some(color) = edit.accent_color {
        user.accent_color = color;
    }
    if let Some(bio) = &edit.bio {
        changed.bio.clone_from(bio);
    }
    if let Some(pronouns) = &edit.pronouns {
        changed.pronouns.clone_from(pronouns);
    }
    changed.user = Arc::new(user);
    changed
}
