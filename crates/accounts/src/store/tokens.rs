//! The table `tokens`: sessions of people and tokens of bots, as hashes.

use guildhall_base::{Code, Error, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Outcome, Row};
use guildhall_infra::{params, sql};

use super::users;
use crate::SessionId;
use crate::actions::{Assurance, SecondFactor};
use crate::model::{Account, Session, SessionClass};
use crate::scopes::SessionScopes;
use crate::sign_in::Method;
use crate::token::TokenHash;

/// A stored token.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) id: SessionId,
    pub(crate) bot: bool,
    pub(crate) seen: Timestamp,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) class: SessionClass,
    /// What was chosen for it.
    pub(crate) scopes: SessionScopes,
    /// The ranks of its owner.
    pub(crate) ranks: Vec<String>,
}

/// A token to store.
#[derive(Debug, Clone)]
pub(crate) struct NewToken {
    pub(crate) hash: TokenHash,
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) bot: bool,
    pub(crate) now: Timestamp,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) device: String,
    pub(crate) address: String,
    pub(crate) class: SessionClass,
    pub(crate) scopes: SessionScopes,
    /// What its owner calls it; empty where it began with a sign-in.
    pub(crate) name: String,
    /// How it was got.
    pub(crate) method: &'static str,
    /// When its owner last proved who they are.
    pub(crate) proved: Timestamp,
}

/// The token and whose it is.
pub(crate) async fn find(db: &Db, hash: TokenHash) -> Result<Option<(Account, Stored)>> {
    let text = sql!(concat!(
        "SELECT ",
        users::columns!(),
        ", tokens.id, tokens.bot, tokens.seen, tokens.expires, tokens.class, tokens.scopes,
         (SELECT string_agg(r.rank, ',') FROM user_ranks AS r WHERE r.user_id = users.id)
         FROM tokens JOIN users ON users.id = tokens.user_id WHERE tokens.hash = $1"
    ));
    let Some(row) = db.opt(text, params![hash.to_vec()]).await? else { return Ok(None) };
    let after = users::COLUMNS;
    let stored = Stored {
        id: row.get(after)?,
        bot: row.get(after + 1)?,
        seen: row.get(after + 2)?,
        expires: row.get(after + 3)?,
        class: SessionClass::named(&row.get::<String>(after + 4)?),
        scopes: SessionScopes::from_text(&row.get::<String>(after + 5)?),
        ranks: super::staff::ranks(row.get(after + 6)?),
    };
    Ok(Some((users::account(&row)?, stored)))
}

/// The sessions of a user that have not ended, latest used first.
pub(crate) async fn sessions(db: &Db, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, created, seen, expires, device, address, class, scopes, name FROM tokens
                 WHERE user_id = $1 AND bot = FALSE AND (expires IS NULL OR expires > $2) ORDER BY seen DESC, id DESC"
            ),
            params![user, now],
        )
        .await?;
    rows.iter().map(session).collect()
}

fn session(row: &Row) -> Result<Session> {
    let mut next = row.columns();
    let (id, created, seen, expires) = (next.next()?, next.next()?, next.next()?, next.next()?);
    let (device, address) = (next.next()?, next.next()?);
    let class = SessionClass::named(&next.next::<String>()?);
    let scopes = SessionScopes::from_text(&next.next::<String>()?);
    Ok(Session { id, created, seen, expires, device, address, class, scopes, name: next.next()? })
}

/// Fails the batch with `codes::DUPLICATE` if the same token is stored already.
pub(crate) fn insert(batch: &mut Batch, token: NewToken) {
    batch.run(
        sql!(
            "INSERT INTO tokens (hash, id, user_id, bot, created, seen, expires, device, address, method, proved,
                 class, scopes, name)
             VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        ),
        params![
            token.hash.to_vec(),
            token.id,
            token.user,
            token.bot,
            token.now,
            token.expires,
            token.device,
            token.address,
            token.method,
            token.proved,
            token.class.name(),
            token.scopes.to_text(),
            token.name,
        ],
    );
}

/// When the owner of a session last proved who they are; none if the session has ended.
pub(crate) async fn proved(db: &Db, user: UserId, session: SessionId) -> Result<Option<Timestamp>> {
    let text = sql!("SELECT proved FROM tokens WHERE user_id = $1 AND id = $2");
    let row = db.opt(text, params![user, session]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// How a session of a user was proved; none if it has ended.
pub(crate) async fn assurance(db: &Db, user: UserId, session: SessionId) -> Result<Option<Assurance>> {
    let text =
        sql!("SELECT method, second, proved FROM tokens WHERE user_id = $1 AND id = $2 AND bot = FALSE");
    let Some(row) = db.opt(text, params![user, session]).await? else { return Ok(None) };
    let (method, second, proved): (String, String, Timestamp) = row.read()?;
    let method = Method::named(&method).unwrap_or(Method::Password);
    // Sessions from before proofs were counted began when they were made.
    let at = proved.max(session.created_at());
    Ok(Some(Assurance { session, method, second: SecondFactor::named(&second), at }))
}

/// Says what a session was proved with besides.
pub(crate) fn note_second(batch: &mut Batch, session: SessionId, factor: SecondFactor) {
    batch.run(sql!("UPDATE tokens SET second = $2 WHERE id = $1"), params![session, factor.name()]);
}

/// Says that the owner of a session has proved who they are. Fails the batch with `otherwise` if it has ended.
pub(crate) fn prove(batch: &mut Batch, session: SessionId, now: Timestamp, otherwise: Code) {
    batch.must(sql!("UPDATE tokens SET proved = $2 WHERE id = $1"), params![session, now], otherwise);
}

/// Says that a session was used.
pub(crate) fn touch(batch: &mut Batch, hash: TokenHash, now: Timestamp, expires: Timestamp) {
    batch.run(
        sql!("UPDATE tokens SET seen = $2, expires = $3 WHERE hash = $1"),
        params![hash.to_vec(), now, expires],
    );
}

/// Removes a user's sessions that ended before now.
pub(crate) fn prune(batch: &mut Batch, user: UserId, now: Timestamp) {
    batch.run(sql!("DELETE FROM tokens WHERE user_id = $1 AND expires <= $2"), params![user, now]);
}

/// Removes one session of a user; its outcome has the hash. Fails the batch with `otherwise` if there is none.
pub(crate) fn remove(batch: &mut Batch, user: UserId, session: SessionId, otherwise: Code) -> usize {
    batch.must(
        sql!("DELETE FROM tokens WHERE user_id = $1 AND id = $2 AND bot = FALSE RETURNING hash"),
        params![user, session],
        otherwise,
    )
}

/// Removes all tokens of a user but one session; its outcome has the hashes.
pub(crate) fn remove_all(batch: &mut Batch, user: UserId, but: Option<SessionId>) -> usize {
    batch.run(
        sql!("DELETE FROM tokens WHERE user_id = $1 AND id <> $2 RETURNING hash"),
        params![user, but.unwrap_or(SessionId::new(0))],
    )
}

/// Removes those tokens of a user that are no sessions; its outcome has the hashes.
pub(crate) fn remove_lasting(batch: &mut Batch, user: UserId) -> usize {
    batch.run(
        sql!("DELETE FROM tokens WHERE user_id = $1 AND expires IS NULL AND bot = FALSE RETURNING hash"),
        params![user],
    )
}

/// The hashes that a removal returned.
pub(crate) fn removed(outcomes: &[Outcome], index: usize) -> Result<Vec<TokenHash>> {
    let rows = outcomes.get(index).map(|outcome| outcome.rows.as_slice()).unwrap_or_default();
    rows.iter()
        .map(|row| {
            TokenHash::from_vec(row.get(0)?)
                .ok_or_else(|| Error::internal("a stored token hash has a wrong length"))
        })
        .collect()
}

/// Removes everybody's sessions and tokens whose time was over by then.
pub(crate) fn forget_expired(batch: &mut Batch, before: Timestamp) {
    batch.run(sql!("DELETE FROM tokens WHERE expires <= $1"), params![before]);
}
