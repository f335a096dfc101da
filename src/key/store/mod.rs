//! Key files: a checked key is written, synced and moved into place, in the chosen folder or in a fallback.

mod contents;
mod fallback;
mod folder;
mod leftover;
mod names;
mod place;
mod temporary;

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use self::{names::Names, place::Moved, temporary::TemporaryFile};
use super::PublicKey;
use crate::files::sync_folder;

pub use self::contents::Contents;
pub(crate) use self::contents::json;
#[cfg(test)]
use self::contents::of as contents_of;
pub use self::folder::{ProbeError, Probed};
pub use self::leftover::Leftover;

/// How key files are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyFormat {
    /// Two files, `…_public.txt` and `…_private.txt`, with one line of lower-case hex each.
    #[default]
    Text,
    /// One file, `….json`, with `public_key` and `private_key`, which the MeshCore app imports.
    Json,
}

/// Why a key is kept; it decides about the name of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// It was searched for: `meshcore_XXXXXXXX_…`.
    Found,
    /// A watchlist line matched it: `watchlist_HEAD_TAIL_XXXXXXXX_…`, with `any` for a side that is empty.
    Watchlist {
        /// The line's beginning, hex digits or empty.
        head: String,
        /// The line's end, hex digits or empty.
        tail: String,
    },
}

/// Where a key was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The files, whole paths, the one with the private key first.
    pub files: Vec<PathBuf>,
    /// Whether the files are in a fallback folder, because the chosen one did not take them.
    pub fallback: bool,
    /// Whether the files are readable only by their owner. `false` where the file system does not keep mode 0600, or
    /// where that is not known: to be said once.
    pub mode_kept: bool,
    /// Why the chosen folder did not take the key, one line a folder; empty when it did.
    pub trouble: Vec<Refusal>,
}

impl Saved {
    /// The file with the private key: the JSON file, or `…_private.txt`.
    pub fn private_file(&self) -> &Path {
        self.files.first().map_or(Path::new(""), PathBuf::as_path)
    }
}

/// A folder that did not take a key, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The folder.
    pub folder: PathBuf,
    /// The reason, for people.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.folder.display(), self.reason)
    }
}

/// Why a key is not saved. The caller still holds the key and tries again.
#[derive(Debug, Error)]
pub enum SaveError {
    /// No folder took the key.
    #[error("the key could not be saved in any folder: {}", join(.0))]
    NoFolder(Vec<Refusal>),
    /// What the caller wanted done before the move failed; nothing was moved.
    #[error("nothing was saved, because the step before it failed: {0}")]
    BeforeMove(io::Error),
}

fn join(refusals: &[Refusal]) -> String {
    refusals
        .iter()
        .map(Refusal::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

/// What is about to be moved into place: everything is written and synced under the temporary names.
#[derive(Clone, Copy, Debug)]
pub struct Placement<'a> {
    /// The key's public key.
    pub public: &'a PublicKey,
    /// The names that the files will have, the one with the private key first.
    pub files: &'a [PathBuf],
    /// The names that they have now, in the same order.
    pub temporary: &'a [PathBuf],
}

/// Called before files are moved into place; called again, with other names, where another process took the names
/// first or the folder failed. An error stops the saving.
pub type BeforeMove<'a> = dyn FnMut(&Placement<'_>) -> io::Result<()> + 'a;

/// Why one folder did not take a key.
enum Fault {
    Folder(io::Error),
    BeforeMove(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Folder(error)
    }
}

/// A folder for keys, with the folders to fall back on.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    format: KeyFormat,
    fallbacks: Vec<PathBuf>,
}

impl Store {
    /// A store in `folder` that falls back on `meshcore-keygen/rescued` in the user's state folder, then on the home
    /// folder. Touches no file: see [`Store::probe`].
    ///
    /// # Errors
    /// `folder` is empty, or relative to a current folder that is gone.
    pub fn new(folder: &Path, format: KeyFormat) -> Result<Self, ProbeError> {
        Self::with_fallbacks(folder, format, fallback::folders())
    }

    /// A store with fallback folders of the caller's choice, the best first.
    ///
    /// # Errors
    /// As [`Store::new`].
    pub fn with_fallbacks(
        folder: &Path,
        format: KeyFormat,
        mut fallbacks: Vec<PathBuf>,
    ) -> Result<Self, ProbeError> {
        let folder = folder::absolute(folder)?;
        fallbacks.retain(|fallback| *fallback != folder);
        Ok(Self {
            folder,
            format,
            fallbacks,
        })
    }

    /// The chosen folder, as an absolute path.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How this store writes keys.
    pub fn format(&self) -> KeyFormat {
        self.format
    }

    /// Sees to it that the chosen folder can take keys: creates it (and its parents, mode 0700) when it is missing,
    /// writes and removes a file, and looks at the free space. To be called after everything else was checked and
    /// before any work. Leaves nothing behind when it fails.
    ///
    /// # Errors
    /// What exactly does not work, for people.
    pub fn probe(&self) -> Result<Probed, ProbeError> {
        folder::probe(&self.folder)
    }

    /// Saves a key: temporary files of mode 0600, synced, moved into place without overwriting anything, private before
    /// public, folder synced; in a fallback folder where the chosen one fails. A claim is saved as carefully, with mode
    /// 0644. `before_move` is called when the files are safe on disk but not in place yet.
    ///
    /// # Errors
    /// No folder took it, or `before_move` failed; nothing is lost, since the caller still has it.
    pub fn save_contents(
        &self,
        contents: &Contents<'_>,
        label: &Label,
        before_move: &mut BeforeMove<'_>,
    ) -> Result<Saved, SaveError> {
        let mut trouble = Vec::new();
        for (index, folder) in std::iter::once(&self.folder)
            .chain(&self.fallbacks)
            .enumerate()
        {
            let ready = if index == 0 {
                Ok(())
            } else {
                fallback::prepare(folder)
            };
            let names = Names::of(contents, label, self.format);
            match ready
                .map_err(Fault::from)
                .and_then(|()| save_in(folder, &names, contents, before_move))
            {
                Ok((files, mode_kept)) => {
                    return Ok(Saved {
                        files,
                        fallback: index > 0,
                        mode_kept,
                        trouble,
                    });
                }
                Err(Fault::BeforeMove(error)) => return Err(SaveError::BeforeMove(error)),
                Err(Fault::Folder(error)) => {
                    trouble.push(Refusal {
                        folder: folder.clone(),
                        reason: error.to_string(),
                    });
                }
            }
        }
        Err(SaveError::NoFolder(trouble))
    }
}

/// Saves a key in one folder; gives the files and whether they kept mode 0600.
fn save_in(
    folder: &Path,
    names: &Names,
    contents: &Contents<'_>,
    before_move: &mut BeforeMove<'_>,
) -> Result<(Vec<PathBuf>, bool), Fault> {
    let mut drafts = write_drafts(folder, names, contents)?;
    let is_public = matches!(contents, Contents::Claim(..));
    let mode_kept = is_public || drafts.iter().all(TemporaryFile::is_private);
    let temporary: Vec<_> = drafts.iter().map(|draft| draft.path().to_owned()).collect();
    for number in 1..=u32::MAX {
        if names.is_taken(folder, number)? {
            continue;
        }
        let files = names.paths(folder, number);
        before_move(&Placement {
            public: contents.public(),
            files: &files,
            temporary: &temporary,
        })
        .map_err(Fault::BeforeMove)?;
        if place::move_all(&mut drafts, &files)? == Moved::All {
            sync_folder(folder).map_err(in_place_but_unsynced)?;
            return Ok((files, mode_kept));
        }
    }
    Err(io::Error::other("every number for a key with these first 8 digits is taken").into())
}

/// The files stay: a copy that may not survive a power cut is better than none while the key goes elsewhere.
fn in_place_but_unsynced(error: io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("the files are there, but the folder could not be synced: {error}"),
    )
}

/// Writes and syncs the files under temporary names, the one with the private key first. All are removed when one
/// fails.
fn write_drafts(
    folder: &Path,
    names: &Names,
    contents: &Contents<'_>,
) -> io::Result<Vec<TemporaryFile>> {
    let write = |(kind, name): (_, String)| {
        let draft = TemporaryFile::write(folder, &name, contents.text(kind).expose().as_bytes())?;
        if matches!(contents, Contents::Claim(..)) {
            draft.publish();
        }
        io::Result::Ok(draft)
    };
    names
        .kinds()
        .iter()
        .map(|&kind| (kind, names.name(kind, 1)))
        .map(write)
        .collect()
}
