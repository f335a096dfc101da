//! The owner's book of starts: a file with the scalar of each, and one that says what became of it. One start serves one
//! key, since two keys of one start differ by a number that the searcher knows.
//!
//! A start is unused, being finished for one key, or used. It is "being finished" from before the key's files are written
//! until they have their names and that is noted, so that a kill in between leaves no way to another key.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use getrandom::SysRng;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::files::{create_folder, private_options, remove_if_there, replace, write_new};
use crate::key::{KeyError, PublicKey, Start, hex};

/// The folder of the book in the state folder.
const FOLDER: &str = "blind";

/// The file whose lock lets one process at a time use the book.
const LOCK: &str = "lock";

/// Endings of the two files of a start.
const RECORD: &str = "json";
const SCALAR: &str = "start";

/// The longest name, in bytes: leaves room for what file systems and this program append.
const LONGEST_NAME: usize = 100;

/// The record of a start; nothing secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its name, also that of its files.
    pub name: String,
    /// When it was drawn.
    pub created: Timestamp,
    /// The public start, in hex.
    pub start: String,
    /// What became of it.
    pub state: State,
}

/// What became of a start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub(crate) enum State {
    /// Nothing yet.
    Unused,
    /// A key is about to be saved.
    Finishing(Made),
    /// It has served its key; the scalar is gone from the book.
    Used(Made),
}

/// The key that was made from a start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// Its public key, in hex.
    pub public_key: String,
    /// Its files, full paths, the private one first.
    pub files: Vec<PathBuf>,
    /// The names that the files had before they were moved.
    pub temporary: Vec<PathBuf>,
    /// When.
    pub at: Timestamp,
}

/// Why the book can't be used.
#[derive(Debug, Error)]
pub(crate) enum BookError {
    /// The system refuses.
    #[error("the book of starts in {folder} can't be used: {source}")]
    File {
        /// Its folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not a name.
    #[error(
        "{0:?} is no name for a start: allowed are letters, digits, '-', '_' and '.', at most {LONGEST_NAME}, not starting with a dot or a dash"
    )]
    Name(String),
    /// There is one of this name.
    #[error("there is a start of the name {0} already: choose another name")]
    Taken(String),
    /// A record can't be read.
    #[error("{file} can't be read as the record of a start: {why}")]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The scalar is not that of the start.
    #[error(
        "{0} does not hold the scalar of its start any more: the file was changed or replaced. Restore it from a copy"
    )]
    WrongScalar(PathBuf),
    /// No start could be drawn.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The book, which no other process uses meanwhile.
#[derive(Debug)]
pub(crate) struct Book {
    folder: PathBuf,
    _locked: File,
}

impl Book {
    /// Opens the book in a state folder, and creates it if need be; waits while another process uses it.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn open(state_folder: &Path) -> Result<Self, BookError> {
        let folder = state_folder.join(FOLDER);
        let locked = create_folder(&folder).and_then(|()| {
            let mut lock = private_options();
            lock.write(true).truncate(false);
            let file = lock.open(folder.join(LOCK))?;
            file.lock()?;
            Ok(file)
        });
        match locked {
            Ok(_locked) => Ok(Self { folder, _locked }),
            Err(source) => Err(BookError::File { folder, source }),
        }
    }

    /// Draws a start and saves it: its scalar first, so that no public start is without one.
    ///
    /// # Errors
    /// The name can't be used, or the system refuses.
    pub(crate) fn draw(&self, name: Option<&str>, now: Timestamp) -> Result<Entry, BookError> {
        let start = Start::for_others(&mut SysRng)?;
        let public = hex::encode(&start.public());
        let name = name.map_or_else(|| format!("start-{}", &public[..8]), str::to_owned);
        check_name(&name)?;
        let mut text = start.hex();
        text.push_str("\n");
        let file = self.file(&name, SCALAR);
        match write_new(&file, text.expose().as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(BookError::Taken(name));
            }
            written => self.checked(written)?,
        }
        let entry = Entry {
            name,
            created: now,
            start: public,
            state: State::Unused,
        };
        self.write(&entry)?;
        Ok(entry)
    }

    /// All starts, by name.
    ///
    /// # Errors
    /// The system refuses, or a record can't be read.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, BookError> {
        let mut entries = Vec::new();
        for entry in self.checked(fs::read_dir(&self.folder))? {
            let file = self.checked(entry)?.path();
            if file.extension().is_some_and(|ending| ending == RECORD) {
                entries.push(self.read(&file)?);
            }
        }
        entries.sort_by(|a: &Entry, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// The entry of a public start.
    ///
    /// # Errors
    /// As [`Book::entries`].
    pub(crate) fn find(&self, start: &PublicKey) -> Result<Option<Entry>, BookError> {
        let start = hex::encode(start);
        let entries = self.entries()?;
        Ok(entries.into_iter().find(|entry| entry.start == start))
    }

    /// The scalar of a start.
    ///
    /// # Errors
    /// It can't be read, or is another one's.
    pub(crate) fn scalar(&self, entry: &Entry) -> Result<Start, BookError> {
        let file = self.file(&entry.name, SCALAR);
        let text = self.checked(fs::read_to_string(&file))?;
        let text = Zeroizing::new(text);
        let start = Start::from_hex(text.trim_end())?;
        match hex::encode(&start.public()) == entry.start {
            true => Ok(start),
            false => Err(BookError::WrongScalar(file)),
        }
    }

    /// Where the scalar of a start is.
    pub(crate) fn scalar_file(&self, entry: &Entry) -> PathBuf {
        self.file(&entry.name, SCALAR)
    }

    /// Notes that the files of a key are about to be written, or moved into place; on return that is on disk.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn note_finishing(&self, entry: &mut Entry, made: Made) -> Result<(), BookError> {
        entry.state = State::Finishing(made);
        self.write(entry)
    }

    /// Notes that the key is saved, and removes the scalar.
    ///
    /// # Errors
    /// What the system said; the start still can't serve another key.
    pub(crate) fn note_used(&self, entry: &mut Entry, made: Made) -> Result<(), BookError> {
        entry.state = State::Used(made);
        self.write(entry)?;
        let file = self.file(&entry.name, SCALAR);
        // What a file system keeps of overwritten blocks is not in this program's hands.
        let _ = fs::OpenOptions::new()
            .write(true)
            .open(&file)
            .and_then(|mut open| io::Write::write_all(&mut open, &[b'0'; 64]).map(|()| open))
            .and_then(|open| open.sync_all());
        self.checked(remove_if_there(&file))
    }

    fn read(&self, file: &Path) -> Result<Entry, BookError> {
        let text = self.checked(fs::read_to_string(file))?;
        let entry: Entry = serde_json::from_str(&text).map_err(|error| damaged(file, &error))?;
        let is_own = file.file_stem().is_some_and(|stem| *stem == *entry.name);
        is_own
            .then_some(entry)
            .ok_or_else(|| damaged(file, &"it has another name than its file"))
    }

    fn write(&self, entry: &Entry) -> Result<(), BookError> {
        let text = serde_json::to_string_pretty(entry);
        let text = text.map_err(io::Error::other);
        let file = self.file(&entry.name, RECORD);
        self.checked(text.and_then(|text| replace(&file, (text + "\n").as_bytes())))
    }

    /// A name may have dots, so its ending is appended and not replaced.
    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    fn checked<T>(&self, result: io::Result<T>) -> Result<T, BookError> {
        result.map_err(|source| BookError::File {
            folder: self.folder.clone(),
            source,
        })
    }
}

fn damaged(file: &Path, why: &dyn std::fmt::Display) -> BookError {
    BookError::Damaged {
        file: file.to_owned(),
        why: why.to_string(),
    }
}

/// Refuses what is no plain file name.
///
/// # Errors
/// What is allowed.
pub(crate) fn check_name(name: &str) -> Result<(), BookError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_good = (1..=LONGEST_NAME).contains(&name.len())
        && !name.starts_with(['.', '-'])
        && name.chars().all(is_plain);
    is_good
        .then_some(())
        .ok_or_else(|| BookError::Name(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(byte: u8) -> Made {
        Made {
            public_key: hex::encode(&[byte; 32]),
            files: vec![PathBuf::from("/k/a")],
            temporary: Vec::new(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn book() -> (tempfile::TempDir, Book) {
        let folder = tempfile::tempdir().unwrap();
        let book = Book::open(folder.path()).unwrap();
        (folder, book)
    }

    #[test]
    fn a_start_is_found_again_with_its_scalar_until_it_is_used() {
        let (folder, book) = book();
        let mut entry = book.draw(Some("a.b"), Timestamp::UNIX_EPOCH).unwrap();
        let start = book.scalar(&entry).unwrap();
        assert_eq!(hex::encode(&start.public()), entry.start);
        assert_eq!(book.find(&start.public()).unwrap(), Some(entry.clone()));
        book.note_finishing(&mut entry, made(1)).unwrap();
        assert!(book.scalar(&entry).is_ok());
        book.note_used(&mut entry, made(1)).unwrap();
        assert!(book.scalar(&entry).is_err());
        assert_eq!(book.entries().unwrap(), [entry]);
        let left: Vec<_> = fs::read_dir(folder.path().join(FOLDER)).unwrap().collect();
        assert_eq!(left.len(), 2, "the record and the lock");
    }

    #[test]
    fn a_name_is_taken_once_and_never_leads_elsewhere() {
        let (_folder, book) = book();
        book.draw(Some("a"), Timestamp::UNIX_EPOCH).unwrap();
        let again = book.draw(Some("a"), Timestamp::UNIX_EPOCH);
        assert!(matches!(again, Err(BookError::Taken(_))));
        for name in ["", ".a", "-a", "a/b", "..", "a b", "ä", &"a".repeat(101)] {
            let refused = book.draw(Some(name), Timestamp::UNIX_EPOCH);
            assert!(matches!(refused, Err(BookError::Name(_))), "{name}");
        }
        book.draw(None, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(book.entries().unwrap().len(), 2);
    }

    #[test]
    fn a_scalar_that_was_swapped_is_noticed() {
        let (_folder, book) = book();
        let [a, b] = ["a", "b"].map(|name| book.draw(Some(name), Timestamp::UNIX_EPOCH).unwrap());
        fs::copy(book.scalar_file(&b), book.scalar_file(&a)).unwrap();
        assert!(matches!(book.scalar(&a), Err(BookError::WrongScalar(_))));
        fs::write(book.scalar_file(&a), "00").unwrap();
        assert!(matches!(
            book.scalar(&a),
            Err(BookError::Key(KeyError::Damaged))
        ));
    }

    #[test]
    fn one_process_at_a_time_has_the_book() {
        let (folder, book) = book();
        let second = File::open(folder.path().join(FOLDER).join(LOCK)).unwrap();
        assert!(second.try_lock().is_err());
        drop(book);
        assert!(second.try_lock().is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_a_scalar() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, book) = book();
        let entry = book.draw(None, Timestamp::UNIX_EPOCH).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&book.scalar_file(&entry)), 0o600);
        assert_eq!(mode(&folder.path().join(FOLDER)), 0o700);
    }
}
