//! The table `device_codes`.

use guildhall_accounts::SessionId;
use guildhall_base::{Code as ErrorCode, Error, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{Authentication, Device, DeviceState, SecretHash};

macro_rules! columns {
    () => {
        "hash, user_code, application_id, grant_id, scopes, expires, next_poll, interval_ms, state, user_id,
         session_id, auth_time, acr, amr"
    };
}

fn device(row: &Row) -> Result<Device> {
    let mut next = row.columns();
    let mut device = Device {
        hash: SecretHash::from_vec(next.next()?)?,
        user_code: next.next()?,
        application: next.next()?,
        grant: next.next()?,
        scopes: next.next()?,
        expires: next.next()?,
        next_poll: next.next()?,
        interval_ms: next.next()?,
        state: DeviceState::from_number(next.next()?)
            .ok_or_else(|| Error::internal("a device code has an unknown state"))?,
        answered: None,
    };
    let (user, session, at): (Option<UserId>, Option<SessionId>, Option<Timestamp>) =
        (next.next()?, next.next()?, next.next()?);
    let (acr, amr): (Option<String>, String) = (next.next()?, next.next()?);
    if let (Some(user), Some(at), Some(acr)) = (user, at, acr) {
        device.answered = Some((user, Authentication { session, at, acr, amr }));
    }
    Ok(device)
}

pub(crate) async fn find(db: &Db, hash: SecretHash) -> Result<Option<Device>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM device_codes WHERE hash = $1"));
    db.opt(text, params![hash.to_vec()]).await?.as_ref().map(device).transpose()
}

pub(crate) async fn by_user_code(db: &Db, code: &str) -> Result<Option<Device>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM device_codes WHERE user_code = $1"));
    db.opt(text, params![code]).await?.as_ref().map(device).transpose()
}

pub(crate) fn insert(batch: &mut Batch, device: &Device, now: Timestamp) {
    batch.run(
        sql!(
            "INSERT INTO device_codes
                 (hash, user_code, application_id, grant_id, scopes, created, expires, next_poll, interval_ms, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8, 0)"
        ),
        params![
            device.hash.to_vec(),
            &device.user_code,
            device.application,
            device.grant,
            device.scopes,
            now,
            device.expires,
            device.interval_ms,
        ],
    );
}

/// Says when the device may ask again, and how long it must wait from now on.
pub(crate) fn poll(batch: &mut Batch, hash: SecretHash, next: Timestamp, interval_ms: u64) {
    batch.run(
        sql!("UPDATE device_codes SET next_poll = $2, interval_ms = $3 WHERE hash = $1"),
        params![hash.to_vec(), next, interval_ms],
    );
}

/// Answers a question that waits; otherwise nothing of the batch happens.
pub(crate) fn answer(
    batch: &mut Batch,
    device: &Device,
    state: DeviceState,
    who: (UserId, &Authentication),
    now: Timestamp,
    otherwise: ErrorCode,
) {
    let (user, authentication) = who;
    batch.must(
        sql!(
            "UPDATE device_codes SET state = $2, user_id = $3, session_id = $4, auth_time = $5, acr = $6,
                 amr = $8
             WHERE hash = $1 AND state = 0 AND expires > $7"
        ),
        params![
            device.hash.to_vec(),
            state as i64,
            user,
            authentication.session,
            authentication.at,
            &authentication.acr,
            now,
            &authentication.amr,
        ],
        otherwise,
    );
}

/// Claims an allowed question for its tokens; otherwise nothing of the batch happens.
pub(crate) fn exchange(batch: &mut Batch, hash: SecretHash, otherwise: ErrorCode) {
    batch.must(
        sql!("UPDATE device_codes SET state = 3 WHERE hash = $1 AND state = 1"),
        params![hash.to_vec()],
        otherwise,
    );
}

pub(crate) fn prune(batch: &mut Batch, before: Timestamp) {
    batch.run(sql!("DELETE FROM device_codes WHERE expires < $1"), params![before]);
}
