//! Alerts: what people should know about a search. Derived once from its events; the history, the messages to outside
//! channels and the status of the running search all use the same changes.

pub(crate) mod active;
pub(crate) mod delivery;
pub(crate) mod judge;
pub(crate) mod message;
pub(crate) mod throttle;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::blind::ClaimedAt;
use crate::event::{Found, FoundKind};
use crate::health::state::Status;
use crate::key::hex;

/// How much an alert matters, the least first.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Severity {
    /// Good to know.
    #[default]
    Info,
    /// Worth a look.
    Warning,
    /// The search does not continue, or a key is in danger.
    Critical,
}

impl From<Status> for Severity {
    fn from(status: Status) -> Self {
        match status {
            Status::Healthy => Self::Info,
            Status::Degraded | Status::Unhealthy => Self::Warning,
            Status::Critical => Self::Critical,
        }
    }
}

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// A worker, from 1.
    Worker(usize),
    /// The whole search.
    Search,
    /// The folder for keys.
    Output,
    /// The machine.
    Machine,
    /// The database of the history.
    History,
    /// An outside channel, from 1 in the order of the settings.
    Channel(usize),
    /// A session of another process, by its state folder and name.
    Session(String),
}

impl Subject {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Worker(number) => format!("worker-{number}"),
            Self::Search => "search".to_owned(),
            Self::Output => "output".to_owned(),
            Self::Machine => "machine".to_owned(),
            Self::History => "history".to_owned(),
            Self::Channel(number) => format!("channel-{number}"),
            Self::Session(name) => name.clone(),
        }
    }
}

/// The public facts of a found key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyFacts {
    /// The public key in hex, lower case.
    pub public_key: String,
    /// The file that holds the private key.
    pub file: String,
    /// The pattern that it matches.
    pub pattern: String,
    /// Whether it was searched for, and is not one of the watchlist.
    pub wanted: bool,
    /// Where it lies, if it is a claim of a blind search.
    pub claim: Option<ClaimedAt>,
}

impl From<&Found> for KeyFacts {
    fn from(found: &Found) -> Self {
        Self {
            public_key: hex::encode(&found.public),
            file: found.file(),
            pattern: found.pattern.clone(),
            wanted: found.kind == FoundKind::Wanted,
            claim: found.claim,
        }
    }
}

/// What happens to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
pub(crate) enum State {
    /// It is open until it is resolved.
    #[serde(rename = "raised")]
    #[strum(serialize = "raised")]
    Raised,
    /// It happened and is resolved at once.
    #[serde(rename = "noted")]
    #[strum(serialize = "noted")]
    Occurred,
    #[serde(rename = "over")]
    #[strum(serialize = "over")]
    Resolved,
}

/// A change of an alert. Name and subject identify the alert.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub state: State,
    /// Its name, such as a verdict's.
    pub name: &'static str,
    pub subject: Subject,
    /// How serious it is, as recorded in the history; `None` if it is resolved and an earlier process raised it.
    pub status: Option<Status>,
    pub message: String,
    /// Details for programs.
    pub details: Value,
    /// The key that was found.
    pub key: Option<KeyFacts>,
    pub at: Timestamp,
}

impl Change {
    pub(crate) fn raised(
        name: &'static str,
        subject: Subject,
        status: Status,
        message: String,
        at: Timestamp,
    ) -> Self {
        Self {
            state: State::Raised,
            status: Some(status),
            ..Self::resolved(name, subject, message, at)
        }
    }

    pub(crate) fn occurred(
        name: &'static str,
        subject: Subject,
        status: Status,
        message: String,
        at: Timestamp,
    ) -> Self {
        Self {
            state: State::Occurred,
            ..Self::raised(name, subject, status, message, at)
        }
    }

    /// The end of an alert; [`super::active::ActiveAlerts`] adds how serious it was.
    pub(crate) fn resolved(
        name: &'static str,
        subject: Subject,
        message: String,
        at: Timestamp,
    ) -> Self {
        Self {
            state: State::Resolved,
            name,
            subject,
            status: None,
            message,
            details: Value::Null,
            key: None,
            at,
        }
    }

    /// How much it matters.
    pub(crate) fn severity(&self) -> Severity {
        self.status.map_or(Severity::Info, Severity::from)
    }

    /// Whether it is about a key that was searched for.
    pub(crate) fn is_wanted_key(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.wanted)
    }
}
