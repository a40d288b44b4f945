//! The tables `application_usage` and `deliveries`.

use guildhall_base::{ApplicationId, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::actions::counting::Who;

/// Requests of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hour {
    /// Hours since 1970.
    pub(crate) hour: i64,
    pub(crate) requests: u64,
    pub(crate) refused: u64,
}

/// Adds to what is counted for an hour; nothing for an application that is gone.
pub(crate) fn add(batch: &mut Batch, application: ApplicationId, hour: Hour) {
    batch.run(
        sql!(
            "INSERT INTO application_usage (application_id, hour, requests, refused)
             SELECT id, $2, $3, $4 FROM applications WHERE id = $1
             ON CONFLICT (application_id, hour) DO UPDATE SET
                 requests = application_usage.requests + excluded.requests,
                 refused = application_usage.refused + excluded.refused"
        ),
        params![application, hour.hour, hour.requests, hour.refused],
    );
}

/// How many requests a day has seen so far: of an application, or of one user of it.
pub(crate) async fn of_day(db: &Db, (application, user): Who, day: i64) -> Result<u64> {
    let text =
        sql!("SELECT requests FROM application_days WHERE application_id = $1 AND user_id = $2 AND day = $3");
    let row = db.opt(text, params![application, user.unwrap_or(UserId::new(0)), day]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// Adds to it; the outcome has the sum, or nothing for an application that is gone.
pub(crate) fn add_to_day(batch: &mut Batch, (application, user): Who, day: i64, requests: u64) {
    batch.run(
        sql!(
            "INSERT INTO application_days (application_id, user_id, day, requests)
             SELECT id, $2, $3, $4 FROM applications WHERE id = $1
             ON CONFLICT (application_id, user_id, day) DO UPDATE SET
                 requests = application_days.requests + excluded.requests
             RETURNING requests"
        ),
        params![application, user.unwrap_or(UserId::new(0)), day, requests],
    );
}

/// Hours from this one on, the oldest first; hours without requests are absent.
pub(crate) async fn since(db: &Db, application: ApplicationId, hour: i64) -> Result<Vec<Hour>> {
    let text = sql!(
        "SELECT hour, requests, refused FROM application_usage WHERE application_id = $1 AND hour >= $2
         ORDER BY hour"
    );
    let rows = db.all(text, params![application, hour]).await?;
    rows.iter()
        .map(|row| {
            let (hour, requests, refused) = row.read()?;
            Ok(Hour { hour, requests, refused })
        })
        .collect()
}

/// One delivery to an address of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) url: String,
    pub(crate) at: Timestamp,
    /// The answer's status; 0 where none came.
    pub(crate) status: u16,
    pub(crate) took_ms: u64,
    pub(crate) problem: String,
    /// 1 the first time.
    pub(crate) attempt: u32,
    /// What would be sent again, as JSON; empty where nothing can be.
    pub(crate) subject: String,
}

pub(crate) fn insert_delivery(batch: &mut Batch, application: ApplicationId, delivery: &Delivery) {
    batch.run(
        sql!(
            "INSERT INTO deliveries (id, application_id, kind, url, at, status, took_ms, problem, attempt, subject)
             SELECT $1, id, $3, $4, $5, $6, $7, $8, $9, $10 FROM applications WHERE id = $2"
        ),
        params![
            delivery.id,
            application,
            &delivery.kind,
            &delivery.url,
            delivery.at,
            delivery.status,
            delivery.took_ms,
            &delivery.problem,
            delivery.attempt,
            &delivery.subject,
        ],
    );
}

macro_rules! columns {
    () => {
        "id, kind, url, at, status, took_ms, problem, attempt, subject"
    };
}

fn delivery(row: &Row) -> Result<Delivery> {
    let (id, kind, url, at, status, took_ms, problem, attempt, subject) = row.read()?;
    Ok(Delivery { id, kind, url, at, status, took_ms, problem, attempt, subject })
}

/// The newest deliveries, the newest first.
pub(crate) async fn deliveries(db: &Db, application: ApplicationId, limit: i64) -> Result<Vec<Delivery>> {
    let text = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM deliveries WHERE application_id = $1 ORDER BY id DESC LIMIT $2"
    ));
    db.all(text, params![application, limit]).await?.iter().map(delivery).collect()
}

/// One delivery of an application.
pub(crate) async fn find_delivery(db: &Db, application: ApplicationId, id: i64) -> Result<Option<Delivery>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM deliveries WHERE application_id = $1 AND id = $2"));
    db.opt(text, params![application, id]).await?.as_ref().map(delivery).transpose()
}

/// Forgets days before this one.
pub(crate) fn prune_days(batch: &mut Batch, day: i64) {
    batch.run(sql!("DELETE FROM application_days WHERE day < $1"), params![day]);
}

/// Forgets what is too old to be shown.
pub(crate) fn prune(batch: &mut Batch, hour: i64, before: Timestamp) {
    batch.run(sql!("DELETE FROM application_usage WHERE hour < $1"), params![hour]);
    batch.run(sql!("DELETE FROM deliveries WHERE at < $1"), params![before]);
}
