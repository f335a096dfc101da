//! Moving files into place without ever overwriting one, whatever other processes do at the same time.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::temporary::{TemporaryFile, open_new};

/// What came of an attempt to move a key's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// All files have their names.
    All,
    /// One of the names exists by now. No file was moved, or all were moved back.
    NameTaken,
}

/// Moves each draft to the file of the same index, in order. All or none is moved, also on an error.
pub(super) fn move_all(drafts: &mut [TemporaryFile], files: &[PathBuf]) -> io::Result<Moved> {
    for (index, (draft, file)) in drafts.iter_mut().zip(files).enumerate() {
        let result = move_file(draft.path(), file);
        draft.set_moved(result.is_ok());
        if let Err(error) = result {
            take_back(&mut drafts[..index], files)?;
            return if error.kind() == io::ErrorKind::AlreadyExists {
                Ok(Moved::NameTaken)
            } else {
                Err(error)
            };
        }
    }
    Ok(Moved::All)
}

/// Gives files that are in place their temporary names again. Those names are nobody else's, so a plain rename is safe.
fn take_back(drafts: &mut [TemporaryFile], files: &[PathBuf]) -> io::Result<()> {
    for (draft, file) in drafts.iter_mut().zip(files) {
        fs::rename(file, draft.path())?;
        draft.set_moved(false);
    }
    Ok(())
}

/// The ways to move a file to a name that must not exist, the best first.
const WAYS: [fn(&Path, &Path) -> io::Result<()>; 3] =
    [rename_exclusively, link_and_unlink, reserve_and_rename];

/// Moves `from` to `to`, in the same folder. An existing `to` is an error of kind `AlreadyExists`.
pub(super) fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut result = Err(io::ErrorKind::Unsupported.into());
    for way in WAYS {
        result = way(from, to);
        match &result {
            Err(error) if !is_final(error) => {}
            _ => return result,
        }
    }
    result
}

/// Whether no other way can do better. Everything else is tried again: file systems, sandboxes and systems refuse an
/// operation that they do not know with many different errors.
fn is_final(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, NotFound, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(
        error.kind(),
        AlreadyExists | NotFound | QuotaExceeded | ReadOnlyFilesystem | StorageFull
    )
}

/// One system call that renames or fails.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_exclusively(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_exclusively(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A second name, which is never given to an existing one, then the first name removed.
fn link_and_unlink(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    // The file has its name; a temporary name that stays is untidy, but it is the same file.
    let _ = fs::remove_file(from);
    Ok(())
}

/// For file systems that know neither (FAT and its kin): an empty file of our own takes the name, and is replaced at
/// once by the whole one.
fn reserve_and_rename(from: &Path, to: &Path) -> io::Result<()> {
    drop(open_new(to)?);
    fs::rename(from, to).inspect_err(|_| drop(fs::remove_file(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_files(test: impl Fn(fn(&Path, &Path) -> io::Result<()>, &Path, &Path)) {
        for way in WAYS {
            let folder = tempfile::tempdir().unwrap();
            let (from, to) = (folder.path().join("from"), folder.path().join("to"));
            fs::write(&from, "new").unwrap();
            test(way, &from, &to);
        }
    }

    fn is_missing_here(result: &io::Result<()>) -> bool {
        result
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::Unsupported)
    }

    #[test]
    fn every_way_moves_a_file_to_a_free_name() {
        with_files(|way, from, to| {
            let result = way(from, to);
            if !is_missing_here(&result) {
                result.unwrap();
                assert_eq!(fs::read_to_string(to).unwrap(), "new");
                assert!(!from.exists());
            }
        });
    }

    #[test]
    fn no_way_overwrites_a_file() {
        with_files(|way, from, to| {
            fs::write(to, "old").unwrap();
            let error = way(from, to).unwrap_err();
            let expected = [io::ErrorKind::AlreadyExists, io::ErrorKind::Unsupported];
            assert!(expected.contains(&error.kind()), "{error}");
            assert_eq!(fs::read_to_string(to).unwrap(), "old");
            assert_eq!(fs::read_to_string(from).unwrap(), "new");
        });
    }

    #[cfg(unix)]
    #[test]
    fn no_way_follows_a_link_that_leads_nowhere() {
        with_files(|way, from, to| {
            std::os::unix::fs::symlink("/nonexistent/elsewhere", to).unwrap();
            assert!(way(from, to).is_err());
            assert!(to.is_symlink() && from.exists());
        });
    }

    #[test]
    fn when_the_second_name_is_taken_the_first_file_is_moved_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut drafts: Vec<_> = ["one", "two"]
            .map(|name| TemporaryFile::write(folder.path(), name, b"new").unwrap())
            .into();
        let files = ["one", "two"].map(|name| folder.path().join(name));
        fs::write(&files[1], "old").unwrap();
        assert_eq!(move_all(&mut drafts, &files).unwrap(), Moved::NameTaken);
        assert!(!files[0].exists() && drafts.iter().all(|draft| draft.path().exists()));
        assert_eq!(fs::read_to_string(&files[1]).unwrap(), "old");
        fs::remove_file(&files[1]).unwrap();
        assert_eq!(move_all(&mut drafts, &files).unwrap(), Moved::All);
        drop(drafts);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
