//! The tools beside the search: odds, bench, saved keys, self-test, and the trials of the Python tool.
//!
//! Each gathers its answer in a struct first and then writes it, for people or as JSON, to the streams it is given.

pub(crate) mod alert_test;
pub(crate) mod bench;
pub(crate) mod command;
pub(crate) mod config;
pub(crate) mod dispatch;
pub(crate) mod health_test;
pub(crate) mod history;
pub(crate) mod key;
mod known_keys;
pub(crate) mod odds;
pub(crate) mod output;
pub(crate) mod self_test;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod steer;
pub(crate) mod trials;
pub(crate) mod watch;

use std::io::{self, ErrorKind};

use crate::app::JobError;
use crate::engine::EngineError;
use crate::exit::Ending;
use crate::history::database::DatabaseError;
use crate::key::KeyError;
use crate::pattern::PatternError;
use crate::report::streams::{Streams, with_standard};

/// Why a tool gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    /// Standard output does not take what was asked for.
    #[error("standard output can't be written: {0}")]
    Output(#[from] io::Error),
    /// What was asked for can't be done on this machine.
    #[error(transparent)]
    Asked(#[from] JobError),
    /// The operating system gives no random bytes.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The engine refused its work.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A pattern that the program itself made is none: an error in the program.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The history can't be used.
    #[error(transparent)]
    History(#[from] DatabaseError),
    /// What was asked for does not exist, in words.
    #[error("{0}")]
    Refused(String),
    /// Something else went wrong, in words.
    #[error("{0}")]
    Failed(String),
}

impl ToolError {
    /// How the program ends; a reader that went away (`keygen odds | head`) is no failure.
    fn ending(&self) -> Ending {
        match self {
            Self::Output(error) if error.kind() == ErrorKind::BrokenPipe => Ending::Found,
            Self::Asked(_) | Self::History(_) | Self::Refused(_) => Ending::BadInput,
            _ => Ending::Failed,
        }
    }
}

/// Runs a tool on the standard streams; what went wrong is said, and becomes the ending.
pub(crate) fn run(tool: impl FnOnce(&mut Streams<'_>) -> Result<Ending, ToolError>) -> Ending {
    with_standard(|streams| attend(tool, streams))
}

fn attend(
    tool: impl FnOnce(&mut Streams<'_>) -> Result<Ending, ToolError>,
    streams: &mut Streams<'_>,
) -> Ending {
    let flushed = tool(streams).and_then(|ending| {
        streams.out.flush()?;
        Ok(ending)
    });
    flushed.unwrap_or_else(|error| {
        let ending = error.ending();
        if ending != Ending::Found {
            streams.say(format_args!("error: {error}"));
        }
        ending
    })
}

/// The JSON text of an answer, one object with a line feed.
fn write_json(value: &serde_json::Value, streams: &mut Streams<'_>) -> Result<(), ToolError> {
    writeln!(streams.out, "{value:#}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// A pipe whose reader has gone, or a disk that is full.
    struct Closed(ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn ends(kind: ErrorKind) -> (Ending, String) {
        let mut err = Vec::new();
        let mut streams = Streams {
            out: &mut Closed(kind),
            err: &mut err,
        };
        let print = |streams: &mut Streams<'_>| {
            writeln!(streams.out, "x")?;
            Ok(Ending::Found)
        };
        let ending = attend(print, &mut streams);
        (ending, String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        assert_eq!(ends(ErrorKind::BrokenPipe), (Ending::Found, String::new()));
    }

    #[test]
    fn a_full_disk_is_a_failure_that_is_said() {
        let (ending, said) = ends(ErrorKind::StorageFull);
        assert_eq!(ending, Ending::Failed);
        assert!(said.starts_with("error: standard output"), "{said}");
    }
}
