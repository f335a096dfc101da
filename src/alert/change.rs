//! Alerts and their changes: raised, occurred, resolved. Nothing here can hold a private key.

use jiff::Timestamp;
use serde_json::Value;

use super::Severity;
use crate::event::{Found, FoundKind};
use crate::health::state::Status;
use crate::key::hex;

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
    /// The pattern that it fits.
    pub pattern: String,
    /// Whether it was searched for, and is not one of the watchlist.
    pub wanted: bool,
}

impl From<&Found> for KeyFacts {
    fn from(found: &Found) -> Self {
        let file = found.files.first().map(|file| file.display().to_string());
        Self {
            public_key: hex::encode(&found.public),
            file: file.unwrap_or_default(),
            pattern: found.pattern.clone(),
            wanted: found.kind == FoundKind::Wanted,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alert {
    /// Its name, such as a verdict's.
    pub name: &'static str,
    pub subject: Subject,
    /// How serious it is, as recorded in the history.
    pub status: Status,
    pub message: String,
    /// Details for programs.
    pub details: Value,
    /// The key that was found.
    pub key: Option<KeyFacts>,
    pub at: Timestamp,
}

impl Alert {
    /// How much it matters.
    pub(crate) fn severity(&self) -> Severity {
        self.status.into()
    }
}

/// The end of an alert.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resolved {
    pub name: &'static str,
    pub subject: Subject,
    /// How serious it was; nothing where an earlier process raised it.
    pub status: Option<Status>,
    pub message: String,
    pub at: Timestamp,
}

/// What happens to an alert.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// It is open until it is resolved.
    Raised(Alert),
    /// It happened and is resolved at once.
    Occurred(Alert),
    Resolved(Resolved),
}

impl Change {
    /// The end of an alert; [`super::active::ActiveAlerts`] adds how serious it was.
    pub(crate) fn resolved(
        name: &'static str,
        subject: Subject,
        message: String,
        at: Timestamp,
    ) -> Self {
        Self::Resolved(Resolved {
            name,
            subject,
            status: None,
            message,
            at,
        })
    }

    /// What identifies an alert: name and subject.
    pub(crate) fn key(&self) -> (&'static str, &Subject) {
        match self {
            Self::Raised(alert) | Self::Occurred(alert) => (alert.name, &alert.subject),
            Self::Resolved(over) => (over.name, &over.subject),
        }
    }

    /// When it happened.
    pub(crate) fn at(&self) -> Timestamp {
        match self {
            Self::Raised(alert) | Self::Occurred(alert) => alert.at,
            Self::Resolved(over) => over.at,
        }
    }
}
