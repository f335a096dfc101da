//! The folder for keys: made when it is missing, tried before any work, synced after each key.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::{leftover::PROBE, temporary::TemporaryFile};
use crate::files::create_folder;

/// The least free space, in bytes, with which a search begins: two small files and what a file system spends on them.
pub(crate) const MIN_FREE_BYTES: u64 = 16 * 1024;

/// Why a folder cannot take keys. Said before any work.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// The path means nothing.
    #[error(
        "the folder for key files, {path:?}, is no usable path: {source}; name an existing folder with --output DIR"
    )]
    Path {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It exists and is something else.
    #[error("{0} is not a folder; key files go into a folder: name another one with --output DIR")]
    NotAFolder(PathBuf),
    /// It is missing and cannot be made.
    #[error(
        "the folder {folder} does not exist, and {part} cannot be created: {source}; name another folder with --output DIR"
    )]
    Create {
        /// The folder.
        folder: PathBuf,
        /// The part of its path that failed.
        part: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing can be written there.
    #[error(
        "the folder {folder} cannot take key files: {source}; make it writable or name another one with --output DIR"
    )]
    NotWritable {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk is full.
    #[error(
        "the disk that holds {folder} is full: {free} bytes are free, key files need {MIN_FREE_BYTES}; make room or name another folder with --output DIR"
    )]
    Full {
        /// The folder.
        folder: PathBuf,
        /// Free bytes.
        free: u64,
    },
}

/// What was learnt about a folder that can take keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probed {
    /// Whether the folder was missing and was made.
    pub created: bool,
    /// Whether files there keep mode 0600; `false` also where that is unknown.
    pub mode_kept: bool,
    /// Free bytes, where the system tells.
    pub free_bytes: Option<u64>,
}

/// The absolute form of a folder's path, which stays right when the current folder changes.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, ProbeError> {
    std::path::absolute(path).map_err(|source| ProbeError::Path {
        path: path.to_owned(),
        source,
    })
}

/// Creates the folder if need be and finds out whether it takes files. Removes what it created when it does not.
pub(super) fn probe(folder: &Path) -> Result<Probed, ProbeError> {
    let created = create_missing(folder)?;
    let undo = |error| {
        created
            .iter()
            .rev()
            .for_each(|made| drop(fs::remove_dir(made)));
        error
    };
    let mode_kept = try_writing(folder).map_err(undo)?;
    let free_bytes = free_bytes(folder);
    match free_bytes {
        Some(free) if free < MIN_FREE_BYTES => Err(undo(ProbeError::Full {
            folder: folder.to_owned(),
            free,
        })),
        _ => Ok(Probed {
            created: !created.is_empty(),
            mode_kept,
            free_bytes,
        }),
    }
}

/// Writes a file and removes it; says whether it kept mode 0600.
fn try_writing(folder: &Path) -> Result<bool, ProbeError> {
    TemporaryFile::write_quickly(folder, PROBE, &[0; 512])
        .map(|file| file.is_private())
        .map_err(|source| {
            if source.kind() == io::ErrorKind::StorageFull {
                ProbeError::Full {
                    folder: folder.to_owned(),
                    free: free_bytes(folder).unwrap_or(0),
                }
            } else {
                ProbeError::NotWritable {
                    folder: folder.to_owned(),
                    source,
                }
            }
        })
}

/// Creates a folder with all its parents; gives those that were missing, the uppermost first.
fn create_missing(folder: &Path) -> Result<Vec<PathBuf>, ProbeError> {
    let mut missing = Vec::new();
    for part in folder.ancestors() {
        match fs::metadata(part) {
            Ok(metadata) if metadata.is_dir() => break,
            Ok(_) => return Err(ProbeError::NotAFolder(part.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(part.to_owned()),
            // "Not a directory": a parent is a file, and the next round names it.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                missing.push(part.to_owned())
            }
            Err(source) => {
                return Err(ProbeError::NotWritable {
                    folder: part.to_owned(),
                    source,
                });
            }
        }
    }
    missing.reverse();
    for (index, part) in missing.iter().enumerate() {
        if let Err(source) = create_folder(part) {
            missing[..index]
                .iter()
                .rev()
                .for_each(|made| drop(fs::remove_dir(made)));
            return Err(ProbeError::Create {
                folder: folder.to_owned(),
                part: part.clone(),
                source,
            });
        }
    }
    Ok(missing)
}

/// The bytes that this user can still write there; nothing where the file system does not tell.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let numbers = rustix::fs::statvfs(folder).ok()?;
    // Network and virtual file systems report zero blocks in all when they do not know.
    (numbers.f_blocks > 0).then(|| numbers.f_bavail.saturating_mul(numbers.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_made_with_its_parents_and_left_empty() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("a/b/c");
        assert!(probe(&folder).unwrap().created);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        assert!(!probe(&folder).unwrap().created);
    }

    #[test]
    fn a_file_is_not_a_folder_and_neither_is_anything_below_it() {
        let top = tempfile::tempdir().unwrap();
        let file = top.path().join("file");
        fs::write(&file, "").unwrap();
        for folder in [file.clone(), file.join("below"), file.join("below/deeper")] {
            let error = probe(&folder).unwrap_err();
            assert!(
                matches!(&error, ProbeError::NotAFolder(path) if *path == file),
                "{error}"
            );
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_cannot_be_made_is_named_with_the_part_that_failed() {
        let error = probe(Path::new("/proc/keygen/keys")).unwrap_err();
        assert!(
            matches!(&error, ProbeError::Create { part, .. } if part == Path::new("/proc/keygen")),
            "{error}"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_files_is_an_error() {
        let error = probe(Path::new("/proc")).unwrap_err();
        assert!(
            matches!(
                error,
                ProbeError::NotWritable { .. } | ProbeError::Full { .. }
            ),
            "{error}"
        );
    }

    #[test]
    fn an_empty_path_is_an_error_before_anything_is_touched() {
        assert!(matches!(
            absolute(Path::new("")),
            Err(ProbeError::Path { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn folders_that_are_made_are_open_to_nobody_else() {
        use std::os::unix::fs::PermissionsExt;
        let top = tempfile::tempdir().unwrap();
        probe(&top.path().join("a/b")).unwrap();
        for folder in ["a", "a/b"] {
            let mode = top
                .path()
                .join(folder)
                .metadata()
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o077, 0);
        }
    }
}
