//! All that can be told of sessions, running or ended, in one place: files, process and history. `keygen status`, the page
//! and reports are made from it. Nothing in it can hold a secret.

#[cfg(feature = "history")]
mod past;

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::event::why_paused;
use crate::session::inspect::{Look, LookError, look_at, look_at_all};
use crate::session::place::{PlaceError, StateFolder};
use crate::session::process::{look_at_process, this_process};
use crate::session::service_dir::{self, Found};
use crate::session::state::State;
use crate::session::status::Status;
use crate::status::Snapshot;

#[cfg(feature = "history")]
pub(crate) use self::past::Past;

/// What files and process of one session say. A field is missing, never made up, where nobody knows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Overview {
    /// Pattern, state, keys, gaps, chances, process.
    #[serde(flatten)]
    pub status: Status,
    /// The chance that one candidate is wanted.
    pub probability: f64,
    /// Whether it does not search and can go on as it is.
    pub continues: bool,
    /// The snapshot that its process answered with ([`crate::status::Snapshot`] as JSON): workers, alerts, rate.
    pub snapshot: Option<Value>,
    /// Its folder, in which it takes requests.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The database that has its history, unless another one was named when it ran: see [`Past`].
    #[serde(skip)]
    pub database: PathBuf,
}

impl Overview {
    /// Looks at the session's process, too, which takes seconds if that hangs.
    pub(crate) fn of(look: &Look, place: &StateFolder, now: Timestamp) -> Self {
        let mut status = Status::of(look, now).with_process(look_at_process(look));
        let process = status.process.as_mut();
        Self {
            snapshot: process.and_then(|process| process.standing.take()),
            status,
            probability: look.definition.probability,
            continues: look.state.continues(),
            folder: look.folder.clone(),
            database: place.database(),
        }
    }

    /// A field of its snapshot; null where nobody answered.
    pub(crate) fn live(&self, name: &str) -> &Value {
        self.snapshot
            .as_ref()
            .map_or(&Value::Null, |snapshot| &snapshot[name])
    }

    /// The session that this process runs: nobody is asked, [`Self::with_answer`] has what it knows.
    pub(crate) fn of_this_process(mut look: Look, place: &StateFolder, now: Timestamp) -> Self {
        let process = Some(std::process::id());
        look.state = State::Running { process };
        let status = Status {
            process: Some(this_process()),
            ..Status::of(&look, now)
        };
        Self {
            snapshot: None,
            status,
            probability: look.definition.probability,
            continues: false,
            folder: look.folder,
            database: place.database(),
        }
    }

    /// The same with a newer snapshot.
    pub(crate) fn with_answer(mut self, snapshot: &Snapshot, answer: Value) -> Self {
        self.status.update(&answer);
        self.status.state = snapshot.phase.name();
        self.status.reason = why_paused(&snapshot.pauses);
        self.snapshot = Some(answer);
        self
    }
}

/// The sessions of one state folder.
pub(crate) struct Folder {
    /// The folder, and what to say about it.
    pub found: Found,
    /// Its sessions; one that can't be read is an error of its own.
    pub sessions: Vec<Result<Overview, LookError>>,
}

/// Why there is no overview at all.
#[derive(Debug, Error)]
pub(crate) enum OverviewError {
    /// The session that was named can't be read, in words; or there is none.
    #[error("{0}")]
    Session(String),
    /// The state folder can't be read.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

/// The session of this name, or all; in the user's own state folder or that of the service.
///
/// # Errors
/// The state folder or the named session can't be read.
pub(crate) fn gather(own: StateFolder, name: Option<&str>) -> Result<Vec<Folder>, OverviewError> {
    let found = match name {
        Some(_) => vec![service_dir::find(own, name)],
        None => service_dir::all(own),
    };
    found.into_iter().map(|found| folder(found, name)).collect()
}

/// The same without their folders: the sessions, and what is wrong with those that can't be read.
///
/// # Errors
/// As [`gather`].
#[cfg(feature = "history")]
pub(crate) fn sessions(
    own: StateFolder,
    name: Option<&str>,
) -> Result<(Vec<Overview>, Vec<String>), OverviewError> {
    let (mut sessions, mut problems) = (Vec::new(), Vec::new());
    for session in gather(own, name)?
        .into_iter()
        .flat_map(|folder| folder.sessions)
    {
        match session {
            Ok(session) => sessions.push(session),
            Err(error) => problems.push(error.to_string()),
        }
    }
    Ok((sessions, problems))
}

fn folder(found: Found, name: Option<&str>) -> Result<Folder, OverviewError> {
    let now = Timestamp::now();
    let looks = match name {
        Some(name) => match look_at(&found.place, name, now) {
            Err(error) => return Err(OverviewError::Session(found.wrong(error))),
            look => vec![look],
        },
        None => look_at_all(&found.place, now)?,
    };
    let overview = |look: Look| Overview::of(&look, &found.place, now);
    let sessions = looks.into_iter().map(|look| look.map(overview)).collect();
    Ok(Folder { sessions, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::inspect::tests::place_with;

    #[test]
    fn a_session_without_a_process_is_told_from_its_files() {
        let (_top, place) = place_with("night");
        let folders = gather(place, Some("night")).unwrap();
        let overview = folders[0].sessions[0].as_ref().unwrap();
        let value = serde_json::to_value(overview).unwrap();
        assert_eq!(value["session"], "night");
        assert_eq!(value["process"]["state"], "dead");
        assert_eq!(value["snapshot"], Value::Null);
        assert!(value["probability"].as_f64().unwrap() > 0.0);
    }

    #[test]
    fn a_session_that_does_not_exist_is_an_error_and_no_session_is_none() {
        let (_top, place) = place_with("night");
        let error = gather(place, Some("nigt")).err().unwrap().to_string();
        assert!(error.contains("did you mean night?"), "{error}");
        let empty = tempfile::tempdir().unwrap();
        let place = StateFolder::choose(Some(empty.path()), None, None).unwrap();
        assert!(gather(place, None).unwrap()[0].sessions.is_empty());
    }
}
