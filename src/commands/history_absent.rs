//! `keygen health` for the history, and `keygen alert list` and `resolve`, in a build without the history.

use crate::config::UsageError;
use crate::config::args::{AlertListArgs, HistoryTool, ResolveArgs};
use crate::exit::Ending;
use crate::parts::HISTORY;
use crate::report::streams::Streams;

fn refused() -> anyhow::Result<Ending> {
    Err(UsageError::refused(format_args!("{HISTORY}.")).into())
}

/// # Errors
/// Always.
pub(crate) fn run(_: &HistoryTool, _: &mut Streams<'_>) -> anyhow::Result<Ending> {
    refused()
}

/// # Errors
/// Always.
pub(crate) fn list_alerts(_: &AlertListArgs, _: &mut Streams<'_>) -> anyhow::Result<Ending> {
    refused()
}

/// # Errors
/// Always.
pub(crate) fn resolve_alert(_: &ResolveArgs, _: &mut Streams<'_>) -> anyhow::Result<Ending> {
    refused()
}
