//! Files that hold a key before it has its name: private from the moment they exist, removed unless they were moved.
//!
//! Each is locked (flock, LockFileEx) as long as the process that writes it lives. One that is not locked was left
//! behind by a process that was killed: see [`super::leftover`].

use std::{
    fs::{File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::files::private_options;

/// How often another name is tried when the first exists: with 64 random bits, even once is a surprise.
const NAMES: u32 = 16;

/// A synced file under a temporary name, removed when dropped unless it was moved.
pub(super) struct TemporaryFile {
    path: PathBuf,
    private: bool,
    moved: bool,
    /// Stays open for its lock.
    file: File,
}

/// What all temporary names end in.
const END: &str = ".tmp";

/// Hexadecimal digits before that.
const RANDOM_DIGITS: usize = 16;

impl TemporaryFile {
    /// Writes `contents` to a new file in `folder` and syncs it. `name` is the name that it will have: it shows in the
    /// temporary name, so that whoever finds the file after a power cut knows what it is.
    pub(super) fn write(folder: &Path, name: &str, contents: &[u8]) -> io::Result<Self> {
        let temporary = Self::write_quickly(folder, name, contents)?;
        temporary.file.sync_all()?;
        Ok(temporary)
    }

    /// Writes `contents` without syncing: enough to learn whether the folder takes files.
    pub(super) fn write_quickly(folder: &Path, name: &str, contents: &[u8]) -> io::Result<Self> {
        let mut temporary = Self::create(folder, name)?;
        temporary.file.write_all(contents)?;
        Ok(temporary)
    }

    fn create(folder: &Path, name: &str) -> io::Result<Self> {
        for _ in 0..NAMES {
            let random = getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?;
            let path = folder.join(format!(".{name}.{random:016x}{END}"));
            match open_new(&path) {
                // Taken for a leftover in the moment between both calls: the next name.
                Ok(file) if !lock(&file, &path) => {}
                Ok(file) => {
                    return Ok(Self {
                        path,
                        private: keep_private(&file),
                        moved: false,
                        file,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "every temporary name that was tried exists",
        ))
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether only the owner can read it.
    pub(super) fn is_private(&self) -> bool {
        self.private
    }

    /// Lets everybody read the file, where the file system has modes.
    pub(super) fn publish(&self) {
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            // A claim that only its finder can read is saved all the same.
            let _ = self.file.set_permissions(mode);
        }
    }

    /// Says whether the file has left its temporary name.
    pub(super) fn set_moved(&mut self, moved: bool) {
        self.moved = moved;
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.moved {
            // Nothing better can be done here; whoever caused the drop reports what failed before.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The name that a file with this temporary name would get; nothing for other names.
pub(super) fn final_name(temporary: &str) -> Option<&str> {
    let inner = temporary.strip_prefix('.')?.strip_suffix(END)?;
    let (name, random) = inner.rsplit_once('.')?;
    let is_random =
        random.len() == RANDOM_DIGITS && random.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_random.then_some(name)
}

/// Marks a file as one that somebody is at work on; `false`: somebody else is, or it is gone by now. Where the file
/// system knows no locks it is taken as ours: saving a key goes first.
pub(super) fn lock(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => is_at(file, path),
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => true,
    }
}

/// Whether an open file still has this name.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(open), Ok(named)) => identity(open) == identity(named),
        _ => false,
    }
}

/// Whether a file of this name is still there: temporary names are never used twice.
#[cfg(not(unix))]
pub(super) fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Creates a file that did not exist, with mode 0600 at its creation: a umask can only take bits away from that.
pub(super) fn open_new(path: &Path) -> io::Result<File> {
    let mut options = private_options();
    options.write(true).create_new(true).open(path)
}

/// Gives back what a strict umask took away and says whether the file's mode is 0600 now. Some file systems know no
/// modes: then this says `false` and the key is kept all the same.
#[cfg(unix)]
fn keep_private(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let mode = || {
        file.metadata()
            .map(|metadata| metadata.permissions().mode() & 0o777)
    };
    if matches!(mode(), Ok(0o600)) {
        return true;
    }
    let changed = file.set_permissions(std::fs::Permissions::from_mode(0o600));
    changed.is_ok() && matches!(mode(), Ok(0o600))
}

/// Who may read a file is a matter of its folder here, and not known.
#[cfg(not(unix))]
fn keep_private(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(folder: &Path) -> Vec<PathBuf> {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect()
    }

    #[test]
    fn a_temporary_file_is_removed_unless_it_was_moved() {
        let folder = tempfile::tempdir().unwrap();
        drop(TemporaryFile::write(folder.path(), "a", b"x").unwrap());
        assert!(listing(folder.path()).is_empty());
        let mut file = TemporaryFile::write(folder.path(), "a", b"x").unwrap();
        file.set_moved(true);
        drop(file);
        assert_eq!(listing(folder.path()).len(), 1);
    }

    #[test]
    fn a_temporary_name_tells_the_final_one_and_other_names_do_not() {
        assert_eq!(final_name(".a.json.0123456789abcdef.tmp"), Some("a.json"));
        for other in [
            "a.json",
            ".a.json.tmp",
            ".a.json.0123456789abcdeg.tmp",
            ".a.json.0123.tmp",
            "a.json.0123456789abcdef.tmp",
        ] {
            assert_eq!(final_name(other), None, "{other}");
        }
    }

    #[test]
    fn a_temporary_file_is_locked_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let ours = TemporaryFile::write(folder.path(), "a", b"x").unwrap();
        let seen = File::open(ours.path()).unwrap();
        assert!(!lock(&seen, ours.path()));
        drop(ours);
        assert!(!lock(&seen, Path::new("/gone")));
    }

    #[cfg(unix)]
    #[test]
    fn a_temporary_file_has_mode_0600_and_tells_what_it_is() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = TemporaryFile::write(folder.path(), "meshcore_F8_private.txt", b"x").unwrap();
        let mode = file.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(file.is_private());
        let name = file.path().file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with(".meshcore_F8_private.txt."), "{name}");
    }
}
