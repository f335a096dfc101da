//! Notes which keys were announced: once the line of a key is written, and not before.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::journal::Announced;
use crate::key::{PublicKey, hex};
use crate::report::outlet::{Message, Screen};

/// Hex digits of a public key.
const DIGITS: usize = 64;

/// The list of announced keys as both streams share it; without one nothing is noted.
#[derive(Clone, Debug, Default)]
pub struct SharedAnnounced(Arc<Mutex<Option<Announced>>>);

impl SharedAnnounced {
    /// From now on announced keys are noted here.
    pub fn open(&self, announced: Announced) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(announced);
    }

    fn note(&self, key: &PublicKey) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = list.as_mut() {
            // Without the note the key is announced a second time after a kill: nothing is lost.
            let _ = list.note(key);
        }
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
        let key = announced_key(&message);
        self.screen.show(message)?;
        if let Some(key) = key {
            self.announced.note(&key);
        }
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

    fn noted(works: bool, message: Message) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let announced = SharedAnnounced::default();
        announced.open(Announced::open(folder.path()).unwrap());
        let _ = Witness::new(Box::new(Page(works)), announced).show(message);
        let file = folder.path().join(super::super::journal::ANNOUNCED);
        super::super::lines::read(&file).unwrap().lines.len()
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
            assert_eq!(noted(true, line.clone()), 1, "{line:?}");
            assert_eq!(noted(false, line), 0);
        }
    }

    #[test]
    fn other_lines_are_no_announcements() {
        let key = "ab".repeat(32);
        assert_eq!(noted(true, Message::Chatter(format!("about {key}"))), 0);
        let summary = Message::Result("{\"kind\":\"summary\"}".to_owned());
        assert_eq!(noted(true, summary), 0);
    }
}
