//! `keygen key export`: keys in another form, on standard output or in a new file that only its owner can read.

use super::{all, complain};
use crate::commands::{Call, new_file};
use crate::config::args::ExportArgs;
use crate::config::error::refuse;
use crate::config::{Environment, UsageError};
use crate::event::message::keys;
use crate::files;
use crate::key::inspect::{self, ExportFormat, ExportReport, Loaded, Outcome};
use crate::report::streams::Streams;

/// Writes every key that passes all checks.
///
/// # Errors
/// Options that contradict or an output file that exists, before any key is read; several keys for a format that holds one;
/// or the output can't be written.
pub(super) fn run(args: &ExportArgs, call: &mut Call<'_>) -> anyhow::Result<Outcome> {
    let (environment, streams) = call.parts();
    check(args, environment)?;
    let loaded = all(&args.files)?;
    check_number(&loaded, args.format)?;
    let report = inspect::export(&loaded, args.format, args.name.as_deref());
    match &args.output {
        _ if report.exported == 0 => {}
        Some(file) => {
            files::write_new(file, &report.contents)
                .map_err(|error| new_file::error(file, error))?;
            streams.say(format_args!(
                "{} written to {}",
                keys(report.exported as u64),
                file.display()
            ));
        }
        None => {
            if let Some(mode) = readable_output() {
                streams.say(format_args!(
                    "warning: standard output is a file that others can read (mode {mode:04o}), and private keys go into \
                     it; close it with chmod 600, or use --output FILE"
                ));
            }
            streams.out.write_all(&report.contents)?;
        }
    }
    tell(&report, streams);
    Ok(report.outcome())
}

/// What can be refused before any key is read.
fn check(args: &ExportArgs, environment: &Environment<'_>) -> Result<(), UsageError> {
    if args.name.is_some() && args.format != ExportFormat::App {
        refuse!("--name: only --format app has a name. Remove this option, or give --format app.");
    }
    match &args.output {
        Some(file) => new_file::check(file),
        None if args.format == ExportFormat::Id && environment.stdout_is_terminal => {
            refuse!(
                "--format id is binary, and standard output is a terminal. Give --output FILE."
            );
        }
        None => Ok(()),
    }
}

fn check_number(loaded: &[Loaded], format: ExportFormat) -> Result<(), UsageError> {
    let keys = loaded.iter().flatten().count();
    if keys > 1 && format.holds_one() {
        refuse!(
            "this format holds one key, and {keys} were given. Export them one by one, or use --format json."
        );
    }
    Ok(())
}

/// The mode of the file that standard output goes into, if others can read it.
#[cfg(unix)]
fn readable_output() -> Option<u32> {
    use std::os::fd::AsFd;
    let file = std::io::stdout().as_fd().try_clone_to_owned().ok()?;
    Some(files::open_mode(&file.into())).filter(|mode| *mode != 0)
}

#[cfg(not(unix))]
fn readable_output() -> Option<u32> {
    None
}

fn tell(report: &ExportReport, streams: &mut Streams<'_>) {
    for note in &report.notes {
        streams.say(format_args!("note: {note}"));
    }
    for refused in &report.refused {
        match refused.source.as_str() {
            "" => complain(&refused.reason, streams),
            source => complain(
                format_args!("{source} is not exported: {}", refused.reason),
                streams,
            ),
        }
    }
}
