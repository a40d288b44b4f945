//! The table `users`.

use std::sync::Arc;

use guildhall_base::{Error, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{Account, Settings};
use crate::staff::UserState;
use crate::user::{Always, User};

macro_rules! columns {
    () => {
        "users.id, users.username, users.global_name, users.avatar, users.banner, users.accent_color,
         users.public_flags, users.bot, users.staff, users.email, users.verified, users.status, users.theme,
         users.locale, users.bio, users.pronouns, users.custom_status, users.state, users.owner_id,
         users.leaving, users.deleted,
         EXISTS (SELECT 1 FROM authenticators AS a WHERE a.user_id = users.id AND a.confirmed)"
    };
}
pub(crate) use columns;

/// How many columns `columns!` names.
pub(crate) const COLUMNS: usize = 22;

pub(crate) async fn find(db: &Db, id: UserId) -> Result<Option<Account>> {
    let row = db.opt(sql!(concat!("SELECT ", columns!(), " FROM users WHERE id = $1")), params![id]).await?;
    row.as_ref().map(account).transpose()
}

pub(crate) async fn find_all(db: &Db, ids: &[UserId]) -> Result<Vec<Account>> {
    let rows =
        db.all(sql!(concat!("SELECT ", columns!(), " FROM users WHERE id {in $1}")), params![ids]).await?;
    rows.iter().map(account).collect()
}

pub(crate) async fn find_by_handle(db: &Db, handle: &str) -> Result<Option<Account>> {
    let row = db
        .opt(sql!(concat!("SELECT ", columns!(), " FROM users WHERE handle = $1")), params![handle])
        .await?;
    row.as_ref().map(account).transpose()
}

/// Whose confirmed address this is.
pub(crate) async fn find_by_email(db: &Db, email: &str) -> Result<Option<Account>> {
    let row =
        db.opt(sql!(concat!("SELECT ", columns!(), " FROM users WHERE email = $1")), params![email]).await?;
    row.as_ref().map(account).transpose()
}

/// People, the newest first, from before an id: those with `text` (in small letters) in a name, with this address, or
/// this id. It reads the whole table; staff search seldom.
pub(crate) async fn search(
    db: &Db,
    text: &str,
    email: Option<&str>,
    id: Option<UserId>,
    before: Option<UserId>,
    limit: usize,
) -> Result<Vec<Account>> {
    let sql = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM users WHERE id < $1 AND handle IS NOT NULL AND deleted IS NULL
          AND (lower(username) LIKE $2 ESCAPE '!' OR lower(global_name) LIKE $2 ESCAPE '!' OR email = $3 OR id = $4)
          ORDER BY id DESC LIMIT $5"
    ));
    let escaped: String = text
        .chars()
        .flat_map(|sign| matches!(sign, '!' | '%' | '_').then_some('!').into_iter().chain([sign]))
        .collect();
    let before = before.map_or(i64::MAX, guildhall_base::Id::get);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.all(sql, params![before, format!("%{escaped}%"), email, id, limit])
        .await?
        .iter()
        .map(account)
        .collect()
}

/// Who has this name, with the stored password.
pub(crate) async fn find_password(db: &Db, handle: &str) -> Result<Option<(UserId, Option<String>)>> {
    let row = db.opt(sql!("SELECT id, password FROM users WHERE handle = $1"), params![handle]).await?;
    row.map(|row| row.read()).transpose()
}

pub(crate) async fn password(db: &Db, id: UserId) -> Result<Option<String>> {
    let row = db.opt(sql!("SELECT password FROM users WHERE id = $1"), params![id]).await?;
    Ok(row.map(|row| row.get(0)).transpose()?.flatten())
}

/// The bots of somebody.
pub(crate) async fn bots_of(db: &Db, owner: UserId) -> Result<Vec<UserId>> {
    let rows = db.all(sql!("SELECT id FROM users WHERE owner_id = $1 ORDER BY id"), params![owner]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

pub(crate) async fn any_staff(db: &Db) -> Result<bool> {
    Ok(db.opt(sql!("SELECT 1 FROM users WHERE staff LIMIT 1"), params![]).await?.is_some())
}

/// Reads the columns of `columns!`, in their order, from the beginning of a row.
pub(crate) fn account(row: &Row) -> Result<Account> {
    let mut next = row.columns();
    let id = next.next()?;
    let mut user = User::new(id, next.next::<String>()?);
    user.global_name = next.next()?;
    user.avatar = next.next()?;
    user.banner = next.next()?;
    user.accent_color = next.next()?;
    user.public_flags = next.next()?;
    user.flags = user.public_flags;
    user.primary_guild = Always;
    user.bot = next.next()?;
    let (staff, email, verified) = (next.next()?, next.next()?, next.next()?);
    let (status, theme, locale) = (next.next()?, next.next()?, next.next()?);
    let (bio, pronouns) = (next.next()?, next.next()?);
    let custom_status = next.next::<Option<String>>()?;
    let custom_status =
        custom_status.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::internal)?;
    let settings = Settings { status, custom_status, theme, locale };
    let (state, owner) = (UserState::from_number(next.next()?), next.next()?);
    let (leaving, deleted) = (next.next()?, next.next::<Option<Timestamp>>()?.is_some());
    let guarded = next.next()?;
    let user = Arc::new(user);
    Ok(Account {
        user,
        staff,
        email,
        verified,
        settings,
        bio,
        pronouns,
        state,
        owner,
        leaving,
        deleted,
        guarded,
    })
}

/// Fails the batch with `codes::DUPLICATE` if a human's name is taken.
pub(crate) fn insert(batch: &mut Batch, account: &Account, password: Option<String>, now: Timestamp) {
    let user = &account.user;
    let handle = (!user.bot).then_some(user.username.as_str());
    batch.run(
        sql!(
            "INSERT INTO users (id, handle, username, global_name, avatar, banner, accent_color, public_flags, bot,
                 staff, email, verified, locale, theme, status, bio, pronouns, password, created, owner_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
        ),
        params![
            user.id,
            handle,
            &user.username,
            &user.global_name,
            &user.avatar,
            &user.banner,
            user.accent_color,
            user.public_flags,
            user.bot,
            account.staff,
            &account.email,
            account.verified,
            &account.settings.locale,
            &account.settings.theme,
            &account.settings.status,
            &account.bio,
            &account.pronouns,
            password,
            now,
            account.owner,
        ],
    );
}

/// One column of one user that changes. Each is its own statement, so that changes of different fields at the same
/// time do not undo each other.
pub(crate) fn set(batch: &mut Batch, id: UserId, change: Change<'_>) {
    match change {
        Change::Handle(name) => {
            batch.run(sql!("UPDATE users SET username = $2, handle = $2 WHERE id = $1"), params![id, name])
        }
        Change::BotName(name) => {
            batch.run(sql!("UPDATE users SET username = $2 WHERE id = $1"), params![id, name])
        }
        Change::GlobalName(name) => {
            batch.run(sql!("UPDATE users SET global_name = $2 WHERE id = $1"), params![id, name])
        }
        Change::Avatar(hash) => {
            batch.run(sql!("UPDATE users SET avatar = $2 WHERE id = $1"), params![id, hash])
        }
        Change::Banner(hash) => {
            batch.run(sql!("UPDATE users SET banner = $2 WHERE id = $1"), params![id, hash])
        }
        Change::AccentColor(color) => {
            batch.run(sql!("UPDATE users SET accent_color = $2 WHERE id = $1"), params![id, color])
        }
        Change::Bio(bio) => batch.run(sql!("UPDATE users SET bio = $2 WHERE id = $1"), params![id, bio]),
        Change::Pronouns(text) => {
            batch.run(sql!("UPDATE users SET pronouns = $2 WHERE id = $1"), params![id, text])
        }
        Change::Status(status) => {
            batch.run(sql!("UPDATE users SET status = $2 WHERE id = $1"), params![id, status])
        }
        Change::CustomStatus(json) => {
            batch.run(sql!("UPDATE users SET custom_status = $2 WHERE id = $1"), params![id, json])
        }
        Change::Theme(theme) => {
            batch.run(sql!("UPDATE users SET theme = $2 WHERE id = $1"), params![id, theme])
        }
        Change::Locale(locale) => {
            batch.run(sql!("UPDATE users SET locale = $2 WHERE id = $1"), params![id, locale])
        }
        Change::Email(address) => batch
            .run(sql!("UPDATE users SET email = $2, verified = TRUE WHERE id = $1"), params![id, address]),
        Change::Staff(staff) => {
            batch.run(sql!("UPDATE users SET staff = $2 WHERE id = $1"), params![id, staff])
        }
    };
}

/// See [`set`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    Handle(&'a str),
    BotName(&'a str),
    GlobalName(Option<&'a str>),
    Avatar(Option<&'a str>),
    Banner(Option<&'a str>),
    AccentColor(Option<u32>),
    Bio(&'a str),
    Pronouns(&'a str),
    Status(&'a str),
    /// As JSON.
    CustomStatus(Option<&'a str>),
    Theme(&'a str),
    Locale(&'a str),
    /// A confirmed address; the batch fails with `codes::DUPLICATE` if it is another's.
    Email(&'a str),
    Staff(bool),
}

/// Writes an imported password in our own form, unless it was changed meanwhile.
pub(crate) fn upgrade_password(batch: &mut Batch, id: UserId, imported: String, ours: String) {
    batch.run(
        sql!("UPDATE users SET password = $2 WHERE id = $1 AND password = $3"),
        params![id, ours, imported],
    );
}

/// Replaces the password if it is still the old one; otherwise the batch fails with `otherwise`.
pub(crate) fn replace_password(
    batch: &mut Batch,
    id: UserId,
    old: Option<String>,
    new: String,
    otherwise: guildhall_base::Code,
) {
    match old {
        Some(old) => batch.must(
            sql!("UPDATE users SET password = $2 WHERE id = $1 AND password = $3"),
            params![id, new, old],
            otherwise,
        ),
        None => batch.must(
            sql!("UPDATE users SET password = $2 WHERE id = $1 AND password IS NULL"),
            params![id, new],
            otherwise,
        ),
    };
}
