//! Migrations: numbered SQL files that live with their feature, one text for both engines. Each is applied once,
//! in a transaction of its own, and remembered with a digest of its text, so that one edited later is noticed.
//!
//! On SQLite `BIGINT PRIMARY KEY` becomes `INTEGER PRIMARY KEY`: only so spelled is the key the row's own
//! number instead of a second tree.

use std::borrow::Cow;

use guildhall_base::{Error, Result};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::error::caused;
use super::sql::expand;
use super::{Dialect, codes};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its name for ever: `chat/0001`.
    pub name: &'static str,
    /// Statements separated by `;`, with the fragments of `db::sql`.
    pub sql: &'static str,
}

/// Where the applied ones are remembered.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, digest TEXT NOT NULL)";

impl Migration {
    /// The text as the engine is given it.
    pub(super) fn script(&self, dialect: Dialect) -> Cow<'static, str> {
        let text = expand(self.sql, dialect);
        match dialect {
            Dialect::Sqlite => Cow::Owned(text.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")),
            Dialect::Postgres => text,
        }
    }

    /// A digest of the text as written.
    pub(super) fn digest(&self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Refuses where the digest of the applied text is another one.
    pub(super) fn verify(&self, applied: &str) -> Result<()> {
        if applied == self.digest() {
            return Ok(());
        }
        Err(Error::internal(format!("migration {} was changed after it had been applied", self.name)))
    }

    /// Applies it, inside the caller's transaction, unless it is there already.
    pub(super) fn apply_sqlite(&self, connection: &Connection) -> Result<()> {
        let failed =
            |error: rusqlite::Error| caused(codes::INTERNAL, &format!("migration {}", self.name), error);
        connection.execute_batch(TABLE).map_err(failed)?;
        let applied: Option<String> = connection
            .query_row("SELECT digest FROM migrations WHERE name = ?1", [self.name], |row| row.get(0))
            .optional()
            .map_err(failed)?;
        if let Some(applied) = applied {
            return self.verify(&applied);
        }
        connection.execute_batch(&self.script(Dialect::Sqlite)).map_err(failed)?;
        connection
            .execute("INSERT INTO migrations (name, digest) VALUES (?1, ?2)", (self.name, self.digest()))
            .map_err(failed)?;
        tracing::info!(migration = self.name, "applied");
        Ok(())
    }
}
