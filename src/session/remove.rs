//! Removing sessions: one by name, or those without a name some days after their end. Key files are never touched.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::lock::{Lock, LockError};
use super::name::SessionName;
use super::place::{PlaceError, StateFolder};
use super::status::ended_at;
use super::{checkpoint, definition, envelope, journal, lock};
use crate::files::remove_if_there;
use crate::session::inspect::{Look, look};

/// How long a finished session without a name is kept.
pub(crate) const KEPT: Duration = Duration::from_secs(7 * 86_400);

/// Name of the log of a session in the background.
pub(crate) const LOG: &str = "log";

/// Name of the file with port and key of a session's live page.
pub(crate) const PAGE: &str = "dashboard.json";

/// Removes a session that no process runs. Only files that this program writes there go; the folder goes if nothing
/// else is in it.
///
/// # Errors
/// A process runs it, or the system refuses.
pub(crate) fn remove(folder: &Path) -> Result<(), LockError> {
    let held = Lock::take(folder)?;
    // Without its definition it is no session any more, so that goes first, older generation before newer.
    for file in [definition::FILE, checkpoint::FILE] {
        let file = folder.join(file);
        remove_if_there(&envelope::previous(&file))?;
        remove_if_there(&file)?;
    }
    for file in [
        journal::JOURNAL,
        journal::ANNOUNCED,
        LOG,
        "log.old",
        PAGE,
        lock::FILE,
    ] {
        remove_if_there(&folder.join(file))?;
    }
    drop(held);
    match fs::remove_dir(folder) {
        // Somebody keeps something of his own there: his affair.
        Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether a session is due to go: it has no name and ended long enough ago.
pub(crate) fn is_due(look: &Look, now: Timestamp) -> bool {
    let long_ago =
        |at: Timestamp| Duration::try_from(now.duration_since(at)).is_ok_and(|age| age >= KEPT);
    look.definition.unnamed && ended_at(look).is_some_and(long_ago)
}

/// Removes the sessions that are due; gives their names.
///
/// # Errors
/// The state folder can't be read. What can't be removed now is left for the next time.
pub(crate) fn prune(place: &StateFolder, now: Timestamp) -> Result<Vec<SessionName>, PlaceError> {
    let names = place
        .sessions()?
        .into_iter()
        .filter(SessionName::is_made_up);
    let due = names
        .filter_map(|name| look(place, &name, now).ok().flatten())
        .filter(|look| is_due(look, now));
    let gone = due.filter(|look| remove(&look.folder).is_ok());
    Ok(gone.map(|look| look.name).collect())
}

#[cfg(test)]
mod tests {
    use super::super::checkpoint::{Checkpoint, Outcome, Stage};
    use super::super::definition::Definition;
    use super::*;
    use crate::session::inspect::tests::place_with;

    fn finish(place: &StateFolder, name: &str, unnamed: bool, outcome: Outcome) {
        let folder = place
            .create_session(&SessionName::parse(name).unwrap())
            .unwrap();
        let at = "2026-11-22T02:11:00Z".parse().unwrap();
        let stage = Stage::Ended {
            outcome,
            code: 0,
            at,
        };
        let definition = Definition {
            unnamed,
            ..definition::tests::sample()
        };
        definition.save(&folder).unwrap();
        let checkpoint = Checkpoint {
            stage,
            ..checkpoint::tests::sample()
        };
        checkpoint.save(&folder).unwrap();
    }

    #[test]
    fn only_finished_sessions_without_a_name_go_and_only_after_a_week() {
        let (_top, place) = place_with("interrupted");
        finish(&place, "named", false, Outcome::Found);
        finish(&place, "search-20261122-021100-7", true, Outcome::Found);
        let day = |day: &str| format!("2026-11-{day}T02:12:00Z").parse().unwrap();
        assert!(prune(&place, day("28")).unwrap().is_empty());
        let gone = prune(&place, day("29")).unwrap();
        assert_eq!(
            gone,
            [SessionName::parse("search-20261122-021100-7").unwrap()]
        );
        assert_eq!(place.sessions().unwrap().len(), 2);
    }

    #[test]
    fn a_session_goes_with_all_its_files_but_not_with_those_of_others() {
        let (_top, place) = place_with("night");
        let folder = place.session(&SessionName::parse("night").unwrap());
        let key = folder.join("meshcore_F8000000_private.txt");
        fs::write(&key, "key").unwrap();
        remove(&folder).unwrap();
        let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert!(key.exists());
        fs::remove_file(&key).unwrap();
        remove(&folder).unwrap();
        assert!(!folder.exists());
    }

    #[test]
    fn a_session_that_runs_is_not_removed() {
        let (_top, place) = place_with("night");
        let folder = place.session(&SessionName::parse("night").unwrap());
        let _lock = Lock::take(&folder).unwrap();
        assert!(matches!(remove(&folder), Err(LockError::Held { .. })));
        assert!(folder.join(definition::FILE).exists());
    }
}
