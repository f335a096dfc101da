//! Saving with a journal: the record of a key is synced before its files are moved into place.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::journal::{Journal, Record};
use crate::blind::Checked;
use crate::event::Found;
use crate::key::store::{Contents, SaveError};
use crate::key::{Label, Saved, Store};
use crate::search::saver::KeySink;

/// Records that may wait for a journal that is not there yet or can't be written.
const WAITING: usize = 10_000;

/// The journal as the saver and the loop share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedJournal(Arc<Mutex<JournalState>>);

/// The journal with what could not be written to it yet.
#[derive(Debug, Default)]
struct JournalState {
    /// The journal, once the session has one.
    journal: Option<Journal>,
    /// Keys of all runs.
    keys: u64,
    /// Records of keys that were saved before there was a journal, or while it could not be written.
    waiting: VecDeque<Record>,
    /// Keys whose records found no room to wait.
    unrecorded: u64,
    /// What went wrong last.
    trouble: Option<String>,
}

impl SharedJournal {
    /// From now on keys are recorded here, after this many; those that wait follow at once.
    pub(crate) fn open(&self, journal: Journal, keys: u64) {
        let mut state = self.state();
        state.keys = state.keys.max(keys);
        state.journal = Some(journal);
        state.catch_up();
    }

    /// Bytes of whole records.
    pub(crate) fn position(&self) -> u64 {
        self.state().journal.as_ref().map_or(0, Journal::position)
    }

    /// Keys that are saved and have no record.
    pub(crate) fn unrecorded(&self) -> u64 {
        let state = self.state();
        state.unrecorded + state.waiting.len() as u64
    }

    /// Tries to write what waits; returns what prevents it.
    pub(crate) fn catch_up(&self) -> Option<String> {
        let mut state = self.state();
        state.catch_up();
        state.trouble.clone()
    }

    /// A panic while the state was locked leaves numbers that are still right.
    fn state(&self) -> MutexGuard<'_, JournalState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JournalState {
    fn catch_up(&mut self) {
        while let Some(record) = self.waiting.pop_front() {
            if !self.record(&record) {
                self.waiting.push_front(record);
                return;
            }
        }
        if self.journal.is_some() {
            self.trouble = None;
        }
    }

    /// Writes the record of a key that is about to be moved; returns whether it could. A missing record must never cost
    /// a key: the failure is noted, and the key is saved regardless.
    fn record(&mut self, record: &Record) -> bool {
        let Some(journal) = &mut self.journal else {
            return false;
        };
        let written = journal.append(record);
        self.trouble = written.err().map(|error| error.to_string());
        self.trouble.is_none()
    }

    /// Keeps the record of a saved key that could not be written, for a later attempt.
    fn wait(&mut self, record: Record) {
        if self.waiting.len() < WAITING {
            self.waiting.push_back(record);
        } else {
            self.unrecorded += 1;
        }
    }
}

/// A store whose keys are recorded in a journal.
#[derive(Debug)]
pub(crate) struct JournaledStore {
    store: Store,
    journal: SharedJournal,
}

impl JournaledStore {
    /// A store that saves in `store` and records in `journal`.
    pub(crate) fn new(store: Store, journal: SharedJournal) -> Self {
        Self { store, journal }
    }

    /// The number of the next key; its attempts share it.
    fn next_number(&self) -> u64 {
        let mut state = self.journal.state();
        state.keys += 1;
        state.keys
    }
}

impl KeySink for JournaledStore {
    fn keep(
        &mut self,
        checked: &Checked,
        label: &Label,
        found: &Found,
    ) -> Result<Saved, SaveError> {
        let text = found.claim_text();
        let contents = match checked {
            Checked::Key(key) => Contents::Key(key),
            Checked::Claim => Contents::Claim(&found.public, &text),
        };
        let number = self.next_number();
        let mut unwritten = None;
        let journal = &self.journal;
        let saved = self
            .store
            .save_contents(&contents, label, &mut |placement| {
                let record = Record::new(number, placement, found);
                unwritten = (!journal.state().record(&record)).then_some(record);
                io::Result::Ok(())
            })?;
        unwritten
            .into_iter()
            .for_each(|record| journal.state().wait(record));
        Ok(saved)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::key::verify::check;
    use crate::key::{KeyFormat, Start, VerifiedKey};
    use crate::session::journal::{self, tests::found};

    fn verified(key: &Checked) -> &VerifiedKey {
        match key {
            Checked::Key(key) => key,
            Checked::Claim => panic!("a claim"),
        }
    }

    fn key() -> Checked {
        let start = Start::from_bytes(&[0x42; 32]);
        let good = |offset| {
            let private = start.key(offset).unwrap();
            let public = private.public();
            check(private, &public).ok().map(Checked::Key)
        };
        (0..).find_map(good).unwrap()
    }

    #[test]
    fn a_key_is_in_the_journal_with_the_files_that_it_got() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("keys");
        std::fs::create_dir(&output).unwrap();
        let journal = SharedJournal::default();
        journal.open(Journal::open(folder.path()).unwrap(), 0);
        let store = Store::with_fallbacks(&output, KeyFormat::Text, Vec::new()).unwrap();
        let key = key();
        let saved = JournaledStore::new(store, journal.clone())
            .keep(&key, &Label::Found, &found(*verified(&key).public()))
            .unwrap();
        let past = journal::read(folder.path()).unwrap();
        let record = past.entries[0].last().unwrap();
        assert_eq!(record.files, saved.files);
        assert_eq!((record.n, record.seconds), (1, 1.5));
        assert_eq!(journal.unrecorded(), 0);
        assert!(journal.position() > 0);
        let text = std::fs::read_to_string(folder.path().join(journal::JOURNAL)).unwrap();
        assert!(!text.contains(verified(&key).private().hex().expose()));
    }

    #[test]
    fn a_key_that_was_saved_before_there_was_a_journal_is_recorded_as_soon_as_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("keys");
        std::fs::create_dir(&output).unwrap();
        let journal = SharedJournal::default();
        let store = Store::with_fallbacks(&output, KeyFormat::Json, Vec::new()).unwrap();
        let key = key();
        let saved: Vec<PathBuf> = JournaledStore::new(store, journal.clone())
            .keep(&key, &Label::Found, &found(*verified(&key).public()))
            .unwrap()
            .files;
        assert!(saved[0].exists());
        assert_eq!(journal.unrecorded(), 1);
        journal.open(Journal::open(folder.path()).unwrap(), 0);
        assert_eq!((journal.unrecorded(), journal.catch_up()), (0, None));
        let past = journal::read(folder.path()).unwrap();
        assert_eq!(past.entries[0].last().unwrap().files, saved);
    }

    #[test]
    fn a_journal_that_can_not_be_written_is_told_and_caught_up_with_later() {
        let folder = tempfile::tempdir().unwrap();
        let (output, session) = (folder.path().join("keys"), folder.path().join("session"));
        std::fs::create_dir(&output).unwrap();
        std::fs::create_dir(&session).unwrap();
        let journal = SharedJournal::default();
        journal.open(Journal::open(&session).unwrap(), 0);
        std::fs::remove_dir_all(&session).unwrap();
        let store = Store::with_fallbacks(&output, KeyFormat::Json, Vec::new()).unwrap();
        let key = key();
        let kept = JournaledStore::new(store, journal.clone()).keep(
            &key,
            &Label::Found,
            &found(*verified(&key).public()),
        );
        assert!(kept.unwrap().files[0].exists());
        assert_eq!(journal.unrecorded(), 1);
        assert!(journal.catch_up().is_some());
        std::fs::create_dir(&session).unwrap();
        assert_eq!((journal.catch_up(), journal.unrecorded()), (None, 0));
        assert_eq!(journal::read(&session).unwrap().entries.len(), 1);
    }
}
