//! Every spelling of a pattern, and the slips in them.

use super::*;
use std::path::Path;

use crate::config::args::{CommandLine, SearchArgs};
use crate::config::tests::environment;

fn args(line: &str) -> anyhow::Result<SearchArgs> {
    let words = std::iter::once("keygen").chain(line.split(' ').filter(|word| !word.is_empty()));
    Ok(CommandLine::parse(words)?.typed()?.search)
}

/// What the options in `line` ask for.
fn asked(line: &str) -> anyhow::Result<Request> {
    Ok(request(&args(line)?.pattern, false)?)
}

fn understood(line: &str) -> anyhow::Result<Option<Wanted>> {
    let mut stdin: &[u8] = b"F8\n";
    let environment = environment(Path::new("/"), false, &mut stdin);
    let args = args(line)?;
    Ok(typed(&args.pattern, &args.spread, false, &environment)?)
}

fn said(line: &str) -> String {
    understood(line).unwrap_err().to_string()
}

#[test]
fn lists_and_repetitions_are_joined() {
    let asked =
        asked("--prefix F8,a1 --prefix 1234 --suffix 00 --match AB...CD --match ...EF").unwrap();
    assert_eq!(asked.prefixes, ["F8", "a1", "1234"]);
    assert_eq!(asked.suffixes, ["00"]);
    assert_eq!(asked.matches, ["AB...CD", "...EF"]);
}

#[test]
fn every_spelling_of_a_vanity_is_the_same() {
    for (line, digits) in [
        ("--vanity 8", vec![8]),
        ("--vanity-8", vec![8]),
        ("--pattern-8", vec![8]),
        ("--vanity-2 --pattern-4 --vanity-6", vec![2, 4, 6]),
        ("--vanity 3,16 --vanity 5", vec![3, 16, 5]),
        ("--four-char", vec![4]),
    ] {
        assert_eq!(asked(line).unwrap().vanities, digits, "{line}");
    }
}

#[test]
fn the_older_tools_options_mean_what_its_documentation_says() {
    let simple = asked("--simple --first-two F8").unwrap();
    assert_eq!(
        (simple.prefixes, simple.vanities),
        (vec!["F8".to_owned()], vec![])
    );
    let four = asked("--four-char --first-two F8").unwrap();
    assert_eq!(
        (four.prefixes, four.vanities),
        (vec!["F8".to_owned()], vec![4])
    );
    for line in ["--prefix-vanity F8A1", "--prefix-pattern F8A1"] {
        let both = asked(line).unwrap();
        assert_eq!(
            (both.prefixes, both.vanities),
            (vec!["F8A1".to_owned()], vec![8])
        );
    }
}

#[test]
fn older_options_that_contradict_are_refused() {
    assert!(said("--simple").contains("--simple needs --first-two"));
    assert!(said("--simple --first-two F8 --vanity-4").contains("another pattern is given"));
    assert!(said("--first-two F8 --prefix F8A1").contains("both say how the key begins"));
    assert!(said("--first-two F").contains("--first-two F: not exactly two digits"));
}

#[test]
fn a_value_twice_is_refused_in_every_spelling() {
    for line in [
        "--prefix F8 --prefix F8",
        "--prefix F8,f8",
        "--suffix A --suffix a",
        "--match AB...CD --match ab…cd",
        "--vanity 8 --vanity-8",
        "--vanity 08 --vanity 8",
        "--four-char --pattern-4",
        "--avoid 01,01",
        "--pattern-file x --pattern-file x",
    ] {
        assert!(said(line).contains("twice"), "{line}: {}", said(line));
    }
}

#[test]
fn empty_values_and_numbers_out_of_range_are_refused() {
    assert!(said("--prefix=").contains("--prefix '': a value is empty"));
    assert!(said("--prefix F8,").contains("--prefix F8,: a value is empty"));
    for number in ["0", "1", "17", "-2", "x", "4.0"] {
        assert!(
            said(&format!("--vanity {number}")).contains("from 2 to 16"),
            "{number}"
        );
    }
    assert!(said("--avoid-file - --id-bytes 4").contains("1, 2 or 3 bytes"));
    assert!(said("--id-bytes 2").contains("no IDs to apply to"));
}

#[test]
fn files_are_read_and_standard_input_only_once() {
    let wanted = understood("--pattern-file -").unwrap().unwrap();
    assert_eq!(wanted.describe(), "line F8");
    assert!(said("--pattern-file - --avoid-file -").contains("both read standard input"));
    assert!(said("--pattern-file /nonexistent").contains("no such file"));
    assert!(said("--avoid-file /nonexistent").contains("--avoid-file /nonexistent"));
}

#[test]
fn options_without_a_pattern_ask_for_none() {
    assert!(understood("").unwrap().is_none());
    assert!(understood("--distinct --id-bytes 2").unwrap().is_none());
    assert!(understood("--avoid 01").unwrap().is_some());
}
