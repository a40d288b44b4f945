//! Sessions for programs that their owner runs: with a name, with fewer scopes, until an end that was chosen.

use std::time::Duration;

use guildhall_base::{Error, Form, Result, Timestamp};
use guildhall_infra::db::Batch;

use super::sessions::hash;
use crate::codes::ACCOUNT_BANNED;
use crate::model::{Session, SessionClass, Visit};
use crate::store::{staff, tokens};
use crate::token::new_token;
use crate::{Accounts, Actor, SessionScopes, rules};

/// How many such sessions one person may have.
const MOST: usize = 50;
/// How long one may last.
const LIFE: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(366 * 24 * 3600);

/// A session to make for a program.
#[derive(Debug, Clone)]
pub struct NewScript {
    /// What its owner calls it: 1 to 32 characters.
    pub name: String,
    /// What it may be used for: some of [`SessionScopes::FOR_PROGRAMS`].
    pub scopes: SessionScopes,
    /// After how long it ends, used or not: a minute to a year.
    pub life: Duration,
}

impl Accounts {
    /// What the actor may give to a program of theirs.
    pub fn scopes_for_programs(&self, actor: &Actor) -> SessionScopes {
        let ceiling = SessionScopes::ceiling(SessionClass::Script, self.0.config.api_scopes);
        ceiling & actor.scopes().unwrap_or_default()
    }

    /// Makes a session for a program of the actor's; gives it with its secret, which is nowhere else.
    ///
    /// # Errors
    /// `STEP_UP_REQUIRED`; `NOT_FOR_BOTS`; wrong fields `name`, `scopes` and `expires_in`.
    pub async fn new_script(
        &self,
        actor: &Actor,
        new: NewScript,
        visit: &Visit,
    ) -> Result<(Session, String)> {
        self.require_proof(actor).await?;
        let now = self.0.clock.now();
        let sessions = tokens::sessions(&self.0.db, actor.id(), now).await?;
        let scripts = sessions.iter().filter(|session| session.class == SessionClass::Script).count();
        let name = checked(&new, self.scopes_for_programs(actor), scripts)?;
        let token = new_token(actor.id(), now, &mut rand::rng());
        let address = visit.address.map(|address| address.to_string()).unwrap_or_default();
        let expires = now.after(new.life);
        let token_row = tokens::NewToken {
            hash: hash(&token)?,
            id: self.0.ids.next(),
            user: actor.id(),
            bot: false,
            now,
            expires: Some(expires),
            device: String::new(),
            address,
            class: SessionClass::Script,
            scopes: new.scopes,
            name,
            method: "script",
            // It proves nothing: what needs a fresh proof is closed to it.
            proved: Timestamp::from_millis(0),
        };
        let session = Session {
            id: token_row.id,
            created: now,
            seen: now,
            expires: Some(expires),
            device: String::new(),
            address: token_row.address.clone(),
            class: SessionClass::Script,
            scopes: new.scopes,
            name: token_row.name.clone(),
        };
        let mut batch = Batch::new();
        tokens::prune(&mut batch, actor.id(), now);
        staff::must_not_be_banned(&mut batch, actor.id(), ACCOUNT_BANNED);
        tokens::insert(&mut batch, token_row);
        self.0.db.write(batch).await?;
        Ok((session, token))
    }
}

/// The name, if all of it is right.
fn checked(new: &NewScript, allowed: SessionScopes, there: usize) -> Result<String, Error> {
    let name = new.name.trim().to_owned();
    let mut form = Form::new();
    rules::check_global_name(&mut form, "name", &name);
    form.at_most("name", there + 1, MOST);
    if new.scopes.is_empty() || !allowed.contains(new.scopes) {
        form.refuse("scopes", "SCOPE_NOT_ALLOWED", "Choose some of the scopes that you may give.");
    }
    if !LIFE.contains(&new.life) {
        form.refuse("expires_in", "LIFE_OUT_OF_BOUNDS", "Must be from a minute to 366 days.");
    }
    form.finish()?;
    Ok(name)
}
