//! What the Python tool's pattern options mean here, so that its users' command lines keep working.
//!
//! Its documentation: `--first-two F8` is `--prefix F8`, always two digits; `--simple` says that only these count and
//! needs them; `--four-char` is a vanity of 4 digits, alone or with `--first-two`; in its first versions
//! `--prefix-vanity F8` (or `--prefix-pattern`) was a prefix and a vanity of 8 digits.

use super::super::error::{InvalidValue, UsageError};
use super::Sourced;
use crate::config::args::PatternArgs;
use crate::pattern::{DEFAULT_VANITY, Digits, PatternError};

/// Refuses combinations in which one option would take the other's meaning away.
pub(super) fn check(args: &PatternArgs) -> Result<(), UsageError> {
    if args.simple && args.first_two.is_none() {
        let advice = "Add --first-two HH, or use --prefix HEX alone.";
        return Err(UsageError::combination(
            "--simple needs --first-two",
            advice,
        ));
    }
    if args.simple && asks_more(args) {
        let problem =
            "--simple says that only the first two digits count, but another pattern is given";
        return Err(UsageError::combination(
            problem,
            "Remove --simple or the other pattern.",
        ));
    }
    let beginnings = [
        ("--prefix", !args.prefix.is_empty()),
        ("--first-two", args.first_two.is_some()),
        ("--prefix-vanity", args.prefix_vanity.is_some()),
    ];
    let given: Vec<_> = beginnings
        .into_iter()
        .filter(|(_, given)| *given)
        .map(|(option, _)| option)
        .collect();
    if let [first, second, ..] = given.as_slice() {
        let problem = format!("{first} and {second} both say how the key begins");
        return Err(UsageError::combination(
            problem,
            "Use --prefix alone, with a list if any of several will do.",
        ));
    }
    Ok(())
}

/// Whether more than a beginning of two digits is asked for.
fn asks_more(args: &PatternArgs) -> bool {
    let flags = [
        args.vanity_2,
        args.vanity_4,
        args.vanity_6,
        args.vanity_8,
        args.four_char,
    ];
    let lists = [&args.prefix, &args.suffix, &args.matches];
    let some =
        args.prefix_vanity.is_some() || !args.vanity.is_empty() || !args.pattern_file.is_empty();
    some || flags.contains(&true) || lists.iter().any(|list| !list.is_empty())
}

/// The beginnings that the older options ask for.
pub(super) fn prefixes(args: &PatternArgs) -> Result<Vec<Sourced>, UsageError> {
    let mut prefixes = Vec::new();
    if let Some(text) = &args.first_two {
        let allowed = "Allowed are two hex digits, such as F8; --prefix takes 1 to 16.";
        if text.chars().count() != 2 {
            return Err(
                InvalidValue::new("not exactly two digits", allowed).at("--first-two", text)
            );
        }
        Digits::parse(text).map_err(|reason| PatternError::Value {
            option: "--first-two",
            value: text.clone(),
            reason,
        })?;
        if ["00", "FF"].contains(&text.to_ascii_uppercase().as_str()) {
            return Err(PatternError::Reserved {
                option: "--first-two",
                value: text.clone(),
            }
            .into());
        }
        prefixes.push(Sourced {
            option: "--first-two",
            text: text.clone(),
        });
    }
    if let Some(text) = &args.prefix_vanity {
        prefixes.push(Sourced {
            option: "--prefix-vanity",
            text: text.trim().into(),
        });
    }
    Ok(prefixes)
}

/// The vanities that the older options ask for; `alone`: no other option asks for one.
pub(super) fn vanity(args: &PatternArgs, alone: bool) -> Vec<u8> {
    let four = args.four_char.then_some(4);
    let eight =
        (args.prefix_vanity.is_some() && alone && !args.four_char).then_some(DEFAULT_VANITY);
    four.into_iter().chain(eight).collect()
}
