//! The writer of a build without the history: there is none, so that nothing is recorded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::database::DatabaseError;
use super::record::BaselineQuery;
use super::record::Record;
use crate::parts::HISTORY;

/// How long the end waits for the rest to be written.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::ZERO;

/// What the user should know about the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A damaged database was set aside.
    SetAside(PathBuf),
    /// Nothing can be written, for this reason; the search continues.
    Failing(String),
    /// It works again.
    Recovered,
}

/// The sending side, which nobody gets.
pub(crate) struct History;

impl History {
    /// # Errors
    /// Always.
    pub(crate) fn open(_: &Path) -> Result<Self, DatabaseError> {
        HISTORY.check().map_err(DatabaseError::Absent)?;
        Ok(Self)
    }

    /// # Errors
    /// Always.
    pub(crate) fn later(path: &Path) -> Result<Self, DatabaseError> {
        Self::open(path)
    }

    pub(crate) fn send(&self, _: Record) {}

    pub(crate) fn ask(&self, _: BaselineQuery) {}

    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        0
    }

    pub(crate) fn notices(&self) -> std::iter::Empty<Notice> {
        std::iter::empty()
    }

    pub(crate) fn close(self, _: Duration) -> u64 {
        0
    }
}
