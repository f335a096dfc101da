//! Why a session can't run.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::lock::LockError;
use super::name::SessionName;
use super::place::PlaceError;

/// Why a session can't run.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    /// The state folder can't be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// It runs already, or its lock can't be used.
    #[error("the session {name} can't be started: {source}")]
    Lock {
        /// Its name.
        name: SessionName,
        /// Why.
        source: LockError,
    },
    /// Its folder can't be written.
    #[error("the session {name} in {folder} can't be written: {source}")]
    Write {
        /// Its name.
        name: SessionName,
        /// Its folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
