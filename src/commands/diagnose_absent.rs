//! `keygen diagnose` in a build without the history, from which it reports.

use crate::config::args::{CommandLine, DiagnoseArgs};
use crate::config::{Environment, UsageError};
use crate::exit::Ending;
use crate::parts::HISTORY;
use crate::report::streams::Streams;

/// # Errors
/// Always.
pub(crate) fn run(
    _: &DiagnoseArgs,
    _: &CommandLine,
    _: &Environment<'_>,
    _: &mut Streams<'_>,
) -> anyhow::Result<Ending> {
    Err(UsageError::refused(format_args!("{HISTORY}.")).into())
}
