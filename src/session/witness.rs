//! Notes which keys are announced: before the line of a key is written that it will be, and afterwards that it was.
//!
//! No order of writing and noting survives a kill between the two without either losing an announcement or repeating
//! one. A key that is lost to its user is worse than a line that stands there twice, so the note follows the line; the
//! note before it tells the next run that the line may stand there already, which is then said with the key.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::journal::Announced;
use crate::key::{PublicKey, hex};
use crate::report::outlet::{Message, Screen};

/// Hex digits of a public key.
const DIGITS: usize = 64;

/// Notes that may wait for a list that is not there yet or can't be written.
const WAITING: usize = 10_000;

/// The list of announced keys as both streams share it; without one the notes wait.
#[derive(Clone, Debug, Default)]
pub struct SharedAnnounced(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    list: Option<Announced>,
    /// Announced keys that are not on the list yet.
    waiting: Vec<PublicKey>,
    trouble: Option<String>,
}

impl SharedAnnounced {
    /// From now on announced keys are noted here; those that were announced before follow at once.
    pub fn open(&self, announced: Announced) {
        let mut notes = self.notes();
        notes.list = Some(announced);
        notes.catch_up();
    }

    /// Tries to write what waits; gives what is in the way.
    pub fn catch_up(&self) -> Option<String> {
        let mut notes = self.notes();
        notes.catch_up();
        notes.trouble.clone()
    }

    fn note_about(&self, key: &PublicKey) {
        if let Some(list) = &mut self.notes().list {
            // Without this note a second announcement after a kill does not say that it is one.
            let _ = list.note_about(key);
        }
    }

    fn note(&self, key: &PublicKey) {
        let mut notes = self.notes();
        notes.catch_up();
        if !notes.write(key) && notes.waiting.len() < WAITING {
            notes.waiting.push(*key);
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn catch_up(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let left = waiting.into_iter().filter(|key| !self.write(key));
        self.waiting = left.collect();
    }

    /// Says whether the note could be written.
    fn write(&mut self, key: &PublicKey) -> bool {
        let Some(list) = &mut self.list else {
            return false;
        };
        self.trouble = list.note(key).err().map(|error| error.to_string());
        self.trouble.is_none()
    }
}

/// A screen that notes the keys whose lines it has shown.
pub struct Witness {
    screen: Box<dyn Screen>,
    announced: SharedAnnounced,
}

impl Witness {
    /// A witness of what is shown on `screen`.
    #[must_use]
    pub fn new(screen: Box<dyn Screen>, announced: SharedAnnounced) -> Self {
        Self { screen, announced }
    }
}

impl Screen for Witness {
    fn show(&mut self, message: Message) -> io::Result<()> {
        let Some(key) = announced_key(&message) else {
            return self.screen.show(message);
        };
        self.announced.note_about(&key);
        self.screen.show(message)?;
        self.announced.note(&key);
        Ok(())
    }

    fn finish(&mut self) {
        self.screen.finish();
    }
}

/// The public key of the key that a message announces: the first 64 hex digits in a row, as text and as JSON.
fn announced_key(message: &Message) -> Option<PublicKey> {
    let line = match message {
        Message::Result(line) => line,
        Message::Chatter(line) if line.starts_with("Watchlist: ") => line,
        _ => return None,
    };
    let mut words = line.split(|c: char| !c.is_ascii_hexdigit());
    let digits = words.find(|word| word.len() == DIGITS)?;
    hex::decode(digits).ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{journal, lines};
    use super::*;

    struct Page(bool);

    impl Screen for Page {
        fn show(&mut self, _: Message) -> io::Result<()> {
            if self.0 {
                Ok(())
            } else {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
    }

    /// The notes of a line that could be written, or not.
    fn noted(works: bool, message: Message) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let announced = SharedAnnounced::default();
        announced.open(Announced::open(folder.path()).unwrap());
        let _ = Witness::new(Box::new(Page(works)), announced).show(message);
        notes(folder.path())
    }

    fn notes(folder: &Path) -> Vec<String> {
        lines::read(&folder.join(journal::ANNOUNCED)).unwrap().lines
    }

    #[test]
    fn a_key_is_noted_once_its_line_was_written_in_either_form() {
        let key = "ab".repeat(32);
        let lines = [
            Message::Result(format!("{key}\t/k/a_private.txt")),
            Message::Result(format!("{{\"kind\":\"found\",\"public_key\":\"{key}\"}}")),
            Message::Chatter(format!("Watchlist: AB: {key}\t/k/a")),
        ];
        for line in lines {
            let about = format!("about {key}");
            assert_eq!(noted(true, line.clone()), [about.clone(), key.clone()]);
            assert_eq!(noted(false, line), [about]);
        }
    }

    #[test]
    fn other_lines_are_no_announcements() {
        let key = "ab".repeat(32);
        assert!(noted(true, Message::Chatter(format!("about {key}"))).is_empty());
        let summary = Message::Result("{\"kind\":\"summary\"}".to_owned());
        assert!(noted(true, summary).is_empty());
    }

    #[test]
    fn what_was_announced_before_there_was_a_list_is_on_it_as_soon_as_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let announced = SharedAnnounced::default();
        let key = "ab".repeat(32);
        let line = Message::Result(format!("{key}\t/k/a"));
        let mut witness = Witness::new(Box::new(Page(true)), announced.clone());
        witness.show(line).unwrap();
        announced.open(Announced::open(folder.path()).unwrap());
        assert_eq!(notes(folder.path()), [key]);
    }
}
