//! `guildhall user add` and `guildhall bot add`.

use std::fmt;
use std::io::BufRead;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_accounts::NewUser;
use guildhall_base::{ApplicationId, UserId};
use serde::Serialize;

use crate::hall::Hall;

/// A user who was added.
#[derive(Debug, Serialize)]
pub(crate) struct AddedUser {
    name: String,
    id: UserId,
    token: String,
    /// Only where it was made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl fmt::Display for AddedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Added {} ({}).", self.name, self.id)?;
        match &self.password {
            Some(password) => write!(f, "\nThe password is {password}"),
            None => Ok(()),
        }
    }
}

/// A bot that was added.
#[derive(Debug, Serialize)]
pub(crate) struct AddedBot {
    name: String,
    id: UserId,
    application_id: ApplicationId,
    token: String,
}

impl fmt::Display for AddedBot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, id, token, .. } = self;
        write!(f, "Added the bot {name} ({id}).\nIts token, which is not shown again, is {token}")
    }
}

/// The first line of the input.
///
/// # Errors
/// If there is none.
pub(crate) fn read_password(input: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    input.read_line(&mut line).context("cannot read the password")?;
    let password = line.trim_end_matches(['\r', '\n']);
    ensure!(!password.is_empty(), "there is no password on standard input");
    Ok(password.to_owned())
}

/// Adds a user; makes up a password where none is given.
///
/// # Errors
/// If the name or the password is refused.
pub(crate) async fn add_user(
    hall: &Hall,
    name: String,
    staff: bool,
    given: Option<String>,
    password_hash: Option<String>,
) -> Result<AddedUser> {
    let made_up = (given.is_none() && password_hash.is_none())
        .then(|| URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>()));
    let password = given.or_else(|| made_up.clone());
    let new = NewUser { username: name, password, password_hash, staff, ..NewUser::default() };
    let user = hall.accounts.create_user(new).await?;
    let token = hall.accounts.new_token(user.id).await?;
    Ok(AddedUser { name: user.username.clone(), id: user.id, token, password: made_up })
}

/// Adds an application with its bot.
///
/// # Errors
/// If there is no such owner, or the name is refused.
pub(crate) async fn add_bot(hall: &Hall, name: &str, owner: &str) -> Result<AddedBot> {
    let owner =
        hall.accounts.user_by_name(owner).await?.with_context(|| format!("there is no user {owner}"))?;
    let (application, user, token) = hall.applications.create(owner.id, name).await?;
    Ok(AddedBot { name: user.username.clone(), id: user.id, application_id: application.id, token })
}
