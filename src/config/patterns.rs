//! What the options say about a wanted key, gathered from every spelling, each value with where it stood.

mod old_tool;

use std::path::PathBuf;

use super::avoid;
use super::error::{InvalidValue, UsageError};
use super::inputs::{Inputs, SourceFile, each_once, twice};
use crate::config::args::{PatternArgs, SpreadArgs};
use crate::nodes::filter::Filter;

/// A value with the option before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sourced {
    /// The option as it is typed, such as `--prefix`.
    pub option: &'static str,
    /// The value as it was typed, without blanks around it.
    pub text: String,
}

/// Everything that is asked for, before the pattern language looks at it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PatternInput {
    /// Beginnings, any of them.
    pub prefixes: Vec<Sourced>,
    /// Ends, any of them.
    pub suffixes: Vec<Sourced>,
    /// Numbers of digits, any of them.
    pub vanities: Vec<u8>,
    /// Pairs of both ends.
    pub matches: Vec<Sourced>,
    /// Files with a pattern a line.
    pub pattern_files: Vec<SourceFile>,
    /// Beginnings that are not wanted.
    pub avoid: Vec<Sourced>,
    /// Lists of nodes whose IDs are not wanted.
    pub avoid_files: Vec<SourceFile>,
    /// Which nodes of these lists matter.
    pub avoid_filter: Filter,
    /// How many bytes an ID has, 1 to 3.
    pub id_bytes: u8,
    /// Whether to name all IDs that the lists take.
    pub name_taken: bool,
    /// Whether each prefix, match and line gets keys of its own.
    pub each: bool,
}

impl PatternInput {
    /// Whether nothing at all is asked for.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        let wanted =
            self.prefixes.len() + self.suffixes.len() + self.vanities.len() + self.matches.len();
        wanted + self.pattern_files.len() + self.avoid.len() + self.avoid_files.len() == 0
    }
}

/// Gathers what is asked for and reads the files that are named.
///
/// # Errors
/// A value twice, an empty one, a vanity out of range, options of the older tool that contradict, a missing file.
pub(crate) fn gather(
    args: &PatternArgs,
    spread: &SpreadArgs,
    inputs: &Inputs<'_>,
) -> Result<PatternInput, UsageError> {
    old_tool::check(args)?;
    each_once(files(args))?;
    let asked = PatternInput {
        prefixes: once([list("--prefix", &args.prefix)?, old_tool::prefixes(args)?].concat())?,
        suffixes: once(list("--suffix", &args.suffix)?)?,
        vanities: vanities(args)?,
        matches: once(list("--match", &args.matches)?)?,
        avoid: once(list("--avoid", &args.avoid)?)?,
        id_bytes: id_bytes(args, spread)?,
        each: spread.each,
        avoid_filter: avoid::filter(&args.avoid_filter),
        ..PatternInput::default()
    };
    let read = |option, paths: &[PathBuf]| {
        paths
            .iter()
            .map(|path| inputs.read(option, path))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(PatternInput {
        pattern_files: read("--pattern-file", &args.pattern_file)?,
        avoid_files: read("--avoid-file", &args.avoid_file)?,
        ..asked
    })
}

/// The files that are named, with the option before each.
pub(crate) fn files(args: &PatternArgs) -> impl Iterator<Item = (&'static str, &PathBuf)> {
    let patterns = args
        .pattern_file
        .iter()
        .map(|path| ("--pattern-file", path));
    patterns.chain(args.avoid_file.iter().map(|path| ("--avoid-file", path)))
}

/// The items of comma lists.
fn list(option: &'static str, values: &[String]) -> Result<Vec<Sourced>, UsageError> {
    let allowed = match option {
        "--match" => "Give ABCD...EF12 (one side may be empty), with a comma only between two.",
        _ => "Give hex digits (0-9, A-F), with a comma only between two.",
    };
    let item = |value: &String, text: &str| {
        let text = text.trim();
        let refused = || InvalidValue::new("a value is empty", allowed);
        if text.is_empty() {
            Err(refused().at(option, value))
        } else {
            Ok(Sourced {
                option,
                text: text.into(),
            })
        }
    };
    values
        .iter()
        .flat_map(|value| value.split(',').map(move |text| item(value, text)))
        .collect()
}

/// The same values, if none stands twice, in whatever case.
fn once(values: Vec<Sourced>) -> Result<Vec<Sourced>, UsageError> {
    let mut seen = std::collections::HashSet::new();
    let key = |value: &Sourced| value.text.to_ascii_uppercase().replace('…', "...");
    match values.iter().find(|value| !seen.insert(key(value))) {
        Some(value) => Err(twice(value.option, &value.text)),
        None => Ok(values),
    }
}

/// The numbers of digits of every spelling of a vanity.
fn vanities(args: &PatternArgs) -> Result<Vec<u8>, UsageError> {
    let flags = [
        (args.vanity_2, 2),
        (args.vanity_4, 4),
        (args.vanity_6, 6),
        (args.vanity_8, 8),
    ];
    let mut vanities = args.vanity.clone();
    vanities.extend(
        flags
            .into_iter()
            .filter(|(given, _)| *given)
            .map(|(_, digits)| digits),
    );
    vanities.extend(old_tool::vanity(args, vanities.is_empty()));
    let mut seen = Vec::new();
    for digits in vanities {
        if seen.contains(&digits) {
            return Err(twice("--vanity", &digits.to_string()));
        }
        seen.push(digits);
    }
    Ok(seen)
}

/// How many bytes of a node's key are its ID.
fn id_bytes(args: &PatternArgs, spread: &SpreadArgs) -> Result<u8, UsageError> {
    let Some(bytes) = args.id_bytes else {
        return Ok(1);
    };
    if args.avoid_file.is_empty() && args.avoid.is_empty() && !spread.distinct {
        return Err(UsageError::combination(
            "--id-bytes has no IDs to apply to",
            "Use it with --avoid, --avoid-file or --distinct, or remove it.",
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
