//! One process per session: an exclusive lock on a file with the process id, released however the process ends.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use thiserror::Error;

use crate::files::private_options;

/// Name of the lock file in a session's folder. It stays when the lock is gone: removing it would race.
pub(crate) const FILE: &str = "lock";

/// The environment variable that names the session whose lock this process kept when it restarted itself.
pub(crate) const CONTINUES: &str = "MESHCORE_KEYGEN_CONTINUES";

/// Attempts to take a lock: `keygen status` holds it for an instant.
const ATTEMPTS: u32 = 10;

/// Time between two attempts.
const PAUSE: Duration = Duration::from_millis(5);

/// Why a lock can't be taken.
#[derive(Debug, Error)]
pub(crate) enum LockError {
    /// Another process holds it.
    #[error("it is already running{}", .process.map_or_else(String::new, |id| format!(", as process {id}")))]
    Held {
        /// Its id, where it can be read.
        process: Option<u32>,
    },
    /// The file can't be used.
    #[error("its lock file can't be used: {0}")]
    File(#[from] io::Error),
}

/// The lock on a session; released when dropped and when the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "it is held, and closed when dropped")
    )]
    file: File,
}

impl Lock {
    /// Takes the lock of the session in `folder`, or takes over the one that this process kept when it restarted itself.
    ///
    /// # Errors
    /// Another process has it, or the file can't be used.
    pub(crate) fn take(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(FILE);
        let mut file = private_options()
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)?;
        for _ in 0..ATTEMPTS {
            match file.try_lock() {
                Ok(()) => {
                    write_process(&mut file)?;
                    return Ok(Self { file });
                }
                Err(TryLockError::WouldBlock) if is_inherited(&path) => return Ok(Self { file }),
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        Err(LockError::Held {
            process: process_in(&path),
        })
    }

    /// Lets the lock survive [`std::process::Command::exec`]: the process stays the same, and so does its lock.
    ///
    /// # Errors
    /// What the system said.
    #[cfg(unix)]
    pub(crate) fn pass_on(&self) -> io::Result<()> {
        let flags = rustix::io::fcntl_getfd(&self.file)?;
        rustix::io::fcntl_setfd(&self.file, flags - rustix::io::FdFlags::CLOEXEC)?;
        Ok(())
    }
}

/// The name of the session that this process resumes after it restarted itself, if the lock is really its own.
pub(crate) fn continued(folder_of: impl Fn(&str) -> Option<std::path::PathBuf>) -> Option<String> {
    let name = std::env::var(CONTINUES).ok()?;
    let folder = folder_of(&name)?;
    is_inherited(&folder.join(FILE)).then_some(name)
}

/// The holder of the lock of the session in `folder`, if any.
///
/// # Errors
/// The file can't be read. A missing one has no holder.
pub(crate) fn holder(folder: &Path) -> io::Result<Option<Holder>> {
    let path = folder.join(FILE);
    if is_inherited(&path) {
        return Ok(None);
    }
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(Holder {
            process: process_in(&path),
        })),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The process that runs a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Its id, where it can be read.
    pub process: Option<u32>,
}

/// Whether the lock that is held is this process's own, from before it restarted itself.
fn is_inherited(path: &Path) -> bool {
    std::env::var_os(CONTINUES).is_some() && process_in(path) == Some(std::process::id())
}

fn write_process(file: &mut File) -> io::Result<()> {
    // Longer than any previous id: no digit of an older one remains.
    let text = format!("{:<20}\n", std::process::id());
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

fn process_in(path: &Path) -> Option<u32> {
    let mut text = String::new();
    File::open(path)
        .ok()?
        .take(64)
        .read_to_string(&mut text)
        .ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_has_the_lock_and_others_learn_who() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(holder(folder.path()).unwrap(), None);
        let lock = Lock::take(folder.path()).unwrap();
        let me = Some(std::process::id());
        assert_eq!(holder(folder.path()).unwrap(), Some(Holder { process: me }));
        let refused = Lock::take(folder.path()).unwrap_err();
        assert!(matches!(refused, LockError::Held { process } if process == me));
        drop(lock);
        assert_eq!(holder(folder.path()).unwrap(), None);
        Lock::take(folder.path()).unwrap();
    }

    #[test]
    fn rubbish_in_the_file_of_a_lock_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), vec![0xFF; 5000]).unwrap();
        assert_eq!(holder(folder.path()).unwrap(), None);
        let _lock = Lock::take(folder.path()).unwrap();
        let process = holder(folder.path()).unwrap().unwrap().process;
        assert_eq!(process, Some(std::process::id()));
    }

    #[test]
    fn a_folder_that_is_gone_has_no_lock_to_take() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(matches!(Lock::take(&gone), Err(LockError::File(_))));
        assert_eq!(holder(&gone).unwrap(), None);
    }
}
