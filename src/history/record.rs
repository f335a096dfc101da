//! The records of the history: metrics, alerts, summaries of runs, baselines.

use std::time::Duration;

use crossbeam_channel::Sender;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alert::Change;
use crate::health::Learned;
use crate::health::state::{ResourceType, Status};
use crate::health::thresholds::Levels;

/// Values that one sample may have, whatever the number of workers: keeps a day under 5 MB with a sample every 30 s.
pub(crate) const VALUES_A_SAMPLE: usize = 12;

/// A value that was measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Metric {
    pub resource_type: ResourceType,
    /// Which one, such as "worker-1" or a session's name.
    pub resource_id: String,
    /// What was measured, such as "rate".
    pub name: &'static str,
    pub value: f64,
    /// From here on it is a warning.
    pub warning: Option<f64>,
    /// From here on it is critical.
    pub critical: Option<f64>,
    pub at: Timestamp,
    /// The unit of the value, such as "candidates/s"; empty for a plain number.
    pub unit: &'static str,
    /// How well the resource is by this value.
    pub status: Status,
}

impl Metric {
    /// A value of a healthy resource, without thresholds.
    pub(crate) fn new(
        (resource_type, resource_id): (ResourceType, &str),
        name: &'static str,
        value: f64,
        unit: &'static str,
        at: Timestamp,
    ) -> Self {
        Self {
            resource_type,
            resource_id: resource_id.to_owned(),
            name,
            value,
            warning: None,
            critical: None,
            at,
            unit,
            status: Status::Healthy,
        }
    }

    /// With thresholds, and the status that follows from them.
    pub(crate) fn with_levels(self, levels: Levels) -> Self {
        let (warning, critical) = (Some(levels.warning), Some(levels.critical));
        Self {
            warning,
            critical,
            status: Status::of(self.value, warning, critical),
            ..self
        }
    }
}

/// The outcome of a run of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunSummary {
    pub session: String,
    /// Number of the run, from 1.
    pub run: u32,
    pub started: Timestamp,
    /// When it ended, or the latest sign of life.
    pub ended: Timestamp,
    /// How it ended; "running" until then.
    pub ending: String,
    /// Wanted keys of all runs.
    pub found: u64,
    /// Candidates of all runs.
    pub candidates: u64,
    /// Working time of all runs.
    pub working_seconds: f64,
}

/// Something to write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    Metric(Metric),
    /// What happens to an alert of this session.
    Alert(Change, String),
    /// A run of a session starts: earlier runs without an end were killed, and their alerts are over.
    RunStarted {
        session: String,
        run: u32,
        at: Timestamp,
    },
    /// The latest state of a run; replaces the one before of the same run.
    Run(RunSummary),
    /// A baseline of the machine with this processor; replaces the one with the same key.
    Learned(String, Learned),
}

/// A query for baselines, and where the answer goes.
#[derive(Debug)]
pub(crate) struct BaselineQuery {
    /// Time before the query is made: a search that is over sooner needs no answer.
    pub after: Duration,
    /// The machine, by its processor's name.
    pub machine: String,
    /// The kind of filter.
    pub filter: String,
    pub workers: usize,
    /// Where the answer goes; there is none if no baseline is known.
    pub learned: Sender<Vec<Learned>>,
}

/// The name of this machine's processor, as far as the system reports it.
pub(crate) fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line
        .and_then(|line| line.split_once(':'))
        .map(|(_, name)| name.trim());
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_follows_from_the_thresholds() {
        let status = |value| Status::of(value, Some(80.0), Some(95.0));
        assert_eq!(status(79.9), Status::Healthy);
        assert_eq!(status(80.0), Status::Degraded);
        assert_eq!(status(95.0), Status::Critical);
        assert_eq!(Status::of(1e9, None, None), Status::Healthy);
    }

    #[test]
    fn names_are_those_of_the_json_forms() {
        for kind in [ResourceType::Worker, ResourceType::System] {
            assert_eq!(serde_json::json!(kind), kind.name());
        }
        for status in [Status::Healthy, Status::Critical] {
            assert_eq!(serde_json::json!(status), status.name());
        }
    }
}
