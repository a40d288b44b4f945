//! What accounts keep of people.

use std::sync::{Arc, Weak};

use guildhall_base::{Error, Result, UserId};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::jobs::{Ctx, Effects, Outcome};
use serde_json::json;

use super::{Archive, Later, OwnData, UserColumn};
use crate::actions::StaffLogQuery;
use crate::door::Inner;
use crate::events::{CredentialsEnded, relationship_remove, user_update};
use crate::letters::Letter;
use crate::model::{Account, Settings};
use crate::picture::Role;
use crate::store::{bonds, identities, life, passkeys, staff, tokens, users};
use crate::{Accounts, User};

/// What accounts keep.
pub(super) struct Own(pub(super) Weak<Inner>);

const LOG: &str = "the log of what staff did is never changed";

pub(super) const COLUMNS: &[UserColumn] = &[
    UserColumn::gone("tokens", "user_id"),
    UserColumn::gone("relationships", "user_id"),
    UserColumn::gone("relationships", "target_id"),
    UserColumn::gone("second_steps", "user_id"),
    UserColumn::gone("authenticators", "user_id"),
    UserColumn::gone("recovery_codes", "user_id"),
    UserColumn::gone("passkeys", "user_id"),
    UserColumn::gone("ceremonies", "user_id"),
    UserColumn::gone("identities", "user_id"),
    UserColumn::gone("provider_visits", "user_id"),
    UserColumn::gone("mail_proofs", "user_id"),
    UserColumn::gone("user_ranks", "user_id"),
    UserColumn::gone("account_deletions", "user_id"),
    UserColumn::gone("account_exports", "user_id"),
    UserColumn::gone("users", "owner_id"),
    UserColumn::nameless("user_ranks", "granted_by", LOG),
    UserColumn::nameless("staff_actions", "actor_id", LOG),
    UserColumn::nameless("staff_actions", "target_id", LOG),
];

impl OwnData for Own {
    fn name(&self) -> &'static str {
        "accounts"
    }

    fn columns(&self) -> &'static [UserColumn] {
        COLUMNS
    }

    fn export<'a>(&'a self, user: UserId, archive: &'a mut Archive) -> Later<'a, Result<()>> {
        Box::pin(async move {
            let accounts = self.accounts()?;
            accounts.export_account(user, archive).await?;
            accounts.export_ways_in(user, archive).await
        })
    }

    fn forget<'a>(&'a self, _ctx: &'a Ctx, user: UserId, effects: Effects) -> Later<'a, Outcome> {
        Box::pin(async move { Ok(self.accounts()?.wipe(user, &effects).await?) })
    }
}

impl Own {
    fn accounts(&self) -> Result<Accounts> {
        self.0.upgrade().map(Accounts).ok_or_else(|| Error::internal("the accounts are closed"))
    }
}

impl Accounts {
    async fn export_account(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        let db = &self.0.db;
        let account = users::find(db, user).await?.ok_or(crate::codes::UNKNOWN_USER)?;
        let standing = staff::find(db, user).await?;
        let ranks = standing.map(|stored| stored.ranks).unwrap_or_default();
        let profile = json!({
            "user": account.to_self(), "created_at": user.created_at(), "pronouns": account.pronouns,
            "settings": account.settings, "state": account.state, "ranks": ranks,
        });
        archive.json("profile.json", &profile).await?;
        let mut list = Vec::new();
        for (target, bond, since) in bonds::list(db, user).await? {
            let name = self.user(target).await.ok().map(|other| other.username.clone());
            list.push(json!({ "id": target, "name": name, "type": bond.number(), "since": since }));
        }
        archive.json("relationships.json", &list).await?;
        self.export_log(user, archive).await?;
        let Some(blobs) = &self.0.config.pictures else { return Ok(()) };
        for (role, hash) in [(Role::Avatar, &account.user.avatar), (Role::Banner, &account.user.banner)] {
            let Some(hash) = hash else { continue };
            match blobs.get(&format!("{}/{hash}", role.folder(user))).await {
                Ok(blob) => archive.blob(role.file(), blob).await?,
                Err(error) if error.is(guildhall_base::codes::NOT_FOUND) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What staff did to them; not who did it.
    async fn export_log(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        archive.list("staff_actions.json").await?;
        let mut query = StaffLogQuery { target: Some(user), ..StaffLogQuery::default() };
        loop {
            let page = staff::list(&self.0.db, query.before, query.target, None, 100).await?;
            for row in &page {
                let own = row.actor_id == Some(user);
                let entry = json!({
                    "id": row.id, "at": row.at, "action": row.action, "reason": row.reason, "before": row.before,
                    "after": row.after, "by_yourself": own,
                });
                archive.item(&entry).await?;
            }
            match page.last() {
                Some(last) if page.len() == 100 => query.before = Some(last.id),
                _ => return archive.end_list().await,
            }
        }
    }

    async fn export_ways_in(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        let db = &self.0.db;
        archive.json("sessions.json", &tokens::sessions(db, user, self.0.clock.now()).await?).await?;
        let passkeys = passkeys::list(db, user).await?;
        let entry = |key: &passkeys::Stored| json!({ "id": key.id, "name": key.name, "created": key.created, "used": key.used });
        archive.json("passkeys.json", &passkeys.iter().map(entry).collect::<Vec<_>>()).await?;
        let linked = identities::list(db, user).await?;
        let entry = |(provider, subject, name, used): &(String, String, String, _)| json!({ "provider": provider, "subject": subject, "name": name, "used": used });
        archive.json("linked_accounts.json", &linked.iter().map(entry).collect::<Vec<_>>()).await
    }

    /// Leaves of an account nothing but its number.
    async fn wipe(&self, user: UserId, effects: &Effects) -> Result<()> {
        let db = &self.0.db;
        let Some(account) = users::find(db, user).await? else { return Ok(()) };
        let nobody = nobody(&account);
        let mut others = Vec::new();
        for (other, ..) in bonds::list(db, user).await? {
            if let (_, Some(theirs)) = bonds::between(db, user, other).await? {
                others.push(relationship_remove(other, &account.user, theirs, user)?);
            }
        }
        if let Some(blobs) = &self.0.config.pictures {
            drop_pictures(blobs, user).await?;
        }
        effects.batch(|batch| -> Result<()> {
            if let (Some(to), false) = (&account.email, account.user.bot) {
                let locale = account.settings.locale.clone();
                self.tell(batch, &Letter::Gone { to: to.clone(), locale })?;
            }
            if !account.user.bot && !self.0.config.free_names {
                life::retire_name(batch, &account.user.username);
            }
            life::wipe(batch, &nobody, account.email.as_deref(), self.0.clock.now());
            Ok(())
        })?;
        for event in others {
            effects.event(event);
        }
        let ended = CredentialsEnded { user_id: user, session_id: None, except: None };
        effects.event(effects.batch(|batch| self.ending(batch, &ended))?);
        effects.event(user_update(&nobody)?);
        Ok(())
    }
}

/// What is left of somebody.
fn nobody(account: &Account) -> Account {
    let id = account.user.id;
    let user = User { bot: account.user.bot, ..User::new(id, format!("deleted_user_{:x}", id.get())) };
    Account {
        user: Arc::new(User { global_name: Some("Deleted User".to_owned()), ..user }),
        staff: false,
        email: None,
        verified: false,
        settings: Settings::default(),
        bio: String::new(),
        pronouns: String::new(),
        guarded: false,
        leaving: None,
        deleted: true,
        owner: None,
        state: account.state,
    }
}

async fn drop_pictures(blobs: &Blobs, user: UserId) -> Result<()> {
    for role in [Role::Avatar, Role::Banner] {
        blobs.delete_all(&role.folder(user)).await?;
    }
    Ok(())
}
