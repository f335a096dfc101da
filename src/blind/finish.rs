//! A key is made of a claim: on the owner's machine, from the start's scalar, with every check that a found key gets.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use thiserror::Error;

use super::Claim;
use super::book::{Book, BookError, Entry, Made, State};
use super::claim::NoClaim;
use crate::key::store::{Contents, SaveError};
use crate::key::verify::{CheckError, check};
use crate::key::{KeyError, KeyFormat, Label, Saved, Store, VerifiedKey, hex, load};
use crate::pattern::Wanted;

/// Why no key is made of a claim. Nothing was saved then.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    /// The claim is wrong.
    #[error(transparent)]
    Claim(#[from] NoClaim),
    /// Nobody here owns its start.
    #[error(
        "no start in the book is {0}: it is somebody else's, or the state folder is another one (--state-dir)"
    )]
    Unknown(String),
    /// Its start has served its key.
    #[error(
        "its start {name} has served the key {public_key} already ({file}). One start serves one key: whoever has two claims of a start knows the difference of both keys, so that one of them would give the other away"
    )]
    Used {
        /// The name of the start.
        name: String,
        /// The key.
        public_key: String,
        /// Where it was saved.
        file: String,
    },
    /// It is not what the owner wants.
    #[error("its key does not fit the pattern on the command line, {0}")]
    NotWanted(String),
    /// The scalar leaves the range, or the system gives no random bytes.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key does not work.
    #[error("its key fails the check: {0}")]
    Check(#[from] CheckError),
    /// The book can't be used.
    #[error(transparent)]
    Book(#[from] BookError),
    /// No folder took the key.
    #[error(transparent)]
    Save(#[from] SaveError),
}

/// A key that was made of a claim.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The name of its start.
    pub name: String,
    /// Its files.
    pub saved: Saved,
    /// What could not be done after it was saved, for people.
    pub trouble: Option<BookError>,
}

/// Makes the key of a claim, saves it in `store` and notes that its start is used.
///
/// # Errors
/// See [`Refusal`].
pub(crate) fn finish(
    book: &Book,
    store: &Store,
    claim: &Claim,
    wanted: Option<&Wanted>,
    now: Timestamp,
) -> Result<Finished, Refusal> {
    claim.check()?;
    match wanted {
        Some(wanted) if !wanted.is_match(&claim.public) => {
            return Err(Refusal::NotWanted(wanted.describe()));
        }
        None if !claim.names_a_pattern() => {
            return Err(NoClaim::UnknownPattern(claim.pattern.clone()).into());
        }
        _ => {}
    }
    let entry = book.find(&claim.at.start)?;
    let Some(mut entry) = entry else {
        return Err(Refusal::Unknown(hex::encode(&claim.at.start)));
    };
    if let Some(saved) = earlier(&entry, claim, store)? {
        return note(book, entry, claim, saved, now);
    }
    let key = key_of(book, &entry, claim)?;
    let mut made = Made {
        public_key: hex::encode(&claim.public),
        files: Vec::new(),
        temporary: Vec::new(),
        at: now,
    };
    // Before anything of the key is on disk: a kill may leave it under a temporary name.
    book.note_finishing(&mut entry, made.clone())?;
    let saved = store.save_contents(&Contents::Key(&key), &Label::Found, &mut |placement| {
        made.files = placement.files.to_vec();
        made.temporary = placement.temporary.to_vec();
        book.note_finishing(&mut entry, made.clone())
            .map_err(io::Error::other)
    })?;
    note(book, entry, claim, saved, now)
}

/// The key of a claim, checked like one that was found here.
fn key_of(book: &Book, entry: &Entry, claim: &Claim) -> Result<VerifiedKey, Refusal> {
    let start = book.scalar(entry)?;
    let candidate = start.candidate_beyond(claim.at.offset)?;
    Ok(check(candidate.into_private_key()?, &claim.public)?)
}

/// The files of this claim's key, if a process was killed after it moved them and before it noted that. The start of a
/// key that was never saved may still serve that key, and no other.
///
/// # Errors
/// The start has served a key.
fn earlier(entry: &Entry, claim: &Claim, store: &Store) -> Result<Option<Saved>, Refusal> {
    let public_key = hex::encode(&claim.public);
    let used = |made: &Made| Refusal::Used {
        name: entry.name.clone(),
        public_key: made.public_key.clone(),
        file: made
            .files
            .first()
            .map_or_else(String::new, |file| file.display().to_string()),
    };
    match &entry.state {
        State::Unused => Ok(None),
        State::Used(made) => Err(used(made)),
        State::Finishing(made) if made.public_key != public_key => Err(used(made)),
        State::Finishing(made) => Ok(saved_before(made, store)),
    }
}

/// What was saved of a key before a kill, its move made good if that was missing: in the folder that was noted, or, where
/// the kill came before that, in `store`.
fn saved_before(made: &Made, store: &Store) -> Option<Saved> {
    let noted = made.files.first().and_then(|file| file.parent());
    let noted = noted.map(|folder| Store::with_fallbacks(folder, KeyFormat::Text, Vec::new()));
    // What is left under temporary names gets its own.
    let adopted = match noted {
        Some(there) => there.ok()?.adopt_leftovers(),
        None => store.adopt_leftovers(),
    };
    let files = adopted.into_iter().filter_map(|leftover| match leftover {
        crate::key::store::Leftover::Adopted { files } => Some(files),
        _ => None,
    });
    let mut all = std::iter::once(made.files.clone()).chain(files);
    let holds = |file: &PathBuf| load::holds(file, &made.public_key);
    let files = all.find(|files| files.first().is_some_and(holds))?;
    Some(Saved {
        files,
        fallback: false,
        mode_kept: true,
        trouble: Vec::new(),
    })
}

fn note(
    book: &Book,
    mut entry: Entry,
    claim: &Claim,
    saved: Saved,
    now: Timestamp,
) -> Result<Finished, Refusal> {
    let made = Made {
        public_key: hex::encode(&claim.public),
        files: saved.files.clone(),
        temporary: Vec::new(),
        at: now,
    };
    // The key is saved: what fails now is told, and does not take it back.
    let trouble = book.note_used(&mut entry, made).err();
    Ok(Finished {
        name: entry.name,
        saved,
        trouble,
    })
}

#[cfg(test)]
#[path = "finish_tests.rs"]
mod tests;
