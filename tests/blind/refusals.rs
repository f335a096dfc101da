//! Bad input of a blind search ends with 2 before any work.

use std::fs;

use super::Both;
use crate::common::program::Place;

/// A point of small order, the curve's base point plus one of order 2, and y = 2, which is on no point.
const SMALL: &str = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
const OUTSIDE: &str = "9599999999999999999999999999999999999999999999999999999999999999";
const NO_POINT: &str = "0200000000000000000000000000000000000000000000000000000000000000";
const GOOD: &str = "5866666666666666666666666666666666666666666666666666666666666666";

fn refused(words: &[&str], part: &str) {
    let place = Place::new();
    let run = place.run(words);
    assert_eq!(run.code, Some(2), "{words:?}: {}", run.err);
    assert!(run.err.contains(part), "{words:?}: {}", run.err);
    assert!(run.out.is_empty() && place.names().is_empty(), "{words:?}");
    assert!(!place.path("state").exists(), "{words:?}");
}

#[test]
fn a_start_that_nobody_can_have_drawn_is_refused() {
    let double = format!("{GOOD},{GOOD}");
    let long = format!("{GOOD}0");
    let zeros = "0".repeat(64);
    let wrong: [(&str, &str); 9] = [
        (NO_POINT, "no point of the curve"),
        (SMALL, "small order"),
        (OUTSIDE, "outside the group"),
        (&zeros, "all zeros"),
        (&GOOD[1..], "63 hex digits"),
        (&long, "65 hex digits"),
        ("", "hex digits"),
        ("xyz", "hex digit"),
        (&double, "given twice"),
    ];
    for (start, part) in wrong {
        refused(&["--blind", start, "--prefix", "A"], part);
    }
}

#[test]
fn options_that_need_a_private_key_are_refused() {
    let search = ["--blind", GOOD, "--prefix", "A"];
    refused(
        &[&search[..], &["--show-private"]].concat(),
        "--show-private needs a private key",
    );
    refused(
        &[&search[..], &["--import-to", "/dev/null"]].concat(),
        "--import-to needs a private key",
    );
}

#[test]
fn what_is_no_claim_is_refused_and_a_private_key_named_as_what_it_is() {
    let both = Both::new();
    both.owner
        .finds(&["--prefix", "A", "--json", "--workers", "1"]);
    both.owner.finds(&["--prefix", "B", "--workers", "1"]);
    both.starts(1);
    let keys: Vec<_> = both
        .owner
        .pairs()
        .into_iter()
        .map(|pair| pair.file)
        .collect();
    assert_eq!(keys.len(), 2);
    let before = both.owner.names();
    for key in keys {
        let run = both.owner.run(&["blind", "finish", key.to_str().unwrap()]);
        assert_eq!(run.code, Some(2), "{}", run.err);
        assert!(
            run.err.contains("it holds a private key, not a claim"),
            "{}",
            run.err
        );
    }
    for (text, part) in [
        ("", "no claim in it"),
        ("{}", "missing field"),
        ("hello", "it is no claim"),
    ] {
        let file = both.owner.write("wrong.json", text);
        let run = both.owner.run(&["blind", "finish", &file]);
        assert_eq!(run.code, Some(2), "{text}");
        assert!(run.err.contains(part), "{text}: {}", run.err);
    }
    let empty = both.owner.path("empty");
    fs::create_dir(&empty).unwrap();
    for missing in [empty.to_str().unwrap(), "/nonexistent"] {
        assert_eq!(
            both.owner.run(&["blind", "finish", missing]).code,
            Some(2),
            "{missing}"
        );
    }
    assert_eq!(both.owner.names(), before);
}

#[test]
fn names_and_numbers_of_starts_are_checked() {
    let words: [&[&str]; 5] = [&["../x"], &[""], &["a", "b"], &["-n", "0"], &["-n", "1001"]];
    for wrong in words {
        let place = Place::new();
        let run = place.run(&[&["blind", "new"], wrong].concat());
        assert_eq!(run.code, Some(2), "{wrong:?}: {}", run.err);
        assert!(!place.path("state").exists(), "{wrong:?}");
    }
}

#[test]
fn a_start_that_is_not_in_the_book_is_somebody_elses() {
    let both = Both::new();
    both.search(&[GOOD.to_owned()], &["--prefix", "A"]);
    let run = both.finish();
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("no start in the book"), "{}", run.err);
    assert!(both.owner.pairs().is_empty());
}
