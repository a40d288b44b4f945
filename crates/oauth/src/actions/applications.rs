//! [`Applications`]: what other features call.

use std::sync::{Arc, OnceLock};

use ed25519_dalek::SigningKey;
use guildhall_accounts::{Accounts, Actor, Credential, User};
use guildhall_base::{ApplicationId, Clock, Form, Ids, Result, UserId};
use guildhall_infra::cache::Fresh;
use guildhall_infra::db::{Batch, Db, Migration};
use moka::sync::Cache;
use serde::Deserialize;

use super::interactions::Reach;
use crate::codes::{ONLY_BOTS, ONLY_PEOPLE, TOO_MANY_APPLICATIONS, UNKNOWN_APPLICATION};
use crate::model::{Application, ApplicationWire, Client, ClientSecret, flags};
use crate::store;

/// How many applications one person may have.
const MOST: usize = 100;

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Applications(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
    pub(super) accounts: Accounts,
    pub(super) cache: Fresh<ApplicationId, Arc<Application>>,
    pub(super) secrets: Fresh<ApplicationId, Arc<Vec<ClientSecret>>>,
    pub(super) reach: OnceLock<Reach>,
    /// What interactions are signed with.
    pub(super) signing: Cache<ApplicationId, Arc<SigningKey>>,
}

/// What an owner, or the bot itself, changes. What is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EditApplication {
    /// At most 400 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// Only the bits of the privileged intents are taken from it.
    #[serde(default)]
    pub flags: Option<u64>,
    /// Whether others than the owner may add the bot.
    #[serde(default)]
    pub bot_public: Option<bool>,
    /// Where interactions are posted; empty: they are sent over the gateway.
    #[serde(default)]
    pub interactions_endpoint_url: Option<String>,
}

impl Applications {
    /// Over this database, whose [`migrations`](Self::migrations) are applied.
    pub fn new(db: Db, clock: Clock, ids: Ids, accounts: Accounts) -> Self {
        let (cache, secrets) = (Fresh::new(50_000), Fresh::new(50_000));
        let (reach, signing) = (OnceLock::new(), Cache::new(10_000));
        Self(Arc::new(Inner { db, clock, ids, accounts, cache, secrets, reach, signing }))
    }

    /// The tables of this crate.
    pub fn migrations() -> Vec<Migration> {
        store::migrations()
    }

    /// The accounts that the bots belong to.
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// An application, from memory if seen lately.
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION`, code 10002.
    pub async fn get(&self, id: ApplicationId) -> Result<Arc<Application>> {
        if let Some(application) = self.0.cache.get(id) {
            return Ok(application);
        }
        let mark = self.0.cache.mark();
        let application =
            Arc::new(store::applications::find(&self.0.db, id).await?.ok_or(UNKNOWN_APPLICATION)?);
        self.0.cache.keep(mark, id, application.clone());
        Ok(application)
    }

    /// The application whose bot this user is.
    ///
    /// # Errors
    /// As [`Applications::get`].
    pub async fn of_bot(&self, bot: UserId) -> Result<Arc<Application>> {
        self.get(bot.cast()).await
    }

    /// Somebody's applications, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn of_owner(&self, owner: UserId) -> Result<Vec<Application>> {
        store::applications::of_owner(&self.0.db, owner).await
    }

    /// The application of the bot that acts.
    ///
    /// # Errors
    /// `ONLY_BOTS`.
    pub async fn of_actor(&self, actor: &Actor) -> Result<Arc<Application>> {
        match actor.credential {
            Credential::Bot { application } => self.get(application).await,
            Credential::Bearer { application, .. } => self.get(application).await,
            Credential::Session { .. } => Err(ONLY_BOTS.into()),
        }
    }

    /// Makes an application and its bot user. The bot's token is answered here and nowhere else. The privileged
    /// intents are allowed until the owner takes them away: who runs a server of their own need not apply for them.
    ///
    /// # Errors
    /// A wrong name, at the field `name`; too many applications.
    pub async fn create(&self, owner: UserId, name: &str) -> Result<(Arc<Application>, Arc<User>, String)> {
        self.create_with_id(self.0.ids.next(), owner, name).await
    }

    /// The same with an id that is given from outside, as by a seed's fixed token.
    ///
    /// # Errors
    /// As [`Applications::create`]; `DUPLICATE` if the id is taken.
    pub async fn create_with_id(
        &self,
        id: ApplicationId,
        owner: UserId,
        name: &str,
    ) -> Result<(Arc<Application>, Arc<User>, String)> {
        let mut batch = Batch::new();
        let made = self.prepare(&mut batch, id, owner, name, Client::default()).await?;
        self.0.db.write(batch).await?;
        Ok(made)
    }

    /// Adds a new application and its bot to a batch.
    pub(crate) async fn prepare(
        &self,
        batch: &mut Batch,
        id: ApplicationId,
        owner: UserId,
        name: &str,
        client: Client,
    ) -> Result<(Arc<Application>, Arc<User>, String)> {
        let name = name.trim();
        if self.0.accounts.user(owner).await?.bot {
            return Err(ONLY_PEOPLE.into());
        }
        if self.of_owner(owner).await?.len() >= MOST {
            return Err(TOO_MANY_APPLICATIONS.into());
        }
        let prepared = self.0.accounts.prepare_bot(batch, id.cast(), owner, name).await;
        let (user, token) = prepared.map_err(|mut error| {
            for field in &mut error.fields {
                field.path = "name".to_owned();
            }
            error
        })?;
        let (verify_key, sealed) = self.interaction_key(id)?;
        let application = Arc::new(Application {
            id,
            owner,
            name: name.to_owned(),
            description: String::new(),
            icon: None,
            flags: flags::PRIVILEGED_LIMITED,
            public: true,
            verify_key,
            interactions_endpoint_url: None,
            created: self.0.clock.now(),
            client,
        });
        store::applications::insert(batch, &application);
        store::applications::set_interaction_key(batch, id, &application.verify_key, sealed);
        Ok((application, user, token))
    }

    /// An application of the actor's own; another's is as if it were not there.
    pub(crate) async fn owned(&self, actor: &Actor, id: ApplicationId) -> Result<Arc<Application>> {
        let application = self.get(id).await?;
        let own = match actor.credential {
            Credential::Session { .. } => application.owner == actor.id(),
            Credential::Bot { application } => application == id,
            Credential::Bearer { .. } => false,
        };
        if own { Ok(application) } else { Err(UNKNOWN_APPLICATION.into()) }
    }

    /// Changes an application of the actor's own.
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION`, wrong fields.
    pub async fn edit(
        &self,
        actor: &Actor,
        id: ApplicationId,
        edit: EditApplication,
    ) -> Result<Arc<Application>> {
        let mut application = Application::clone(&*self.owned(actor, id).await?);
        let mut form = Form::new();
        if let Some(description) = edit.description {
            form.length("description", &description, 0..=400);
            application.description = description;
        }
        match edit.interactions_endpoint_url {
            Some(url) if url.is_empty() => application.interactions_endpoint_url = None,
            Some(url) if application.interactions_endpoint_url.as_ref() != Some(&url) => {
                if let Some(problem) = self.try_endpoint(&application, &url).await? {
                    let field = "interactions_endpoint_url";
                    form.refuse(field, "APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID", problem);
                }
                application.interactions_endpoint_url = Some(url);
            }
            _ => {}
        }
        form.finish()?;
        if let Some(wanted) = edit.flags {
            let kept = application.flags & !flags::PRIVILEGED;
            application.flags = kept | wanted & flags::PRIVILEGED;
        }
        application.public = edit.bot_public.unwrap_or(application.public);
        self.store(application).await
    }

    /// Says which privileged intents an application may use, for whoever runs the server: bits of [`flags`].
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION`.
    pub async fn allow_intents(&self, id: ApplicationId, wanted: u64) -> Result<()> {
        let mut application = Application::clone(&*self.get(id).await?);
        application.flags = application.flags & !flags::PRIVILEGED | wanted & flags::PRIVILEGED;
        self.store(application).await.map(|_| ())
    }

    pub(crate) async fn store(&self, application: Application) -> Result<Arc<Application>> {
        let mut batch = Batch::new();
        store::applications::update(&mut batch, &application);
        self.change(batch, application.id).await?;
        Ok(Arc::new(application))
    }

    /// Replaces the token of the bot of an application of the actor's own. The old one holds no more.
    ///
    /// # Errors
    /// `UNKNOWN_APPLICATION`.
    pub async fn rotate_token(&self, actor: &Actor, id: ApplicationId) -> Result<String> {
        let application = self.owned(actor, id).await?;
        self.0.accounts.rotate_bot_token(application.bot()).await
    }

    /// The application as its owner and its bot read it.
    ///
    /// # Errors
    /// If owner or bot are gone.
    pub async fn wire(&self, application: &Application, guilds: u64) -> Result<ApplicationWire> {
        let owner = self.0.accounts.user(application.owner).await?;
        let bot = self.0.accounts.user(application.bot()).await?;
        Ok(application.wire(&owner, &bot, guilds, 0))
    }
}
