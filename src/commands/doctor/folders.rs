//! The folders for keys and for sessions, and the system's service: whether they can be used, and by whom.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Finding, Grade};
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
fn mode(metadata: &fs::Metadata) -> String {
    use std::os::unix::fs::PermissionsExt;
    format!(" (mode {:04o})", metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> String {
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

/// Where systemd looks for units, the first goes before the others.
const UNITS: [&str; 3] = [
    "/etc/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
];

/// Unit and state folder; nothing where there is no systemd.
pub(super) fn service(state: &Path) -> Vec<Finding> {
    let mut found = unit(UNITS.map(PathBuf::from));
    if state.exists() {
        found.push(Finding::fine("service's folder", described(state)));
    }
    found
}

fn unit(folders: [PathBuf; 3]) -> Vec<Finding> {
    let mut units = folders.iter().map(|folder| folder.join("keygen@.service"));
    let Some(unit) = units.find(|unit| unit.exists()) else {
        return Vec::new();
    };
    let text = fs::read_to_string(&unit).unwrap_or_default();
    let program = text
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="));
    let program = program.and_then(|line| line.split_whitespace().next());
    let path = unit.display();
    vec![match program {
        Some(program) if Path::new(program).exists() => {
            Finding::fine("service", format!("{path} runs {program}"))
        }
        Some(program) => Finding::wrong(
            "service",
            format!("{path} runs {program}, which is not there"),
            "Install the program there, or change ExecStart in the unit.",
        ),
        None => Finding::new("service", Grade::Unknown, format!("{path} can't be read")),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_whose_program_is_missing_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let folders = || ["none", ".", "none"].map(|name| folder.path().join(name));
        assert_eq!(unit(folders()), []);
        let written = |program: &str| {
            let unit = folder.path().join("keygen@.service");
            fs::write(
                unit,
                format!("[Service]\nExecStart={program} --session %i\n"),
            )
            .unwrap();
        };
        written("/no/such/keygen");
        assert_eq!(unit(folders())[0].grade, Grade::Wrong);
        written(folder.path().to_str().unwrap());
        assert_eq!(unit(folders())[0].grade, Grade::Fine);
    }
}
