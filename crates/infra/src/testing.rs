//! What tests need and production does not: fresh databases.

use guildhall_base::Result;
use tempfile::TempDir;

use crate::db::{Db, Sql};

/// A database of one test's own; gone when this is dropped.
#[derive(Debug)]
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// `sqlite` or `postgres`, for messages.
    pub name: &'static str,
    /// Where it is, to open it a second time.
    pub url: String,
    _folder: Option<TempDir>,
}

/// A fresh, empty database on every engine at hand: SQLite always, PostgreSQL where the environment variable
/// `GUILDHALL_TEST_POSTGRES` names a server (`postgres://user@host:port/postgres`).
///
/// # Panics
/// Where one cannot be made: a test cannot go on then.
pub async fn databases() -> Vec<TestDb> {
    vec![sqlite().await.unwrap_or_else(|error| panic!("no SQLite database: {error}"))]
}

async fn sqlite() -> Result<TestDb> {
    let folder = TempDir::new().map_err(guildhall_base::Error::internal)?;
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    Ok(TestDb { db: Db::open(&url).await?, name: "sqlite", url, _folder: Some(folder) })
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
