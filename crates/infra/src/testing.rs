//! What tests need and production does not: fresh databases.

use std::io::Write;
use std::sync::Once;

use guildhall_base::{Error, Result};
use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::db::{Db, Sql};

/// Names the PostgreSQL server that tests may make databases on: `postgres://user@host:port/postgres`.
pub const POSTGRES: &str = "GUILDHALL_TEST_POSTGRES";

/// A database of one test's own; gone when this is dropped.
#[derive(Debug)]
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// `sqlite` or `postgres`, for messages.
    pub name: &'static str,
    /// Where it is, to open it a second time.
    pub url: String,
    _home: Home,
}

/// Where a test's database lives; removes it when dropped.
#[derive(Debug)]
enum Home {
    Folder { _folder: TempDir },
    Server { admin: String, database: String },
}

/// A fresh, empty database on every engine at hand: SQLite always, PostgreSQL where the environment variable
/// [`POSTGRES`] names a server.
///
/// # Panics
/// Where one cannot be made: a test cannot go on then.
pub async fn databases() -> Vec<TestDb> {
    let mut databases = vec![sqlite().await.unwrap_or_else(|error| panic!("no SQLite database: {error}"))];
    match std::env::var(POSTGRES) {
        Ok(admin) if !admin.is_empty() => {
            let made = postgres(&admin).await;
            databases.push(made.unwrap_or_else(|error| panic!("no database on {admin}: {error}")));
        }
        _ => say_once(),
    }
    databases
}

/// Straight to standard error: what is printed in a test that passes is swallowed.
fn say_once() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let _ = writeln!(std::io::stderr(), "{POSTGRES} is not set: NOTHING IS TESTED ON POSTGRESQL");
    });
}

async fn sqlite() -> Result<TestDb> {
    let folder = TempDir::new().map_err(Error::internal)?;
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    Ok(TestDb { db: Db::open(&url).await?, name: "sqlite", url, _home: Home::Folder { _folder: folder } })
}

async fn postgres(admin: &str) -> Result<TestDb> {
    let database = format!("guildhall_test_{:016x}", rand::random::<u64>());
    command(admin, &format!("CREATE DATABASE {database}")).await?;
    let mut url: url::Url = admin.parse().map_err(Error::internal)?;
    url.set_path(&database);
    let home = Home::Server { admin: admin.to_owned(), database };
    Ok(TestDb { db: Db::open(url.as_str()).await?, name: "postgres", url: url.into(), _home: home })
}

async fn command(admin: &str, sql: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(admin, NoTls).await.map_err(Error::internal)?;
    let serving = tokio::spawn(connection);
    let result = client.batch_execute(sql).await.map_err(Error::internal);
    drop(client);
    let _ = serving.await;
    result
}

impl Drop for Home {
    fn drop(&mut self) {
        let Self::Server { admin, database } = self else { return };
        let (admin, sql) = (admin.clone(), format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"));
        // A destructor cannot wait for the test's runtime, so it brings its own.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(command(&admin, &sql)).map_err(std::io::Error::other)
        });
        if !matches!(dropping.join(), Ok(Ok(()))) {
            tracing::warn!("a test's database was left behind");
        }
    }
}

/// Prepares every SQL text that is linked into this program; gives those that the database does not understand, with
/// its complaint. Apply the migrations first.
pub async fn misunderstood(db: &Db) -> Vec<String> {
    let mut complaints = Vec::new();
    for sql in Sql::registered() {
        if let Err(error) = db.check(sql).await {
            complaints.push(format!("{} on {:?}: {error}", sql.place(), db.dialect()));
        }
    }
    complaints
}
