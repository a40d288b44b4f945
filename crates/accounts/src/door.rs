//! [`Accounts`]: what other features call.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use guildhall_base::{Clock, Ids, Result, Timestamp, UserId, codes};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::cache::Fresh;
use guildhall_infra::db::{Batch, Db, Migration};
use guildhall_infra::events::EventLog;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::seal::Seal;
use url::Url;

use crate::codes::{API_BANNED, UNKNOWN_USER};
use crate::ended::{Ended, Read};
use crate::life::Life;
use crate::mail::Post;
use crate::model::{Account, Bond, Profile, ProfileText, SessionClass, Settings};
use crate::password::Hasher;
use crate::provider::Providers;
use crate::slow::Slow;
use crate::staff::{Ranks, Rights, UserState};
use crate::store;
use crate::token::TokenHash;
use crate::{Actor, Credential, SessionId, SessionScopes, User, passkey, rules};

/// A session that is used is written down at most this often, or eight times in its life.
const TOUCH_EVERY: Duration = Duration::from_secs(3600);

/// What the operator decides about accounts.
#[derive(Clone)]
pub struct Config {
    /// Whether strangers may register.
    pub registration: bool,
    /// Whether the site is reached by https, so that cookies are marked `Secure`.
    pub secure: bool,
    /// How long a web session lives after it was last used.
    pub session_life: Duration,
    /// How long a session of a program lives after it was last used.
    pub api_session_life: Duration,
    /// What a session of a program may be used for, at most.
    pub api_scopes: SessionScopes,
    /// For how long a proof of who somebody is counts for dangerous actions.
    pub proof_life: Duration,
    /// What the installation is called.
    pub name: String,
    /// Where browsers reach it; passkeys and sign-in at other sites need it.
    pub public_url: Option<Url>,
    /// Other sites that people may sign in by.
    pub providers: Providers,
    /// The way to them; without it, there are none.
    pub fetch: Option<Fetch>,
    /// Which ranks staff may hold.
    pub ranks: Ranks,
    /// What secrets of second factors are stored under; without it, none are taken.
    pub seal: Option<Seal>,
    /// How many passwords are hashed at once; each takes 19 MiB and a core for some 20 ms.
    pub hash_threads: usize,
    /// What mails are sent with; without it, none are.
    pub post: Option<Post>,
    /// Where avatars and banners are kept; without it, none are taken.
    pub pictures: Option<Blobs>,
    /// What else happens when sessions of somebody end.
    pub on_ended: Option<OnEnded>,
    /// For how long who asked for the deletion of their account may still keep it.
    pub deletion_delay: Duration,
    /// Whether the names of deleted accounts may be taken by others.
    pub free_names: bool,
}

/// Adds to the batch in which sessions of this user end, such as a job that tells others of it.
pub type OnEnded = Arc<dyn Fn(&mut Batch, UserId) -> Result<()> + Send + Sync>;

impl Default for Config {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            registration: true,
            secure: false,
            session_life: Duration::from_secs(30 * 24 * 3600),
            api_session_life: Duration::from_secs(960),
            api_scopes: SessionScopes::all(),
            proof_life: Duration::from_secs(10 * 60),
            name: "Guildhall".to_owned(),
            public_url: None,
            providers: Providers::new(),
            fetch: None,
            ranks: Ranks::default(),
            seal: None,
            hash_threads: cores.div_ceil(2),
            post: None,
            pictures: None,
            on_ended: None,
            deletion_delay: Duration::from_secs(14 * 24 * 3600),
            free_names: true,
        }
    }
}

/// The door. Clones share everything.
#[derive(Clone)]
pub struct Accounts(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) events: EventLog,
    pub(crate) config: Config,
    pub(crate) hasher: Hasher,
    pub(crate) slow: Slow,
    /// None where the address has no name.
    pub(crate) passkeys: Option<passkey::Site>,
    pub(crate) ended: Ended,
    pub(crate) tokens: Fresh<TokenHash, Held>,
    pub(crate) users: Fresh<UserId, Arc<Account>>,
    pub(crate) life: OnceLock<Life>,
}

/// What is remembered of a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    user: UserId,
    session: SessionId,
    bot: bool,
    expires: Option<Timestamp>,
    scopes: SessionScopes,
    read: Read,
}

impl Accounts {
    /// Over this database, whose [`migrations`](Self::migrations) are applied.
    pub fn new(db: Db, clock: Clock, ids: Ids, events: EventLog, config: Config) -> Self {
        Self(Arc::new(Inner {
            db,
            ids,
            events,
            hasher: Hasher::new(config.hash_threads, 64),
            slow: Slow::new(clock.clone()),
            passkeys: config.public_url.as_ref().and_then(|url| passkey::Site::new(&config.name, url)),
            clock,
            config,
            ended: Ended::new(),
            tokens: Fresh::new(100_000),
            users: Fresh::new(100_000),
            life: OnceLock::new(),
        }))
    }

    /// The tables of this crate.
    pub fn migrations() -> Vec<Migration> {
        store::migrations()
    }

    /// The event log that changes of accounts are written to.
    pub fn events(&self) -> &EventLog {
        &self.0.events
    }

    /// What the operator decided.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// What opens an account here, besides its password.
    pub(crate) fn ways_in(&self) -> store::ways_in::Open {
        let config = &self.0.config;
        let reached = config.fetch.is_some() && config.public_url.is_some();
        store::ways_in::Open {
            mail: config.post.is_some(),
            passkeys: self.0.passkeys.is_some(),
            providers: config.providers.keys().filter(|_| reached).cloned().collect(),
        }
    }

    /// Whose credential this is: `Bot <token>`, or a token alone as browsers' cookies and IDENTIFY carry it. No
    /// database call when it was seen lately.
    ///
    /// # Errors
    /// [`codes::UNAUTHENTICATED`].
    pub async fn authenticate(&self, header: &str) -> Result<Actor> {
        let (token, says_bot) = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bot") => (token.trim(), true),
            Some(_) => return Err(codes::UNAUTHENTICATED.into()),
            None => (header, false),
        };
        let hash = TokenHash::of(token).ok_or(codes::UNAUTHENTICATED)?;
        let known = self.0.tokens.get(hash).filter(|held| self.0.ended.holds(held.user, held.read));
        let held = match known {
            Some(held) => held,
            None => self.load_token(hash).await?,
        };
        if held.expires.is_some_and(|expires| expires <= self.0.clock.now()) {
            self.0.tokens.forget(hash);
            return Err(codes::UNAUTHENTICATED.into());
        }
        if says_bot && !held.bot {
            return Err(codes::UNAUTHENTICATED.into());
        }
        let account = self.account(held.user).await?;
        if account.is_away() {
            return Err(codes::UNAUTHENTICATED.into());
        }
        match account.state {
            UserState::Banned => return Err(codes::UNAUTHENTICATED.into()),
            UserState::ApiBan if held.bot => return Err(API_BANNED.into()),
            _ => self.owner_may_run(&account).await?,
        }
        let credential = match held.bot {
            true => Credential::Bot { application: held.user.cast() },
            false => Credential::Session { id: held.session, scopes: held.scopes },
        };
        let staff = account.staff && (held.bot || held.scopes.rights() == Rights::all());
        Ok(Actor { user: account.user.clone(), credential, staff })
    }

    /// A user with a credential that another feature has verified: an access token. Never staff.
    ///
    /// # Errors
    /// [`codes::UNAUTHENTICATED`] if there is no such user.
    pub async fn vouch(&self, user: UserId, credential: Credential) -> Result<Actor> {
        let account = self.account(user).await.map_err(|error| match error.is(UNKNOWN_USER) {
            true => codes::UNAUTHENTICATED.into(),
            false => error,
        })?;
        if account.is_away() {
            return Err(codes::UNAUTHENTICATED.into());
        }
        match account.state {
            UserState::Banned => return Err(codes::UNAUTHENTICATED.into()),
            UserState::ApiBan => return Err(API_BANNED.into()),
            _ => {}
        }
        if let Credential::Bearer { application, .. } = credential {
            // An application and its bot share one id; one that has no bot here answers to nobody.
            match self.account(application.cast()).await {
                Ok(bot) => self.owner_may_run(&bot).await?,
                Err(error) if error.is(UNKNOWN_USER) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Actor { user: account.user.clone(), credential, staff: false })
    }

    /// Refuses a bot, or the application that it belongs to, whose owner may not use programs.
    async fn owner_may_run(&self, bot: &Account) -> Result<()> {
        let Some(owner) = bot.owner else { return Ok(()) };
        match self.account(owner).await {
            Ok(owner) if owner.state == UserState::Banned => Err(codes::UNAUTHENTICATED.into()),
            Ok(owner) if owner.state == UserState::ApiBan => Err(API_BANNED.into()),
            Err(error) if !error.is(UNKNOWN_USER) => Err(error),
            _ => Ok(()),
        }
    }

    /// Refuses a program that acts for somebody with an API ban.
    pub(crate) async fn refuse_program(&self, user: UserId) -> Result<()> {
        match self.account(user).await?.state {
            UserState::ApiBan => Err(API_BANNED.into()),
            _ => Ok(()),
        }
    }

    /// Reads all of a user's credentials again, after some of them have ended.
    pub fn forget_credentials(&self, user: UserId) {
        self.0.ended.end(user);
        self.0.users.forget(user);
    }

    /// How long a session lives after its last use.
    pub(crate) fn life(&self, class: SessionClass) -> Duration {
        match class {
            SessionClass::Web => self.0.config.session_life,
            // One of a script does not slide; how often its use is noted is the same.
            SessionClass::Api | SessionClass::Script => self.0.config.api_session_life,
        }
    }

    /// What a token may be used for, by what was chosen, its class, and what its owner may do.
    fn scopes_of(&self, account: &Account, stored: &store::tokens::Stored) -> SessionScopes {
        let standing = self.0.config.ranks.standing(account.staff, &stored.ranks);
        let ceiling = SessionScopes::ceiling(stored.class, self.0.config.api_scopes);
        stored.scopes & ceiling & SessionScopes::entitled(account.state, standing)
    }

    async fn load_token(&self, hash: TokenHash) -> Result<Held> {
        let (tokens, users, read) = (self.0.tokens.mark(), self.0.users.mark(), self.0.ended.mark());
        let (account, stored) = store::tokens::find(&self.0.db, hash).await?.ok_or(codes::UNAUTHENTICATED)?;
        let user = account.user.id;
        let (session, bot, expires) = (stored.id, stored.bot, stored.expires);
        let scopes = self.scopes_of(&account, &stored);
        let mut held = Held { user, session, bot, expires, scopes, read };
        let now = self.0.clock.now();
        if let Some(expires) = stored.expires
            && expires > now
            && now.since(stored.seen) >= TOUCH_EVERY.min(self.life(stored.class) / 8)
        {
            let expires = match stored.class {
                SessionClass::Script => expires,
                class => now.after(self.life(class)),
            };
            let mut batch = Batch::new();
            store::tokens::touch(&mut batch, hash, now, expires);
            self.0.db.write(batch).await?;
            held.expires = Some(expires);
        }
        self.0.tokens.keep(tokens, hash, held);
        self.0.users.keep(users, user, Arc::new(account));
        Ok(held)
    }

    pub(crate) async fn account(&self, id: UserId) -> Result<Arc<Account>> {
        if let Some(account) = self.0.users.get(id) {
            return Ok(account);
        }
        let mark = self.0.users.mark();
        let account = Arc::new(store::users::find(&self.0.db, id).await?.ok_or(UNKNOWN_USER)?);
        self.0.users.keep(mark, id, account.clone());
        Ok(account)
    }

    /// Forgets what is known of a user in memory, after something changed behind this door's back.
    pub fn invalidate(&self, user: UserId) {
        self.0.users.forget(user);
    }

    /// A user, from memory if seen lately.
    ///
    /// # Errors
    /// [`UNKNOWN_USER`].
    pub async fn user(&self, id: UserId) -> Result<Arc<User>> {
        Ok(self.account(id).await?.user.clone())
    }

    /// Those of these users that exist; one query for those that are not in memory.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn users(&self, ids: &[UserId]) -> Result<HashMap<UserId, Arc<User>>> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        for &id in ids {
            match self.0.users.get(id) {
                Some(account) => {
                    found.insert(id, account.user.clone());
                }
                None => missing.push(id),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let mark = self.0.users.mark();
        for account in store::users::find_all(&self.0.db, &missing).await? {
            let id = account.user.id;
            found.insert(id, account.user.clone());
            self.0.users.keep(mark, id, Arc::new(account));
        }
        Ok(found)
    }

    /// A human by unique name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn user_by_name(&self, username: &str) -> Result<Option<Arc<User>>> {
        let account = store::users::find_by_handle(&self.0.db, &rules::handle(username)).await?;
        Ok(account.map(|account| account.user))
    }

    /// What a user chose for themselves.
    ///
    /// # Errors
    /// [`UNKNOWN_USER`].
    pub async fn settings(&self, id: UserId) -> Result<Settings> {
        Ok(self.account(id).await?.settings.clone())
    }

    /// Whether a user runs this installation.
    ///
    /// # Errors
    /// [`UNKNOWN_USER`].
    pub async fn is_staff(&self, id: UserId) -> Result<bool> {
        Ok(self.account(id).await?.staff)
    }

    /// A user's profile.
    ///
    /// # Errors
    /// [`UNKNOWN_USER`].
    pub async fn profile(&self, id: UserId) -> Result<Profile> {
        let account = self.account(id).await?;
        let text = ProfileText {
            bio: account.bio.clone(),
            pronouns: account.pronouns.clone(),
            accent_color: account.user.accent_color,
            banner: account.user.banner.clone(),
        };
        Ok(Profile { user: account.user.clone(), user_profile: text })
    }

    /// What each of two users sees in the other: first what `a` sees in `b`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn bonds(&self, a: UserId, b: UserId) -> Result<(Option<Bond>, Option<Bond>)> {
        store::bonds::between(&self.0.db, a, b).await
    }

    /// Whether one of two users has blocked the other.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn is_blocked(&self, a: UserId, b: UserId) -> Result<bool> {
        let (ours, theirs) = self.bonds(a, b).await?;
        Ok(ours == Some(Bond::Blocked) || theirs == Some(Bond::Blocked))
    }
}
