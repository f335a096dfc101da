//! Turns the pattern options into the pattern of a search: collects every spelling, reads the named files, and hands the
//! values to the pattern language, which checks them.

mod old_tool;

use std::path::PathBuf;

use super::args::{PatternArgs, SpreadArgs};
use super::error::{InvalidValue, refuse};
use super::inputs::{SourceFile, each_once};
use super::{Environment, UsageError, avoid};
use crate::nodes::filter::Filter;
use crate::pattern::{self, Digits, PatternError, PatternLine, Request, Wanted, Watchlist};

/// The pattern of a command that has no other option about keys.
///
/// # Errors
/// As [`typed`].
pub(crate) fn of_command(
    args: &PatternArgs,
    environment: &Environment<'_>,
) -> Result<Option<Wanted>, UsageError> {
    typed(args, &SpreadArgs::default(), false, environment)
}

/// The pattern that these options ask for, or `None` if there is none among them. Appends to `notes`, with `name_taken` also
/// the IDs that the lists take.
///
/// # Errors
/// As [`wanted`], and options that apply to nothing.
pub(crate) fn typed(
    args: &PatternArgs,
    spread: &SpreadArgs,
    name_taken: bool,
    environment: &Environment<'_>,
) -> Result<Option<Wanted>, UsageError> {
    let has_ids = spread.distinct || !args.avoid.is_empty() || !args.avoid_file.is_empty();
    if args.id_bytes.is_some() && !has_ids {
        refuse!(
            "--id-bytes has no IDs to apply to. Use it with --avoid, --avoid-file or --distinct, or remove it."
        );
    }
    if args.is_empty() {
        return Ok(None);
    }
    wanted(args, spread.each, name_taken, environment).map(Some)
}

/// The pattern that these options ask for, as [`typed`]; without any, the default of the pattern language.
///
/// # Errors
/// Files that can't be read, contradictory options, patterns that no key can match, and every malformed line of every
/// file.
pub(crate) fn wanted(
    args: &PatternArgs,
    each: bool,
    name_taken: bool,
    environment: &Environment<'_>,
) -> Result<Wanted, UsageError> {
    old_tool::check(args)?;
    each_once(files(args))?;
    let mut request = request(args, each)?;
    let read = |option, paths| environment.inputs.read_all(option, paths);
    let pattern_files = read("--pattern-file", &args.pattern_file)?;
    let avoid_files = read("--avoid-file", &args.avoid_file)?;
    let id_bytes = usize::from(args.id_bytes.unwrap_or(1));
    let filter = Filter {
        near: args.avoid_filter.avoid_near,
        roles: args.avoid_filter.avoid_role.clone(),
        seen_within: args.avoid_filter.avoid_seen,
    };
    let lines = lines(&pattern_files, environment);
    let nodes = avoid::nodes(&avoid_files, &filter, id_bytes, name_taken, environment);
    let (lines, nodes) = match (lines, nodes) {
        (Ok(lines), Ok(nodes)) => (lines, nodes),
        (lines, nodes) => {
            let wrong: Vec<_> = lines.err().into_iter().chain(nodes.err()).collect();
            return Err(UsageError::all(&wrong));
        }
    };
    request.lines = lines;
    let id = |key: &str| Digits::parse(&key[..key.len().min(2 * id_bytes)]).ok();
    request.avoid_listed = nodes.iter().filter_map(|node| id(&node.key)).collect();
    check(&request, &pattern_files)?;
    let is_typed = !request.avoid.is_empty();
    let (wanted, more) = Wanted::new(request).map_err(|error| match error {
        // Nobody typed --avoid: the lists take everything.
        PatternError::AllAvoided { what } if what == "--avoid" && !is_typed => {
            let names: Vec<&str> = avoid_files.iter().map(|file| file.name.as_str()).collect();
            let what = format!("{} ({})", names.join(", "), avoid::count(nodes.len()));
            PatternError::AllAvoided { what }
        }
        other => other,
    })?;
    environment.notes.extend(sentences(more));
    Ok(wanted)
}

/// The watchlist in `file`, beside the pattern `wanted`. If the user did not name the file, unusable lines are left out.
/// Appends to `notes`.
///
/// # Errors
/// Every malformed line of a file that was named.
pub(crate) fn watchlist(
    file: &SourceFile,
    named: bool,
    wanted: &Wanted,
    environment: &Environment<'_>,
) -> Result<Watchlist, UsageError> {
    let lines = if named {
        lines(std::slice::from_ref(file), environment)?
    } else {
        let (lines, more) = pattern::file::parse_usable(&file.bytes, &file.name);
        environment.notes.extend(sentences(more));
        lines
    };
    let (watchlist, more) = Watchlist::new(lines, wanted);
    environment.notes.extend(sentences(more));
    Ok(watchlist)
}

/// The files that the options name, each with its option.
pub(crate) fn files(args: &PatternArgs) -> impl Iterator<Item = (&'static str, &PathBuf)> {
    let patterns = (args.pattern_file.iter()).map(|path| ("--pattern-file", path));
    patterns.chain(args.avoid_file.iter().map(|path| ("--avoid-file", path)))
}

/// The request without what the files add.
fn request(args: &PatternArgs, each: bool) -> Result<Request, UsageError> {
    Ok(Request {
        prefixes: [list("--prefix", &args.prefix)?, old_tool::prefixes(args)?].concat(),
        suffixes: list("--suffix", &args.suffix)?,
        vanities: vanities(args),
        matches: list("--match", &args.matches)?,
        avoid: list("--avoid", &args.avoid)?,
        any_beginning: !args.avoid.is_empty() || !args.avoid_file.is_empty(),
        each,
        ..Request::default()
    })
}

/// Refuses requests that would silently search for the default pattern.
fn check(request: &Request, pattern_files: &[SourceFile]) -> Result<(), UsageError> {
    let lists = [&request.prefixes, &request.matches];
    if request.each && lists.iter().all(|list| list.is_empty()) && request.lines.is_empty() {
        refuse!(
            "--each has nothing to find a key for each of. Give --prefix, --match or --pattern-file, or remove it."
        );
    }
    match pattern_files.first() {
        Some(SourceFile { name, .. }) if request.has_no_pattern() => refuse!(
            "--pattern-file {name} has no line that a key can match. Write one pattern a line, such as ABCD...EF12 or a \
             beginning from 01 to FE; 00 and FF are reserved."
        ),
        _ => Ok(()),
    }
}

/// The items of comma-separated lists.
fn list(option: &str, values: &[String]) -> Result<Vec<String>, UsageError> {
    let mut items = Vec::new();
    for value in values {
        items.extend(value.split(',').map(|text| text.trim().to_owned()));
        if items.iter().any(String::is_empty) {
            let digits = match option {
                "--match" => "ABCD...EF12 (one side may be empty)",
                _ => "hex digits (0-9, A-F)",
            };
            let allowed = format!("Give {digits}, with a comma only between two.");
            return Err(InvalidValue::new("a value is empty", allowed).at(option, value));
        }
    }
    Ok(items)
}

/// The vanity lengths from every spelling.
fn vanities(args: &PatternArgs) -> Vec<u8> {
    let flags = [
        (args.vanity_2, 2),
        (args.vanity_4, 4),
        (args.vanity_6, 6),
        (args.vanity_8, 8),
    ];
    let mut vanities = args.vanity.clone();
    vanities.extend(flags.iter().filter(|flag| flag.0).map(|flag| flag.1));
    vanities.extend(old_tool::vanity(args, vanities.is_empty()));
    vanities
}

/// The lines of all files; the error has every malformed one.
fn lines(
    files: &[SourceFile],
    environment: &Environment<'_>,
) -> Result<Vec<PatternLine>, UsageError> {
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        match pattern::file::parse(&file.bytes, &file.name) {
            Ok((read, more)) => {
                lines.extend(read);
                environment.notes.extend(sentences(more));
            }
            Err(errors) => wrong.push(errors),
        }
    }
    UsageError::unless_empty(&wrong)?;
    Ok(lines)
}

/// Notes as whole sentences. Their first word may be an option or a file, so its case stays.
fn sentences(notes: Vec<String>) -> impl Iterator<Item = String> {
    notes.into_iter().map(|note| note + ".")
}

#[cfg(test)]
mod tests;
