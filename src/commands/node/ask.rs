//! Asking a person before a node's key is replaced.

use std::io::{self, IsTerminal};

use crate::config::UsageError;
use crate::report::streams::Streams;

/// Refuses a command that would ask where nobody can answer.
pub(super) fn check(yes: bool, what: &str) -> Result<(), UsageError> {
    if yes || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(UsageError::combination(
        format!(
            "{what} asks before it replaces a node's key, and standard input is not a terminal"
        ),
        "Give --yes to replace it without a question.",
    ))
}

/// Whether the person says yes; anything else is no.
///
/// # Errors
/// Standard input can't be read.
pub(super) fn confirm(question: &str, streams: &mut Streams<'_>) -> io::Result<bool> {
    // A terminal shows a line without its end only when it is flushed.
    let _ = write!(streams.err, "{question} [y/N] ");
    let _ = streams.err.flush();
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    let answer = answer.trim().to_lowercase();
    Ok(answer == "y" || answer == "yes")
}
