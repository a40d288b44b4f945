//! Whose credential something is: tokens, as they are remembered between requests, and what others have verified.

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Result, Timestamp, UserId, codes};
use guildhall_infra::db::Batch;

use crate::codes::{API_BANNED, UNKNOWN_USER};
use crate::ended::Read;
use crate::model::Account;
use crate::staff::{Rights, UserState};
use crate::store;
use crate::token::TokenHash;
use crate::{Accounts, Actor, Credential, SessionClass, SessionId, SessionScopes};

/// A session that is used is written down at most this often, or eight times in its life.
const TOUCH_EVERY: Duration = Duration::from_secs(3600);

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
}
