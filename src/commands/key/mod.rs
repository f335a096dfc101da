//! `keygen key verify|show|export|qr`: reads keys out of files, and says how it went.

mod export;
#[cfg(feature = "qr")]
mod qr;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Call;
use crate::app::process::forbid_core_dumps;
use crate::config::UsageError;
use crate::config::args::{KeyFiles, KeyTool};
use crate::config::error::refuse;
use crate::config::inputs::each_once;
use crate::config::search::show_private;
use crate::exit::Ending;
use crate::key::inspect::{self, Loaded, Outcome};
use crate::key::load::{FoundKey, load};
use crate::report::streams::Streams;

/// Does what a `key` command asks for, with standard input for the file `-`.
///
/// # Errors
/// A key or a file twice on the command line, options that contradict, or what is written is not taken.
pub(crate) fn run(tool: KeyTool, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    forbid_core_dumps();
    let outcome = match &tool {
        KeyTool::Verify(files) => report(&all(files)?, &mut call.streams, verify)?,
        KeyTool::Show(args) => {
            show_private("--private", args.private, call.environment)?;
            show(&all(&args.files)?, args.private, &mut call.streams)?
        }
        KeyTool::Export(args) => export::run(args, call)?,
        #[cfg(feature = "qr")]
        KeyTool::Qr(args) => qr::run(args, call)?,
        #[cfg(not(feature = "qr"))]
        KeyTool::Qr(_) => refuse!("{}.", crate::parts::QR),
    };
    Ok(ending(outcome))
}

/// The keys of these files, with standard input for `-`.
fn all(files: &KeyFiles) -> Result<Vec<Loaded>, UsageError> {
    check_files(&files.files)?;
    let mut loaded = load(&files.files, &mut io::stdin().lock());
    if files.seed {
        loaded.iter_mut().flatten().for_each(FoundKey::take_as_seed);
    }
    Ok(loaded)
}

/// The one key of a file, for what takes no more.
///
/// # Errors
/// A key in place of the file, or several keys in it.
pub(super) fn only(file: &Path, seed: bool, who: &str) -> Result<Loaded, UsageError> {
    let files = vec![file.to_owned()];
    let mut loaded = all(&KeyFiles { files, seed })?;
    let (count, file) = (loaded.len(), file.display());
    match loaded.pop() {
        Some(key) if count == 1 => Ok(key),
        _ => refuse!("{file} holds {count} keys, and {who} takes one. Name a file with one key."),
    }
}

/// Refuses a key in place of a file, and a file that is given twice. Whether files can be read is seen one by one, so
/// that one that is missing does not hide what is wrong with the others.
fn check_files(files: &[PathBuf]) -> Result<(), UsageError> {
    if files.iter().any(|file| is_a_key(file)) {
        refuse!(
            "A key stands on the command line, where other users can see it (it is not repeated here). Give a file, or \
             pipe the key in and give - as the file."
        );
    }
    each_once(files.iter().map(|file| ("FILE", file)))
}

/// Whether a word is hex digits as long as a key, or nearly, and no file of that name exists.
fn is_a_key(file: &Path) -> bool {
    let is_key = |text: &str| {
        let digits = text.trim_start_matches("0x").trim_start_matches("0X");
        digits.len() >= 60 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    file.to_str().is_some_and(is_key) && !file.exists()
}

fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Fine => Ending::Found,
        Outcome::Failed => Ending::Failed,
        Outcome::BadInput => Ending::BadInput,
    }
}

/// Has each key reported on standard output; inputs that hold no key go to standard error.
fn report(
    loaded: &[Loaded],
    streams: &mut Streams<'_>,
    mut one: impl FnMut(&FoundKey, &mut dyn Write) -> io::Result<Outcome>,
) -> io::Result<Outcome> {
    let mut worst = Outcome::Fine;
    for loaded in loaded {
        worst = worst.max(match loaded {
            Ok(found) => one(found, streams.out)?,
            Err(error) => {
                complain(error, streams);
                Outcome::BadInput
            }
        });
    }
    Ok(worst)
}

fn verify(found: &FoundKey, out: &mut dyn Write) -> io::Result<Outcome> {
    let verification = inspect::verify(found);
    verification.write(out)?;
    Ok(verification.outcome())
}

/// Shows each key, with an empty line between two.
fn show(loaded: &[Loaded], private: bool, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let mut is_first = true;
    report(loaded, streams, |found, out| {
        if !std::mem::take(&mut is_first) {
            writeln!(out)?;
        }
        inspect::show(found, private, out)
    })
}

fn complain(why: impl Display, streams: &mut Streams<'_>) {
    streams.say(format_args!("error: {why}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_on(line: &str) -> anyhow::Result<(Ending, String, String)> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams {
            out: &mut out,
            err: &mut err,
        };
        let words = line.split(' ').map(Into::into);
        let ending = crate::commands::dispatch(words, &mut streams)?;
        Ok((ending, text(out), text(err)))
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_file_that_is_missing_is_bad_input_that_goes_to_standard_error() {
        for command in ["verify", "show", "export"] {
            let line = format!("keygen key {command} /nonexistent/key.json");
            let (ending, out, err) = run_on(&line).unwrap();
            assert_eq!((ending, out.as_str()), (Ending::BadInput, ""));
            assert!(
                err.contains("/nonexistent/key.json cannot be read"),
                "{err}"
            );
        }
    }

    #[test]
    fn a_key_in_place_of_its_file_is_refused_and_not_repeated() {
        let key = "5".repeat(128);
        let said = run_on(&format!("keygen key verify {key}")).unwrap_err();
        let said = said.to_string();
        assert!(said.contains("other users can see it") && !said.contains(&key));
    }
}
