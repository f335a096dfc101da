//! Runs a command on the standard streams, prints its error, and turns that into the ending of the program.

use std::io::{self, ErrorKind, Write};

use crate::config::UsageError;
use crate::exit::Ending;
use crate::history::database::DatabaseError;
use crate::report::streams::{Streams, with_standard};

/// Runs `command` on this process's streams; an error is printed and becomes the ending.
pub(super) fn run(command: impl FnOnce(&mut Streams<'_>) -> anyhow::Result<Ending>) -> Ending {
    with_standard(|streams| run_on(command, streams))
}

fn run_on(
    command: impl FnOnce(&mut Streams<'_>) -> anyhow::Result<Ending>,
    streams: &mut Streams<'_>,
) -> Ending {
    let result = {
        let mut out = StandardOutput(&mut *streams.out);
        let mut streams = Streams {
            out: &mut out,
            err: &mut *streams.err,
        };
        command(&mut streams).and_then(|ending| {
            streams.out.flush()?;
            Ok(ending)
        })
    };
    result.unwrap_or_else(|error| report(&error, streams))
}

/// Prints an error and returns the ending; a reader that went away (`keygen odds | head`) is no failure.
fn report(error: &anyhow::Error, streams: &mut Streams<'_>) -> Ending {
    if let Some(error) = error.downcast_ref::<clap::Error>() {
        return print_clap(error);
    }
    if is_closed_output(error) {
        return Ending::Found;
    }
    streams.say(format_args!("error: {error:#}"));
    if error.is::<UsageError>() || error.is::<DatabaseError>() {
        streams.say("\nFor more information, try 'keygen --help'.");
        return Ending::BadInput;
    }
    Ending::Failed
}

/// Help goes to standard output, errors to standard error.
fn print_clap(error: &clap::Error) -> Ending {
    let printed = error.print();
    match printed {
        _ if error.use_stderr() => Ending::BadInput,
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "error: {}", OutputError(cause));
            Ending::Failed
        }
        _ => Ending::Found,
    }
}

fn is_closed_output(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| {
        let of_output = error
            .get_ref()
            .is_some_and(|inner| inner.is::<OutputError>());
        of_output && error.kind() == ErrorKind::BrokenPipe
    })
}

/// Standard output can't be written.
#[derive(Debug, thiserror::Error)]
#[error("standard output can't be written: {0}")]
struct OutputError(io::Error);

/// Marks the errors of standard output, so that they are told from those of other files.
struct StandardOutput<'a>(&'a mut dyn Write);

impl Write for StandardOutput<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(of_output)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(of_output)
    }
}

fn of_output(error: io::Error) -> io::Error {
    match error.kind() {
        // `write_all` tries again.
        ErrorKind::Interrupted => error,
        kind => io::Error::new(kind, OutputError(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn ends(
        out: &mut dyn Write,
        command: impl FnOnce(&mut Streams<'_>) -> anyhow::Result<Ending>,
    ) -> (Ending, String) {
        let mut err = Vec::new();
        let mut streams = Streams { out, err: &mut err };
        let ending = run_on(command, &mut streams);
        (ending, String::from_utf8(err).unwrap())
    }

    fn print(streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
        writeln!(streams.out, "x")?;
        Ok(Ending::Found)
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let closed = ends(&mut Closed(ErrorKind::BrokenPipe), print);
        assert_eq!(closed, (Ending::Found, String::new()));
    }

    #[test]
    fn another_pipe_that_breaks_is_a_failure() {
        let broken = |_: &mut Streams<'_>| Err(io::Error::from(ErrorKind::BrokenPipe).into());
        assert_eq!(ends(&mut io::sink(), broken).0, Ending::Failed);
    }

    #[test]
    fn a_full_disk_is_a_failure_that_is_reported() {
        let (ending, said) = ends(&mut Closed(ErrorKind::StorageFull), print);
        assert_eq!(ending, Ending::Failed);
        assert!(said.starts_with("error: standard output"), "{said}");
    }

    #[test]
    fn bad_input_is_told_by_its_type_also_below_a_context() {
        use anyhow::Context;
        let refused = |_: &mut Streams<'_>| {
            Err(UsageError::refused("there is no session x")).context("keygen status")
        };
        let (ending, said) = ends(&mut io::sink(), refused);
        assert_eq!(ending, Ending::BadInput);
        assert!(
            said.starts_with("error: keygen status: there is no session x\n\nFor more"),
            "{said}"
        );
    }
}
