//! The rows of the history: each kind of record as it is written.

use rusqlite::{Connection, params};

use super::record::{Alert, Baseline, Metric, Record, RunSummary};

/// Writes all records or none.
///
/// # Errors
/// What SQLite said.
pub(super) fn write_all(connection: &mut Connection, batch: &[Record]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for record in batch {
        match record {
            Record::Metric(metric) => write_metric(&transaction, metric)?,
            Record::Alert(alert) => write_alert(&transaction, alert)?,
            Record::Over {
                resource_type,
                resource_id,
                alert_type,
                at,
            } => {
                let of = (
                    resource_type.name(),
                    resource_id.as_str(),
                    alert_type.as_str(),
                );
                write_over(&transaction, of, at.as_millisecond())?;
            }
            Record::Begins { session, run, at } => {
                write_left(&transaction, session, *run, at.as_millisecond())?;
            }
            Record::Run(run) => write_run(&transaction, run)?,
            Record::Baseline(baseline) => write_baseline(&transaction, baseline)?,
        }
    }
    transaction.commit()
}

fn write_metric(connection: &Connection, metric: &Metric) -> rusqlite::Result<()> {
    let sql = "INSERT INTO health_metrics (resource_type, resource_id, metric_name, value, threshold_warning, \
               threshold_critical, timestamp, unit, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    connection.prepare_cached(sql)?.execute(params![
        metric.resource_type.name(),
        metric.resource_id,
        metric.name,
        metric.value,
        metric.warning,
        metric.critical,
        metric.at.as_millisecond(),
        metric.unit,
        metric.status.name(),
    ])?;
    Ok(())
}

fn write_alert(connection: &Connection, alert: &Alert) -> rusqlite::Result<()> {
    let sql = "INSERT INTO health_alerts (resource_type, resource_id, alert_type, severity, message, timestamp, \
               metadata, resolved, resolved_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let at = alert.at.as_millisecond();
    connection.prepare_cached(sql)?.execute(params![
        alert.resource_type.name(),
        alert.resource_id,
        alert.alert_type,
        alert.severity.name(),
        alert.message,
        at,
        alert.metadata.to_string(),
        alert.resolved,
        alert.resolved.then_some(at),
    ])?;
    Ok(())
}

fn write_over(connection: &Connection, of: (&str, &str, &str), at: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE health_alerts SET resolved = 1, resolved_at = ?4 WHERE resolved = 0 AND resource_type = ?1 \
               AND resource_id = ?2 AND alert_type = ?3";
    connection
        .prepare_cached(sql)?
        .execute(params![of.0, of.1, of.2, at])?;
    Ok(())
}

/// What a process that was killed left open.
fn write_left(connection: &Connection, session: &str, run: u32, at: i64) -> rusqlite::Result<()> {
    let runs = "UPDATE runs SET ending = 'process-gone' WHERE ending = 'running' AND session = ?1 AND run < ?2";
    connection
        .prepare_cached(runs)?
        .execute(params![session, run])?;
    let alerts = "UPDATE health_alerts SET resolved = 1, resolved_at = ?2 WHERE resolved = 0 AND timestamp < ?2 \
                  AND resource_type IN ('worker', 'session', 'system') AND json_extract(metadata, '$.session') = ?1";
    connection
        .prepare_cached(alerts)?
        .execute(params![session, at])?;
    Ok(())
}

fn write_run(connection: &Connection, run: &RunSummary) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO runs (session, run, started, ended, ending, found, candidates, working_seconds) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute(params![
        run.session,
        run.run,
        run.started.as_millisecond(),
        run.ended.as_millisecond(),
        run.ending,
        whole(run.found),
        whole(run.candidates),
        run.working_seconds,
    ])?;
    Ok(())
}

fn write_baseline(connection: &Connection, baseline: &Baseline) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO baselines (machine, backend, filter, workers, performance, rate) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let workers = i64::try_from(baseline.workers).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute(params![
        baseline.machine,
        baseline.backend,
        baseline.filter,
        workers,
        baseline.performance,
        baseline.rate,
    ])?;
    Ok(())
}
