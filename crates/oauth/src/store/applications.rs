//! The table `applications`.

use guildhall_base::{ApplicationId, Result, UserId};
use guildhall_infra::db::{Batch, Columns, Db, Json, Row};
use guildhall_infra::{params, sql};

use crate::codes::UNKNOWN_APPLICATION;
use crate::model::{Application, Client, SecretHash, SigningAlg};

/// The columns of an application, in the order in which [`application`] reads them.
macro_rules! columns {
    () => {
        "id, owner_id, name, description, icon, flags, public, verify_key, interactions_endpoint_url, created,
         redirect_uris, logout_uris, backchannel_logout_uri, public_client, scopes, optional_scopes, id_token_alg,
         require_pkce, require_par, dpop_bound, verified, per_second, per_day, registration_hash"
    };
}

pub(crate) async fn find(db: &Db, id: ApplicationId) -> Result<Option<Application>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM applications WHERE id = $1"));
    db.opt(text, params![id]).await?.as_ref().map(application).transpose()
}

pub(crate) async fn of_owner(db: &Db, owner: UserId) -> Result<Vec<Application>> {
    let text = sql!(concat!("SELECT ", columns!(), " FROM applications WHERE owner_id = $1 ORDER BY id"));
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
        client: client(&mut next)?,
    })
}

fn client(next: &mut Columns<'_>) -> Result<Client> {
    Ok(Client {
        redirect_uris: next.next::<Json<_>>()?.0,
        logout_uris: next.next::<Json<_>>()?.0,
        backchannel_logout_uri: next.next()?,
        public: next.next()?,
        scopes: next.next()?,
        optional_scopes: next.next()?,
        id_token_alg: SigningAlg::named(&next.next::<String>()?).unwrap_or(SigningAlg::Rs256),
        require_pkce: next.next()?,
        require_par: next.next()?,
        dpop_bound: next.next()?,
        verified: next.next()?,
        per_second: next.next()?,
        per_day: next.next()?,
        registration_hash: next.next::<Option<Vec<u8>>>()?.map(SecretHash::from_vec).transpose()?,
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
    update(batch, application);
}

/// Stores an application's key pair for interactions.
pub(crate) fn set_interaction_key(
    batch: &mut Batch,
    id: ApplicationId,
    public: &str,
    sealed: Option<Vec<u8>>,
) {
    batch.run(
        sql!("UPDATE applications SET verify_key = $2, interaction_key = $3 WHERE id = $1"),
        params![id, public, sealed],
    );
}

/// The sealed private key of an application.
pub(crate) async fn interaction_key(db: &Db, id: ApplicationId) -> Result<Option<Vec<u8>>> {
    let text = sql!("SELECT interaction_key FROM applications WHERE id = $1");
    db.one(text, params![id]).await?.get(0)
}

/// Applications that have none.
pub(crate) async fn without_interaction_key(db: &Db) -> Result<Vec<ApplicationId>> {
    let text = sql!("SELECT id FROM applications WHERE interaction_key IS NULL");
    db.all(text, params![]).await?.iter().map(|row| row.get(0)).collect()
}

/// Writes what may be edited.
pub(crate) fn update(batch: &mut Batch, application: &Application) {
    let client = &application.client;
    batch.must(
        sql!(
            "UPDATE applications SET name = $2, description = $3, flags = $4, public = $5,
                 interactions_endpoint_url = $6, redirect_uris = $7, logout_uris = $8, backchannel_logout_uri = $9,
                 public_client = $10, scopes = $11, optional_scopes = $12, id_token_alg = $13, require_pkce = $14,
                 require_par = $15, dpop_bound = $16, verified = $17, per_second = $18, per_day = $19,
                 registration_hash = $20
             WHERE id = $1"
        ),
        params![
            application.id,
            &application.name,
            &application.description,
            application.flags,
            application.public,
            &application.interactions_endpoint_url,
            Json(&client.redirect_uris),
            Json(&client.logout_uris),
            &client.backchannel_logout_uri,
            client.public,
            client.scopes,
            client.optional_scopes,
            client.id_token_alg.name(),
            client.require_pkce,
            client.require_par,
            client.dpop_bound,
            client.verified,
            client.per_second,
            client.per_day,
            client.registration_hash.map(SecretHash::to_vec),
        ],
        UNKNOWN_APPLICATION,
    );
}

/// Removes an application and everything that hangs on it, but not its bot's user.
pub(crate) fn remove(batch: &mut Batch, id: ApplicationId) {
    batch.must(sql!("DELETE FROM applications WHERE id = $1"), params![id], UNKNOWN_APPLICATION);
}
