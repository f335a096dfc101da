//! The folders for keys and for sessions: whether they can be used, and by whom.

use std::path::Path;

use super::finding::{Finding, Grade};
use crate::config::SearchSettings;
use crate::files::trust::distrust;

/// Both folders.
pub(super) fn all(settings: &SearchSettings) -> Vec<Finding> {
    vec![keys(settings), state(settings)]
}

fn keys(settings: &SearchSettings) -> Finding {
    let folder = settings.store.folder();
    let about = "folder for keys";
    let text = described(folder);
    if !folder.exists() {
        return Finding::fine(about, text);
    }
    match settings.store.probe() {
        Err(error) => Finding::wrong(
            about,
            error.to_string(),
            "Until then keys would go to a fallback folder.",
        ),
        Ok(probed) if !probed.mode_kept => Finding::new(about, Grade::Attention, text).advise(
            "Its file system is not known to keep mode 0600: others may be able to read keys. Name another with --output.",
        ),
        Ok(_) => match distrust(folder) {
            Some(reason) => Finding::new(about, Grade::Attention, format!("{text}; {reason}"))
                .advise("Others can't read keys there, but could remove them."),
            None => Finding::fine(about, text),
        },
    }
}

fn state(settings: &SearchSettings) -> Finding {
    let about = "state folder";
    let Some(choice) = &settings.session else {
        return Finding::new(about, Grade::Attention, "there is none").advise(
            "Searches can't be resumed and have no history: name one with --state-dir DIR.",
        );
    };
    let place = &choice.place;
    let text = format!("{}, {}", described(place.path()), place.origin);
    match place.sessions() {
        Ok(names) => Finding::fine(about, format!("{text}, sessions: {}", names.len())),
        Err(error) => Finding::wrong(
            about,
            error.to_string(),
            "Make it readable, or name another with --state-dir DIR.",
        ),
    }
}

/// A folder with its mode, or that it is not there yet.
pub(super) fn described(folder: &Path) -> String {
    let path = folder.display();
    match folder.metadata() {
        Ok(metadata) => format!("{path}{}", mode(&metadata)),
        Err(_) => format!("{path} (made when it is needed)"),
    }
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> String {
    use std::os::unix::fs::PermissionsExt;
    format!(" (mode {:04o})", metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> String {
    String::new()
}

/// Whether this user may read and write a file.
#[cfg(unix)]
pub(super) fn may_use(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(path, Access::READ_OK | Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
pub(super) fn may_use(_: &Path) -> bool {
    true
}
