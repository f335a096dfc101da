//! The system's service: whether it is installed, and whether its program is there.

use std::fs;
use std::path::{Path, PathBuf};

use super::finding::{Finding, Grade};
use super::folders::described;

/// Where systemd looks for units, the first goes before the others.
const UNITS: [&str; 3] = [
    "/etc/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
];

/// Unit and state folder; nothing where there is no systemd.
pub(super) fn all(state: &Path) -> Vec<Finding> {
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
