//! Reads the values of a request: hex digits, no value twice, nothing that only reserved keys have.

use super::digits::Digits;
use super::error::{Note, PatternError};
use super::line::PatternLine;
use super::request::Request;
use super::set::DigitSet;

/// A request with its values read and checked one by one.
pub(super) struct Values {
    /// Beginnings, none covering another.
    pub prefixes: Vec<Digits>,
    /// Ends as they are read, none covering another.
    pub suffixes: Vec<Digits>,
    /// Vanity lengths, ascending.
    pub vanities: Vec<u8>,
    /// Typed matches, in the order typed.
    pub matches: Vec<PatternLine>,
    /// What is never reported: avoided and reserved beginnings.
    pub avoid: DigitSet,
    /// Beginnings to avoid as the user gave them.
    pub avoided: Vec<Digits>,
}

/// Reads every value; notes say which were dropped because another covers them.
pub(super) fn read(request: &Request, notes: &mut Vec<Note>) -> Result<Values, PatternError> {
    let prefixes = list("--prefix", &request.prefixes)?;
    let suffixes = list("--suffix", &request.suffixes)?;
    let mut avoided = list("--avoid", &request.avoid)?;
    let matches = matches(&request.matches)?;
    let heads = prefixes.iter().map(|p| ("--prefix", *p, p.to_string()));
    for (option, head, value) in
        heads.chain(matches.iter().map(|m| ("--match", m.head, m.as_match())))
    {
        if head.is_reserved() {
            return Err(PatternError::Reserved { option, value });
        }
    }
    // With keys for each, one that another covers gets its own.
    let prefixes = if request.each {
        prefixes
    } else {
        uncovered("--prefix", prefixes, |d| d, notes)
    };
    let suffixes = uncovered("--suffix", suffixes, Digits::reversed, notes);
    uncovered("--avoid", avoided.clone(), |d| d, notes);
    avoided.extend(&request.avoid_listed);
    let avoided = DigitSet::new(avoided).items().to_vec();
    let avoid = DigitSet::new(avoided.iter().copied().chain(reserved()).collect());
    Ok(Values {
        prefixes,
        suffixes,
        vanities: vanities(&request.vanities)?,
        matches,
        avoid,
        avoided,
    })
}

/// The beginnings that MeshCore reserves: its firmware refuses keys whose first byte is 00 or FF.
pub(super) fn reserved() -> [Digits; 2] {
    [Digits::of_word(0, 2), Digits::of_word(u64::MAX, 2)]
}

fn list(option: &'static str, values: &[String]) -> Result<Vec<Digits>, PatternError> {
    let mut read: Vec<Digits> = Vec::new();
    for value in values.iter().flat_map(|v| v.split(',')) {
        let digits = Digits::parse(value).map_err(|reason| PatternError::Value {
            option,
            value: value.trim().to_owned(),
            reason,
        })?;
        if read.contains(&digits) {
            return Err(PatternError::Twice {
                option,
                value: digits.to_string(),
            });
        }
        read.push(digits);
    }
    Ok(read)
}

fn matches(values: &[String]) -> Result<Vec<PatternLine>, PatternError> {
    let option = "--match";
    let mut read: Vec<PatternLine> = Vec::new();
    for value in values {
        let line = PatternLine::parse_match(value).map_err(|reason| PatternError::Value {
            option,
            value: value.trim().to_owned(),
            reason,
        })?;
        if read.contains(&line) {
            return Err(PatternError::Twice {
                option,
                value: line.as_match(),
            });
        }
        read.push(line);
    }
    Ok(read)
}

fn vanities(lengths: &[u8]) -> Result<Vec<u8>, PatternError> {
    let mut read: Vec<u8> = Vec::new();
    for &length in lengths {
        if !(2..=16).contains(&length) {
            return Err(PatternError::VanityLength { length });
        }
        if read.contains(&length) {
            return Err(PatternError::Twice {
                option: "--vanity",
                value: length.to_string(),
            });
        }
        read.push(length);
    }
    read.sort_unstable();
    Ok(read)
}

/// The values that no other covers, in the order typed; `side` makes them begin where the key's end is.
fn uncovered(
    option: &str,
    values: Vec<Digits>,
    side: fn(Digits) -> Digits,
    notes: &mut Vec<Note>,
) -> Vec<Digits> {
    let (set, dropped) = DigitSet::with_dropped(values.iter().map(|v| side(*v)).collect());
    for (value, by) in &dropped {
        let text = format!(
            "{option} {} is left out: {} covers it",
            side(*value),
            side(*by)
        );
        notes.push(Note::new(text));
    }
    match dropped.is_empty() {
        true => values,
        false => values
            .into_iter()
            .filter(|v| set.covering(side(*v)) == Some(side(*v)))
            .collect(),
    }
}
