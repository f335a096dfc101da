//! The start of a session's next run: what became of its recorded keys, whose moves are finished now if a kill prevented
//! that, and the checkpoint that follows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::checkpoint::{Checkpoint, Stage};
use super::journal::{Announcement, Entry, Past, Record};
use crate::blind::claim;
use crate::clock::gap::{Gap, GapKind};
use crate::event::FoundKind;
use crate::files::sync_folder_of;
use crate::key::{hex, load};
use crate::status::Totals;

/// What became of a recorded key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its files are in place.
    InPlace,
    /// Its files were moved into place just now.
    Moved,
    /// It was announced earlier; where its files are now is up to the user.
    Announced,
    /// It was never announced, and there is nothing left of it.
    Lost,
}

/// A key of the journal after recovery.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    /// Its record, with the files as they are.
    pub record: Record,
    /// What became of it.
    pub fate: Fate,
    /// Whether its line was written.
    pub announced: Announcement,
}

/// Settles every key of a journal; only the few that were not announced are examined.
pub(crate) fn settle(past: Past) -> Vec<Key> {
    past.entries.into_iter().filter_map(settle_key).collect()
}

/// Keys of a kind, without those that are lost.
pub(crate) fn count(keys: &[Key], kind: FoundKind) -> u64 {
    let counts = |key: &&Key| key.record.kind == kind && key.fate != Fate::Lost;
    keys.iter().filter(counts).count() as u64
}

fn settle_key(entry: Entry) -> Option<Key> {
    let announced = entry.announced;
    let newest = entry.last()?.clone();
    if announced == Announcement::Yes {
        return Some(Key {
            record: newest,
            fate: Fate::Announced,
            announced,
        });
    }
    let found = entry.records.into_iter().rev().find_map(recover);
    let (record, fate) = found.unwrap_or((newest, Fate::Lost));
    Some(Key {
        record,
        fate,
        announced,
    })
}

/// Finds the files of a record, and finishes moving them.
fn recover(mut record: Record) -> Option<(Record, Fate)> {
    let holds = |path: &PathBuf| match record.start {
        Some(_) => holds_claim(path, &record.public_key),
        None => load::holds(path, &record.public_key),
    };
    let fate = if record.files.first().is_some_and(holds) {
        Fate::InPlace
    } else if record.temporary.first().is_some_and(holds) {
        Fate::Moved
    } else {
        return None;
    };
    let temporary = std::mem::take(&mut record.temporary);
    for (file, draft) in record.files.iter_mut().zip(temporary) {
        // A file that can't be moved keeps the key under its temporary name, which is reported.
        if draft.exists() && finish_move(&draft, file).is_err() {
            *file = draft;
        }
    }
    Some((record, fate))
}

/// Gives a file its name, unless another file has that name by now.
fn finish_move(draft: &Path, file: &Path) -> io::Result<()> {
    match fs::hard_link(draft, file) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // File systems without links: nobody else writes this name while the session's lock is ours.
        Err(_) if !file.exists() => fs::rename(draft, file)?,
        Err(error) => return Err(error),
    }
    let _ = fs::remove_file(draft);
    sync_folder_of(file)
}

/// Whether a file holds a claim about this public key, whole.
fn holds_claim(path: &Path, public_key: &str) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    let claims = claim::read_all(&text).unwrap_or_default();
    (claims.iter()).any(|claim| hex::encode(&claim.public) == public_key)
}

/// The checkpoint with which the next run begins: what the journal knows better counts.
pub(super) fn continued(before: Checkpoint, keys: &[Key], now: Timestamp) -> Checkpoint {
    let mut next = before;
    if !matches!(next.stage, Stage::Ended { .. }) {
        next.gaps.add(Gap {
            kind: GapKind::ProcessGone,
            from: next.updated,
            to: now,
        });
    }
    let totals = &mut next.totals;
    // The journal is ahead of the checkpoint, unless it could not be written.
    totals.found = totals.found.max(count(keys, FoundKind::Wanted));
    totals.watched = totals.watched.max(count(keys, FoundKind::Watched));
    let there = keys.iter().filter(|key| key.fate != Fate::Lost);
    catch_up(totals, there.map(|key| &key.record));
    next.run += 1;
    next.process = std::process::id();
    next.updated = now;
    next.stage = Stage::Running;
    next
}

/// Raises totals to what records of keys prove.
pub(super) fn catch_up<'a>(totals: &mut Totals, records: impl Iterator<Item = &'a Record>) {
    for record in records {
        totals.candidates = totals.candidates.max(record.candidates);
        totals.working_seconds = totals.working_seconds.max(record.seconds);
        if record.kind == FoundKind::Wanted {
            totals.at_last_key = totals.at_last_key.max(record.candidates);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::store::Contents;
    use crate::key::verify::check;
    use crate::key::{KeyFormat, Label, Start, Store, VerifiedKey};
    use crate::session::journal::tests::found;
    use crate::session::journal::{self, Announced, Journal};

    fn key() -> VerifiedKey {
        let start = Start::from_bytes(&[0x42; 32]);
        let good = |offset| {
            let private = start.key(offset).unwrap();
            let public = private.public();
            check(private, &public).ok()
        };
        (0..).find_map(good).unwrap()
    }

    /// A folder in which a process was killed between the record of a key and its move.
    fn killed_before_the_move(format: KeyFormat) -> (tempfile::TempDir, VerifiedKey) {
        let folder = tempfile::tempdir().unwrap();
        let key = key();
        let mut journal = Journal::open(folder.path()).unwrap();
        let store = Store::with_fallbacks(folder.path(), format, Vec::new()).unwrap();
        // What an error leaves is removed, what a kill leaves is not: copies stand in for that.
        let killed = store.save_contents(&Contents::Key(&key), &Label::Found, &mut |placement| {
            journal.append(&Record::new(1, placement, &found(*placement.public)))?;
            for draft in placement.temporary {
                fs::copy(draft, draft.with_extension("kept"))?;
            }
            Err(io::Error::other("killed"))
        });
        assert!(killed.is_err());
        for entry in fs::read_dir(folder.path()).unwrap() {
            let kept = entry.unwrap().path();
            if kept
                .extension()
                .is_some_and(|extension| extension == "kept")
            {
                fs::rename(&kept, kept.with_extension("tmp")).unwrap();
            }
        }
        (folder, key)
    }

    #[test]
    fn a_move_that_a_kill_prevented_is_made_good() {
        for format in [KeyFormat::Text, KeyFormat::Json] {
            let (folder, key) = killed_before_the_move(format);
            let keys = settle(journal::read(folder.path()).unwrap());
            assert_eq!(keys[0].fate, Fate::Moved);
            assert!(keys[0].record.files.iter().all(|file| file.exists()));
            assert!(load::holds(
                &keys[0].record.files[0],
                &hex::encode(key.public())
            ));
            let again = settle(journal::read(folder.path()).unwrap());
            assert_eq!(again[0].fate, Fate::InPlace);
            assert_eq!(count(&again, FoundKind::Wanted), 1);
        }
    }

    #[test]
    fn a_kill_between_two_files_of_a_pair_leaves_no_half() {
        let (folder, _) = killed_before_the_move(KeyFormat::Text);
        let past = journal::read(folder.path()).unwrap();
        let record = past.entries[0].last().unwrap().clone();
        fs::rename(&record.temporary[0], &record.files[0]).unwrap();
        let keys = settle(past);
        assert_eq!(keys[0].fate, Fate::InPlace);
        assert!(record.files.iter().all(|file| file.exists()));
        assert!(record.temporary.iter().all(|draft| !draft.exists()));
    }

    #[test]
    fn a_name_that_was_taken_meanwhile_is_left_alone() {
        let (folder, _) = killed_before_the_move(KeyFormat::Json);
        let past = journal::read(folder.path()).unwrap();
        let record = past.entries[0].last().unwrap().clone();
        fs::write(&record.files[0], "another").unwrap();
        let keys = settle(past);
        assert_eq!(keys[0].record.files, record.temporary);
        assert_eq!(fs::read_to_string(&record.files[0]).unwrap(), "another");
    }

    #[test]
    fn a_key_of_which_nothing_is_left_counts_only_if_it_was_announced() {
        let (folder, key) = killed_before_the_move(KeyFormat::Json);
        let past = journal::read(folder.path()).unwrap();
        let draft = &past.entries[0].last().unwrap().temporary[0];
        fs::write(draft, "half").unwrap();
        let keys = settle(past);
        assert_eq!(
            (keys[0].fate, count(&keys, FoundKind::Wanted)),
            (Fate::Lost, 0)
        );
        let mut announced = Announced::open(folder.path()).unwrap();
        announced.note(key.public()).unwrap();
        let keys = settle(journal::read(folder.path()).unwrap());
        assert_eq!(count(&keys, FoundKind::Wanted), 1);
    }
}
