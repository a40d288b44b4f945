//! What is known of users, from memory where they were seen lately.

use std::collections::HashMap;
use std::sync::Arc;

use guildhall_base::{Result, UserId};

use crate::codes::UNKNOWN_USER;
use crate::model::{Account, Bond, Profile, ProfileText, Settings};
use crate::{Accounts, User, rules, store};

impl Accounts {
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
