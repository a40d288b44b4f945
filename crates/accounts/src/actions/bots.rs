//! The users and tokens of bots, for the crate that keeps applications, and fixed tokens for described worlds.

use std::sync::Arc;

use guildhall_base::{Error, Result, Timestamp, UserId, codes};
use guildhall_infra::db::{Batch, codes::DUPLICATE};

use super::people::NewUser;
use super::sessions::hash;
use crate::events::CredentialsEnded;
use crate::store::tokens::{self, NewToken};
use crate::token::new_token;
use crate::{Accounts, User};

impl Accounts {
    /// Adds a bot's user and its token to a batch that the caller writes together with the application. The bot may do
    /// nothing that its owner may not.
    ///
    /// # Errors
    /// A wrong name, at the field `username`.
    pub async fn prepare_bot(
        &self,
        batch: &mut Batch,
        id: UserId,
        owner: UserId,
        name: &str,
    ) -> Result<(Arc<User>, String)> {
        let new = NewUser {
            username: name.to_owned(),
            bot: true,
            owner: Some(owner),
            id: Some(id),
            ..NewUser::default()
        };
        let user = self.prepare_user(batch, new).await?;
        let token = self.prepare_token(batch, id)?;
        Ok((user, token))
    }

    /// Replaces a bot's tokens by a new one, which is answered; the old ones hold no more, also on open connections.
    ///
    /// # Errors
    /// `UNKNOWN_USER` if there is no such bot.
    pub async fn rotate_bot_token(&self, bot: UserId) -> Result<String> {
        if !self.user(bot).await?.bot {
            return Err(crate::codes::UNKNOWN_USER.into());
        }
        let mut batch = Batch::new();
        let removal = tokens::remove_all(&mut batch, bot, None);
        let token = self.prepare_token(&mut batch, bot)?;
        let ended = CredentialsEnded { user_id: bot, session_id: None, except: None };
        self.end_tokens(batch, removal, &ended).await?;
        Ok(token)
    }

    fn prepare_token(&self, batch: &mut Batch, bot: UserId) -> Result<String> {
        let token = new_token(bot, self.0.clock.now(), &mut rand::rng());
        tokens::insert(batch, self.lasting(bot, true, &token, "")?);
        Ok(token)
    }

    /// Gives a user, human or bot, one more token that lasts until it is revoked: for seeds. Nothing happens if
    /// they have it already.
    ///
    /// # Errors
    /// [`codes::CONFLICT`] if it is somebody else's.
    pub async fn add_token(&self, user: UserId, token: &str) -> Result<()> {
        let bot = self.user(user).await?.bot;
        let mut batch = Batch::new();
        tokens::insert(&mut batch, self.lasting(user, bot, token, "seed")?);
        match self.0.db.write(batch).await {
            Err(error) if error.is(DUPLICATE) => {
                let found = tokens::find(&self.0.db, hash(token)?).await?;
                match found {
                    Some((account, _)) if account.user.id == user => Ok(()),
                    _ => Err(codes::CONFLICT.because("This token belongs to somebody else.")),
                }
            }
            other => other.map(|_| ()),
        }
    }

    /// A new token of a person that lasts until it is revoked, for the command line.
    ///
    /// # Errors
    /// `UNKNOWN_USER`.
    pub async fn new_token(&self, user: UserId) -> Result<String> {
        let token = new_token(user, self.0.clock.now(), &mut rand::rng());
        self.add_token(user, &token).await?;
        Ok(token)
    }

    fn lasting(&self, user: UserId, bot: bool, token: &str, device: &str) -> Result<NewToken, Error> {
        Ok(NewToken {
            hash: hash(token)?,
            id: self.0.ids.next(),
            user,
            bot,
            now: self.0.clock.now(),
            expires: None,
            device: device.to_owned(),
            address: String::new(),
            class: crate::SessionClass::Web,
            scopes: crate::SessionScopes::all(),
            name: String::new(),
            method: "token",
            proved: Timestamp::from_millis(0),
        })
    }
}
