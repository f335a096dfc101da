//! Saving with a journal: the record of a key is synced before its files are moved into place.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::journal::{Finding, Journal, Kind};
use crate::event::Found;
use crate::key::store::{Placement, SaveError};
use crate::key::{Label, Saved, Store, VerifiedKey};
use crate::search::saver::Keep;

/// The journal as the saver and the loop share it.
#[derive(Clone, Debug, Default)]
pub struct SharedJournal(Arc<Mutex<Books>>);

/// The journal with what could not be written to it.
#[derive(Debug, Default)]
pub struct Books {
    /// The journal, once the session has one.
    journal: Option<Journal>,
    /// Wanted keys without a record: found before there was a journal, or while it could not be written.
    unrecorded: u64,
    /// Working time of earlier runs, in seconds.
    seconds_before: f64,
    /// What went wrong since the last look.
    trouble: Option<String>,
}

impl SharedJournal {
    /// Books of a session whose earlier runs took so many seconds; without a journal until one is opened.
    #[must_use]
    pub fn new(seconds_before: f64, unrecorded: u64) -> Self {
        Self(Arc::new(Mutex::new(Books {
            seconds_before,
            unrecorded,
            ..Books::default()
        })))
    }

    /// From now on keys are recorded here.
    pub fn open(&self, journal: Journal) {
        self.books().journal = Some(journal);
    }

    /// Bytes of whole records.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.books().journal.as_ref().map_or(0, Journal::position)
    }

    /// Wanted keys that are saved without a record.
    #[must_use]
    pub fn unrecorded(&self) -> u64 {
        self.books().unrecorded
    }

    /// What went wrong with the journal since the last call.
    #[must_use]
    pub fn take_trouble(&self) -> Option<String> {
        self.books().trouble.take()
    }

    /// A panic while the books were open leaves numbers that are still right.
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    /// Writes the record of a key that is about to be moved. A key must never be lost for want of a record: trouble
    /// is noted, and the key is saved all the same.
    fn record(&mut self, placement: &Placement<'_>, finding: &Finding) -> bool {
        let Some(journal) = &mut self.journal else {
            return false;
        };
        let Placement {
            public,
            files,
            temporary,
        } = *placement;
        match journal.append(public, files, temporary, finding) {
            Ok(()) => true,
            Err(error) => {
                self.trouble = Some(error.to_string());
                false
            }
        }
    }

    fn finding(&self, found: &Found) -> Finding {
        Finding {
            kind: Kind::from(&found.kind),
            pattern: found.pattern.clone(),
            candidates: found.candidates,
            seconds: self.seconds_before + found.at.as_secs_f64(),
        }
    }
}

/// A store whose keys are recorded in a journal.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    journal: SharedJournal,
}

impl Keeper {
    /// A keeper that saves in `store` and records in `journal`.
    #[must_use]
    pub fn new(store: Store, journal: SharedJournal) -> Self {
        Self { store, journal }
    }
}

impl Keep for Keeper {
    fn keep(
        &mut self,
        key: &VerifiedKey,
        label: &Label,
        found: &Found,
    ) -> Result<Saved, SaveError> {
        let mut books = self.journal.books();
        let finding = books.finding(found);
        if let Some(journal) = &mut books.journal {
            journal.next_key();
        }
        let mut recorded = false;
        let saved = self.store.save_with(key, label, &mut |placement| {
            recorded = books.record(placement, &finding);
            io::Result::Ok(())
        })?;
        if !recorded && finding.kind == Kind::Found {
            books.unrecorded += 1;
        }
        Ok(saved)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::event::FoundKind;
    use crate::key::verify::check;
    use crate::key::{KeyFormat, Start};
    use crate::session::journal;

    fn key() -> VerifiedKey {
        let start = Start::from_bytes(&[0x42; 32]);
        let good = |offset| {
            let private = start.key(offset).unwrap();
            let public = private.public();
            check(private, &public).ok()
        };
        (0..).find_map(good).unwrap()
    }

    fn found(key: &VerifiedKey) -> Found {
        Found {
            kind: FoundKind::Wanted,
            pattern: "prefix F8".to_owned(),
            public: *key.public(),
            files: Vec::new(),
            fallback: false,
            trouble: Vec::new(),
            mode_kept: true,
            candidates: 100,
            at: Duration::from_secs(2),
            private: None,
        }
    }

    #[test]
    fn a_key_is_in_the_journal_with_the_files_that_it_got() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("keys");
        std::fs::create_dir(&output).unwrap();
        let books = SharedJournal::new(10.0, 0);
        books.open(Journal::open(folder.path(), 0).unwrap());
        let store = Store::with_fallbacks(&output, KeyFormat::Text, Vec::new()).unwrap();
        let key = key();
        let saved = Keeper::new(store, books.clone())
            .keep(&key, &Label::Found, &found(&key))
            .unwrap();
        let past = journal::read(folder.path()).unwrap();
        let record = past.entries[0].last().unwrap();
        assert_eq!(record.files, saved.files);
        assert_eq!((record.n, record.seconds), (1, 12.0));
        assert_eq!(books.unrecorded(), 0);
        assert!(books.position() > 0);
        let text = std::fs::read_to_string(folder.path().join(journal::JOURNAL)).unwrap();
        assert!(!text.contains(key.private().hex().expose()));
    }

    #[test]
    fn a_key_is_saved_and_counted_also_where_there_is_no_journal() {
        let folder = tempfile::tempdir().unwrap();
        let books = SharedJournal::new(0.0, 3);
        let store = Store::with_fallbacks(folder.path(), KeyFormat::Json, Vec::new()).unwrap();
        let key = key();
        let saved: Vec<PathBuf> = Keeper::new(store, books.clone())
            .keep(&key, &Label::Found, &found(&key))
            .unwrap()
            .files;
        assert!(saved[0].exists());
        assert_eq!(books.unrecorded(), 4);
    }
}
