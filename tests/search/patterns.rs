//! Whatever is asked for on the command line is what the found keys look like, by a plain comparison of digits.

use crate::common::program::{Place, hex};

/// Searches for five keys and checks each against `is_wanted`, as files and as printed.
fn finds(words: &[&str], is_wanted: impl Fn(&str) -> bool) {
    let place = Place::new();
    let run = place.finds(&[words, &["-n", "5"]].concat());
    let mut publics: Vec<_> = place.pairs().iter().map(|pair| hex(&pair.public)).collect();
    for public in &publics {
        assert!(is_wanted(public), "{words:?}: {public}");
        assert!(
            !public.starts_with("00") && !public.starts_with("ff"),
            "{public}"
        );
    }
    let mut printed = run.publics();
    printed.sort();
    publics.sort();
    assert_eq!(printed, publics, "{words:?}");
}

fn begins(public: &str, beginnings: &[&str]) -> bool {
    beginnings
        .iter()
        .any(|beginning| public.starts_with(beginning))
}

fn ends(public: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| public.ends_with(ending))
}

/// The first digits equal the last, as they stand or reversed.
fn is_vanity(public: &str, digits: usize) -> bool {
    let (head, tail) = (&public[..digits], &public[64 - digits..]);
    head == tail || head.chars().rev().eq(tail.chars())
}

#[test]
fn prefixes_of_every_short_length_in_both_cases() {
    for prefix in ["7", "f8", "F8A", "f8A1"] {
        finds(&["--prefix", prefix], |public| {
            public.starts_with(&prefix.to_lowercase())
        });
    }
}

#[test]
fn suffixes_of_every_short_length_in_both_cases() {
    for suffix in ["0", "fF", "00A", "c0De"] {
        finds(&["--suffix", suffix], |public| {
            public.ends_with(&suffix.to_lowercase())
        });
    }
}

#[test]
fn lists_mean_any_of_them_and_two_options_mean_both() {
    finds(&["--prefix", "A1,B2", "--prefix", "C3"], |public| {
        begins(public, &["a1", "b2", "c3"])
    });
    finds(&["--prefix", "A,B", "--suffix", "12,34"], |public| {
        begins(public, &["a", "b"]) && ends(public, &["12", "34"])
    });
    finds(&["--prefix", "A", "--vanity", "3"], |public| {
        public.starts_with('a') && is_vanity(public, 3)
    });
    finds(
        &["--prefix", "1", "--suffix", "1", "--vanity-2"],
        |public| begins(public, &["1"]) && ends(public, &["1"]) && is_vanity(public, 2),
    );
}

#[test]
fn a_match_has_both_sides_or_one() {
    finds(&["--match", "A1...B2"], |public| {
        begins(public, &["a1"]) && ends(public, &["b2"])
    });
    finds(&["--match", "A1..."], |public| begins(public, &["a1"]));
    finds(&["--match", "...B2"], |public| ends(public, &["b2"]));
    finds(&["--match", "A...1", "--match", "B…2"], |public| {
        begins(public, &["a"]) && ends(public, &["1"])
            || begins(public, &["b"]) && ends(public, &["2"])
    });
}

#[test]
fn a_match_is_an_alternative_to_a_prefix() {
    finds(&["--prefix", "A1", "--match", "B...2"], |public| {
        begins(public, &["a1"]) || begins(public, &["b"]) && ends(public, &["2"])
    });
}

#[test]
fn vanities_are_found_under_every_name() {
    for (words, digits) in [
        (["--vanity-2"].as_slice(), 2),
        (&["--pattern-4"], 4),
        (&["--vanity", "3"], 3),
        (&["--vanity", "5"], 5),
        (&["--vanity-6"], 6),
    ] {
        finds(words, |public| is_vanity(public, digits));
    }
}

/// Of many short vanities some are repeated and some reversed; all of one kind has a chance of 2^-59.
#[test]
fn vanities_are_found_in_both_directions() {
    let run = Place::new().finds(&["--vanity", "3", "-n", "60"]);
    let repeated = run
        .publics()
        .iter()
        .filter(|public| public[..3] == public[61..])
        .count();
    assert!((1..60).contains(&repeated), "{repeated}");
}

#[test]
fn avoided_beginnings_are_never_found() {
    finds(&["--avoid", "1,2,3,4,5,6,7,8,9,A,B,C,D,E"], |public| {
        begins(public, &["0", "f"])
    });
    finds(
        &["--prefix", "A", "--avoid", "A1,A2,A3,A4,A5,A6,A7"],
        |public| public.starts_with('a') && public[1..2] > *"7" || public.starts_with("a0"),
    );
    finds(&["--prefix", "F,0"], |public| begins(public, &["f", "0"]));
}

#[test]
fn the_python_tools_options_mean_what_they_mean_there() {
    finds(&["--first-two", "F8", "--simple"], |public| {
        begins(public, &["f8"])
    });
    finds(&["--four-char"], |public| is_vanity(public, 4));
    finds(&["--first-two", "f8", "--four-char"], |public| {
        begins(public, &["f8"]) && is_vanity(public, 4)
    });
}

/// Every command line of the Python tool's README that searches.
const PYTHON: [&str; 25] = [
    "",
    "--first-two F8",
    "--pattern-4",
    "--prefix F8A1",
    "--keys 100 --prefix F8",
    "--time 2 --prefix F8",
    "--verbose",
    "-v",
    "--simple --first-two F8",
    "--prefix ABCDEF",
    "--pattern-2",
    "--pattern-6",
    "--pattern-8",
    "--prefix F8 --pattern-8",
    "--prefix F8 --pattern-4",
    "--prefix F8 --pattern-2",
    "--four-char",
    "--four-char --first-two F8",
    "--workers 4",
    "--batch-size 500K",
    "--health-check",
    "--no-health-check",
    "--pattern-4 --json",
    "--prefix F8 --workers 4 --keys 1",
    "--first-two F8 --watchlist my_patterns.txt",
];

#[test]
fn every_command_line_of_the_python_tools_readme_searches() {
    for line in PYTHON {
        let place = Place::new();
        std::fs::write(
            place.keys().join("my_patterns.txt"),
            "# Watchlist\nABCD...EFAB\nABCDEFAB...ABCD|My cool pattern\n",
        )
        .unwrap();
        let mut words: Vec<_> = line.split_whitespace().collect();
        if !line.contains("--keys") {
            words.extend(["--keys", "1"]);
        }
        let run = place.run(&words);
        let found = place.pairs().len();
        match run.code {
            Some(0) => assert_eq!(found, 1, "{line}: {}", run.err),
            code => assert_eq!((code, found), (Some(3), 0), "{line}: {}", run.err),
        }
    }
}

#[test]
fn a_value_that_another_covers_is_dropped_with_a_note() {
    let run = Place::new().finds(&["--prefix", "A,AB"]);
    assert!(
        run.err.contains("AB is left out: A covers it"),
        "{}",
        run.err
    );
}

#[test]
fn every_backend_finds_every_kind_of_pattern() {
    for backend in ["avx512ifma", "avx2", "portable"] {
        if Place::new()
            .run(&["--backend", backend, "--prefix", "A"])
            .code
            == Some(2)
        {
            println!("skipped: patterns with {backend}: this processor does not have it");
            continue;
        }
        let with = |words: &[&'static str]| [words, &["--backend", backend]].concat();
        finds(&with(&["--prefix", "F8A"]), |public| {
            begins(public, &["f8a"])
        });
        finds(&with(&["--suffix", "8A1"]), |public| ends(public, &["8a1"]));
        finds(&with(&["--match", "F8...A1"]), |p| {
            begins(p, &["f8"]) && ends(p, &["a1"])
        });
        finds(&with(&["--vanity", "4"]), |public| is_vanity(public, 4));
    }
}
