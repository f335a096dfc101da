//! Observes a watched session: its process, its answer, its checkpoint, its size on disk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::list::Entry;
use crate::history::database;
use crate::session::inspect::{Look, LookError, look_at};
use crate::session::place::StateFolder;
use crate::session::process::{Condition as ProcessCondition, ProcessLook, look_at_process};
use crate::session::state::State;
use crate::session::status::outcome_text;

/// Time without confirmed progress after which a search that answers is stalled.
const STALLED: Duration = Duration::from_secs(60);

/// The condition of a session, as far as recovery depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "why")]
pub(crate) enum Condition {
    /// It searches.
    Well,
    /// It is paused, for a reason.
    Paused(String),
    /// It ended, and how.
    Over(String),
    /// Its process is gone without an end.
    Dead,
    /// Its process is stopped, as by Ctrl-Z.
    Stopped,
    /// Its process does not answer.
    Silent,
    /// Its process answers, but makes no progress.
    Stalled,
    /// Its folder is gone.
    Gone,
    /// Its folder can't be read.
    Unreadable(String),
}

/// An observation of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Observation {
    /// Which session.
    #[serde(flatten)]
    pub entry: Entry,
    /// When.
    pub at: Timestamp,
    #[serde(rename = "does")]
    pub condition: Condition,
    /// Its process.
    pub process: Option<ProcessLook>,
    /// Seconds since its last checkpoint, while a process has it.
    pub checkpoint_age_seconds: Option<u64>,
    /// Bytes of its folder.
    pub folder_bytes: u64,
    /// Bytes of the history in its state folder.
    pub database_bytes: u64,
    /// What is wrong with that history.
    pub database_trouble: Option<String>,
}

/// Observes a session now.
pub(crate) fn probe(entry: &Entry, now: Timestamp) -> Observation {
    let place = entry.place();
    let seen = match &place {
        Some(place) => look_at(place, &entry.session, now),
        None => Err(LookError::Unknown {
            name: entry.session.clone(),
            folder: entry.state_dir.clone(),
            nearest: Vec::new(),
        }),
    };
    let process = seen.as_ref().ok().and_then(look_at_process);
    let age = |look: &Look| {
        let age = Duration::try_from(now.duration_since(look.checkpoint.updated));
        look.state
            .is_held()
            .then(|| age.unwrap_or_default().as_secs())
    };
    let database = place.as_ref().map(StateFolder::database);
    let bytes = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    Observation {
        entry: entry.clone(),
        at: now,
        checkpoint_age_seconds: seen.as_ref().ok().and_then(age),
        folder_bytes: entry.folder().map_or(0, |folder| size_below(&folder)),
        database_bytes: database.as_ref().map_or(0, bytes),
        database_trouble: database.as_deref().and_then(database_trouble),
        condition: condition(seen, process.as_ref()),
        process,
    }
}

fn condition(seen: Result<Look, LookError>, process: Option<&ProcessLook>) -> Condition {
    let look = match seen {
        Ok(look) => look,
        Err(LookError::Unknown { .. }) => return Condition::Gone,
        Err(error) => return Condition::Unreadable(error.to_string()),
    };
    let silent = process.is_some_and(|p| p.state == ProcessCondition::Unresponsive);
    match look.state {
        State::Interrupted => Condition::Dead,
        State::Finished(outcome) => Condition::Over(outcome_text(outcome).to_owned()),
        State::Paused { stopped: true, .. } => Condition::Stopped,
        _ if silent => Condition::Silent,
        State::Paused { why, .. } => Condition::Paused(why),
        _ if process.is_some_and(is_stalled) => Condition::Stalled,
        _ => Condition::Well,
    }
}

/// Whether a process that answers has confirmed no progress for too long since its start.
fn is_stalled(process: &ProcessLook) -> bool {
    let Some(standing) = &process.standing else {
        return false;
    };
    let age = standing["progress_age_seconds"].as_f64();
    let age = age.or(standing["uptime_seconds"].as_f64());
    standing["phase"] == "running" && age.is_some_and(|age| age > STALLED.as_secs_f64())
}

/// Bytes of all files below a folder; what can't be read counts nothing.
fn size_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size_below(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}

fn database_trouble(path: &Path) -> Option<String> {
    if !path.exists() {
        return None;
    }
    database::open_to_read(path)
        .err()
        .map(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::session::inspect::tests::place_with;

    fn entry(top: &Path, session: &str) -> Entry {
        Entry {
            state_dir: top.to_owned(),
            session: session.to_owned(),
        }
    }

    #[test]
    fn a_session_whose_process_is_gone_is_dead_and_one_without_a_folder_is_gone() {
        let (top, _) = place_with("night");
        let observation = probe(&entry(top.path(), "night"), Timestamp::now());
        assert_eq!(observation.condition, Condition::Dead);
        assert!(observation.folder_bytes > 100);
        let gone = probe(&entry(top.path(), "day"), Timestamp::now());
        assert_eq!((gone.condition, gone.folder_bytes), (Condition::Gone, 0));
    }

    #[test]
    #[cfg_attr(not(feature = "history"), ignore = "without the feature history")]
    fn a_database_that_is_none_is_named() {
        let (top, place) = place_with("night");
        std::fs::write(place.database(), vec![b'x'; 5000]).unwrap();
        let observation = probe(&entry(top.path(), "night"), Timestamp::now());
        assert!(observation.database_trouble.is_some());
        assert_eq!(observation.database_bytes, 5000);
    }

    #[test]
    fn a_search_that_answers_and_proves_nothing_for_a_minute_is_stalled_unless_it_pauses() {
        let stalled = |standing| {
            is_stalled(&ProcessLook {
                standing: Some(standing),
                ..ProcessLook::unknown(ProcessCondition::Healthy)
            })
        };
        let old = json!({"phase": "running", "progress_age_seconds": 61, "uptime_seconds": 900});
        assert!(stalled(old));
        let young = json!({"phase": "running", "progress_age_seconds": null, "uptime_seconds": 9});
        assert!(!stalled(young));
        let paused = json!({"phase": "paused", "progress_age_seconds": 61, "uptime_seconds": 900});
        assert!(!stalled(paused));
    }
}
