//! The journal: one record for each found key, synced before its files are moved into place, and which keys were
//! announced.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lines::{self, Appender};
use crate::blind::ClaimedAt;
use crate::event::{Found, FoundKind};
use crate::key::store::Placement;
use crate::key::{PublicKey, hex};

/// Name of the journal in a session's folder.
pub const JOURNAL: &str = "journal";

/// Name of the list of announced keys in a session's folder.
pub const ANNOUNCED: &str = "announced";

/// Prefix of the note that a key is about to be announced.
const ABOUT: &str = "about ";

/// Version of the records that this program writes.
const VERSION: u32 = 1;

/// A found key, as it is about to be moved into place. Nothing secret is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of this record.
    #[serde(rename = "v")]
    version: u32,
    /// Number of the key in its session, from 1.
    pub n: u64,
    /// Why it was wanted.
    pub kind: FoundKind,
    /// Its public key, lower-case hex.
    pub public_key: String,
    /// Its files, full paths, the private one first.
    pub files: Vec<PathBuf>,
    /// The names that the files have before they are moved.
    pub temporary: Vec<PathBuf>,
    /// What it matches, for people.
    pub pattern: String,
    /// Candidates of all runs when it was found.
    pub candidates: u64,
    /// Working time of all runs when it was found.
    pub seconds: f64,
    /// The start of a claim, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// How far beyond it the key is, in decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
}

impl Record {
    /// The record of the `n`-th key, that is about to be moved as `placement` says.
    pub(crate) fn new(n: u64, placement: &Placement<'_>, found: &Found) -> Self {
        Self {
            version: VERSION,
            n,
            kind: found.kind,
            public_key: hex::encode(placement.public),
            files: placement.files.to_vec(),
            temporary: placement.temporary.to_vec(),
            pattern: found.pattern.clone(),
            candidates: found.candidates,
            seconds: found.at.as_secs_f64(),
            start: found.claim.map(|claim| hex::encode(&claim.start)),
            offset: found.claim.map(|claim| claim.offset.to_string()),
        }
    }

    /// Where the key is, if the record is of a claim.
    pub(crate) fn claim(&self) -> Option<ClaimedAt> {
        Some(ClaimedAt {
            start: hex::decode(self.start.as_deref()?).ok()?,
            offset: self.offset.as_deref()?.parse().ok()?,
        })
    }
}

/// A key that the journal knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// All records of it, one for each attempt to move it into place, the last one last; never empty.
    pub records: Vec<Record>,
    /// Whether it was announced.
    pub announced: Announcement,
}

/// Whether the line of a key was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Announcement {
    /// It was not.
    #[default]
    No,
    /// The process ended between the note that it would be and the note that it was.
    Perhaps,
    /// It was.
    Yes,
}

impl Entry {
    /// The last record.
    pub fn last(&self) -> Option<&Record> {
        self.records.last()
    }
}

/// What journal and announcements say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// The keys in the order in which they were found.
    pub entries: Vec<Entry>,
    /// Records that can't be read.
    pub damaged: u64,
}

/// Reads what a session's folder says about its keys.
///
/// # Errors
/// The system refuses, or a newer program wrote it.
pub fn read(folder: &Path) -> io::Result<Past> {
    let notes = lines::read(&folder.join(ANNOUNCED))?;
    let notes: HashSet<String> = notes.lines.into_iter().collect();
    let contents = lines::read(&folder.join(JOURNAL))?;
    let mut past = Past {
        damaged: contents.damaged,
        ..Past::default()
    };
    let mut places: HashMap<String, usize> = HashMap::new();
    for line in &contents.lines {
        let Some(record) = record(line)? else {
            past.damaged += 1;
            continue;
        };
        let place = *places.entry(record.public_key.clone()).or_insert_with(|| {
            past.entries.push(Entry {
                records: Vec::new(),
                announced: announcement(&notes, &record.public_key),
            });
            past.entries.len() - 1
        });
        past.entries[place].records.push(record);
    }
    Ok(past)
}

/// What the notes say of a key.
fn announcement(notes: &HashSet<String>, key: &str) -> Announcement {
    if notes.contains(key) {
        Announcement::Yes
    } else if notes.contains(&format!("{ABOUT}{key}")) {
        Announcement::Perhaps
    } else {
        Announcement::No
    }
}

/// The record on a line whose checksum is right.
fn record(line: &str) -> io::Result<Option<Record>> {
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    match serde_json::from_str::<Version>(line) {
        Ok(Version { v }) if v > VERSION => Err(io::Error::other(format!(
            "a newer keygen wrote the journal (version {v}, this program knows up to {VERSION})"
        ))),
        Ok(_) => Ok(serde_json::from_str(line).ok()),
        Err(_) => Ok(None),
    }
}

/// The journal of a running session.
#[derive(Debug)]
pub struct Journal(Appender);

impl Journal {
    /// Opens the journal in a session's folder behind its last whole record.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Appender::open(&folder.join(JOURNAL)).map(Self)
    }

    /// Bytes of whole records.
    pub fn position(&self) -> u64 {
        self.0.length()
    }

    /// Writes a record and syncs it.
    ///
    /// # Errors
    /// What the system said; then there is no part of the record.
    pub fn append(&mut self, record: &Record) -> io::Result<()> {
        self.0.append_synced(&serde_json::to_string(record)?)
    }
}

/// The list of keys that were announced. It outlives the process; a power cut may cost second announcements.
#[derive(Debug)]
pub struct Announced(Appender);

impl Announced {
    /// Opens the list in a session's folder.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Appender::open(&folder.join(ANNOUNCED)).map(Self)
    }

    /// Notes that the line of this key is about to be written.
    ///
    /// # Errors
    /// What the system said.
    pub fn note_about(&mut self, public: &PublicKey) -> io::Result<()> {
        self.0.append(&format!("{ABOUT}{}", hex::encode(public)))
    }

    /// Notes that the line of this key was written.
    ///
    /// # Errors
    /// What the system said.
    pub fn note(&mut self, public: &PublicKey) -> io::Result<()> {
        self.0.append(&hex::encode(public))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A wanted key, found after 100 candidates in 1.5 seconds.
    pub(crate) fn found(public: PublicKey) -> Found {
        Found {
            kind: FoundKind::Wanted,
            pattern: "prefix F8".to_owned(),
            public,
            files: Vec::new(),
            fallback: false,
            trouble: Vec::new(),
            mode_kept: true,
            candidates: 100,
            at: std::time::Duration::from_millis(1500),
            private: None,
            again: false,
            chance_left: None,
            claim: None,
        }
    }

    fn append(journal: &mut Journal, byte: u8, file: &str) {
        let placement = Placement {
            public: &[byte; 32],
            files: &[PathBuf::from(file)],
            temporary: &[PathBuf::from(".tmp")],
        };
        let record = Record::new(byte.into(), &placement, &found([byte; 32]));
        journal.append(&record).unwrap();
    }

    #[test]
    fn keys_are_read_in_order_with_all_their_attempts_and_announcements() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        for (byte, files) in [(1, vec!["/a", "/b"]), (2, vec!["/c"]), (3, vec!["/d"])] {
            files
                .iter()
                .for_each(|file| append(&mut journal, byte, file));
        }
        let mut announced = Announced::open(folder.path()).unwrap();
        announced.note_about(&[1; 32]).unwrap();
        announced.note(&[1; 32]).unwrap();
        announced.note_about(&[2; 32]).unwrap();
        let past = read(folder.path()).unwrap();
        let keys: Vec<_> = past
            .entries
            .iter()
            .map(|e| (e.records.len(), e.announced, e.last().unwrap().n))
            .collect();
        let (yes, perhaps, no) = (Announcement::Yes, Announcement::Perhaps, Announcement::No);
        assert_eq!(keys, [(2, yes, 1), (1, perhaps, 2), (1, no, 3)]);
        assert_eq!(past.entries[0].last().unwrap().files, [PathBuf::from("/b")]);
        let size = std::fs::metadata(folder.path().join(JOURNAL))
            .unwrap()
            .len();
        assert_eq!(journal.position(), size);
    }

    #[test]
    fn cut_at_any_byte_every_record_before_is_read_and_the_journal_continues() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(JOURNAL);
        let mut journal = Journal::open(folder.path()).unwrap();
        (1..=3).for_each(|byte| append(&mut journal, byte, "/a"));
        let whole = std::fs::read(&file).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&file, &whole[..length]).unwrap();
            let records = whole[..length].iter().filter(|b| **b == b'\n').count();
            let past = read(folder.path()).unwrap();
            assert_eq!((past.entries.len(), past.damaged), (records, 0));
            let mut journal = Journal::open(folder.path()).unwrap();
            append(&mut journal, 9, "/z");
            assert_eq!(read(folder.path()).unwrap().entries.len(), records + 1);
        }
    }

    #[test]
    fn a_record_of_a_newer_program_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut appender = Appender::open(&folder.path().join(JOURNAL)).unwrap();
        appender.append("{\"v\":2,\"unknown\":true}").unwrap();
        let error = read(folder.path()).unwrap_err();
        assert!(error.to_string().contains("newer keygen"), "{error}");
    }

    #[test]
    fn a_folder_without_a_journal_knows_no_keys() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), Past::default());
    }
}
