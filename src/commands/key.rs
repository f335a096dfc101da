//! `keygen key verify|show|export`: reads keys out of files, and says how it went.

use std::io;
use std::path::PathBuf;

use crate::app::process::forbid_core_dumps;
use crate::commands::settings::KeyCommand;
use crate::config::ExportFormat;
use crate::exit::Ending;
use crate::key::inspect::{
    self, ExportReport, Facts, Loaded, Outcome, Verification, render_facts, render_verifications,
    worst,
};
use crate::key::load::load;
use crate::report::streams::Streams;

/// Does what a `key` command asks for, with standard input for the file `-`.
///
/// # Errors
/// Standard output does not take it.
pub(crate) fn run(command: &KeyCommand, streams: &mut Streams<'_>) -> anyhow::Result<Ending> {
    forbid_core_dumps();
    let loaded = |files: &[PathBuf]| load(files, &mut io::stdin().lock());
    let outcome = match command {
        KeyCommand::Verify { files } => verify(&loaded(files), streams)?,
        KeyCommand::Show { files, private } => show(&loaded(files), *private, streams)?,
        KeyCommand::Export { files, format } => export(&loaded(files), *format, streams)?,
    };
    Ok(ending(outcome))
}

fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Fine => Ending::Found,
        Outcome::Failed => Ending::Failed,
        Outcome::BadInput => Ending::BadInput,
    }
}

/// What was checked goes to standard output, inputs that hold no key to standard error.
fn verify(loaded: &[Loaded], streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let is_bad = |result: &Verification| result.outcome == Outcome::BadInput;
    let (bad, checked): (Vec<_>, Vec<_>) = inspect::verify(loaded).into_iter().partition(is_bad);
    render_verifications(&checked, streams.out)?;
    for result in &bad {
        result
            .problems
            .iter()
            .for_each(|why| complain(why, streams));
    }
    Ok(worst(
        checked.iter().chain(&bad).map(|result| result.outcome),
    ))
}

fn show(loaded: &[Loaded], private: bool, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let is_bad = |facts: &Facts| facts.outcome == Outcome::BadInput;
    let (bad, shown): (Vec<_>, Vec<_>) = inspect::show(loaded).into_iter().partition(is_bad);
    render_facts(&shown, private, streams.out)?;
    for facts in &bad {
        facts.notes.iter().for_each(|why| complain(why, streams));
    }
    Ok(worst(shown.iter().chain(&bad).map(|facts| facts.outcome)))
}

fn export(
    loaded: &[Loaded],
    format: ExportFormat,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    let report = inspect::export(loaded, form(format), streams.out)?;
    tell(&report, streams);
    Ok(report.outcome())
}

fn form(format: ExportFormat) -> inspect::ExportFormat {
    match format {
        ExportFormat::Text => inspect::ExportFormat::Text,
        ExportFormat::Json => inspect::ExportFormat::Json,
        ExportFormat::Serial => inspect::ExportFormat::Serial,
    }
}

fn tell(report: &ExportReport, streams: &mut Streams<'_>) {
    for note in &report.notes {
        streams.say(format_args!("note: {note}"));
    }
    for refused in &report.refused {
        match refused.source.as_str() {
            "" => complain(&refused.reason, streams),
            source => complain(
                &format!("{source} is not exported: {}", refused.reason),
                streams,
            ),
        }
    }
}

fn complain(why: &str, streams: &mut Streams<'_>) {
    streams.say(format_args!("error: {why}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_on(command: &KeyCommand) -> (Ending, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams {
            out: &mut out,
            err: &mut err,
        };
        let ending = run(command, &mut streams).unwrap();
        (ending, text(out), text(err))
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_file_that_is_missing_is_bad_input_that_goes_to_standard_error() {
        let files = vec![PathBuf::from("/nonexistent/key.json")];
        for command in [
            KeyCommand::Verify {
                files: files.clone(),
            },
            KeyCommand::Show {
                files: files.clone(),
                private: false,
            },
            KeyCommand::Export {
                files,
                format: ExportFormat::Text,
            },
        ] {
            let (ending, out, err) = run_on(&command);
            assert_eq!((ending, out.as_str()), (Ending::BadInput, ""));
            assert!(
                err.contains("/nonexistent/key.json cannot be read"),
                "{err}"
            );
        }
    }
}
