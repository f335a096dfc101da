//! What a metric or an alert is about, and how well that is.

use serde::{Deserialize, Serialize};

/// What a metric or an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum ResourceType {
    /// A worker, or several of them taken together.
    Worker,
    /// A whole search.
    Session,
    /// The folder for keys.
    Output,
    /// This database.
    Database,
    /// The machine.
    System,
}

impl ResourceType {
    /// Its name in the database.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// How well something is, the best first.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Healthy,
    /// Slow, restarting, or near a limit.
    Degraded,
    /// It needs help: a worker is given up, or a resource is critical.
    Unhealthy,
    /// Hardly anything works, or a critical threshold is passed.
    Critical,
}

impl Status {
    /// Its name in the database.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// The status of a value that should stay below both thresholds.
    #[must_use]
    pub(crate) fn of(value: f64, warning: Option<f64>, critical: Option<f64>) -> Self {
        let reaches = |threshold: Option<f64>| threshold.is_some_and(|limit| value >= limit);
        match (reaches(critical), reaches(warning)) {
            (true, _) => Self::Critical,
            (_, true) => Self::Degraded,
            _ => Self::Healthy,
        }
    }
}
