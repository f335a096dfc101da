//! The HTTP server and the file of a build without metrics: there are none.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use thiserror::Error;

/// The HTTP server and the file have the same face.
pub(crate) use crate::metrics as file;
pub(crate) use crate::metrics as server;
use crate::parts::{METRICS, Part};
use crate::status::LatestSnapshot;

/// Time between two versions of the file.
pub(crate) const INTERVAL: Duration = Duration::ZERO;

/// Why a file can't be used.
#[derive(Debug, Error)]
#[error(transparent)]
pub(crate) struct FileError(Part);

/// A file that can be replaced; there is none.
#[derive(Clone, Debug)]
pub(crate) enum MetricsFile {}

impl MetricsFile {
    /// # Errors
    /// Always.
    pub(crate) fn open(_: &Path) -> Result<Self, FileError> {
        Err(FileError(METRICS))
    }
}

/// The thread that keeps the file; there is none.
#[derive(Debug)]
pub(crate) enum Keeper {}

impl Keeper {
    /// # Errors
    /// Never: there is no file to keep.
    pub(crate) fn start(file: MetricsFile, _: LatestSnapshot, _: Duration) -> io::Result<Self> {
        match file {}
    }

    pub(crate) fn write(&self) {
        match *self {}
    }

    pub(crate) fn notices(&self) -> std::iter::Empty<String> {
        match *self {}
    }

    pub(crate) fn end(&mut self) {
        match *self {}
    }
}

/// # Errors
/// Always.
pub(crate) fn start(_: TcpListener, _: LatestSnapshot) -> io::Result<()> {
    Err(io::Error::other(METRICS))
}
