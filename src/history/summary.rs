//! The whole picture that the history gives of some hours: runs, what was measured, restarts and their causes, incidents.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::Serialize;

use super::query::{self, AlertRow, MetricRow};
use super::record::RunSummary;

/// What was measured of one resource, over all samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Measured {
    /// What it is about: worker, session, output, database or system.
    pub resource_type: String,
    /// Which one.
    pub resource_id: String,
    /// What was measured.
    pub metric_name: String,
    /// The unit of the values.
    pub unit: String,
    /// The last value.
    pub last: f64,
    /// When that was.
    pub at: Timestamp,
    /// The least value.
    pub least: f64,
    /// The greatest value.
    pub most: f64,
    /// The mean of the samples that were written: what stands still is written less often.
    pub mean: f64,
    /// How many those are.
    pub samples: u64,
    /// How well the resource was by the last value.
    pub status: String,
}

/// The picture of some hours.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Picture {
    /// From when on.
    pub since: Timestamp,
    /// The runs that were active since then.
    pub runs: Vec<RunSummary>,
    /// What was measured.
    pub measured: Vec<Measured>,
    /// Restarts of workers by cause.
    pub restarts: BTreeMap<String, u64>,
    /// What happened, oldest first.
    pub incidents: Vec<AlertRow>,
}

/// Draws the picture of one session or of all since a moment.
///
/// # Errors
/// What SQLite said.
pub(crate) fn draw(
    connection: &Connection,
    session: Option<&str>,
    since: Timestamp,
) -> rusqlite::Result<Picture> {
    let mut incidents = query::alerts(connection, since, false)?;
    incidents.retain(|alert| concerns(alert, session));
    let metrics = metrics(connection, session, since)?;
    let mut restarts = BTreeMap::new();
    for alert in &incidents {
        if alert.metadata["step"] == "restarting" {
            *restarts.entry(alert.alert_type.clone()).or_default() += 1;
        }
    }
    Ok(Picture {
        since,
        runs: query::runs(connection, session, since)?,
        measured: measure(&metrics),
        restarts,
        incidents,
    })
}

/// The metrics of one session or of all since a moment; those of the machine belong to every session.
///
/// # Errors
/// What SQLite said.
pub(crate) fn metrics(
    connection: &Connection,
    session: Option<&str>,
    since: Timestamp,
) -> rusqlite::Result<Vec<MetricRow>> {
    let mut metrics = query::metrics(connection, since)?;
    metrics.retain(|metric| session.is_none_or(|name| is_of(metric, name)));
    Ok(metrics)
}

fn is_of(metric: &MetricRow, session: &str) -> bool {
    match metric.resource_type.as_str() {
        "worker" | "session" => belongs(&metric.resource_id, session),
        _ => true,
    }
}

/// Whether an alert is about this session; all are about all.
#[must_use]
pub(crate) fn concerns(alert: &AlertRow, session: Option<&str>) -> bool {
    let is_of = |name| alert.metadata["session"] == name || belongs(&alert.resource_id, name);
    session.is_none_or(is_of)
}

/// "night" and "night/worker-1" belong to "night".
fn belongs(resource: &str, session: &str) -> bool {
    let rest = resource.strip_prefix(session);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn measure(metrics: &[MetricRow]) -> Vec<Measured> {
    let mut all: BTreeMap<(&str, &str, &str), Measured> = BTreeMap::new();
    for metric in metrics {
        let Some(value) = metric.value else { continue };
        let key = (
            metric.resource_type.as_str(),
            metric.resource_id.as_str(),
            metric.metric_name.as_str(),
        );
        let measured = all.entry(key).or_insert_with(|| Measured {
            resource_type: metric.resource_type.clone(),
            resource_id: metric.resource_id.clone(),
            metric_name: metric.metric_name.clone(),
            unit: metric.unit.clone(),
            last: value,
            at: metric.timestamp,
            least: value,
            most: value,
            mean: 0.0,
            samples: 0,
            status: metric.status.clone(),
        });
        measured.samples += 1;
        measured.mean += (value - measured.mean) / measured.samples as f64;
        measured.least = measured.least.min(value);
        measured.most = measured.most.max(value);
        (measured.last, measured.at) = (value, metric.timestamp);
        measured.status.clone_from(&metric.status);
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(resource_type: &str, resource_id: &str, value: f64, second: i64) -> MetricRow {
        MetricRow {
            id: second,
            resource_type: resource_type.to_owned(),
            resource_id: resource_id.to_owned(),
            metric_name: "rate".to_owned(),
            value: Some(value),
            threshold_warning: None,
            threshold_critical: None,
            timestamp: Timestamp::from_second(second).unwrap(),
            unit: String::new(),
            status: "healthy".to_owned(),
        }
    }

    #[test]
    fn values_of_a_resource_are_taken_together() {
        let rows = [(10.0, 1), (30.0, 2), (20.0, 3)]
            .map(|(value, second)| row("session", "night", value, second));
        let measured = measure(&rows);
        let one = &measured[0];
        assert_eq!((measured.len(), one.samples), (1, 3));
        assert_eq!(
            (one.last, one.least, one.most, one.mean),
            (20.0, 10.0, 30.0, 20.0)
        );
    }

    #[test]
    fn a_session_has_its_workers_and_the_machine_and_not_those_of_others() {
        assert!(is_of(&row("worker", "night/worker-1", 1.0, 1), "night"));
        assert!(!is_of(&row("worker", "night 2/worker-1", 1.0, 1), "night"));
        assert!(is_of(&row("system", "machine", 1.0, 1), "night"));
    }
}
