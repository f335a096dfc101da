//! What the history holds: metrics, alerts, summaries of sessions, baselines.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::health::resource::{ResourceType, Status};

/// Values that one sample may have, whatever the number of workers: keeps a day under 5 MB at a sample each 30 s.
pub(crate) const VALUES_A_SAMPLE: usize = 12;

/// A value that was measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Metric {
    /// What it is about.
    pub resource_type: ResourceType,
    /// Which one, such as "worker-1" or a session's name.
    pub resource_id: String,
    /// What was measured, such as "rate".
    pub name: String,
    /// The value.
    pub value: f64,
    /// From here on it is a warning.
    pub warning: Option<f64>,
    /// From here on it is critical.
    pub critical: Option<f64>,
    /// When.
    pub at: Timestamp,
    /// The unit of the value, such as "candidates/s"; empty for a plain number.
    pub unit: String,
    /// How well the resource is by this value.
    pub status: Status,
}

/// Something that happened and that people should know of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alert {
    /// What it is about.
    pub resource_type: ResourceType,
    /// Which one.
    pub resource_id: String,
    /// What kind, such as "worker-dead".
    pub alert_type: String,
    /// How bad.
    pub severity: Status,
    /// In words.
    pub message: String,
    /// When.
    pub at: Timestamp,
    /// More about it.
    pub metadata: serde_json::Value,
    /// Whether it was over as soon as it was noted.
    pub resolved: bool,
}

/// What a run of a session came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunSummary {
    /// The session's name.
    pub session: String,
    /// Number of the run, from 1.
    pub run: u32,
    /// When the run began.
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

/// What a worker of this machine does when all is well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// The machine, by its processor's name.
    pub machine: String,
    /// The backend.
    pub backend: String,
    /// The kind of filter.
    pub filter: String,
    /// Number of workers.
    pub workers: usize,
    /// Candidates a processor second times the calibration time: a number without unit.
    pub performance: f64,
    /// Candidates a processor second.
    pub rate: f64,
}

/// Something to write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    /// A metric.
    Metric(Metric),
    /// An alert.
    Alert(Alert),
    /// The open alerts of this kind about this resource are over.
    Over {
        /// What they are about.
        resource_type: ResourceType,
        /// Which one.
        resource_id: String,
        /// What kind.
        alert_type: String,
        /// Since when.
        at: Timestamp,
    },
    /// A run of a session begins: earlier ones that did not end were left by their process, and what was wrong with it
    /// is over.
    Begins {
        /// The session's name.
        session: String,
        /// The run that begins.
        run: u32,
        /// When.
        at: Timestamp,
    },
    /// The latest state of a run; replaces the one before of the same run.
    Run(RunSummary),
    /// A baseline; replaces the one before of the same machine, backend, filter and number of workers.
    Baseline(Baseline),
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
