//! Where threads can't be pinned through the calls that this program uses, nothing competes with a worker.

use std::io;
use std::time::Duration;

/// No competition.
pub(crate) struct Competition;

impl Competition {
    /// Never starts.
    ///
    /// # Errors
    /// Always: it is not supported here.
    pub(crate) fn start(_programs: u32) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Never starts.
    ///
    /// # Errors
    /// Always: it is not supported here.
    pub(crate) fn everywhere(_on: Duration, _off: Duration) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Never competes.
///
/// # Errors
/// Always: it is not supported here.
pub(crate) fn compete(_core: u64, _rhythm: Option<[u64; 2]>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
