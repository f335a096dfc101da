//! `--output FILE`: a file that must not exist, because keys are never overwritten.

use std::io::ErrorKind;
use std::path::Path;

use crate::config::UsageError;
use crate::files::folder_of;

/// Refuses a file that exists, or that can't be made for want of a folder.
///
/// # Errors
/// Why it can't be the output.
pub(super) fn check(file: &Path) -> Result<(), UsageError> {
    if file.file_name().is_some_and(|name| name == "-") {
        return Err(UsageError::combination(
            "--output -: not the name of a file",
            "Without --output the answer goes to standard output.",
        ));
    }
    if file.symlink_metadata().is_ok() {
        return Err(exists(file));
    }
    let folder = folder_of(file);
    if folder.is_dir() {
        return Ok(());
    }
    Err(UsageError::combination(
        format!(
            "--output {}: there is no folder {}",
            file.display(),
            folder.display()
        ),
        "Make it first, or name another one.",
    ))
}

/// The error for a file that could not be made.
pub(super) fn error(file: &Path, error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::AlreadyExists => exists(file).into(),
        ErrorKind::PermissionDenied
        | ErrorKind::InvalidFilename
        | ErrorKind::ReadOnlyFilesystem => UsageError::combination(
            format!("--output {}: {error}", file.display()),
            "Name a file that you may make.",
        )
        .into(),
        _ => anyhow::Error::from(error).context(format!("{} can't be written", file.display())),
    }
}

fn exists(file: &Path) -> UsageError {
    UsageError::combination(
        format!(
            "--output {}: the file exists, and files are never overwritten",
            file.display()
        ),
        "Name a new file.",
    )
}
