//! What alerts are made of: raised, occurred, resolved. Public facts only: nothing here can hold a private key.

use jiff::Timestamp;
use serde_json::Value;

use super::Severity;
use crate::event::{Found, FoundKind};
use crate::health::resource::Status;
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
    /// A channel to outside, from 1 in the order of the settings.
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
    /// Whether it is one that was searched for, and not one of the watchlist.
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

/// Something that people should be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alert {
    /// Its name, such as a verdict's.
    pub name: &'static str,
    pub subject: Subject,
    /// How bad, as the history has it.
    pub status: Status,
    pub message: String,
    /// More about it, for programs.
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
    /// How bad it was; nothing where an earlier process raised it.
    pub status: Option<Status>,
    pub message: String,
    pub at: Timestamp,
}

/// What happens to an alert.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// It holds from now on, until it is over.
    Raised(Alert),
    /// It happened, and nothing is left of it.
    Occurred(Alert),
    /// It is over.
    Resolved(Resolved),
}

impl Change {
    /// The end of an alert; whoever keeps account of those that are open knows how bad it was.
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

    /// What tells alerts apart: the same name about the same subject is the same alert.
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
