//! Metrics over HTTP.

use std::io;
use std::net::TcpListener;

use super::answer::Site;
use crate::http::server;
use crate::status::LatestSnapshot;

/// Starts to serve on a thread of its own, which lasts as long as the process.
///
/// # Errors
/// The system refuses a thread or what it waits with.
pub(crate) fn start(listener: TcpListener, latest: LatestSnapshot) -> io::Result<()> {
    server::start("metrics", listener, Site::new(latest))
}
