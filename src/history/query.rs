//! Queries of the history: metrics, alerts, runs, baselines; by session and since a moment.

use jiff::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::record::RunSummary;
use crate::engine::Backend;
use crate::health::Learned;
use crate::health::baseline::Key;

/// Whether a row is about the session that is the second parameter, or about its workers; without one, all are.
const OF_SESSION: &str =
    "(?2 IS NULL OR resource_id = ?2 OR substr(resource_id, 1, length(?2) + 1) = ?2 || '/')";

/// A metric as it is in the database; serialises to the table's own columns, the time in UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MetricRow {
    pub id: i64,
    pub resource_type: String,
    pub resource_id: String,
    pub metric_name: String,
    /// The value; nothing where it was not a number.
    pub value: Option<f64>,
    /// From here on it is a warning.
    pub threshold_warning: Option<f64>,
    /// From here on it is critical.
    pub threshold_critical: Option<f64>,
    pub timestamp: Timestamp,
    /// The unit of the value.
    pub unit: String,
    /// The status of the resource.
    pub status: String,
}

/// One metric of one resource over all its samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Measured {
    pub resource_type: String,
    pub resource_id: String,
    pub metric_name: String,
    pub unit: String,
    /// The last value.
    pub last: f64,
    /// When that was.
    pub at: Timestamp,
    pub least: f64,
    pub most: f64,
    /// The mean of the samples that were written; values that stand still are written less often.
    pub mean: f64,
    pub samples: u64,
    /// The status of the resource by the last value.
    pub status: String,
}

/// An alert as it is in the database; serialises to the table's own columns, times in UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct AlertRow {
    /// Its number, as `keygen alert resolve` takes it.
    pub id: i64,
    pub resource_type: String,
    pub resource_id: String,
    pub alert_type: String,
    pub severity: String,
    pub message: String,
    pub timestamp: Timestamp,
    pub metadata: serde_json::Value,
    pub resolved: bool,
    /// Since when it is over.
    pub resolved_at: Option<Timestamp>,
}

/// A metric in a part of the time: mean, least and most of the values that were written in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Point {
    /// When the part begins.
    pub at: Timestamp,
    pub mean: f64,
    pub least: f64,
    pub most: f64,
}

/// A metric of a session since a moment, oldest first, in at most so many points.
///
/// # Errors
/// What SQLite said.
pub(crate) fn series(
    connection: &Connection,
    session: &str,
    metric: &str,
    since: Timestamp,
    points: u32,
) -> rusqlite::Result<Vec<Point>> {
    let sql = "WITH chosen AS (SELECT timestamp AS at, value FROM health_metrics WHERE resource_type = 'session' \
               AND resource_id = ?1 AND metric_name = ?2 AND timestamp >= ?3 AND value IS NOT NULL), \
               span AS (SELECT min(at) AS first, max(1, (max(at) - min(at)) / ?4 + 1) AS width FROM chosen) \
               SELECT min(at), avg(value), min(value), max(value) FROM chosen, span \
               GROUP BY (at - first) / width ORDER BY 1";
    let mut statement = connection.prepare(sql)?;
    let of = params![session, metric, since.as_millisecond(), points];
    let rows = statement.query_map(of, |row| {
        Ok(Point {
            at: moment(row, 0)?.unwrap_or_default(),
            mean: row.get(1)?,
            least: row.get(2)?,
            most: row.get(3)?,
        })
    })?;
    rows.collect()
}

/// Metrics of one session or of all since a moment, oldest first; those of the machine belong to every session.
///
/// # Errors
/// What SQLite said.
pub(crate) fn metrics(
    connection: &Connection,
    session: Option<&str>,
    since: Timestamp,
) -> rusqlite::Result<Vec<MetricRow>> {
    let sql = format!(
        "SELECT id, resource_type, resource_id, metric_name, value, threshold_warning, threshold_critical, \
         timestamp, unit, status FROM health_metrics WHERE timestamp >= ?1 \
         AND (resource_type NOT IN ('worker', 'session') OR {OF_SESSION}) ORDER BY timestamp, id"
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(params![since.as_millisecond(), session], |row| {
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

/// The same, each metric of a resource in one row, by their names.
///
/// # Errors
/// What SQLite said.
pub(crate) fn measured(
    connection: &Connection,
    session: Option<&str>,
    since: Timestamp,
) -> rusqlite::Result<Vec<Measured>> {
    let sql = format!(
        "WITH aged AS (SELECT *, row_number() OVER (PARTITION BY resource_type, resource_id, metric_name \
         ORDER BY timestamp DESC, id DESC) AS age FROM health_metrics WHERE timestamp >= ?1 AND value IS NOT NULL \
         AND (resource_type NOT IN ('worker', 'session') OR {OF_SESSION})) \
         SELECT resource_type, resource_id, metric_name, max(unit) FILTER (WHERE age = 1), \
         max(value) FILTER (WHERE age = 1), max(timestamp), min(value), max(value), avg(value), count(*), \
         max(status) FILTER (WHERE age = 1) FROM aged GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(params![since.as_millisecond(), session], |row| {
        Ok(Measured {
            resource_type: row.get(0)?,
            resource_id: row.get(1)?,
            metric_name: row.get(2)?,
            unit: row.get(3)?,
            last: row.get(4)?,
            at: moment(row, 5)?.unwrap_or_default(),
            least: row.get(6)?,
            most: row.get(7)?,
            mean: row.get(8)?,
            samples: whole(row, 9)?,
            status: row.get(10)?,
        })
    })?;
    rows.collect()
}

/// Alerts of one session or of all since a moment, oldest first; all, or only those that are not over.
///
/// # Errors
/// What SQLite said.
pub(crate) fn alerts(
    connection: &Connection,
    session: Option<&str>,
    since: Timestamp,
    open_only: bool,
) -> rusqlite::Result<Vec<AlertRow>> {
    let sql = format!(
        "SELECT id, resource_type, resource_id, alert_type, severity, message, timestamp, metadata, resolved, \
         resolved_at FROM health_alerts WHERE timestamp >= ?1 AND resolved <= ?3 \
         AND ({OF_SESSION} OR json_extract(metadata, '$.session') = ?2) ORDER BY timestamp, id"
    );
    let mut statement = connection.prepare(&sql)?;
    let of = params![since.as_millisecond(), session, !open_only];
    let rows = statement.query_map(of, |row| {
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

/// Marks an alert as resolved; returns whether there was such an open one.
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
        Ok(RunSummary {
            session: row.get(0)?,
            run: row.get(1)?,
            started: moment(row, 2)?.unwrap_or_default(),
            ended: moment(row, 3)?.unwrap_or_default(),
            ending: row.get(4)?,
            found: whole(row, 5)?,
            candidates: whole(row, 6)?,
            working_seconds: row.get(7)?,
        })
    })?;
    rows.collect()
}

/// The baselines of this machine for this kind of filter and number of workers, on any backend that this processor
/// has.
///
/// # Errors
/// What SQLite said.
pub(crate) fn learned(
    connection: &Connection,
    machine: &str,
    filter: &str,
    workers: usize,
) -> rusqlite::Result<Vec<Learned>> {
    let sql = "SELECT backend, performance, rate FROM baselines WHERE machine = ?1 AND filter = ?2 AND workers = ?3";
    let number = i64::try_from(workers).unwrap_or(i64::MAX);
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map(params![machine, filter, number], |row| {
        let name: String = row.get(0)?;
        let (performance, rate) = (row.get(1)?, row.get(2)?);
        let backend = Backend::supported()
            .into_iter()
            .find(|backend| backend.name() == name);
        Ok(backend.map(|backend| Learned {
            key: Key {
                backend,
                filter: filter.to_owned(),
                workers,
            },
            performance,
            rate,
        }))
    })?;
    rows.filter_map(Result::transpose).collect()
}

fn whole(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(index)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// The moment in a column of milliseconds since 1970.
fn moment(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Timestamp>> {
    let column: Option<i64> = FromSql::column_result(row.get_ref(index)?)?;
    Ok(column.and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok()))
}
