//! `--output FILE`: a file that must not exist, because keys are never overwritten.

use std::io::ErrorKind;
use std::path::Path;

use crate::config::UsageError;
use crate::config::error::refuse;
use crate::files::folder_of;

/// Checks before any work that the file can be new, in a folder that exists.
///
/// # Errors
/// It exists or its folder doesn't, or it is `-`.
pub(super) fn check(file: &Path) -> Result<(), UsageError> {
    if file.file_name().is_some_and(|name| name == "-") {
        refuse!(
            "--output -: not the name of a file. Without --output the answer goes to standard output."
        );
    }
    if file.symlink_metadata().is_ok() {
        return Err(exists(file));
    }
    let (folder, file) = (folder_of(file), file.display());
    if !folder.is_dir() {
        let folder = folder.display();
        refuse!(
            "--output {file}: there is no folder {folder}. Make it first, or name another one."
        );
    }
    Ok(())
}

/// What to say of an error in writing it: bad input if another name would help.
pub(super) fn error(file: &Path, error: std::io::Error) -> anyhow::Error {
    let shown = file.display();
    match error.kind() {
        ErrorKind::AlreadyExists => exists(file).into(),
        ErrorKind::PermissionDenied
        | ErrorKind::InvalidFilename
        | ErrorKind::ReadOnlyFilesystem => UsageError::refused(format!(
            "--output {shown}: {error}. Name a file that you may make."
        ))
        .into(),
        _ => anyhow::Error::from(error).context(format!("{shown} can't be written")),
    }
}

fn exists(file: &Path) -> UsageError {
    UsageError::refused(format!(
        "--output {}: the file exists, and files are never overwritten. Name a new file.",
        file.display()
    ))
}
