//! Where a search shows itself on the outside: metrics over HTTP and in a file, and a service manager. Opened before any
//! work, started with the search.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use thiserror::Error;

use super::service::Service;
use crate::config::args::MetricsArgs;
use crate::metrics::file::{self, FileError, Keeper, MetricsFile};
use crate::metrics::listener::{self, ListenError};
use crate::metrics::server;
use crate::status::{LatestSnapshot, Snapshot};

/// Why metrics can't be shown where they should: bad input, found before any work.
#[derive(Debug, Error)]
pub(crate) enum ExportError {
    /// The address.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What was opened, before the search starts.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    listener: Option<TcpListener>,
    file: Option<MetricsFile>,
}

impl Opened {
    /// Opens what settings ask for.
    ///
    /// # Errors
    /// An address or a file that can't be used.
    pub(crate) fn new(settings: &MetricsArgs) -> Result<Self, ExportError> {
        let listener = settings.metrics.as_ref().map(listener::listen);
        let file = settings
            .metrics_file
            .as_ref()
            .map(|path| MetricsFile::open(path));
        Ok(Self {
            listener: listener.transpose()?,
            file: file.transpose()?,
        })
    }

    /// Where metrics are, a sentence; the port may be one that the system chose.
    #[must_use]
    pub(crate) fn note(&self) -> Option<String> {
        let address = self.listener.as_ref()?.local_addr().ok()?;
        Some(format!("Metrics: http://{address}/metrics"))
    }

    /// Starts to show the latest snapshot.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(self, latest: &LatestSnapshot) -> io::Result<Exports> {
        if let Some(listener) = self.listener {
            server::start(listener, latest.clone())?;
        }
        let keeper = self
            .file
            .map(|file| Keeper::start(file, latest.clone(), file::INTERVAL));
        Ok(Exports {
            file: keeper.transpose()?,
            service: Service::of_process(),
            begun: false,
        })
    }
}

/// What is kept up to date while the search runs.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    file: Option<Keeper>,
    service: Option<Service>,
    /// Whether the file has had its first version.
    begun: bool,
}

impl Exports {
    /// There is a new snapshot.
    pub(crate) fn show(&mut self, snapshot: &Snapshot, now: Duration) {
        if let Some(file) = self.file.as_ref().filter(|_| !self.begun) {
            file.write();
            self.begun = true;
        }
        if let Some(service) = &mut self.service {
            service.show(snapshot, now);
        }
    }

    /// There is the last snapshot.
    pub(crate) fn end(&mut self, snapshot: &Snapshot, now: Duration) {
        if let Some(file) = &mut self.file {
            file.end();
        }
        if let Some(service) = &mut self.service {
            service.end(snapshot, now);
        }
    }

    /// What people should know since the last call.
    pub(crate) fn notices(&self) -> Vec<String> {
        let file = self.file.iter();
        file.flat_map(Keeper::notices).collect()
    }
}
