//! Whether other users could have written what this program relies on, and opening files where they may plant links.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Why what is at `path` can't be relied on, by ssh's rule for its own files: another user owns it, or others may write
/// it. What is missing is nobody's.
#[cfg(unix)]
pub(crate) fn distrust(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    let mode = metadata.mode() & 0o7777;
    if !is_ours(metadata.uid()) {
        return Some(format!(
            "it belongs to another user (uid {})",
            metadata.uid()
        ));
    }
    (mode & 0o022 != 0).then(|| {
        format!(
            "other users may write to it (mode {mode:04o}): run chmod go-w {}",
            path.display()
        )
    })
}

/// Opens a file, but follows no symbolic link that another user may have planted: one in a folder that others may
/// write, which neither this user nor root owns. The kernel's own protection may be off, and not every kernel has one.
///
/// # Errors
/// What the system said, or that there is such a link.
#[cfg(unix)]
pub(crate) fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let nofollow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let opened = options.clone().custom_flags(nofollow).open(path);
    // Whoever may replace a link between these two looks owns it, or could replace whatever is in that folder.
    if opened.is_ok() || !path.is_symlink() {
        return opened;
    }
    if is_planted(path)? {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, PlantedLink));
    }
    options.open(path)
}

/// Whether an error of [`open`] is about such a link.
pub(crate) fn is_about_link(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<PlantedLink>())
}

#[derive(Debug, thiserror::Error)]
#[error("it is a symbolic link of another user in a folder that others may write to")]
struct PlantedLink;

#[cfg(unix)]
fn is_planted(link: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (folder, link) = (super::folder_of(link).metadata()?, link.symlink_metadata()?);
    let is_open = !is_ours(folder.uid()) || folder.mode() & 0o022 != 0;
    Ok(is_open && !is_ours(link.uid()))
}

#[cfg(unix)]
fn is_ours(owner: u32) -> bool {
    owner == 0 || owner == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
pub(crate) fn distrust(_: &Path) -> Option<String> {
    None
}

#[cfg(not(unix))]
pub(crate) fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

#[cfg(test)]
#[cfg(unix)]
pub(crate) mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, lchown, symlink};
    use std::path::PathBuf;

    use super::*;

    const OTHER: u32 = 65534;

    /// A sticky folder that everybody may write, with a link of another user to a file that is not there; nothing
    /// where this user can't give files away.
    pub(crate) fn planted_link(name: &str) -> Option<(tempfile::TempDir, PathBuf, PathBuf)> {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        let (link, target) = (folder.path().join(name), folder.path().join("target"));
        symlink(&target, &link).unwrap();
        if lchown(&link, Some(OTHER), Some(OTHER)).is_err() {
            eprintln!("skipped: only root can make a link of another user");
            return None;
        }
        Some((folder, link, target))
    }

    fn open_to_append(path: &Path) -> io::Result<File> {
        open(OpenOptions::new().append(true).create(true), path)
    }

    #[test]
    fn a_link_of_another_user_in_an_open_folder_is_not_followed() {
        let Some((folder, link, target)) = planted_link("file") else {
            return;
        };
        let error = open_to_append(&link).unwrap_err();
        assert!(is_about_link(&error), "{error}");
        assert!(!target.exists());
        // Where only we may write, somebody we trust made it so.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        open_to_append(&link).unwrap();
        assert!(target.exists());
    }

    #[test]
    fn an_own_link_is_followed_and_an_ordinary_file_opened() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        symlink(&target, &link).unwrap();
        open_to_append(&link).unwrap();
        open_to_append(&target).unwrap();
        assert!(open_to_append(&folder.path().join("none/file")).is_err());
    }

    #[test]
    fn what_others_may_write_or_own_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(distrust(folder.path()), None);
        assert_eq!(distrust(&folder.path().join("missing")), None);
        for mode in [0o720, 0o702, 0o1777] {
            fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
            let why = distrust(folder.path()).unwrap();
            assert!(why.contains(&format!("{mode:04o}")), "{why}");
        }
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        if lchown(folder.path(), Some(OTHER), None).is_ok() {
            assert!(distrust(folder.path()).unwrap().contains("another user"));
            lchown(folder.path(), Some(0), None).unwrap();
        }
    }
}
