//! The few texts that are printed without a reporter: help, completions, man page, usage errors.

use std::io::{self, Write};

use crate::exit::Ending;

/// Prints what clap has to say, help on standard output and errors on standard error, and says how the program ends.
#[must_use]
pub(crate) fn clap_says(error: &clap::Error) -> Ending {
    // A closed pipe or terminal leaves nobody to tell.
    let printed = error.print();
    match (error.use_stderr(), printed) {
        (true, _) => Ending::BadInput,
        (false, printed) => ending_of(printed),
    }
}

/// Prints an error, and the way to the help, on standard error.
fn error(error: &dyn std::fmt::Display) {
    // There is nowhere to report that standard error is gone.
    let _ = writeln!(
        io::stderr(),
        "error: {error}\n\nFor more information, try 'keygen --help'."
    );
}

/// Prints an error about the command line or what it names, and says how the program ends.
#[must_use]
pub(crate) fn refused(why: &dyn std::fmt::Display) -> Ending {
    error(why);
    Ending::BadInput
}

/// Prints an error about what went wrong on the way, and says how the program ends.
#[must_use]
pub(crate) fn failed(why: &dyn std::fmt::Display) -> Ending {
    error(why);
    Ending::Failed
}

/// Prints on standard error what another process said there, and ends as it did.
#[must_use]
pub(crate) fn repeat(said: &str, ending: Ending) -> Ending {
    // There is nowhere to report that standard error is gone.
    let _ = io::stderr().write_all(said.as_bytes());
    ending
}

/// Prints `text` on standard output; a reader that went away (`keygen man | head`) is no failure.
#[must_use]
pub(crate) fn print(text: &[u8]) -> Ending {
    let mut output = io::stdout().lock();
    ending_of(output.write_all(text).and_then(|()| output.flush()))
}

/// How the program ends after an attempt to print.
fn ending_of(printed: io::Result<()>) -> Ending {
    match printed {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(
                io::stderr(),
                "error: standard output can't be written: {cause}"
            );
            Ending::Failed
        }
        _ => Ending::Found,
    }
}
