//! The files of the records beside the session: opened before any work, so that bad ones are refused then.

use std::path::PathBuf;

use thiserror::Error;

use crate::config::args::RecordArgs;
use crate::config::session::SessionChoice;
use crate::history::database::DatabaseError;
use crate::history::writer::History;
use crate::report::events::EventLog;

/// Why records can't be kept: bad input, found before any work.
#[derive(Debug, Error)]
pub(crate) enum RecordError {
    /// The events file.
    #[error(
        "--events {path}: the file can't be opened: {source}. Name a file in a folder that can be written."
    )]
    Events {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    History(#[from] DatabaseError),
}

/// The files of the records beside the session, opened before it is begun, so that nothing is written if one is refused.
pub(crate) struct Files {
    pub(super) events: Option<EventLog>,
    /// The history, and whether it is written from the start: where it was named, or the session must be kept.
    pub(super) history: Option<(History, bool)>,
}

impl Files {
    /// Opens what settings ask for; `session` is the choice of one, where there is one.
    ///
    /// # Errors
    /// A file that was named, or the database of a session that must be kept, can't be used.
    pub(crate) fn open(
        settings: &RecordArgs,
        session: Option<&SessionChoice>,
    ) -> Result<Self, RecordError> {
        let default = session.map(|choice| choice.place.database());
        let at_once =
            settings.history_db.is_some() || session.is_some_and(|choice| choice.required);
        let history = settings.history_db.clone().or(default).map(|path| {
            let open = if at_once {
                History::open
            } else {
                History::later
            };
            open(&path).map(|history| (history, at_once))
        });
        let events = settings.events.as_ref().map(|path| {
            EventLog::open(path).map_err(|source| RecordError::Events {
                path: path.clone(),
                source,
            })
        });
        Ok(Self {
            events: events.transpose()?,
            history: history.transpose()?,
        })
    }
}
