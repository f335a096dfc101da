//! The folders that take a key when the chosen one does not: the user's state folder, then the home folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

use crate::files::create_folder;

/// Below the state folder (`$XDG_STATE_HOME`, or `~/.local/state`).
const RESCUED: [&str; 2] = ["meshcore-keygen", "rescued"];

/// The fallback folders of this user, the best first; none where the home folder is unknown.
pub(super) fn folders() -> Vec<PathBuf> {
    let Ok(strategy) = etcetera::choose_base_strategy() else {
        return Vec::new();
    };
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    vec![
        state.join(RESCUED[0]).join(RESCUED[1]),
        strategy.home_dir().to_owned(),
    ]
}

/// Makes a fallback folder and its parents, mode 0700, where they are missing.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return if folder.ends_with(RESCUED.iter().collect::<PathBuf>()) {
            close(folder)
        } else {
            Ok(())
        };
    }
    create_folder(folder)
}

/// Sets mode 0700 on our own folder, should anybody have opened it.
#[cfg(unix)]
fn close(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
        // The files have mode 0600 themselves: a folder that stays open is no reason to lose a key.
        let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    }
    Ok(())
}

#[cfg(not(unix))]
fn close(folder: &Path) -> io::Result<()> {
    fs::metadata(folder).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_folder_comes_before_the_home_folder() {
        if let [rescued, home] = &folders()[..] {
            assert!(rescued.ends_with("meshcore-keygen/rescued"));
            assert_ne!(rescued, home);
        }
    }

    #[cfg(unix)]
    #[test]
    fn our_own_folder_is_made_and_kept_closed() {
        use std::os::unix::fs::PermissionsExt;
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("state/meshcore-keygen/rescued");
        let mode = || fs::metadata(&folder).unwrap().permissions().mode() & 0o777;
        prepare(&folder).unwrap();
        assert_eq!(mode(), 0o700);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        prepare(&folder).unwrap();
        assert_eq!(mode(), 0o700);
    }
}
