//! The rows of the history: each kind of record as it is written.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::record::{Metric, Record, RunSummary};
use crate::alert::{Change, State, Subject};
use crate::health::Learned;
use crate::health::state::{ResourceType, Status};

/// Writes all records or none.
///
/// # Errors
/// What SQLite said.
pub(super) fn write_all(connection: &mut Connection, batch: &[Record]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for record in batch {
        match record {
            Record::Metric(metric) => write_metric(&transaction, metric)?,
            Record::Alert(change, session) if change.state == State::Resolved => {
                resolve_alert(&transaction, change, session)?;
            }
            Record::Alert(change, session) => write_alert(&transaction, change, session)?,
            Record::RunStarted { session, run, at } => {
                end_abandoned(&transaction, session, *run, at.as_millisecond())?;
            }
            Record::Run(run) => write_run(&transaction, run)?,
            Record::Learned(machine, learned) => write_learned(&transaction, machine, learned)?,
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

fn write_alert(connection: &Connection, alert: &Change, session: &str) -> rusqlite::Result<()> {
    let resolved = alert.state == State::Occurred;
    let sql = "INSERT INTO health_alerts (resource_type, resource_id, alert_type, severity, message, timestamp, \
               metadata, resolved, resolved_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let (resource_type, resource_id) = resource(&alert.subject, session);
    let at = alert.at.as_millisecond();
    connection.prepare_cached(sql)?.execute(params![
        resource_type.name(),
        resource_id,
        alert.name,
        alert.status.map(Status::name),
        alert.message,
        at,
        metadata(alert, session).to_string(),
        resolved,
        resolved.then_some(at),
    ])?;
    Ok(())
}

/// The details of an alert, and whose it is.
fn metadata(alert: &Change, session: &str) -> Value {
    let mut metadata = json!({});
    if let Value::Object(_) = &alert.details {
        metadata.clone_from(&alert.details);
    }
    metadata["session"] = session.into();
    metadata
}

fn resolve_alert(connection: &Connection, over: &Change, session: &str) -> rusqlite::Result<()> {
    let sql = "UPDATE health_alerts SET resolved = 1, resolved_at = ?4 WHERE resolved = 0 AND resource_type = ?1 \
               AND resource_id = ?2 AND alert_type = ?3";
    let (resource_type, resource_id) = resource(&over.subject, session);
    connection.prepare_cached(sql)?.execute(params![
        resource_type.name(),
        resource_id,
        over.name,
        over.at.as_millisecond()
    ])?;
    Ok(())
}

/// The resource that an alert of a session is about.
fn resource(subject: &Subject, session: &str) -> (ResourceType, String) {
    let within = |name: String| format!("{session}/{name}");
    match subject {
        Subject::Worker(_) => (ResourceType::Worker, within(subject.name())),
        Subject::Search => (ResourceType::Session, session.to_owned()),
        Subject::Channel(_) => (ResourceType::Session, within(subject.name())),
        Subject::Session(name) => (ResourceType::Session, name.clone()),
        Subject::Output => (ResourceType::Output, session.to_owned()),
        Subject::History => (ResourceType::Database, "history".to_owned()),
        Subject::Machine => (ResourceType::System, "machine".to_owned()),
    }
}

/// Ends what a process that was killed left open.
fn end_abandoned(
    connection: &Connection,
    session: &str,
    run: u32,
    at: i64,
) -> rusqlite::Result<()> {
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

fn write_learned(
    connection: &Connection,
    machine: &str,
    learned: &Learned,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO baselines (machine, backend, filter, workers, performance, rate) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let workers = i64::try_from(learned.key.workers).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute(params![
        machine,
        learned.key.backend.name(),
        learned.key.filter,
        workers,
        learned.performance,
        learned.rate,
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::alert::judge;
    use crate::event::Event;
    use crate::health::{ActionTaken, Finding, Verdict};
    use crate::history::query::{self, AlertRow};
    use crate::history::schema;

    /// The alerts that these findings of a session leave.
    fn alerts(findings: &[(Verdict, Option<usize>, ActionTaken)]) -> Vec<AlertRow> {
        let record = |(verdict, worker, action): &(_, _, ActionTaken)| {
            let event = Event::Health(Finding {
                verdict: *verdict,
                worker: *worker,
                detail: "a fact".to_owned(),
                action: *action,
            });
            let change = judge::change(&event, Timestamp::UNIX_EPOCH).unwrap();
            Record::Alert(change, "night".to_owned())
        };
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let records: Vec<_> = findings.iter().map(record).collect();
        write_all(&mut connection, &records).unwrap();
        query::alerts(&connection, None, Timestamp::UNIX_EPOCH, false).unwrap()
    }

    #[test]
    fn a_restart_is_an_alert_about_its_worker_that_is_over() {
        let restarting = ActionTaken::Restarting { restart: 1, of: 5 };
        let alert = &alerts(&[(Verdict::WorkerDead, Some(2), restarting)])[0];
        assert_eq!(
            (alert.resource_id.as_str(), alert.alert_type.as_str()),
            ("night/worker-2", "worker-dead")
        );
        assert!(alert.resolved && alert.message.contains("a fact"));
        assert_eq!(alert.metadata["restart"], 1);
        assert_eq!(alert.metadata["session"], "night");
    }

    #[test]
    fn what_lasts_is_open_until_it_is_over() {
        let paused = (Verdict::DiskLow, None, ActionTaken::Paused);
        let open = &alerts(std::slice::from_ref(&paused))[0];
        assert!(!open.resolved && open.severity == "critical", "{open:?}");
        let resumed = (Verdict::DiskLow, None, ActionTaken::Resumed);
        let over = &alerts(&[paused, resumed])[0];
        assert!(over.resolved && over.resource_type == "output", "{over:?}");
    }
}
