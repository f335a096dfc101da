//! The tables of the history, step by step from one version to the next.

use rusqlite::{Connection, Transaction};
use thiserror::Error;

/// "KGEN": marks a database as one of this program.
pub(crate) const APPLICATION: i32 = 0x4B47_454E;

/// Each step from one version to the next; never changed once released, only added to.
const STEPS: [&str; 1] = ["
    CREATE TABLE health_metrics (
        id INTEGER PRIMARY KEY,
        resource_type TEXT NOT NULL CHECK (resource_type IN ('worker', 'session', 'output', 'database', 'system')),
        resource_id TEXT NOT NULL,
        metric_name TEXT NOT NULL,
        value REAL,
        threshold_warning REAL,
        threshold_critical REAL,
        timestamp INTEGER NOT NULL,
        unit TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('healthy', 'degraded', 'unhealthy', 'critical'))
    ) STRICT;
    CREATE INDEX health_metrics_by_time ON health_metrics (timestamp);
    CREATE TABLE health_alerts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        resource_type TEXT NOT NULL CHECK (resource_type IN ('worker', 'session', 'output', 'database', 'system')),
        resource_id TEXT NOT NULL,
        alert_type TEXT NOT NULL,
        severity TEXT NOT NULL CHECK (severity IN ('healthy', 'degraded', 'unhealthy', 'critical')),
        message TEXT NOT NULL,
        timestamp INTEGER NOT NULL,
        metadata TEXT NOT NULL CHECK (json_valid(metadata)),
        resolved INTEGER NOT NULL CHECK (resolved IN (0, 1)),
        resolved_at INTEGER
    ) STRICT;
    CREATE INDEX health_alerts_by_time ON health_alerts (timestamp);
    CREATE TABLE runs (
        session TEXT NOT NULL,
        run INTEGER NOT NULL,
        started INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        ending TEXT NOT NULL,
        found INTEGER NOT NULL,
        candidates INTEGER NOT NULL,
        working_seconds REAL NOT NULL,
        PRIMARY KEY (session, started)
    ) STRICT;
    CREATE TABLE baselines (
        machine TEXT NOT NULL,
        backend TEXT NOT NULL,
        filter TEXT NOT NULL,
        workers INTEGER NOT NULL,
        performance REAL NOT NULL,
        rate REAL NOT NULL,
        PRIMARY KEY (machine, backend, filter, workers)
    ) STRICT;
"];

/// The version that this program writes.
pub(crate) const VERSION: usize = STEPS.len();

/// Why a database does not have our tables.
#[derive(Debug, Error)]
pub(crate) enum SchemaError {
    /// SQLite refuses.
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    /// A later program wrote it.
    #[error(
        "a newer keygen wrote it (version {found} of its tables, this program knows up to {VERSION}): use that one, or name another database with --history-db PATH"
    )]
    Newer {
        /// Its version.
        found: i64,
    },
    /// Another program's.
    #[error("it is another program's database; name another one with --history-db PATH")]
    Foreign,
}

/// Brings the tables to the version of this program; timestamps are milliseconds since 1970 in UTC.
///
/// # Errors
/// It is newer, another program's, or SQLite refuses; then nothing was changed.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), SchemaError> {
    let version: i64 = pragma(connection, "user_version")?;
    let application: i64 = pragma(connection, "application_id")?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_ours = application == i64::from(APPLICATION);
    if !is_ours && (application != 0 || tables > 0) {
        return Err(SchemaError::Foreign);
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > VERSION {
        return Err(SchemaError::Newer { found: version });
    }
    if done < VERSION {
        let transaction = connection.transaction()?;
        apply(&transaction, done)?;
        transaction.commit()?;
    }
    Ok(())
}

fn apply(transaction: &Transaction<'_>, done: usize) -> rusqlite::Result<()> {
    for step in &STEPS[done..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION as i64)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_made_once_and_found_again() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(pragma(&connection, "user_version").unwrap(), VERSION as i64);
    }

    #[test]
    fn a_database_of_a_newer_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(error.to_string().contains("newer keygen"), "{error}");
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE a (b)").unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(matches!(error, SchemaError::Foreign));
    }
}
