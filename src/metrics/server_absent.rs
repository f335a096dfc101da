//! The HTTP server of a build without metrics.

use std::io;
use std::net::TcpListener;

use crate::parts::METRICS;
use crate::status::LatestSnapshot;

/// # Errors
/// Always.
pub(crate) fn start(_: TcpListener, _: LatestSnapshot) -> io::Result<()> {
    Err(io::Error::other(METRICS))
}
