//! The list of watched sessions: a file in the state folder of the user who watches.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;
use crate::outage::{Outage, Turn};
use crate::session::name::SessionName;
use crate::session::place::StateFolder;

/// Name of the file.
const FILE: &str = "watch.json";

/// A watched session, in any state folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The state folder that it is in, a full path.
    pub state_dir: PathBuf,
    /// Its name.
    pub session: String,
}

impl Entry {
    /// Its state folder; `None` if the list has an invalid path.
    pub(crate) fn place(&self) -> Option<StateFolder> {
        StateFolder::choose(Some(&self.state_dir), None, None).ok()
    }

    /// Its own folder; `None` if path or name are invalid.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let name = SessionName::parse(&self.session).ok()?;
        Some(self.place()?.session(&name))
    }
}

/// The sessions of a watch: those given to it, or the current list.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    entries: Vec<Entry>,
    /// The folder of the list.
    list: Option<PathBuf>,
    /// Whether the list can't be read.
    outage: Outage,
}

/// The result of reading the list again.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// A line to log.
    pub line: Option<String>,
    /// Whether it is a fault.
    pub is_wrong: bool,
    /// The sessions that are no longer watched.
    pub gone: Vec<Entry>,
}

impl Watched {
    /// These sessions, whatever the list has.
    pub(crate) fn named(entries: Vec<Entry>) -> Self {
        Self {
            entries,
            list: None,
            outage: Outage::default(),
        }
    }

    /// Those on the list of this state folder.
    ///
    /// # Errors
    /// As [`load`].
    pub(crate) fn listed(state_dir: &Path) -> io::Result<Self> {
        Ok(Self {
            list: Some(state_dir.to_owned()),
            ..Self::named(load(state_dir)?)
        })
    }

    /// The sessions.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Their names, for people.
    pub(crate) fn names(&self) -> String {
        let names: Vec<_> = self.entries.iter().map(|e| e.session.as_str()).collect();
        names.join(", ")
    }

    /// Reads the list again. A damaged list is reported once and changes nothing.
    pub(crate) fn refresh(&mut self) -> News {
        // The program never removes a list that has had entries: if it is missing, its folder may be gone.
        let again = if self.entries.is_empty() { load } else { read };
        let Some(read) = self.list.as_deref().map(again) else {
            return News::default();
        };
        let (entries, error) = match read {
            Ok(entries) => (Some(entries), None),
            Err(error) => (None, Some(error)),
        };
        if let Some(Turn::Failed(error)) = self.outage.observe(error) {
            return News {
                line: Some(format!(
                    "the list of watched sessions can't be read: {error}; still watching {}",
                    self.names()
                )),
                is_wrong: true,
                gone: Vec::new(),
            };
        }
        match entries {
            Some(entries) if entries != self.entries => self.replace(entries),
            _ => News::default(),
        }
    }

    fn replace(&mut self, entries: Vec<Entry>) -> News {
        let mut gone = std::mem::replace(&mut self.entries, entries);
        gone.retain(|entry| !self.entries.contains(entry));
        let line = if self.entries.is_empty() {
            "the list of watched sessions is now empty".to_owned()
        } else {
            format!("now watching {}", self.names())
        };
        News {
            line: Some(line),
            is_wrong: false,
            gone,
        }
    }
}

/// Reads the list; empty where there is none.
///
/// # Errors
/// The file can't be read or is malformed.
pub(crate) fn load(state_dir: &Path) -> io::Result<Vec<Entry>> {
    match read(state_dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

fn read(state_dir: &Path) -> io::Result<Vec<Entry>> {
    let bytes = std::fs::read(state_dir.join(FILE))?;
    serde_json::from_slice(&bytes).map_err(io::Error::from)
}

/// Changes the list; returns whether it differs now.
///
/// # Errors
/// The file can't be read or written.
pub(crate) fn change(state_dir: &Path, change: impl FnOnce(&mut Vec<Entry>)) -> io::Result<bool> {
    let before = load(state_dir)?;
    let mut entries = before.clone();
    change(&mut entries);
    entries.sort();
    entries.dedup();
    if entries == before {
        return Ok(false);
    }
    files::create_folder(state_dir)?;
    files::replace(&state_dir.join(FILE), &serde_json::to_vec_pretty(&entries)?)?;
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
    fn an_entry_is_listed_once_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let add = |name| change(folder.path(), |all| all.push(entry(name))).unwrap();
        assert!(add("b") && add("a"));
        assert!(!add("b"));
        assert_eq!(load(folder.path()).unwrap(), [entry("a"), entry("b")]);
        assert!(change(folder.path(), |all| all.retain(|e| e.session != "a")).unwrap());
        assert_eq!(load(folder.path()).unwrap(), [entry("b")]);
    }

    #[test]
    fn a_watch_follows_its_list_and_keeps_it_while_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let add = |name| change(folder.path(), |all| all.push(entry(name))).unwrap();
        add("a");
        let mut watched = Watched::listed(folder.path()).unwrap();
        assert_eq!(watched.refresh(), News::default());
        add("b");
        assert_eq!(watched.refresh().line.unwrap(), "now watching a, b");
        change(folder.path(), |all| all.retain(|e| e.session != "a")).unwrap();
        assert_eq!(watched.refresh().gone, [entry("a")]);
        std::fs::write(folder.path().join(FILE), "rubbish").unwrap();
        let news = watched.refresh();
        assert!(news.is_wrong && news.line.unwrap().contains("still watching b"));
        assert_eq!(watched.refresh(), News::default());
        assert_eq!(watched.entries(), [entry("b")]);
        std::fs::remove_file(folder.path().join(FILE)).unwrap();
        assert_eq!(watched.refresh(), News::default());
        assert_eq!(watched.entries(), [entry("b")]);
        std::fs::write(folder.path().join(FILE), "[]").unwrap();
        assert!(watched.refresh().line.unwrap().contains("empty"));
        assert_eq!(Watched::named(vec![entry("a")]).refresh(), News::default());
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
