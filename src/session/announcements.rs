//! Notes which keys are announced: one note before the line of a key is written, and one after.
//!
//! No order of writing and noting survives a kill between the two without either losing an announcement or repeating
//! one. A key that is lost to its user is worse than a line that appears twice, so the second note follows the line; the
//! first one tells the next run that the line may have been written already, which is then reported with the key.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::journal::Announced;
use crate::key::PublicKey;

/// Notes that may wait for a list that is not there yet or can't be written.
const WAITING: usize = 10_000;

/// The list of announced keys as both streams share it; without one the notes wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedAnnounced(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    list: Option<Announced>,
    /// Announced keys that are not on the list yet.
    waiting: VecDeque<PublicKey>,
    trouble: Option<String>,
}

impl SharedAnnounced {
    /// From now on announced keys are noted here; those that were announced before follow at once.
    pub(crate) fn open(&self, announced: Announced) {
        let mut notes = self.notes();
        notes.list = Some(announced);
        notes.catch_up();
    }

    /// Tries to write what waits; returns what prevents it.
    pub(crate) fn catch_up(&self) -> Option<String> {
        let mut notes = self.notes();
        notes.catch_up();
        notes.trouble.clone()
    }

    /// Notes that a key is about to be announced.
    pub(crate) fn note_about(&self, key: &PublicKey) {
        if let Some(list) = &mut self.notes().list {
            // Without this note a second announcement after a kill is not marked as one.
            let _ = list.note_about(key);
        }
    }

    /// Notes that a key was announced.
    pub(crate) fn note(&self, key: &PublicKey) {
        let mut notes = self.notes();
        notes.catch_up();
        let written = notes.waiting.is_empty() && notes.write(key);
        if !written && notes.waiting.len() < WAITING {
            notes.waiting.push_back(*key);
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    /// Stops at the first note that can't be written: trying all that wait again for each key would take ever longer.
    fn catch_up(&mut self) {
        while let Some(key) = self.waiting.pop_front() {
            if !self.write(&key) {
                self.waiting.push_front(key);
                return;
            }
        }
    }

    /// Returns whether the note could be written.
    fn write(&mut self, key: &PublicKey) -> bool {
        let Some(list) = &mut self.list else {
            return false;
        };
        self.trouble = list.note(key).err().map(|error| error.to_string());
        self.trouble.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{journal, lines};
    use super::*;

    #[test]
    fn what_was_announced_before_there_was_a_list_is_on_it_as_soon_as_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let announced = SharedAnnounced::default();
        announced.note(&[0xAB; 32]);
        announced.open(Announced::open(folder.path()).unwrap());
        let noted = lines::read(&folder.path().join(journal::ANNOUNCED)).unwrap();
        assert_eq!(noted.lines, ["ab".repeat(32)]);
    }

    #[test]
    fn a_list_that_can_not_be_written_is_caught_up_with_later_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let session = folder.path().join("session");
        std::fs::create_dir(&session).unwrap();
        let announced = SharedAnnounced::default();
        announced.open(Announced::open(&session).unwrap());
        std::fs::remove_dir_all(&session).unwrap();
        (1..=3).for_each(|byte| announced.note(&[byte; 32]));
        assert!(announced.catch_up().is_some());
        std::fs::create_dir(&session).unwrap();
        announced.note(&[4; 32]);
        assert_eq!(announced.catch_up(), None);
        let noted = lines::read(&session.join(journal::ANNOUNCED)).unwrap();
        let expected = ["01", "02", "03", "04"].map(|byte| byte.repeat(32));
        assert_eq!(noted.lines, expected);
    }
}
