//! What the history tells: metrics, alerts, runs, baselines; by session and since a moment.

use jiff::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::record::{Baseline, RunSummary};

/// A metric as it is in the database; serialises to the table's own columns, the time in UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MetricRow {
    /// Number of the row.
    pub id: i64,
    /// What it is about.
    pub resource_type: String,
    /// Which one.
    pub resource_id: String,
    /// What was measured.
    pub metric_name: String,
    /// The value; nothing where it was not a number.
    pub value: Option<f64>,
    /// From here on it is a warning.
    pub threshold_warning: Option<f64>,
    /// From here on it is critical.
    pub threshold_critical: Option<f64>,
    /// When.
    pub timestamp: Timestamp,
    /// The unit of the value.
    pub unit: String,
    /// How well the resource was.
    pub status: String,
}

/// An alert as it is in the database; serialises to the table's own columns, times in UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct AlertRow {
    /// Its number, as `keygen alert resolve` takes it.
    pub id: i64,
    /// What it is about.
    pub resource_type: String,
    /// Which one.
    pub resource_id: String,
    /// What kind.
    pub alert_type: String,
    /// How bad.
    pub severity: String,
    /// In words.
    pub message: String,
    /// When.
    pub timestamp: Timestamp,
    /// More about it.
    pub metadata: serde_json::Value,
    /// Whether it is over.
    pub resolved: bool,
    /// Since when it is over.
    pub resolved_at: Option<Timestamp>,
}

/// Metrics since a moment, oldest first.
///
/// # Errors
/// What SQLite said.
pub(crate) fn metrics(
    connection: &Connection,
    since: Timestamp,
) -> rusqlite::Result<Vec<MetricRow>> {
    let sql = "SELECT id, resource_type, resource_id, metric_name, value, threshold_warning, threshold_critical, \
               timestamp, unit, status FROM health_metrics WHERE timestamp >= ?1 ORDER BY timestamp, id";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([since.as_millisecond()], |row| {
        Ok(MetricRow {
            id: row.get(0)?,
            resource_type: row.get(1)?,
            resource_id: row.get(2)?,
            metric_name: row.get(3)?,
            value: row.get(4)?,
            threshold_warning: row.get(5)?,
            threshold_critical: row.get(6)?,
            timestamp: moment(row, 7)?.unwrap_or_default(),
            unit: row.get(8)?,
            status: row.get(9)?,
        })
    })?;
    rows.collect()
}

/// Alerts since a moment, oldest first; all, or only those that are not over.
///
/// # Errors
/// What SQLite said.
pub(crate) fn alerts(
    connection: &Connection,
    since: Timestamp,
    open_only: bool,
) -> rusqlite::Result<Vec<AlertRow>> {
    let sql = "SELECT id, resource_type, resource_id, alert_type, severity, message, timestamp, metadata, resolved, \
               resolved_at FROM health_alerts WHERE timestamp >= ?1 AND resolved <= ?2 ORDER BY timestamp, id";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map(params![since.as_millisecond(), !open_only], |row| {
        let metadata: String = row.get(7)?;
        Ok(AlertRow {
            id: row.get(0)?,
            resource_type: row.get(1)?,
            resource_id: row.get(2)?,
            alert_type: row.get(3)?,
            severity: row.get(4)?,
            message: row.get(5)?,
            timestamp: moment(row, 6)?.unwrap_or_default(),
            metadata: serde_json::from_str(&metadata).unwrap_or_default(),
            resolved: row.get(8)?,
            resolved_at: moment(row, 9)?,
        })
    })?;
    rows.collect()
}

/// Marks an alert as over; says whether there was such an open one.
///
/// # Errors
/// What SQLite said.
pub(crate) fn resolve(connection: &Connection, id: i64, now: Timestamp) -> rusqlite::Result<bool> {
    let sql =
        "UPDATE health_alerts SET resolved = 1, resolved_at = ?2 WHERE id = ?1 AND resolved = 0";
    let changed = connection.execute(sql, params![id, now.as_millisecond()])?;
    Ok(changed > 0)
}

/// The runs of one session or of all that ended since a moment, oldest first.
///
/// # Errors
/// What SQLite said.
pub(crate) fn runs(
    connection: &Connection,
    session: Option<&str>,
    since: Timestamp,
) -> rusqlite::Result<Vec<RunSummary>> {
    let sql = "SELECT session, run, started, ended, ending, found, candidates, working_seconds FROM runs \
               WHERE ended >= ?1 AND (?2 IS NULL OR session = ?2) ORDER BY started";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map(params![since.as_millisecond(), session], |row| {
        let whole = |index| row.get(index).map(|n: i64| u64::try_from(n).unwrap_or(0));
        Ok(RunSummary {
            session: row.get(0)?,
            run: row.get(1)?,
            started: moment(row, 2)?.unwrap_or_default(),
            ended: moment(row, 3)?.unwrap_or_default(),
            ending: row.get(4)?,
            found: whole(5)?,
            candidates: whole(6)?,
            working_seconds: row.get(7)?,
        })
    })?;
    rows.collect()
}

/// The baselines that are remembered of this machine, kind of filter and number of workers.
///
/// # Errors
/// What SQLite said.
pub(crate) fn baselines(
    connection: &Connection,
    machine: &str,
    filter: &str,
    workers: usize,
) -> rusqlite::Result<Vec<Baseline>> {
    let sql = "SELECT backend, performance, rate FROM baselines WHERE machine = ?1 AND filter = ?2 AND workers = ?3";
    let number = i64::try_from(workers).unwrap_or(i64::MAX);
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map(params![machine, filter, number], |row| {
        Ok(Baseline {
            machine: machine.to_owned(),
            backend: row.get(0)?,
            filter: filter.to_owned(),
            workers,
            performance: row.get(1)?,
            rate: row.get(2)?,
        })
    })?;
    rows.collect()
}

/// The moment in a column of milliseconds since 1970.
fn moment(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Timestamp>> {
    let column: Option<i64> = FromSql::column_result(row.get_ref(index)?)?;
    Ok(column.and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok()))
}
