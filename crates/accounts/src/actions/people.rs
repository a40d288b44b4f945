//! How people come to be: by registering, by the administrator's one-time link, by somebody who runs the server.

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Error, Form, Result, UserId};
use guildhall_infra::db::{Batch, codes::DUPLICATE};
use guildhall_infra::i18n::Language;
use serde::Deserialize;

use crate::codes::{REGISTRATION_CLOSED, SETUP_CODE_SPENT};
use crate::events::standing_changed;
use crate::mail::Purpose;
use crate::model::{Account, Settings, SignedIn, Visit};
use crate::sign_in::Method;
use crate::slow::{PER_ADDRESS, address_key};
use crate::staff::UserState;
use crate::store::users::Change;
use crate::token::{TokenHash, new_code};
use crate::{Accounts, User, password, rules, store};

/// How long the administrator's link is good.
const SETUP_LIFE: Duration = Duration::from_secs(24 * 3600);

/// What somebody fills in to register.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Registration {
    /// The unique name.
    pub username: String,
    /// The name to show; may be left out.
    #[serde(default)]
    pub global_name: Option<String>,
    /// 8 to 128 characters.
    pub password: String,
    /// An address to confirm by mail; may be left out.
    #[serde(default)]
    pub email: Option<String>,
    /// The language they read, a tag; English if it is not said.
    #[serde(default)]
    pub locale: Option<String>,
}

/// A user to make.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// The name; unique among humans, free among bots.
    pub username: String,
    /// The name to show.
    pub global_name: Option<String>,
    /// The password; without one nobody signs in as this user.
    pub password: Option<String>,
    /// A confirmed mail address.
    pub email: Option<String>,
    /// The language they read, a tag; English if it is not said.
    pub locale: Option<String>,
    /// A hash of the password from another system instead of the password: bcrypt or argon2id.
    pub password_hash: Option<String>,
    /// Whether it is a bot.
    pub bot: bool,
    /// Whose bot it is.
    pub owner: Option<UserId>,
    /// Whether they run this installation.
    pub staff: bool,
    /// The id, where it is given (an application's); otherwise a new one.
    pub id: Option<UserId>,
}

impl Accounts {
    /// Lets a stranger in, if the operator allows it, and signs them in.
    ///
    /// # Errors
    /// [`REGISTRATION_CLOSED`], wrong fields, a wait.
    pub async fn register(&self, registration: Registration, visit: &Visit) -> Result<SignedIn> {
        if !self.0.config.registration {
            return Err(REGISTRATION_CLOSED.into());
        }
        let _counted =
            self.0.slow.attempt(format!("register:{}", address_key(visit.address)), PER_ADDRESS)?;
        self.enter(registration, false, Batch::new(), visit).await
    }

    /// A one-time code for `/setup?code=` if nobody runs this installation yet. It replaces the one before.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn setup_code(&self) -> Result<Option<String>> {
        if store::users::any_staff(&self.0.db).await? {
            return Ok(None);
        }
        let code = new_code(&mut rand::rng());
        let hash = TokenHash::of(&code).ok_or_else(|| Error::internal("a code that cannot be hashed"))?;
        let mut batch = Batch::new();
        store::setup::replace(&mut batch, hash, self.0.clock.now().after(SETUP_LIFE));
        self.0.db.write(batch).await?;
        Ok(Some(code))
    }

    /// Whether a code is good, without using it up.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn setup_code_is_good(&self, code: &str) -> Result<bool> {
        match TokenHash::of(code) {
            Some(hash) => store::setup::is_good(&self.0.db, hash, self.0.clock.now()).await,
            None => Ok(false),
        }
    }

    /// Makes the first administrator and signs them in. The code is used up, once however many try.
    ///
    /// # Errors
    /// [`SETUP_CODE_SPENT`], wrong fields.
    pub async fn set_up(&self, code: &str, registration: Registration, visit: &Visit) -> Result<SignedIn> {
        // Looked at first, so that nobody without the code has passwords hashed.
        if !self.setup_code_is_good(code).await? {
            return Err(SETUP_CODE_SPENT.into());
        }
        let hash = TokenHash::of(code).ok_or(SETUP_CODE_SPENT)?;
        let mut batch = Batch::new();
        store::setup::consume(&mut batch, hash, self.0.clock.now(), SETUP_CODE_SPENT);
        self.enter(registration, true, batch, visit).await
    }

    async fn enter(
        &self,
        registration: Registration,
        staff: bool,
        mut batch: Batch,
        visit: &Visit,
    ) -> Result<SignedIn> {
        let new = NewUser {
            username: registration.username,
            global_name: registration.global_name.filter(|name| !name.trim().is_empty()),
            password: Some(registration.password),
            locale: registration.locale,
            staff,
            ..NewUser::default()
        };
        let email = registration.email.filter(|email| !email.trim().is_empty());
        let email = email.as_deref().map(super::mail::checked).transpose()?;
        let language = new.locale.as_deref().and_then(Language::of_tag).unwrap_or_default();
        let user = self.prepare_user(&mut batch, new).await?;
        let mut signed_in = self.begin_session(&mut batch, user.clone(), Method::Registration, visit)?;
        if let Some(email) = email {
            let confirm = self.prepare_mail(&mut batch, Purpose::Confirm, &email, Some(user.id), language);
            signed_in.mail_ticket = Some(confirm?);
        }
        self.0.db.write(batch).await.map_err(name_taken)?;
        Ok(signed_in)
    }

    /// Makes a user.
    ///
    /// # Errors
    /// Wrong fields; a name that is taken is one.
    pub async fn create_user(&self, new: NewUser) -> Result<Arc<User>> {
        let mut batch = Batch::new();
        let user = self.prepare_user(&mut batch, new).await?;
        self.0.db.write(batch).await.map_err(name_taken)?;
        Ok(user)
    }

    /// Checks a new user and adds their row to a batch.
    pub(crate) async fn prepare_user(&self, batch: &mut Batch, new: NewUser) -> Result<Arc<User>> {
        let name = if new.bot { new.username.trim().to_owned() } else { rules::handle(&new.username) };
        let global_name = new.global_name.map(|name| name.trim().to_owned());
        let mut form = Form::new();
        match new.bot {
            true => rules::check_bot_name(&mut form, "username", &name),
            false => rules::check_username(&mut form, "username", &name),
        }
        if let Some(global_name) = &global_name {
            rules::check_global_name(&mut form, "global_name", global_name);
        }
        if let Some(password) = &new.password {
            rules::check_password(&mut form, "password", password);
        }
        if let Some(locale) = &new.locale {
            rules::check_locale(&mut form, "locale", locale);
        }
        if new.password_hash.as_deref().is_some_and(|hash| !password::is_importable(hash)) {
            form.refuse(
                "password_hash",
                "PASSWORD_HASH_INVALID",
                "Not a bcrypt or argon2id hash within bounds.",
            );
        }
        form.finish()?;
        if !new.bot && self.name_is_taken(&name).await? {
            return Err(name_taken(DUPLICATE.into()));
        }
        let password = match (new.password_hash, &new.password) {
            (Some(hash), _) => Some(hash),
            (None, Some(password)) => Some(self.0.hasher.hash(password).await?),
            (None, None) => None,
        };
        let locale = new.locale.unwrap_or_else(|| Settings::default().locale);
        let id = new.id.unwrap_or_else(|| self.0.ids.next());
        let user = Arc::new(User { global_name, bot: new.bot, ..User::new(id, name) });
        let account = Account {
            user: user.clone(),
            staff: new.staff,
            email: new.email,
            verified: true,
            settings: Settings { locale, ..Settings::default() },
            bio: String::new(),
            pronouns: String::new(),
            state: UserState::Normal,
            owner: new.owner,
            leaving: None,
            deleted: false,
            guarded: false,
        };
        store::users::insert(batch, &account, password, self.0.clock.now());
        Ok(user)
    }

    /// Whether a name is somebody's, or was of somebody who has gone and is to be nobody's.
    pub(crate) async fn name_is_taken(&self, name: &str) -> Result<bool> {
        Ok(store::users::find_by_handle(&self.0.db, name).await?.is_some()
            || store::life::is_retired(&self.0.db, name).await?)
    }

    /// Says whether a user runs this installation.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn set_staff(&self, user: UserId, staff: bool) -> Result<()> {
        let mut batch = Batch::new();
        store::users::set(&mut batch, user, Change::Staff(staff));
        self.0.events.commit_leaf(batch, &[standing_changed(user)?]).await?;
        self.forget_credentials(user);
        Ok(())
    }
}

/// The one value of these batches that can be there already is the name.
pub(crate) fn name_taken(error: Error) -> Error {
    if error.is(DUPLICATE) {
        Error::field("username", "USERNAME_ALREADY_TAKEN", "This name is not available. Try another one.")
    } else {
        error
    }
}
