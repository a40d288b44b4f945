//! The tables `mail_proofs` and `mail_pauses`: mails that show whose address it is.

use guildhall_base::{Code, Error, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::mail::{MailProof, ProofId, Purpose};
use crate::token::TokenHash;

/// A proof to store, before its mail is written.
pub(crate) struct NewProof<'a> {
    pub(crate) id: ProofId,
    pub(crate) ticket: TokenHash,
    pub(crate) purpose: Purpose,
    pub(crate) address: &'a str,
    pub(crate) user: Option<UserId>,
    pub(crate) locale: &'a str,
    pub(crate) expires: Timestamp,
}

/// Adds one; those that are too old go.
pub(crate) fn insert(batch: &mut Batch, proof: NewProof<'_>, now: Timestamp) {
    batch.run(sql!("DELETE FROM mail_proofs WHERE expires <= $1"), params![now]);
    batch.run(
        sql!(
            "INSERT INTO mail_proofs (id, ticket, purpose, address, user_id, attempts, locale, expires)
             VALUES ($1, $2, $3, $4, $5, 0, $6, $7)"
        ),
        params![
            proof.id,
            proof.ticket.to_vec(),
            proof.purpose.name(),
            proof.address,
            proof.user,
            proof.locale,
            proof.expires,
        ],
    );
}

/// Claims the right to send an address a mail; the batch fails with `otherwise` while the pause after the last lasts.
pub(crate) fn pause(
    batch: &mut Batch,
    address: &str,
    purpose: Purpose,
    (now, until): (Timestamp, Timestamp),
    otherwise: Error,
) {
    batch.run(sql!("DELETE FROM mail_pauses WHERE until <= $1"), params![now]);
    batch.must(
        sql!(
            "INSERT INTO mail_pauses (address, purpose, until) VALUES ($1, $2, $3)
             ON CONFLICT (address, purpose) DO NOTHING"
        ),
        params![address, purpose.name(), until],
        otherwise,
    );
}

macro_rules! columns {
    () => {
        "id, purpose, address, user_id, code, locale"
    };
}

fn proof(row: &Row) -> Result<MailProof> {
    let (id, purpose, address, user, code, locale) =
        row.read::<(ProofId, String, String, Option<UserId>, Option<String>, String)>()?;
    let purpose = Purpose::named(&purpose).ok_or_else(|| Error::internal("an unknown purpose"))?;
    Ok(MailProof { id, purpose, address, user, code, locale })
}

/// By id, while it is good.
pub(crate) async fn find(db: &Db, id: ProofId, now: Timestamp) -> Result<Option<MailProof>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM mail_proofs WHERE id = $1 AND expires > $2"));
    db.opt(text, params![id, now]).await?.as_ref().map(proof).transpose()
}

/// By what the browser holds that asked, while it is good.
pub(crate) async fn find_by_ticket(db: &Db, ticket: TokenHash, now: Timestamp) -> Result<Option<MailProof>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM mail_proofs WHERE ticket = $1 AND expires > $2"));
    db.opt(text, params![ticket.to_vec(), now]).await?.as_ref().map(proof).transpose()
}

/// By the secret of its link, while it is good.
pub(crate) async fn find_by_link(db: &Db, link: TokenHash, now: Timestamp) -> Result<Option<MailProof>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM mail_proofs WHERE link = $1 AND expires > $2"));
    db.opt(text, params![link.to_vec(), now]).await?.as_ref().map(proof).transpose()
}

/// Counts an attempt at the code before it is looked at. None if there are none left.
pub(crate) async fn attempt(
    db: &Db,
    ticket: TokenHash,
    now: Timestamp,
    most: i64,
) -> Result<Option<MailProof>> {
    let text = sql!(concat!(
        "UPDATE mail_proofs SET attempts = attempts + 1
         WHERE ticket = $1 AND expires > $2 AND attempts < $3 RETURNING ",
        columns!()
    ));
    db.run(text, params![ticket.to_vec(), now, most]).await?.rows.first().map(proof).transpose()
}

/// Gives a proof its secrets, for the mail that is about to be sent. They replace those of an attempt to send it that
/// failed.
pub(crate) async fn arm(db: &Db, id: ProofId, link: TokenHash, code: String, now: Timestamp) -> Result<bool> {
    let text = sql!("UPDATE mail_proofs SET link = $2, code = $3 WHERE id = $1 AND expires > $4");
    Ok(db.run(text, params![id, link.to_vec(), code, now]).await?.affected > 0)
}

/// Uses a proof up. Of two who try at the same time, one fails with `otherwise`.
pub(crate) fn consume(batch: &mut Batch, id: ProofId, now: Timestamp, otherwise: Code) {
    batch.must(sql!("DELETE FROM mail_proofs WHERE id = $1 AND expires > $2"), params![id, now], otherwise);
}

/// Makes all other mails to an address worthless.
pub(crate) fn clear(batch: &mut Batch, address: &str) {
    batch.run(sql!("DELETE FROM mail_proofs WHERE address = $1"), params![address]);
}

/// Makes all mails worthless that would give a user an address.
pub(crate) fn clear_of(batch: &mut Batch, user: UserId) {
    batch.run(sql!("DELETE FROM mail_proofs WHERE user_id = $1"), params![user]);
}
