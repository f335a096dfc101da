//! Upkeep of the history: removes old records, makes copies while it is in use, returns free pages.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::backup::Backup;

/// Days that metrics are kept.
pub(crate) const METRIC_DAYS: u64 = 7;

/// Days that alerts and summaries of sessions are kept.
pub(crate) const ALERT_DAYS: u64 = 365;

/// Pages that a backup copies between two chances for others to write.
const PAGES: std::ffi::c_int = 100;

/// Rows that were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pruned {
    /// Metrics.
    pub metrics: usize,
    /// Alerts.
    pub alerts: usize,
    /// Summaries of runs.
    pub runs: usize,
}

/// Removes old records.
///
/// # Errors
/// What SQLite said.
pub(crate) fn prune(connection: &Connection, now: Timestamp) -> rusqlite::Result<Pruned> {
    let before = |days: u64| {
        let milliseconds = i64::try_from(days * 86_400_000).unwrap_or(i64::MAX);
        now.as_millisecond().saturating_sub(milliseconds)
    };
    let old = before(ALERT_DAYS);
    Ok(Pruned {
        metrics: connection.execute(
            "DELETE FROM health_metrics WHERE timestamp < ?1",
            [before(METRIC_DAYS)],
        )?,
        alerts: connection.execute("DELETE FROM health_alerts WHERE timestamp < ?1", [old])?,
        runs: connection.execute("DELETE FROM runs WHERE ended < ?1", [old])?,
    })
}

/// Copies the database to a new file while others use it.
///
/// # Errors
/// What SQLite said; `file` must not exist.
pub(crate) fn backup(connection: &Connection, file: &Path) -> rusqlite::Result<()> {
    let refused = |text: String| {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
        rusqlite::Error::SqliteFailure(code, Some(text))
    };
    let mut options = crate::files::private_options();
    let created = options.write(true).create_new(true).open(file);
    created.map_err(|error| refused(format!("{}: {error}", file.display())))?;
    let mut copy = Connection::open(file)?;
    let backup = Backup::new(connection, &mut copy)?;
    backup.run_to_completion(PAGES, Duration::ZERO, None)
}

/// Brings statistics up to date and gives free pages back to the file system.
///
/// # Errors
/// What SQLite said.
pub(crate) fn optimize(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA optimize; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
}
