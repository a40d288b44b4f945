//! Opening a SQLite connection and running single statements on it.

use std::path::Path;
use std::time::Duration;

use guildhall_base::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ffi};

use super::super::batch::Outcome;
use super::super::error::caused;
use super::super::list::list_as_json;
use super::super::row::Row;
use super::super::sql::Sql;
use super::super::value::{Value, check};
use super::super::{Dialect, codes};

const CACHED_STATEMENTS: usize = 512;

/// The connection that writes; creates the file.
pub(super) fn writer(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open(path, flags)?;
    let prepare = || {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        // Pages that change with every message are copied to the file a quarter as often as by default.
        connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Looks at tables whose statistics are missing or old; bounded, so that it is quick on any size.
        connection.execute_batch("PRAGMA optimize=0x10002")
    };
    prepare().map_err(|e| failure("opening for writing", e))?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "query_only", true).map_err(|e| failure("opening for reading", e))?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let open = || {
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
        // As LIKE is everywhere else.
        connection.pragma_update(None, "case_sensitive_like", true)?;
        // Otherwise statements are planned anew for every other parameter, once the tables have statistics.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        Ok(connection)
    };
    open().map_err(|e| failure(&format!("opening {}", path.display()), e))
}

/// Runs one statement to its end.
pub(super) fn run(connection: &Connection, sql: Sql, params: &[Value]) -> Result<Outcome> {
    check(sql.text(), params)?;
    let mut statement = prepare(connection, sql)?;
    bind(&mut statement, sql, params)?;
    if statement.column_count() == 0 {
        let affected = statement.raw_execute().map_err(|e| failure(sql.text(), e))?;
        return Ok(Outcome { affected: u64::try_from(affected).unwrap_or(0), rows: Vec::new() });
    }
    let mut rows = Vec::new();
    let mut answer = statement.raw_query();
    while let Some(row) = answer.next().map_err(|e| failure(sql.text(), e))? {
        // Asked of the row: the first step may have made the statement anew for a changed schema.
        let width = row.as_ref().column_count();
        let mut values = Vec::with_capacity(width);
        for index in 0..width {
            let value = row.get_ref(index).map_err(|e| failure(sql.text(), e))?;
            values.push(owned(value).map_err(|problem| caused(codes::INTERNAL, sql.text(), problem))?);
        }
        rows.push(Row(values));
    }
    Ok(Outcome { affected: rows.len() as u64, rows })
}

/// Prepares a statement, or finds it prepared.
pub(super) fn prepare(connection: &Connection, sql: Sql) -> Result<CachedStatement<'_>> {
    connection.prepare_cached(sql.expanded(Dialect::Sqlite)).map_err(|e| failure(sql.text(), e))
}

/// To SQLite `$2` is a name, and its index is that of its first appearance: so the number in the name counts.
fn bind(statement: &mut CachedStatement<'_>, sql: Sql, params: &[Value]) -> Result<()> {
    let wrong = |problem: String| caused(codes::INTERNAL, sql.text(), problem);
    let mut highest = 0;
    for index in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|digits| digits.parse::<usize>().ok())
            .filter(|number| *number > 0)
            .ok_or_else(|| wrong("placeholders are $1, $2 ...".to_owned()))?;
        let value = params.get(number - 1).ok_or_else(|| wrong(format!("${number} is missing")))?;
        highest = highest.max(number);
        statement.raw_bind_parameter(index, Bound(value)).map_err(|e| failure(sql.text(), e))?;
    }
    if highest < params.len() {
        return Err(wrong(format!("{} parameters were given for {highest}", params.len())));
    }
    Ok(())
}

struct Bound<'a>(&'a Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Integer(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Value::Boolean(yes) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*yes))),
            Value::Real(number) => ToSqlOutput::Borrowed(ValueRef::Real(*number)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            list => {
                let json = list_as_json(list)
                    .ok_or_else(|| rusqlite::Error::ToSqlConversionFailure("not a value".into()))?;
                ToSqlOutput::Owned(rusqlite::types::Value::Text(json))
            }
        })
    }
}

fn owned(value: ValueRef<'_>) -> std::result::Result<Value, std::str::Utf8Error> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text)?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes::Bytes::copy_from_slice(bytes)),
    })
}

/// SQLite's error as one of ours.
pub(super) fn failure(statement: &str, error: rusqlite::Error) -> Error {
    let extended = error.sqlite_error().map(|e| e.extended_code);
    let code = match (error.sqlite_error_code(), extended) {
        (_, Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY)) => codes::DUPLICATE,
        (_, Some(ffi::SQLITE_CONSTRAINT_ROWID)) => codes::DUPLICATE,
        (_, Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY)) => codes::REFERENCE,
        (Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _) => codes::UNAVAILABLE,
        _ => codes::INTERNAL,
    };
    caused(code, statement, error)
}
