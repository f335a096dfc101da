//! What a user asked for, as typed and as read from files; and its values, parsed and checked one by one: hex digits, no
//! value twice, nothing that only reserved keys have.

use serde::{Deserialize, Serialize};

use super::digits::Digits;
use super::error::{HexError, PatternError};
use super::line::PatternLine;
use super::set::DigitSet;

/// Vanity length of a search without any pattern, in hex digits.
pub(crate) const DEFAULT_VANITY: u8 = 8;

/// The patterns of one search. (any prefix AND any suffix AND any vanity) OR any match OR any line, but none of avoid.
///
/// Comma lists within a value are taken apart. Nothing at all stands for vanity [`DEFAULT_VANITY`]; nothing but avoid
/// for any beginning that is not avoided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// Beginnings, 1 to 16 hex digits each.
    pub prefixes: Vec<String>,
    /// Ends, 1 to 16 hex digits each.
    pub suffixes: Vec<String>,
    /// Numbers of digits N, 2 to 16: the first N equal the last N, as they stand or reversed.
    pub vanities: Vec<u8>,
    /// `ABCD...EF12`, one side may be empty.
    pub matches: Vec<String>,
    /// Lines of pattern files, as [`super::file::parse`] gives them.
    #[serde(with = "as_texts")]
    pub lines: Vec<PatternLine>,
    /// Beginnings never to report, 1 to 16 hex digits each, as typed.
    pub avoid: Vec<String>,
    /// Beginnings never to report, as lists of nodes tell them.
    #[serde(skip)]
    pub avoid_listed: Vec<Digits>,
    /// Whether any beginning will do when there is no pattern, even if `avoid` turns out to be empty: set it when an
    /// avoid option was given.
    pub any_beginning: bool,
    /// Whether each prefix, match and line gets keys of its own.
    pub each: bool,
}

impl Request {
    /// Whether there is no pattern but `avoid`.
    pub fn has_no_pattern(&self) -> bool {
        self.prefixes.is_empty()
            && self.suffixes.is_empty()
            && self.vanities.is_empty()
            && self.matches.is_empty()
            && self.lines.is_empty()
    }

    /// Whether there is no pattern, and any beginning is fine.
    pub fn wants_any(&self) -> bool {
        let avoids = !self.avoid.is_empty() || !self.avoid_listed.is_empty();
        self.has_no_pattern() && (self.any_beginning || avoids)
    }
}

/// Lines as a session stores them. Those that this program wrote read back; if one does not, none is a line any more.
mod as_texts {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::pattern::PatternLine;

    pub(super) fn serialize<S: Serializer>(
        lines: &[PatternLine],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(lines.iter().map(ToString::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<PatternLine>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        Ok(PatternLine::read_all(&texts).unwrap_or_default())
    }
}

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
pub(super) fn read(request: &Request, notes: &mut Vec<String>) -> Result<Values, PatternError> {
    let prefixes = list("--prefix", &request.prefixes)?;
    let suffixes = list("--suffix", &request.suffixes)?;
    let mut avoided = list("--avoid", &request.avoid)?;
    let matches = request.matches.iter().map(String::as_str);
    let matches = each_once("--match", matches, PatternLine::parse_match)?;
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
    let values = values.iter().flat_map(|value| value.split(','));
    each_once(option, values, Digits::parse)
}

/// The values, of which none may come twice, in whatever spelling.
fn each_once<'a, T: PartialEq>(
    option: &'static str,
    values: impl Iterator<Item = &'a str>,
    parse: fn(&str) -> Result<T, HexError>,
) -> Result<Vec<T>, PatternError> {
    let mut read = Vec::new();
    for text in values {
        let value = text.trim().to_owned();
        match parse(text) {
            Err(reason) => {
                return Err(PatternError::Value {
                    option,
                    value,
                    reason,
                });
            }
            Ok(one) if read.contains(&one) => return Err(PatternError::Twice { option, value }),
            Ok(one) => read.push(one),
        }
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
    notes: &mut Vec<String>,
) -> Vec<Digits> {
    let (set, dropped) = DigitSet::with_dropped(values.iter().map(|v| side(*v)).collect());
    for (value, by) in &dropped {
        let text = format!(
            "{option} {} is left out: {} covers it",
            side(*value),
            side(*by)
        );
        notes.push(text);
    }
    match dropped.is_empty() {
        true => values,
        false => values
            .into_iter()
            .filter(|v| set.covering(side(*v)) == Some(side(*v)))
            .collect(),
    }
}
