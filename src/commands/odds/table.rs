//! The patterns of the table that `odds` shows without a pattern.

use std::ops::RangeInclusive;

use crate::pattern::{PatternError, Request, Wanted};

/// Lengths of prefixes in the table, in hex digits.
const PREFIXES: RangeInclusive<usize> = 1..=12;

/// Lengths of vanities in the table, in hex digits.
const VANITIES: RangeInclusive<u8> = 2..=12;

/// The prefixes stand for all others of their length, but for those that reach into the reserved 00 and FF.
const DIGITS: &str = "ABCDEF123456";

/// The patterns, prefixes first.
///
/// # Errors
/// Never: every one of them is valid.
pub(super) fn patterns() -> Result<Vec<Wanted>, PatternError> {
    let prefix = |digits| Request {
        prefixes: vec![DIGITS.chars().take(digits).collect()],
        ..Request::default()
    };
    let vanity = |digits| Request {
        vanities: vec![digits],
        ..Request::default()
    };
    let requests = PREFIXES.map(prefix).chain(VANITIES.map(vanity));
    requests
        .map(|request| Ok(Wanted::new(request)?.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_prefixes_of_1_to_12_digits_and_vanities_of_2_to_12() {
        let patterns = patterns().unwrap();
        assert_eq!(patterns.len(), 12 + 11);
        assert_eq!(patterns[0].probability(), 1.0 / 16.0);
        assert_eq!(patterns[11].probability(), 16_f64.powi(-12));
        assert_eq!(patterns[12].describe(), "vanity 2");
        assert_eq!(patterns[22].describe(), "vanity 12");
    }
}
