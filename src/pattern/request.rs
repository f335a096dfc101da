//! What a user asked for, as typed and as read from files, before it is checked.

use super::digits::Digits;
use super::line::PatternLine;

/// Vanity length of a search without any pattern, in hex digits.
pub(crate) const DEFAULT_VANITY: u8 = 8;

/// The patterns of one search. (any prefix AND any suffix AND any vanity) OR any match OR any line, but none of avoid.
///
/// Comma lists within a value are taken apart. Nothing at all stands for vanity [`DEFAULT_VANITY`]; nothing but avoid
/// for any beginning that is not avoided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    pub lines: Vec<PatternLine>,
    /// Beginnings never to report, 1 to 16 hex digits each, as typed.
    pub avoid: Vec<String>,
    /// Beginnings never to report, as lists of nodes tell them.
    pub avoid_listed: Vec<Digits>,
    /// Whether any beginning will do when there is no pattern, even if `avoid` turns out to be empty: set it when an
    /// avoid option was given.
    pub any_beginning: bool,
    /// Whether each prefix, match and line gets keys of its own.
    pub each: bool,
}

impl Request {
    /// Whether there is no pattern but `avoid`.
    #[must_use]
    pub fn has_no_pattern(&self) -> bool {
        self.prefixes.is_empty()
            && self.suffixes.is_empty()
            && self.vanities.is_empty()
            && self.matches.is_empty()
            && self.lines.is_empty()
    }

    /// Whether there is no pattern, and any beginning is fine.
    #[must_use]
    pub fn wants_any(&self) -> bool {
        let avoids = !self.avoid.is_empty() || !self.avoid_listed.is_empty();
        self.has_no_pattern() && (self.any_beginning || avoids)
    }
}
