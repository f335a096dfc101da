//! The outputs of a search beside its keys and session: events file and history; metrics over HTTP and in a file; and the
//! service manager. Files and addresses are opened before any work, so that bad ones are refused then.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use super::service::Service;
use crate::config::args::{MetricsArgs, RecordArgs};
use crate::config::error::UsageError;
use crate::config::session::SessionChoice;
use crate::dashboard::server::{self as dashboard, Dashboard};
use crate::dashboard::settings::Settings;
use crate::dashboard::source::Source;
use crate::history::writer::History;
use crate::http::listener;
use crate::metrics::file::{self, Keeper, MetricsFile};
use crate::metrics::server;
use crate::parts::HISTORY;
use crate::report::events::EventLog;
use crate::status::{LatestSnapshot, Snapshot};

/// The files of the records beside the session, opened before it is begun, so that nothing is written if one is refused.
pub(crate) struct Files {
    pub(super) events: Option<EventLog>,
    /// The history, and whether it is written from the start: where it was named, or the session must be kept.
    pub(super) history: Option<(History, bool)>,
}

impl Files {
    /// Opens the files that the settings name, and the history of the session, if there is one.
    ///
    /// # Errors
    /// A file that was named, or the database of a session that must be kept, can't be used.
    pub(crate) fn open(
        settings: &RecordArgs,
        session: Option<&SessionChoice>,
    ) -> Result<Self, UsageError> {
        let default = session.map(|choice| choice.place.database());
        let default = default.filter(|_| HISTORY.check().is_ok());
        let at_once =
            settings.history_db.is_some() || session.is_some_and(|choice| choice.required);
        let history = settings.history_db.clone().or(default).map(|path| {
            let history = match at_once {
                true => History::open(&path),
                false => History::later(&path),
            };
            history.map(|history| (history, at_once))
        });
        let events = settings.events.as_ref().map(|path| {
            EventLog::open(path).map_err(|error| {
                UsageError::refused(format_args!(
                    "--events {}: the file can't be opened: {error}. Name a file in a folder that can be written.",
                    path.display()
                ))
            })
        });
        Ok(Self {
            events: events.transpose()?,
            history: history.transpose().map_err(UsageError::refused)?,
        })
    }
}

/// Opened exports, before the search starts.
#[derive(Default)]
pub(crate) struct OpenedExports {
    listener: Option<TcpListener>,
    file: Option<MetricsFile>,
    page: Option<dashboard::Opened>,
}

impl OpenedExports {
    /// Opens the address and the file that the settings name.
    ///
    /// # Errors
    /// An address or a file that can't be used.
    pub(crate) fn new(
        settings: &MetricsArgs,
        page: Option<&Settings>,
        session: Option<&SessionChoice>,
    ) -> Result<Self, UsageError> {
        let folder = session.map(|choice| choice.place.session(&choice.name));
        let restarted = session.is_some_and(|choice| choice.continued);
        let page = page.map(|page| dashboard::Opened::new(page, folder.as_deref()));
        let page = page.transpose().map_err(UsageError::refused)?;
        let listener = settings.metrics.as_ref();
        let listener = listener.map(|address| listener::listen("--metrics", address));
        let file = settings.metrics_file.as_deref().map(MetricsFile::open);
        Ok(Self {
            listener: listener.transpose().map_err(UsageError::refused)?,
            file: file.transpose().map_err(UsageError::refused)?,
            page: page.map(|page| match restarted {
                true => page.without_browser(),
                false => page,
            }),
        })
    }

    /// Notes with the addresses of metrics and page; a port may be one that the system chose. A log gets no link.
    pub(crate) fn notes(&self, log: bool) -> Vec<String> {
        let address = self.listener.as_ref().and_then(|l| l.local_addr().ok());
        let metrics = address.map(|address| format!("Metrics: http://{address}/metrics"));
        let page = self.page.iter().flat_map(|page| page.notes(log));
        metrics.into_iter().chain(page).collect()
    }

    /// The link to the page.
    pub(crate) fn link(&self) -> Option<&str> {
        self.page.as_ref().map(dashboard::Opened::link)
    }

    /// Starts to export the latest snapshot.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(
        self,
        latest: &LatestSnapshot,
        of: impl FnOnce(LatestSnapshot) -> Source,
    ) -> io::Result<Exports> {
        if let Some(listener) = self.listener {
            server::start(listener, latest.clone())?;
        }
        let keep = |file| Keeper::start(file, latest.clone(), file::INTERVAL);
        let keeper = self.file.map(keep);
        Ok(Exports {
            file: keeper.transpose()?,
            page: (self.page)
                .map(|page| page.start(of(latest.clone())))
                .transpose()?,
            service: Service::of_process(),
            begun: false,
        })
    }
}

/// Running exports.
#[derive(Default)]
pub(crate) struct Exports {
    file: Option<Keeper>,
    page: Option<Dashboard>,
    service: Option<Service>,
    /// Whether the file has had its first version.
    begun: bool,
}

impl Exports {
    /// Exports a new snapshot.
    pub(crate) fn show(&mut self, snapshot: &Snapshot, folder: Option<&Path>, now: Duration) {
        if let Some(page) = &mut self.page {
            page.remember(folder);
        }
        if let Some(file) = self.file.as_ref().filter(|_| !self.begun) {
            file.write();
            self.begun = true;
        }
        if let Some(service) = &mut self.service {
            service.show(snapshot, now);
        }
    }

    /// Exports the last snapshot.
    pub(crate) fn end(&mut self, snapshot: &Snapshot, now: Duration) {
        if let Some(file) = &mut self.file {
            file.end();
        }
        if let Some(page) = &self.page {
            page.end();
        }
        if let Some(service) = &mut self.service {
            service.end(snapshot, now);
        }
    }

    /// New warnings.
    pub(crate) fn notices(&mut self) -> Vec<String> {
        let page = self.page.as_mut().and_then(Dashboard::notice);
        let file = self.file.iter().flat_map(Keeper::notices);
        page.into_iter().chain(file).collect()
    }
}
