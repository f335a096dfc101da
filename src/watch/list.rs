//! Which sessions are watched: a file in the state folder of whoever watches.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::session::disk;
use crate::session::name::SessionName;

/// Name of the file.
const FILE: &str = "watch.json";

/// A session that is watched, wherever it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// The state folder that it is in, a full path.
    pub state_dir: PathBuf,
    /// Its name.
    pub session: String,
}

impl Entry {
    /// The folder of the session; `None`: somebody wrote a name into the file that can't be one.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let name = SessionName::parse(&self.session).ok()?;
        Some(self.state_dir.join("sessions").join(name))
    }
}

/// Reads the list; empty where there is none.
///
/// # Errors
/// The file can't be read, or somebody wrote something else into it.
pub fn load(state_dir: &Path) -> io::Result<Vec<Entry>> {
    match std::fs::read(state_dir.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
    }
}

/// Changes the list; gives whether it is another one now.
///
/// # Errors
/// The file can't be read or written.
pub fn change(state_dir: &Path, change: impl FnOnce(&mut Vec<Entry>)) -> io::Result<bool> {
    let before = load(state_dir)?;
    let mut entries = before.clone();
    change(&mut entries);
    entries.sort();
    entries.dedup();
    if entries == before {
        return Ok(false);
    }
    disk::create_folder(state_dir)?;
    disk::replace(&state_dir.join(FILE), &serde_json::to_vec_pretty(&entries)?)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(session: &str) -> Entry {
        Entry {
            state_dir: "/s".into(),
            session: session.to_owned(),
        }
    }

    #[test]
    fn what_is_added_stands_there_once_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let add = |name| change(folder.path(), |all| all.push(entry(name))).unwrap();
        assert!(add("b") && add("a"));
        assert!(!add("b"));
        assert_eq!(load(folder.path()).unwrap(), [entry("a"), entry("b")]);
        assert!(change(folder.path(), |all| all.retain(|e| e.session != "a")).unwrap());
        assert_eq!(load(folder.path()).unwrap(), [entry("b")]);
    }

    #[test]
    fn rubbish_is_an_error_and_a_name_that_leads_elsewhere_has_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "rubbish").unwrap();
        assert!(load(folder.path()).is_err());
        assert_eq!(entry("../x").folder(), None);
        assert_eq!(entry("x").folder(), Some("/s/sessions/x".into()));
    }
}
