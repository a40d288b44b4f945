//! The table `applications`.

use guildhall_base::{ApplicationId, Result, UserId};
use guildhall_infra::db::{Batch, Db, Migration, Row};
use guildhall_infra::{params, sql};

use crate::Application;
use crate::codes::UNKNOWN_APPLICATION;

pub(crate) fn migrations() -> Vec<Migration> {
    vec![Migration { name: "oauth/0001", sql: include_str!("../migrations/0001_applications.sql") }]
}

pub(crate) async fn find(db: &Db, id: ApplicationId) -> Result<Option<Application>> {
    let text = sql!(
        "SELECT id, owner_id, name, description, icon, flags, public, verify_key, interactions_endpoint_url, created
         FROM applications WHERE id = $1"
    );
    db.opt(text, params![id]).await?.as_ref().map(application).transpose()
}

pub(crate) async fn of_owner(db: &Db, owner: UserId) -> Result<Vec<Application>> {
    let text = sql!(
        "SELECT id, owner_id, name, description, icon, flags, public, verify_key, interactions_endpoint_url, created
         FROM applications WHERE owner_id = $1 ORDER BY id"
    );
    db.all(text, params![owner]).await?.iter().map(application).collect()
}

fn application(row: &Row) -> Result<Application> {
    let mut next = row.columns();
    Ok(Application {
        id: next.next()?,
        owner: next.next()?,
        name: next.next()?,
        description: next.next()?,
        icon: next.next()?,
        flags: next.next()?,
        public: next.next()?,
        verify_key: next.next()?,
        interactions_endpoint_url: next.next()?,
        created: next.next()?,
    })
}

pub(crate) fn insert(batch: &mut Batch, application: &Application) {
    batch.run(
        sql!(
            "INSERT INTO applications
                 (id, owner_id, name, description, icon, flags, public, verify_key, interactions_endpoint_url, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        params![
            application.id,
            application.owner,
            &application.name,
            &application.description,
            &application.icon,
            application.flags,
            application.public,
            &application.verify_key,
            &application.interactions_endpoint_url,
            application.created,
        ],
    );
}

/// Writes what may be edited.
pub(crate) fn update(batch: &mut Batch, application: &Application) {
    batch.must(
        sql!("UPDATE applications SET description = $2, flags = $3, public = $4 WHERE id = $1"),
        params![application.id, &application.description, application.flags, application.public],
        UNKNOWN_APPLICATION,
    );
}
