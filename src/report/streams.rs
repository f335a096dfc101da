//! The two streams of a tool beside the search, which writes and ends: no thread, no progress, no terminal tricks.

use std::fmt::Display;
use std::io::{self, Write};

/// Where a tool writes.
pub(crate) struct Streams<'a> {
    /// What was asked for.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
}

impl Streams<'_> {
    /// Says something beside the results; nobody misses it where standard error is closed.
    pub(crate) fn say(&mut self, line: impl Display) {
        let _ = writeln!(self.err, "{line}");
    }
}

/// Runs `tool` on this process's standard output and standard error.
///
/// Neither is locked meanwhile, so that a thread that panics can still say so.
pub(crate) fn with_standard<R>(tool: impl FnOnce(&mut Streams<'_>) -> R) -> R {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    tool(&mut Streams {
        out: &mut out,
        err: &mut err,
    })
}
