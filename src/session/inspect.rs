//! Inspects sessions from outside, running or not: their files and the holder of their lock.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use thiserror::Error;

use super::checkpoint::Checkpoint;
use super::definition::Definition;
use super::envelope::EnvelopeError;
use super::journal::{self, Entry};
use super::lock;
use super::name::{NameError, SessionName, nearest};
use super::place::{PlaceError, StateFolder};
use super::recover::catch_up;
use super::state::{State, observe};
use crate::event::FoundKind;

/// Why a session can't be inspected.
#[derive(Debug, Error)]
pub(crate) enum LookError {
    /// The name can't be one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is no such session.
    #[error("there is no session {name:?} in {folder}{}", hint(.nearest))]
    Unknown {
        /// What was typed.
        name: String,
        /// The state folder.
        folder: PathBuf,
        /// The names that are most like it.
        nearest: Vec<SessionName>,
    },
    /// The state folder can't be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Its files can't be used.
    #[error("the session {name} can't be used: {source}")]
    Files {
        /// Its name.
        name: SessionName,
        /// What is wrong.
        source: EnvelopeError,
    },
    /// Its folder can't be read or written.
    #[error("the session {name} in {folder} can't be used: {source}")]
    Folder {
        /// Its name.
        name: SessionName,
        /// Its folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn hint(nearest: &[SessionName]) -> String {
    let names: Vec<_> = nearest.iter().map(ToString::to_string).collect();
    if names.is_empty() {
        "; keygen session list shows all sessions".to_owned()
    } else {
        format!("; did you mean {}?", names.join(" or "))
    }
}

/// A session as it is now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Look {
    /// Its name.
    pub name: SessionName,
    /// Its folder.
    pub folder: PathBuf,
    /// Its state.
    pub state: State,
    /// What it is.
    pub definition: Definition,
    /// Where it stands.
    pub checkpoint: Checkpoint,
    /// Its keys.
    pub keys: Vec<Entry>,
    /// What is damaged, in sentences.
    pub notes: Vec<String>,
}

impl Look {
    /// Keys of a kind. The journal is ahead of the checkpoint, unless it could not be written.
    pub(crate) fn count(&self, kind: FoundKind) -> u64 {
        let is_kind = |entry: &&Entry| {
            entry
                .records
                .last()
                .is_some_and(|record| record.kind == kind)
        };
        let recorded = self.keys.iter().filter(is_kind).count() as u64;
        let totals = &self.checkpoint.totals;
        match kind {
            FoundKind::Wanted => recorded.max(totals.found),
            FoundKind::Watched => recorded.max(totals.watched),
        }
    }
}

/// Inspects the session of this name; `None`: it does not exist.
///
/// # Errors
/// Its files are damaged, newer, or can't be read.
pub(crate) fn look(
    place: &StateFolder,
    name: &SessionName,
    now: Timestamp,
) -> Result<Option<Look>, LookError> {
    let folder = place.session(name);
    let files = |source| LookError::Files {
        name: name.clone(),
        source,
    };
    let definition = match Definition::load(&folder) {
        // Nothing was begun: a process that was killed at once may have created the folder.
        Err(EnvelopeError::Missing(_)) => return Ok(None),
        loaded => loaded.map_err(files)?,
    };
    let unreadable = |source| LookError::Folder {
        name: name.clone(),
        folder: folder.clone(),
        source,
    };
    // The lock first: a process that ends writes its last checkpoint before it lets go.
    let holder = lock::holder(&folder).map_err(unreadable)?;
    let created = definition.value.created;
    let mut checkpoint = Checkpoint::load_or_begin(&folder, created).map_err(files)?;
    let past = journal::read(&folder).map_err(unreadable)?;
    if checkpoint.older.is_some() {
        let records = past.entries.iter().filter_map(Entry::last);
        catch_up(&mut checkpoint.value.totals, records);
    }
    let process = holder.and_then(|holder| holder.process);
    let stopped = process.is_some_and(is_stopped);
    let mut notes: Vec<_> = [definition.older, checkpoint.older]
        .into_iter()
        .flatten()
        .collect();
    if past.damaged > 0 {
        notes.push(format!(
            "{} records of the journal are damaged.",
            past.damaged
        ));
    }
    Ok(Some(Look {
        name: name.clone(),
        state: observe(&checkpoint.value, holder, stopped, now),
        definition: definition.value,
        checkpoint: checkpoint.value,
        keys: past.entries,
        notes,
        folder,
    }))
}

/// Inspects the session that `text` names.
///
/// # Errors
/// As [`look`], and there is none.
pub(crate) fn look_at(place: &StateFolder, text: &str, now: Timestamp) -> Result<Look, LookError> {
    let name = SessionName::parse(text)?;
    match look(place, &name, now)? {
        Some(look) => Ok(look),
        None => Err(LookError::Unknown {
            name: text.to_owned(),
            folder: place.path().to_owned(),
            nearest: nearest(text, &place.sessions()?),
        }),
    }
}

/// Inspects all sessions; one that can't be inspected is an error of its own.
///
/// # Errors
/// The state folder can't be read.
pub(crate) fn look_at_all(
    place: &StateFolder,
    now: Timestamp,
) -> Result<Vec<Result<Look, LookError>>, PlaceError> {
    let names = place.sessions()?;
    let looks = names.iter().map(|name| look(place, name, now).transpose());
    Ok(looks.flatten().collect())
}

/// Whether a process is stopped (SIGSTOP, Ctrl-Z); unknown is no.
#[cfg(target_os = "linux")]
fn is_stopped(process: u32) -> bool {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name of the program is in parentheses and may hold anything.
    let state = text
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('T' | 't'))
}

#[cfg(not(target_os = "linux"))]
fn is_stopped(_: u32) -> bool {
    false
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::{checkpoint, definition};
    use super::*;

    /// A state folder with an interrupted session.
    pub fn place_with(name: &str) -> (tempfile::TempDir, StateFolder) {
        let top = tempfile::tempdir().unwrap();
        let place = StateFolder::choose(Some(top.path()), None, None).unwrap();
        let folder = place
            .create_session(&SessionName::parse(name).unwrap())
            .unwrap();
        checkpoint::tests::sample().save(&folder).unwrap();
        definition::tests::sample().save(&folder).unwrap();
        (top, place)
    }

    #[test]
    fn a_session_whose_process_is_gone_was_interrupted() {
        let (_top, place) = place_with("night");
        let look = look_at(&place, "night", Timestamp::now()).unwrap();
        assert_eq!(look.state, State::Interrupted);
        assert_eq!(look.checkpoint, checkpoint::tests::sample());
        let all = look_at_all(&place, Timestamp::now()).unwrap();
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn an_unknown_session_is_an_error_that_names_the_nearest() {
        let (_top, place) = place_with("night");
        let said = |name| {
            look_at(&place, name, Timestamp::now())
                .unwrap_err()
                .to_string()
        };
        assert!(said("nigt").contains("did you mean night?"));
        assert!(said("zzz").contains("keygen session list"));
        assert!(said("../x").contains("not a valid session name"));
    }

    #[test]
    fn a_damaged_first_checkpoint_costs_no_more_than_its_counting() {
        let (_top, place) = place_with("night");
        let file = place
            .session(&SessionName::parse("night").unwrap())
            .join(checkpoint::FILE);
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        let look = look_at(&place, "night", Timestamp::now()).unwrap();
        assert_eq!((look.state, look.checkpoint.run), (State::Interrupted, 1));
        assert!(look.notes[0].contains("up to 10 seconds of counting are lost"));
        // With a generation before, more than that would be lost: such damage is an error.
        std::fs::write(file.with_extension("previous"), "rubbish").unwrap();
        assert!(look_at(&place, "night", Timestamp::now()).is_err());
    }

    #[test]
    fn damage_in_both_generations_is_an_error_and_does_not_hide_other_sessions() {
        let (_top, place) = place_with("night");
        let bad = place
            .create_session(&SessionName::parse("bad").unwrap())
            .unwrap();
        std::fs::write(bad.join(definition::FILE), "rubbish").unwrap();
        let all = look_at_all(&place, Timestamp::now()).unwrap();
        assert_eq!(all.iter().filter(|look| look.is_ok()).count(), 1);
        assert_eq!(all.iter().filter(|look| look.is_err()).count(), 1);
    }
}
