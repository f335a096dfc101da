//! `keygen top` in a build without it.

use crate::config::UsageError;
use crate::config::args::TopArgs;
use crate::exit::Ending;
use crate::parts::TOP;
use crate::report::streams::Streams;

/// # Errors
/// Always.
pub(crate) fn run(_: &TopArgs, _: &mut Streams<'_>) -> anyhow::Result<Ending> {
    Err(UsageError::refused(format_args!("{TOP}.")).into())
}
