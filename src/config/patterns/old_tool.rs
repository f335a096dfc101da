//! What the Python tool's pattern options mean here, so that its users' command lines keep working.
//!
//! Its documentation: `--first-two F8` is `--prefix F8`, always two digits; `--simple` says that only these count and
//! needs them; `--four-char` is a vanity of 4 digits, alone or with `--first-two`; in its first versions
//! `--prefix-vanity F8` (or `--prefix-pattern`) was a prefix and a vanity of 8 digits.

use crate::config::args::PatternArgs;
use crate::config::error::{InvalidValue, UsageError, refuse};
use crate::pattern::{DEFAULT_VANITY, Digits, PatternError};

/// Refuses combinations in which one option would take the other's meaning away.
pub(super) fn check(args: &PatternArgs) -> Result<(), UsageError> {
    if args.simple && args.first_two.is_none() {
        refuse!("--simple needs --first-two. Add --first-two HH, or use --prefix HEX alone.");
    }
    if args.simple && has_more(args) {
        refuse!(
            "--simple says that only the first two digits count, but another pattern is given. Remove --simple or the \
             other pattern."
        );
    }
    let beginnings = [
        ("--prefix", !args.prefix.is_empty()),
        ("--first-two", args.first_two.is_some()),
        ("--prefix-vanity", args.prefix_vanity.is_some()),
    ];
    let mut given = beginnings.into_iter().filter(|(_, given)| *given);
    if let (Some((first, _)), Some((second, _))) = (given.next(), given.next()) {
        refuse!(
            "{first} and {second} both say how the key begins. Use --prefix alone, with a list if any of several will do."
        );
    }
    Ok(())
}

/// Whether there is a pattern beside `--first-two`; what to avoid is not a pattern.
fn has_more(args: &PatternArgs) -> bool {
    let more = PatternArgs {
        first_two: None,
        simple: false,
        avoid: Vec::new(),
        avoid_file: Vec::new(),
        avoid_filter: Default::default(),
        ..args.clone()
    };
    !more.is_empty()
}

/// The beginnings that these options ask for.
pub(super) fn prefixes(args: &PatternArgs) -> Result<Vec<String>, UsageError> {
    if let Some(text) = &args.first_two {
        check_first_two("--first-two", text)?;
    }
    let texts = args.first_two.iter().chain(&args.prefix_vanity);
    Ok(texts.map(|text| text.trim().to_owned()).collect())
}

fn check_first_two(option: &'static str, text: &str) -> Result<(), UsageError> {
    if text.chars().count() != 2 {
        let allowed = "Allowed are two hex digits, such as F8; --prefix takes 1 to 16.";
        return Err(InvalidValue::new("not exactly two digits", allowed).at(option, text));
    }
    let value = text.to_owned();
    let wrong = match Digits::parse(text) {
        Ok(digits) if digits.is_reserved() => PatternError::Reserved { option, value },
        Ok(_) => return Ok(()),
        Err(reason) => PatternError::Value {
            option,
            value,
            reason,
        },
    };
    Err(wrong.into())
}

/// The vanity that these options ask for; `alone`: no other option asks for one.
pub(super) fn vanity(args: &PatternArgs, alone: bool) -> Option<u8> {
    match args.four_char {
        true => Some(4),
        false => (args.prefix_vanity.is_some() && alone).then_some(DEFAULT_VANITY),
    }
}
