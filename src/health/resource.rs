//! What a metric or an alert is about, and how well that is.

use serde::{Deserialize, Serialize};

/// What a metric or an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
        match self {
            Self::Worker => "worker",
            Self::Session => "session",
            Self::Output => "output",
            Self::Database => "database",
            Self::System => "system",
        }
    }
}

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// As it should be.
    Healthy,
    /// Above the threshold of a warning.
    Degraded,
    /// It needs help.
    Unhealthy,
    /// Above the critical threshold.
    Critical,
}

impl Status {
    /// Its name in the database.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
            Self::Critical => "critical",
        }
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
