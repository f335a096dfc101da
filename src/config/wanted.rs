//! From what was asked for to what the search looks for: the pattern language reads and judges it.

use super::args::{PatternArgs, SpreadArgs};
use super::inputs::SourceFile;
use super::patterns::{PatternInput, Sourced, gather};
use super::{Environment, UsageError, avoid};
use crate::pattern::{
    self, Digits, Note, PatternFileErrors, PatternLine, Request, Wanted, Watchlist,
};

/// What is wanted; without anything asked the pattern language's default. Notes are added to `notes`.
///
/// # Errors
/// Whatever can't be read, and what no key can fulfil; every malformed line of every file.
pub(crate) fn wanted(
    asked: PatternInput,
    environment: &Environment<'_>,
    notes: &mut Vec<String>,
) -> Result<Wanted, UsageError> {
    let any_beginning = !asked.avoid.is_empty() || !asked.avoid_files.is_empty();
    let id_bytes = usize::from(asked.id_bytes);
    let lines = each(&asked.pattern_files, notes, |file| {
        pattern::file::parse(&file.bytes, &file.name)
    });
    let nodes = avoid::nodes(
        &asked.avoid_files,
        &asked.avoid_filter,
        id_bytes,
        asked.name_taken,
        environment,
        notes,
    );
    let (lines, nodes) = match (lines, nodes) {
        (Ok(lines), Ok(nodes)) => (lines, nodes),
        (Err(files), Ok(_)) => return Err(UsageError::all(&files)),
        (Ok(_), Err(lists)) => return Err(lists),
        (Err(files), Err(lists)) => {
            return Err(UsageError::all(&[UsageError::all(&files), lists]));
        }
    };
    let avoid_listed = nodes
        .iter()
        .filter_map(|node| Digits::parse(&node.key[..node.key.len().min(2 * id_bytes)]).ok())
        .collect();
    let request = Request {
        prefixes: texts(asked.prefixes),
        suffixes: texts(asked.suffixes),
        vanities: asked.vanities,
        matches: texts(asked.matches),
        lines,
        avoid: texts(asked.avoid),
        avoid_listed,
        any_beginning,
        each: asked.each,
    };
    if request.each
        && [&request.prefixes, &request.matches]
            .iter()
            .all(|values| values.is_empty())
        && request.lines.is_empty()
    {
        return Err(UsageError::combination(
            "--each has nothing to find a key for each of",
            "Give --prefix, --match or --pattern-file, or remove it.",
        ));
    }
    if let Some(first) = asked.pattern_files.first()
        && request.has_no_pattern()
    {
        return Err(nothing_in(&first.name));
    }
    let (wanted, said) = Wanted::new(request)?;
    notes.extend(said.iter().map(sentence));
    Ok(wanted)
}

/// What a tool beside the search is to look at; `None`: nothing was asked. Notes are added to `notes`.
///
/// # Errors
/// As [`wanted`], and what can't be right about the options.
pub(crate) fn if_asked(
    args: &PatternArgs,
    environment: &Environment<'_>,
    notes: &mut Vec<String>,
) -> Result<Option<Wanted>, UsageError> {
    let asked = gather(args, &SpreadArgs::default(), &environment.inputs)?;
    if asked.is_empty() {
        return Ok(None);
    }
    wanted(asked, environment, notes).map(Some)
}

/// The error for pattern files without a pattern: to search for the default instead would be a surprise.
fn nothing_in(name: &str) -> UsageError {
    UsageError::combination(
        format!("--pattern-file {name} has no line that a key can match"),
        "Write one pattern a line, such as ABCD...EF12 or a beginning from 01 to FE; 00 and FF are reserved.",
    )
}

/// The watchlist in `file`, beside what is `wanted`. Of one that nobody `named`, what can't be used is left out. Notes
/// are added to `notes`.
///
/// # Errors
/// Every malformed line.
pub(crate) fn watchlist(
    file: &SourceFile,
    named: bool,
    wanted: &Wanted,
    notes: &mut Vec<String>,
) -> Result<Watchlist, UsageError> {
    let parse = |file: &SourceFile| match named {
        true => pattern::file::parse(&file.bytes, &file.name),
        false => Ok(pattern::file::parse_usable(&file.bytes, &file.name)),
    };
    let lines: Vec<PatternLine> =
        each(std::slice::from_ref(file), notes, parse).map_err(|wrong| UsageError::all(&wrong))?;
    let (watchlist, said) = Watchlist::new(lines, wanted);
    notes.extend(said.iter().map(sentence));
    Ok(watchlist)
}

/// What `parse` gives for each file, joined; the error has every file that it refused.
fn each<T>(
    files: &[SourceFile],
    notes: &mut Vec<String>,
    parse: impl Fn(&SourceFile) -> Result<(Vec<T>, Vec<Note>), PatternFileErrors>,
) -> Result<Vec<T>, Vec<PatternFileErrors>> {
    let (mut read, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        match parse(file) {
            Ok((items, said)) => {
                read.extend(items);
                notes.extend(said.iter().map(sentence));
            }
            Err(errors) => wrong.push(errors),
        }
    }
    if wrong.is_empty() {
        Ok(read)
    } else {
        Err(wrong)
    }
}

/// The values without where they stood.
fn texts(values: Vec<Sourced>) -> Vec<String> {
    values.into_iter().map(|value| value.text).collect()
}

/// A note as a whole sentence. Its first word may be an option or a file, so its case stays.
fn sentence(note: &Note) -> String {
    format!("{note}.")
}
