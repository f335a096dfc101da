//! `keygen mcp` in a build without it.

use crate::config::UsageError;
use crate::config::args::McpArgs;
use crate::exit::Ending;
use crate::parts::MCP;
use crate::report::streams::Streams;

/// # Errors
/// Always.
pub(crate) fn run(_: &McpArgs, _: &mut Streams<'_>) -> anyhow::Result<Ending> {
    Err(UsageError::refused(format_args!("{MCP}.")).into())
}
